// What opening a model file brings: hints after the layers, errors with a way out, lenses above the model.
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { eventually, labelOf } from '../asking';

/** Opens a file of the copied examples. */
async function open(file: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the window has no workspace');
  const document = await vscode.workspace.openTextDocument(path.join(folder.uri.fsPath, 'examples', file));
  await vscode.window.showTextDocument(document);
  return document;
}

describe('a model file', () => {
  it('shows the output shape and the parameters of every layer', async () => {
    const document = await open('keras/cnn.py');
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await eventually('inlay hints', () =>
      vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, all),
    );
    assert.ok(hints.map(labelOf).includes('(None, 26, 26, 32) · 320'), hints.map(labelOf).join('; '));
    assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
  });

  it('keeps the hints of healthy lines while another one is half typed', async () => {
    const document = await open('keras/cnn.py');
    const broken = new vscode.WorkspaceEdit();
    const line = document
      .getText()
      .split('\n')
      .findIndex(text => text.startsWith('model.compile'));
    broken.insert(document.uri, new vscode.Position(line, 0), 'optimizer = keras.optimizers.Adam(learning_rate=\n');
    assert.ok(await vscode.workspace.applyEdit(broken));
    const hints = await eventually('inlay hints', () =>
      vscode.commands.executeCommand<vscode.InlayHint[]>(
        'vscode.executeInlayHintProvider',
        document.uri,
        new vscode.Range(0, 0, document.lineCount, 0),
      ),
    );
    assert.ok(hints.map(labelOf).includes('(None, 128) · 204,928'), hints.map(labelOf).join('; '));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('offers to train and to summarise the model above it', async () => {
    const document = await open('keras/cnn.py');
    const lenses = await eventually('lenses', () =>
      vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 10),
    );
    const commands = lenses.map(lens => lens.command?.command);
    assert.ok(commands.includes('modelwright.train') && commands.includes('modelwright.summary'), commands.join());
  });

  it('marks what cannot fit, and its quick fix takes the mark away', async () => {
    const document = await open('keras/broken_cnn.py');
    const ours = (): vscode.Diagnostic[] =>
      vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'modelwright');
    const found = await eventually('diagnostics', ours);
    const fixes = await Promise.all(
      found.map(async ({ range }) => {
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          document.uri,
          range,
          vscode.CodeActionKind.QuickFix.value,
        );
        return actions.find(action => action.edit);
      }),
    );
    const fix = fixes.find(action => action !== undefined);
    assert.ok(fix?.edit, 'no quick fix');
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await eventually('change', () => (ours().length < found.length ? [true] : []));
    assert.ok(ours().length < found.length);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
