/** More positional arguments than a layer takes. */
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const argumentCount = faultRule({
  id: 'argument-count',
  severity: 'error',
  fault: 'argument-count',
  title: 'Too many positional arguments.',
  doc: 'The layer takes fewer arguments by position than are given; Python raises a TypeError.',
  bad: [
    `from keras import layers
layer = layers.Flatten(None, 2)`,
  ],
  good: [
    `from keras import layers
layer = layers.Flatten()`,
  ],
  report: fault => ({
    message: `${named(fault)} takes at most ${fault.detail.wanted} positional ${fault.detail.wanted === 1 ? 'argument' : 'arguments'}, but gets ${fault.detail.got}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
