/** A merge layer gets a single tensor. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const notAList = faultRule({
  id: 'not-a-list',
  severity: 'error',
  fault: 'not-a-list',
  title: 'A merge layer is called on one tensor instead of a list.',
  doc: 'Add, Concatenate and the other merge layers combine several tensors and want them in one list: `Add()([a, b])`. On a single tensor Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
x = layers.Add()(keras.Input((8,)))`,
  ],
  good: [
    `import keras
from keras import layers
a, b = keras.Input((8,)), keras.Input((8,))
x = layers.Add()([a, b])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.add().apply(tf.input({ shape: [8] }));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.add().apply([tf.input({ shape: [8] }), tf.input({ shape: [8] })]);`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)} merges several tensors and wants them in a list, but gets the single tensor ${shapeIn(cx, fault.detail.input)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
