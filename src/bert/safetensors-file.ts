/**
 * Reads a safetensors file tensor by tensor. The header is believed in nothing: every offset, size and shape is held
 * against the file before a value is read. Format: https://github.com/huggingface/safetensors
 */
import fs from 'node:fs';
import path from 'node:path';
import { CheckpointError } from './checkpoint-error';
import { count, SIZES, type StoredTensor, type StoredTensors, toFloat32 } from './stored-tensor';

/** As in the reference implementation: a longer header is an attack or a mistake. */
const MOST_HEADER_BYTES = 100_000_000;

const AGAIN = 'The file is damaged or not completely written: download or write it again.';

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  readonly from: number;
  readonly to: number;
}

/** @throws CheckpointError with one sentence for whatever is wrong with the header; the values are read later. */
export function openSafetensors(file: string): StoredTensors {
  const name = path.basename(file);
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const start = Buffer.alloc(8);
    if (size < 8 || fs.readSync(fd, start, 0, 8, 0) < 8) {
      throw new CheckpointError(`${name} has ${size} bytes, too few for a safetensors file.`, AGAIN);
    }
    const length = Number(start.readBigUInt64LE());
    if (length > MOST_HEADER_BYTES || 8 + length > size) {
      throw new CheckpointError(`${name} promises a header of ${length} bytes, but has ${size} bytes in all.`, AGAIN);
    }
    const text = Buffer.alloc(length);
    fs.readSync(fd, text, 0, length, 8);
    const entries = checkedEntries(name, text, size - 8 - length);
    const base = 8 + length;
    return new Map(entries.map(entry => [entry.name, stored(file, base, entry)]));
  } finally {
    fs.closeSync(fd);
  }
}

function checkedEntries(file: string, text: Buffer, bytes: number): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw new CheckpointError(`The header of ${file} is no JSON.`, AGAIN);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new CheckpointError(`The header of ${file} is no JSON object.`, AGAIN);
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => checkedEntry(file, name, value, bytes));
  const byPlace = [...entries].sort((a, b) => a.from - b.from || a.to - b.to);
  for (let i = 1; i < byPlace.length; i++) {
    const [before, after] = [byPlace[i - 1]!, byPlace[i]!];
    if (after.from < before.to) {
      throw new CheckpointError(`In ${file} the tensors "${before.name}" and "${after.name}" overlap.`, AGAIN);
    }
  }
  return entries;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function checkedEntry(file: string, name: string, value: unknown, bytes: number): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const fail = (problem: string): CheckpointError =>
    new CheckpointError(`In ${file} the tensor "${name}" ${problem}.`, AGAIN);
  if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype)) {
    throw fail(`has the unknown type ${JSON.stringify(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail(`has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) throw fail('has no data offsets');
  const [from, to] = offsets as [number, number];
  if (from > to || to > bytes) throw fail(`lies at bytes ${from} to ${to} of ${bytes}`);
  if (to - from !== count(shape) * SIZES[dtype]!) {
    throw fail(`has ${to - from} bytes for the shape [${shape.join(', ')}] of type ${dtype}`);
  }
  return { name, dtype, shape, from, to };
}

function stored(file: string, base: number, { name, dtype, shape, from, to }: Entry): StoredTensor {
  return {
    shape,
    dtype,
    read() {
      const bytes = new Uint8Array(to - from);
      const fd = fs.openSync(file, 'r');
      try {
        for (let at = 0; at < bytes.length;) {
          const got = fs.readSync(fd, bytes, at, Math.min(bytes.length - at, 1 << 30), base + from + at);
          if (got === 0) throw new CheckpointError(`${path.basename(file)} ends inside the tensor "${name}".`, AGAIN);
          at += got;
        }
      } finally {
        fs.closeSync(fd);
      }
      const values = toFloat32(bytes, dtype);
      if (values) return values;
      throw new CheckpointError(
        `In ${path.basename(file)} the tensor "${name}" has the type ${dtype}, which holds no weights.`,
        'Save the checkpoint in float32, float16 or bfloat16.',
      );
    },
  };
}
