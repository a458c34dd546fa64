/** Divides a data set into training and validation samples. */
import { take } from './batch';
import type { DataSet } from './dataset';
import { sampleCount } from './dataset';
import { inOrder, randomBits, shuffle } from './random';

/**
 * `end` is what Keras's `validation_split` does: the last samples, before any shuffling. `shuffled` draws them at
 * random, `stratified` draws the same share of every class, so a file sorted by class is no trap.
 */
export type SplitMode = 'end' | 'shuffled' | 'stratified';

export interface Split {
  /** Positions of the training samples, ascending. */
  train: Uint32Array;
  validation: Uint32Array;
}

/**
 * @param labels integer labels, needed by `stratified` only.
 * Like Keras, `end` keeps floor(samples * (1 - fraction)) samples for training.
 */
export function splitIndices(
  samples: number,
  fraction: number,
  mode: SplitMode,
  seed = 0,
  labels?: ArrayLike<number>,
): Split {
  if (!(fraction > 0 && fraction < 1))
    throw new RangeError(`The validation fraction must lie between 0 and 1, got ${fraction}.`);
  const bits = randomBits(seed, 0);
  if (mode === 'end') {
    const at = Math.floor(samples * (1 - fraction));
    const all = inOrder(samples);
    return { train: all.slice(0, at), validation: all.slice(at) };
  }
  if (mode === 'shuffled' || !labels) return divide(shuffle(inOrder(samples), bits), Math.round(samples * fraction));
  const byLabel = new Map<number, number[]>();
  for (let i = 0; i < samples; i++) {
    const label = labels[i]!;
    const members = byLabel.get(label);
    if (members) members.push(i);
    else byLabel.set(label, [i]);
  }
  const train: number[] = [];
  const validation: number[] = [];
  // Rounding class by class would drift (0.1 of ten classes of four samples is nothing): carry the remainder to the
  // next class.
  let owed = 0;
  for (const label of [...byLabel.keys()].sort((a, b) => a - b)) {
    const members = shuffle(Uint32Array.from(byLabel.get(label)!), bits);
    owed += members.length * fraction;
    const count = Math.min(members.length - 1, Math.round(owed));
    owed -= count;
    validation.push(...members.subarray(0, count));
    train.push(...members.subarray(count));
  }
  return { train: Uint32Array.from(train).sort(), validation: Uint32Array.from(validation).sort() };
}

function divide(order: Uint32Array, count: number): Split {
  return { validation: order.slice(0, count).sort(), train: order.slice(count).sort() };
}

export function splitDataSet(
  set: DataSet,
  fraction: number,
  mode: SplitMode,
  seed = 0,
): { train: DataSet; validation: DataSet } {
  const labels =
    mode === 'stratified' && set.y && set.y.shape.length <= 2 && set.y.data.length === sampleCount(set.x)
      ? set.y.data
      : undefined;
  const { train, validation } = splitIndices(sampleCount(set.x), fraction, mode, seed, labels);
  const part = (indices: Uint32Array): DataSet => ({
    ...set,
    x: take(set.x, indices),
    y: set.y && take(set.y, indices),
  });
  return { train: part(train), validation: part(validation) };
}
