/** Data does not have the shape that the model was made for. */
import { same } from '../ir/dim';
import type { DetailOf, Fault } from '../ir/fault';
import { elements, isRanked, ranked, type Shape } from '../ir/shape';
import { dimIn, isScript, shapeIn } from './dialect';
import { fix, replace, source } from './fixes';
import { type Fix, faultRule, type RuleContext } from './rule';
import { relatedOf } from './words';

export const dataMismatch = faultRule({
  id: 'data-mismatch',
  severity: 'error',
  fault: 'data-mismatch',
  title: 'Features do not have the shape that the model wants.',
  doc:
    "The first axis of the data is the batch and may have any length; the others must be those of the model's input. Keras adds or drops a last axis of length 1 by itself, and raises a " +
    'ValueError for every other difference. One sample alone has no batch axis: `x[None, ...]` gives it one.',
  bad: [
    `import keras
import numpy as np
from keras import layers
model = keras.Sequential([keras.Input((784,)), layers.Dense(10)])
model.predict(np.zeros((8, 28, 28)))`,
    `import keras
import numpy as np
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Dense(10)])
model.predict(np.zeros((3,)))`,
  ],
  good: [
    `import keras
import numpy as np
from keras import layers
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10)])
model.predict(np.zeros((8, 28, 28)))`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [3] }));
const x = tf.tensor1d([1, 2, 3]);
model.predict(x);`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [784] }));
model.predict(tf.zeros([8, 28, 28]));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [3] }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 4]), tf.zeros([8, 10]), { epochs: 1 });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 10, inputShape: [3] }));
model.predict(tf.tensor1d([1, 2, 3]).expandDims(0));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({
  layers: [tf.layers.flatten({ inputShape: [28, 28] }), tf.layers.dense({ units: 10 })],
});
model.predict(tf.zeros([8, 28, 28]));`,
    ],
  },
  report: (fault, cx) => {
    const { wanted, got } = fault.detail;
    const single = isSingle(wanted, got);
    return {
      message: single
        ? `\`${fault.callee}\` wants a batch of shape ${shapeIn(cx, wanted)}, but gets one sample of shape ${shapeIn(cx, got)} without a batch axis.`
        : `\`${fault.callee}\` wants data of shape ${shapeIn(cx, wanted)}, but gets ${shapeIn(cx, got)}.`,
      span: fault.anchors?.['argument:x'] ?? fault.place,
      related: relatedOf(fault),
      fixes: fixesFor(fault, fault.detail, cx, single),
    };
  },
});

function isSingle(wanted: Shape, got: Shape): boolean {
  return (
    isRanked(wanted) &&
    isRanked(got) &&
    got.dims.length === wanted.dims.length - 1 &&
    wanted.dims.slice(1).every((d, i) => same(d, got.dims[i]!) === 'yes')
  );
}

function fixesFor(
  fault: Fault,
  { wanted, got }: DetailOf<'data-mismatch'>,
  cx: RuleContext,
  single: boolean,
): (Fix | undefined)[] {
  const x = fault.anchors?.['argument:x'];
  const written = source(cx, x);
  const simple =
    written !== undefined && (/^[\w.]+$/.test(written) || (isScript(cx) && /^[\w.]+\([^()]*\)$/.test(written)));
  const fixes: (Fix | undefined)[] = [];
  if (single && simple)
    fixes.push(
      fix('Add the batch axis', replace(x, isScript(cx) ? `${written}.expandDims(0)` : `${written}[None, ...]`)),
    );
  if (!isRanked(wanted) || !isRanked(got)) return fixes;
  const inner = ranked(got.dims.slice(1));
  const flat =
    wanted.dims.length === 2 && !single && same(elements(ranked(wanted.dims.slice(1))), elements(inner)) === 'yes';
  if (flat && simple)
    fixes.push(
      fix(
        'Flatten the data',
        replace(
          x,
          isScript(cx)
            ? `${written}.reshape([-1, ${dimIn(cx, wanted.dims[1]!)}])`
            : `${written}.reshape(len(${written}), -1)`,
        ),
      ),
    );
  const shape = fault.anchors?.['input.argument:shape'] ?? fault.anchors?.['input.argument:input_shape'];
  if (!single && !flat && shape && inner.dims.every(d => d.kind === 'known'))
    fixes.push(fix(`Make the model for ${shapeIn(cx, inner)}`, replace(shape, shapeIn(cx, inner))));
  return fixes;
}
