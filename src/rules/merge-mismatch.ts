/** Tensors that are merged element by element differ in shape. */
import { faultRule } from './rule';
import { axisName, named, relatedOf, shapes } from './words';

export const mergeMismatch = faultRule({
  id: 'merge-mismatch',
  severity: 'error',
  fault: 'merge-mismatch',
  title: 'Inputs of Add, Multiply, Average … have shapes that do not fit together.',
  doc:
    'These layers combine values at the same place, so the shapes must be equal, but for axes of length 1, which are repeated. A residual connection around layers that change the number of ' +
    'channels or the stride needs a 1×1 convolution on its short way. Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
x = keras.Input((8, 8, 32))
y = layers.Conv2D(64, 3, padding='same')(x)
z = layers.Add()([x, y])`,
  ],
  good: [
    `import keras
from keras import layers
x = keras.Input((8, 8, 32))
y = layers.Conv2D(64, 3, padding='same')(x)
z = layers.Add()([layers.Conv2D(64, 1)(x), y])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const z = tf.layers.add().apply([tf.input({ shape: [3] }), tf.input({ shape: [4] })]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const z = tf.layers.add().apply([tf.input({ shape: [3] }), tf.input({ shape: [1] })]);`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)} cannot combine ${shapes(cx, fault.detail.shapes)}: they differ in ${axisName(fault.detail.axis)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
