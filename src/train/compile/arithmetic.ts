// A few operations on float32 matrices, so that a formula written once runs eagerly and becomes a loop's nodes.

import type * as tfjs from '@tensorflow/tfjs';
import type { AttrValue } from './binding';
import type { Tf } from './index';
import type { LoopBody } from './loop';

/** `hardSigmoid` is tfjs-layers' (and Keras 2's) `clip(0.2 x + 0.5, 0, 1)`. */
export type LoopActivation = 'tanh' | 'sigmoid' | 'hardSigmoid' | 'relu' | 'linear';

/** `T` is a tensor, or a reference to a node's output. */
export interface Arithmetic<T> {
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
  oneMinus(a: T): T;
  /** `a · b`, or `a · bᵀ`. */
  matMul(a: T, b: T, transposeB?: boolean): T;
  /** Equal parts along the last axis. */
  split(matrix: T, parts: number): T[];
  /** Joins along the last axis. */
  concat(matrices: T[]): T;
  activate(name: LoopActivation, x: T): T;
}

export function eagerArithmetic(tf: Tf): Arithmetic<tfjs.Tensor> {
  return {
    add: (a, b) => tf.add(a, b),
    mul: (a, b) => tf.mul(a, b),
    oneMinus: a => tf.sub(1, a),
    matMul: (a, b, transposeB = false) => tf.matMul(a, b, false, transposeB),
    split: (matrix, parts) => tf.split(matrix, parts, -1),
    concat: matrices => tf.concat(matrices, -1),
    activate: (name, x) => {
      switch (name) {
        case 'tanh':
          return tf.tanh(x);
        case 'sigmoid':
          return tf.sigmoid(x);
        case 'hardSigmoid':
          return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1);
        case 'relu':
          return tf.relu(x);
        case 'linear':
          return x;
      }
    },
  };
}

export function loopArithmetic(body: LoopBody): Arithmetic<string> {
  const op = (name: string, inputs: string[], attrs?: Record<string, AttrValue>): string =>
    body.op(name, inputs, attrs);
  return {
    add: (a, b) => op('AddV2', [a, b]),
    mul: (a, b) => op('Mul', [a, b]),
    oneMinus: a => op('Sub', [body.float(1), a]),
    matMul: (a, b, transposeB = false) =>
      op('MatMul', [a, b], { transpose_a: { bool: false }, transpose_b: { bool: transposeB } }),
    split: (matrix, parts) => body.split(matrix, parts),
    concat: matrices => body.concat(matrices),
    activate: (name, x) => {
      switch (name) {
        case 'tanh':
          return op('Tanh', [x]);
        case 'sigmoid':
          return op('Sigmoid', [x]);
        case 'hardSigmoid': {
          const line = op('AddV2', [op('Mul', [x, body.float(0.2)]), body.float(0.5)]);
          return op('Maximum', [op('Minimum', [line, body.float(1)]), body.float(0)]);
        }
        case 'relu':
          return op('Relu', [x]);
        case 'linear':
          return x;
      }
    },
  };
}

/** The derivative of an activation from the value before (`x`) and after (`y`). */
export function derivative(tf: Tf, name: LoopActivation, x: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor {
  switch (name) {
    case 'tanh':
      return tf.sub(1, tf.square(y));
    case 'sigmoid':
      return tf.mul(y, tf.sub(1, y));
    case 'hardSigmoid':
      return tf.mul(tf.cast(tf.lessEqual(tf.abs(x), 2.5), 'float32'), 0.2);
    case 'relu':
      return tf.step(x);
    case 'linear':
      return tf.onesLike(x);
  }
}

export function isLoopActivation(name: string): name is LoopActivation {
  return ['tanh', 'sigmoid', 'hardSigmoid', 'relu', 'linear'].includes(name);
}
