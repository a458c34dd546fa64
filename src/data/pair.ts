/**
 * What the array formats (IDX, NPY, NPZ) share: one array of samples and one of labels, named by the keys `x` and `y`.
 */
import { stat } from 'node:fs/promises';
import { DataError } from './data-error';
import type { DataArray, DataDescription, DataSet, DType } from './dataset';
import { sampleCount, shapeText } from './dataset';
import type { DataConfig } from './reader';

export interface ArrayAccess {
  /** Reads the array a key names, at most `limit` samples. `classes`: names, where the array was text. */
  read(key: 'x' | 'y', limit: number): Promise<DataArray & { classes?: string[] }>;
  /** The file a key names, for messages; an array of an archive is `archive (name)`. */
  file(key: 'x' | 'y'): string;
}

export interface HeaderAccess extends ArrayAccess {
  /** The files that hold the arrays. */
  paths: string[];
  header(key: 'x' | 'y'): Promise<{ shape: number[]; dtype: DType }>;
}

function limitOf(config: DataConfig): number {
  return typeof config['limit'] === 'number' ? config['limit'] : Infinity;
}

export async function readPair(config: DataConfig, access: ArrayAccess): Promise<DataSet> {
  const limit = limitOf(config);
  const x = await access.read('x', limit);
  checkSamples(access.file('x'), x.shape);
  const y = config['y'] === undefined ? null : await access.read('y', limit);
  if (y) checkCounts(x.shape, y.shape, access);
  const classes = (config['classes'] as string[] | undefined) ?? y?.classes;
  return { x, y: y && plain(y), ...(classes && { classes }), source: access.file('x') };
}

function plain({ dtype, shape, data }: DataArray): DataArray {
  return { dtype, shape, data };
}

function checkSamples(file: string, shape: readonly number[]): void {
  if (shape.length === 0)
    throw new DataError(
      file,
      'the array is a single number, not a set of samples',
      'The first axis must count the samples.',
    );
  if (shape.includes(0)) {
    throw new DataError(file, `the array of shape ${shapeText(shape)} holds no values`, 'Check how it was written.');
  }
}

function checkCounts(x: readonly number[], y: readonly number[], access: ArrayAccess): void {
  checkSamples(access.file('y'), y);
  if (x[0] !== y[0]) {
    throw new DataError(
      access.file('y'),
      `it has ${y[0]} labels, but "${access.file('x')}" has ${x[0]} samples`,
      'Check that both belong to the same part of the data (train or test).',
    );
  }
}

/** Labels looked at for the balance of the classes. */
const labelsRead = 1_000_000;

export async function describePair(config: DataConfig, access: HeaderAccess): Promise<DataDescription> {
  const x = await access.header('x');
  checkSamples(access.file('x'), x.shape);
  const limit = limitOf(config);
  const samples = Math.min(limit, x.shape[0]!);
  const files = await Promise.all(access.paths.map(fileSize));
  const description: DataDescription = {
    reader: config.reader,
    files,
    samples,
    y: null,
    notes: [],
    x: { shape: [samples, ...x.shape.slice(1)], dtype: x.dtype },
  };
  if (config['y'] === undefined) return description;
  const y = await access.header('y');
  checkCounts(x.shape, y.shape, access);
  description.y = { shape: [samples, ...y.shape.slice(1)], dtype: y.dtype };
  const classNames = config['classes'] as string[] | undefined;
  if (classNames) description.classes = classNames;
  if (y.shape.slice(1).every(length => length === 1)) {
    const labels = await access.read('y', Math.min(limit, labelsRead));
    if (labels.classes && !classNames) description.classes = labels.classes;
    if (sampleCount(labels) < samples) description.notes.push(`classes counted in the first ${labelsRead} labels`);
    addBalance(description, labels);
  }
  return description;
}

/** Range of the labels, and samples per class when they look like classes (whole numbers, few of them). */
export function addBalance(description: DataDescription, labels: DataArray): void {
  if (!description.y) return;
  const counts = new Map<number, number>();
  let minimum = Infinity;
  let maximum = -Infinity;
  let whole = true;
  for (const value of labels.data) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    if (!Number.isInteger(value)) whole = false;
    if (whole && counts.size <= 1000) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  description.y.minimum = minimum;
  description.y.maximum = maximum;
  if (!whole || counts.size > 1000) return;
  description.balance = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([label, count]) => ({ label: description.classes?.[label] ?? String(label), count }));
}

export async function fileSize(path: string): Promise<{ path: string; bytes: number }> {
  return { path, bytes: (await stat(path)).size };
}
