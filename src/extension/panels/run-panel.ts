/**
 * The training panel of one run: a page that draws, and this, which hands it what it lacks. At most one delta is under
 * way at a time, so a slow page never queues up; a hidden page gets nothing and asks again when it is shown.
 */
import * as vscode from 'vscode';
import type { FromPanel, PanelRun, ToPanel } from '../../protocol/panel';
import { deltaSince, startCursor, type Cursor, type RunState } from '../../protocol/run-state';
import { pageHtml, pageOptions } from './page';
import { RUN_PANEL } from './panel-types';

/** What a panel needs of a run, wherever it lives. */
export interface WatchedRun {
  readonly run: PanelRun;
  readonly state: RunState;
  /** Calls back after every change of the state; the result stops it. */
  onChange(listener: () => void): vscode.Disposable;
  /** Carries out what a button asked for; rejects with one clear sentence. */
  handle(message: FromPanel): Promise<void>;
}

export class RunPanel implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private following: vscode.Disposable | undefined;
  private cursor: Cursor = startCursor;
  /** The page has said that it is ready for the next delta. */
  private ready = false;
  private dirty = true;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private watched: WatchedRun,
    extensionUri: vscode.Uri,
  ) {
    panel.webview.options = pageOptions(extensionUri);
    this.disposables.push(
      panel.webview.onDidReceiveMessage((message: FromPanel) => void this.receive(message)),
      panel.onDidChangeViewState(() => this.flush()),
      panel.onDidDispose(() => this.dispose()),
    );
    this.watch(watched);
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'run', watched.run.title);
  }

  static open(watched: WatchedRun, extensionUri: vscode.Uri): RunPanel {
    const panel = vscode.window.createWebviewPanel(
      RUN_PANEL,
      watched.run.title,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      pageOptions(extensionUri),
    );
    return new RunPanel(panel, watched, extensionUri);
  }

  /** Follows another watch of the same run, after a new child has taken it over. The page keeps what it has drawn. */
  watch(watched: WatchedRun): void {
    this.following?.dispose();
    this.watched = watched;
    this.following = watched.onChange(() => {
      this.dirty = true;
      this.flush();
    });
    this.dirty = true;
    this.flush();
  }

  get runId(): string {
    return this.watched.run.id;
  }

  get visible(): boolean {
    return this.panel.visible;
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  onDispose(listener: () => void): void {
    this.disposables.push(this.panel.onDidDispose(listener));
  }

  dispose(): void {
    this.following?.dispose();
    for (const d of this.disposables.splice(0)) d.dispose();
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        // A page that was hidden or reloaded has lost its data: it starts from its own cursor.
        this.post({ type: 'run', run: this.watched.run });
        this.cursor = message.cursor;
        this.ready = this.dirty = true;
        this.flush();
        break;
      case 'drawn':
        this.ready = true;
        this.flush();
        break;
      default:
        try {
          await this.watched.handle(message);
        } catch (error) {
          this.post({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
        }
    }
  }

  private flush(): void {
    if (!this.ready || !this.dirty || !this.panel.visible) return;
    const delta = deltaSince(this.watched.state, this.cursor);
    this.cursor = delta.to;
    this.ready = this.dirty = false;
    this.post({ type: 'delta', delta, now: Date.now() });
  }

  private post(message: ToPanel): void {
    void this.panel.webview.postMessage(message);
  }
}
