/**
 * The arithmetic behind a shape or a parameter count, as one would write it on paper: `floor((28 − 3) / 1) + 1 = 26`.
 */
import { type Dim, dimText, isExact, isKnown, same, sum } from '../ir/dim';
import { isRanked, type Shape, type Window, windowExtent } from '../ir/shape';
import { weightSize } from './apply';
import type { WeightSpec } from './spec';

const AXIS_NAMES: Readonly<Record<number, readonly string[]>> = {
  1: ['length'],
  2: ['height', 'width'],
  3: ['depth', 'height', 'width'],
};

/** `3·3·1·32 + 32 = 320`; undefined where there are no weights. */
export function explainParameters(weights: readonly WeightSpec[]): string | undefined {
  if (weights.length === 0) return undefined;
  const parts = weights.map(w => (w.shape.length === 0 ? '1' : w.shape.map(factor).join('·')));
  const total = dimText(sum(weights.map(weightSize)));
  const text = parts.join(' + ');
  return text === total ? `parameters: ${total}` : `parameters: ${text} = ${total}`;
}

/** One line for each spatial axis; equal ones become one. `before` and `after` are the spatial lengths only. */
export function explainWindows(before: readonly Dim[], windows: readonly Window[], after: readonly Dim[]): string[] {
  const names = AXIS_NAMES[before.length] ?? [];
  return explainAxes(
    names,
    before.map((n, i) => `${windowText(n, windows[i]!)} = ${dimText(after[i]!)}`),
  );
}

function windowText(n: Dim, w: Window): string {
  const stride = dimText(w.stride);
  if (w.padding !== 'valid') return stride === '1' ? dimText(n) : `ceil(${factor(n)} / ${stride})`;
  return `floor((${dimText(n)} − ${dimText(windowExtent(w))}) / ${stride}) + 1`;
}

/** Lines `name: text`, without the names where all texts are one. */
export function explainAxes(names: readonly string[], texts: readonly string[]): string[] {
  return new Set(texts).size === 1 ? [texts[0]!] : texts.map((t, i) => `${names[i] ?? `axis ${i + 1}`}: ${t}`);
}

/** `7·7·64 = 3136` for Flatten; undefined where something is not known. */
export function explainProduct(dims: readonly Dim[], total: Dim): string | undefined {
  if (dims.length < 2 || !dims.every(isExact)) return undefined;
  return `${dims.map(factor).join('·')} = ${dimText(total)}`;
}

/** `a + b = c` for a concatenation. */
export function explainSum(terms: readonly Dim[], total: Dim): string | undefined {
  return terms.every(isExact) ? `${terms.map(dimText).join(' + ')} = ${dimText(total)}` : undefined;
}

/** A length inside a product: sums are bracketed. */
function factor(d: Dim): string {
  const text = dimText(d);
  return d.kind === 'symbolic' && / [+−-] /.test(text) ? `(${text})` : text;
}

export function lengthsOf(shape: Shape): readonly Dim[] {
  return isRanked(shape) ? shape.dims : [];
}

export function changed(a: Dim, b: Dim): boolean {
  return !(isKnown(a) && same(a, b) === 'yes');
}
