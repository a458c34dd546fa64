/** Completes or leaves out the lines on which errors remain, so that the statements around them can be read. */
import type { SyntaxFault } from '../../ir/program';
import type { Patch } from './patch';
import type { Following, Syntax } from './syntax';

/** What was tried on each line, by its start. */
export type Tried = Map<number, 'completed' | 'left out'>;

/** More lines than this with errors are no half-typed statement but another language. */
const MAX_LINES = 12;

/**
 * One patch for each line with an error, by the start of the line: what completes it, and only when no line is left
 * that could be completed, what stands for it.
 */
export function mendLines(
  text: string,
  errors: readonly SyntaxFault[],
  syntax: Syntax,
  tried: Tried,
): ReadonlyMap<number, Patch> {
  const starts = [...new Set(errors.map(({ span }) => lineWithCode(text, span.start)))]
    .filter(start => tried.get(start) !== 'left out')
    .slice(0, MAX_LINES);
  const completions = new Map<number, Patch>();
  for (const start of starts.filter(each => !tried.has(each))) {
    const line = lineAt(text, start);
    const completion = syntax.complete(line, following(text, start, line).body !== undefined);
    if (completion === undefined) continue;
    tried.set(start, 'completed');
    completions.set(start, { at: start + line.trimEnd().length, insert: completion });
  }
  if (completions.size > 0) return completions;

  const standIns = new Map<number, Patch>();
  for (const start of starts) {
    const line = lineAt(text, start);
    const indent = line.length - line.trimStart().length;
    tried.set(start, 'left out');
    standIns.set(start, { at: start + indent, ...syntax.standIn(line.slice(indent), following(text, start, line)) });
  }
  return standIns;
}

export function hasErrorOn(text: string, errors: readonly SyntaxFault[], start: number): boolean {
  return errors.some(({ span }) => lineWithCode(text, span.start) === start);
}

function lineAt(text: string, start: number): string {
  const newline = text.indexOf('\n', start);
  return text.slice(start, newline === -1 ? undefined : newline).replace(/\r$/, '');
}

/** The start of the line at `at`, or of the line before it when that one is empty: what is missing is missing there. */
function lineWithCode(text: string, at: number): number {
  let start = text.lastIndexOf('\n', at - 1) + 1;
  while (start > 0 && lineAt(text, start).trim() === '') start = text.lastIndexOf('\n', start - 2) + 1;
  return start;
}

/** Looks no further than a block can reasonably be long, because every line with an error asks. */
const MAX_BLOCK = 400;

function following(text: string, start: number, line: string): Following {
  const indent = line.length - line.trimStart().length;
  let body: string | undefined;
  let next = text.indexOf('\n', start);
  for (let count = 0; next !== -1 && count < MAX_BLOCK; next = text.indexOf('\n', next + 1)) {
    const after = lineAt(text, next + 1);
    const code = after.trim();
    if (code === '') continue;
    const depth = after.length - after.trimStart().length;
    if (depth <= indent) return { body, next: depth === indent ? code : undefined };
    body ??= code;
    count++;
  }
  return { body, next: undefined };
}
