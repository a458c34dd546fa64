/** Callbacks of TensorFlow.js and plain objects in one list. */
import { scriptRoot } from './dialect';
import { fix, replace } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

export const mixedCallbacks = faultRule({
  id: 'mixed-callbacks',
  severity: 'error',
  fault: 'mixed-callbacks',
  title: 'Plain callbacks and those of the library stand in one list.',
  doc:
    'TensorFlow.js looks at the first callback of a list and takes the others for the same kind. A plain object beside ' +
    '`tf.callbacks.earlyStopping()` makes `fit` throw; `new tf.CustomCallback({…})` makes a callback of the library of it.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), {
  epochs: 1,
  callbacks: [tf.callbacks.earlyStopping({ monitor: 'loss' }), { onEpochEnd: epoch => console.log(epoch) }],
});`,
    ],
    good: [
      `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.zeros([8, 3]), tf.zeros([8, 1]), {
  epochs: 1,
  callbacks: [tf.callbacks.earlyStopping({ monitor: 'loss' }), new tf.CustomCallback({ onEpochEnd: async () => {} })],
});`,
    ],
  },
  report: (fault, cx) => {
    const plain = Object.entries(fault.anchors ?? {}).flatMap(([key, span]) =>
      key.startsWith('plain:') ? [span] : [],
    );
    const edits = plain.map(span =>
      /^\{/.test(cx.text.slice(span.start, span.end))
        ? replace(span, `new ${scriptRoot(cx)}.CustomCallback(${cx.text.slice(span.start, span.end)})`)
        : undefined,
    );
    return {
      message:
        'A plain object and a callback of TensorFlow.js cannot stand in one list of callbacks: the training throws.',
      span: fault.anchors?.['argument:callbacks'] ?? fault.place,
      related: relatedOf(fault),
      fixes: [edits.length > 0 ? fix('Make a tf.CustomCallback of the plain object', ...edits) : undefined],
    };
  },
});
