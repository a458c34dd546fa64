/**
 * Kernels of native TensorFlow that give wrong numbers, put right for everything that runs in this process. Each repair
 * says since when and how it was seen; one that no longer fails in a new TensorFlow can go.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from './compile';

const BACKEND = 'tensorflow';
/** A depthwise convolution of one channel is computed as the other. */
const STRIDED_GRADIENTS = ['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter'];

interface ConvolutionAttrs {
  readonly strides: number | readonly [number, number];
  readonly dataFormat?: string;
  readonly pad: unknown;
  readonly filterShape: readonly number[];
}

const repaired = new WeakSet<Tf>();

/**
 * The gradient of a 1×1 convolution's kernel with strides. With oneDNN on, TensorFlow 2.21 gives wrong ones for up to
 * five input channels, others from run to run and from Python too: `test/oracle/kernels/strided_gradient.py`. Such a
 * window sees only every second place, so the gradient is that of a convolution without strides over these places.
 */
export function repairKernels(tf: Tf): void {
  if (tf.getBackend() !== BACKEND || repaired.has(tf)) return;
  repaired.add(tf);
  for (const kernel of STRIDED_GRADIENTS) {
    const config = tf.getKernel(kernel, BACKEND);
    tf.unregisterKernel(kernel, BACKEND);
    tf.registerKernel({ ...config, kernelFunc: given => withoutStrides(tf, config.kernelFunc, given) });
  }
}

function withoutStrides(tf: Tf, kernelFunc: tfjs.KernelFunc, given: Parameters<tfjs.KernelFunc>[0]) {
  const { strides, dataFormat = 'NHWC', pad, filterShape } = given.attrs as unknown as ConvolutionAttrs;
  const [down, right] = typeof strides === 'number' ? [strides, strides] : strides;
  const isStrided = filterShape[0] === 1 && filterShape[1] === 1 && (down > 1 || right > 1);
  if (!isStrided || dataFormat !== 'NHWC' || (pad !== 'same' && pad !== 'valid' && pad !== 0)) return kernelFunc(given);
  const x = given.inputs.x as tfjs.Tensor;
  const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, right, 1]);
  const inputs = { ...given.inputs, x: seen };
  const result = kernelFunc({ ...given, inputs, attrs: { ...given.attrs, strides: 1 } });
  seen.dispose();
  return result;
}
