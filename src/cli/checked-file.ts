// The result of checking one file as the contract of `check --json` states it; text and SARIF are drawn from it too.
import type { Range as LineRange } from '../ide/lines';
import type { ShapeJson } from '../ir/model';
import type { FileLanguage } from './files';

/** A range of a file, or of one cell of a notebook. */
export interface Range extends LineRange {
  /** In a notebook: which of its cells, counted from 0; lines are those of the cell. */
  readonly cell?: number;
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

export function countOf(files: readonly CheckedFile[], severity: Severity): number {
  return files.reduce((sum, { diagnostics }) => sum + diagnostics.filter(each => each.severity === severity).length, 0);
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
