/**
 * IDX, the format of MNIST: magic `00 00 type rank`, then one big-endian uint32 per axis, then the values, big-endian.
 * Source: Y. LeCun, "The MNIST database of handwritten digits", section "File formats".
 */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ByteSource, checkSize, resolvePath } from './bytes';
import { bytesText, DataError } from './data-error';
import type { DataArray, DType } from './dataset';
import { allocate, bytesPer, shapeText, sizeOf } from './dataset';
import type { HeaderAccess } from './pair';
import { describePair, readPair } from './pair';
import type { DataConfig, ReadContext, Reader } from './reader';

interface IdxType {
  name: string;
  bytes: number;
  /** What it is stored as here: tfjs has no float64 and no int16. */
  dtype: DType;
  value: (view: DataView, at: number) => number;
}

const types: Record<number, IdxType> = {
  0x08: { name: 'unsigned byte', bytes: 1, dtype: 'uint8', value: (view, at) => view.getUint8(at) },
  0x09: { name: 'signed byte', bytes: 1, dtype: 'int32', value: (view, at) => view.getInt8(at) },
  0x0b: { name: 'short', bytes: 2, dtype: 'int32', value: (view, at) => view.getInt16(at) },
  0x0c: { name: 'int', bytes: 4, dtype: 'int32', value: (view, at) => view.getInt32(at) },
  0x0d: { name: 'float', bytes: 4, dtype: 'float32', value: (view, at) => view.getFloat32(at) },
  0x0e: { name: 'double', bytes: 8, dtype: 'float32', value: (view, at) => view.getFloat64(at) },
};

export interface IdxHeader {
  type: IdxType;
  shape: number[];
}

async function readHeader(source: ByteSource): Promise<IdxHeader> {
  const magic = await source.take(4, 'the magic number');
  const type = types[magic[2]!];
  if (magic[0] !== 0 || magic[1] !== 0 || !type || magic[3] === 0) {
    const found = [...magic].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(
      source.path,
      `this is not an IDX file: it starts with ${found}`,
      'An IDX file starts with 00 00, a type (08, 09, 0b, 0c, 0d, 0e) and the number of axes; check that it is not a ' +
        'web page or an archive.',
      { offset: 0 },
    );
  }
  const axes = await source.take(4 * magic[3]!, 'the axis lengths');
  const view = new DataView(axes.buffer);
  const shape = Array.from({ length: magic[3]! }, (_, axis) => view.getUint32(4 * axis));
  const bytes = sizeOf(shape) * type.bytes;
  if (!Number.isFinite(bytes) || bytes > source.bound - (source.compressed ? 0 : source.offset)) {
    const have = source.compressed ? `at most ${bytesText(source.bound)}` : bytesText(source.bound - source.offset);
    throw new DataError(
      source.path,
      `the header promises ${shapeText(shape)} values of type ${type.name}, ${bytesText(bytes)}, but the file holds ` +
        `${have}`,
      'It is truncated or its header is damaged: download or write it again.',
      { offset: 4 },
    );
  }
  return { type, shape };
}

/** The array of one IDX file, at most `limit` samples of it. */
export async function readIdx(path: string, context: ReadContext, limit = Infinity): Promise<DataArray> {
  const source = await ByteSource.open(path);
  try {
    const { type, shape } = await readHeader(source);
    const samples = Math.min(limit, shape[0]!);
    const whole = samples === shape[0];
    const sample = sizeOf(shape.slice(1));
    const length = samples * sample;
    checkSize(path, context, length * bytesPer[type.dtype]);
    const data = allocate(type.dtype, length);
    if (type.dtype === 'uint8') {
      await fillChecked(source, data as Uint8Array, shape, sample, type.bytes);
    } else {
      const valuesPerChunk = 1 << 16;
      for (let done = 0; done < length; done += valuesPerChunk) {
        const chunk = new Uint8Array(type.bytes * Math.min(valuesPerChunk, length - done));
        await fillChecked(source, chunk, shape, sample, type.bytes);
        const view = new DataView(chunk.buffer);
        for (let i = 0; i * type.bytes < chunk.length; i++) data[done + i] = type.value(view, i * type.bytes);
      }
    }
    if (whole && !(await source.atEnd())) {
      throw new DataError(
        path,
        `there is more data than the ${shapeText(shape)} values the header promises`,
        'The header or the file is damaged: download or write it again.',
        { offset: source.offset },
      );
    }
    return { dtype: type.dtype, shape: [samples, ...shape.slice(1)], data };
  } finally {
    source.close();
  }
}

async function fillChecked(
  source: ByteSource,
  target: Uint8Array,
  shape: number[],
  sample: number,
  width: number,
): Promise<void> {
  const filled = await source.fill(target);
  if (filled === target.length) return;
  const complete = Math.floor((source.offset - 4 - 4 * shape.length) / Math.max(1, sample * width));
  throw new DataError(
    source.path,
    `the file ends after ${complete} of ${shape[0]} samples`,
    'It is truncated: download or write it again.',
    { offset: source.offset },
  );
}

async function idxHeader(path: string): Promise<{ shape: number[]; dtype: DType }> {
  const source = await ByteSource.open(path);
  try {
    const { type, shape } = await readHeader(source);
    return { shape, dtype: type.dtype };
  } finally {
    source.close();
  }
}

/** MNIST's own file names, plain and as `gunzip` or a browser leaves them. */
async function labelsBeside(path: string): Promise<string | null> {
  const name = basename(path);
  const base = name.replace(/images/i, 'labels').replace(/idx3/i, 'idx1');
  if (base === name) return null;
  for (const candidate of [base, base.replace(/\.gz$/, ''), `${base}.gz`]) {
    const found = await stat(join(dirname(path), candidate)).then(
      info => info.isFile(),
      () => false,
    );
    if (found) return candidate;
  }
  return null;
}

export const idx: Reader = {
  id: 'idx',
  title: 'IDX files (the format of MNIST)',
  doc:
    'One file with the samples and one with the labels, plain or gzip-compressed, of any IDX type and rank. ' +
    'Bytes stay bytes until a batch is made, so 60,000 images of 28×28 take 47 MB.',
  keys: [
    { name: 'x', required: true, schema: { type: 'string' }, doc: 'The IDX file with the samples.' },
    { name: 'y', schema: { type: 'string' }, doc: 'The IDX file with the labels.' },
    { name: 'classes', schema: { type: 'array', items: { type: 'string' } }, doc: 'Names of the labels 0, 1, 2, …' },
  ],
  example: {
    reader: 'idx',
    x: 'train-images.idx',
    y: 'train-labels.idx',
    scale: 0.00392156862745098,
    validation: { x: 'test-images.idx', y: 'test-labels.idx' },
  },

  async suggest(path, head): Promise<DataConfig | null> {
    const [first, second, type, rank] = head;
    if (head.length < 8 || first !== 0 || second !== 0 || !types[type!] || rank === 0 || rank! > 8) return null;
    const config: DataConfig = { reader: 'idx', x: path };
    const labels = await labelsBeside(path);
    if (labels) config['y'] = join(dirname(path), labels);
    // Images are stored as bytes; networks train on 0 to 1.
    if (head[2] === 0x08 && head[3]! > 1) config['scale'] = 1 / 255;
    return config;
  },

  describe: (config, context) => describePair(config, access(config, context)),

  read: (config, context) => readPair(config, access(config, context)),
};

function access(config: DataConfig, context: ReadContext): HeaderAccess {
  const file = (key: 'x' | 'y'): string => resolvePath(String(config[key]), context);
  return {
    paths: (['x', 'y'] as const).filter(key => config[key] !== undefined).map(file),
    file,
    header: key => idxHeader(file(key)),
    read: (key, limit) => readIdx(file(key), context, limit),
  };
}
