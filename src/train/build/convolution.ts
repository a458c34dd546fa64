/** Convolutions of one, two and three axes: plain, transposed, depthwise and separable. Kernels have Keras's layout. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../compile';
import type { LayerKind, Making, Tensor } from './layer';
import { unary } from './layer';
import { conv3dTranspose } from './gradient';
import { fromLast, toLast } from './pooling';

type Padding = 'valid' | 'same';

/** Windows of a convolution, one number for each spatial axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
}

function windowsOf(make: Making, rank: number): Windows & { causal: boolean } {
  const { config } = make;
  const padding = config.text('padding', 'valid').toLowerCase();
  return {
    kernel: config.window('kernel_size', rank),
    strides: config.window('strides', rank, 1),
    dilation: config.window('dilation_rate', rank, 1),
    padding: padding === 'same' ? 'same' : 'valid',
    causal: padding === 'causal',
  };
}

/** Keras's causal padding of Conv1D: zeros before the first step alone. */
function padCausal(tf: Tf, x: Tensor, { kernel, dilation }: Windows): Tensor {
  return tf.pad(x, [
    [0, 0],
    [(kernel[0]! - 1) * dilation[0]!, 0],
    [0, 0],
  ]);
}

/**
 * Runs `convolve` (no dilation, stride 1, no padding) on a dilated convolution's behalf: every `dilation`-th position
 * becomes one image of a larger batch. TensorFlow's own dilated kernels have no gradient on CPUs.
 */
function dilated(tf: Tf, x: Tensor, { kernel, dilation, padding }: Windows, convolve: (x: Tensor) => Tensor): Tensor {
  const spatial = x.shape.slice(1, -1);
  const reach = kernel.map((k, i) => (k - 1) * dilation[i]!);
  const before = reach.map(r => (padding === 'same' ? Math.floor(r / 2) : 0));
  const after = reach.map((r, i) => (padding === 'same' ? r - before[i]! : 0));
  const padded = spatial.map((length, i) => length + before[i]! + after[i]!);
  const extra = padded.map((length, i) => (dilation[i]! - (length % dilation[i]!)) % dilation[i]!);
  const pads = before.map((b, i) => [b, after[i]! + extra[i]!]);
  const batches = tf.spaceToBatchND(x, [...dilation], pads);
  return tf.batchToSpaceND(
    convolve(batches),
    [...dilation],
    extra.map(e => [0, e]),
  );
}

/** A convolution on channels-last data of one, two or three spatial axes. */
export function convolve(tf: Tf, x: Tensor, kernel: Tensor, windows: Windows): Tensor {
  const rank = windows.kernel.length;
  if (windows.dilation.some(d => d !== 1)) {
    const plain = { ...windows, dilation: windows.dilation.map(() => 1), padding: 'valid' as const };
    return dilated(tf, x, windows, y => convolve(tf, y, kernel, plain));
  }
  if (rank === 3) {
    return tf.conv3d(
      x as tfjs.Tensor5D,
      kernel as tfjs.Tensor5D,
      windows.strides as [number, number, number],
      windows.padding,
    );
  }
  if (rank === 2) {
    return tf.conv2d(x as tfjs.Tensor4D, kernel as tfjs.Tensor4D, windows.strides as [number, number], windows.padding);
  }
  // One row of an image, as TensorFlow itself does it.
  const image = tf.expandDims<tfjs.Tensor4D>(x, 1);
  const filter = tf.expandDims<tfjs.Tensor4D>(kernel, 0);
  return tf.squeeze(tf.conv2d(image, filter, [1, windows.strides[0]!], windows.padding), [1]);
}

const convolution =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const windows = windowsOf(make, rank);
    const channels = channelsLast ? make.channels : make.shape[1]!;
    const [filters, groups] = [config.number('filters'), config.number('groups', 1)];
    const kernel = make.configured('kernel', [...windows.kernel, channels / groups, filters], 'glorot_uniform');
    const bias = config.flag('use_bias', true) ? make.configured('bias', [filters], 'zeros') : null;
    const activation = make.activation();
    return unary(input => {
      let x = toLast(tf, input, channelsLast);
      if (windows.causal) x = padCausal(tf, x, windows);
      let y: Tensor;
      if (groups === 1) {
        y = convolve(tf, x, kernel, windows);
      } else {
        const kernels = tf.split(kernel, groups, rank + 1);
        y = tf.concat(
          tf.split(x, groups, rank + 1).map((part, i) => convolve(tf, part, kernels[i]!, windows)),
          rank + 1,
        );
      }
      if (bias) y = tf.add(y, bias);
      return activation(fromLast(tf, y, channelsLast));
    });
  };

/** Keras's `compute_conv_transpose_output_length` (`keras/src/backend/common/backend_utils.py`). */
function transposedLength(
  length: number,
  kernel: number,
  stride: number,
  padding: Padding,
  outputPadding: number | null,
): number {
  if (outputPadding === null) {
    return padding === 'same' ? length * stride : length * stride + Math.max(kernel - stride, 0);
  }
  const pad = padding === 'same' ? Math.floor(kernel / 2) : 0;
  return (length - 1) * stride + kernel - 2 * pad + outputPadding;
}

const transposed =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const windows = windowsOf(make, rank);
    if (windows.dilation.some(d => d !== 1)) throw make.fail('it has a dilation_rate', 'Use dilation_rate=1.');
    const channels = channelsLast ? make.channels : make.shape[1]!;
    const filters = config.number('filters');
    const extra = config.isNone('output_padding') ? null : config.window('output_padding', rank);
    const kernel = make.configured('kernel', [...windows.kernel, filters, channels], 'glorot_uniform');
    const bias = config.flag('use_bias', true) ? make.configured('bias', [filters], 'zeros') : null;
    const activation = make.activation();
    const run = (x: Tensor): Tensor => {
      const { strides, padding } = windows;
      const lengths = x.shape
        .slice(1, -1)
        .map((length, i) => transposedLength(length, windows.kernel[i]!, strides[i]!, padding, extra?.[i] ?? null));
      const shape = [x.shape[0], ...lengths, filters];
      if (rank === 3) {
        return conv3dTranspose(tf, x, kernel, shape, strides as [number, number, number], padding);
      }
      if (rank === 2) {
        return tf.conv2dTranspose(
          x as tfjs.Tensor4D,
          kernel as unknown as tfjs.Tensor4D,
          shape as never,
          strides as [number, number],
          padding,
        );
      }
      const [batch, length, depth] = shape as [number, number, number];
      return tf.squeeze(
        tf.conv2dTranspose(
          tf.expandDims<tfjs.Tensor4D>(x, 1),
          tf.expandDims<tfjs.Tensor4D>(kernel as Tensor, 0),
          [batch, 1, length, depth],
          [1, strides[0]!],
          padding,
        ),
        [1],
      );
    };
    return unary(input => {
      let y = run(toLast(tf, input, channelsLast));
      if (bias) y = tf.add(y, bias);
      return activation(fromLast(tf, y, channelsLast));
    });
  };

/** One filter for each channel, `depth_multiplier` times over; `kernel` is `[…window, channels, multiplier]`. */
function depthwise(tf: Tf, x: Tensor, kernel: Tensor, windows: Windows): Tensor {
  if (windows.dilation.some(d => d !== 1)) {
    const plain = { ...windows, dilation: windows.dilation.map(() => 1), padding: 'valid' as const };
    return dilated(tf, x, windows, y => depthwise(tf, y, kernel, plain));
  }
  if (windows.kernel.length === 2) {
    return tf.depthwiseConv2d(
      x as tfjs.Tensor4D,
      kernel as tfjs.Tensor4D,
      windows.strides as [number, number],
      windows.padding,
    );
  }
  const stride = windows.strides[0]!; // TensorFlow wants equal strides; along the axis of length 1 it has no effect.
  return tf.squeeze(
    tf.depthwiseConv2d(
      tf.expandDims<tfjs.Tensor4D>(x, 1),
      tf.expandDims<tfjs.Tensor4D>(kernel, 0),
      [stride, stride],
      windows.padding,
    ),
    [1],
  );
}

const depthwiseConvolution =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const windows = windowsOf(make, rank);
    const channels = channelsLast ? make.channels : make.shape[1]!;
    const multiplier = config.number('depth_multiplier', 1);
    const stem = make.context.framework === 'tfjs' ? 'depthwise_kernel' : 'kernel';
    const kernel = make.configured(stem, [...windows.kernel, channels, multiplier], 'glorot_uniform', 'depthwise');
    const bias = config.flag('use_bias', true) ? make.configured('bias', [channels * multiplier], 'zeros') : null;
    const activation = make.activation();
    return unary(input => {
      let x = toLast(tf, input, channelsLast);
      if (windows.causal) x = padCausal(tf, x, windows);
      let y = depthwise(tf, x, kernel, windows);
      if (bias) y = tf.add(y, bias);
      return activation(fromLast(tf, y, channelsLast));
    });
  };

const separable =
  (rank: number): LayerKind =>
  make => {
    const { tf, config, channelsLast } = make;
    const windows = windowsOf(make, rank);
    const channels = channelsLast ? make.channels : make.shape[1]!;
    const [filters, multiplier] = [config.number('filters'), config.number('depth_multiplier', 1)];
    const ones = new Array<number>(rank).fill(1);
    const depth = make.configured(
      'depthwise_kernel',
      [...windows.kernel, channels, multiplier],
      'glorot_uniform',
      'depthwise',
    );
    const point = make.configured(
      'pointwise_kernel',
      [...ones, channels * multiplier, filters],
      'glorot_uniform',
      'pointwise',
    );
    const bias = config.flag('use_bias', true) ? make.configured('bias', [filters], 'zeros') : null;
    const activation = make.activation();
    const pointwise: Windows = { kernel: ones, strides: ones, dilation: ones, padding: 'valid' };
    return unary(input => {
      let x = toLast(tf, input, channelsLast);
      if (windows.causal) x = padCausal(tf, x, windows);
      let y = convolve(tf, depthwise(tf, x, depth, windows), point, pointwise);
      if (bias) y = tf.add(y, bias);
      return activation(fromLast(tf, y, channelsLast));
    });
  };

export const CONVOLUTION: Readonly<Record<string, LayerKind>> = {
  Conv1D: convolution(1),
  Conv2D: convolution(2),
  Conv3D: convolution(3),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
  DepthwiseConv1D: depthwiseConvolution(1),
  DepthwiseConv2D: depthwiseConvolution(2),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
};
