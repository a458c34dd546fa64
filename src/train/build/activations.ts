/** Keras 3's activation functions (`keras/src/activations/activations.py`), and TensorFlow.js's where the two differ. */
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue } from '../../ir/model';
import type { Tf } from '../compile';
import { asObject, type Config, ModelError } from './config';
import { withoutGradient } from './gradient';

type Tensor = tfjs.Tensor;
export type ActivationFunction = (x: Tensor) => Tensor;

/**
 * The logits behind a softmax or sigmoid output. Cross-entropies compute from them, as Keras does by the attribute
 * `_keras_logits`, because the logarithm of a probability that was rounded to 0 would be lost.
 */
const logitsOf = new WeakMap<Tensor, { readonly logits: Tensor; readonly kind: 'softmax' | 'sigmoid' }>();

export function logitsBehind(output: Tensor, kind: 'softmax' | 'sigmoid'): Tensor | null {
  const found = logitsOf.get(output);
  return found && found.kind === kind ? found.logits : null;
}

export function softmax(tf: Tf, x: Tensor, axis = -1): Tensor {
  const last = x.rank - 1;
  const wanted = axis < 0 ? axis + x.rank : axis;
  let y: Tensor;
  if (wanted === last) {
    y = tf.softmax(x);
  } else {
    const order = x.shape.map((_, i) => i);
    order.splice(wanted, 1);
    order.push(wanted);
    const back = order.map((_, i) => order.indexOf(i));
    y = tf.transpose(tf.softmax(tf.transpose(x, order)), back);
  }
  if (wanted === last) logitsOf.set(y, { logits: x, kind: 'softmax' });
  return y;
}

export function sigmoid(tf: Tf, x: Tensor): Tensor {
  const y = tf.sigmoid(x);
  logitsOf.set(y, { logits: x, kind: 'sigmoid' });
  return y;
}

/** `0.5 x (1 + erf(x / √2))`, or the approximation by tanh. Hendrycks and Gimpel, arXiv:1606.08415. */
export function gelu(tf: Tf, x: Tensor, approximate = false): Tensor {
  if (!approximate) return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(tf.square(x), x))));
  return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
}

/**
 * The projection onto the simplex: Martins and Astudillo, arXiv:1602.02068. Keras 3.15 adds up its cumulative sums
 * where the
 * paper takes the last one, so that its results do not sum to 1; that is not followed.
 */
function sparsemax(tf: Tf, x: Tensor): Tensor {
  const axis = x.rank - 1;
  const length = x.shape[axis]!;
  // Which logits take part is constant around x; the sum over them is taken of x itself, which has a gradient.
  const support = withoutGradient(tf, x, logits => {
    const sorted = tf.topk(logits, length).values;
    const sums = tf.cumsum(sorted, axis);
    const inside = tf.greater(tf.sub(sorted, tf.div(tf.sub(sums, 1), tf.range(1, length + 1, 1, 'float32'))), 0);
    const count = tf.sum(tf.cast(inside, 'float32'), axis, true);
    const rank = tf.range(0, length, 1, 'float32');
    // The smallest logit that takes part is the one at place `count` of the sorted ones.
    const least = tf.sum(tf.mul(sorted, tf.cast(tf.equal(rank, tf.sub(count, 1)), 'float32')), axis, true);
    return tf.cast(tf.greaterEqual(logits, least), 'float32');
  });
  const total = tf.sub(tf.sum(tf.mul(x, support), axis, true), 1);
  return tf.relu(tf.sub(x, tf.div(total, tf.sum(support, axis, true))));
}

const relu6 = (tf: Tf, x: Tensor): Tensor => tf.clipByValue(x, 0, 6);
const hardSigmoid = (tf: Tf, x: Tensor): Tensor => tf.div(relu6(tf, tf.add(x, 3)), 6);

/** With Keras's default arguments, by the names that strings may have. */
const BY_NAME: Readonly<Record<string, (tf: Tf, x: Tensor) => Tensor>> = {
  linear: (_tf, x) => x,
  relu: (tf, x) => tf.relu(x),
  relu6,
  leaky_relu: (tf, x) => tf.leakyRelu(x, 0.2),
  elu: (tf, x) => tf.elu(x),
  selu: (tf, x) => tf.selu(x),
  celu: (tf, x) => tf.add(tf.relu(x), tf.expm1(tf.minimum(x, 0))),
  softmax: (tf, x) => softmax(tf, x),
  log_softmax: (tf, x) => tf.logSoftmax(x),
  sparsemax,
  softplus: (tf, x) => tf.softplus(x),
  softsign: (tf, x) => tf.div(x, tf.add(1, tf.abs(x))),
  squareplus: (tf, x) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 2),
  sparse_plus: (tf, x) => {
    const low = withoutGradient(tf, x, y => tf.cast(tf.less(y, 1), 'float32'));
    return tf.add(tf.mul(low, tf.mul(0.25, tf.square(tf.relu(tf.add(x, 1))))), tf.mul(tf.sub(1, low), x));
  },
  soft_shrink: (tf, x) => tf.sub(tf.relu(tf.sub(x, 0.5)), tf.relu(tf.sub(-0.5, x))),
  hard_shrink: (tf, x) =>
    tf.mul(
      x,
      withoutGradient(tf, x, y => tf.cast(tf.greater(tf.abs(y), 0.5), 'float32')),
    ),
  silu: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  swish: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (tf, x) => gelu(tf, x),
  glu: (tf, x) => {
    const [a, b] = tf.split(x, 2, -1);
    return tf.mul(a!, tf.sigmoid(b!));
  },
  tanh: (tf, x) => tf.tanh(x),
  tanh_shrink: (tf, x) => tf.sub(x, tf.tanh(x)),
  hard_tanh: (tf, x) => tf.clipByValue(x, -1, 1),
  sigmoid,
  log_sigmoid: (tf, x) => tf.neg(tf.softplus(tf.neg(x))),
  hard_sigmoid: hardSigmoid,
  sparse_sigmoid: (tf, x) => tf.clipByValue(tf.mul(0.5, tf.add(x, 1)), 0, 1),
  hard_silu: (tf, x) => tf.mul(x, hardSigmoid(tf, x)),
  hard_swish: (tf, x) => tf.mul(x, hardSigmoid(tf, x)),
  exponential: (tf, x) => tf.exp(x),
  mish: (tf, x) => tf.mul(x, tf.tanh(tf.softplus(x))),
};

/** TensorFlow.js's own where its formula is another one (`tfjs-layers/src/activations.ts`). */
const OF_TFJS: Readonly<Record<string, (tf: Tf, x: Tensor) => Tensor>> = {
  hard_sigmoid: (tf, x) => tf.clipByValue(tf.add(tf.mul(0.2, x), 0.5), 0, 1),
  gelu_new: (tf, x) => gelu(tf, x, true),
};

export const Activations = {
  /** @throws ModelError for a function that is not known here, such as one written in Python. */
  of(tf: Tf, config: Config, value: ConfigValue | undefined, framework: 'keras' | 'tfjs'): ActivationFunction {
    if (value === null || value === undefined) return x => x;
    const object = asObject(value);
    const written = object ? object.className : typeof value === 'string' ? value : '';
    const name = written.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
    if (object && OF_LAYERS[name]) return x => OF_LAYERS[name]!(tf, x, config.nested(object.config));
    const found = (framework === 'tfjs' ? OF_TFJS[name] : undefined) ?? BY_NAME[name];
    if (!found) {
      throw new ModelError(
        `The activation ${JSON.stringify(written || value)} of "${config.owner}" is not known.`,
        `Use one of Keras's by name: ${Object.keys(BY_NAME).join(', ')}.`,
      );
    }
    return x => found(tf, x);
  },
};

/** 1 where x is greater, else 0. */
const above = (tf: Tf, x: Tensor, threshold: number): Tensor =>
  withoutGradient(tf, x, y => tf.cast(tf.greater(y, threshold), 'float32'));

/** Activations that have arguments, by the names of their layers; also usable as `activation=LeakyReLU(…)`. */
export const OF_LAYERS: Readonly<Record<string, (tf: Tf, x: Tensor, config: Config) => Tensor>> = {
  re_lu: (tf, x, config) => {
    const slope = config.number('negative_slope', 0);
    const threshold = config.number('threshold', 0);
    let y =
      threshold === 0
        ? slope === 0
          ? tf.relu(x)
          : tf.leakyRelu(x, slope)
        : tf.sub(tf.mul(x, above(tf, x, threshold)), tf.mul(slope, tf.relu(tf.sub(threshold, x))));
    if (!config.isNone('max_value')) y = tf.minimum(y, config.number('max_value'));
    return y;
  },
  leaky_re_lu: (tf, x, config) => tf.leakyRelu(x, config.number('negative_slope', config.number('alpha', 0.3))),
  elu: (tf, x, config) => {
    const alpha = config.number('alpha', 1);
    return alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(alpha, tf.expm1(tf.minimum(x, 0))));
  },
  softmax: (tf, x, config) => {
    const axes = config.isNone('axis') ? [-1] : config.list('axis');
    if (axes.length === 1) return softmax(tf, x, axes[0]);
    return tf.exp(tf.sub(x, tf.logSumExp(x, axes, true)));
  },
  thresholded_re_lu: (tf, x, config) => tf.mul(x, above(tf, x, config.number('theta', 1))),
};
