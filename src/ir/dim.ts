/**
 * The length of one axis, always in normal form, because only this file builds one: equal lengths have equal text.
 *
 * Four kinds. `known` is a number. `symbolic` is an integer polynomial over the author's own names
 * (`sequence_length`, `2*d`) with one more atom for windows and halving, `floor(expression / k)`. `open` is an axis the
 * program itself leaves to run time (Keras's `None`). `unknown` is an axis that this tool could not follow, with the
 * reason. The difference matters: Keras raises on an `open` axis where a size is needed, and nothing may be said of an
 * `unknown` one.
 */

export type Dim = KnownDim | SymbolicDim | OpenDim | UnknownDim;

export interface KnownDim {
  readonly kind: 'known';
  readonly value: number;
}
export interface SymbolicDim {
  readonly kind: 'symbolic';
  readonly terms: readonly Term[];
  readonly text: string;
}
export interface OpenDim {
  readonly kind: 'open';
}
export interface UnknownDim {
  readonly kind: 'unknown';
  readonly why: string;
}

/** `coefficient * atoms[0] * atoms[1] …`; the constant term has no atoms. Atoms are sorted by their text. */
export interface Term {
  readonly coefficient: number;
  readonly atoms: readonly Atom[];
}
export type Atom = SymbolAtom | FloorAtom;
export interface SymbolAtom {
  readonly kind: 'symbol';
  readonly text: string;
}
export interface FloorAtom {
  readonly kind: 'floor';
  readonly of: SymbolicDim;
  readonly by: number;
  readonly text: string;
}

/** `maybe` is the honest answer whenever something about it is not known. */
export type Verdict = 'yes' | 'no' | 'maybe';

/** More terms than this and the expression is given up: nobody reads it and every operation on it slows down. */
const MAX_TERMS = 24;

export const OPEN: OpenDim = { kind: 'open' };

/** The numbers that models are made of, made once: evaluation is mostly arithmetic on these. */
const SMALL: readonly KnownDim[] = Array.from({ length: 1025 }, (_, value) => ({ kind: 'known', value }));

export function known(value: number): Dim {
  const small = SMALL[value];
  if (small) return small;
  // `+ 0` turns −0 into 0: equal lengths are one value.
  return Number.isSafeInteger(value)
    ? { kind: 'known', value: value + 0 }
    : unknownDim('the number is no exact integer');
}

export function unknownDim(why: string): UnknownDim {
  return { kind: 'unknown', why };
}

/** A size that the author named. Symbols stand for positive integers. */
export function symbol(name: string): Dim {
  return fromTerms([{ coefficient: 1, atoms: [{ kind: 'symbol', text: name }] }]);
}

export function isKnown(dim: Dim): dim is KnownDim {
  return dim.kind === 'known';
}

/** True where arithmetic can be done at all: a number or a polynomial. */
export function isExact(dim: Dim): dim is KnownDim | SymbolicDim {
  return dim.kind === 'known' || dim.kind === 'symbolic';
}

// ----------------------------------------------------------------------------------------------------- arithmetic

export function add(a: Dim, b: Dim): Dim {
  if (a.kind === 'known' && b.kind === 'known') return known(a.value + b.value);
  return combine(a, b, (x, y) => [...x, ...y]);
}

export function subtract(a: Dim, b: Dim): Dim {
  if (a.kind === 'known' && b.kind === 'known') return known(a.value - b.value);
  return add(a, scale(b, -1));
}

export function multiply(a: Dim, b: Dim): Dim {
  if (a.kind === 'known' && b.kind === 'known') return known(a.value * b.value);
  // Zero times anything is zero, even where the other factor is unknown.
  if ((isKnown(a) && a.value === 0) || (isKnown(b) && b.value === 0)) return known(0);
  if (isKnown(a) && a.value === 1) return b;
  if (isKnown(b) && b.value === 1) return a;
  return combine(a, b, (x, y) => x.flatMap(p => y.map(q => timesTerm(p, q))));
}

export function scale(a: Dim, factor: number): Dim {
  return factor === 1 ? a : multiply(a, known(factor));
}

/** Rounds down, as Python's `//` does for a positive divisor. */
export function floorDivide(a: Dim, by: Dim): Dim {
  if (isKnown(by)) {
    if (by.value === 0) return unknownDim('division by zero');
    if (isKnown(a)) return known(Math.floor(a.value / by.value));
    if (by.value < 0) return floorDivide(scale(a, -1), known(-by.value));
    if (by.value === 1 || a.kind !== 'symbolic') return a;
    return floorByConstant(a, by.value);
  }
  if (isExact(a) && isExact(by)) {
    const exact = divideExactly(a, by);
    return exact ?? unknownDim(`${dimText(a)} // ${dimText(by)} is not followed`);
  }
  return lose(a, by);
}

/** Rounds up: `ceil(a / by)`, as strided windows with padding 'same' do. */
export function ceilDivide(a: Dim, by: Dim): Dim {
  return floorDivide(add(a, subtract(by, known(1))), by);
}

/** Python's `%` for a positive divisor. */
export function modulo(a: Dim, by: Dim): Dim {
  return subtract(a, multiply(floorDivide(a, by), by));
}

/** How many items Python's `[lower:upper:step]` takes of `length`; null stands for a bound left out. */
export function axisLength(length: number, lower: number | null, upper: number | null, step: number | null): number {
  const by = step ?? 1;
  if (by === 0) return 0;
  const clamp = (n: number, least: number, most: number): number =>
    Math.min(Math.max(n < 0 ? n + length : n, least), most);
  const from =
    lower === null ? (by > 0 ? 0 : length - 1) : by > 0 ? clamp(lower, 0, length) : clamp(lower, -1, length - 1);
  const to = upper === null ? (by > 0 ? length : -1) : by > 0 ? clamp(upper, 0, length) : clamp(upper, -1, length - 1);
  return Math.max(0, Math.ceil((to - from) / by));
}

/** `a / by` where it leaves no remainder for every value of the symbols, else undefined. */
export function divideExactly(a: Dim, by: Dim): Dim | undefined {
  if (!isExact(a) || !isExact(by)) return undefined;
  if (a.kind === 'known' && by.kind === 'known')
    return by.value !== 0 && a.value % by.value === 0 ? known(a.value / by.value) : undefined;
  if (isKnown(by) && by.value === 0) return undefined;
  const divisor = termsOf(by);
  if (divisor.length === 1) {
    const [d] = divisor;
    const terms = termsOf(a).map(t => divideTerm(t, d!));
    return terms.every(t => t !== undefined) ? fromTerms(terms) : undefined;
  }
  // A divisor of several terms: only `expression / expression`, up to a factor.
  const lead = divisor[0]!;
  const first = termsOf(a)[0];
  const factor = first && divideTerm(first, lead);
  if (!factor) return undefined;
  const quotient = fromTerms([factor]);
  return same(multiply(quotient, by), a) === 'yes' ? quotient : undefined;
}

export function product(dims: readonly Dim[]): Dim {
  return dims.reduce(multiply, known(1));
}

export function sum(dims: readonly Dim[]): Dim {
  return dims.reduce(add, known(0));
}

/** Puts values in the place of symbols; a symbol without a value stays. */
export function substitute(dim: Dim, values: ReadonlyMap<string, Dim>): Dim {
  if (dim.kind !== 'symbolic') return dim;
  const atomValue = (atom: Atom): Dim =>
    atom.kind === 'symbol'
      ? (values.get(atom.text) ?? symbol(atom.text))
      : floorDivide(substitute(atom.of, values), known(atom.by));
  return sum(dim.terms.map(t => scale(product(t.atoms.map(atomValue)), t.coefficient)));
}

// ----------------------------------------------------------------------------------------------------- comparison

/** Are the two lengths equal? `no` only where they differ for every positive value of the symbols. */
export function same(a: Dim, b: Dim): Verdict {
  if (a.kind === 'known' && b.kind === 'known') return a.value === b.value ? 'yes' : 'no';
  if (!isExact(a) || !isExact(b)) return 'maybe';
  const difference = subtract(a, b);
  if (isKnown(difference)) return difference.value === 0 ? 'yes' : 'no';
  return isPositive(difference) || isPositive(scale(difference, -1)) ? 'no' : 'maybe';
}

/** Is `a < b` for every positive value of the symbols? */
export function less(a: Dim, b: Dim): Verdict {
  if (a.kind === 'known' && b.kind === 'known') return a.value < b.value ? 'yes' : 'no';
  if (!isExact(a) || !isExact(b)) return 'maybe';
  const difference = subtract(b, a);
  if (isKnown(difference)) return difference.value > 0 ? 'yes' : 'no';
  if (isPositive(difference)) return 'yes';
  const reversed = scale(difference, -1);
  return lowerBound(reversed) >= 0 ? 'no' : 'maybe';
}

function isPositive(dim: Dim): boolean {
  return lowerBound(dim) > 0;
}

/** The least value over all positive integers for the symbols; −∞ where there is none that is easily seen. */
export function lowerBound(dim: Dim): number {
  if (isKnown(dim)) return dim.value;
  if (dim.kind !== 'symbolic') return Number.NEGATIVE_INFINITY;
  let total = 0;
  for (const { coefficient, atoms } of dim.terms) {
    if (coefficient < 0 && atoms.length > 0) return Number.NEGATIVE_INFINITY;
    total += coefficient * atoms.reduce((least, a) => least * atomBound(a), 1);
  }
  return total;
}

function atomBound(atom: Atom): number {
  return atom.kind === 'symbol' ? 1 : Math.max(0, Math.floor(lowerBound(atom.of) / atom.by));
}

/** All symbol names in it, in the order of their first appearance. */
export function symbolsOf(dim: Dim): string[] {
  const found = new Set<string>();
  const visit = (d: Dim): void => {
    if (d.kind !== 'symbolic') return;
    for (const a of d.terms.flatMap(t => t.atoms)) {
      if (a.kind === 'symbol') found.add(a.text);
      else visit(a.of);
    }
  };
  visit(dim);
  return [...found];
}

// ----------------------------------------------------------------------------------------------------------- text

/** As a Keras author would write it: `None` for an open axis, `?` for one that could not be followed. */
export function dimText(dim: Dim): string {
  switch (dim.kind) {
    case 'known':
      return String(dim.value);
    case 'symbolic':
      return dim.text;
    case 'open':
      return 'None';
    case 'unknown':
      return '?';
  }
}

/** The JSON form of contracts: a number, a symbolic size as text, else null. */
export function dimJson(dim: Dim): number | string | null {
  return dim.kind === 'known' ? dim.value : dim.kind === 'symbolic' ? dim.text : null;
}

// ---------------------------------------------------------------------------------------------------- normal form

function termsOf(dim: KnownDim | SymbolicDim): readonly Term[] {
  return dim.kind === 'known' ? [{ coefficient: dim.value, atoms: [] }] : dim.terms;
}

function combine(a: Dim, b: Dim, terms: (x: readonly Term[], y: readonly Term[]) => readonly Term[]): Dim {
  if (!isExact(a) || !isExact(b)) return lose(a, b);
  return fromTerms(terms(termsOf(a), termsOf(b)));
}

/** What an operation with a length that is not a number gives: open stays open, unknown wins with its reason. */
function lose(a: Dim, b: Dim): Dim {
  return a.kind === 'unknown' ? a : b.kind === 'unknown' ? b : OPEN;
}

function fromTerms(terms: readonly Term[]): Dim {
  const merged = new Map<string, Term>();
  for (const t of terms) {
    const key = monomial(t);
    const before = merged.get(key);
    merged.set(key, before ? { coefficient: before.coefficient + t.coefficient, atoms: t.atoms } : t);
  }
  const kept = [...merged.entries()].filter(([, t]) => t.coefficient !== 0);
  if (kept.some(([, t]) => !Number.isSafeInteger(t.coefficient))) return unknownDim('the number is too large');
  if (kept.length === 0) return known(0);
  if (kept.length === 1 && kept[0]![1].atoms.length === 0) return known(kept[0]![1].coefficient);
  if (kept.length > MAX_TERMS) return unknownDim('the expression of this size has become too long');
  // Higher degrees first, then by name, the constant last: `h*w + 2*h + 1`.
  kept.sort(([p, a], [q, b]) => b.atoms.length - a.atoms.length || (p < q ? -1 : p > q ? 1 : 0));
  const sorted = kept.map(([, t]) => t);
  return { kind: 'symbolic', terms: sorted, text: termsText(sorted) };
}

/** Floors stand in brackets: `(a*a // 4)` and `a*(a // 4)` are two things. */
function monomial(t: Term): string {
  return t.atoms.map(a => (a.kind === 'floor' ? `(${a.text})` : a.text)).join('*');
}

function timesTerm(p: Term, q: Term): Term {
  const atoms = [...p.atoms, ...q.atoms].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return { coefficient: p.coefficient * q.coefficient, atoms };
}

function divideTerm(t: Term, by: Term): Term | undefined {
  const coefficient = t.coefficient / by.coefficient;
  if (!Number.isInteger(coefficient)) return undefined;
  const atoms = [...t.atoms];
  for (const a of by.atoms) {
    const at = atoms.findIndex(x => x.text === a.text);
    if (at < 0) return undefined;
    atoms.splice(at, 1);
  }
  return { coefficient, atoms };
}

/** Whole multiples of `by` leave the floor, so that `(2*h + 3) // 2` and `h + 1` are one thing. */
function floorByConstant(a: SymbolicDim, by: number): Dim {
  const outside: Term[] = [];
  const inside: Term[] = [];
  for (const t of a.terms) {
    const whole = Math.floor(t.coefficient / by);
    if (whole !== 0) outside.push({ coefficient: whole, atoms: t.atoms });
    const rest = t.coefficient - whole * by;
    if (rest !== 0) inside.push({ coefficient: rest, atoms: t.atoms });
  }
  const rest = fromTerms(inside);
  if (rest.kind !== 'symbolic') return add(fromTerms(outside), known(isKnown(rest) ? Math.floor(rest.value / by) : 0));
  return add(fromTerms(outside), floorAtom(rest, by));
}

function floorAtom(of: SymbolicDim, by: number): Dim {
  // floor(floor(x / b) / c) = floor(x / (b * c)): nested halvings stay one atom.
  const [only] = of.terms;
  const inner = only?.atoms[0];
  if (of.terms.length === 1 && only?.coefficient === 1 && only.atoms.length === 1 && inner?.kind === 'floor') {
    return floorByConstant(inner.of, inner.by * by);
  }
  const simple = of.terms.length === 1;
  const text = `${simple ? of.text : `(${of.text})`} // ${by}`;
  return fromTerms([{ coefficient: 1, atoms: [{ kind: 'floor', of, by, text }] }]);
}

function termsText(terms: readonly Term[]): string {
  let out = '';
  for (const { coefficient, atoms } of terms) {
    const size = Math.abs(coefficient);
    const bare = size === 1 && atoms.length === 1 && terms.length === 1 && coefficient > 0;
    const factors = atoms.map(a => (a.kind === 'floor' && !bare ? `(${a.text})` : a.text));
    const body = [...(size !== 1 || atoms.length === 0 ? [String(size)] : []), ...factors].join('*');
    out += out === '' ? (coefficient < 0 ? `-${body}` : body) : ` ${coefficient < 0 ? '-' : '+'} ${body}`;
  }
  return out;
}
