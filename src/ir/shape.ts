/**
 * Shapes of tensors and the arithmetic on them: broadcasting, reshaping, windows. A shape is a value; nothing here
 * changes one. Where an answer is not sure the functions say so (`maybe`, `unknown`) and leave it to the caller.
 */
import {
  add,
  ceilDivide,
  type Dim,
  dimJson,
  dimText,
  divideExactly,
  floorDivide,
  isExact,
  isKnown,
  known,
  less,
  multiply,
  OPEN,
  product,
  same,
  subtract,
  unknownDim,
  type Verdict,
} from './dim';
import type { ShapeJson } from './model';

export type Shape = RankedShape | UnrankedShape;
export interface RankedShape {
  readonly kind: 'ranked';
  readonly dims: readonly Dim[];
}
export interface UnrankedShape {
  readonly kind: 'unranked';
  readonly why: string;
}

export function shape(...dims: readonly (Dim | number | null)[]): RankedShape {
  return { kind: 'ranked', dims: dims.map(d => (d === null ? OPEN : typeof d === 'number' ? known(d) : d)) };
}

export function ranked(dims: readonly Dim[]): RankedShape {
  return { kind: 'ranked', dims };
}

export function unranked(why: string): UnrankedShape {
  return { kind: 'unranked', why };
}

export function isRanked(s: Shape): s is RankedShape {
  return s.kind === 'ranked';
}

export function rank(s: Shape): number | undefined {
  return s.kind === 'ranked' ? s.dims.length : undefined;
}

/** The axis counted from the front, or undefined where it is outside: `axis(-1, 3)` is 2. */
export function axisIndex(axis: number, ofRank: number): number | undefined {
  const index = axis < 0 ? axis + ofRank : axis;
  return Number.isInteger(index) && index >= 0 && index < ofRank ? index : undefined;
}

/** `(None, 26, 26, 32)`, with the comma of a one-tuple; `?` where a length is unknown. */
export function shapeText(s: Shape): string {
  if (s.kind === 'unranked') return '(…)';
  const inner = s.dims.map(dimText).join(', ');
  return `(${inner}${s.dims.length === 1 ? ',' : ''})`;
}

/** An unranked shape has no JSON form of its own in the contract: it is the empty place `null`. */
export function shapeJson(s: Shape): ShapeJson | null {
  return s.kind === 'ranked' ? s.dims.map(dimJson) : null;
}

/** Are the shapes equal, axis by axis? */
export function sameShape(a: Shape, b: Shape): Verdict {
  if (!isRanked(a) || !isRanked(b)) return 'maybe';
  if (a.dims.length !== b.dims.length) return 'no';
  let verdict: Verdict = 'yes';
  for (let i = 0; i < a.dims.length; i++) {
    const one = same(a.dims[i]!, b.dims[i]!);
    if (one === 'no') return 'no';
    if (one === 'maybe' && !(a.dims[i]!.kind === 'open' && b.dims[i]!.kind === 'open')) verdict = 'maybe';
  }
  return verdict;
}

export function elements(s: Shape): Dim {
  return isRanked(s) ? product(s.dims) : unknownDim(s.why);
}

export function withDim(s: RankedShape, axis: number, dim: Dim): RankedShape {
  return ranked(s.dims.map((d, i) => (i === axis ? dim : d)));
}

// --------------------------------------------------------------------------------------------------- broadcasting

export interface BroadcastFailure {
  readonly axis: number;
  readonly left: Dim;
  readonly right: Dim;
}

/** NumPy's rule. `axis` of a failure counts from the end (−1 is the last). */
export function broadcast(a: Shape, b: Shape): Shape | BroadcastFailure {
  if (!isRanked(a)) return a;
  if (!isRanked(b)) return b;
  const length = Math.max(a.dims.length, b.dims.length);
  const out: Dim[] = [];
  for (let back = 1; back <= length; back++) {
    const left = a.dims[a.dims.length - back] ?? known(1);
    const right = b.dims[b.dims.length - back] ?? known(1);
    const dim = broadcastDim(left, right);
    if (dim === undefined) return { axis: -back, left, right };
    out.unshift(dim);
  }
  return ranked(out);
}

export function isBroadcastFailure(x: Shape | BroadcastFailure): x is BroadcastFailure {
  return 'axis' in x;
}

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (isKnown(a) && a.value === 1) return b;
  if (isKnown(b) && b.value === 1) return a;
  switch (same(a, b)) {
    case 'yes':
      return a;
    // Two sizes that surely differ could still broadcast where a symbol may be 1; only numbers are sure.
    case 'no':
      return couldBeOne(a) || couldBeOne(b) ? unknownDim('one of two broadcast lengths') : undefined;
    case 'maybe':
      break;
  }
  // A known length above 1 decides the result whatever the other one is.
  if (isKnown(a)) return a;
  if (isKnown(b)) return b;
  if (a.kind === 'open' || b.kind === 'open')
    return a.kind === 'open' && b.kind === 'open' ? OPEN : a.kind === 'open' ? b : a;
  return a.kind === 'unknown' ? a : b.kind === 'unknown' ? b : unknownDim('one of two broadcast lengths');
}

function couldBeOne(d: Dim): boolean {
  return !isKnown(d) && same(d, known(1)) !== 'no';
}

// ------------------------------------------------------------------------------------------------------ reshaping

export type ReshapeResult =
  | { readonly kind: 'ok'; readonly dims: readonly Dim[] }
  /** `total` elements do not fit `target`; both are exact. */
  | { readonly kind: 'mismatch'; readonly total: Dim; readonly target: Dim };

/**
 * `target` may hold one −1. Sizes are compared only where both are exact; an open or unknown axis in the source makes
 * the −1 open or unknown as well.
 */
export function reshape(source: readonly Dim[], target: readonly Dim[]): ReshapeResult {
  const total = product(source);
  const hole = target.findIndex(d => isKnown(d) && d.value === -1);
  const fixed = product(target.filter((_, i) => i !== hole));
  if (hole < 0) {
    return same(total, fixed) === 'no' ? { kind: 'mismatch', total, target: fixed } : { kind: 'ok', dims: target };
  }
  if (isKnown(total) && isKnown(fixed) && (fixed.value === 0 || total.value % fixed.value !== 0)) {
    return { kind: 'mismatch', total, target: fixed };
  }
  const whole = isExact(total) && isExact(fixed) ? divideExactly(total, fixed) : undefined;
  const filled =
    whole ??
    (total.kind === 'unknown'
      ? total
      : fixed.kind === 'unknown'
        ? fixed
        : total.kind === 'open' || fixed.kind === 'open'
          ? OPEN
          : unknownDim(`${dimText(total)} / ${dimText(fixed)} is not followed`));
  return { kind: 'ok', dims: target.map((d, i) => (i === hole ? filled : d)) };
}

// -------------------------------------------------------------------------------------------------------- windows

export type WindowPadding = 'valid' | 'same' | 'causal';

export interface Window {
  readonly size: Dim;
  readonly stride: Dim;
  readonly dilation: Dim;
  readonly padding: WindowPadding;
}

/** Extent of a dilated window: `(size − 1) · dilation + 1`. */
export function windowExtent(w: Window): Dim {
  return add(multiply(subtract(w.size, known(1)), w.dilation), known(1));
}

/**
 * Output length of a convolution or pooling along one axis, as Keras computes it (`compute_conv_output_shape` in
 * `keras/src/ops/operation_utils.py`): 'valid' `floor((n − extent) / stride) + 1`, else `floor((n − 1) / stride) + 1`.
 */
export function windowOutput(length: Dim, w: Window): Dim {
  if (!isExact(length)) return length;
  const reach = w.padding === 'valid' ? subtract(length, windowExtent(w)) : subtract(length, known(1));
  return add(floorDivide(reach, w.stride), known(1));
}

/** Does the window surely not fit, that is, would an output length be zero or negative? */
export function windowFails(length: Dim, w: Window): boolean {
  return less(windowOutput(length, w), known(1)) === 'yes';
}

/**
 * Output length of a transposed convolution along one axis (`compute_conv_transpose_output_shape`): with no
 * `outputPadding`, 'valid' `n · stride + max(extent − stride, 0)`, 'same' `n · stride`; else
 * `(n − 1) · stride + extent − 2 · pad + outputPadding` with `pad = floor(extent / 2)` for 'same' and 0 for 'valid'.
 */
export function transposedWindowOutput(length: Dim, w: Window, outputPadding?: Dim): Dim {
  if (!isExact(length)) return length;
  const extent = windowExtent(w);
  if (outputPadding === undefined) {
    const grown = multiply(length, w.stride);
    if (w.padding !== 'valid') return grown;
    const surplus = subtract(extent, w.stride);
    switch (less(surplus, known(0))) {
      case 'yes':
        return grown;
      case 'no':
        return add(grown, surplus);
      case 'maybe':
        return unknownDim('the window and its stride are not known');
    }
  }
  const pad = w.padding === 'valid' ? known(0) : floorDivide(extent, known(2));
  const reach = add(multiply(subtract(length, known(1)), w.stride), extent);
  return add(subtract(reach, multiply(known(2), pad)), outputPadding);
}

/** `ceil(length / stride)`: how many strides cover the axis. */
export function strideCount(length: Dim, stride: Dim): Dim {
  return ceilDivide(length, stride);
}
