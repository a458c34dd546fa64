/** A layer's input has too many or too few axes. */
import { isRanked } from '../ir/shape';
import { isScript, shapeIn } from './dialect';
import { fix, layerBefore, setArgument } from './fixes';
import { type Fix, faultRule, type RuleContext } from './rule';
import { axesOf, axes, named, rankText, relatedOf } from './words';
import type { Fault } from '../ir/fault';

export const rankMismatch = faultRule({
  id: 'rank-mismatch',
  severity: 'error',
  fault: 'rank-mismatch',
  title: 'A layer gets an input with the wrong number of axes.',
  doc:
    'Every layer reads its axes by their place: a convolution wants height, width and channels, a recurrent layer wants time steps and features. ' +
    'With an axis too few or too many Keras cannot tell which is which and raises a ValueError.',
  bad: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((28, 28)), layers.Conv2D(8, 3)])`,
    `import keras
from keras.layers import LSTM, Dense
model = keras.Sequential([keras.Input((10, 4)), LSTM(8), LSTM(8), Dense(1)])`,
    `import keras
from keras import layers
x = inputs = keras.Input((8, 8, 3))
x = layers.Flatten()(x)
x = layers.MaxPooling2D()(x)`,
  ],
  good: [
    `import keras
from keras import layers
model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3)])`,
    `import keras
from keras.layers import LSTM, Dense
model = keras.Sequential([keras.Input((10, 4)), LSTM(8, return_sequences=True), LSTM(8), Dense(1)])`,
  ],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28] }));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.lstm({ units: 8, inputShape: [10, 4] }));
model.add(tf.layers.lstm({ units: 8 }));`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.lstm({ units: 8, inputShape: [10, 4], returnSequences: true }));
model.add(tf.layers.lstm({ units: 8 }));`,
    ],
  },
  report: (fault, cx) => {
    const { wanted, got } = fault.detail;
    const meaning = axesOf(fault.className);
    const has = isRanked(got) ? axes(got.dims.length) : 'another number of axes';
    return {
      message: `${named(fault)} wants an input with ${rankText(wanted)}${meaning ? ` ${meaning}` : ''}, but gets ${shapeIn(cx, got)} with ${has}.`,
      span: fault.place,
      related: relatedOf(fault),
      fixes: fixesFor(fault, cx, isRanked(got) ? got.dims.length : 0, wanted.exact ?? wanted.atLeast ?? 0),
    };
  },
});

const RECURRENT = /^(LSTM|GRU|SimpleRNN|RNN|lstm|gru|simpleRNN|rnn)$/;

function fixesFor(fault: Fault, cx: RuleContext, got: number, wanted: number): (Fix | undefined)[] {
  const fixes: (Fix | undefined)[] = [];
  const made = fault.anchors?.['previous.callee'];
  const previous = made && cx.text.slice(made.start, made.end).split('.').at(-1);
  if (got === wanted - 1 && previous && RECURRENT.test(previous)) {
    fixes.push(
      fix(`Return all steps from ${previous}`, setArgument(cx, fault.anchors, 'return_sequences', 'True', 'previous')),
    );
  } else if (got === wanted - 1 && previous && /^Input$/.test(previous)) {
    const shape = fault.anchors?.['previous.argument:shape'];
    const written = shape && cx.text.slice(shape.start, shape.end);
    const inner = written && /^\(\s*(.*?),?\s*\)$/s.exec(written)?.[1];
    if (shape && inner && /^Conv|Pooling/.test(fault.className ?? ''))
      fixes.push(fix('Add a channel axis to the input', { span: shape, newText: `(${inner}, 1)` }));
  } else if (isScript(cx) && got === wanted - 1 && /^Conv|Pooling/.test(fault.className ?? '')) {
    const shape = fault.anchors?.['previous.argument:input_shape'] ?? fault.anchors?.['previous.argument:shape'];
    const inner = shape && /^\[\s*(.*?),?\s*\]$/s.exec(cx.text.slice(shape.start, shape.end))?.[1];
    if (shape && inner) fixes.push(fix('Add a channel axis to the input', { span: shape, newText: `[${inner}, 1]` }));
  } else if (wanted === 2 && got > 2) {
    fixes.push(layerBefore(cx, fault, 'Flatten', ''));
  }
  return fixes;
}
