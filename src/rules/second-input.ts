/** A Sequential gets a second input. */
import { shapeText } from '../ir/shape';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const secondInput = faultRule({
  id: 'second-input',
  severity: 'error',
  fault: 'second-input',
  title: 'A Sequential gets a second input.',
  doc: 'A Sequential has one input, at its beginning. A model with several inputs is built with the functional API.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2), keras.Input((2,))])`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(2)])`,
  ],
  report: fault => ({
    message: `This Sequential already has the input ${shapeText(fault.detail.had)}; a second one, ${shapeText(fault.detail.got)}, cannot be added.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
