/** A loop runs over a symbolic tensor. */
import { faultRule } from './rule';
import { relatedOf } from './words';

export const symbolicIteration = faultRule({
  id: 'symbolic-iteration',
  severity: 'error',
  fault: 'symbolic-iteration',
  title: 'A loop runs over a symbolic tensor.',
  doc: 'A symbolic Keras tensor cannot be iterated over. Use `keras.ops.unstack`, or index it.',
  bad: [
    `import keras
for row in keras.Input((3, 4)):
    print(row)`,
  ],
  good: [
    `import keras
x = keras.Input((3, 4))
for i in range(3):
    print(x[:, i])`,
  ],
  report: fault => ({
    message: 'A symbolic Keras tensor cannot be iterated over. Index it, or use `keras.ops.unstack`.',
    span: fault.place,
    related: relatedOf(fault),
  }),
});
