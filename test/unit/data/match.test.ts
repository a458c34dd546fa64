/** What Keras would say of data and model at fit(), said before. */
import assert from 'node:assert/strict';
import type { DataDescription, DType } from '../../../src/data/dataset';
import { matchModel, toInputRank } from '../../../src/data/match';
import type { ModelShapes } from '../../../src/data/match';

type Sample = (number | null)[];

function data(x: Sample, y: Sample | null, range?: [number, number], dtype: DType = 'int32'): DataDescription {
  return {
    reader: 'npz',
    files: [],
    samples: 100,
    notes: [],
    x: { shape: [100, ...x], dtype: 'float32' },
    y: y && { shape: [100, ...y], dtype, ...(range && { minimum: range[0], maximum: range[1] }) },
  };
}

const model = (input: Sample, output: Sample, loss: string): ModelShapes => ({
  input: [null, ...input],
  output: [null, ...output],
  loss,
});
const sparse = 'sparse_categorical_crossentropy';

describe('data against the model', () => {
  // Each row is a fact of Keras 3.15 at fit(): accepted, raised, or accepted and silently wrong.
  const accepted: [string, DataDescription, ModelShapes][] = [
    [
      'images without a channel axis into Input (28, 28, 1)',
      data([28, 28], [], [0, 9]),
      model([28, 28, 1], [10], sparse),
    ],
    ['(n, 3, 1) into Input (3,)', data([3, 1], [1], [0, 1]), model([3], [1], 'binary_crossentropy')],
    ['single numbers into Input (1,)', data([], [], [0, 5], 'float32'), model([1], [1], 'mse')],
    ['labels (n, 1) for a sparse loss', data([4], [1], [0, 2]), model([4], [3], sparse)],
    ['one-hot labels', data([4], [3], [0, 1], 'uint8'), model([4], [3], 'categoricalCrossentropy')],
    ['labels per step of a sequence', data([20], [20], [0, 9]), model([20], [20, 10], sparse)],
    ['unknown lengths on either side', data([null, 3], [], [0, 1]), model([7, null], [null], sparse)],
    ['a custom loss', data([4], [7]), { input: [null, 4], output: [null, 3] }],
  ];
  for (const [title, description, shapes] of accepted) {
    it(`accepts ${title}`, () => assert.deepEqual(matchModel(description, shapes), []));
  }

  const refused: [string, DataDescription, ModelShapes, RegExp, 'error' | 'warning'][] = [
    [
      'images into a dense input',
      data([28, 28], [], [0, 9]),
      model([784], [10], sparse),
      /shape \(784,\), the data has \(28, 28\).*"reshape": \[784\]/,
      'error',
    ],
    [
      'a wrong number of features',
      data([5], [], [0, 1]),
      model([3], [2], sparse),
      /shape \(3,\), the data has \(5,\)/,
      'error',
    ],
    [
      'integer labels for categorical_crossentropy',
      data([4], [], [0, 2]),
      model([4], [3], 'categorical_crossentropy'),
      /one-hot labels.*"oneHot": true/,
      'error',
    ],
    [
      'one-hot labels for a sparse loss',
      data([4], [3], [0, 1], 'uint8'),
      model([4], [3], sparse),
      /one class index.*one-hot: use categorical/,
      'error',
    ],
    [
      'a label beyond the classes',
      data([4], [], [0, 9]),
      model([4], [9], sparse),
      /up to 9, the model tells 9 classes apart.*10 units/,
      'error',
    ],
    ['labels from 1', data([4], [], [1, 3]), model([4], [3], sparse), /start at 1.*"classes"/, 'error'],
    ['negative labels', data([4], [], [-1, 1]), model([4], [2], sparse), /down to -1/, 'error'],
    [
      'a wrong label width',
      data([4], [3], [0, 1], 'float32'),
      model([4], [2], 'categorical_crossentropy'),
      /output has shape \(2,\), the labels have \(3,\)/,
      'error',
    ],
    [
      'a target that MSE broadcasts silently',
      data([4], [1], [0, 5], 'float32'),
      model([4], [3], 'mean_squared_error'),
      /output has shape \(3,\), the labels have \(1,\)/,
      'warning',
    ],
    [
      'binary_crossentropy with three classes',
      data([4], [1], [0, 2]),
      model([4], [1], 'binary_crossentropy'),
      /from 0 to 1, the data has 0 to 2/,
      'warning',
    ],
    ['no labels', data([4], null), model([4], [3], sparse), /no labels/, 'error'],
  ];
  for (const [title, description, shapes, text, severity] of refused) {
    it(`finds ${title}`, () => {
      const found = matchModel(description, shapes);
      assert.equal(found.length, 1);
      assert.match(`${found[0]!.message} ${found[0]!.hint}`, text);
      assert.equal(found[0]!.severity, severity);
    });
  }

  it('gives samples the rank of the input', () => {
    const x = { dtype: 'uint8' as const, shape: [2, 3, 3], data: new Uint8Array(18) };
    assert.deepEqual(toInputRank(x, [null, 3, 3, 1]).shape, [2, 3, 3, 1]);
    assert.deepEqual(toInputRank({ ...x, shape: [2, 9, 1] }, [null, 9]).shape, [2, 9]);
    assert.equal(toInputRank(x, [null, 9]), x);
  });
});
