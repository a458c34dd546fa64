/** Tensors that are concatenated differ beside the joined axis. */
import { faultRule } from './rule';
import { axisName, named, relatedOf, shapes } from './words';

export const concatenateMismatch = faultRule({
  id: 'concatenate-mismatch',
  severity: 'error',
  fault: 'concatenate-mismatch',
  title: 'Inputs of Concatenate differ in an axis that is not joined.',
  doc:
    'Concatenation puts tensors side by side along one axis; all other lengths must be equal. In a U-Net this is the ' +
    'classic: an odd length is halved and doubled again and comes back one too short. ' +
    'Choose an input that is divisible often enough, or crop. Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
x = keras.Input((31, 31, 8))
y = layers.UpSampling2D()(layers.MaxPooling2D()(x))
z = layers.Concatenate()([x, y])`,
  ],
  good: [
    `import keras
from keras import layers
x = keras.Input((32, 32, 8))
y = layers.UpSampling2D()(layers.MaxPooling2D()(x))
z = layers.Concatenate()([x, y])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const a = tf.input({ shape: [3, 2] });
const b = tf.input({ shape: [4, 2] });
const z = tf.layers.concatenate().apply([a, b]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const a = tf.input({ shape: [3, 2] });
const b = tf.input({ shape: [4, 2] });
const z = tf.layers.concatenate({ axis: 1 }).apply([a, b]);`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)} joins along ${axisName(fault.detail.axis)}, so the other axes of ${shapes(cx, fault.detail.shapes)} must be equal.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
