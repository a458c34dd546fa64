/** Einsum of two tensors by transposition and one batched matrix product,
  which has a gradient where `tf.einsum` has none. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../compile';

/**
 * `equation` like `abc,cde->abde`: letters in both inputs and the output are batch axes, those in both inputs alone are
 * summed over; each letter at most once per operand, none in a single operand only besides outputs.
 */
export function einsum(tf: Tf, equation: string, a: tfjs.Tensor, b: tfjs.Tensor): tfjs.Tensor {
  const [left = '', output = ''] = equation.split('->');
  const [first = '', second = ''] = left.split(',');
  const both = [...first].filter(letter => second.includes(letter));
  const batch = both.filter(letter => output.includes(letter));
  const summed = both.filter(letter => !output.includes(letter));
  const rows = [...first].filter(letter => !both.includes(letter));
  const columns = [...second].filter(letter => !both.includes(letter));
  const length = (letter: string): number =>
    first.includes(letter) ? a.shape[first.indexOf(letter)]! : b.shape[second.indexOf(letter)]!;
  const size = (letters: readonly string[]): number => letters.reduce((product, letter) => product * length(letter), 1);
  const arrange = (x: tfjs.Tensor, letters: string, order: readonly string[]): tfjs.Tensor => {
    const permutation = order.map(letter => letters.indexOf(letter));
    return permutation.every((axis, i) => axis === i) ? x : tf.transpose(x, permutation);
  };
  const x = tf.reshape(arrange(a, first, [...batch, ...rows, ...summed]), [size(batch), size(rows), size(summed)]);
  const y = tf.reshape(arrange(b, second, [...batch, ...summed, ...columns]), [
    size(batch),
    size(summed),
    size(columns),
  ]);
  const natural = [...batch, ...rows, ...columns];
  const product = tf.reshape(tf.matMul(x, y), natural.map(length));
  return arrange(product, natural.join(''), [...output]);
}
