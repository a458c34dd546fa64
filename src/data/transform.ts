/** What may be done to a data set after reading: scale, standardize, reshape, one-hot labels, another dtype. */
import { checkSize } from './bytes';
import { DataError, quote } from './data-error';
import type { DataArray, DataSet, DType, Scaling } from './dataset';
import { allocate, sampleCount, shapeText, sizeOf } from './dataset';
import type { ReadContext } from './reader';

export interface TransformOptions {
  /** Multiplies every value of `x`. */
  scale?: number;
  /** Zero mean and unit variance for each position of the last axis, as `keras.layers.Normalization(axis=-1)` does. */
  standardize?: boolean;
  /** Shape of one sample, without the number of samples; one length may be -1. */
  reshape?: number[];
  /** Labels become rows of 0 and 1. */
  oneHot?: boolean;
  dtype?: DType;
}

/** @param like the transformed training set, whose mean, deviation and number of classes this set must share. */
export function transform(set: DataSet, options: TransformOptions, context: ReadContext, like?: DataSet): DataSet {
  const result: DataSet = { ...set };
  if (options.reshape) result.x = reshape(result.x, options.reshape, set.source);
  if (options.scale !== undefined || options.standardize) {
    checkSize(set.source, context, result.x.data.length * 4);
    const scaling = like?.scaling ?? measure(result.x, options);
    result.x = applyScaling(result.x, scaling);
    result.scaling = scaling;
  }
  if (options.dtype && options.dtype !== result.x.dtype) result.x = cast(result.x, options.dtype, set.source);
  if (options.oneHot) {
    if (!set.y)
      throw new DataError(
        set.source,
        '"oneHot" is set, but there are no labels',
        'Name the labels, or remove "oneHot".',
      );
    const classes = like?.y ? like.y.shape[1]! : set.classes?.length;
    result.y = oneHot(set.y, classes, set.source, context);
  }
  return result;
}

/** Positions along the last axis; a set of single numbers has one. */
function channels(x: DataArray): number {
  return x.shape.length > 1 ? x.shape[x.shape.length - 1]! : 1;
}

function measure(x: DataArray, options: TransformOptions): Scaling {
  const scale = options.scale ?? 1;
  if (!options.standardize) return { scale, mean: [0], deviation: [1] };
  const width = channels(x);
  const rows = x.data.length / width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  // Welford's update would be exact too; two passes are as exact and quicker on typed arrays.
  for (let i = 0; i < x.data.length; i++) mean[i % width]! += (x.data[i]! * scale) / rows;
  for (let i = 0; i < x.data.length; i++) square[i % width]! += (x.data[i]! * scale - mean[i % width]!) ** 2 / rows;
  // A constant column has deviation 0 and becomes 0, not NaN; Keras divides by at least its epsilon, 1e-7.
  return { scale, mean: [...mean], deviation: Array.from(square, variance => Math.max(Math.sqrt(variance), 1e-7)) };
}

export function applyScaling(x: DataArray, { scale, mean, deviation }: Scaling): DataArray {
  const data = new Float32Array(x.data.length);
  const width = mean.length;
  for (let i = 0; i < data.length; i++) data[i] = (x.data[i]! * scale - mean[i % width]!) / deviation[i % width]!;
  return { dtype: 'float32', shape: x.shape, data };
}

export function reshape(x: DataArray, sample: readonly number[], source: string): DataArray {
  const have = sizeOf(x.shape.slice(1));
  const known = sizeOf(sample.filter(length => length !== -1));
  const shape = sample.map(length => (length === -1 ? have / known : length));
  if (sample.filter(length => length === -1).length > 1 || !shape.every(Number.isInteger) || sizeOf(shape) !== have) {
    throw new DataError(
      source,
      `a sample of shape ${shapeText(x.shape.slice(1))} has ${have} values and cannot become ${shapeText(sample)}`,
      `Give "reshape" lengths whose product is ${have}.`,
    );
  }
  return { ...x, shape: [sampleCount(x), ...shape] };
}

function cast(x: DataArray, dtype: DType, source: string): DataArray {
  const data = allocate(dtype, x.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = x.data[i]!;
    data[i] = value;
    if (dtype !== 'float32' && data[i] !== value) {
      throw new DataError(
        source,
        `the value ${value} of sample ${Math.floor(i / (x.data.length / sampleCount(x)))} does not fit "dtype": ` +
          `"${dtype}"`,
        'Use "float32".',
      );
    }
  }
  return { dtype, shape: x.shape, data };
}

/**
 * Labels of shape `(n,)` or `(n, 1)` to `(n, classes)`. Without `classes` their number is the largest label plus one.
 */
export function oneHot(y: DataArray, classes: number | undefined, source: string, context: ReadContext): DataArray {
  const samples = sampleCount(y);
  if (sizeOf(y.shape.slice(1)) !== 1) {
    throw new DataError(
      source,
      `"oneHot" needs one label per sample, the labels have shape ${shapeText(y.shape)}`,
      'They may be one-hot already: remove "oneHot".',
    );
  }
  let most = -1;
  for (let i = 0; i < samples; i++) {
    const label = y.data[i]!;
    if (!Number.isInteger(label) || label < 0) {
      throw new DataError(
        source,
        `the label of sample ${i} is ${quote(label)}, not a class index`,
        '"oneHot" needs whole numbers from 0.',
      );
    }
    if (classes !== undefined && label >= classes) {
      throw new DataError(
        source,
        `the label of sample ${i} is ${label}, but there are ${classes} classes (0 to ${classes - 1})`,
        'Correct the label or name all the classes.',
      );
    }
    if (label > most) most = label;
  }
  const width = classes ?? most + 1;
  checkSize(
    source,
    context,
    samples * width,
    'Use integer labels with a sparse loss (sparse_categorical_crossentropy) instead of "oneHot".',
  );
  const data = new Uint8Array(samples * width);
  for (let i = 0; i < samples; i++) data[i * width + y.data[i]!] = 1;
  return { dtype: 'uint8', shape: [samples, width], data };
}
