/** An output of a model does not depend on its inputs. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const disconnected = faultRule({
  id: 'disconnected',
  severity: 'error',
  fault: 'disconnected',
  title: 'An output does not depend on the inputs of the model.',
  doc: 'A functional model is read back from its outputs to its inputs. When that way ends at another input, the graph is disconnected and Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
a, b = keras.Input((3,)), keras.Input((3,))
model = keras.Model(a, layers.Dense(2)(b))`,
  ],
  good: [
    `import keras
from keras import layers
a = keras.Input((3,))
model = keras.Model(a, layers.Dense(2)(a))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const a = tf.input({ shape: [3] });
const b = tf.input({ shape: [3] });
const model = tf.model({ inputs: a, outputs: tf.layers.dense({ units: 2 }).apply(b) });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const a = tf.input({ shape: [3] });
const model = tf.model({ inputs: a, outputs: tf.layers.dense({ units: 2 }).apply(a) });`,
    ],
  },
  report: fault => ({
    message: `Output ${fault.detail.output} of the model depends on an Input that is not among its \`inputs\`.`,
    span: fault.anchors?.['argument:outputs'] ?? fault.place,
    related: relatedOf(fault),
  }),
});
