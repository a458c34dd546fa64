// Gradients of TensorFlow.js kernels by TensorFlow's own gradient kernels, while a step runs.
//
// tfjs writes many gradients out in operations: that of ReLU takes six passes over memory (`step` looks for NaN
// first) where
// `ReluGrad` takes one. The registered gradient functions are exchanged for the time of a step and put back after
// it, so
// code outside steps sees TensorFlow.js as it is.

import type * as tfjs from '@tensorflow/tfjs';
import type { AttrValue, NodeBackend } from './binding';
import { DT, nativeOp } from './binding';
import type { Tf } from './index';

type Tensor = tfjs.Tensor;

/** The gradient with respect to `x`, from the gradient of the result and what was saved. */
type OfOneInput = (dy: Tensor, saved: Tensor, attrs: Record<string, unknown>) => Tensor;

type Op = (name: string, inputs: Tensor[], attrs?: Record<string, AttrValue>) => Tensor;

interface Replacement {
  kernel: string;
  saves: 'input' | 'output';
  gradient: (op: Op, tf: Tf) => OfOneInput;
}

/** Spreads the gradient of a reduction over the reduced axes, without multiplying by ones. */
function spread(op: Op, tf: Tf, dy: Tensor, x: Tensor, attrs: Record<string, unknown>, mean: boolean): Tensor {
  const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape);
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const small = tf.reshape(mean && count > 1 ? tf.mul(dy, 1 / count) : dy, kept);
  return count === 1 ? small : op('BroadcastTo', [small, tf.tensor1d(x.shape, 'int32')], { Tidx: { type: DT.INT32 } });
}

/** TensorFlow's gradient kernels: some take the operation's input, some its result, in this or that order. */
const replacements: Replacement[] = [
  { kernel: 'Relu', saves: 'output', gradient: op => (dy, y) => op('ReluGrad', [dy, y]) },
  { kernel: 'Relu6', saves: 'output', gradient: op => (dy, y) => op('Relu6Grad', [dy, y]) },
  { kernel: 'Elu', saves: 'output', gradient: op => (dy, y) => op('EluGrad', [dy, y]) },
  { kernel: 'Selu', saves: 'output', gradient: op => (dy, y) => op('SeluGrad', [dy, y]) },
  {
    kernel: 'LeakyRelu',
    saves: 'input',
    gradient:
      op =>
      (dy, x, { alpha }) =>
        op('LeakyReluGrad', [dy, x], { alpha: { float: alpha as number } }),
  },
  { kernel: 'Sigmoid', saves: 'output', gradient: op => (dy, y) => op('SigmoidGrad', [y, dy]) },
  { kernel: 'Tanh', saves: 'output', gradient: op => (dy, y) => op('TanhGrad', [y, dy]) },
  { kernel: 'Softplus', saves: 'input', gradient: op => (dy, x) => op('SoftplusGrad', [dy, x]) },
  { kernel: 'Sqrt', saves: 'output', gradient: op => (dy, y) => op('SqrtGrad', [y, dy]) },
  { kernel: 'Rsqrt', saves: 'output', gradient: op => (dy, y) => op('RsqrtGrad', [y, dy]) },
  { kernel: 'Sum', saves: 'input', gradient: (op, tf) => (dy, x, attrs) => spread(op, tf, dy, x, attrs, false) },
  { kernel: 'Mean', saves: 'input', gradient: (op, tf) => (dy, x, attrs) => spread(op, tf, dy, x, attrs, true) },
];

/** Runs `body` with TensorFlow's gradient kernels in place of those that TensorFlow.js composes. */
export function withNativeGradients<T>(tf: Tf, backend: NodeBackend, body: () => T): T {
  const op = (name: string, inputs: Tensor[], attrs: Record<string, AttrValue> = {}): Tensor =>
    nativeOp(backend, name, { T: { type: DT.FLOAT }, ...attrs }, inputs)[0]!;
  const before = replacements.map(({ kernel }) => tf.getGradient(kernel));
  for (const { kernel, saves, gradient } of replacements) {
    const compute = gradient(op, tf);
    tf.registerGradient({
      kernelName: kernel,
      ...(saves === 'input' ? { inputsToSave: ['x'] } : { outputsToSave: [true] }),
      gradFunc: (dy, saved, attrs) => ({ x: () => compute(dy as Tensor, saved[0]!, attrs) }),
    });
  }
  try {
    return body();
  } finally {
    for (const config of before) if (config) tf.registerGradient(config);
  }
}
