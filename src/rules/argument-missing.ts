/** A required argument is missing. */
import { isScript } from './dialect';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentMissing = faultRule({
  id: 'argument-missing',
  severity: 'error',
  fault: 'argument-missing',
  title: 'A required argument is missing.',
  doc: 'The layer cannot be made without this argument; Python raises a TypeError.',
  bad: [
    `from keras import layers
layer = layers.Dense(activation='relu')`,
  ],
  good: [
    `from keras import layers
layer = layers.Dense(8, activation='relu')`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ activation: 'relu' });`,
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.conv2d({ filters: 8 });`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ loss: 'meanSquaredError' });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const layer = tf.layers.dense({ units: 8, activation: 'relu' });`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)} needs ${isScript(cx) ? 'the option' : 'the argument'} \`${fault.detail.name}\`.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
