/** Features and labels differ in number. */
import { dimIn } from './dialect';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const sampleCount = faultRule({
  id: 'sample-count',
  severity: 'error',
  fault: 'sample-count',
  title: 'Features and labels have different numbers of samples.',
  doc: 'Every sample needs its label: the first axes of all arrays must have the same length. Keras raises a ValueError.',
  bad: [
    `import keras
import numpy as np
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
model.compile(loss='mse')
model.fit(np.zeros((8, 3)), np.zeros((9, 1)))`,
  ],
  good: [
    `import keras
import numpy as np
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
model.compile(loss='mse')
model.fit(np.zeros((8, 3)), np.zeros((8, 1)))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 3]), tf.zeros([9, 1]), { epochs: 1 });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), { epochs: 1 });`,
    ],
  },
  report: (fault, cx) => ({
    message:
      `\`${fault.callee}\` gets arrays with different numbers of samples: ` +
      `${fault.detail.sizes.map(s => `${s.what} has ${dimIn(cx, s.size)}`).join(', ')}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
