// What suites in VS Code share: files of the workspace, and questions that are asked until there is an answer.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

/** The copied workspace, or a file in it. */
export function inWorkspace(...parts: readonly string[]): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the window has no workspace');
  return path.join(folder.uri.fsPath, ...parts);
}

/** Writes a file of the workspace, with the folders above it. */
export function write(file: string, text: string): vscode.Uri {
  const place = inWorkspace(file);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, text);
  return vscode.Uri.file(place);
}

/** Asks until the answer is not empty: the extension starts, and analyses, in its own time. */
export async function eventually<T>(what: string, ask: () => T[] | Thenable<T[] | undefined>): Promise<T[]> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await ask();
    if (answer && answer.length > 0) return answer;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`no ${what} within 20 s`);
}

/** Asks until the answer is this one; the failure shows the last one. */
export async function becomes<T>(expected: T, ask: () => T | Thenable<T>): Promise<void> {
  let answer = await ask();
  for (let attempt = 0; attempt < 200 && JSON.stringify(answer) !== JSON.stringify(expected); attempt++) {
    await new Promise(resolve => setTimeout(resolve, 100));
    answer = await ask();
  }
  assert.deepEqual(answer, expected);
}

export function labelOf({ label }: vscode.InlayHint): string {
  return (typeof label === 'string' ? label : label.map(part => part.value).join('')).trim();
}

/** The hints of a file or cell, each with its line. */
export async function hintsOf(document: vscode.TextDocument): Promise<string[]> {
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[] | undefined>(
    'vscode.executeInlayHintProvider',
    document.uri,
    all,
  );
  return (hints ?? []).map(hint => `${hint.position.line}: ${labelOf(hint)}`);
}

/** Our diagnostics of a file or cell, each with its line. */
export function diagnosticsOf(document: vscode.TextDocument): string[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === 'modelwright')
    .map(({ range, code }) => `${range.start.line}: ${typeof code === 'object' ? code.value : code}`);
}
