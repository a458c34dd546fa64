/** The summary of one model of one file; it follows the file while it is edited. */
import * as vscode from 'vscode';
import type { ModelFacts } from '../../ir/model';
import type { FromSummary, ToSummary } from '../../protocol/summary-page';
import type { Documents } from '../documents';
import { CELL_SCHEME, type SourceText } from '../sources';
import { pageHtml, pageOptions } from './page';

export class SummaryPanels {
  private readonly open = new Map<string, vscode.WebviewPanel>();

  constructor(
    private readonly documents: Documents,
    private readonly extensionUri: vscode.Uri,
  ) {}

  async show(document: vscode.TextDocument, binding: string): Promise<void> {
    const key = `${document.uri.toString()}#${binding}`;
    const known = this.open.get(key);
    if (known) {
      known.reveal(undefined, true);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      'modelwright.summary',
      `Summary of ${binding}`,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      pageOptions(this.extensionUri),
    );
    this.open.set(key, panel);
    let shown: ModelFacts | undefined;
    let text: SourceText | undefined;
    const post = (message: ToSummary<ModelFacts>): void => void panel.webview.postMessage(message);
    const update = async (): Promise<void> => {
      const analyzed = await this.documents.analyzed(document);
      text = analyzed?.text;
      const model = analyzed?.analysis.facts.models.find(m => m.facts.binding === binding)?.facts;
      if (model) {
        shown = model;
        const { memoryOf } = await this.documents.engine.load();
        post({ type: 'model', file: vscode.workspace.asRelativePath(document.uri), model, memory: memoryOf(model) });
      } else if (shown) {
        post({
          type: 'gone',
          message: `${vscode.workspace.asRelativePath(document.uri)} builds no model “${binding}” any more; this is the last one.`,
        });
        shown = undefined;
      }
    };
    const subscriptions = vscode.Disposable.from(
      this.documents.onDidAnalyze(({ documents }) => {
        if (documents.some(d => d === document || d.uri.path === document.uri.path)) void update();
      }),
      panel.webview.onDidReceiveMessage((message: FromSummary) => {
        switch (message.type) {
          case 'ready':
            void update();
            break;
          case 'reveal':
            reveal(text, shown, message.layer);
            break;
          case 'train':
            void vscode.commands.executeCommand('modelwright.train', document.uri, binding);
            break;
        }
      }),
    );
    panel.onDidDispose(() => {
      this.open.delete(key);
      subscriptions.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, 'summary', `Summary of ${binding}`);
  }
}

function reveal(text: SourceText | undefined, model: ModelFacts | undefined, layer: number): void {
  const place = model?.layers[layer]?.place;
  if (!text || !place || place.file !== undefined) return;
  const { document, range } = text.locate(place);
  if (document.uri.scheme === CELL_SCHEME) {
    void revealCell(document, range);
    return;
  }
  void vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    selection: range,
    preserveFocus: false,
  });
}

/** A cell is no editor of its own: its notebook is shown, then the cell in it. */
async function revealCell(document: vscode.TextDocument, selection: vscode.Range): Promise<void> {
  const notebook = vscode.workspace.notebookDocuments.find(n => n.uri.path === document.uri.path);
  const cell = notebook?.getCells().find(c => c.document === document);
  if (!notebook || !cell) return;
  const selections = [new vscode.NotebookRange(cell.index, cell.index + 1)];
  await vscode.window.showNotebookDocument(notebook, { viewColumn: vscode.ViewColumn.One, selections });
  await vscode.window.showTextDocument(document, { selection });
}
