// Notebooks as one program: the code cells in order, magics masked at equal length, and the way back from lines to cells.
import type { Position } from '../ide/lines';
import type { Range } from './checked-file';

export interface NotebookSource {
  /** All code cells, each ending with a line break. */
  text: string;
  /** First line in `text` of each code cell, with the cell's place among all cells of the notebook. */
  cells: readonly { index: number; line: number; text: string }[];
}

interface NotebookFile {
  cells?: { cell_type?: string; source?: string | string[] }[];
  metadata?: { language_info?: { name?: string }; kernelspec?: { language?: string } };
}

/** Cell magics whose body is Python all the same. */
const PYTHON_MAGICS = /^%%(time|timeit|capture|prun|python3?|py)\b/;

/** @throws {SyntaxError} where the file is no notebook */
export function readNotebook(json: string): NotebookSource {
  const file = JSON.parse(json) as NotebookFile | null;
  if (!Array.isArray(file?.cells)) throw new SyntaxError('it has no list of cells');
  const language = file.metadata?.language_info?.name ?? file.metadata?.kernelspec?.language ?? 'python';
  const cells: { index: number; line: number; text: string }[] = [];
  let text = '';
  let line = 0;
  for (const [index, cell] of file.cells.entries()) {
    if (cell.cell_type !== 'code' || !/^i?python/i.test(language)) continue;
    const source = Array.isArray(cell.source) ? cell.source.join('') : (cell.source ?? '');
    const whole = source.endsWith('\n') ? source : `${source}\n`;
    cells.push({ index, line, text: source });
    text += maskMagics(whole);
    line += whole.split(/\r\n|\n|\r/).length - 1;
  }
  return { text, cells };
}

/** Lines of IPython's own become comments of the same length, so that every offset stays. */
export function maskMagics(cell: string): string {
  const masked = cell.replaceAll('\u00a0', ' ');
  if (/^\s*%%/.test(masked) && !PYTHON_MAGICS.test(masked.trimStart())) return masked.replace(/[^\r\n]/g, ' ');
  let continued = false;
  return masked
    .split(/(\r\n|\n|\r)/)
    .map(line => {
      const magic: boolean = continued || /^\s*(%|!|\?)/.test(line) || /^\s*[\w.]+\?{1,2}\s*$/.test(line);
      if (/^[\r\n]+$/.test(line)) return line;
      continued = magic && line.endsWith('\\');
      // `x = !ls` and `x = %env Y` bind a list or a string that nobody can know.
      const bound = /^(\s*[\w, ]+=\s*)([!%])(.*)$/.exec(line);
      if (bound && !magic) return `${bound[1]}_${' '.repeat(bound[3]?.length ?? 0)}`;
      return magic ? `${line.replace(/\S.*$/, rest => `#${' '.repeat(rest.length - 1)}`)}` : line;
    })
    .join('');
}

/** The range of the joined text as one of a cell. */
export function rangeInCell({ start, end }: Range, { cells }: NotebookSource): Range {
  const cell = [...cells].reverse().find(({ line }) => line <= start.line) ?? cells[0];
  if (cell === undefined) return { start, end };
  const within = ({ line, character }: Position): Position => ({ line: line - cell.line, character });
  return { start: within(start), end: within(end), cell: cell.index };
}
