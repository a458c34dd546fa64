/** The first layer of a Sequential of TensorFlow.js does not say what comes in. */
import { addOption, fix, source } from './fixes';
import { faultRule } from './rule';
import { named, relatedOf } from './words';

export const missingInputShape = faultRule({
  id: 'missing-input-shape',
  severity: 'error',
  fault: 'missing-input-shape',
  title: 'The first layer of a Sequential has no input shape.',
  doc:
    'A Sequential of TensorFlow.js is built while its layers are added, so the first one must bring the shape of its ' +
    'input along: `inputShape`, without the batch. Keras waits for the data; TensorFlow.js throws at once.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 8 }));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.flatten(), tf.layers.dense({ units: 8 })] });`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.dense({ units: 8, inputShape: [4] }));`,
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.embedding({ inputDim: 10, outputDim: 4 })] });`,
    ],
  },
  report: (fault, cx) => {
    const brackets = fault.anchors?.['arguments'];
    const shape = EXAMPLES.find(([pattern]) => pattern.test(source(cx, fault.anchors?.['callee']) ?? ''))?.[1] ?? '[1]';
    return {
      message: `The first layer of ${named(fault)} needs an \`inputShape\`: the shape of one sample, without the batch.`,
      span: fault.anchors?.['call'] ?? fault.place,
      related: relatedOf(fault),
      fixes: [brackets ? fix(`Add inputShape: ${shape}`, addOption(cx, brackets, 'inputShape', shape)) : undefined],
    };
  },
});

/** A shape of the rank that the layer wants; its lengths are the author's to fill in. */
const EXAMPLES: readonly (readonly [RegExp, string])[] = [
  [/2d/i, '[28, 28, 1]'],
  [/3d/i, '[16, 16, 16, 1]'],
  [/1d|lstm|gru|rnn|timeDistributed/i, '[10, 1]'],
  [/flatten/, '[28, 28]'],
];
