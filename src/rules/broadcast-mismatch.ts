/** Two tensors do not broadcast. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const broadcastMismatch = faultRule({
  id: 'broadcast-mismatch',
  severity: 'error',
  fault: 'broadcast-mismatch',
  title: 'Two tensors cannot be combined value by value.',
  doc: 'Shapes are compared from the last axis backwards: two lengths fit when they are equal or one of them is 1.',
  bad: [
    `import keras
z = keras.Input((3,)) + keras.Input((4,))`,
  ],
  good: [
    `import keras
z = keras.Input((3,)) + keras.Input((1,))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.add(tf.zeros([2, 3]), tf.zeros([2, 4]));`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.zeros([8, 3]).mul(tf.zeros([8]));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.add(tf.zeros([2, 3]), tf.zeros([2, 1]));
const y = tf.zeros([8, 3]).mul(tf.zeros([8]).expandDims(1));`,
    ],
  },
  report: (fault, cx) => {
    const { left, right, axis } = fault.detail;
    return {
      message:
        `${shapeIn(cx, left)} and ${shapeIn(cx, right)} cannot be combined by \`${fault.callee}\`: they differ in ` +
        `axis ${axis} and neither is 1 there.`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
