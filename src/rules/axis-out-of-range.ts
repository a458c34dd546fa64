/** An axis is named that the tensor does not have. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { axes, named, relatedOf } from './words';

export const axisOutOfRange = faultRule({
  id: 'axis-out-of-range',
  severity: 'error',
  fault: 'axis-out-of-range',
  title: 'An axis is used that the tensor does not have.',
  doc: 'A tensor of rank n has the axes 0 to n − 1, or −n to −1 counted from the end.',
  bad: [
    `import keras
x = keras.Input((3,))
y = x[:, 0, 0]`,
  ],
  good: [
    `import keras
x = keras.Input((3, 4))
y = x[:, 0, 0]`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.sum(tf.zeros([2, 3]), 2);`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.zeros([2, 3]).argMax(-3);`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.concat([tf.zeros([2, 3]), tf.zeros([2, 3])], 2);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.sum(tf.zeros([2, 3]), 1);
const y = tf.zeros([2, 3]).argMax(-2);
const z = tf.stack([tf.zeros([2, 3]), tf.zeros([2, 3])], 2);`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)}: axis ${fault.detail.axis} does not exist in ${shapeIn(cx, fault.detail.input)}, which has ${axes(fault.detail.rank)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
