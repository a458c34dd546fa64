/** Keras's regularisers (a scalar added to the loss) and constraints (a projection after each update). */
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue } from '../../ir/model';
import type { Tf } from '../compile';
import { asObject, type Config, ModelError } from './config';

export type Regularizer = (x: tfjs.Tensor) => tfjs.Scalar;
export type Constraint = (x: tfjs.Tensor) => tfjs.Tensor;

/** @throws ModelError for one that is not known. */
export function regularizerOf(tf: Tf, config: Config, value: ConfigValue | undefined): Regularizer | null {
  if (value === null || value === undefined) return null;
  const object = asObject(value);
  const name = (object?.className ?? (typeof value === 'string' ? value : '')).toLowerCase().replace(/_/g, '');
  const own = config.nested(object?.config ?? {});
  const l1 =
    (amount: number): Regularizer =>
    x =>
      tf.mul<tfjs.Scalar>(amount, tf.sum(tf.abs(x)));
  const l2 =
    (amount: number): Regularizer =>
    x =>
      tf.mul<tfjs.Scalar>(amount, tf.sum(tf.square(x)));
  switch (name) {
    case 'l1':
      return l1(own.number('l1', 0.01));
    case 'l2':
      return l2(own.number('l2', 0.01));
    case 'l1l2': {
      const [a, b] = [l1(own.number('l1', object ? 0 : 0.01)), l2(own.number('l2', object ? 0 : 0.01))];
      return x => tf.add<tfjs.Scalar>(a(x), b(x));
    }
    case 'orthogonalregularizer': {
      const factor = own.number('factor', 0.01);
      const rowsMode = own.text('mode', 'rows') === 'rows';
      return x => {
        const rows = rowsMode ? (x as tfjs.Tensor2D) : tf.transpose<tfjs.Tensor2D>(x as tfjs.Tensor2D);
        const unit = tf.div<tfjs.Tensor2D>(rows, tf.maximum(tf.norm(rows, 2, 1, true), 1e-12));
        const products = tf.mul(tf.matMul(unit, unit, false, true), tf.sub(1, tf.eye(rows.shape[0])));
        const pairs = (rows.shape[0] * (rows.shape[0] - 1)) / 2;
        return tf.div<tfjs.Scalar>(tf.mul(factor * 0.5, tf.sum(tf.abs(products))), Math.max(1, pairs));
      };
    }
    default:
      throw new ModelError(
        `The regularizer ${JSON.stringify(value)} of "${config.owner}" is not known.`,
        'Use keras.regularizers.L1, L2, L1L2 or OrthogonalRegularizer.',
      );
  }
}

/** @throws ModelError for one that is not known. */
export function constraintOf(tf: Tf, config: Config, value: ConfigValue | undefined): Constraint | null {
  if (value === null || value === undefined) return null;
  const object = asObject(value);
  const name = (object?.className ?? (typeof value === 'string' ? value : '')).toLowerCase().replace(/_/g, '');
  const own = config.nested(object?.config ?? {});
  const axis = () => (own.isNone('axis') ? [0] : own.list('axis'));
  const norms = (x: tfjs.Tensor) => tf.sqrt(tf.sum(tf.square(x), axis(), true));
  switch (name) {
    case 'maxnorm': {
      const most = own.number('max_value', 2);
      return x => {
        const norm = norms(x);
        return tf.mul(x, tf.div(tf.clipByValue(norm, 0, most), tf.add(norm, 1e-7)));
      };
    }
    case 'minmaxnorm': {
      const [least, most, rate] = [own.number('min_value', 0), own.number('max_value', 1), own.number('rate', 1)];
      return x => {
        const norm = norms(x);
        const wanted = tf.add(tf.mul(rate, tf.clipByValue(norm, least, most)), tf.mul(1 - rate, norm));
        return tf.mul(x, tf.div(wanted, tf.add(norm, 1e-7)));
      };
    }
    case 'nonneg':
      return x => tf.mul(x, tf.cast(tf.greaterEqual(x, 0), 'float32'));
    case 'unitnorm':
      return x => tf.div(x, tf.add(norms(x), 1e-7));
    default:
      throw new ModelError(
        `The constraint ${JSON.stringify(value)} of "${config.owner}" is not known.`,
        'Use keras.constraints.MaxNorm, MinMaxNorm, NonNeg or UnitNorm.',
      );
  }
}
