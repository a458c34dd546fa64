// Loaded by VS Code as its test module: activates the extension once in a fresh extension host and writes down how long
// that took, then opens a model and waits for its first hint.
'use strict';
const fs = require('fs');
const path = require('path');
const vscode = require('vscode');

exports.run = async () => {
  const extension = vscode.extensions.getExtension('modelwright.modelwright');
  if (!extension || extension.isActive)
    throw new Error('the extension is missing, or was active before it was measured');
  const started = performance.now();
  await extension.activate();
  const activation = performance.now() - started;
  const folder = vscode.workspace.workspaceFolders[0].uri.fsPath;
  const document = await vscode.workspace.openTextDocument(path.join(folder, 'model.py'));
  const opened = performance.now();
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  let hints = [];
  while (hints.length === 0)
    hints = await vscode.commands.executeCommand('vscode.executeInlayHintProvider', document.uri, range);
  fs.writeFileSync(
    process.env.MODELWRIGHT_BENCH_RESULT,
    JSON.stringify({ activation, firstHint: performance.now() - opened }),
  );
};
