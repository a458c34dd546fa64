/** A layer gets more or fewer inputs than it takes. */
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const inputCount = faultRule({
  id: 'input-count',
  severity: 'error',
  fault: 'input-count',
  title: 'A layer gets the wrong number of inputs.',
  doc: '`Subtract` takes exactly two tensors, a merge layer at least two, most layers one. Keras raises a ValueError otherwise.',
  bad: [
    `import keras
from keras import layers
a, b, c = [keras.Input((3,)) for _ in range(3)]
x = layers.Subtract()([a, b, c])`,
  ],
  good: [
    `import keras
from keras import layers
a, b = [keras.Input((3,)) for _ in range(2)]
x = layers.Subtract()([a, b])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.add().apply([tf.input({ shape: [3] })]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.add().apply([tf.input({ shape: [3] }), tf.input({ shape: [3] })]);`,
    ],
  },
  report: fault => ({
    message: `${named(fault)} takes ${fault.detail.wanted} ${fault.detail.wanted === '1' ? 'input' : 'inputs'}, but gets ${fault.detail.got}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
