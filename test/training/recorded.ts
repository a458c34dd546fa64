/** Reads recordings of test/oracle/training, and compares tensors with them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../../src/train/compile';

export interface Packed {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: string;
}

export function readRecording<T>(name: string): T {
  return JSON.parse(fs.readFileSync(path.join('test/oracle/training', name), 'utf8')) as T;
}

export function unpack({ dtype, data }: Packed): Float32Array | Int32Array {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return dtype === 'int32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

export function toTensor(tf: Tf, packed: Packed): tfjs.Tensor {
  return tf.tensor(unpack(packed), packed.shape, packed.dtype);
}

/** Largest |a − b| / max(1, |b|). */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length, 'the number of values');
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!));
    if (!(d <= most)) most = d;
  }
  return most;
}

export function assertClose(got: tfjs.Tensor, wanted: Packed, tolerance: number, what: string): void {
  assert.deepEqual(got.shape, wanted.shape, `${what}: shape`);
  const far = distance(got.dataSync(), unpack(wanted));
  assert.ok(far <= tolerance, `${what}: off by ${far}`);
}
