/** Two arguments exclude each other. */
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentConflict = faultRule({
  id: 'argument-conflict',
  severity: 'error',
  fault: 'argument-conflict',
  title: 'Arguments that cannot be given together.',
  doc: 'For example a convolution takes strides above 1 or a dilation above 1, but not both; Keras raises a ValueError.',
  bad: [
    `from keras import layers
layer = layers.Conv2D(8, 3, strides=2, dilation_rate=2)`,
  ],
  good: [
    `from keras import layers
layer = layers.Conv2D(8, 3, strides=2)`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.conv2d(tf.zeros([1, 8, 8, 3]), tf.zeros([3, 3, 3, 4]), 2, 'same', 'NHWC', 2);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.conv2d(tf.zeros([1, 8, 8, 3]), tf.zeros([3, 3, 3, 4]), 1, 'same', 'NHWC', 2);`,
    ],
  },
  report: fault => ({
    message: `${named(fault)}: ${fault.detail.names.map(n => `\`${n}\``).join(' and ')} cannot be given like this: ${fault.detail.why}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
