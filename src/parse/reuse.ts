/**
 * What statements were lowered to, kept to be used again after an edit.
 *
 * A statement is known again by its place, its kind and its text: where neither it nor what touches it was edited, and
 * no error or repair lies in it, its syntax tree is the one it had, for these languages read a statement without regard
 * to what stands around it. Tree-sitter's own node identities do not serve: an incremental parse builds the list of
 * statements anew, and with it the identity of each.
 *
 * A statement that an edit has pushed up or down keeps its nodes: only the numbers in their spans change. So a `Program`
 * of a document that is edited speaks of the latest text alone.
 */
import type { Comment, Statement } from '../ir/program';
import type { Span } from '../ir/span';

export interface LoweredStatement {
  readonly type: string;
  start: number;
  end: number;
  readonly statements: readonly Statement[];
  readonly comments: readonly Comment[];
  /** The statements inside, in the order of the text, so that an edit inside finds its neighbours again. */
  readonly inner: readonly LoweredStatement[];
  /** Everything that moves with it; gathered when it moves for the first time. */
  moving?: readonly MovableSpan[];
}

type MovableSpan = { -readonly [K in keyof Span]: Span[K] };

/** The one range outside of which two texts are the same. */
export interface EditedRange {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** The statements of the text before the edit, asked for by places of the text after it. */
export class KnownStatements {
  constructor(
    private readonly lowered: readonly LoweredStatement[],
    private readonly edit: EditedRange,
  ) {}

  find(type: string, start: number, end: number): LoweredStatement | undefined {
    const { edit } = this;
    if (end < edit.start) return found(this.lowered, type, start, end);
    const delta = edit.newEnd - edit.oldEnd;
    return start > edit.newEnd ? found(this.lowered, type, start - delta, end - delta) : undefined;
  }
}

function found(among: readonly LoweredStatement[], type: string, start: number, end: number) {
  for (let siblings = among; ;) {
    const around = lastFrom(siblings, start);
    if (!around || around.end < end) return undefined;
    if (around.start === start && around.end === end && around.type === type) return around;
    siblings = around.inner;
  }
}

/** The last one that begins at `start` or before. */
function lastFrom(siblings: readonly LoweredStatement[], start: number): LoweredStatement | undefined {
  let low = 0;
  for (let high = siblings.length; low < high;) {
    const middle = (low + high) >> 1;
    if (siblings[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  return siblings[low - 1];
}

export function inTextOrder<T extends { readonly start: number }>(lowered: readonly T[]): readonly T[] {
  for (let i = 1; i < lowered.length; i++) {
    if (lowered[i - 1]!.start > lowered[i]!.start) return [...lowered].sort((a, b) => a.start - b.start);
  }
  return lowered;
}

/** Gives the statement and all that lies in it its new place. */
export function moveTo(lowered: LoweredStatement, start: number): void {
  const delta = start - lowered.start;
  if (delta === 0) return;
  lowered.moving ??= spansOf(lowered);
  for (const span of lowered.moving) {
    span.start += delta;
    span.end += delta;
  }
}

function spansOf(lowered: LoweredStatement): readonly MovableSpan[] {
  const spans = new Set<MovableSpan>();
  gather(lowered.statements, spans);
  gather(lowered.comments, spans);
  gatherRecords(lowered, spans);
  return [...spans];
}

/** The nodes are plain data, so one walk serves every kind. A span that two nodes share moves once. */
function gather(value: unknown, into: Set<MovableSpan>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const item of value) gather(item, into);
  else if (isSpan(value)) into.add(value);
  else for (const inner of Object.values(value)) gather(inner, into);
}

/** Once the statement around them moves as a whole, those inside need no lists of their own. */
function gatherRecords(lowered: LoweredStatement, into: Set<MovableSpan>): void {
  into.add(lowered);
  for (const inner of lowered.inner) {
    inner.moving = undefined;
    gatherRecords(inner, into);
  }
}

function isSpan(value: object): value is MovableSpan {
  return 'start' in value && 'end' in value;
}
