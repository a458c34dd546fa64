// The result of checking one file as the contract of `check --json` states it; text and SARIF are drawn from it too.
import type { ReportedDiagnostic, ReportedModel } from '../ide/check-report';
import type { Range as LineRange } from '../ide/lines';
import type { FileLanguage } from './files';

/** A range of a file, or of one cell of a notebook. */
export interface Range extends LineRange {
  /** In a notebook: which of its cells, counted from 0; lines are those of the cell. */
  readonly cell?: number;
}

export type Severity = ReportedDiagnostic['severity'];

export interface Related {
  readonly message: string;
  readonly range: Range;
  /** Another file than the one that is checked. */
  readonly path?: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly range: Range; readonly newText: string }[];
}

export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly related: readonly Related[];
  readonly fixes: readonly Fix[];
}

export interface CheckedFile {
  path: string;
  language: FileLanguage;
  diagnostics: readonly Diagnostic[];
  models: readonly ReportedModel[];
}

export function countOf(files: readonly CheckedFile[], severity: Severity): number {
  return files.reduce((sum, { diagnostics }) => sum + diagnostics.filter(each => each.severity === severity).length, 0);
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
