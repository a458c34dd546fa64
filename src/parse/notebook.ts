/**
 * Jupyter notebooks: the code cells in order as one program, with the way back from its offsets to cells. IPython's own
 * syntax (`%time`, `!pip`, `name?`, `%%bash`) is masked at equal length, so every offset stays what it was.
 */
import { codeEnd, PYTHON_SYNTAX } from './repair/syntax';

export interface NotebookCell {
  /** The cell's place among all cells of the notebook, text cells included. */
  readonly index: number;
  readonly source: string;
}

export interface Notebook {
  readonly language: string;
  readonly cells: readonly NotebookCell[];
}

/** All cells as one text. Cell `i` lies at `starts[i]`, as long as its source. */
export interface JoinedCells {
  readonly text: string;
  readonly cells: readonly NotebookCell[];
  readonly starts: readonly number[];
}

interface NotebookFile {
  readonly cells?: unknown;
  readonly worksheets?: readonly { readonly cells?: unknown }[];
  readonly metadata?: {
    readonly language_info?: { readonly name?: unknown };
    readonly kernelspec?: { readonly language?: unknown };
  };
}

interface CellInFile {
  readonly cell_type?: unknown;
  readonly source?: unknown;
  /** Where format 3 kept the source. */
  readonly input?: unknown;
  readonly metadata?: { readonly vscode?: { readonly languageId?: unknown } };
}

/**
 * The code cells of an `.ipynb` file of format 3, 4 or 5, in its own language. Undefined when the text is no notebook.
 */
export function readNotebook(json: string): Notebook | undefined {
  let file: NotebookFile | null;
  try {
    file = JSON.parse(json) as NotebookFile | null;
  } catch {
    return undefined;
  }
  const listed = file?.cells ?? file?.worksheets?.[0]?.cells;
  if (!Array.isArray(listed)) return undefined;
  const { language_info: info, kernelspec } = file?.metadata ?? {};
  const language = [info?.name, kernelspec?.language].find(each => typeof each === 'string') ?? 'python';
  const cells: NotebookCell[] = [];
  for (const [index, cell] of (listed as (CellInFile | null)[]).entries()) {
    if (cell?.cell_type !== 'code') continue;
    const own = cell.metadata?.vscode?.languageId;
    if (typeof own === 'string' && own !== language) continue;
    cells.push({ index, source: sourceOf(cell.source ?? cell.input) });
  }
  return { language, cells };
}

function sourceOf(source: unknown): string {
  if (Array.isArray(source)) return source.filter(line => typeof line === 'string').join('');
  return typeof source === 'string' ? source : '';
}

/** Every cell begins on a line of its own, which a backslash at the end of the one before must not run on into. */
export function joinCells(cells: readonly NotebookCell[]): JoinedCells {
  const starts: number[] = [];
  let text = '';
  for (const { source } of cells) {
    starts.push(text.length);
    text += `${maskMagics(source).replace(/\\$/, ' ')}\n`;
  }
  return { text, cells, starts };
}

/** The cell an offset of the joined text lies in, and where in it. Undefined for a notebook without code. */
export function inCell(
  { cells, starts }: JoinedCells,
  offset: number,
): { readonly cell: NotebookCell; readonly offset: number } | undefined {
  let low = 0;
  for (let high = starts.length; low < high;) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  const cell = cells[low - 1];
  return cell && { cell, offset: Math.min(offset - starts[low - 1]!, cell.source.length) };
}

/** Cell magics whose body is Python that runs in the notebook. */
const PYTHON_CELL = /^%%(?:time|timeit|capture|prun|memit|mprun|python3?|py|debug|tensorflow_version)\b/;
const MAGIC_LINE = /^(?:[%!]|\?{1,2}\s*[\w.*]|[\w.*]+\?{1,2}\s*$)/;
const MAGIC_VALUE = /^(\s*[\w.,\s[\]'"]*[\w\]]\s*=\s*)(?:!|%(?=[a-z_]))/;

/** The cell with IPython's syntax replaced by Python of the same length that does nothing, and U+00A0 by a space. */
export function maskMagics(cell: string): string {
  const text = cell.includes('\u00a0') ? cell.replace(/\u00a0/g, ' ') : cell;
  if (!/[%!?]/.test(text)) return text;
  const begin = /\S/.exec(text)?.index ?? 0;
  if (text.startsWith('%%', begin) && !PYTHON_CELL.test(text.slice(begin))) return text.replace(/[^\r\n]/g, ' ');
  let out = '';
  let at = 0;
  while (at < text.length) {
    const line = magicLine(text, at);
    const end = line === undefined ? logicalLineEnd(text, at) : Math.min(text.length, at + line.length + 1);
    out += (line ?? text.slice(at, end)) + (line === undefined ? '' : text.slice(at + line.length, end));
    at = end;
  }
  return out;
}

/** What stands for the logical line that begins at `at`, of the same length, when it is IPython's. */
function magicLine(text: string, at: number): string | undefined {
  const line = physicalLine(text, at);
  const code = line.trimStart();
  const indent = line.length - code.length;
  if (MAGIC_LINE.test(code)) {
    const whole = continued(text, at);
    return whole.slice(0, indent) + nothing(whole.slice(indent));
  }
  const head = MAGIC_VALUE.exec(line)?.[1];
  if (head === undefined) return undefined;
  const whole = continued(text, at);
  return `${head}_${blank(whole.slice(head.length + 1))}`;
}

const blank = (source: string) => source.replace(/[^\r\n]/g, ' ');

/** `pass` where it fits, so that `if colab: !pip install x` keeps its body. */
function nothing(source: string): string {
  const word = /^[^\r\n]{4}/.test(source) ? 'pass' : '0';
  return word + blank(source.slice(word.length));
}

function physicalLine(text: string, at: number): string {
  const newline = text.indexOf('\n', at);
  return text.slice(at, newline === -1 ? undefined : newline).replace(/\r$/, '');
}

/** A shell line goes on after a backslash. */
function continued(text: string, at: number): string {
  let end = at;
  for (;;) {
    const line = physicalLine(text, end);
    end += line.length;
    if (!line.endsWith('\\') || end >= text.length) return text.slice(at, end);
    end += text[end] === '\r' ? 2 : 1;
  }
}

/** Just after the line break that ends the statement: brackets, strings and backslashes carry it over others. */
function logicalLineEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const char = text[at]!;
    const quote = PYTHON_SYNTAX.quoteAt(text, at);
    if (quote) {
      at = PYTHON_SYNTAX.stringEnd(text, at + quote.length, quote) ?? at + codeEnd(text, at).length;
      continue;
    }
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth = Math.max(0, depth - 1);
    else if (char === '\n' && depth === 0) return at + 1;
    at += char === '\\' ? (text[at + 1] === '\r' ? 3 : 2) : Math.max(1, PYTHON_SYNTAX.commentLength(text, at));
  }
  return text.length;
}
