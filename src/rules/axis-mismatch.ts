/** A layer is used again on another length of an axis that its weights fix. */
import { dimIn, shapeIn } from './dialect';
import { faultRule } from './rule';
import { axisName, named, relatedOf } from './words';

export const axisMismatch = faultRule({
  id: 'axis-mismatch',
  severity: 'error',
  fault: 'axis-mismatch',
  title: 'A layer that already has weights gets an input of another length.',
  doc: 'The first call of a layer fixes the size of its weights. A second call shares them, so the axis they multiply must have the same length; otherwise Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
shared = layers.Dense(8)
a = shared(keras.Input((4,)))
b = shared(keras.Input((5,)))`,
  ],
  good: [
    `import keras
from keras import layers
shared = layers.Dense(8)
a = shared(keras.Input((4,)))
b = shared(keras.Input((4,)))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const shared = tf.layers.dense({ units: 8 });
const a = shared.apply(tf.input({ shape: [4] }));
const b = shared.apply(tf.input({ shape: [5] }));`,
      `import * as tf from '@tensorflow/tfjs';
const x = tf.conv2d(tf.zeros([1, 8, 8, 1]), tf.zeros([3, 3, 3, 4]), 1, 'same');`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const shared = tf.layers.dense({ units: 8 });
const a = shared.apply(tf.input({ shape: [4] }));
const b = shared.apply(tf.input({ shape: [4] }));`,
    ],
  },
  report: (fault, cx) => {
    const { axis, wanted, got, input } = fault.detail;
    // An operation has no weights of its own; what it is given beside the input decides.
    const isOperation = fault.className === fault.callee;
    if (isOperation)
      return {
        message: `${named(fault)} wants ${dimIn(cx, wanted)} in ${axisName(axis)}, but gets ${shapeIn(cx, input)} with ${dimIn(cx, got)}.`,
        span: fault.place,
        related: relatedOf(fault),
      };
    return {
      message: `${named(fault)} was first called with ${dimIn(cx, wanted)} in ${axisName(axis)}, which fixed its weights; here it gets ${shapeIn(cx, input)} with ${dimIn(cx, got)}.`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
