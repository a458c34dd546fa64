/** What a person sees of the data before a run: balance of labels, lengths in tokens, and how much is cut off. */
import type { Task } from '../config';
import type { Tokenizer } from '../tokenizer/index';
import { featuresOf, IGNORED, maxLengthOf, type Feature, type FeatureOptions } from './features';
import type { TaskData } from './task-data';

export interface Preview {
  readonly task: Task;
  readonly examples: { readonly train: number; readonly validation: number };
  /** Of question answering: windows that the training examples are read in, reckoned up from those looked at. */
  readonly windows: number | null;
  /** In the order of the label map; words for token classification. */
  readonly balance: readonly { readonly label: string; readonly count: number }[];
  /** Range of the values of a regression. */
  readonly range?: { readonly minimum: number; readonly maximum: number; readonly mean: number };
  /** Examples by length in tokens, special tokens included; `to` does not belong to the bar. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly longest: number;
  readonly maxLength: number;
  /** Share of the looked-at examples longer than the maximum, 0 to 1. */
  readonly truncatedShare: number;
  /** How many examples were looked at. */
  readonly sampled: number;
  /** Sentences worth reading. */
  readonly notes: readonly string[];
}

const BARS = 16;

/** Looks at evenly spaced examples, at most `sample` of them, so that large data sets are previewed at once too. */
export function previewOf(data: TaskData, tokenizer: Tokenizer, options: FeatureOptions = {}, sample = 2000): Preview {
  const { task, train, labels } = data;
  const step = Math.max(1, Math.ceil(train.length / sample));
  const looked = train.filter((_, i) => i % step === 0);
  const lengths = looked.map(({ text, pair }) => tokenizer.encode(text, pair).ids.length);
  const maxLength = maxLengthOf(task, tokenizer, options);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const truncated = lengths.filter(length => length > maxLength).length;
  const truncatedShare = looked.length === 0 ? 0 : truncated / looked.length;
  const balance = balanceOf(data);
  const windows = task === 'question-answering' ? featuresOf(task, tokenizer, looked, options) : null;
  const notes: string[] = [];
  if (truncated > 0) notes.push(truncationNote(task, truncated, looked.length, longest, maxLength));
  const unseen = balance.filter(({ count }) => count === 0).map(({ label }) => label);
  if (unseen.length > 0) notes.push(`No training example has the label ${unseen.slice(0, 5).join(', ')}.`);
  const counts = balance.map(({ count }) => count).filter(count => count > 0);
  if (task === 'sequence-classification' && counts.length > 1 && Math.max(...counts) > 10 * Math.min(...counts)) {
    notes.push('The labels are far from balanced; class weights or macro F1 may serve better than accuracy.');
  }
  if (task === 'sequence-classification' && labels.length === 1) {
    notes.push(`All examples have the label ${labels[0]}; there is nothing to learn.`);
  }
  if (windows) notes.push(windowNote(windows, looked.length));
  return {
    task,
    examples: { train: train.length, validation: data.validation.length },
    windows: windows && Math.round((windows.length * train.length) / Math.max(1, looked.length)),
    balance,
    ...(task === 'regression' && { range: rangeOf(train.flatMap(({ target }) => target as number | number[])) }),
    histogram: histogramOf(lengths, longest),
    longest,
    maxLength,
    truncatedShare,
    sampled: looked.length,
    notes,
  };
}

function truncationNote(task: Task, truncated: number, looked: number, longest: number, maxLength: number): string {
  const share = `${truncated} of ${looked} examples are longer than ${maxLength} tokens, the longest has ${longest}`;
  return task === 'question-answering'
    ? `${share}; they are read in overlapping windows.`
    : `${share}; what is beyond is cut off. Raise the maximum length to keep more.`;
}

function balanceOf({ task, train, labels }: TaskData): { label: string; count: number }[] {
  if (task === 'regression') return [];
  const counts = new Array<number>(labels.length).fill(0);
  for (const { target } of train) {
    if (typeof target === 'number') counts[target]!++;
    else if (task === 'multi-label') (target as number[]).forEach((on, i) => (counts[i]! += on));
    else if (task === 'token-classification') for (const tag of target as number[]) counts[tag]!++;
  }
  return labels.map((label, i) => ({ label, count: counts[i]! }));
}

function rangeOf(values: readonly number[]): { minimum: number; maximum: number; mean: number } {
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  return { minimum, maximum, mean: sum / values.length };
}

function histogramOf(lengths: readonly number[], longest: number): Preview['histogram'] {
  const width = Math.max(1, Math.ceil((longest + 1) / BARS));
  const bars = Array.from({ length: Math.ceil((longest + 1) / width) }, (_, i) => ({
    from: i * width,
    to: (i + 1) * width,
    count: 0,
  }));
  for (const length of lengths) bars[Math.floor(length / width)]!.count++;
  return bars;
}

function windowNote(windows: readonly Feature[], looked: number): string {
  const without = windows.filter(({ labels }) => labels[0] === 0 && labels[1] !== IGNORED).length;
  return `${looked} questions are read in ${windows.length} windows of their contexts, ${without} of them without an answer.`;
}
