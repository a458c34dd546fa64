/** The inner lengths of a matrix product differ. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const matmulMismatch = faultRule({
  id: 'matmul-mismatch',
  severity: 'error',
  fault: 'matmul-mismatch',
  title: 'The inner lengths of a matrix product differ.',
  doc: 'A matrix product sums over the last axis of the left and the second last of the right tensor: `(…, n, k) @ (…, k, m)`.',
  bad: [
    `import keras
z = keras.Input((3, 4)) @ keras.Input((3, 4))`,
  ],
  good: [
    `import keras
z = keras.Input((3, 4)) @ keras.Input((4, 3))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.matMul(tf.zeros([2, 3]), tf.zeros([2, 3]));`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.zeros([4]).dot(tf.zeros([3]));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.matMul(tf.zeros([2, 3]), tf.zeros([2, 3]), false, true);
const y = tf.zeros([4]).dot(tf.zeros([4]));`,
    ],
  },
  report: (fault, cx) => ({
    message:
      `The matrix product of ${shapeIn(cx, fault.detail.left)} and ${shapeIn(cx, fault.detail.right)} does not exist: ` +
      `the last axis of the left must be as long as the second last of the right.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
