/**
 * What every data-set reader returns: plain typed arrays with a shape, and what is known of their meaning. No
 * TensorFlow here.
 */

export type DType = 'float32' | 'int32' | 'uint8';
export type NumberArray = Float32Array | Int32Array | Uint8Array;

/**
 * Numbers in row-major order; the first axis counts the samples. `uint8` stays `uint8` (an image set takes a quarter of
 * the memory it would take as float32); `gather` in batch.ts widens it to float32 one batch at a time.
 */
export interface DataArray {
  dtype: DType;
  shape: number[];
  data: NumberArray;
}

export interface DataSet {
  /** Shape `[samples, ...sample]`. */
  x: DataArray;
  /** Labels or targets with the same number of samples; null for data without them. */
  y: DataArray | null;
  /** Class names, where the index is the label. Absent where the data names no classes. */
  classes?: string[];
  /** Names of the last axis of `x`, for tables. */
  features?: string[];
  /** The vocabulary of every categorical column: text `categories[column][index]` was stored as `index`. */
  categories?: Record<string, string[]>;
  /** Means filled in for missing numbers; a validation file gets the same. */
  means?: Record<string, number>;
  /** Tokens of a text; the index is the number that stands for the token in `x` and `y`. */
  vocabulary?: string[];
  /** The numbers `scale` and `standardize` applied to `x`; new data must pass through them before `predict`. */
  scaling?: Scaling;
  /** The files the set was read from, for messages. */
  source: string;
}

/**
 * `(value * scale - mean) / deviation`; `mean` and `deviation` have one entry, or one per position of the last axis.
 */
export interface Scaling {
  scale: number;
  mean: number[];
  deviation: number[];
}

/** What `describe` learns from headers and, where it costs little, from the labels. */
export interface DataDescription {
  reader: string;
  files: { path: string; bytes: number }[];
  /** Null when it cannot be told without reading everything. */
  samples: number | null;
  /** True when `samples` was extrapolated from the size of the file. */
  samplesEstimated?: boolean;
  x: { shape: (number | null)[]; dtype: DType };
  y: { shape: (number | null)[]; dtype: DType; minimum?: number; maximum?: number } | null;
  classes?: string[];
  /** Samples per class, as far as they were looked at; in the order of the labels. */
  balance?: { label: string; count: number }[];
  columns?: ColumnDescription[];
  /** Remarks worth a line in a QuickPick, such as "labels read from the first 1,000 rows". */
  notes: string[];
}

export interface ColumnDescription {
  name: string;
  kind: 'number' | 'integer' | 'category' | 'empty';
  /** Distinct values seen, at most a handful, as an example. */
  examples: string[];
  missing: number;
}

export const bytesPer: Record<DType, number> = { float32: 4, int32: 4, uint8: 1 };

export function allocate(dtype: DType, length: number): NumberArray {
  if (dtype === 'uint8') return new Uint8Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
}

/** Number of elements; may exceed what can be allocated, so compare before allocating. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function sampleCount(array: DataArray): number {
  return array.shape[0] ?? 0;
}

/** Shape `[2, 3]` as `(2, 3)`, `[2]` as `(2,)`, the way Keras prints it. */
export function shapeText(shape: readonly (number | null)[]): string {
  const parts = shape.map(length => (length === null ? 'None' : String(length)));
  return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
}
