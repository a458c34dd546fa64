/** Batches as the compiled step wants them: always as many rows, and lengths of few kinds, so that few graphs exist. */
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../train/compile';
import type { Task } from './config';
import { batchOf, type BatchOptions, type Feature, type TextBatch } from './tasks';
import type { BatchTensors } from './trainer';

/** Lengths are rounded up to multiples of this: at most eight graphs, four for short texts. */
export function bucketOf(maxLength: number): number {
  return Math.max(32, Math.ceil(maxLength / 64) * 8);
}

export interface TensorBatchOptions extends BatchOptions {
  /** Rows of every batch; missing ones are filled up by rows that do not count. */
  readonly rows: number;
  /** By class, of classification alone. */
  readonly classWeights?: readonly number[];
}

export interface TensorBatch {
  readonly batch: TextBatch;
  /** Rows that count. */
  readonly size: number;
  readonly tensors: BatchTensors;
}

/** @param chosen indices of features; the tensors belong to the caller */
export function tensorBatch(
  tf: Tf,
  features: readonly Feature[],
  chosen: readonly number[],
  options: TensorBatchOptions,
): TensorBatch {
  const { rows, task, classWeights } = options;
  const size = chosen.length;
  const filled = [...chosen, ...new Array<number>(Math.max(0, rows - size)).fill(chosen[0]!)];
  const batch = batchOf(features, filled, options);
  const { length, ids, typeIds, attentionMask } = batch;
  const shape: [number, number] = [filled.length, length];
  const weights = weightsOf(task, batch, size, classWeights);
  const answers = task === 'masked-lm' ? evenlyShaped(batch, weights, filled.length * length) : { ...batch, weights };
  const { labels, labelShape, selected } = answers;
  const tensors = {
    ids: tf.tensor2d(ids, shape, 'int32'),
    types: tf.tensor2d(typeIds, shape, 'int32'),
    mask: tf.tensor2d(attentionMask, shape, 'int32'),
    labels: tf.tensor(labels, [...labelShape], labels instanceof Int32Array ? 'int32' : 'float32'),
    weights: tf.tensor1d(answers.weights),
    ...(selected && { selected: tf.tensor1d(selected, 'int32') as tfjs.Tensor }),
  };
  return { batch, size, tensors };
}

function weightsOf(
  task: Task,
  { labels, labelShape, weights, selected, length }: TextBatch,
  size: number,
  classWeights: readonly number[] | undefined,
): Float32Array {
  const perRow = task === 'token-classification' ? length : 1;
  const out = Float32Array.from(weights);
  if (selected) selected.forEach((at, i) => (out[i] = at < size * length ? out[i]! : 0));
  else out.fill(0, size * perRow);
  if (classWeights && labelShape.length === 1) labels.forEach((label, i) => (out[i]! *= classWeights[label] ?? 1));
  return out;
}

/** The number of hidden tokens differs from batch to batch; filled up to a quarter of all tokens, it hardly ever does. */
function evenlyShaped(
  { labels, selected }: TextBatch,
  weights: Float32Array,
  tokens: number,
): Pick<TextBatch, 'labels' | 'labelShape' | 'weights' | 'selected'> {
  const step = Math.max(1, Math.ceil(tokens / 4));
  const count = Math.max(step, Math.ceil(labels.length / step) * step);
  const fill = (from: ArrayLike<number>): Int32Array => {
    const out = new Int32Array(count);
    out.set(from);
    return out;
  };
  const padded = new Float32Array(count);
  padded.set(weights);
  return { labels: fill(labels), labelShape: [count], weights: padded, selected: fill(selected!) };
}
