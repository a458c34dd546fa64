/** A permutation of axes is none. */
import { faultRule } from './rule';
import { axes, named, relatedOf } from './words';

export const permutationInvalid = faultRule({
  id: 'permutation-invalid',
  severity: 'error',
  fault: 'permutation-invalid',
  title: 'A list of axes is no permutation.',
  doc: 'A transposition names every axis of its input exactly once.',
  bad: [
    `import keras
x = keras.ops.transpose(keras.Input((3, 4)), (0, 1, 1))`,
  ],
  good: [
    `import keras
x = keras.ops.transpose(keras.Input((3, 4)), (0, 2, 1))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.permute({ dims: [1, 3] }).apply(tf.input({ shape: [3, 4] }));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.permute({ dims: [2, 1] }).apply(tf.input({ shape: [3, 4] }));`,
    ],
  },
  report: fault => ({
    message: `${named(fault)}: (${fault.detail.axes.join(', ')}) does not name each of the ${axes(fault.detail.rank)} of its input exactly once.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
