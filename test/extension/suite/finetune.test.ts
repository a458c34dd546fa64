// Fine-tuning from the editor: the lens above a pretrained model, and a whole run started with all answers given.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { eventually, inWorkspace } from '../asking';
import { eventsToTheEnd, hasNativeRuntime, runs, tabs } from '../running';

describe('fine-tuning', () => {
  it('is offered above a pretrained model, with what the file says of it', async () => {
    const document = await vscode.workspace.openTextDocument(inWorkspace('examples', 'keras', 'bert.py'));
    await vscode.window.showTextDocument(document);
    const [lens] = await eventually('a lens', async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        20,
      );
      return all.filter(({ command }) => command?.command === 'modelwright.finetune');
    });
    assert.match(document.lineAt(lens!.range.start.line).text, /TFBertForSequenceClassification\.from_pretrained/);
    assert.match(lens!.command!.title, /Fine-tune bert-base-uncased$/);
    const [preset] = lens!.command!.arguments as [Record<string, unknown>];
    const { source, ...answers } = preset;
    assert.equal(source, document.uri.fsPath);
    assert.deepEqual(answers, {
      checkpoint: 'bert-base-uncased',
      task: 'sequence-classification',
      epochs: 3,
      batchSize: 2,
      learningRate: 2e-5,
      maxLength: 128,
    });
  });

  it('runs to its end when all answers are given, and leaves a checkpoint and its evaluation', async function () {
    this.timeout(180_000);
    if (!(await hasNativeRuntime())) this.skip();
    const before = runs();
    await vscode.commands.executeCommand('modelwright.finetune', {
      checkpoint: inWorkspace('fixtures', 'tiny-bert'),
      data: inWorkspace('fixtures', 'sentences.csv'),
      epochs: 2,
      learningRate: 5e-3,
      start: true,
    });
    const started = runs().filter(run => !before.includes(run));
    assert.equal(started.length, 1, 'not one run');
    const [run = ''] = started;
    const all = await eventsToTheEnd(run);
    const end = all.at(-1);
    assert.ok(end?.type === 'ended' && end.reason === 'finished', JSON.stringify(end));
    assert.equal(all.filter(({ type }) => type === 'step').length, 2 * Math.ceil(86 / 16));
    const evaluation = all.filter(event => event.type === 'evaluation').at(-1);
    assert.deepEqual(evaluation?.labels, ['negative', 'positive']);
    assert.ok(fs.existsSync(path.join(run, 'model', 'model.safetensors')));
    assert.ok(tabs().includes('tiny-bert · sentences.csv'), tabs().join(', '));
  });

  it('makes a checkpoint from text, whose evaluation has a page', async function () {
    this.timeout(180_000);
    if (!(await hasNativeRuntime())) this.skip();
    const before = runs();
    await vscode.commands.executeCommand('modelwright.newCheckpoint', {
      corpus: [inWorkspace('fixtures', 'sentences.csv')],
      textColumn: 'text',
      size: 'tiny',
      vocabularySize: 120,
      start: true,
    });
    const [run = ''] = runs().filter(one => !before.includes(one));
    const output = path.join(run, 'model', 'config.json');
    for (let i = 0; i < 1500 && !fs.existsSync(output); i++) await new Promise(resolve => setTimeout(resolve, 100));
    const config = JSON.parse(fs.readFileSync(output, 'utf8')) as { num_hidden_layers: number };
    assert.equal(config.num_hidden_layers, 2);

    await vscode.commands.executeCommand('modelwright.evaluateCheckpoint', {
      checkpoint: inWorkspace('fixtures', 'tiny-bert'),
      data: inWorkspace('fixtures', 'sentences.csv'),
    });
    await eventually('the page', () => tabs().filter(label => label === 'tiny-bert on sentences.csv'));
  });

  it('asks for nothing and starts nothing without checkpoint and data', async () => {
    const before = runs();
    await vscode.commands.executeCommand('modelwright.finetune', { start: true });
    assert.deepEqual(runs(), before);
  });
});
