/**
 * What surely fails when the program runs, as data: which callee, which axis, wanted and got, and where each of the two
 * clashing facts was made. There are no words here; `rules/` turns a fault into a message and a quick fix.
 *
 * A fault is only made when the clash is sure for every value of what is not known.
 */
import type { Dim } from './dim';
import type { Place, Span } from './span';
import type { Shape } from './shape';

/** A fact with the place in the source that made it, for "both facts with their places". */
export interface Origin {
  readonly place: Place;
  /** What was made there: `conv2d_1`, `x_train`, `Input`. */
  readonly what: string;
}

export interface Fault {
  /** Where the program raises: the call of the layer, op or method. */
  readonly place: Place;
  readonly detail: FaultDetail;
  /** Who raises: `conv2d_1` for a layer (its framework name), `keras.ops.reshape`, `model.fit`. */
  readonly callee: string;
  /** The class of a layer (`Conv2D`), else the canonical path of what was called. */
  readonly className?: string;
  /** Where the layer was made, where the clashing input came from. */
  readonly origins: readonly Origin[];
  /** The calls of the program's own functions that lead there, the innermost first. */
  readonly callers?: readonly Origin[];
  /** Spans that quick fixes work on; named so that a rule can find its own. */
  readonly anchors?: Readonly<Record<string, Span>>;
}

export type FaultDetail =
  // -- a layer and its input
  | { readonly kind: 'rank-mismatch'; readonly wanted: RankWanted; readonly got: Shape }
  | {
      readonly kind: 'axis-mismatch';
      readonly axis: number;
      readonly wanted: Dim;
      readonly got: Dim;
      readonly input: Shape;
    }
  | {
      readonly kind: 'window-too-large';
      readonly axis: number;
      readonly length: Dim;
      readonly window: Dim;
      readonly input: Shape;
      readonly pooling: boolean;
    }
  | { readonly kind: 'undefined-size'; readonly axis: number; readonly input: Shape }
  | { readonly kind: 'input-count'; readonly wanted: string; readonly got: number }
  | { readonly kind: 'not-a-list'; readonly input: Shape }
  | { readonly kind: 'merge-mismatch'; readonly shapes: readonly Shape[]; readonly axis: number }
  | { readonly kind: 'concatenate-mismatch'; readonly shapes: readonly Shape[]; readonly axis: number }
  | { readonly kind: 'dot-mismatch'; readonly shapes: readonly Shape[]; readonly axes: readonly [number, number] }
  | { readonly kind: 'attention-mismatch'; readonly query: Shape; readonly value: Shape; readonly key: Shape }
  | {
      readonly kind: 'not-divisible';
      readonly what: string;
      readonly value: Dim;
      readonly by: Dim;
      readonly byWhat: string;
    }
  // -- ops
  | { readonly kind: 'broadcast-mismatch'; readonly left: Shape; readonly right: Shape; readonly axis: number }
  | { readonly kind: 'matmul-mismatch'; readonly left: Shape; readonly right: Shape }
  | {
      readonly kind: 'reshape-mismatch';
      readonly from: Shape;
      readonly to: readonly Dim[];
      readonly total: Dim;
      readonly target: Dim;
    }
  | { readonly kind: 'axis-out-of-range'; readonly axis: number; readonly rank: number; readonly input: Shape }
  | {
      readonly kind: 'index-out-of-range';
      readonly index: number;
      readonly length: Dim;
      readonly axis: number;
      readonly input: Shape;
    }
  | { readonly kind: 'stack-mismatch'; readonly shapes: readonly Shape[] }
  | { readonly kind: 'permutation-invalid'; readonly axes: readonly number[]; readonly rank: number }
  | { readonly kind: 'foreign-op'; readonly path: string; readonly replacement?: string }
  | { readonly kind: 'symbolic-truth' }
  | { readonly kind: 'symbolic-iteration' }
  // -- arguments
  | { readonly kind: 'argument-missing'; readonly name: string }
  | {
      readonly kind: 'argument-unknown';
      readonly name: string;
      readonly suggestion?: string;
      readonly removed?: boolean;
    }
  | {
      readonly kind: 'argument-invalid';
      readonly name: string;
      readonly got: string;
      readonly wanted: string;
      readonly suggestion?: string;
    }
  | { readonly kind: 'argument-count'; readonly wanted: number; readonly got: number }
  | { readonly kind: 'argument-conflict'; readonly names: readonly string[]; readonly why: string }
  | { readonly kind: 'shape-not-a-tuple'; readonly got: string }
  // -- models
  | { readonly kind: 'not-a-layer'; readonly got: string }
  | { readonly kind: 'disconnected'; readonly output: number }
  | { readonly kind: 'duplicate-name'; readonly name: string }
  | { readonly kind: 'no-such-layer'; readonly name: string; readonly existing: readonly string[] }
  | { readonly kind: 'not-built' }
  | { readonly kind: 'second-input'; readonly had: Shape; readonly got: Shape }
  // -- data at fit, evaluate, predict and calls of a model
  | { readonly kind: 'data-mismatch'; readonly input: number; readonly wanted: Shape; readonly got: Shape }
  | { readonly kind: 'data-count'; readonly wanted: number; readonly got: number }
  | { readonly kind: 'sample-count'; readonly sizes: readonly { readonly what: string; readonly size: Dim }[] }
  | {
      readonly kind: 'label-mismatch';
      readonly loss: string;
      readonly labels: Shape;
      readonly output: Shape;
      readonly outputIndex: number;
    }
  | { readonly kind: 'label-range'; readonly loss: string; readonly classes: Dim; readonly labels: Dim }
  | { readonly kind: 'removed-name'; readonly path: string; readonly since: string; readonly replacement?: string }
  // -- TensorFlow.js
  /** A key of an options object that the library does not look at; `raises` where the one that was meant is needed. */
  | { readonly kind: 'option-ignored'; readonly name: string; readonly suggestion: string; readonly raises: boolean }
  /** Arguments one by one where one object is wanted. `names` are the keys in the order of Keras's arguments. */
  | {
      readonly kind: 'options-object';
      readonly names: readonly string[];
      readonly raises: boolean;
      readonly isMerge?: boolean;
    }
  | { readonly kind: 'missing-input-shape' }
  | { readonly kind: 'empty-output'; readonly input: Shape; readonly output: Shape; readonly raises: boolean }
  | { readonly kind: 'not-implemented'; readonly name: string; readonly value: string }
  | { readonly kind: 'mixed-callbacks' }
  /** A dataset gives single examples; what it gives is in words. */
  | { readonly kind: 'not-batched'; readonly side: 'xs' | 'ys'; readonly got: string };

export type FaultKind = FaultDetail['kind'];
export type DetailOf<K extends FaultKind> = Extract<FaultDetail, { kind: K }>;

/** `exact` or a range; Keras's `InputSpec(ndim=…)`, `min_ndim`, `max_ndim`. */
export interface RankWanted {
  readonly exact?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** How a catalogue function says that the call fails. A class, so that no shape or value can be mistaken for one. */
export class Failure {
  constructor(readonly detail: FaultDetail) {}
}

export function fail(detail: FaultDetail): Failure {
  return new Failure(detail);
}

/** What may fail: the result, or the reason. */
export type Outcome<T> = T | Failure;
