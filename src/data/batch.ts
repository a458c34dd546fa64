/** Batches in a deterministic order: gathers the samples an epoch's permutation names into fresh arrays. */
import type { DataArray, DataSet, DType } from './dataset';
import { allocate, sampleCount, sizeOf } from './dataset';
import { inOrder, permutation } from './random';

export interface Batch {
  /** Index of the batch in its epoch, from 0. */
  index: number;
  size: number;
  /** Shape `[size, ...sample]`. */
  x: DataArray;
  y: DataArray | null;
  /** The samples' positions in the data set, in the order of the batch. */
  indices: Uint32Array;
}

export interface BatchOptions {
  batchSize: number;
  /** Default true. */
  shuffle?: boolean;
  seed?: number;
  /** From 0; together with the seed it decides the order. */
  epoch?: number;
  /** The first batch to give, for a run that resumes in the middle of an epoch. */
  start?: number;
}

export function batchCount(samples: number, batchSize: number): number {
  return Math.ceil(samples / batchSize);
}

/**
 * The arrays of a batch are new ones each time, so they may be handed to a tensor without copying. The last batch may
 * be smaller.
 */
export function* batches(set: DataSet, options: BatchOptions): Generator<Batch, void, void> {
  const { batchSize, epoch = 0, seed = 0, start = 0 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`batchSize must be a positive integer, got ${batchSize}.`);
  const samples = sampleCount(set.x);
  const order = options.shuffle === false ? inOrder(samples) : permutation(samples, seed, epoch);
  for (let index = start; index < batchCount(samples, batchSize); index++) {
    const indices = order.slice(index * batchSize, (index + 1) * batchSize);
    yield { index, size: indices.length, x: gather(set.x, indices), y: set.y && gather(set.y, indices), indices };
  }
}

/**
 * The samples at `indices` as a new array of shape `[indices.length, ...sample]`; uint8 is widened to float32 (int32
 * stays).
 */
export function gather(array: DataArray, indices: Uint32Array): DataArray {
  return copySamples(array, indices, array.dtype === 'int32' ? 'int32' : 'float32');
}

/** The samples at `indices`, keeping the stored dtype: used to split a data set. */
export function take(array: DataArray, indices: Uint32Array): DataArray {
  return copySamples(array, indices, array.dtype);
}

function copySamples(array: DataArray, indices: Uint32Array, dtype: DType): DataArray {
  const sample = sizeOf(array.shape.slice(1));
  const data = allocate(dtype, sample * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * sample;
    // A view per sample costs more than a short loop where a sample is a label or a row of a small table.
    if (sample > 16) data.set(array.data.subarray(from, from + sample), i * sample);
    else for (let k = 0; k < sample; k++) data[i * sample + k] = array.data[from + k]!;
  }
  return { dtype, shape: [indices.length, ...array.shape.slice(1)], data };
}
