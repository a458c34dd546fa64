/** Batches of features of like length: an order that depends on seed and epoch alone, and arrays filled up to one length. */
import { permutation } from '../../data/random';
import type { Task } from '../config';
import type { Tokenizer } from '../tokenizer/index';
import { IGNORED, type Feature } from './features';
import { maskTokens } from './masking';

export interface PlanOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
  /** Default true; false keeps the order of the data, as evaluation needs it. */
  readonly shuffle?: boolean;
  /** Default true: batches of like length, so that little is filled up. */
  readonly groupByLength?: boolean;
}

/** As many batches are sorted by length together; more waste less and are less random. */
const SORTED_TOGETHER = 50;

/**
 * Indices of features, batch by batch. A pure function: a run that resumes at batch k plans once more and goes on
 * at k.
 */
export function planBatches(lengths: ArrayLike<number>, options: PlanOptions): number[][] {
  const { batchSize, seed, epoch, shuffle = true, groupByLength = true } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`The batch size must be a positive integer, got ${batchSize}.`);
  }
  const order = shuffle
    ? Array.from(permutation(lengths.length, seed, epoch))
    : Array.from({ length: lengths.length }, (_, i) => i);
  if (groupByLength) {
    const size = batchSize * SORTED_TOGETHER;
    for (let start = 0; start < order.length; start += size) {
      // Array.prototype.sort is stable: equal lengths stay in random order.
      const sorted = order.slice(start, start + size).sort((a, b) => lengths[b]! - lengths[a]!);
      order.splice(start, sorted.length, ...sorted);
    }
  }
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += batchSize) batches.push(order.slice(start, start + batchSize));
  if (!shuffle || !groupByLength) return batches;
  // The longest come first, so that memory that does not suffice shows at once; the others in any order.
  const rest = permutation(Math.max(0, batches.length - 1), seed, epoch + 0x10000);
  return [...batches.slice(0, 1), ...Array.from(rest, i => batches[i + 1]!)];
}

/** Arrays of one batch, row by row; B rows of L tokens. */
export interface TextBatch {
  /** Which features the rows are. */
  readonly features: readonly number[];
  readonly size: number;
  readonly length: number;
  /** [B, L] */
  readonly ids: Int32Array;
  readonly typeIds: Int32Array;
  readonly attentionMask: Int32Array;
  /** Int32Array of classes, else Float32Array; as `labelShape` says. */
  readonly labels: Int32Array | Float32Array;
  readonly labelShape: readonly number[];
  /** 1 where a row of the labels counts, else 0. */
  readonly weights: Float32Array;
  /** Masked language modelling: the rows of [B · L] that the labels belong to. */
  readonly selected?: Int32Array;
}

export interface BatchOptions {
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  /** Lengths are rounded up to a multiple of this, so that few graphs are compiled; default 8. */
  readonly multipleOf?: number;
  /** Never beyond this many tokens. */
  readonly maxLength?: number;
  /** Of the masks, with the position of the first row among all rows of the run. */
  readonly seed?: number;
  readonly position?: number;
  readonly maskProbability?: number;
}

export function batchOf(all: readonly Feature[], rows: readonly number[], options: BatchOptions): TextBatch {
  const { task, tokenizer, multipleOf = 8, maxLength = Infinity } = options;
  const longest = Math.max(1, ...rows.map(row => all[row]!.ids.length));
  const length = Math.max(longest, Math.min(Math.ceil(longest / multipleOf) * multipleOf, maxLength));
  const size = rows.length;
  const ids = new Int32Array(size * length).fill(tokenizer.special.pad);
  const typeIds = new Int32Array(size * length);
  const attentionMask = new Int32Array(size * length);
  rows.forEach((row, b) => {
    const feature = all[row]!;
    ids.set(feature.ids, b * length);
    typeIds.set(feature.typeIds, b * length);
    attentionMask.fill(1, b * length, b * length + feature.ids.length);
  });
  const arrays = { features: rows, size, length, ids, typeIds, attentionMask };
  if (task === 'masked-lm') return { ...arrays, ...maskedLabels(all, rows, length, ids, options) };
  return { ...arrays, ...labelsOf(task, all, rows, length) };
}

type LabelArrays = Pick<TextBatch, 'labels' | 'labelShape' | 'weights'>;

function labelsOf(task: Task, all: readonly Feature[], rows: readonly number[], length: number): LabelArrays {
  const size = rows.length;
  if (task === 'token-classification') {
    const labels = new Int32Array(size * length);
    const weights = new Float32Array(size * length);
    rows.forEach((row, b) =>
      all[row]!.labels.forEach((label, i) => {
        if (label === IGNORED) return;
        labels[b * length + i] = label;
        weights[b * length + i] = 1;
      }),
    );
    return { labels, labelShape: [size * length], weights };
  }
  const values = rows.flatMap(row => all[row]!.labels);
  const weights = new Float32Array(size).fill(1);
  if (task === 'sequence-classification') return { labels: Int32Array.from(values), labelShape: [size], weights };
  const shape = [size, values.length / size];
  if (task === 'question-answering') return { labels: Int32Array.from(values), labelShape: shape, weights };
  return { labels: Float32Array.from(values), labelShape: shape, weights };
}

/** Hides tokens in `ids`, in place. */
function maskedLabels(
  all: readonly Feature[],
  rows: readonly number[],
  length: number,
  ids: Int32Array,
  { tokenizer, seed = 42, position = 0, maskProbability = 0.15 }: BatchOptions,
): LabelArrays & Pick<TextBatch, 'selected'> {
  const labels: number[] = [];
  const selected: number[] = [];
  rows.forEach((row, b) => {
    const masked = maskTokens(all[row]!.ids, tokenizer, seed, position + b, maskProbability);
    ids.set(masked.ids, b * length);
    masked.labels.forEach((label, i) => {
      if (label === IGNORED) return;
      labels.push(label);
      selected.push(b * length + i);
    });
  });
  const weights = new Float32Array(labels.length).fill(1);
  return { labels: Int32Array.from(labels), labelShape: [labels.length], weights, selected: Int32Array.from(selected) };
}

/** Share of the tokens in a plan that only fill up. */
export function paddingShare(lengths: ArrayLike<number>, plan: readonly (readonly number[])[], multipleOf = 8): number {
  let filled = 0;
  let all = 0;
  for (const rows of plan) {
    const longest = Math.max(...rows.map(row => lengths[row]!));
    all += rows.length * Math.ceil(longest / multipleOf) * multipleOf;
    for (const row of rows) filled += lengths[row]!;
  }
  return all === 0 ? 0 : 1 - filled / all;
}
