// A program that imports others of the workspace is checked with them, as they stand in the editor or on disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import { becomes, diagnosticsOf, hintsOf, inWorkspace, write } from '../asking';

const BLOCKS = `from keras import layers

WIDTH = 16


def block(x):
    return layers.Conv2D(WIDTH, 3)(x)
`;

const PROGRAM = `import keras
from package.blocks import block

inputs = keras.Input((32, 32, 3))
x = block(inputs)
x = keras.layers.Flatten()(x)
x = keras.layers.Reshape((30, 30, 16))(x)
`;

async function setText(document: vscode.TextDocument, before: string, after: string): Promise<void> {
  const at = document.getText().indexOf(before);
  assert.ok(at >= 0, before);
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(at), document.positionAt(at + before.length));
  edit.replace(document.uri, range, after);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const hintAt = async (document: vscode.TextDocument, line: number): Promise<string | undefined> =>
  (await hintsOf(document)).find(hint => hint.startsWith(`${line}: `));

describe('imports between files of the workspace', () => {
  let count = 0;
  let folder = '';
  let program: vscode.TextDocument;

  beforeEach(async () => {
    folder = `imports_${count++}`;
    write(`${folder}/package/__init__.py`, '');
    write(`${folder}/package/blocks.py`, BLOCKS);
    program = await vscode.workspace.openTextDocument(write(`${folder}/program.py`, PROGRAM));
    await vscode.window.showTextDocument(program);
    await becomes<string | undefined>('5: (None, 14400)', () => hintAt(program, 5));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are followed', async () => {
    assert.equal(await hintAt(program, 6), '6: (None, 30, 30, 16)');
    assert.deepEqual(diagnosticsOf(program), []);
  });

  it('are looked at again when the imported file is edited and not saved', async () => {
    const blocks = await vscode.workspace.openTextDocument(inWorkspace(folder, 'package/blocks.py'));
    await vscode.window.showTextDocument(blocks);
    await setText(blocks, 'WIDTH = 16', 'WIDTH = 8');
    await becomes(['6: reshape-mismatch'], () => diagnosticsOf(program));
    assert.equal(blocks.isDirty, true);
    // Given up, what is on disk counts again.
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await becomes([], () => diagnosticsOf(program));
  });

  // No watcher tells of these in every run: their folder is made in the same moment.
  it('find a file that is made later', async () => {
    await setText(program, 'from package.blocks', 'from package.inner.later');
    await becomes<string | undefined>(undefined, () => hintAt(program, 5));
    write(`${folder}/package/inner/later.py`, BLOCKS);
    await becomes<string | undefined>('5: (None, 14400)', () => hintAt(program, 5));
  });

  it('are looked at again when the imported file changes on disk, or goes', async () => {
    write(`${folder}/package/blocks.py`, BLOCKS.replace('16', '8'));
    await becomes(['6: reshape-mismatch'], async () => {
      await hintsOf(program);
      return diagnosticsOf(program);
    });
    fs.rmSync(inWorkspace(folder, 'package/blocks.py'));
    await becomes<string | undefined>(undefined, () => hintAt(program, 5));
  });
});
