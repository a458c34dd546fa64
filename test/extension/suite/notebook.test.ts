// A notebook is one program: what a cell builds on stands in the cells above it, and every answer stands in its cell.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { becomes, diagnosticsOf, eventually, hintsOf, write } from '../asking';

const code = (source: string): object => ({
  cell_type: 'code',
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
});

const CELLS = [
  { cell_type: 'markdown', metadata: {}, source: '# Digits with keras\nlayers.Dense(' },
  code('%pip install -q keras\nimport keras\nfrom keras import layers'),
  code('inputs = keras.Input((28, 28, 1))\nx = layers.Conv2D(32, 3)(inputs)'),
  code('%%bash\nlayers.Dense('),
  code('x = layers.Flatten()(x)\nmodel = keras.Model(inputs, layers.Dense(10)(x))'),
];

const FLATTEN = ['0: (None, 21632)', '1: (None, 10) · 216,330'];

describe('a notebook', () => {
  let notebook: vscode.NotebookDocument;
  const cell = (index: number): vscode.TextDocument => notebook.cellAt(index).document;
  const edit = async (change: vscode.NotebookEdit): Promise<void> => {
    const all = new vscode.WorkspaceEdit();
    all.set(notebook.uri, [change]);
    assert.ok(await vscode.workspace.applyEdit(all));
  };
  const replace = async (document: vscode.TextDocument, before: string, after: string): Promise<void> => {
    const at = document.getText().indexOf(before);
    assert.ok(at >= 0, before);
    const all = new vscode.WorkspaceEdit();
    const range = new vscode.Range(document.positionAt(at), document.positionAt(at + before.length));
    all.replace(document.uri, range, after);
    assert.ok(await vscode.workspace.applyEdit(all));
  };

  let count = 0;
  beforeEach(async () => {
    const file = { cells: CELLS, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 };
    const uri = write(`notebooks/digits_${count++}.ipynb`, JSON.stringify(file));
    notebook = await vscode.workspace.openNotebookDocument(uri);
    await vscode.window.showNotebookDocument(notebook);
    await becomes(FLATTEN, () => hintsOf(cell(4)));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('shows the shapes of every cell in that cell, past magics and text', async () => {
    assert.deepEqual(await hintsOf(cell(2)), ['0: (None, 28, 28, 1)', '1: (None, 26, 26, 32) · 320']);
    assert.deepEqual(await hintsOf(cell(1)), []);
    for (let index = 0; index < CELLS.length; index++) assert.deepEqual(diagnosticsOf(cell(index)), []);
  });

  it('carries the edit of one cell into the cells below it', async () => {
    await replace(cell(2), '(28, 28, 1)', '(14, 14, 1)');
    await becomes(['0: (None, 4608)', '1: (None, 10) · 46,090'], () => hintsOf(cell(4)));
  });

  it('marks a fault in its cell, and the quick fix edits that cell', async () => {
    await replace(cell(4), 'x = layers.Flatten()(x)', 'x = layers.Conv2D(8, 40)(x)');
    await becomes(['0: window-too-large'], () => diagnosticsOf(cell(4)));
    assert.deepEqual(diagnosticsOf(cell(2)), []);
    const range = vscode.languages.getDiagnostics(cell(4).uri)[0]!.range;
    const actions = await eventually('quick fixes', async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        cell(4).uri,
        range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return all.filter(action => action.edit);
    });
    assert.ok(await vscode.workspace.applyEdit(actions[0]!.edit!));
    await becomes([], () => diagnosticsOf(cell(4)));
    assert.match(cell(4).getText(), /padding=/);
  });

  it('is looked at again when cells are added, moved and taken out', async () => {
    const added = new vscode.NotebookCellData(
      vscode.NotebookCellKind.Code,
      'x = layers.MaxPooling2D(2)(x)\nx = layers.Dense(3, input_dimension=4)(x)',
      'python',
    );
    await edit(vscode.NotebookEdit.insertCells(4, [added]));
    await becomes(['1: argument-unknown'], () => diagnosticsOf(cell(4)));
    const gone = cell(4);
    // Moved to the end it changes nothing of the cell before it.
    await edit(vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(4, 5)));
    await becomes([], () => diagnosticsOf(gone));
    await edit(vscode.NotebookEdit.insertCells(5, [added]));
    await becomes(FLATTEN, () => hintsOf(cell(4)));
    await becomes(['0: rank-mismatch', '1: argument-unknown'], () => diagnosticsOf(cell(5)));
  });

  it('leaves out a cell that is of another language', async () => {
    await vscode.languages.setTextDocumentLanguage(cell(2), 'plaintext');
    await becomes([], () => hintsOf(cell(4)));
  });

  it('has lenses, hovers and completions in its cells', async () => {
    const lenses = await eventually('lenses', () =>
      vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', cell(4).uri, 10),
    );
    assert.deepEqual(
      lenses.map(lens => `${lens.range.start.line} ${lens.command?.command}`),
      ['1 modelwright.train', '1 modelwright.summary'],
    );
    const at = cell(4).positionAt(cell(4).getText().indexOf('Dense') + 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', cell(4).uri, at);
    const words = hovers.flatMap(hover => hover.contents.map(c => (typeof c === 'string' ? c : c.value))).join('\n');
    assert.match(words, /\(None, 21632\) → \(None, 10\)/);
    const inside = cell(4).positionAt(cell(4).getText().indexOf('10)') + 2);
    await replace(cell(4), 'Dense(10)', 'Dense(10, )');
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      cell(4).uri,
      inside.translate(0, 2),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(labels.includes('use_bias='), labels.slice(0, 10).join());
  });

  it('shows the summary of its model', async () => {
    await vscode.commands.executeCommand('modelwright.summary', cell(4).uri, 'model');
    await eventually('tab of the summary', () => {
      const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs.map(tab => tab.label));
      return tabs.filter(label => label === 'Summary of model');
    });
    await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
  });
});
