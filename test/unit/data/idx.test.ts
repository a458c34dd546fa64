/** IDX files written byte by byte from the format's definition, whole and damaged. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readIdx } from '../../../src/data/idx';
import { describeData, loadData, suggestConfig } from '../../../src/data/readers';
import { fails, scratch } from './files';

/** Writes an IDX file byte by byte from the format's definition, independently of the reader's tables. */
function idxFile(type: number, shape: number[], values: number[]): Buffer {
  const width = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 }[type]!;
  const bytes = Buffer.alloc(4 + 4 * shape.length + width * values.length);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((length, axis) => bytes.writeUInt32BE(length, 4 + 4 * axis));
  values.forEach((value, i) => {
    const at = 4 + 4 * shape.length + width * i;
    if (type === 8) bytes.writeUInt8(value, at);
    else if (type === 9) bytes.writeInt8(value, at);
    else if (type === 11) bytes.writeInt16BE(value, at);
    else if (type === 12) bytes.writeInt32BE(value, at);
    else if (type === 13) bytes.writeFloatBE(value, at);
    else bytes.writeDoubleBE(value, at);
  });
  return bytes;
}

describe('IDX', () => {
  const files = scratch();

  it('reads back every type and rank, plain and gzip-compressed', async () => {
    const ranges: Record<number, [number, number]> = {
      8: [0, 255],
      9: [-128, 127],
      11: [-32768, 32767],
      12: [-(2 ** 31), 2 ** 31 - 1],
      13: [-1e6, 1e6],
      14: [-1e6, 1e6],
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(8, 9, 11, 12, 13, 14),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        async (type, shape, zipped, numbers) => {
          const count = shape.reduce((a, b) => a * b, 1);
          const [low, high] = ranges[type]!;
          const values = [...numbers.take(count)].map(n => low + (n % (high - low + 1)));
          const bytes = idxFile(type, shape, values);
          const path = files.write('any.idx', zipped ? gzipSync(bytes) : bytes);
          const array = await readIdx(path, files.context());
          assert.deepEqual(array.shape, shape);
          assert.deepEqual(
            [...array.data],
            values.map(value => (type >= 13 ? Math.fround(value) : value)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('reports every damaged byte count instead of reading on', async () => {
    const whole = idxFile(
      8,
      [5, 2, 2],
      Array.from({ length: 20 }, (_, i) => i),
    );
    const length = fc.integer({ min: 1, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(length, fc.boolean(), async (length, zipped) => {
        const cut = whole.subarray(0, length);
        const path = files.write('cut.idx', zipped ? gzipSync(cut) : cut);
        await fails(readIdx(path, files.context()), 'cut.idx', /ends|promises|holds/);
      }),
      { numRuns: 40 },
    );
    await fails(
      readIdx(files.write('cut.idx', gzipSync(whole).subarray(0, 30)), files.context()),
      'cut.idx',
      /too early|damaged/,
    );
    await fails(
      readIdx(files.write('long.idx', Buffer.concat([whole, Buffer.from([1])])), files.context()),
      'long.idx',
      /more data/,
      { offset: 36 },
    );
    const truncated = idxFile(
      8,
      [5, 2, 2],
      Array.from({ length: 20 }, (_, i) => i),
    ).subarray(0, 16 + 10);
    await fails(
      readIdx(files.write('t.idx.gz', gzipSync(truncated)), files.context()),
      't.idx.gz',
      /after 2 of 5 samples/,
      { offset: 26 },
    );
  });

  it('refuses a header that claims more than the file can hold, without allocating', async () => {
    const huge = Buffer.from([0, 0, 14, 4, ...Array<number>(16).fill(0xff), 1, 2, 3]);
    const before = process.memoryUsage().arrayBuffers;
    await fails(readIdx(files.write('huge.idx', huge), files.context()), 'huge.idx', /promises/, { offset: 4 });
    await fails(readIdx(files.write('huge.gz', gzipSync(huge)), files.context()), 'huge.gz', /promises/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 24);
    const zeros = gzipSync(Buffer.concat([Buffer.from([0, 0, 8, 2, 0, 0, 4, 0, 0, 0, 4, 0]), Buffer.alloc(2 ** 20)]));
    await fails(
      readIdx(files.write('bomb.gz', zeros), { folder: '', memoryLimit: 2 ** 19 }),
      'bomb.gz',
      /1\.0 MB of memory, the limit is 512\.0 KB/,
    );
  });

  it('names what is wrong with a file that is none', async () => {
    await fails(
      readIdx(files.write('page.idx', '<html>not found</html>'), files.context()),
      'page.idx',
      /not an IDX file/,
      { offset: 0 },
    );
    await fails(readIdx(files.write('empty.idx', ''), files.context()), 'empty.idx', /empty/);
    await fails(readIdx(join(files.folder(), 'gone.idx'), files.context()), 'gone.idx', /no such file/);
    mkdirSync(join(files.folder(), 'folder.idx'));
    await fails(readIdx(join(files.folder(), 'folder.idx'), files.context()), 'folder.idx', /a folder, not a file/);
    files.write('train-images.idx.gz', gzipSync(idxFile(8, [1, 1], [1])));
    await fails(
      readIdx(join(files.folder(), 'train-images.idx'), files.context()),
      'train-images.idx',
      /Did you mean "train-images\.idx\.gz"\?/,
    );
  });

  it('says so when the file may not be read', async function () {
    const path = files.write('locked.idx', idxFile(8, [1], [1]));
    chmodSync(path, 0);
    // Root may read everything.
    if (process.getuid?.() === 0) this.skip();
    await fails(readIdx(path, files.context()), 'locked.idx', /no permission/);
  });

  it('pairs images with labels, checks their counts, and describes them by the headers', async () => {
    files.write(
      'train-images-idx3-ubyte',
      idxFile(
        8,
        [4, 2, 2],
        Array.from({ length: 16 }, (_, i) => i),
      ),
    );
    files.write('train-labels-idx1-ubyte', idxFile(8, [4], [1, 0, 1, 2]));
    files.write('test-labels', idxFile(8, [3], [0, 0, 0]));
    const config = await suggestConfig(join(files.folder(), 'train-images-idx3-ubyte'));
    assert.deepEqual(config, {
      reader: 'idx',
      x: join(files.folder(), 'train-images-idx3-ubyte'),
      y: join(files.folder(), 'train-labels-idx1-ubyte'),
      scale: 1 / 255,
    });
    const description = await describeData(config, files.context());
    assert.deepEqual(description.x, { shape: [4, 2, 2], dtype: 'float32' });
    assert.deepEqual(description.y, { shape: [4], dtype: 'uint8', minimum: 0, maximum: 2 });
    assert.deepEqual(description.balance, [
      { label: '0', count: 1 },
      { label: '1', count: 2 },
      { label: '2', count: 1 },
    ]);
    const { train } = await loadData({ ...config, limit: 2, reshape: [2, 2, 1], oneHot: true }, files.context());
    assert.deepEqual(train.x.shape, [2, 2, 2, 1]);
    assert.equal(train.x.data[7], Math.fround(7 / 255));
    assert.deepEqual([...train.y!.data], [0, 1, 1, 0]);
    await fails(loadData({ ...config, y: 'test-labels' }, files.context()), 'test-labels', /3 labels.*4 samples/);
  });
});
