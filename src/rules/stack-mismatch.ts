/** Tensors that are stacked differ in shape. */
import { faultRule } from './rule';
import { relatedOf, shapes } from './words';

export const stackMismatch = faultRule({
  id: 'stack-mismatch',
  severity: 'error',
  fault: 'stack-mismatch',
  title: 'Tensors that are stacked differ in shape.',
  doc: 'Stacking makes a new axis out of tensors of one and the same shape.',
  bad: [
    `import keras
x = keras.ops.stack([keras.Input((3,)), keras.Input((4,))], axis=1)`,
  ],
  good: [
    `import keras
x = keras.ops.stack([keras.Input((3,)), keras.Input((3,))], axis=1)`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.stack([tf.zeros([3]), tf.zeros([4])]);`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.losses.meanSquaredError(tf.zeros([8, 1]), tf.zeros([8]));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.stack([tf.zeros([3]), tf.zeros([3])]);
const y = tf.losses.meanSquaredError(tf.zeros([8]), tf.zeros([8]));`,
    ],
  },
  report: (fault, cx) => ({
    message: `\`${fault.callee}\` wants tensors of one shape, but gets ${shapes(cx, fault.detail.shapes)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
