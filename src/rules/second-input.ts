/** A Sequential gets a second input. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const secondInput = faultRule({
  id: 'second-input',
  severity: 'error',
  fault: 'second-input',
  title: 'A Sequential gets a second input.',
  doc: 'A Sequential has one input, at its beginning. A model with several inputs is built with the functional API.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2), keras.Input((2,))])`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(2)])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({
  layers: [tf.layers.inputLayer({ inputShape: [3] }), tf.layers.inputLayer({ inputShape: [3] })],
});`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({
  layers: [tf.layers.inputLayer({ inputShape: [3] }), tf.layers.dense({ units: 2 })],
});`,
    ],
  },
  report: (fault, cx) => ({
    message: `This Sequential already has the input ${shapeIn(cx, fault.detail.had)}; a second one, ${shapeIn(cx, fault.detail.got)}, cannot be added.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
