/** Operations between layers: `x + y`, `keras.ops.matmul(x, y)`,
  `keras.ops.relu(x)`. Only what needs nothing but its tensors. */
import type { Tf } from '../compile';
import type { LayerKind, Tensor } from './layer';

type Binary = (tf: Tf, a: Tensor, b: Tensor) => Tensor;
type Unary = (tf: Tf, x: Tensor) => Tensor;

const BINARY: Readonly<Record<string, Binary>> = {
  add: (tf, a, b) => tf.add(a, b),
  subtract: (tf, a, b) => tf.sub(a, b),
  multiply: (tf, a, b) => tf.mul(a, b),
  divide: (tf, a, b) => tf.div(a, b),
  true_divide: (tf, a, b) => tf.div(a, b),
  maximum: (tf, a, b) => tf.maximum(a, b),
  minimum: (tf, a, b) => tf.minimum(a, b),
  matmul: (tf, a, b) => tf.matMul(a, b),
};

const UNARY: Readonly<Record<string, Unary>> = {
  relu: (tf, x) => tf.relu(x),
  sigmoid: (tf, x) => tf.sigmoid(x),
  tanh: (tf, x) => tf.tanh(x),
  softplus: (tf, x) => tf.softplus(x),
  exp: (tf, x) => tf.exp(x),
  log: (tf, x) => tf.log(x),
  sqrt: (tf, x) => tf.sqrt(x),
  rsqrt: (tf, x) => tf.rsqrt(x),
  square: (tf, x) => tf.square(x),
  abs: (tf, x) => tf.abs(x),
  absolute: (tf, x) => tf.abs(x),
  negative: (tf, x) => tf.neg(x),
  sin: (tf, x) => tf.sin(x),
  cos: (tf, x) => tf.cos(x),
  silu: (tf, x) => tf.mul(x, tf.sigmoid(x)),
};

/** By the operation's canonical path or class: `keras.ops.add`, `Add`. undefined where it is not known. */
export function operationKind(path: string): LayerKind | undefined {
  const name = path
    .slice(path.lastIndexOf('.') + 1)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const [binary, unary] = [BINARY[name], UNARY[name]];
  if (!binary && !unary) return undefined;
  return make => {
    const wanted = binary ? 2 : 1;
    if (make.shapes.length !== wanted) {
      throw make.fail(
        `it is an operation (${path}) with something that is no tensor of the model`,
        'Use a layer instead, such as Rescaling for a factor.',
      );
    }
    return inputs => (binary ? binary(make.tf, inputs[0]!, inputs[1]!) : unary!(make.tf, inputs[0]!));
  };
}
