/**
 * The operations of the encoder, each as one TensorFlow kernel with its gradient where there is one, else composed of
 * TensorFlow.js operations. All matrices of weights are [out, in].
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import { DT, nativeBackend, type NodeBackend, nativeOp } from '../train/compile/binding';
import { differentiable, gelu as exactGelu } from '../train/compile/kernels';
import type { Activation } from './config';

type Tensor = tfjs.Tensor;

const FLOAT = { type: DT.FLOAT } as const;

/**
 * `x · kernelᵀ + bias`.
 * @param x [N, in] @param kernel [out, in] @param bias [out]
 * @returns [N, out]
 */
export function dense(tf: Tf, x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
  const backend = nativeBackend(tf);
  if (!backend) return tf.add(tf.matMul(x as tfjs.Tensor2D, kernel as tfjs.Tensor2D, false, true), bias);
  return differentiable(tf, [x, kernel, bias], ([input, weights, offset], save) => {
    save([input!, weights!]);
    const product = matMul(backend, input!, weights!, false, true);
    const value = nativeOp(backend, 'BiasAdd', { T: FLOAT, data_format: { string: 'NHWC' } }, [product, offset!])[0]!;
    return {
      value,
      gradients: (dy, saved) => {
        const [from, by] = saved as [Tensor, Tensor];
        return [
          matMul(backend, dy, by, false, false),
          matMul(backend, dy, from, true, false),
          nativeOp(backend, 'BiasAddGrad', { T: FLOAT, data_format: { string: 'NHWC' } }, [dy])[0]!,
        ];
      },
    };
  });
}

function matMul(backend: NodeBackend, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const attrs = { T: FLOAT, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } };
  return nativeOp(backend, 'MatMul', attrs, [a, b])[0]!;
}

/**
 * Rows of a table. As in PyTorch's `nn.Embedding`, the row of the padding token gets no gradient.
 * @param table [V, D] @param ids [N] int32
 * @returns [N, D]
 */
export function embedding(tf: Tf, table: Tensor, ids: tfjs.Tensor1D, paddingRow: number | undefined): Tensor {
  const rows = table.shape[0];
  return differentiable(tf, [table], ([from], save) => {
    save([ids]);
    return {
      value: tf.gather(from!, ids),
      gradients: (dy, [saved]) => {
        const used = saved as tfjs.Tensor1D;
        // A negative segment is left out of the sum.
        const segments =
          paddingRow === undefined
            ? used
            : tf.where(tf.equal(used, paddingRow), tf.fill<tfjs.Rank.R1>(used.shape, -1, 'int32'), used);
        return [tf.unsortedSegmentSum(dy, segments, rows)];
      },
    };
  });
}

/** `0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))`, the approximation that `gelu_new` names. */
function approximateGelu(tf: Tf, x: Tensor): Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

export function activate(tf: Tf, activation: Activation, x: Tensor): Tensor {
  switch (activation) {
    case 'gelu':
      return exactGelu(tf, x);
    case 'gelu_new':
      return approximateGelu(tf, x);
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
  }
}

/** Dropout for training; inside a compiled step its mask is drawn in the graph. */
export function dropout(tf: Tf, x: Tensor, rate: number): Tensor {
  return rate > 0 ? tf.dropout(x, rate) : x;
}
