// Loaded by VS Code as its test module: activates this extension and one that does nothing in a fresh extension host and
// writes down what each took, then opens a model and waits for its first hint.
'use strict';
const fs = require('fs');
const path = require('path');
const vscode = require('vscode');

/** Milliseconds by the clock, and of the extension host's processor time. */
async function measured(work) {
  const [started, processor] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(processor);
  return { clock: performance.now() - started, processor: (user + system) / 1000 };
}

async function activated(id) {
  const extension = vscode.extensions.getExtension(id);
  if (!extension || extension.isActive) throw new Error(`${id} is missing, or was active before it was measured`);
  return measured(() => extension.activate());
}

exports.run = async () => {
  // The first activation of all also pays for what the host itself loads only then.
  await activated('modelwright-bench.warm');
  const empty = await activated('modelwright-bench.empty');
  const ours = await activated('modelwright.modelwright');
  const folder = vscode.workspace.workspaceFolders[0].uri.fsPath;
  const document = await vscode.workspace.openTextDocument(path.join(folder, 'model.py'));
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  const firstHint = await measured(async () => {
    let hints = [];
    while (hints.length === 0)
      hints = await vscode.commands.executeCommand('vscode.executeInlayHintProvider', document.uri, range);
  });
  fs.writeFileSync(process.env.MODELWRIGHT_BENCH_RESULT, JSON.stringify({ empty, ours, firstHint }));
};
