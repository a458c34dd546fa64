// Datasets of `tf.data`, written as code for the checker and run by the real TensorFlow.js in the same run: what an element
// looks like, and `fitDataset` on it: what the checker calls an error throws.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { interpret } from '../../../src/infer/interpret';
import type { SourceParser } from '../../../src/parse/grammar';
import { isRanked } from '../../../src/ir/shape';
import { diagnose } from '../../../src/rules';
import { parserOf } from '../../unit/parse/parsers';

type Run = (library: typeof tf) => Promise<unknown>;
const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => Run;

/** Expressions for datasets. */
const DATASETS: Readonly<Record<string, string>> = {
  'numbers in batches': 'tf.data.array([1, 2, 3, 4]).batch(2)',
  'arrays in batches': 'tf.data.array([[1, 2], [3, 4], [5, 6]]).batch(2)',
  'arrays of arrays': 'tf.data.array([[[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4], [5, 6]]]).batch(2)',
  'objects of numbers and arrays': 'tf.data.array([{ xs: [1, 2, 3], ys: 1 }, { xs: [4, 5, 6], ys: 0 }]).batch(2)',
  'objects of tensors':
    'tf.data.array([{ xs: tf.zeros([3, 2]), ys: tf.zeros([]) }, { xs: tf.zeros([3, 2]), ys: tf.zeros([]) }]).batch(2)',
  'without a batch': 'tf.data.array([{ xs: tf.zeros([3]), ys: tf.zeros([1]) }])',
  'zipped by name': 'tf.data.zip({ xs: tf.data.array([[1, 2], [3, 4]]), ys: tf.data.array([1, 2]) }).batch(2)',
  'zipped in an array, then named':
    'tf.data.zip([tf.data.array([[1, 2], [3, 4]]), tf.data.array([1, 2])]).map(([xs, ys]) => ({ xs, ys })).batch(2)',
  'mapped, shuffled, repeated, taken, prefetched':
    'tf.data.array([1, 2, 3, 4]).map(x => ({ xs: [x, x * x], ys: [x] })).shuffle(4).repeat(2).take(6).prefetch(1).batch(3)',
  'mapped after the batch':
    'tf.data.array([[1, 2, 3, 4], [5, 6, 7, 8]]).batch(2).map(x => ({ xs: x.reshape([-1, 2, 2]), ys: x.sum(1, true) }))',
  'a generator function': `tf.data.generator(function* () {
  for (let i = 0; i < 4; i++) yield { xs: tf.ones([5]), ys: i };
}).batch(2)`,
  'a function that gives an iterator': `tf.data.generator(() => {
  let i = 0;
  return { next: () => ({ value: { xs: [i, i, i], ys: [i] }, done: ++i > 4 }) };
}).batch(2)`,
  concatenated: 'tf.data.array([[1, 2], [3, 4]]).concatenate(tf.data.array([[5, 6]])).batch(3)',
  'filtered and skipped': 'tf.data.array([1, 2, 3, 4]).filter(x => x > 1).skip(1).batch(2)',
  'only whole batches': 'tf.data.array([[1], [2], [3]]).batch(2, false)',
  'mapped by an asynchronous function': 'tf.data.array([1, 2]).mapAsync(async x => ({ xs: [x, x], ys: [x] })).batch(2)',
  'nested objects':
    'tf.data.array([{ xs: { a: 1, b: [1, 2] }, ys: { c: 3 } }, { xs: { a: 1, b: [1, 2] }, ys: { c: 3 } }]).batch(2)',
};

type Shape = readonly (number | null)[];
type Form = { readonly [key: string]: Form } | Shape | string;

const isShape = (form: Form): form is Shape => Array.isArray(form);

/** Shapes of the tensors; lengths of a batch, which may differ from one to the next, are null where `open`. */
function formOf(value: unknown): Form {
  if (value instanceof tf.Tensor) return (value as tf.Tensor).shape;
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>).map(([key, v]): [string, Form] => [key, formOf(v)]),
    );
  return typeof value;
}

/** Compared up to lengths that the checker leaves open. */
function fits(ours: Form, real: Form, path = ''): void {
  if (isShape(ours)) {
    assert.ok(isShape(real), path);
    assert.equal(ours.length, real.length, `${path}: rank`);
    ours.forEach((d, i) => {
      if (d !== null) assert.equal(d, real[i], `${path}: axis ${i}`);
    });
  } else if (typeof ours === 'object') {
    assert.deepEqual(Object.keys(ours), Object.keys(real), path);
    for (const [key, inner] of Object.entries(ours))
      fits(inner, (real as Record<string, Form>)[key]!, `${path}.${key}`);
  }
}

const LOSSES = ['meanSquaredError', 'binaryCrossentropy', 'categoricalCrossentropy', 'sparseCategoricalCrossentropy'];
const FEATURES = ['[4]', '[5]', '[2, 4]', '[]'];
const LABELS = ['[1]', '[3]', '[2]', '[]'];
const INPUTS = [
  'tf.layers.dense({ units: 3, inputShape: [4] })',
  'tf.layers.flatten({ inputShape: [2, 4] }), tf.layers.dense({ units: 3 })',
  'tf.layers.lstm({ units: 3, inputShape: [2, 4] })',
  'tf.layers.reshape({ targetShape: [4], inputShape: [4] }), tf.layers.dense({ units: 1 })',
];

describe('tf.data against TensorFlow.js itself', function () {
  this.timeout(120_000);
  let parser: SourceParser;
  before(async () => {
    parser = await parserOf('javascript');
    await tf.setBackend('cpu');
  });
  afterEach(() => tf.disposeVariables());

  const analysed = (code: string) => {
    const text = `import * as tf from '@tensorflow/tfjs';\n${code}\n`;
    const program = parser.parse(text);
    const facts = interpret(program);
    return { facts, diagnostics: diagnose({ text, language: program.language, program, facts }) };
  };

  /** The shape of what `forEachAsync` sees, through a layer that takes any. */
  const seenBy = (dataset: string, path: string): readonly (number | null)[] => {
    const probe = `tf.layers.activation({ activation: 'linear' }).apply(element${path})`;
    const { facts } = analysed(`await (${dataset}).forEachAsync(element => ${probe});`);
    const input = facts.layerCalls.at(-1)?.inputs[0];
    assert.ok(input && isRanked(input), `${dataset}: ${path} is not known`);
    return input.dims.map(d => (d.kind === 'known' ? d.value : null));
  };

  for (const [what, dataset] of Object.entries(DATASETS)) {
    it(`an element: ${what}`, async () => {
      const run = new AsyncFunction('tf', `return (await (${dataset}).take(1).toArray())[0];`);
      const real = formOf(await run(tf));
      const probe = (form: Form, path: string): Form =>
        isShape(form) || typeof form === 'string'
          ? seenBy(dataset, path)
          : Object.fromEntries(Object.entries(form).map(([key, inner]) => [key, probe(inner, `${path}.${key}`)]));
      fits(probe(real, ''), real);
    });
  }

  for (const layers of INPUTS) {
    it(`fitDataset of ${layers}`, async () => {
      let [wrong, right] = [0, 0];
      for (const loss of LOSSES) {
        for (const features of FEATURES) {
          for (const labels of LABELS) {
            for (const batch of ['.batch(6)', '']) {
              const code = `const model = tf.sequential({ layers: [${layers}] });
model.compile({ optimizer: 'sgd', loss: '${loss}' });
const one = () => ({ xs: tf.zeros(${features}), ys: tf.zeros(${labels}) });
const dataset = tf.data.array([one(), one(), one(), one(), one(), one()])${batch};
await model.fitDataset(dataset, { epochs: 1, verbose: 0 });`;
              const errors = analysed(code).diagnostics.filter(d => d.severity === 'error');
              const thrown = await new AsyncFunction('tf', code)(tf).then(
                () => undefined,
                (error: unknown) => String(error),
              );
              if (thrown === undefined) {
                right++;
                assert.deepEqual(
                  errors.map(d => d.message),
                  [],
                  `runs:\n${code}`,
                );
              } else if (errors.length > 0) wrong++;
              tf.disposeVariables();
            }
          }
        }
      }
      assert.ok(right > 0 && wrong > 60, `${right} run, ${wrong} are known to throw`);
    });
  }

  const TRAIN = (dataset: string, more = ', { epochs: 1 }'): string => `
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fitDataset(${dataset}${more});`;
  const GOOD = 'tf.data.array([{ xs: [1, 2], ys: [1] }, { xs: [3, 4], ys: [2] }]).batch(2)';
  const THROWS: Readonly<Record<string, readonly [code: string, rule: string]>> = {
    'elements in an array': [
      TRAIN('tf.data.zip([tf.data.array([[1, 2]]), tf.data.array([[1]])]).batch(1)'),
      'argument-invalid',
    ],
    'elements under other names': [TRAIN('tf.data.array([{ x: [1, 2], y: [1] }]).batch(1)'), 'argument-invalid'],
    'features by column': [
      TRAIN('tf.data.array([{ xs: { a: 1, b: 2 }, ys: { price: 1 } }]).batch(1)'),
      'argument-invalid',
    ],
    'too many tensors': [
      TRAIN('tf.data.array([1]).map(() => ({ xs: [tf.ones([1, 2]), tf.ones([1, 2])], ys: tf.ones([1, 1]) }))'),
      'argument-invalid',
    ],
    'no epochs': [TRAIN(GOOD, ', {}'), 'argument-missing'],
    'no options': [TRAIN(GOOD, ''), 'argument-missing'],
    'a batch of nothing': ['tf.data.array([1]).batch(0);', 'argument-invalid'],
    'single examples for a validation': [
      TRAIN(GOOD, ', { epochs: 1, validationData: tf.data.array([{ xs: [1, 2], ys: [1] }]) }'),
      'dataset-not-batched',
    ],
    'single examples for an evaluation': [
      TRAIN(GOOD).replace(
        /await model\.fitDataset\(.*\);/s,
        `await model.evaluateDataset(tf.data.array([{ xs: [1, 2], ys: [1] }]));`,
      ),
      'dataset-not-batched',
    ],
  };

  for (const [what, [code, rule]] of Object.entries(THROWS)) {
    it(`throws: ${what}`, async () => {
      await assert.rejects(new AsyncFunction('tf', code)(tf));
      assert.deepEqual(
        analysed(code).diagnostics.map(d => d.code),
        [rule],
      );
    });
  }

  it('columns of a file: features and labels by their configuration', () => {
    const { facts, diagnostics } = analysed(`
const columns = { columnConfigs: { a: {}, b: {}, price: { isLabel: true } }, configuredColumnsOnly: true };
const dataset = tf.data.csv('https://example.com/prices.csv', columns)
  .map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) }))
  .batch(10);
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fitDataset(dataset, { epochs: 1 });`);
    assert.deepEqual(
      diagnostics.map(d => d.message),
      [],
    );
    const shapes = facts.fits[0]!.features.concat(facts.fits[0]!.labels).map(f => f.shape);
    assert.deepEqual(
      shapes.map(s => (isRanked(s) ? s.dims.map(d => (d.kind === 'known' ? d.value : null)) : undefined)),
      [
        [null, 2],
        [null, 1],
      ],
    );
  });
});
