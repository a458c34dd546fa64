/** Pieces of differentiation that TensorFlow.js lacks. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../compile';

type Tensor = tfjs.Tensor;

/** `f(x)` as a constant: comparisons have no gradient in TensorFlow.js, not even a zero one,
  so none may be asked for. */
export function withoutGradient(tf: Tf, x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  return tf.customGrad(((input: Tensor) => ({ value: f(input), gradFunc: () => tf.zerosLike(input) })) as never)(x);
}

/** Repeats each value `times` times along an axis. */
export function repeat(tf: Tf, x: Tensor, axis: number, times: number): Tensor {
  if (times === 1) return x;
  const shape = x.shape.slice();
  const size = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);
  // Rank 4 is the highest whose tile has a gradient.
  const parts = tf.reshape(x, [size(shape.slice(0, axis + 1)), 1, size(shape.slice(axis + 1))]);
  shape[axis]! *= times;
  return tf.reshape(tf.tile(parts, [1, times, 1]), shape);
}

/** Weights of linear interpolation from `from` to `to` positions with half-pixel centres, `[to, from]`. */
function interpolation(from: number, to: number): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = ((i + 0.5) * from) / to - 0.5;
    const low = Math.floor(at);
    const clamp = (k: number): number => Math.min(from - 1, Math.max(0, k));
    weights[i * from + clamp(low)]! += 1 - (at - low);
    weights[i * from + clamp(low + 1)]! += at - low;
  }
  return weights;
}

/** `tf.image.resizeBilinear` with half-pixel centres, and a gradient that knows of them (TensorFlow.js's does not). */
export function resizeBilinear(tf: Tf, x: Tensor, height: number, width: number): Tensor {
  const [batch, h, w, channels] = x.shape as [number, number, number, number];
  const resize = (image: Tensor): Tensor =>
    tf.image.resizeBilinear(image as tfjs.Tensor4D, [height, width], false, true);
  return tf.customGrad(((image: Tensor) => ({
    value: resize(image),
    gradFunc: (dy: Tensor) => {
      const rows = tf.tensor2d(interpolation(h, height), [height, h]);
      const columns = tf.tensor2d(interpolation(w, width), [width, w]);
      // [h', B·w'·C] → [h, B·w'·C], then the same for the columns.
      const byRow = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [height, batch * width * channels]);
      const once = tf.reshape(tf.matMul(rows, byRow as never, true), [h, batch, width, channels]);
      const byColumn = tf.reshape(tf.transpose(once, [2, 1, 0, 3]), [width, batch * h * channels]);
      const twice = tf.reshape(tf.matMul(columns, byColumn as never, true), [w, batch, h, channels]);
      return tf.transpose(twice, [1, 2, 0, 3]);
    },
  })) as never)(x);
}

type Triple = [number, number, number];

/** `tf.conv3dTranspose` with the gradient that TensorFlow.js lacks: a convolution for the input,
  its filter gradient for the filter. */
export function conv3dTranspose(
  tf: Tf,
  x: Tensor,
  filter: Tensor,
  shape: readonly number[],
  strides: Triple,
  padding: 'valid' | 'same',
): Tensor {
  return tf.customGrad(((input: Tensor, kernel: Tensor, save: (tensors: Tensor[]) => void) => {
    save([input, kernel]);
    return {
      value: tf.conv3dTranspose(input as tfjs.Tensor5D, kernel as tfjs.Tensor5D, shape as never, strides, padding),
      gradFunc: (dy: Tensor, [savedInput, savedKernel]: Tensor[]) => [
        tf.conv3d(dy as tfjs.Tensor5D, savedKernel as tfjs.Tensor5D, strides, padding),
        tf
          .engine()
          .runKernel<Tensor>(
            'Conv3DBackpropFilterV2',
            { x: dy, dy: savedInput! },
            { strides, pad: padding, filterShape: savedKernel!.shape },
          ),
      ],
    };
  }) as never)(x, filter);
}
