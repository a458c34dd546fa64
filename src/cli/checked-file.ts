// The result of checking one file as the contract of `check --json` states it; text and SARIF are drawn from it too.
import type { ShapeJson } from '../ir/model';
import type { FileLanguage } from './files';

/** As in the Language Server Protocol: counted from 0, characters in UTF-16 code units. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
  /** In a notebook: which of its cells, counted from 0; lines are those of the cell. */
  cell?: number;
}

export type Severity = 'error' | 'warning' | 'info';

export interface Related {
  message: string;
  range: Range;
  /** Another file than the one that is checked. */
  path?: string;
}

export interface Fix {
  title: string;
  edits: readonly { range: Range; newText: string }[];
}

export interface Diagnostic {
  code: string;
  severity: Severity;
  message: string;
  range: Range;
  related: readonly Related[];
  fixes: readonly Fix[];
}

export interface LayerRow {
  name: string;
  class: string;
  /** Of its last call; a list of shapes where it has several outputs. */
  outputShape: ShapeJson | readonly ShapeJson[] | null;
  params: number | null;
  range: Range;
}

export interface ModelRow {
  name: string;
  range: Range;
  inputs: readonly ShapeJson[];
  outputs: readonly ShapeJson[];
  layers: readonly LayerRow[];
  params: { total: number | null; trainable: number | null; nonTrainable: number | null };
  flops: number | null;
}

export interface CheckedFile {
  path: string;
  language: FileLanguage;
  diagnostics: readonly Diagnostic[];
  models: readonly ModelRow[];
}

/** Turns offsets into positions. Lines end with \n, \r\n or \r, as in the Language Server Protocol. */
export class LineMap {
  readonly #starts: number[] = [0];

  constructor(readonly text: string) {
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(index + end.length);
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offsets outside the text count as its ends. */
  position(offset: number): Position {
    const wanted = Math.max(0, Math.min(offset, this.text.length));
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: wanted - (this.#starts[low] ?? 0) };
  }

  range({ start, end }: { start: number; end: number }): Range {
    return { start: this.position(start), end: this.position(Math.max(start, end)) };
  }

  offset({ line, character }: Position): number {
    return Math.min((this.#starts[line] ?? this.text.length) + character, this.text.length);
  }

  /** Without its line break; empty beyond the text. */
  line(line: number): string {
    const start = this.#starts[line];
    if (start === undefined) return '';
    return this.text.slice(start, this.#starts[line + 1] ?? this.text.length).replace(/[\r\n]+$/, '');
  }
}

export function countOf(files: readonly CheckedFile[], severity: Severity): number {
  return files.reduce((sum, { diagnostics }) => sum + diagnostics.filter(each => each.severity === severity).length, 0);
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
