/**
 * Moves lowered statements to where an edit further up has pushed them: the same nodes with other spans.
 *
 * The nodes are plain data, so one generic copy serves every kind. The originals are never changed: an older `Program`
 * that somebody still holds stays true to its own text.
 */
import type { Comment, Statement } from '../ir/program';
import type { Span } from '../ir/span';

export function shiftStatements(statements: readonly Statement[], delta: number): readonly Statement[] {
  return delta === 0 ? statements : statements.map(statement => shifted(statement, delta));
}

export function shiftComments(comments: readonly Comment[], delta: number): readonly Comment[] {
  return delta === 0 ? comments : comments.map(comment => shifted(comment, delta));
}

function shifted<T>(value: T, delta: number): T {
  return copied(value, delta) as T;
}

function copied(value: unknown, delta: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copied(item, delta));
  if (isSpan(value)) return { start: value.start + delta, end: value.end + delta };
  // A spread copies a node in one step; only what is an object itself must be replaced.
  const copy: Record<string, unknown> = { ...value };
  for (const key in copy) {
    const inner = copy[key];
    if (typeof inner === 'object' && inner !== null) copy[key] = copied(inner, delta);
  }
  return copy;
}

function isSpan(value: object): value is Span {
  return 'start' in value && 'end' in value;
}
