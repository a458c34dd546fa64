/** An index lies outside of an axis. */
import { dimText } from '../ir/dim';
import { shapeText } from '../ir/shape';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const indexOutOfRange = faultRule({
  id: 'index-out-of-range',
  severity: 'error',
  fault: 'index-out-of-range',
  title: 'An index lies outside of its axis.',
  doc: 'An axis of length n has the places 0 to n − 1, or −n to −1 counted from the end.',
  bad: [
    `import keras
x = keras.Input((3,))
y = x[:, 5]`,
  ],
  good: [
    `import keras
x = keras.Input((3,))
y = x[:, 2]`,
  ],
  report: fault => {
    const { index, axis, length, input } = fault.detail;
    return {
      message: `Index ${index} is outside of axis ${axis} of ${shapeText(input)}, which has the length ${dimText(length)}.`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
