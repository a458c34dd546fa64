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
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(item => shifted(item, delta)) as T;
  if (isSpan(value)) return { start: value.start + delta, end: value.end + delta } as T;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = shifted(value[key], delta);
  return copy as T;
}

function isSpan(value: object): value is Span {
  return 'start' in value && 'end' in value;
}
