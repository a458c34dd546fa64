/** Pooling layers. Keras's windows, strides and paddings are TensorFlow's own. */
import type * as tfjs from '@tensorflow/tfjs';
import type { LayerKind, Tensor } from './layer';
import { unary } from './layer';
import type { Tf } from '../compile';

type Kind = 'max' | 'avg';

/** TensorFlow pools channels-last on CPUs; the other layout is transposed there and back. */
export function toLast(tf: Tf, x: Tensor, channelsLast: boolean): Tensor {
  return channelsLast ? x : tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);
}

export function fromLast(tf: Tf, x: Tensor, channelsLast: boolean): Tensor {
  return channelsLast ? x : tf.transpose(x, [0, x.rank - 1, ...x.shape.slice(1, -1).map((_, i) => i + 1)]);
}

const pooling =
  (rank: number, kind: Kind): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const size = config.window('pool_size', rank, 2);
    const strides = config.isNone('strides') ? size : config.window('strides', rank);
    const padding = config.text('padding', 'valid') as 'valid' | 'same';
    const pool = (x: Tensor): Tensor => {
      if (rank === 3) {
        const [a, b] = [size as [number, number, number], strides as [number, number, number]];
        return kind === 'max'
          ? tf.maxPool3d(x as tfjs.Tensor5D, a, b, padding)
          : tf.avgPool3d(x as tfjs.Tensor5D, a, b, padding);
      }
      const flat = rank === 1;
      const image = (flat ? tf.expandDims(x, 2) : x) as tfjs.Tensor4D;
      const [a, b] = flat
        ? [
            [size[0]!, 1],
            [strides[0]!, 1],
          ]
        : [size, strides];
      const f = kind === 'max' ? tf.maxPool : tf.avgPool;
      const y: Tensor = f(image, a as [number, number], b as [number, number], padding);
      return flat ? tf.squeeze(y, [2]) : y;
    };
    return unary(x => fromLast(tf, pool(toLast(tf, x, channelsLast)), channelsLast));
  };

const globalPooling =
  (rank: number, kind: Kind): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const keep = config.flag('keepdims', false);
    const axes = Array.from({ length: rank }, (_, i) => i + (channelsLast ? 1 : 2));
    const forward = unary((x, { masks: [mask] }) => {
      if (kind === 'max') return tf.max(x, axes, keep);
      if (rank !== 1 || !mask) return tf.mean(x, axes, keep);
      // Keras's GlobalAveragePooling1D leaves masked steps out of the mean.
      const weights = tf.expandDims(tf.cast(mask, 'float32'), channelsLast ? 2 : 1);
      return tf.div(tf.sum(tf.mul(x, weights), axes, keep), tf.sum(weights, axes, keep));
    });
    return { forward, mask: 'drop' };
  };

export const POOLING: Readonly<Record<string, LayerKind>> = {
  MaxPooling1D: pooling(1, 'max'),
  MaxPooling2D: pooling(2, 'max'),
  MaxPooling3D: pooling(3, 'max'),
  AveragePooling1D: pooling(1, 'avg'),
  AveragePooling2D: pooling(2, 'avg'),
  AveragePooling3D: pooling(3, 'avg'),
  GlobalMaxPooling1D: globalPooling(1, 'max'),
  GlobalMaxPooling2D: globalPooling(2, 'max'),
  GlobalMaxPooling3D: globalPooling(3, 'max'),
  GlobalAveragePooling1D: globalPooling(1, 'avg'),
  GlobalAveragePooling2D: globalPooling(2, 'avg'),
  GlobalAveragePooling3D: globalPooling(3, 'avg'),
};
