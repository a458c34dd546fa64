/** NPY and NPZ files written from the formats' definitions, whole and damaged. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 as referenceCrc, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ByteSource } from '../../../src/data/bytes';
import { readNpy } from '../../../src/data/npy';
import { describeData, loadData } from '../../../src/data/readers';
import { fails, scratch } from './files';

type Order = 'C' | 'F';

const widths: Record<string, number> = { u1: 1, i1: 1, b1: 1, u2: 2, i2: 2, u4: 4, i4: 4, u8: 8, i8: 8, f4: 4, f8: 8 };

/** An NPY file as numpy's format description says, independently of the reader. `values` are in row-major order. */
function npyFile(descr: string, shape: number[], values: number[], order: Order = 'C', version = 1): Buffer {
  const kind = descr.slice(1);
  const little = descr[0] !== '>';
  const width = widths[kind]!;
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${order === 'F' ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const start = Math.ceil((8 + lengthBytes + dictionary.length + 1) / 64) * 64;
  const bytes = Buffer.alloc(start + width * values.length, ' ');
  bytes.write('\x93NUMPY', 0, 'latin1');
  bytes[6] = version;
  bytes[7] = 0;
  if (version === 1) bytes.writeUInt16LE(start - 10, 8);
  else bytes.writeUInt32LE(start - 12, 8);
  bytes.write(dictionary, 8 + lengthBytes);
  bytes[start - 1] = 10;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  values.forEach((value, c) => {
    let at = c;
    if (order === 'F') {
      const index: number[] = [];
      for (let axis = shape.length - 1, rest = c; axis >= 0; axis--) {
        index[axis] = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      at = index.reduceRight((sum, i, axis) => sum * shape[axis]! + i, 0);
    }
    switch (kind) {
      case 'u1':
      case 'b1':
        return view.setUint8(at, value);
      case 'i1':
        return view.setInt8(at, value);
      case 'u2':
        return view.setUint16(2 * at, value, little);
      case 'i2':
        return view.setInt16(2 * at, value, little);
      case 'u4':
        return view.setUint32(4 * at, value, little);
      case 'i4':
        return view.setInt32(4 * at, value, little);
      case 'u8':
        return view.setBigUint64(8 * at, BigInt(value), little);
      case 'i8':
        return view.setBigInt64(8 * at, BigInt(value), little);
      case 'f4':
        return view.setFloat32(4 * at, value, little);
      default:
        return view.setFloat64(8 * at, value, little);
    }
  });
  return bytes;
}

/**
 * A ZIP archive by the format's description; `wide` writes every size and offset in the 64-bit extra field, as for big
 * files.
 */
function zipFile(entries: { name: string; content: Buffer; method?: 0 | 8; flags?: number }[], wide = false): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method = 8, flags = 0 } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const extra = Buffer.alloc(wide ? 28 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(content.length), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc(content), 16);
    central.writeUInt32LE(wide ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(wide ? 0xffffffff : content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(wide ? 0xffffffff : offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name), extra);
    offset += 30 + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : entries.length, 10);
  end.writeUInt32LE(wide ? 0xffffffff : list.length, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  if (!wide) return Buffer.concat([...parts, list, end]);
  const wideEnd = Buffer.alloc(56);
  wideEnd.writeUInt32LE(0x06064b50, 0);
  wideEnd.writeBigUInt64LE(BigInt(entries.length), 32);
  wideEnd.writeBigUInt64LE(BigInt(list.length), 40);
  wideEnd.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + list.length), 8);
  return Buffer.concat([...parts, list, wideEnd, locator, end]);
}

/** Node's own CRC where there is one (20.15 on), else the definition bit by bit. */
function crc(bytes: Buffer): number {
  if (typeof referenceCrc === 'function') return referenceCrc(bytes);
  let value = -1;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ -1) >>> 0;
}

describe('NPY', () => {
  const files = scratch();
  const read = async (bytes: Buffer): ReturnType<typeof readNpy> => {
    const source = await ByteSource.open(files.write('any.npy', bytes));
    try {
      return await readNpy(source, files.context());
    } finally {
      source.close();
    }
  };

  it('reads back every number type, byte order and memory order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(widths)),
        fc.constantFrom('<', '>'),
        fc.constantFrom<Order>('C', 'F'),
        fc.constantFrom(1, 2, 3),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(127)),
        async (kind, endian, order, version, shape, numbers) => {
          const count = shape.reduce((a, b) => a * b, 1);
          const sign = kind.startsWith('i') || kind.startsWith('f') ? -1 : 1;
          const values = [...numbers.take(count)].map((n, i) =>
            kind === 'b1' ? n % 2 : i % 2 && n > 0 ? sign * n : n,
          );
          const array = await read(npyFile((widths[kind] === 1 ? '|' : endian) + kind, shape, values, order, version));
          assert.deepEqual(array.shape, shape);
          assert.deepEqual([...array.data], values);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses integers that do not fit, objects, structures, and other types, each with the way out', async () => {
    await fails(
      read(npyFile('<i8', [2], [1, 2 ** 40])),
      'any.npy',
      /1099511627776 does not fit a 32-bit integer.*float32/,
    );
    await fails(read(npyFile('<u4', [1], [2 ** 32 - 1])), 'any.npy', /4294967295 does not fit/);
    const withType = (descr: string): Buffer => {
      const bytes = npyFile('<f8', [1], [1]);
      return Buffer.from(bytes.toString('latin1').replace(/'<f8'( *)/, `${descr}$1`), 'latin1');
    };
    await fails(read(withType("'|O'")), 'any.npy', /Python objects \(a pickle\).*pad/);
    await fails(read(withType("'<c8'")), 'any.npy', /"<c8" cannot be trained on/);
    await fails(read(withType("'<M8[ns]'")), 'any.npy', /cannot be trained on/);
    await fails(read(withType("[('a', '<f4')]")), 'any.npy', /structured array/);
  });

  it('never crashes on a damaged file: it reads the same or says what is wrong', async () => {
    const whole = npyFile(
      '<f4',
      [4, 3],
      Array.from({ length: 12 }, (_, i) => i),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        await read(damaged).then(
          array =>
            assert.equal(
              array.data.length,
              array.shape.reduce((a, b) => a * b, 1),
            ),
          (error: Error) => assert.equal(error.name, 'DataError'),
        );
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async length => {
        await fails(read(whole.subarray(0, length)), 'any.npy', /ends|promises|claims|not an NPY/);
      }),
      { numRuns: 40 },
    );
    await fails(
      read(npyFile('<f4', [2 ** 20, 2 ** 20], [1])),
      'any.npy',
      /promises \(1048576, 1048576\) values, 4\.0 TB/,
    );
  });

  it('keeps text labels as classes', async () => {
    const texts = ['cat', 'ant', 'cat', 'bée'];
    const header = npyFile('<f4', [4], []).toString('latin1').replace("'<f4'", "'<U3'");
    const values = Buffer.alloc(4 * 12);
    texts.forEach((text, i) => [...text].forEach((c, k) => values.writeUInt32LE(c.codePointAt(0)!, 12 * i + 4 * k)));
    const array = await read(Buffer.concat([Buffer.from(header, 'latin1'), values]));
    assert.deepEqual(array.classes, ['ant', 'bée', 'cat']);
    assert.deepEqual([...array.data], [2, 0, 2, 1]);
  });
});

describe('NPZ', () => {
  const files = scratch();
  const images = npyFile('|u1', [3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
  const labels = npyFile('<i8', [3], [2, 0, 1]);
  const config = { reader: 'npz', file: 'a.npz' };
  const set = (bytes: Buffer): ReturnType<typeof loadData> => {
    writeFileSync(join(files.folder(), 'a.npz'), bytes);
    return loadData(config, files.context());
  };

  const packings = [
    ['stored', 0, false],
    ['deflated', 8, false],
    ['stored, 64-bit', 0, true],
    ['deflated, 64-bit', 8, true],
  ] as const;
  for (const [title, method, wide] of packings) {
    it(`reads ${title} members and takes the test part for validation`, async () => {
      const names = { 'x_train.npy': images, 'y_train.npy': labels, 'x_test.npy': images, 'y_test.npy': labels };
      const { train, validation } = await set(
        zipFile(
          Object.entries(names).map(([name, content]) => ({ name, content, method })),
          wide,
        ),
      );
      assert.deepEqual(train.x, {
        dtype: 'uint8',
        shape: [3, 2, 2],
        data: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]),
      });
      assert.deepEqual([...train.y!.data], [2, 0, 1]);
      assert.deepEqual(validation!.x, train.x);
      const description = await describeData(config, files.context());
      assert.deepEqual([description.samples, description.y!.maximum, description.files.length], [3, 2, 1]);
    });
  }

  it('lists the arrays when it cannot tell samples from labels', async () => {
    await fails(
      set(
        zipFile([
          { name: 'weights.npy', content: images },
          { name: 'bias.npy', content: labels },
        ]),
      ),
      'a.npz',
      /weights, bias.*"x" and "y"/,
    );
    await fails(set(zipFile([{ name: 'readme.txt', content: Buffer.from('hello') }])), 'a.npz', /no arrays/);
  });

  it('notices damage anywhere in the archive', async () => {
    const whole = zipFile([
      { name: 'x.npy', content: images },
      { name: 'y.npy', content: labels },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async length => {
        await fails(set(whole.subarray(0, length)), 'a.npz', /./);
      }),
      { numRuns: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        await set(damaged).then(
          ({ train }) =>
            assert.deepEqual([...train.x.data, ...train.y!.data], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255, 2, 0, 1]),
          (error: Error) => assert.equal(error.name, 'DataError', error.stack),
        );
      }),
      { numRuns: 300 },
    );
    await fails(
      set(
        zipFile([
          { name: 'x.npy', content: images, flags: 1 },
          { name: 'y.npy', content: labels },
        ]),
      ),
      'a.npz',
      /encrypted/,
    );
    await fails(set(gzipSync(whole)), 'a.npz', /end of the archive is missing/);
  });
});
