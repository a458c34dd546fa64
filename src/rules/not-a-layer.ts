/** Something that is no layer stands in a Sequential. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const notALayer = faultRule({
  id: 'not-a-layer',
  severity: 'error',
  fault: 'not-a-layer',
  title: 'Something that is no layer stands in a Sequential.',
  doc: 'A Sequential holds layer objects. A class without brackets, a function or None makes Keras raise a ValueError.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((4, 4)), layers.Flatten, layers.Dense(3)])`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((4, 4)), layers.Flatten(), layers.Dense(3)])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.flatten);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.flatten({ inputShape: [4, 4] }));`,
    ],
  },
  report: fault => ({
    message: `A Sequential can only hold layers, but gets ${fault.detail.got}.${/^the class/.test(fault.detail.got) ? ' The brackets that make a layer of it are missing.' : ''}`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
