// Notebooks as `check` and `summary` see them: one program, whose places are told as lines of cells.
import { LineMap, type Position } from '../ide/lines';
import { joinCells, readNotebook } from '../ide/notebook';
import type { Range } from './checked-file';

export interface NotebookSource {
  /** All code cells in order. */
  text: string;
  /** Each cell's place among all cells of the notebook, and the line of `text` it begins on. */
  cells: readonly { index: number; line: number; text: string }[];
}

/** Undefined where the text is no notebook. A notebook of another language has no cells for us. */
export function notebookSource(json: string): NotebookSource | undefined {
  const notebook = readNotebook(json);
  if (notebook === undefined) return undefined;
  const isPython = /^i?python/i.test(notebook.language);
  const { text, cells, starts } = joinCells(isPython ? notebook.cells : []);
  const lines = new LineMap(text);
  return {
    text,
    cells: cells.map(({ index, source }, order) => ({
      index,
      line: lines.position(starts[order] ?? 0).line,
      text: source,
    })),
  };
}

/** The range of the joined text as one of a cell. */
export function rangeInCell({ start, end }: Range, { cells }: NotebookSource): Range {
  const cell = [...cells].reverse().find(({ line }) => line <= start.line) ?? cells[0];
  if (cell === undefined) return { start, end };
  const within = ({ line, character }: Position): Position => ({ line: line - cell.line, character });
  return { start: within(start), end: within(end), cell: cell.index };
}
