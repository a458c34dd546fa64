// Draws a diagnostic into its lines of code, as compilers do: the place, both facts with their carets, the way out.
import type { LineMap } from '../ide/lines';
import type { Diagnostic, Fix, Range, Severity } from './checked-file';
import { characterWidth, displayWidth, padStart, type Colours } from './terminal';

export interface FrameOptions {
  path: string;
  /** Of the file, or of the notebook's cell that a range lies in. */
  sourceOf: (cell: number | undefined) => LineMap;
  colours: Colours;
  columns: number;
}

interface Label {
  range: Range;
  message: string;
  primary: boolean;
}

/** Lines without labels between two labelled ones are shown up to this many, else an ellipsis stands for them. */
const BETWEEN = 2;

const TAB = '    ';

/** Several lines, ending with an empty one. */
export function codeFrame(diagnostic: Diagnostic, options: FrameOptions): string {
  const { colours: paint, path, sourceOf } = options;
  const { range, severity } = diagnostic;
  const here = diagnostic.related.filter(each => each.path === undefined && each.range.cell === range.cell);
  const elsewhere = diagnostic.related.filter(each => !here.includes(each));
  const labels: Label[] = [
    { range, message: '', primary: true },
    ...here.map(({ range: place, message }) => ({ range: place, message, primary: false })),
  ];
  const source = sourceOf(range.cell);
  const lastLine = Math.max(...labels.map(label => label.range.start.line)) + 1;
  const fixLines = diagnostic.fixes.flatMap(fix => fixText(fix, options, String(lastLine).length));
  const margin = ' '.repeat(String(lastLine).length);
  const bar = paint.blue('|');
  const lines = [
    `${severityColour(severity, paint)(paint.bold(`${severity}[${diagnostic.code}]`))}${paint.bold(`: ${diagnostic.message}`)}`,
    `${margin}${paint.blue('-->')} ${placeText(path, range)}`,
    `${margin} ${bar}`,
    ...labelledLines(labels, source, margin.length, severity, options),
    `${margin} ${bar}`,
    ...elsewhere.map(
      each =>
        `${margin} ${paint.blue('=')} ${paint.dim(`${placeText(each.path ?? path, each.range)}:`)} ${each.message}`,
    ),
    ...fixLines,
    '',
  ];
  return lines.join('\n');
}

/** `cnn.py:12:5`, counted from 1 as editors and terminals do; in a notebook `nb.ipynb:cell 3:12:5`. */
export function placeText(path: string, { start, cell }: Range): string {
  return `${path}:${cell === undefined ? '' : `cell ${cell + 1}:`}${start.line + 1}:${start.character + 1}`;
}

function severityColour(severity: Severity, paint: Colours): (text: string) => string {
  return { error: paint.red, warning: paint.yellow, info: paint.cyan }[severity];
}

function labelledLines(
  labels: readonly Label[],
  source: LineMap,
  margin: number,
  severity: Severity,
  options: FrameOptions,
): string[] {
  const { colours: paint } = options;
  const bar = paint.blue('|');
  const byLine = new Map<number, Label[]>();
  for (const label of labels)
    byLine.set(label.range.start.line, [...(byLine.get(label.range.start.line) ?? []), label]);
  const out: string[] = [];
  let before: number | undefined;
  for (const line of [...byLine.keys()].sort((a, b) => a - b)) {
    if (before !== undefined && line - before - 1 > BETWEEN) out.push(paint.blue('...'));
    else for (let gap = (before ?? line) + 1; gap < line; gap++) out.push(codeLine(gap));
    const [first, ...more] = (byLine.get(line) ?? []).sort((a, b) => Number(b.primary) - Number(a.primary));
    const clip = clipAround(source.line(line), first?.range.start.character ?? 0, options.columns - margin - 4);
    out.push(`${paint.blue(padStart(String(line + 1), margin))} ${bar} ${clip.text}`);
    for (const label of [first, ...more])
      if (label) out.push(`${' '.repeat(margin)} ${bar} ${underline(label, clip, source.line(line), severity, paint)}`);
    before = line;
  }
  return out;

  function codeLine(line: number): string {
    const clip = clipAround(source.line(line), 0, options.columns - margin - 4);
    return `${paint.blue(padStart(String(line + 1), margin))} ${bar} ${clip.text}`.trimEnd();
  }
}

function underline(
  { range, message, primary }: Label,
  clip: Clip,
  line: string,
  severity: Severity,
  paint: Colours,
): string {
  const last = range.end.line === range.start.line ? range.end.character : line.length;
  const from = clip.column(range.start.character);
  const length = Math.max(1, Math.min(clip.column(last), displayWidth(clip.text)) - from);
  const mark = (primary ? '^' : '-').repeat(length);
  const colour = primary ? severityColour(severity, paint) : paint.blue;
  const words = message === '' ? '' : ` ${message}`;
  return ' '.repeat(Math.max(0, from)) + colour(mark + words);
}

interface Clip {
  text: string;
  /** The column on the screen of a character of the line. */
  column: (character: number) => number;
}

/** The part of a line that fits, with the wanted character in it; tabs become spaces, control characters visible. */
function clipAround(line: string, character: number, width: number): Clip {
  const cells: { text: string; width: number; at: number }[] = [];
  let index = 0;
  for (const each of line) {
    // An escape sequence in a checked file must not reach the terminal.
    const text = each === '\t' ? TAB : /[\u0000-\u001f\u007f-\u009f]/.test(each) ? '\ufffd' : each;
    cells.push({ text, width: text === TAB ? TAB.length : characterWidth(text), at: index });
    index += each.length;
  }
  const total = cells.reduce((sum, cell) => sum + cell.width, 0);
  let first = 0;
  let dots = '';
  if (total > width) {
    const wanted = cells.findIndex(cell => cell.at >= character);
    let lead = 0;
    const room = Math.max(10, width - 12);
    // What stands before the place may take half of the room.
    for (first = Math.max(0, wanted === -1 ? cells.length - 1 : wanted); first > 0 && lead < room / 2; first--)
      lead += cells[first - 1]?.width ?? 1;
    dots = first > 0 ? '...' : '';
  }
  let text = dots;
  let used = dots.length;
  for (const cell of cells.slice(first)) {
    if (used + cell.width > Math.max(20, width)) {
      text = `${text.slice(0, -3)}...`;
      break;
    }
    text += cell.text;
    used += cell.width;
  }
  return {
    text,
    column: wanted =>
      dots.length +
      cells.filter((cell, place) => place >= first && cell.at < wanted).reduce((sum, cell) => sum + cell.width, 0),
  };
}

/** A fix with more lines than this is told by its title alone. */
const SHOWN_FIX_LINES = 6;

/** The title, and the lines as they would be after the edits. */
function fixText(fix: Fix, { colours: paint, sourceOf }: FrameOptions, margin: number): string[] {
  const indent = ' '.repeat(margin);
  const title = `${indent} ${paint.blue('=')} ${paint.green('fix')}: ${fix.title}`;
  const [first] = fix.edits;
  if (first === undefined) return [title];
  const source = sourceOf(first.range.cell);
  const from = Math.min(...fix.edits.map(({ range }) => range.start.line));
  const to = Math.max(...fix.edits.map(({ range }) => range.end.line));
  const start = source.offset({ line: from, character: 0 });
  const end = source.offset({ line: to, character: source.line(to).length });
  let after = source.text.slice(start, end);
  const edits = [...fix.edits].sort((a, b) => source.offset(b.range.start) - source.offset(a.range.start));
  for (const { range, newText } of edits) {
    after =
      after.slice(0, source.offset(range.start) - start) + newText + after.slice(source.offset(range.end) - start);
  }
  const old = Array.from({ length: to - from + 1 }, (_, index) => source.line(from + index));
  const added = after.split(/\r\n|\n|\r/);
  // Lines that stay as they are need not be shown as a change.
  while (old.length > 0 && added.length > 0 && old[0] === added[0]) [old, added].forEach(list => list.shift());
  while (old.length > 0 && added.length > 0 && old.at(-1) === added.at(-1)) [old, added].forEach(list => list.pop());
  if (old.length + added.length > SHOWN_FIX_LINES) return [title];
  const show = (mark: string, colour: (text: string) => string) => (line: string) =>
    `${indent}     ${colour(`${mark} ${line.replaceAll('\t', TAB)}`)}`.trimEnd();
  return [title, ...old.map(show('-', paint.red)), ...added.map(show('+', paint.green))];
}
