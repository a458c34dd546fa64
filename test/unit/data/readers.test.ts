/** The index of the readers, the check of configurations, and the transforms. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataSet } from '../../../src/data/dataset';
import { loadData, readerOf, readers, sharedKeys, suggestConfig } from '../../../src/data/readers';
import { dataMarkdown, dataSchema } from '../../../src/data/schema';
import { transform } from '../../../src/data/transform';
import { fails, scratch } from './files';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('readers', () => {
  const files = scratch();

  it('are all in the index, with an example that validates and keys that do not clash', async () => {
    const sources = await Promise.all(
      (await readdir(join(root, 'src/data'))).map(name => readFile(join(root, 'src/data', name), 'utf8')),
    );
    const declared = sources.flatMap(source =>
      [...source.matchAll(/: Reader = \{\s+id: '([^']+)'/g)].map(found => found[1]!),
    );
    assert.deepEqual(declared.sort(), readers.map(({ id }) => id).sort());
    for (const reader of readers) {
      assert.equal(readerOf(reader.example), reader);
      const names = reader.keys.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
    }
  });

  it('reject unknown readers, unknown keys, missing keys and wrong types before touching a file', async () => {
    const check = (config: Record<string, unknown>): Promise<unknown> => loadData(config as never, files.context());
    await fails(check({ reader: 'cvs', file: 'a' }), 'training configuration', /no reader "cvs".*Did you mean "csv"\?/);
    await fails(check({}), 'training configuration', /no reader/);
    await fails(
      check({ reader: 'csv', file: 'a', labels: 'y' }),
      'training configuration',
      /no key "labels".*Did you mean "label"\?/,
    );
    await fails(check({ reader: 'idx' }), 'training configuration', /needs "x"/);
    await fails(
      check({ reader: 'csv', file: 'a', validation: 1 }),
      'training configuration',
      /"validation" must be a number above 0 and below 1 or an object/,
    );
    await fails(
      check({ reader: 'csv', file: 'a', limit: 2.5 }),
      'training configuration',
      /"limit" must be a whole number 1 or more/,
    );
    await fails(
      check({ reader: 'csv', file: 'a', features: 'b' }),
      'training configuration',
      /"features" must be a list/,
    );
    await fails(
      check({ reader: 'keras', dataset: 'imdb' }),
      'training configuration',
      /one of "mnist", "fashion_mnist"/,
    );
    await fails(
      check({ reader: 'csv', file: files.write('a.csv', 'a,y\n1,2\n'), validation: { fil: 'b.csv' } }),
      'training configuration',
      /no key "fil"/,
    );
  });

  it('say what they know when a picked file is of no known kind', async () => {
    await fails(suggestConfig(files.write('model.h5', '\x89HDF\r\n\x1a\n')), 'model.h5', /no reader knows.*NPZ.*CSV/);
    await fails(suggestConfig(files.folder()), files.folder(), /no image folders/);
    await fails(suggestConfig(join(files.folder(), 'gone.csv')), 'gone.csv', /no such file/);
  });

  it('find mnist.npz near the configuration, and say where they looked', async () => {
    const missing = join(files.folder(), 'empty', 'project');
    mkdirSync(missing, { recursive: true });
    const before = process.env['KERAS_HOME'];
    process.env['KERAS_HOME'] = missing;
    try {
      await fails(
        loadData({ reader: 'keras', dataset: 'mnist' }, { folder: missing }),
        'mnist.npz',
        /not on this machine.*Looked in .*datasets/,
      );
    } finally {
      if (before === undefined) delete process.env['KERAS_HOME'];
      else process.env['KERAS_HOME'] = before;
    }
  });

  it('report NaN in the data unless it is allowed', async () => {
    const line = '{"a": [1, 2], "y": 1}\n';
    files.write('ok.jsonl', line);
    const nan = Buffer.from(
      '\x93NUMPY\x01\x00\x36\x00{"descr": "<f4", "fortran_order": False, "shape": (2,)}'.replace(/"/g, "'"),
      'latin1',
    );
    nan.writeUInt16LE(nan.length - 10, 8);
    const values = Buffer.alloc(8);
    values.writeFloatLE(NaN, 4);
    files.write('nan.npy', Buffer.concat([nan, values]));
    await fails(
      loadData({ reader: 'npy', x: 'nan.npy' }, files.context()),
      'nan.npy',
      /x of sample 1 .* NaN.*"nonFinite": "allow"/,
    );
    const { train } = await loadData({ reader: 'npy', x: 'nan.npy', nonFinite: 'allow' }, files.context());
    assert.deepEqual([...train.x.data], [0, NaN]);
  });

  it('have a JSON Schema and a reference page that name every key', () => {
    const schema = JSON.stringify(dataSchema());
    const page = dataMarkdown();
    for (const key of [...sharedKeys, ...readers.flatMap(reader => reader.keys)]) {
      assert.ok(schema.includes(`"${key.name}":`), key.name);
      assert.ok(page.includes(`| \`${key.name}\` |`), key.name);
    }
  });
});

describe('transforms', () => {
  const set: DataSet = {
    x: { dtype: 'uint8', shape: [4, 2], data: Uint8Array.from([0, 7, 2, 7, 4, 7, 6, 7]) },
    y: { dtype: 'int32', shape: [4], data: Int32Array.from([0, 2, 1, 0]) },
    source: 'set',
  };
  const context = { folder: '' };

  it('standardize to mean 0 and variance 1 per column, a constant column to 0', () => {
    const { x } = transform(set, { standardize: true }, context);
    const expected = [-3, -1, 1, 3].map(value => value / Math.sqrt(5));
    expected.forEach((value, i) => {
      assert.ok(Math.abs(x.data[2 * i]! - value) < 1e-6);
      assert.equal(x.data[2 * i + 1], 0);
    });
  });

  it('scale, reshape, cast and make labels one-hot', () => {
    const done = transform(set, { scale: 0.5, reshape: [1, -1], oneHot: true }, context);
    assert.deepEqual(done.x, {
      dtype: 'float32',
      shape: [4, 1, 2],
      data: Float32Array.from([0, 3.5, 1, 3.5, 2, 3.5, 3, 3.5]),
    });
    assert.deepEqual(done.y, {
      dtype: 'uint8',
      shape: [4, 3],
      data: Uint8Array.from([1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0]),
    });
    assert.throws(() => transform(set, { reshape: [3] }, context), /\(2,\) has 2 values and cannot become \(3,\)/);
    assert.throws(() => transform(set, { scale: 0.3, dtype: 'int32' }, context), /does not fit "dtype": "int32"/);
  });
});
