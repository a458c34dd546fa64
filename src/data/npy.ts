/**
 * NPY, numpy's format for one array: magic, version, a Python literal with dtype, order and shape, then the values.
 * Source: numpy, NEP 1 and `numpy/lib/_format_impl.py`. Object arrays are Python pickles, which would run code: they
 * are refused.
 */
import { ByteSource, checkSize, resolvePath } from './bytes';
import { bytesText, DataError, quote } from './data-error';
import type { DataArray, DType, NumberArray } from './dataset';
import { allocate, bytesPer, shapeText, sizeOf } from './dataset';
import type { HeaderAccess } from './pair';
import { describePair, readPair } from './pair';
import type { DataConfig, ReadContext, Reader } from './reader';

type ReadValue = (view: DataView, at: number, littleEndian: boolean) => number;

interface NpyType {
  /** Bytes of one value in the file. */
  bytes: number;
  dtype: DType;
  value: ReadValue;
  /** The values lie in the file as they lie in a typed array of `dtype` (apart from their byte order). */
  asStored?: boolean;
}

/** A 64-bit integer as a number; exact up to 2^53, and a larger one is refused as it does not fit int32 either. */
const wide =
  (signed: boolean): ReadValue =>
  (view, at, littleEndian) => {
    const low = view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
    const highAt = at + (littleEndian ? 4 : 0);
    return low + 2 ** 32 * (signed ? view.getInt32(highAt, littleEndian) : view.getUint32(highAt, littleEndian));
  };

/** IEEE 754 binary16. */
const half: ReadValue = (view, at, littleEndian) => {
  const bits = view.getUint16(at, littleEndian);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/**
 * tfjs knows float32, int32 and bytes: everything else is stored as the nearest of them, integers only where they fit.
 */
const types: Record<string, NpyType> = {
  b1: { bytes: 1, dtype: 'uint8', value: (view, at) => view.getUint8(at), asStored: true },
  u1: { bytes: 1, dtype: 'uint8', value: (view, at) => view.getUint8(at), asStored: true },
  i1: { bytes: 1, dtype: 'int32', value: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, dtype: 'int32', value: (view, at, little) => view.getInt16(at, little) },
  u2: { bytes: 2, dtype: 'int32', value: (view, at, little) => view.getUint16(at, little) },
  i4: { bytes: 4, dtype: 'int32', value: (view, at, little) => view.getInt32(at, little), asStored: true },
  u4: { bytes: 4, dtype: 'int32', value: (view, at, little) => view.getUint32(at, little) },
  i8: { bytes: 8, dtype: 'int32', value: wide(true) },
  u8: { bytes: 8, dtype: 'int32', value: wide(false) },
  f2: { bytes: 2, dtype: 'float32', value: half },
  f4: { bytes: 4, dtype: 'float32', value: (view, at, little) => view.getFloat32(at, little), asStored: true },
  f8: { bytes: 8, dtype: 'float32', value: (view, at, little) => view.getFloat64(at, little) },
};

export interface NpyHeader {
  shape: number[];
  fortranOrder: boolean;
  littleEndian: boolean;
  /** Null for text, which is stored as class indices. */
  type: NpyType | null;
  /** Bytes of one value in the file. */
  itemSize: number;
  /** `U` (UCS-4) or `S` (bytes), for text. */
  text: 'U' | 'S' | null;
  /** Offset of the first value. */
  start: number;
}

const magicText = '\x93NUMPY';

export function isNpy(head: Uint8Array): boolean {
  return head.length >= 10 && [...magicText].every((character, i) => head[i] === character.charCodeAt(0));
}

export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const magic = await source.take(8, 'the magic number');
  if (!isNpy(Uint8Array.from([...magic, 0, 0]))) {
    throw new DataError(
      source.path,
      'this is not an NPY file: it does not start with \\x93NUMPY',
      'Write it with numpy.save.',
      { offset: 0 },
    );
  }
  const major = magic[6]!;
  if (major < 1 || major > 3) {
    throw new DataError(
      source.path,
      `NPY version ${major}.${magic[7]} is unknown`,
      'Write it with numpy.save; versions 1 to 3 are read.',
      { offset: 6 },
    );
  }
  const lengthBytes = await source.take(major === 1 ? 2 : 4, 'the header length');
  const view = new DataView(lengthBytes.buffer);
  const length = major === 1 ? view.getUint16(0, true) : view.getUint32(0, true);
  if (length > 1 << 20 || length > source.bound) {
    throw new DataError(
      source.path,
      `the header claims to be ${bytesText(length)} long`,
      'The file is damaged: write it again with numpy.save.',
      { offset: 8 },
    );
  }
  const header = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(await source.take(length, 'the header'));
  return parseHeader(header, source);
}

function parseHeader(header: string, source: ByteSource): NpyHeader {
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shapeList = /'shape':\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (/'descr':\s*\[/.test(header)) {
    throw new DataError(
      source.path,
      'it holds a structured array (named fields)',
      'Save the fields as arrays of their own, for instance with numpy.savez(file, x=…, y=…).',
    );
  }
  if (descr === undefined || order === undefined || shapeList === undefined) {
    throw new DataError(
      source.path,
      `the header cannot be read: ${quote(header.trim())}`,
      'Write the file again with numpy.save.',
      { offset: 10 },
    );
  }
  // Python 2 wrote long integers as `3L`.
  const lengths = shapeList.split(',').map(part => part.trim().replace(/L$/, ''));
  const shape = lengths.filter(part => part !== '').map(Number);
  const [, byteOrder, kind, width] = /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(descr) ?? [];
  if (kind === 'O') {
    throw new DataError(
      source.path,
      'it holds Python objects (a pickle), which cannot be read safely',
      'Make a plain array first: lists of different lengths need padding, for instance with ' +
        'keras.utils.pad_sequences.',
    );
  }
  const text = kind === 'U' || kind === 'S' ? kind : null;
  const type = types[`${kind}${width}`] ?? null;
  if (!text && !type) {
    throw new DataError(
      source.path,
      `values of type ${quote(descr)} cannot be trained on`,
      'Convert them with array.astype("float32") (numbers) before saving.',
    );
  }
  const itemSize = type?.bytes ?? Number(width) * (text === 'U' ? 4 : 1);
  const bytes = sizeOf(shape) * itemSize;
  const room = source.bound - (source.compressed ? 0 : source.offset);
  if (!Number.isSafeInteger(bytes) || bytes > room) {
    throw new DataError(
      source.path,
      `the header promises ${shapeText(shape)} values, ${bytesText(bytes)}, but the file holds ` +
        `${source.compressed ? 'at most ' : ''}${bytesText(room)}`,
      'It is truncated or its header is damaged: write it again.',
      { offset: 10 },
    );
  }
  return {
    shape,
    fortranOrder: order === 'True',
    littleEndian: byteOrder !== '>',
    type,
    itemSize,
    text,
    start: source.offset,
  };
}

export function storedDType(header: NpyHeader): DType {
  return header.type?.dtype ?? 'int32';
}

/**
 * The array that starts at the source's position. Text becomes class indices, with the distinct texts as `classes`,
 * sorted.
 */
export async function readNpy(
  source: ByteSource,
  context: ReadContext,
  limit = Infinity,
): Promise<DataArray & { classes?: string[] }> {
  const header = await readNpyHeader(source);
  const samples = Math.min(limit, header.shape[0] ?? 1);
  // Fortran order stores the samples interleaved: all of them have to be read.
  const read = header.fortranOrder ? sizeOf(header.shape) : samples * sizeOf(header.shape.slice(1));
  checkSize(source.path, context, read * bytesPer[storedDType(header)] * (header.fortranOrder ? 2 : 1));
  const shape = header.shape.length === 0 ? [] : [samples, ...header.shape.slice(1)];
  const result = header.text ? await readText(source, header, read) : { data: await readValues(source, header, read) };
  if (read === sizeOf(header.shape) && !(await source.atEnd())) {
    throw new DataError(
      source.path,
      `there is more data than the ${shapeText(header.shape)} values the header promises`,
      'The file is damaged: write it again.',
      { offset: source.offset },
    );
  }
  const data = header.fortranOrder
    ? (toRowMajor(result.data, header.shape).slice(0, sizeOf(shape)) as NumberArray)
    : result.data;
  return { ...result, dtype: storedDType(header), shape, data };
}

const valuesPerChunk = 1 << 16;

async function readValues(source: ByteSource, header: NpyHeader, length: number): Promise<NumberArray> {
  const { dtype, value, bytes, asStored } = header.type!;
  const data = allocate(dtype, length);
  if (asStored && (header.littleEndian || bytes === 1)) {
    await fill(source, header, new Uint8Array(data.buffer));
    return data;
  }
  const chunk = new Uint8Array(Math.min(valuesPerChunk, length) * bytes);
  const view = new DataView(chunk.buffer);
  for (let done = 0; done < length; done += valuesPerChunk) {
    const count = Math.min(valuesPerChunk, length - done);
    await fill(source, header, chunk.subarray(0, count * bytes));
    for (let i = 0; i < count; i++) {
      const number = value(view, i * bytes, header.littleEndian);
      data[done + i] = number;
      if (dtype === 'int32' && data[done + i] !== number) {
        throw new DataError(
          source.path,
          `the value ${number} does not fit a 32-bit integer`,
          'Save the array as float32: array.astype("float32").',
          { offset: header.start + (done + i) * bytes },
        );
      }
    }
  }
  return data;
}

async function readText(
  source: ByteSource,
  header: NpyHeader,
  length: number,
): Promise<{ data: Int32Array; classes: string[] }> {
  const decoder = new TextDecoder();
  const item = new Uint8Array(header.itemSize);
  const view = new DataView(item.buffer);
  const texts: string[] = [];
  for (let i = 0; i < length; i++) {
    await fill(source, header, item);
    let text = '';
    if (header.text === 'S') text = decoder.decode(item);
    else for (let at = 0; at < item.length; at += 4) text += codePoint(view.getUint32(at, header.littleEndian), source);
    texts.push(text.replace(/\0+$/, ''));
  }
  const classes = [...new Set(texts)].sort();
  const index = new Map(classes.map((name, i) => [name, i]));
  return { data: Int32Array.from(texts, text => index.get(text)!), classes };
}

function codePoint(code: number, source: ByteSource): string {
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  throw new DataError(
    source.path,
    `the text holds the number ${code}, which is no Unicode character`,
    'The file is damaged: write it again.',
    { offset: source.offset },
  );
}

async function fill(source: ByteSource, header: NpyHeader, target: Uint8Array): Promise<void> {
  const filled = await source.fill(target);
  if (filled === target.length) return;
  const sample = sizeOf(header.shape.slice(1)) * header.itemSize;
  const complete = Math.floor((source.offset - header.start) / Math.max(1, sample));
  const where = header.fortranOrder
    ? `before all ${shapeText(header.shape)} values`
    : `after ${complete} of ${header.shape[0] ?? 1} samples`;
  throw new DataError(source.path, `the file ends ${where}`, 'It is truncated: write or download it again.', {
    offset: source.offset,
  });
}

/** Column-major to row-major: element `i` of the file has its first index running fastest. */
export function toRowMajor(data: NumberArray, shape: readonly number[]): NumberArray {
  const rank = shape.length;
  if (rank < 2) return data;
  const strides = new Array<number>(rank).fill(1);
  for (let axis = rank - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  const result = new (data.constructor as new (length: number) => NumberArray)(data.length);
  const position = new Array<number>(rank).fill(0);
  let to = 0;
  for (let from = 0; from < data.length; from++) {
    result[to] = data[from]!;
    for (let axis = 0; axis < rank; axis++) {
      to += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      position[axis] = 0;
      to -= strides[axis]! * shape[axis]!;
    }
  }
  return result;
}

async function withFile<T>(path: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await ByteSource.open(path);
  try {
    return await work(source);
  } finally {
    source.close();
  }
}

export const npy: Reader = {
  id: 'npy',
  title: 'NPY files (numpy.save)',
  doc:
    'One numpy array per file, in any numeric type, byte order and memory order. float64 becomes float32 and ' +
    'int64 ' +
    'becomes int32, ' +
    'where every value must fit; arrays of text become class indices. Object arrays are refused.',
  keys: [
    {
      name: 'x',
      required: true,
      schema: { type: 'string' },
      doc: 'The NPY file with the samples; its first axis counts them.',
    },
    { name: 'y', schema: { type: 'string' }, doc: 'The NPY file with the labels.' },
    { name: 'classes', schema: { type: 'array', items: { type: 'string' } }, doc: 'Names of the labels 0, 1, 2, …' },
  ],
  example: { reader: 'npy', x: 'features.npy', y: 'labels.npy', standardize: true, validation: 0.2 },

  suggest: async (path, head): Promise<DataConfig | null> => (isNpy(head) ? { reader: 'npy', x: path } : null),

  describe: (config, context) => describePair(config, access(config, context)),

  read: (config, context) => readPair(config, access(config, context)),
};

function access(config: DataConfig, context: ReadContext): HeaderAccess {
  const file = (key: 'x' | 'y'): string => resolvePath(String(config[key]), context);
  return {
    paths: (['x', 'y'] as const).filter(key => config[key] !== undefined).map(file),
    file,
    header: key =>
      withFile(file(key), async source => {
        const header = await readNpyHeader(source);
        return { shape: header.shape, dtype: storedDType(header) };
      }),
    read: (key, limit) => withFile(file(key), source => readNpy(source, context, limit)),
  };
}
