// `check` for a person: every finding in its lines of code, then one line of counts.
import type { LineMap } from '../ide/lines';
import { counted, countOf, type CheckedFile } from './checked-file';
import { codeFrame } from './code-frame';
import type { Terminal } from './terminal';

export interface CheckedSource extends CheckedFile {
  sourceOf: (cell: number | undefined) => LineMap;
}

export function checkText(files: readonly CheckedSource[], { colours: { out: paint }, columns }: Terminal): string {
  const frames = files.flatMap(({ path, diagnostics, sourceOf }) =>
    [...diagnostics].sort(byPlace).map(each => `${codeFrame(each, { path, sourceOf, colours: paint, columns })}\n`),
  );
  return frames.join('') + `${verdict(files, paint)}\n`;
}

type Diagnostic = CheckedFile['diagnostics'][number];

function byPlace({ range: a }: Diagnostic, { range: b }: Diagnostic): number {
  return (a.cell ?? 0) - (b.cell ?? 0) || a.start.line - b.start.line || a.start.character - b.start.character;
}

function verdict(files: readonly CheckedSource[], { bold, red, yellow, green }: Terminal['colours']['out']): string {
  const [errors, warnings, infos] = [countOf(files, 'error'), countOf(files, 'warning'), countOf(files, 'info')];
  const models = files.reduce((sum, file) => sum + file.models.length, 0);
  const read = `${counted(files.length, 'file')} with ${counted(models, 'model')}`;
  if (errors + warnings + infos === 0) return `${green(bold('No mistakes found'))} in ${read}.`;
  const parts = [
    ...(errors > 0 ? [red(bold(counted(errors, 'error')))] : []),
    ...(warnings > 0 ? [yellow(bold(counted(warnings, 'warning')))] : []),
    ...(infos > 0 ? [counted(infos, 'hint')] : []),
  ];
  const fixable = files.reduce(
    (sum, { diagnostics }) => sum + diagnostics.filter(({ fixes }) => fixes.length > 0).length,
    0,
  );
  const found = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0];
  return `${found} in ${read}.${fixable > 0 ? ` ${fixable} can be fixed in the editor with one key.` : ''}`;
}
