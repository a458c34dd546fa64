/** CSV and TSV: what is read, and that everything else is named by row and column. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { inferDelimiter } from '../../../src/data/csv';
import type { DataSet } from '../../../src/data/dataset';
import { describeData, loadData, suggestConfig } from '../../../src/data/readers';
import { numberFromText } from '../../../src/data/table-source';
import { fails, scratch } from './files';

describe('CSV', () => {
  const files = scratch();
  const load = async (
    content: string | Uint8Array,
    options: Record<string, unknown> = {},
    name = 'any.csv',
  ): Promise<DataSet> => {
    files.write(name, content);
    return (await loadData({ reader: 'csv', file: name, ...options }, files.context())).train;
  };
  const rows = ({ x }: DataSet): number[][] =>
    Array.from({ length: x.shape[0]! }, (_, i) => [...x.data.subarray(i * x.shape[1]!, (i + 1) * x.shape[1]!)]);

  it('reads numbers and sorts text labels into classes', async () => {
    const set = await load('width,height,species\n1.5,2,setosa\n-3e2,.5,virginica\n0,7,setosa\n');
    assert.deepEqual(rows(set), [
      [1.5, 2],
      [-300, 0.5],
      [0, 7],
    ]);
    assert.deepEqual(set.features, ['width', 'height']);
    assert.deepEqual(set.classes, ['setosa', 'virginica']);
    assert.deepEqual(set.y, { dtype: 'int32', shape: [3], data: Int32Array.from([0, 1, 0]) });
  });

  it('reads back whatever a table of numbers and quoted texts holds, with any delimiter', async () => {
    const text = fc
      .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'b', '"', ',', ';', '\n', 'ü', ' ', '\t') })
      .map(s => `t${s}t`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1000, max: 1000 }), text),
          { minLength: 1, maxLength: 12 },
        ),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (table, delimiter, end, bom) => {
          const quoted = (cell: string): string => `"${cell.replace(/"/g, '""')}"`;
          const lines = [['a', 'b', 'label'], ...table.map(([a, b, c]) => [String(a), String(b), quoted(c)])];
          const set = await load((bom ? '\ufeff' : '') + lines.map(line => line.join(delimiter)).join(end), {
            delimiter,
          });
          assert.deepEqual(
            rows(set),
            table.map(([a, b]) => [Math.fround(a) + 0, b]),
          );
          assert.deepEqual(
            [...set.y!.data].map(index => set.classes![index]),
            table.map(([, , c]) => c),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('infers delimiter and header', async () => {
    assert.equal(inferDelimiter('a;b;c\n1,5;2,5;3\n4;5;6\n'), ';');
    assert.equal(inferDelimiter('name\tnote\nx\thello, world, again\ny\tone, two\n'), '\t');
    assert.equal(inferDelimiter('"a,b"|2\n"c"|3\n'), '|');
    const bare = await load('5.1,3.5,0\n4.9,3.0,1\n');
    assert.deepEqual(rows(bare), [
      [Math.fround(5.1), 3.5],
      [Math.fround(4.9), 3],
    ]);
    assert.deepEqual([...bare.y!.data], [0, 1]);
    assert.deepEqual((await load('a b c\n1\n2\n')).features, ['a b c']);
    const comma = await load('a;b\n1,5;0\n2,5;1\n', { decimal: ',' });
    assert.deepEqual(rows(comma), [[1.5], [2.5]]);
  });

  it('encodes categorical features, as indices or one column each', async () => {
    const content = 'color,size,price\nred,10,1.5\nblue,9,2\nred,10,3\n';
    const plain = await load(content, { categorical: ['size'] });
    assert.deepEqual(rows(plain), [
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
    assert.deepEqual(plain.categories, { color: ['blue', 'red'], size: ['9', '10'] });
    const wide = await load(content, { oneHotColumns: ['color'] });
    assert.deepEqual(wide.features, ['color=blue', 'color=red', 'size']);
    assert.deepEqual(rows(wide), [
      [0, 1, 10],
      [1, 0, 9],
      [0, 1, 10],
    ]);
    assert.deepEqual(wide.y!.dtype, 'float32');
  });

  it('reports a missing value by row and column, or treats it as told', async () => {
    const content = 'a,b,y\n1,2,0\n3,NA,1\n5,6,1\n,8,0\n';
    await fails(load(content), 'any.csv', /missing.*"drop"/, { row: 3, column: 'b' });
    assert.deepEqual(rows(await load(content, { missing: 'drop' })), [
      [1, 2],
      [5, 6],
    ]);
    assert.deepEqual(rows(await load(content, { missing: 'mean' })), [
      [1, 2],
      [3, Math.fround(16 / 3)],
      [5, 6],
      [3, 8],
    ]);
    assert.deepEqual(rows(await load(content, { missing: -1 })), [
      [1, 2],
      [3, -1],
      [5, 6],
      [-1, 8],
    ]);
    await fails(load('a,y\n?,1\n2,0\n', { missingValues: ['?'] }), 'any.csv', /missing/, { row: 2, column: 'a' });
    await fails(load('a,y\n1,\n2,0\n', { missing: 'mean' }), 'any.csv', /label is missing/, { row: 2, column: 'y' });
    await fails(load('a,y\n,1\n,0\n', { missing: 'drop' }), 'any.csv', /every row has a missing value/);
  });

  it('names row and column of everything that is not a number', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `${i},${i % 2}`).join('\n');
    await fails(load(`a,y\n${many}\nabout 7,1\n`), 'any.csv', /"about 7" is not a number/, { row: 3002, column: 'a' });
    await fails(load(`a,y\n${many}\n0x10,1\n`), 'any.csv', /"0x10" is not a number/, { row: 3002 });
    await fails(load(`a;y\n${many.replace(/,/g, ';')}\n1,5;1\n`), 'any.csv', /"1,5" is not a number.*"decimal"/, {
      row: 3002,
    });
    await fails(load('a,b,y\n1,2,3\n1,2\n'), 'any.csv', /2 values, the first row has 3/, { row: 3 });
    await fails(load('a,b,y\n1,2,3\n\n1,2,3,4\n'), 'any.csv', /4 values/, { row: 4 });
    await fails(load('a,y\n"1,2\n3,4\n'), 'any.csv', /never closed/);
    await fails(
      load('name,y\n' + Array.from({ length: 500 }, (_, i) => `person ${i},1`).join('\n')),
      'any.csv',
      /no category.*"ignore"/,
      { column: 'name' },
    );
  });

  it('names what is wrong with a file that is no table', async () => {
    await fails(load('<!DOCTYPE html><html></html>'), 'any.csv', /web page/);
    await fails(load(Uint8Array.from([1, 0, 2, 0])), 'any.csv', /binary/, { offset: 1 });
    await fails(load('a,b,y\n'), 'any.csv', /no rows/);
    await fails(load('\n\n\n'), 'any.csv', /blank lines/);
    await fails(load(''), 'any.csv', /empty/);
    await fails(load('a,y\n1,2\n', { label: 'Y' }), 'any.csv', /no column "Y".*Did you mean "y"/);
    await fails(load('a,y\n1,2\n', { label: 5 }), 'any.csv', /no column 5.*0 to 1/);
    await fails(load('a,y\n1,2\n', { features: ['b'] }), 'any.csv', /The columns are: a, y/);
  });

  it('reads gzip, UTF-16 and Windows line ends, and leaves out the index pandas writes', async () => {
    assert.deepEqual(rows(await load(gzipSync('a,y\r\n1,2\r\n'))), [[1]]);
    assert.deepEqual((await load(Buffer.from('\ufeffgrün,y\n1,2\n', 'utf16le'))).features, ['grün']);
    assert.deepEqual((await load(',a,y\n0,5,1\n1,6,0\n')).features, ['a']);
    assert.deepEqual((await load('a,a,y\n0,5,1\n')).features, ['a', 'a.1']);
  });

  it('gives the validation file the categories, classes and means of the training file', async () => {
    files.write('train.csv', 'c,n,y\nred,1,yes\nblue,,no\nred,3,no\n');
    files.write('test.csv', 'c,n,y\nblue,,yes\n');
    files.write('other.csv', 'c,n,y\ngreen,1,yes\n');
    const config = { reader: 'csv', file: 'train.csv', missing: 'mean', standardize: true };
    const { train, validation } = await loadData({ ...config, validation: { file: 'test.csv' } }, files.context());
    assert.deepEqual(train.classes, ['no', 'yes']);
    assert.deepEqual([...validation!.y!.data], [1]);
    // "blue" is 0 with mean 2/3; the missing n becomes the training mean 2, which standardizes to 0.
    assert.ok(Math.abs(validation!.x.data[0]! - (0 - 2 / 3) / Math.sqrt(2 / 9)) < 1e-6);
    assert.equal(validation!.x.data[1], 0);
    await fails(
      loadData({ ...config, validation: { file: 'other.csv' } }, files.context()),
      'other.csv',
      /"green" is none of the known values "blue", "red"/,
      { row: 2, column: 'c' },
    );
  });

  it('describes a big file by its first rows', async () => {
    const path = files.write(
      'big.csv',
      `a,b,y\n${Array.from({ length: 20000 }, (_, i) => `${1000 + (i % 9000)},0.5,c${i % 3}`).join('\n')}\n`,
    );
    const description = await describeData({ reader: 'csv', file: 'big.csv' }, files.context());
    assert.equal(description.samplesEstimated, true);
    assert.ok(Math.abs(description.samples! - 20000) < 400, String(description.samples));
    assert.deepEqual(description.classes, ['c0', 'c1', 'c2']);
    assert.deepEqual(
      description.columns!.map(({ name, kind }) => [name, kind]),
      [
        ['a', 'integer'],
        ['b', 'number'],
        ['y', 'category'],
      ],
    );
    assert.deepEqual(await suggestConfig(path), { reader: 'csv', file: path, label: 'y' });
    const { train } = await loadData({ reader: 'csv', file: 'big.csv', limit: 7 }, files.context());
    assert.deepEqual(train.x.shape, [7, 2]);
  });

  it('stays within its memory limit', async () => {
    const header = Array.from({ length: 50 }, (_, i) => `c${i}`).join(',');
    const line = Array(50).fill('1').join(',');
    files.write('wide.csv', `${header}\n${`${line}\n`.repeat(9000)}`);
    await fails(
      loadData({ reader: 'csv', file: 'wide.csv' }, { folder: files.folder(), memoryLimit: 2 ** 20 }),
      'wide.csv',
      /limit is 1\.0 MB.*"limit"/,
    );
  });
});

describe('numbers in tables', () => {
  it('are what people write, not what JavaScript accepts', () => {
    const parse = numberFromText('.');
    const good: Record<string, number> = {
      7: 7,
      '-3.5': -3.5,
      '+2': 2,
      '.5': 0.5,
      '5.': 5,
      '1e3': 1000,
      '2.5E-1': 0.25,
      ' 4 ': 4,
    };
    for (const [text, value] of Object.entries(good)) assert.equal(parse(text), value, text);
    for (const text of ['', ' ', '0x10', '0b1', '0o7', '1,5', '1_000', 'e5', '--1', 'abc', '٣'])
      assert.ok(Number.isNaN(parse(text)), text);
    // Infinite values are no missing values: the caller reports them by their row.
    assert.ok(!Number.isFinite(parse('Infinity')));
    assert.equal(numberFromText(',')('-1,25'), -1.25);
  });
});
