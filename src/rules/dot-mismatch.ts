/** The axes that a Dot layer multiplies differ in length. */
import { faultRule } from './rule';
import { named, relatedOf, shapes } from './words';

export const dotMismatch = faultRule({
  id: 'dot-mismatch',
  severity: 'error',
  fault: 'dot-mismatch',
  title: 'The axes of a Dot layer differ in length.',
  doc: 'A dot product sums over pairs of values, so both axes must have the same length. Keras raises a ValueError.',
  bad: [
    `import keras
from keras import layers
x = layers.Dot(axes=1)([keras.Input((3,)), keras.Input((4,))])`,
  ],
  good: [
    `import keras
from keras import layers
x = layers.Dot(axes=1)([keras.Input((3,)), keras.Input((3,))])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const z = tf.layers.dot({ axes: 1 }).apply([tf.input({ shape: [3] }), tf.input({ shape: [4] })]);`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const z = tf.layers.dot({ axes: 1 }).apply([tf.input({ shape: [3] }), tf.input({ shape: [3] })]);`,
    ],
  },
  report: (fault, cx) => ({
    message: `${named(fault)} sums over axis ${fault.detail.axes[0]} of one and axis ${fault.detail.axes[1]} of the other input, but these differ in ${shapes(cx, fault.detail.shapes)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
