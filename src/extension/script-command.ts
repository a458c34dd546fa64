/** "Train This File": runs the script in the editor as it is, and follows it like any other run. */
import path from 'node:path';
import * as vscode from 'vscode';
import { SCRIPT_FILES, startScript } from '../runs';
import type { RunRegistry } from './run-registry';

export class ScriptCommand {
  constructor(private readonly registry: RunRegistry) {}

  async train(uri: vscode.Uri | undefined = vscode.window.activeTextEditor?.document.uri): Promise<void> {
    if (uri?.scheme !== 'file' || !SCRIPT_FILES.test(uri.path)) {
      throw new Error('Open a JavaScript or TypeScript file that trains with TensorFlow.js, saved on this machine.');
    }
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.isDirty && !(await document.save())) throw new Error('The file could not be saved, so it is not run.');
    const file = uri.fsPath;
    const title = path.basename(file);
    const workspace = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(file);
    const started = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: `Modelwright: starting ${title}` },
      async () => {
        const runtime = await this.registry.runtime();
        return startScript({ workspace, program: this.registry.program, runtime, file, args: [] });
      },
    );
    await this.registry.open(started.folder, title);
  }
}
