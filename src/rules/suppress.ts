/**
 * `# modelwright: ignore` and `# modelwright: ignore[rank-mismatch, label-mismatch]`: behind a line it speaks of that
 * line, on a line of its own of the next one, and as the first thing in a file of the whole file.
 */
import type { Comment } from '../ir/program';
import type { Diagnostic } from './rule';

interface Ignored {
  /** Undefined: every rule. */
  readonly codes: ReadonlySet<string> | undefined;
  readonly start: number;
  readonly end: number;
}

const PATTERN = /^modelwright:\s*ignore(?:\[([\w\s,-]*)\])?/;

export function ignoredBy(comments: readonly Comment[], text: string): (d: Diagnostic) => boolean {
  const all: Ignored[] = [];
  for (const comment of comments) {
    const found = PATTERN.exec(comment.text);
    if (!found) continue;
    const codes = found[1] === undefined ? undefined : new Set(found[1].split(',').map(c => c.trim()));
    all.push({ codes, ...reach(comment, text) });
  }
  return ({ code, span }) =>
    all.some(
      i =>
        (i.codes === undefined || i.codes.has(code)) &&
        span.start < i.end &&
        i.start < Math.max(span.end, span.start + 1),
    );
}

/** The text that a comment speaks of: a diagnostic counts when it touches it. */
function reach({ span }: Comment, text: string): { readonly start: number; readonly end: number } {
  if (text.slice(0, span.start).trim() === '' || /^(#![^\n]*\n)?\s*$/.test(text.slice(0, span.start)))
    return { start: 0, end: text.length + 1 };
  const line = text.lastIndexOf('\n', span.start - 1) + 1;
  const endOf = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length + 1 : end;
  };
  if (text.slice(line, span.start).trim() !== '') return { start: line, end: endOf(span.start) };
  const next = endOf(span.start) + 1;
  return { start: next, end: endOf(next) };
}
