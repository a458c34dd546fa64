/** Two numbers of a layer must divide and do not. */
import { dimIn } from './dialect';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const notDivisible = faultRule({
  id: 'not-divisible',
  severity: 'error',
  fault: 'not-divisible',
  title: 'A number must be divisible by another one, and is not.',
  doc: 'Groups of a convolution share out channels and filters evenly; heads of an attention share out features. What cannot be shared out evenly makes Keras raise a ValueError.',
  bad: [
    `import keras
from keras import layers
layer = layers.Conv2D(8, 3, groups=3)`,
  ],
  good: [
    `import keras
from keras import layers
layer = layers.Conv2D(9, 3, groups=3)`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const parts = tf.split(tf.zeros([2, 5]), 2, 1);`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.depthToSpace(tf.zeros([1, 2, 2, 6]), 2);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const parts = tf.split(tf.zeros([2, 6]), 2, 1);
const x = tf.depthToSpace(tf.zeros([1, 2, 2, 8]), 2);`,
    ],
  },
  report: (fault, cx) => {
    const { what, value, by, byWhat } = fault.detail;
    return {
      message: `${named(fault)}: ${what} (${dimIn(cx, value)}) must be divisible by ${byWhat} (${dimIn(cx, by)}).`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
