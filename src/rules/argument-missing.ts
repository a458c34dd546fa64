/** A required argument is missing. */
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentMissing = faultRule({
  id: 'argument-missing',
  severity: 'error',
  fault: 'argument-missing',
  title: 'A required argument is missing.',
  doc: 'The layer cannot be made without this argument; Python raises a TypeError.',
  bad: [
    `from keras import layers
layer = layers.Dense(activation='relu')`,
  ],
  good: [
    `from keras import layers
layer = layers.Dense(8, activation='relu')`,
  ],
  report: fault => ({
    message: `${named(fault)} needs the argument \`${fault.detail.name}\`.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
