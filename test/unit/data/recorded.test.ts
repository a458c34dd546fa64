/** Our readers against what numpy, pandas, Keras and TensorFlow wrote and read: test/oracle/data/record.py. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataArray, DataSet } from '../../../src/data/dataset';
import { resize } from '../../../src/data/image-folder';
import { describeData, loadData } from '../../../src/data/readers';
import { splitIndices } from '../../../src/data/split';
import { oneHot, transform } from '../../../src/data/transform';
import { fails } from './files';

interface Facts {
  shape: number[];
  values: number[];
}

interface Recorded {
  npy: Record<string, Facts>;
  npyText: string[];
  npz: Record<string, Facts>;
  mnist: { train: [Facts, Facts]; test: [Facts, Facts] };
  table: {
    length: number[];
    count: number[];
    colour: number[];
    colourNames: string[];
    kind: number[];
    kindNames: string[];
    oneHot: number[][];
  };
  holes: { mean: number[]; dropped: number[] };
  normalized: Facts;
  toCategorical: Facts;
  validationSplit: { samples: number; fraction: number; validation: number[] };
  resize: { image: Facts; resized: Facts };
  windows: { tokens: number; length: number; step: number; x: number[][]; y: number[] };
}

const folder = fileURLToPath(new URL('../../oracle/data/', import.meta.url));
const recorded = JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')) as Recorded;
const context = { folder: join(folder, 'files') };
const load = async (config: Record<string, unknown>): Promise<DataSet> =>
  (await loadData(config as never, context)).train;

function same(array: DataArray, { shape, values }: Facts): void {
  assert.deepEqual(array.shape, shape);
  assert.deepEqual([...array.data], array.dtype === 'float32' ? values.map(Math.fround) : values);
}

describe('files written by numpy, pandas and Keras', () => {
  for (const [name, facts] of Object.entries(recorded.npy)) {
    it(`${name} holds what numpy wrote`, async () => same((await load({ reader: 'npy', x: name })).x, facts));
  }

  it('text arrays are classes; objects, complex numbers, structures and single numbers are refused', async () => {
    const set = await load({ reader: 'npy', x: 'le-f4.npy', y: 'bytes.npy' });
    assert.deepEqual(
      [set.classes, [...set.y!.data]],
      [
        ['ash', 'elm', 'oak'],
        [2, 0, 1],
      ],
    );
    const text = await load({ reader: 'npy', x: 'text.npy' });
    assert.deepEqual(
      [...text.x.data],
      recorded.npyText.map(word => [...new Set(recorded.npyText)].sort().indexOf(word)),
    );
    const refused = { objects: /pickle/, complex: /"<c16"/, structured: /structured array/, scalar: /single number/ };
    for (const [name, problem] of Object.entries(refused)) {
      await fails(load({ reader: 'npy', x: `${name}.npy` }), `${name}.npy`, problem);
    }
  });

  for (const file of ['stored.npz', 'compressed.npz']) {
    it(`${file} holds the arrays, its test part is for validation`, async () => {
      const { train, validation } = await loadData({ reader: 'npz', file }, context);
      same(train.x, recorded.npz['x_train']!);
      same(train.y!, recorded.npz['y_train']!);
      same(validation!.x, recorded.npz['x_test']!);
    });
  }

  it('mnist.npz reads as keras.datasets.mnist.load_data() reads it', async () => {
    const { train, validation } = await loadData({ reader: 'keras', dataset: 'mnist' }, context);
    [train.x, train.y!].forEach((array, i) => same(array, recorded.mnist.train[i]!));
    [validation!.x, validation!.y!].forEach((array, i) => same(array, recorded.mnist.test[i]!));
    same((await load({ reader: 'idx', x: 'images.idx.gz' })).x, recorded.npz['x_train']!);
  });

  for (const file of ['plain.csv', 'index.csv', 'semicolon.csv', 'table.tsv', 'table.csv.gz', 'table.jsonl']) {
    it(`${file} gives the columns and categories pandas has`, async () => {
      const { length, count, colour, colourNames, kind, kindNames } = recorded.table;
      const config = {
        reader: file.endsWith('jsonl') ? 'jsonl' : 'csv',
        file,
        label: 'kind',
        categorical: ['colour'],
        ...(file === 'semicolon.csv' && { decimal: ',' }),
      };
      const set = await load(config);
      assert.deepEqual(set.features, ['length', 'count', 'colour']);
      assert.deepEqual([...set.x.data], length.flatMap((value, i) => [value, count[i]!, colour[i]!]).map(Math.fround));
      assert.deepEqual([set.classes, set.categories!['colour'], [...set.y!.data]], [kindNames, colourNames, kind]);
      const description = await describeData(config, context);
      assert.deepEqual([description.samples, description.x.shape, description.classes], [8, [8, 3], kindNames]);
    });
  }

  it('one-hot columns are pandas.get_dummies', async () => {
    const set = await load({
      reader: 'csv',
      file: 'plain.csv',
      label: 'kind',
      features: ['colour'],
      oneHotColumns: ['colour'],
    });
    assert.deepEqual([...set.x.data], recorded.table.oneHot.flat());
  });

  it('missing numbers are filled or dropped as pandas does', async () => {
    const config = { reader: 'csv', file: 'holes.csv', label: 'kind', features: ['length'] };
    assert.deepEqual([...(await load({ ...config, missing: 'mean' })).x.data], recorded.holes.mean.map(Math.fround));
    assert.deepEqual([...(await load({ ...config, missing: 'drop' })).x.data], recorded.holes.dropped.map(Math.fround));
    await fails(load(config), 'holes.csv', /missing/, { row: 4, column: 'length' });
  });
});

describe('transforms against Keras', () => {
  it('standardize is keras.layers.Normalization', async () => {
    const { x } = await load({ reader: 'npy', x: 'features.npy', standardize: true });
    x.data.forEach((value, i) =>
      assert.ok(
        Math.abs(value - recorded.normalized.values[i]!) < 2e-6,
        `${value} against ${recorded.normalized.values[i]}`,
      ),
    );
  });

  it('oneHot is keras.utils.to_categorical', async () => {
    const y = (await load({ reader: 'npz', file: 'stored.npz' })).y!;
    same(oneHot(y, 3, 'labels', context), recorded.toCategorical);
    assert.deepEqual(
      transform({ x: y, y, source: '' }, { oneHot: true }, context).y!.data,
      Uint8Array.from(recorded.toCategorical.values),
    );
  });

  it('the "end" split is Keras\'s validation_split', () => {
    const { samples, fraction, validation } = recorded.validationSplit;
    assert.deepEqual([...splitIndices(samples, fraction, 'end').validation], validation);
  });

  it('resizing is tf.image.resize to within rounding', () => {
    const { image, resized } = recorded.resize;
    const [height, width, channels] = image.shape as [number, number, number];
    const out = new Uint8Array(resized.values.length);
    resize(
      Uint8Array.from(image.values),
      { height, width },
      { height: resized.shape[0]!, width: resized.shape[1]! },
      channels,
      out,
    );
    out.forEach((value, i) =>
      assert.ok(Math.abs(value - resized.values[i]!) <= 0.5001, `${value} against ${resized.values[i]}`),
    );
  });

  it('windows of text are those of keras.utils.timeseries_dataset_from_array', async () => {
    const { tokens, length, step, x, y } = recorded.windows;
    const scratch = mkdtempSync(join(tmpdir(), 'modelwright-windows-'));
    try {
      // Characters in ascending order, so that a character's index is its position.
      writeFileSync(
        join(scratch, 'text.txt'),
        String.fromCharCode(...Array.from({ length: tokens }, (_, i) => 97 + i)),
      );
      const { train } = await loadData(
        { reader: 'text', file: 'text.txt', sequenceLength: length, step },
        { folder: scratch },
      );
      assert.deepEqual([...train.x.data], x.flat());
      assert.deepEqual([...train.y!.data], y);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
