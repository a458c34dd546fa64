// TensorFlow.js in the editor: a script of one's own trained as it is, and models turned into the other language.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, inWorkspace, write } from '../asking';
import { eventsToTheEnd, hasNativeRuntime, runs, tabs } from '../running';

const SCRIPT = `import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({ name: 'line' });
model.add(tf.layers.dense({ units: 1, inputShape: [2] }));
model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 3, batchSize: 4, verbose: 0 });
console.log('done with', model.name);
`;

describe('a TensorFlow.js script', () => {
  // Not after each: a new untitled file may get the name, and what is left, of one that closes this moment.
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('is trained as it is by the lens above its first training call', async function () {
    this.timeout(120_000);
    if (!(await hasNativeRuntime())) this.skip();
    const document = await vscode.workspace.openTextDocument(write('scripts/line.mjs', SCRIPT));
    await vscode.window.showTextDocument(document);
    const [lens] = await eventually('a lens', async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        20,
      );
      return all.filter(({ command }) => command?.command === 'modelwright.trainFile');
    });
    assert.match(document.lineAt(lens!.range.start.line).text, /model\.fit/);
    const before = runs();
    await vscode.commands.executeCommand(lens!.command!.command, ...(lens!.command!.arguments as unknown[]));
    const [run = ''] = runs().filter(one => !before.includes(one));
    const all = await eventsToTheEnd(run);
    const end = all.at(-1);
    assert.ok(end?.type === 'ended' && end.reason === 'finished', JSON.stringify(end));
    assert.equal(all.filter(({ type }) => type === 'step').length, 3 * 2);
    assert.ok(all.some(event => event.type === 'log' && event.from === 'stdout' && event.message === 'done with line'));
    assert.ok(tabs().includes('line.mjs'), tabs().join(', '));
  });

  for (const { from, command, language, code } of [
    {
      from: 'keras/cnn.py',
      command: 'modelwright.convertToTfjs',
      language: 'javascript',
      code: /tf\.layers\.conv2d\(\{/,
    },
    {
      from: 'tfjs/cnn.ts',
      command: 'modelwright.convertToKeras',
      language: 'python',
      code: /layers\.Conv2D\(\s*filters=32,/,
    },
  ]) {
    it(`shows the model of ${from} in the other language beside it`, async () => {
      const source = await vscode.workspace.openTextDocument(inWorkspace('examples', from));
      await vscode.window.showTextDocument(source);
      await vscode.commands.executeCommand(command);
      const shown = vscode.window.activeTextEditor?.document;
      assert.equal(shown?.isUntitled, true);
      assert.equal(shown.languageId, language);
      assert.match(shown.getText(), code);
    });
  }
});
