/** An index lies outside of an axis. */
import { dimIn, shapeIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const indexOutOfRange = faultRule({
  id: 'index-out-of-range',
  severity: 'error',
  fault: 'index-out-of-range',
  title: 'An index lies outside of its axis.',
  doc: 'An axis of length n has the places 0 to n − 1, or −n to −1 counted from the end.',
  bad: [
    `import keras
x = keras.Input((3,))
y = x[:, 5]`,
  ],
  good: [
    `import keras
x = keras.Input((3,))
y = x[:, 2]`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.slice(tf.zeros([5, 2]), [3, 0], [3, 2]);`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.gather(tf.zeros([3, 2]), [0, 3]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.slice(tf.zeros([5, 2]), [3, 0], [2, 2]);
const y = tf.gather(tf.zeros([3, 2]), [0, 2]);`,
    ],
  },
  report: (fault, cx) => {
    const { index, axis, length, input } = fault.detail;
    return {
      message: `Index ${index} is outside of axis ${axis} of ${shapeIn(cx, input)}, which has the length ${dimIn(cx, length)}.`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
