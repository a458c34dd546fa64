/** A reshape changes the number of elements. */
import { ranked } from '../ir/shape';
import { type Dim, isKnown, product } from '../ir/dim';
import type { Fault } from '../ir/fault';
import { dimIn, shapeIn } from './dialect';
import { fix, replace, source } from './fixes';
import { faultRule, type Fix, type RuleContext } from './rule';
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
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.reshape({ targetShape: [3, 5], inputShape: [10] })] });
model.predict(tf.zeros([2, 10]));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.reshape({ targetShape: [-1, 5], inputShape: [10] })] });
model.predict(tf.zeros([2, 10]));`,
    ],
  },
  report: (fault, cx) => {
    const { from, to, total, target } = fault.detail;
    return {
      message:
        `${named(fault)} cannot lay out ${shapeIn(cx, from)} as ${shapeIn(cx, ranked(to))}: that is ${dimIn(cx, total)} ` +
        `values into ${dimIn(cx, target)}${to.some(d => d.kind === 'known' && d.value === -1) ? '·n' : ''}.`,
      span: fault.place,
      related: relatedOf(fault),
      fixes: [withHole(fault, cx, to, total)],
    };
  },
});

/** `(3, 5)` for 10 values as `(-1, 5)`, where that comes out whole. */
function withHole(fault: Fault, cx: RuleContext, to: readonly Dim[], total: Dim): Fix | undefined {
  const span = fault.anchors?.['layer.argument:target_shape'] ?? fault.anchors?.['argument:shape'];
  const [, ...others] = to;
  const rest = product(others);
  if (others.length === 0 || !others.every(isKnown) || !isKnown(total) || !isKnown(rest)) return undefined;
  if (rest.value <= 0 || total.value % rest.value !== 0) return undefined;
  const written = source(cx, span);
  if (!written || !/^[([]/.test(written)) return undefined;
  const inner = ['-1', ...others.map(d => dimIn(cx, d))].join(', ');
  return fix(`Let -1 stand for ${total.value / rest.value}`, replace(span, `${written[0]!}${inner}${written.at(-1)!}`));
}
