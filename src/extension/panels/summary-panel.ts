/** The summary of one model of one file; it follows the file while it is edited. */
import * as vscode from 'vscode';
import type { ModelFacts } from '../../ir/model';
import type { FromSummary, ToSummary } from '../../protocol/summary-page';
import { toRange } from '../convert';
import type { Documents } from '../documents';
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
    const post = (message: ToSummary<ModelFacts>): void => void panel.webview.postMessage(message);
    const update = async (): Promise<void> => {
      const analysis = await this.documents.analysis(document);
      const model = analysis?.facts.models.find(m => m.facts.binding === binding)?.facts;
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
      this.documents.onDidAnalyze(d => {
        if (d === document) void update();
      }),
      panel.webview.onDidReceiveMessage((message: FromSummary) => {
        switch (message.type) {
          case 'ready':
            void update();
            break;
          case 'reveal':
            reveal(document, shown, message.layer);
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

function reveal(document: vscode.TextDocument, model: ModelFacts | undefined, layer: number): void {
  const place = model?.layers[layer]?.place;
  if (!place || place.file !== undefined) return;
  const range = toRange(document, place);
  void vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    selection: range,
    preserveFocus: false,
  });
}
