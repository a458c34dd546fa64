/** Layers that are the identity at inference: dropout and noise. */
import type { LayerKind, Tensor } from './layer';
import { passing, unary } from './layer';

/** `tf.dropout` scales what is kept by 1 / (1 − rate), as Keras does. */
const Dropout: LayerKind = make => {
  const { tf, config } = make;
  const rate = config.number('rate');
  const noise = config.isNone('noise_shape') ? null : (config.value('noise_shape') as (number | null)[]);
  return passing(
    unary((x, { training }) => {
      if (!training || rate === 0) return x;
      if (rate >= 1) return tf.zerosLike(x);
      return tf.dropout(x, rate, noise ? noise.map((length, i) => length ?? x.shape[i]!) : undefined);
    }),
  );
};

/** One draw for a whole feature map. */
const spatialDropout =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const rate = config.number('rate');
    return passing(
      unary((x, { training }) => {
        if (!training || rate === 0) return x;
        const [batch, channels] = [x.shape[0], channelsLast ? x.shape[x.rank - 1]! : x.shape[1]!];
        const ones = new Array<number>(rank).fill(1);
        return tf.dropout(x, rate, channelsLast ? [batch, ...ones, channels] : [batch, channels, ...ones]);
      }),
    );
  };

const GaussianNoise: LayerKind = make => {
  const { tf, config } = make;
  const deviation = config.number('stddev');
  return passing(
    unary((x, { training }) => (training && deviation > 0 ? tf.add(x, tf.randomNormal(x.shape, 0, deviation)) : x)),
  );
};

const GaussianDropout: LayerKind = make => {
  const { tf, config } = make;
  const rate = config.number('rate');
  const deviation = Math.sqrt(rate / (1 - rate));
  return passing(
    unary((x, { training }) => (training && rate > 0 ? tf.mul(x, tf.randomNormal(x.shape, 1, deviation)) : x)),
  );
};

/** Keeps mean and variance of self-normalising networks: Klambauer et al., arXiv:1706.02515. */
const AlphaDropout: LayerKind = make => {
  const { tf, config } = make;
  const rate = config.number('rate');
  const saturated = -1.6732632423543772 * 1.0507009873554805;
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * saturated ** 2));
  const b = -a * saturated * rate;
  const noise = config.isNone('noise_shape') ? null : (config.value('noise_shape') as (number | null)[]);
  return passing(
    unary((x, { training }) => {
      if (!training || rate === 0) return x;
      const shape = noise ? noise.map((length, i) => length ?? x.shape[i]!) : x.shape;
      const kept: Tensor = tf.cast(tf.greaterEqual(tf.randomUniform(shape), rate), 'float32');
      const y = tf.add(tf.mul(x, kept), tf.mul(saturated, tf.sub(1, kept)));
      return tf.add(tf.mul(a, y), b);
    }),
  );
};

export const REGULARIZATION: Readonly<Record<string, LayerKind>> = {
  Dropout,
  GaussianNoise,
  GaussianDropout,
  AlphaDropout,
  SpatialDropout1D: spatialDropout(1),
  SpatialDropout2D: spatialDropout(2),
  SpatialDropout3D: spatialDropout(3),
};
