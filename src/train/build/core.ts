/** Core layers: dense, embedding, activations as layers, masking, and those that do something in training alone. */
import type { LayerKind, Tensor } from './layer';
import { passing, unary } from './layer';
import { OF_LAYERS } from './activations';
import { einsum } from './einsum';
import { withoutGradient } from './gradient';

/** Keras broadcasts the kernel over all leading axes; TensorFlow multiplies matrices,
  so those are flattened into rows. */
const Dense: LayerKind = make => {
  const { tf, config, channels } = make;
  const units = config.number('units');
  const kernel = make.configured('kernel', [channels, units], 'glorot_uniform');
  const bias = config.flag('use_bias', true) ? make.configured('bias', [units], 'zeros') : null;
  const activation = make.activation();
  return passing(
    unary(x => {
      const rows = x.rank === 2 ? x : tf.reshape(x, [-1, channels]);
      let y: Tensor = tf.matMul(rows, kernel);
      if (bias) y = tf.add(y, bias);
      return activation(x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]));
    }),
  );
};

const EinsumDense: LayerKind = make => {
  const { tf, config, shape } = make;
  const equation = config.text('equation').replace(/\s/g, '');
  const [left = '', output = ''] = equation.split('->');
  const [input = '', weights = ''] = left.split(',');
  if (equation.includes('...')) throw make.fail('its equation has an ellipsis', 'Write the axes out in the equation.');
  const wanted = config.value('output_shape');
  const given = (Array.isArray(wanted) ? wanted : [wanted]) as (number | null)[];
  const lengths = new Map([...input].map((letter, i) => [letter, shape[i]!]));
  [...output].slice(output.length - given.length).forEach((letter, i) => {
    if (typeof given[i] === 'number') lengths.set(letter, given[i]);
  });
  const kernel = make.configured(
    'kernel',
    [...weights].map(letter => lengths.get(letter)!),
    'glorot_uniform',
  );
  const axes = config.isNone('bias_axes') ? '' : config.text('bias_axes');
  const first = Math.min(...[...axes].map(letter => output.indexOf(letter)));
  const biasShape = [...output].slice(first).map(letter => (axes.includes(letter) ? lengths.get(letter)! : 1));
  const bias = axes ? make.configured('bias', biasShape, 'zeros') : null;
  const activation = make.activation();
  return unary(x => {
    const y = einsum(tf, equation, x, kernel);
    return activation(bias ? tf.add(y, bias) : y);
  });
};

const Embedding: LayerKind = make => {
  const { tf, config } = make;
  const [size, width] = [config.number('input_dim'), config.number('output_dim')];
  const table = make.configured('embeddings', [size, width], 'uniform');
  const masked = config.flag('mask_zero', false);
  return {
    forward: unary(x => tf.gather(table, tf.cast(x, 'int32'))),
    mask: masked ? ([x]) => tf.notEqual(x!, 0) : 'drop',
  };
};

const Masking: LayerKind = make => {
  const { tf, config } = make;
  const value = config.number('mask_value', 0);
  return {
    forward: unary(x =>
      tf.mul(
        x,
        withoutGradient(tf, x, y => tf.cast(tf.any(tf.notEqual(y, value), -1, true), 'float32')),
      ),
    ),
    mask: ([x]) =>
      tf.cast(
        withoutGradient(tf, x!, y => tf.cast(tf.any(tf.notEqual(y, value), -1), 'float32')),
        'bool',
      ),
  };
};

const Activation: LayerKind = make => {
  const activation = make.activation();
  return passing(unary(activation));
};

/** A layer named after an activation with arguments. */
const activationLayer =
  (name: string): LayerKind =>
  make => {
    const apply = OF_LAYERS[name]!;
    return passing(unary(x => apply(make.tf, x, make.config)));
  };

/** Keras's Softmax layer lets a mask take positions out of the sum. */
const Softmax: LayerKind = make => {
  const { tf, config } = make;
  return passing(
    unary((x, { masks: [mask] }) => {
      const usable = mask && mask.rank === x.rank ? mask : null;
      const logits = usable ? tf.add(x, tf.mul(tf.sub(1, tf.cast(usable, 'float32')), -3.4028235e38 / 2)) : x;
      return OF_LAYERS.softmax!(tf, logits, config);
    }),
  );
};

const PReLU: LayerKind = make => {
  const { tf, config, shape } = make;
  const shared = new Set(config.isNone('shared_axes') ? [] : config.list('shared_axes'));
  const alpha = make.configured(
    'alpha',
    shape.slice(1).map((length, i) => (shared.has(i + 1) ? 1 : length)),
    'zeros',
  );
  return passing(unary(x => tf.sub(tf.relu(x), tf.mul(alpha, tf.relu(tf.neg(x))))));
};

const Identity: LayerKind = () => passing(unary(x => x));

const ActivityRegularization: LayerKind = make => {
  const { tf, config } = make;
  const [l1, l2] = [config.number('l1', 0), config.number('l2', 0)];
  return passing(
    unary((x, call) => {
      // Keras divides activity losses by the batch size (`layer.py`, `_get_activity_regularization…`).
      const batch = x.shape[0];
      call.addLoss(tf.div(tf.add(tf.mul(l1, tf.sum(tf.abs(x))), tf.mul(l2, tf.sum(tf.square(x)))), batch));
      return x;
    }),
  );
};

export const CORE: Readonly<Record<string, LayerKind>> = {
  Dense,
  EinsumDense,
  Embedding,
  Masking,
  Activation,
  Softmax,
  PReLU,
  Identity,
  ActivityRegularization,
  ReLU: activationLayer('re_lu'),
  LeakyReLU: activationLayer('leaky_re_lu'),
  ELU: activationLayer('elu'),
  ThresholdedReLU: activationLayer('thresholded_re_lu'),
};
