/** Normalising layers, by the formulas of `keras/src/layers/normalization`. */
import type { LayerKind, Making, Tensor } from './layer';
import { passing, unary } from './layer';

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The shape with which a weight over `axes` is multiplied into a tensor of this rank. */
function broadcast(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((length, i) => (axes.includes(i) ? length : 1));
}

const BatchNormalization: LayerKind = make => {
  const { tf, config, shape } = make;
  if (config.flag('renorm', false)) throw make.fail('it has renorm=True', 'Use BatchNormalization without renorm.');
  const axis = positive(config.isNone('axis') ? -1 : config.list('axis')[0]!, shape.length);
  const length = shape[axis]!;
  const [momentum, epsilon] = [config.number('momentum', 0.99), config.number('epsilon', 1e-3)];
  const gamma = config.flag('scale', true) ? make.configured('gamma', [length], 'ones') : null;
  const beta = config.flag('center', true) ? make.configured('beta', [length], 'zeros') : null;
  const options = (key: string, fallback: string) => ({ initializer: config.value(key) ?? fallback, trainable: false });
  const movingMean = make.weight('moving_mean', [length], options('moving_mean_initializer', 'zeros'));
  const movingVariance = make.weight('moving_variance', [length], options('moving_variance_initializer', 'ones'));
  const learns = config.flag('trainable', true); // A frozen layer uses its moving averages in training too.
  const others = shape.map((_, i) => i).filter(i => i !== axis);
  const wide = broadcast(shape, [axis]).map((n, i) => (i === axis ? n : 1));

  return passing(
    unary((x, { training, masks: [mask] }) => {
      let [mean, variance]: [Tensor, Tensor] = [movingMean, movingVariance];
      if (training && learns) {
        [mean, variance] = moments(make, x, others, mask ?? null);
        movingMean.assign(tf.add(tf.mul(movingMean, momentum), tf.mul(mean, 1 - momentum)));
        movingVariance.assign(tf.add(tf.mul(movingVariance, momentum), tf.mul(variance, 1 - momentum)));
      }
      let factor = tf.rsqrt(tf.add(variance, epsilon));
      if (gamma) factor = tf.mul(factor, gamma);
      let offset = tf.neg(tf.mul(mean, factor));
      if (beta) offset = tf.add(offset, beta);
      if (axis === x.rank - 1) return tf.add(tf.mul(x, factor), offset);
      return tf.add(tf.mul(x, tf.reshape(factor, wide)), tf.reshape(offset, wide));
    }),
  );
};

/** Mean and variance over `axes`; masked positions are left out (Keras's `_moments`). */
function moments({ tf }: Making, x: Tensor, axes: number[], mask: Tensor | null): [Tensor, Tensor] {
  if (!mask) {
    const mean = tf.mean(x, axes, true);
    return [tf.squeeze(mean, axes), tf.mean(tf.square(tf.sub(x, mean)), axes)];
  }
  const weights = tf.mul(tf.onesLike(x), tf.expandDims(tf.cast(mask, 'float32'), -1));
  const total = tf.add(tf.sum(weights, axes, true), 1e-7);
  const mean = tf.div(tf.sum(tf.mul(x, weights), axes, true), total);
  const variance = tf.div(tf.sum(tf.mul(tf.square(tf.sub(x, mean)), weights), axes, true), total);
  return [tf.squeeze(mean, axes), tf.squeeze(variance, axes)];
}

const LayerNormalization: LayerKind = make => {
  const { tf, config, shape } = make;
  const axes = (config.isNone('axis') ? [-1] : config.list('axis'))
    .map(axis => positive(axis, shape.length))
    .sort((a, b) => a - b);
  const lengths = axes.map(axis => shape[axis]!);
  const epsilon = config.number('epsilon', 1e-3);
  const gamma = config.flag('scale', true) ? make.configured('gamma', lengths, 'ones') : null;
  const beta = config.flag('center', true) ? make.configured('beta', lengths, 'zeros') : null;
  const wide = broadcast(shape, axes);
  const last = axes.length === 1 && axes[0] === shape.length - 1;
  const widen = (weight: Tensor): Tensor => (last ? weight : tf.reshape(weight, wide));
  return passing(
    unary(x => {
      const centred = tf.sub(x, tf.mean(x, axes, true));
      const variance = tf.mean(tf.square(centred), axes, true);
      let y: Tensor = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
      if (gamma) y = tf.mul(y, widen(gamma));
      return beta ? tf.add(y, widen(beta)) : y;
    }),
  );
};

const RMSNormalization: LayerKind = make => {
  const { tf, config, shape } = make;
  const axes = (config.isNone('axis') ? [-1] : config.list('axis')).map(axis => positive(axis, shape.length));
  const epsilon = config.number('epsilon', 1e-6);
  const scale = make.weight(
    'scale',
    axes.map(axis => shape[axis]!),
    { initializer: 'ones' },
  );
  const wide = broadcast(shape, axes);
  return unary(x =>
    tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), axes, true), epsilon))), tf.reshape(scale, wide)),
  );
};

const UnitNormalization: LayerKind = make => {
  const { tf, config, shape } = make;
  const axes = (config.isNone('axis') ? [-1] : config.list('axis')).map(axis => positive(axis, shape.length));
  return passing(unary(x => tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), axes, true), 1e-12)))));
};

const GroupNormalization: LayerKind = make => {
  const { tf, config, shape } = make;
  const axis = positive(config.number('axis', -1), shape.length);
  const length = shape[axis]!;
  const wanted = config.number('groups', 32);
  const groups = wanted === -1 ? length : wanted;
  const epsilon = config.number('epsilon', 1e-3);
  const gamma = config.flag('scale', true) ? make.configured('gamma', [length], 'ones') : null;
  const beta = config.flag('center', true) ? make.configured('beta', [length], 'zeros') : null;
  const wide = broadcast(shape, [axis]);
  return passing(
    unary(x => {
      const grouped = tf.reshape(x, [...x.shape.slice(0, axis), groups, length / groups, ...x.shape.slice(axis + 1)]);
      const axes = grouped.shape.map((_, i) => i).filter(i => i !== 0 && i !== axis);
      const centred = tf.sub(grouped, tf.mean(grouped, axes, true));
      const variance = tf.mean(tf.square(centred), axes, true);
      let y: Tensor = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
      if (gamma) y = tf.mul(y, tf.reshape(gamma, wide));
      return beta ? tf.add(y, tf.reshape(beta, wide)) : y;
    }),
  );
};

export const NORMALIZATION: Readonly<Record<string, LayerKind>> = {
  BatchNormalization,
  LayerNormalization,
  RMSNormalization,
  UnitNormalization,
  GroupNormalization,
};
