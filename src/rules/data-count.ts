/** A model gets more or fewer inputs than it has. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const dataCount = faultRule({
  id: 'data-count',
  severity: 'error',
  fault: 'data-count',
  title: 'A model gets the wrong number of inputs.',
  doc: 'A model with several inputs wants as many arrays, in a list or by name; a model with one input wants one.',
  bad: [
    `import keras
from keras import layers
a, b = keras.Input((3,)), keras.Input((3,))
model = keras.Model([a, b], layers.Add()([a, b]))
y = model([keras.Input((3,)), keras.Input((3,)), keras.Input((3,))])`,
  ],
  good: [
    `import keras
from keras import layers
a, b = keras.Input((3,)), keras.Input((3,))
model = keras.Model([a, b], layers.Add()([a, b]))
y = model([keras.Input((3,)), keras.Input((3,))])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const inputs = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
const model = tf.model({ inputs, outputs: tf.layers.add().apply(inputs) });
model.predict(tf.zeros([2, 3]));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const inputs = [tf.input({ shape: [3] }), tf.input({ shape: [3] })];
const model = tf.model({ inputs, outputs: tf.layers.add().apply(inputs) });
model.predict([tf.zeros([2, 3]), tf.zeros([2, 3])]);`,
    ],
  },
  report: fault => ({
    message: `\`${fault.callee}\` has ${fault.detail.wanted} ${fault.detail.wanted === 1 ? 'input' : 'inputs'}, but gets ${fault.detail.got}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
