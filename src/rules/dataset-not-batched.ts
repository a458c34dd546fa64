/** A dataset gives a model single examples. */
import { fix } from './fixes';
import { faultRule } from './rule';
import { relatedOf } from './words';

const PROGRAM = (dataset: string): string => `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
${dataset}
await model.fitDataset(dataset, { epochs: 1 });`;

export const datasetNotBatched = faultRule({
  id: 'dataset-not-batched',
  severity: 'error',
  fault: 'not-batched',
  title: 'A dataset is trained on without `batch`.',
  doc:
    '`fitDataset` and `evaluateDataset` hand every element of the dataset to the model as one batch. ' +
    '`batch(n)` puts n examples together and makes tensors of their numbers and arrays; without it TensorFlow.js ' +
    'throws, and its message speaks of keys, numbers of tensors or shapes.',
  bad: [],
  good: [],
  javascript: {
    bad: [
      PROGRAM(`const xs = tf.data.array([[1, 2, 3], [4, 5, 6]]);
const ys = tf.data.array([[1], [2]]);
const dataset = tf.data.zip({ xs, ys }).shuffle(2);`),
      PROGRAM(`const dataset = tf.data.array([{ xs: [1, 2, 3], ys: 1 }, { xs: [4, 5, 6], ys: 2 }]);`),
      PROGRAM(`const dataset = tf.data.generator(function* () {
  for (let i = 0; i < 4; i++) yield { xs: tf.zeros([3]), ys: tf.zeros([1]) };
});`),
    ],
    good: [
      PROGRAM(`const xs = tf.data.array([[1, 2, 3], [4, 5, 6]]);
const ys = tf.data.array([[1], [2]]);
const dataset = tf.data.zip({ xs, ys }).shuffle(2).batch(2);`),
      PROGRAM(`const dataset = tf.data.generator(function* () {
  for (let i = 0; i < 4; i++) yield { xs: tf.zeros([8, 3]), ys: tf.zeros([8, 1]) };
});`),
    ],
  },
  report: fault => {
    const { side, got } = fault.detail;
    const given = fault.anchors?.['argument:dataset'];
    return {
      message: `The dataset gives \`${fault.callee}\` single examples: \`${side}\` is ${got}, no batch. Put \`.batch(32)\` behind it.`,
      span: given ?? fault.place,
      related: relatedOf(fault),
      fixes: [
        given
          ? fix('Batch the dataset', { span: { start: given.end, end: given.end }, newText: '.batch(32)' })
          : undefined,
      ],
    };
  },
});
