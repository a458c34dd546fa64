/** A condition depends on the value of a symbolic tensor. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const symbolicTruth = faultRule({
  id: 'symbolic-truth',
  severity: 'error',
  fault: 'symbolic-truth',
  title: 'A condition asks for the value of a symbolic tensor.',
  doc: 'While the model is built its tensors hold no values, so `if` cannot decide. Use `keras.ops.where` or `keras.ops.cond`.',
  bad: [
    `import keras
x = keras.Input((3,))
if x > 0:
    y = x`,
  ],
  good: [
    `import keras
x = keras.Input((3,))
if x.shape[1] > 0:
    y = x`,
  ],
  report: fault => ({
    message:
      'This condition depends on the values of a symbolic Keras tensor, which has none while the model is built. Use `keras.ops.where`.',
    span: fault.place,
    related: relatedOf(fault),
  }),
});
