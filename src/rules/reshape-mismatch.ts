/** A reshape changes the number of elements. */
import { dimText } from '../ir/dim';
import { shapeText } from '../ir/shape';
import { ranked } from '../ir/shape';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const reshapeMismatch = faultRule({
  id: 'reshape-mismatch',
  severity: 'error',
  fault: 'reshape-mismatch',
  title: 'A reshape would change the number of values.',
  doc: 'Reshaping lays the same values out in another form; their number stays. A −1 stands for the one length that follows from the others, and must come out whole.',
  bad: [
    `import keras
from keras import layers
x = layers.Reshape((3, 4))(keras.Input((10,)))`,
  ],
  good: [
    `import keras
from keras import layers
x = layers.Reshape((3, 4))(keras.Input((12,)))`,
  ],
  report: fault => {
    const { from, to, total, target } = fault.detail;
    return {
      message:
        `${named(fault)} cannot lay out ${shapeText(from)} as ${shapeText(ranked(to))}: that is ${dimText(total)} ` +
        `values into ${dimText(target)}${to.some(d => d.kind === 'known' && d.value === -1) ? '·n' : ''}.`,
      span: fault.place,
      related: relatedOf(fault),
    };
  },
});
