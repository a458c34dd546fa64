/** A weight needs a size that the shape leaves open. */
import { openIn, shapeIn } from './dialect';
import { faultRule } from './rule';
import { axisName, named, relatedOf } from './words';

export const undefinedSize = faultRule({
  id: 'undefined-size',
  severity: 'error',
  fault: 'undefined-size',
  title: 'A layer needs to know a length that is None.',
  doc: 'The size of a weight must be known when it is made. An axis that is `None` is only known when data arrives, so no weight can depend on it, and Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
x = layers.Dense(3)(keras.Input((None,)))`,
  ],
  good: [
    `import keras
from keras import layers
x = layers.Dense(3)(keras.Input((None, 4)))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.dense({ units: 3 }).apply(tf.input({ shape: [null] }));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const x = tf.layers.dense({ units: 3 }).apply(tf.input({ shape: [null, 4] }));`,
    ],
  },
  report: (fault, cx) => ({
    message:
      `${named(fault)} needs the length of ${axisName(fault.detail.axis)}${fault.className === 'Flatten' ? '' : ' for its weights'}, ` +
      `but it is ${openIn(cx)} in ${shapeIn(cx, fault.detail.input)}. Give the input a fixed length there.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
