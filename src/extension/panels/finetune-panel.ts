/** The page before a fine-tuning: what it will do, on which data, in how much memory; and the button that starts it. */
import * as vscode from 'vscode';
import type { FromFinetune, ToFinetune } from '../../protocol/finetune-page';
import { pageHtml, pageOptions } from './page';

export interface FinetunePanelEvents {
  onMessage(message: Exclude<FromFinetune, { type: 'ready' }>): Promise<void>;
  onDispose(): void;
}

export class FinetunePanel {
  private readonly panel: vscode.WebviewPanel;
  private last: ToFinetune | undefined;
  private ready = false;

  constructor(extensionUri: vscode.Uri, title: string, events: FinetunePanelEvents) {
    this.panel = vscode.window.createWebviewPanel('modelwright.finetune', title, vscode.ViewColumn.Active, {
      ...pageOptions(extensionUri),
      retainContextWhenHidden: true,
    });
    this.panel.webview.onDidReceiveMessage((message: FromFinetune) => {
      if (message.type !== 'ready') {
        void events.onMessage(message);
        return;
      }
      this.ready = true;
      if (this.last) this.post(this.last);
    });
    this.panel.onDidDispose(() => events.onDispose());
    this.panel.webview.html = pageHtml(this.panel.webview, extensionUri, 'finetune', title);
  }

  /** Shows it, now or as soon as the page is up. */
  show(message: ToFinetune): void {
    this.last = message;
    if (this.ready) this.post(message);
  }

  reveal(): void {
    this.panel.reveal();
  }

  close(): void {
    this.panel.dispose();
  }

  private post(message: ToFinetune): void {
    void this.panel.webview.postMessage(message);
  }
}
