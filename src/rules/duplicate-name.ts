/** Two layers of a model have the same name. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const duplicateName = faultRule({
  id: 'duplicate-name',
  severity: 'error',
  fault: 'duplicate-name',
  title: 'Two layers of a model have the same name.',
  doc: 'Keras finds layers by their names, so each may occur once in a model; it raises a ValueError otherwise. This happens in loops and functions that set `name=`.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name='head'), layers.Dense(1, name='head')])`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name='body'), layers.Dense(1, name='head')])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.input({ shape: [3] });
const y = tf.layers.dense({ units: 2, name: 'head' }).apply(x);
const model = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 1, name: 'head' }).apply(y) });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 2, name: 'head', inputShape: [3] }));
model.add(tf.layers.dense({ units: 1, name: 'head' }));`,
    ],
  },
  report: fault => ({
    message: `The name '${fault.detail.name}' is used twice in the model.`,
    span: fault.anchors?.['argument:name'] ?? fault.place,
    related: relatedOf(fault),
  }),
});
