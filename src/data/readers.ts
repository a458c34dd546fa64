/**
 * The index of the data-set readers, and what the rest of the project calls:
 *
 * - `loadData(config, context)` reads, transforms and splits: everything training needs.
 * - `describeData(config, context)` reads headers only; `suggestConfig(path, context)` guesses a configuration for a
 * picked file.
 * - `batches(set, options)` (batch.ts) gives the batches of one epoch in the order that (seed, epoch) decides.
 * - `matchModel(description, model)` (match.ts) compares data with a model's shapes before training starts.
 * - `dataSchema()` (schema.ts) is the JSON Schema of the "data" object.
 *
 * Every failure is a DataError whose message names the file, the place in it, and the way out.
 */
import { stat } from 'node:fs/promises';
import { checkFile, headOf } from './bytes';
import { validateConfig } from './config';
import { csv } from './csv';
import { DataError } from './data-error';
import type { DataArray, DataDescription, DataSet, DType } from './dataset';
import { sampleCount } from './dataset';
import { idx } from './idx';
import { imageFolder } from './image-folder';
import { jsonl } from './jsonl';
import { kerasDataset } from './keras-dataset';
import { npy } from './npy';
import { npz } from './npz';
import type { DataConfig, KeySpec, ReadContext, Reader } from './reader';
import { text } from './text';
import type { SplitMode } from './split';
import { splitDataSet } from './split';
import type { TransformOptions } from './transform';
import { transform } from './transform';

export { batchCount, batches, gather } from './batch';
export type { Batch, BatchOptions } from './batch';
export { DataError } from './data-error';
export type { DataArray, DataDescription, DataSet, DType, NumberArray, Scaling } from './dataset';
export { matchModel, toInputRank } from './match';
export type { Mismatch, ModelShapes } from './match';
export { permutation } from './random';
export type { DataConfig, ReadContext, Reader } from './reader';
export { applyScaling } from './transform';

/** In the order in which `suggestConfig` asks them. */
export const readers: readonly Reader[] = [npz, npy, idx, csv, jsonl, imageFolder, text, kerasDataset];

/** Keys that every reader understands; `loadData` handles them. */
export const sharedKeys: readonly KeySpec[] = [
  {
    name: 'validation',
    schema: {
      anyOf: [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, { type: 'object' }, { type: 'boolean' }],
    },
    doc:
      'Fraction of the samples kept for validation, or an object with the keys that differ for the validation ' +
      'files; ' +
      'false for none. Without it, the test part the file brings along, if any.',
  },
  {
    name: 'split',
    schema: { enum: ['stratified', 'shuffled', 'end'] },
    doc:
      'How a validation fraction is drawn: the same share of every class, at random, or the last samples ' +
      "(Keras's " +
      'validation_split). ' +
      'Default: stratified for classes, shuffled for numbers, end for text.',
  },
  { name: 'limit', schema: { type: 'integer', minimum: 1 }, doc: 'Read only this many samples.' },
  {
    name: 'scale',
    schema: { type: 'number' },
    doc: 'Factor for every value of x; 0.00392156862745098 (1/255) for images stored as bytes.',
  },
  {
    name: 'standardize',
    default: false,
    schema: { type: 'boolean' },
    doc: 'Zero mean and unit variance per feature or channel, measured on the training samples.',
  },
  {
    name: 'reshape',
    schema: { type: 'array', items: { type: 'integer', minimum: -1 } },
    doc: 'Shape of one sample, such as [28, 28, 1]; one length may be -1.',
  },
  {
    name: 'oneHot',
    default: false,
    schema: { type: 'boolean' },
    doc: 'Turns class indices into rows of 0 and 1, for categorical_crossentropy.',
  },
  {
    name: 'nonFinite',
    default: 'error',
    schema: { enum: ['error', 'allow'] },
    doc:
      'NaN and infinity in x or y make the loss NaN at once: report them, or allow them for a model that masks ' +
      'them.',
  },
  {
    name: 'dtype',
    schema: { enum: ['float32', 'int32', 'uint8'] },
    doc: 'Type of x; default: as stored, float32 after scaling.',
  },
];

export interface LoadedData {
  train: DataSet;
  validation: DataSet | null;
}

/** @throws DataError when `config.reader` names no reader, or a key is unknown, missing or of the wrong type. */
export function readerOf(config: DataConfig): Reader {
  return validateConfig(config, readers, sharedKeys);
}

/** Reads the data of a configuration: transformed, and divided into training and validation samples. */
export async function loadData(config: DataConfig, context: ReadContext): Promise<LoadedData> {
  const reader = readerOf(config);
  const options = transformOptions(config, reader);
  const setting = config['validation'] as number | boolean | Record<string, unknown> | undefined;
  const raw = await read(reader, config, context);
  if (typeof setting === 'number') {
    const mode =
      (config['split'] as SplitMode | undefined) ??
      reader.defaultSplit ??
      (hasClasses(raw) ? 'stratified' : 'shuffled');
    const parts = splitDataSet(raw, setting, mode, context.seed ?? 0);
    if (parts.validation.x.shape[0] === 0 || parts.train.x.shape[0] === 0) {
      throw new DataError(
        raw.source,
        `a validation fraction of ${setting} of ${raw.x.shape[0]} samples leaves one part empty`,
        'Choose another fraction, or name validation files.',
      );
    }
    const train = transform(parts.train, options, context);
    return { train, validation: transform(parts.validation, options, context, train) };
  }
  const train = transform(raw, options, context);
  const other =
    setting === false
      ? null
      : typeof setting === 'object'
        ? setting
        : ((await reader.ownValidation?.(config, context)) ?? null);
  if (!other) return { train, validation: null };
  const merged: DataConfig = { ...config, ...other, reader: config.reader };
  delete merged['validation'];
  validateConfig(merged, readers, sharedKeys);
  const validation = transform(await read(reader, merged, context, raw), options, context, train);
  return { train, validation };
}

async function read(reader: Reader, config: DataConfig, context: ReadContext, like?: DataSet): Promise<DataSet> {
  const set = await reader.read(config, context, like);
  if (config['nonFinite'] !== 'allow') {
    checkFinite(set.x, 'x', set.source);
    if (set.y) checkFinite(set.y, 'y', set.source);
  }
  return set;
}

/** One NaN makes every weight NaN after one step; the run would go on for hours and learn nothing. */
function checkFinite(array: DataArray, name: string, source: string): void {
  if (array.dtype !== 'float32') return;
  const at = array.data.findIndex((value: number) => !Number.isFinite(value));
  if (at < 0) return;
  const sample = Math.floor(at / (array.data.length / sampleCount(array)));
  throw new DataError(
    source,
    `${name} of sample ${sample} (counted from 0) has the value ${array.data[at]}`,
    'Remove or replace such values, or set "nonFinite": "allow" if the model masks them.',
  );
}

/** What headers tell about the data of a configuration, after `reshape` and `oneHot`. */
export async function describeData(config: DataConfig, context: ReadContext): Promise<DataDescription> {
  const reader = readerOf(config);
  const description = await reader.describe(config, context);
  const sample = config['reshape'] as number[] | undefined;
  if (sample) {
    const have = description.x.shape.slice(1).reduce<number>((product, length) => product * (length ?? NaN), 1);
    const known = sample.filter(length => length !== -1).reduce((product, length) => product * length, 1);
    description.x.shape = [description.samples, ...sample.map(length => (length === -1 ? have / known : length))];
  }
  if (config['scale'] !== undefined || config['standardize']) description.x.dtype = 'float32';
  if (config['dtype']) description.x.dtype = config['dtype'] as DType;
  if (config['oneHot'] && !reader.handlesOneHot && description.y) {
    const classes =
      description.classes?.length ?? (description.y.maximum === undefined ? null : description.y.maximum + 1);
    description.y = { shape: [description.samples, classes], dtype: 'uint8', minimum: 0, maximum: 1 };
  }
  return description;
}

/** A configuration for a file or folder somebody picked. @throws DataError when no reader knows its kind. */
export async function suggestConfig(path: string): Promise<DataConfig> {
  const isFolder = await stat(path).then(
    info => info.isDirectory(),
    () => false,
  );
  let head: Uint8Array = new Uint8Array(0);
  if (!isFolder) {
    await checkFile(path);
    head = await headOf(path);
  }
  for (const reader of readers) {
    const config = await reader.suggest(path, head);
    if (config) return config;
  }
  throw new DataError(
    path,
    isFolder ? 'the folder holds no image folders' : 'no reader knows this kind of file',
    `Known are: ${readers.map(reader => reader.title).join('; ')}.`,
  );
}

function transformOptions(config: DataConfig, reader: Reader): TransformOptions {
  const { scale, standardize, reshape, dtype } = config;
  const oneHot = config['oneHot'] && !reader.handlesOneHot;
  return { scale, standardize, reshape, oneHot, dtype } as TransformOptions;
}

function hasClasses(set: DataSet): boolean {
  return set.y !== null && set.y.dtype !== 'float32' && set.y.shape.slice(1).every(length => length === 1);
}
