// Functions that TensorFlow has one kernel for where TensorFlow.js has many operations, with their gradients.
//
// For layers of the training child to call, eagerly or in a step. On another back end they fall back to
// TensorFlow.js operations.

import type * as tfjs from '@tensorflow/tfjs';
import type { NodeBackend } from './binding';
import { DT, nativeBackend, nativeOp } from './binding';
import type { Tf } from './index';

type Tensor = tfjs.Tensor;
type Save = (tensors: Tensor[]) => void;

const FLOAT = { type: DT.FLOAT };

/** `tf.customGrad` without its types, which know neither lists of gradients nor functions of many tensors. */
export function differentiable(
  tf: Tf,
  inputs: Tensor[],
  forward: (inputs: Tensor[], save: Save) => { value: Tensor; gradients: (dy: Tensor, saved: Tensor[]) => Tensor[] },
): Tensor {
  const wrapped = tf.customGrad((...args: unknown[]) => {
    const save = args.pop() as Save;
    const { value, gradients } = forward(args as Tensor[], save);
    return { value, gradFunc: gradients };
  });
  return wrapped(...inputs);
}

/**
 * Cross-entropy of each row, softmax included: `−log softmax(logits)[label]`.
 * @param logits [B, C] float32
 * @param labels [B] int32 in 0 … C − 1
 * @returns [B]
 */
export function sparseSoftmaxCrossEntropy(tf: Tf, logits: tfjs.Tensor2D, labels: tfjs.Tensor1D): tfjs.Tensor1D {
  const backend = nativeBackend(tf);
  if (!backend) {
    return tf.tidy(() => tf.neg(tf.sum(tf.mul(tf.oneHot(labels, logits.shape[1]), tf.logSoftmax(logits)), 1)));
  }
  return differentiable(tf, [logits], ([x], save) => {
    const [loss, gradient] = nativeOp(
      backend,
      'SparseSoftmaxCrossEntropyWithLogits',
      { T: FLOAT, Tlabels: { type: DT.INT32 } },
      [x!, labels],
      2,
    ) as [Tensor, Tensor];
    save([gradient]);
    return { value: loss, gradients: (dy, [saved]) => [tf.mul(saved!, tf.expandDims(dy, 1))] };
  }) as tfjs.Tensor1D;
}

/**
 * Batch normalisation with the statistics of the batch, over all axes but the last.
 * @param x [..., C] @param gamma [C] @param beta [C]
 * @returns y like x, and the batch's mean and (biased) variance [C], which have no gradient
 */
export function batchNormalization(
  tf: Tf,
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  const backend = nativeBackend(tf);
  const channels = x.shape.at(-1)!;
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  if (!backend) {
    const { mean, variance } = tf.moments(x, axes);
    const scale = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), gamma);
    return { y: tf.add(tf.mul(tf.sub(x, mean), scale), beta), mean, variance };
  }
  const four = x.rank === 4 ? x : tf.reshape(x, [-1, 1, 1, channels]);
  const statistics: Tensor[] = [];
  const y = differentiable(tf, [four, gamma, beta], ([input, scale, offset], save) => {
    const empty = tf.zeros([0]);
    const made = nativeOp(
      backend,
      'FusedBatchNormV3',
      {
        T: FLOAT,
        U: FLOAT,
        epsilon: { float: epsilon },
        exponential_avg_factor: { float: 1 },
        data_format: { string: 'NHWC' },
        is_training: { bool: true },
      },
      [input!, scale!, offset!, empty, empty],
      6,
    );
    // Outputs: y, mean, unbiased variance, then what the gradient needs: mean, biased variance, and a workspace.
    const [value, , , mean, variance, workspace] = made as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    statistics.push(tf.keep(mean.clone()), tf.keep(variance.clone()));
    save([input!, scale!, mean, variance, workspace]);
    return { value, gradients: (dy, saved) => batchNormalizationGradient(backend, epsilon, dy, saved) };
  });
  // The statistics were kept out of the scope of the operation; from here they belong to the caller's.
  const [mean, variance] = statistics.map(tensor => {
    const own = tensor.clone();
    tensor.dispose();
    return own;
  }) as [Tensor, Tensor];
  return { y: x.rank === 4 ? y : tf.reshape(y, x.shape), mean, variance };
}

function batchNormalizationGradient(backend: NodeBackend, epsilon: number, dy: Tensor, saved: Tensor[]): Tensor[] {
  const [x, scale, mean, variance, workspace] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
  return nativeOp(
    backend,
    'FusedBatchNormGradV3',
    { T: FLOAT, U: FLOAT, epsilon: { float: epsilon }, data_format: { string: 'NHWC' }, is_training: { bool: true } },
    [dy, x, scale, mean, variance, workspace],
    5,
  ).slice(0, 3);
}

/**
 * Normalises the last axis. The gradient is written by hand: a third of the operations of the composed one, and only
 * the normalised values and one number per row are kept for it.
 * @param x [..., D] @param gamma [D] @param beta [D]
 */
export function layerNormalization(tf: Tf, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  const width = x.shape.at(-1)!;
  const rows = tf.reshape(x, [-1, width]);
  const y = differentiable(tf, [rows, gamma, beta], ([input, scale, offset], save) => {
    const centred = tf.sub(input!, tf.mean(input!, 1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    const normal = tf.mul(centred, inverse);
    save([normal, inverse, scale!]);
    return {
      value: tf.add(tf.mul(normal, scale!), offset!),
      gradients: (dy, saved) => {
        const [xHat, rowInverse, factor] = saved as [Tensor, Tensor, Tensor];
        const weighted = tf.mul(dy, xHat);
        const dxHat = tf.mul(dy, factor);
        const along = tf.mean(tf.mul(dxHat, xHat), 1, true);
        const dx = tf.mul(tf.sub(tf.sub(dxHat, tf.mean(dxHat, 1, true)), tf.mul(xHat, along)), rowInverse);
        return [dx, tf.sum(weighted, 0), tf.sum(dy, 0)];
      },
    };
  });
  return tf.reshape(y, x.shape);
}

/** The exact GELU, `x · Φ(x)`, with its gradient `Φ(x) + x · φ(x)` written by hand. */
export function gelu(tf: Tf, x: Tensor): Tensor {
  return differentiable(tf, [x], ([input], save) => {
    const cumulative = tf.add(tf.mul(tf.erf(tf.mul(input!, Math.SQRT1_2)), 0.5), 0.5);
    save([input!, cumulative]);
    return {
      value: tf.mul(input!, cumulative),
      gradients: (dy, saved) => {
        const [v, phi] = saved as [Tensor, Tensor];
        const density = tf.mul(tf.exp(tf.mul(tf.square(v), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return [tf.mul(dy, tf.add(phi, tf.mul(v, density)))];
      },
    };
  });
}
