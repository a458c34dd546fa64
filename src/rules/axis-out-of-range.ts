/** An axis is named that the tensor does not have. */
import { shapeIn } from './dialect';
import { faultRule } from './rule';
import { axes, named, relatedOf } from './words';

export const axisOutOfRange = faultRule({
  id: 'axis-out-of-range',
  severity: 'error',
  fault: 'axis-out-of-range',
  title: 'An axis is used that the tensor does not have.',
  doc: 'A tensor of rank n has the axes 0 to n − 1, or −n to −1 counted from the end.',
  bad: [
    `import keras
x = keras.Input((3,))
y = x[:, 0, 0]`,
  ],
  good: [
    `import keras
x = keras.Input((3, 4))
y = x[:, 0, 0]`,
  ],
  report: (fault, cx) => ({
    message: `${named(fault)}: axis ${fault.detail.axis} does not exist in ${shapeIn(cx, fault.detail.input)}, which has ${axes(fault.detail.rank)}.`,
    span: fault.place,
    related: relatedOf(fault),
  }),
});
