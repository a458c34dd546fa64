/**
 * Two ways through the program where a condition is not known: both are followed, one after the other from the same
 * state, and what they leave behind is joined. A way that ends in `raise` is not followed further: the program that is
 * checked is the one that goes on.
 */
import type { Value } from '../ir/value';
import type { Evaluator } from './evaluator';
import { joinValues } from './join';
import type { Delta, Frame } from './journal';

/** How a block of statements ended. */
export type Completion = 'normal' | 'break' | 'continue' | 'return' | 'raise';

/** A branch that left the block early while the other goes on: its state waits for the end of the block. */
export interface Pending {
  readonly frame: Frame;
  readonly delta: Delta;
  readonly why: string;
}

/** Both values, joined, with the changes of both. */
export function branchValues(cx: Evaluator, why: string, first: () => Value, second: () => Value): Value {
  const frame = cx.journal.open();
  const a = first();
  const delta = cx.journal.takeBack(frame);
  const b = second();
  cx.journal.join(frame, delta, why);
  cx.journal.close(frame);
  return joinValues(a, b, why);
}

/**
 * Runs both blocks. Where one leaves early (`return`, `break`, `continue`) and the other goes on, the state of the one
 * that left is put aside in `pending`, and the caller joins it at the end of its own block.
 */
export function branchBlocks(
  cx: Evaluator,
  why: string,
  first: () => Completion,
  second: () => Completion,
  pending: Pending[],
): Completion {
  const frame = cx.journal.open();
  const a = first();
  const delta = cx.journal.takeBack(frame);
  const b = second();
  if (a === b || (a !== 'raise' && b !== 'raise' && a !== 'normal' && b !== 'normal')) {
    if (a !== b) noteEarly(cx, a === 'return' ? a : b);
    cx.journal.join(frame, delta, why);
    cx.journal.close(frame);
    return a === b ? a : a === 'return' ? b : a;
  }
  if (a === 'raise') {
    cx.journal.close(frame);
    return b;
  }
  if (b === 'raise') {
    cx.journal.takeBack(frame);
    cx.journal.install(frame, delta);
    cx.journal.close(frame);
    return a;
  }
  if (b === 'normal') {
    pending.push({ frame, delta, why });
    noteEarly(cx, a);
  } else {
    const left = cx.journal.takeBack(frame);
    cx.journal.install(frame, delta);
    pending.push({ frame, delta: left, why });
    noteEarly(cx, b);
  }
  return 'normal';
}

/** At the end of a block: joins the states of the ways that left it early. */
export function settlePending(cx: Evaluator, pending: Pending[]): void {
  for (let p = pending.pop(); p; p = pending.pop()) {
    cx.journal.join(p.frame, p.delta, p.why);
    cx.journal.close(p.frame);
  }
}

function noteEarly(cx: Evaluator, completion: Completion): void {
  const frame = cx.frames.at(-1);
  const loop = cx.loops.at(-1);
  if (completion === 'return' && frame) frame.maybeReturned = true;
  if (loop && (completion === 'break' || completion === 'return')) loop.maybeBroken = true;
}

/** Runs something that may not happen at all; what it changes is joined with how things are without it. */
export function perhaps(cx: Evaluator, why: string, run: () => void): void {
  const frame = cx.journal.open();
  run();
  const delta = cx.journal.takeBack(frame);
  cx.journal.join(frame, delta, why);
  cx.journal.close(frame);
}

/** Runs something whose changes are forgotten: a function that the program itself never calls. */
export function tentatively<T>(cx: Evaluator, run: () => T): T {
  const frame = cx.journal.open();
  try {
    return run();
  } finally {
    cx.journal.abandonTo(frame);
    cx.journal.takeBack(frame);
    cx.journal.close(frame);
  }
}
