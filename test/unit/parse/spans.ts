/** Checks the invariant that every span lies in the text and inside the span of the node around it. */
import assert from 'node:assert/strict';
import type { Program } from '../../../src/ir/program';
import type { Span } from '../../../src/ir/span';

export function assertSpansNested(program: Program, length: number): void {
  const text: Span = { start: 0, end: length };
  for (const statement of program.body) check(statement, text, statement.kind);
  for (const { span } of [...program.comments, ...program.syntaxErrors]) inside(span, text, 'comment or error');
}

/** Signed integers are checked too: a node's own `argsSpan` and `nameSpan` are spans like `span`. */
function check(value: unknown, outer: Span, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) check(item, outer, path);
    return;
  }
  const { span, kind } = value as { span?: Span; kind?: string };
  const here = span ?? outer;
  const where = kind ? `${path} > ${kind}` : path;
  if (span) inside(span, outer, where);
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'span') continue;
    if (key === 'argsSpan' || key === 'nameSpan') inside(inner as Span, here, `${where}.${key}`);
    else check(inner, here, where);
  }
}

function inside(span: Span, outer: Span, where: string): void {
  const isInside =
    Number.isInteger(span.start) && span.start <= span.end && outer.start <= span.start && span.end <= outer.end;
  assert.ok(isInside, `${where}: [${span.start}, ${span.end}) is not inside [${outer.start}, ${outer.end})`);
}
