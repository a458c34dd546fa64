/** Image folders with an injected decoder, and resizing. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageSize, resize } from '../../../src/data/image-folder';
import { describeData, loadData } from '../../../src/data/readers';
import type { DecodeImage, ReadContext } from '../../../src/data/reader';
import { fails } from './files';

/** The header of a GIF, which is all the reader looks at; the injected decoder below makes the pixels. */
const gif = (width: number, height: number): Buffer => {
  const bytes = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
};

const decodeImage: DecodeImage = (bytes, channels) => {
  const { width, height } = imageSize(bytes)!;
  return { width, height, data: new Uint8Array(width * height * channels).fill(width) };
};

describe('image folder', () => {
  let folder = '';
  let context: ReadContext;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'modelwright-images-'));
    context = { folder, decodeImage };
    for (const [name, count] of [
      ['rose', 3],
      ['daisy', 2],
    ] as const) {
      mkdirSync(join(folder, name));
      for (let i = 0; i < count; i++) writeFileSync(join(folder, name, `${i}.gif`), gif(4 + i, 4));
      writeFileSync(join(folder, name, 'notes.txt'), 'no image');
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const config = { reader: 'image-folder', folder: '.', size: [4, 4], channels: 1 };

  it('takes the sorted subfolders as classes and resizes to one size', async () => {
    const { train } = await loadData(config, context);
    assert.deepEqual(train.classes, ['daisy', 'rose']);
    assert.deepEqual(train.x.shape, [5, 4, 4, 1]);
    assert.deepEqual([...train.y!.data], [0, 0, 1, 1, 1]);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(i => train.x.data[16 * i]),
      [4, 5, 4, 5, 6],
    );
    const description = await describeData({ reader: 'image-folder', folder: '.' }, context);
    assert.deepEqual(description.x, { shape: [5, 4, 4, 3], dtype: 'uint8' });
    assert.deepEqual(description.balance, [
      { label: 'daisy', count: 2 },
      { label: 'rose', count: 3 },
    ]);
  });

  it('resizes as tf.image.resize does', () => {
    // tf.image.resize([[0, 60], [120, 180]], (4, 4)), rounded.
    const out = new Uint8Array(16);
    resize(Uint8Array.from([0, 60, 120, 180]), { height: 2, width: 2 }, { height: 4, width: 4 }, 1, out);
    assert.deepEqual([...out], [0, 15, 45, 60, 30, 45, 75, 90, 90, 105, 135, 150, 120, 135, 165, 180]);
  });

  it('names the folder or the image at fault', async () => {
    await fails(loadData({ ...config, folder: 'tulip' }, context), 'tulip', /no such file/);
    await fails(loadData({ ...config, folder: 'rose' }, context), 'rose', /no subfolders/);
    mkdirSync(join(folder, 'empty'));
    await fails(loadData(config, context), 'empty', /no images/);
    rmSync(join(folder, 'empty'), { recursive: true });
    writeFileSync(join(folder, 'rose', '1.gif'), 'GIF? no');
    await fails(loadData(config, context), '1.gif', /no GIF image/);
    writeFileSync(join(folder, 'rose', '1.gif'), gif(65535, 65535));
    await fails(loadData(config, { ...context, memoryLimit: 2 ** 20 }), '1.gif', /4\.0 GB of memory/);
    await fails(loadData(config, { folder }), folder, /cannot decode images/);
  });

  it('reads the size of PNG and JPEG headers', () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000001c000000200806000000', 'hex');
    assert.deepEqual(imageSize(png), { width: 28, height: 32 });
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108002000 1c0301'.replace(' ', ''), 'hex');
    assert.deepEqual(imageSize(jpeg), { width: 28, height: 32 });
    assert.equal(imageSize(Buffer.from('no image')), null);
  });
});
