/**
 * The page that predicts while a person types: one child holds the checkpoint as long as the page is open. At most one
 * question is under way; of those that come meanwhile only the newest is asked.
 */
import * as vscode from 'vscode';
import type { FromPredict, ToPredict } from '../../protocol/predict-page';
import type { ChildRuntime } from '../../runs';
import { predictChild, type PredictChild } from '../predict/predict-child';
import { pageHtml, pageOptions } from './page';
import { PREDICT_PANEL } from './panel-types';

type Question = Extract<FromPredict, { type: 'predict' }>;

export interface PredictPanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly checkpoint: string;
  readonly title: string;
  runtime(): Promise<ChildRuntime>;
  /** Another checkpoint is wanted. */
  onChoose(): void;
}

export class PredictPanel {
  private readonly child: PredictChild;
  private asked: Question | undefined;
  private busy = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly options: PredictPanelOptions,
  ) {
    const { extensionUri, title } = options;
    this.child = predictChild(extensionUri.fsPath, () => options.runtime());
    panel.webview.options = pageOptions(extensionUri);
    panel.webview.onDidReceiveMessage((message: FromPredict) => {
      switch (message.type) {
        case 'ready':
          void this.describe();
          break;
        case 'predict':
          this.asked = message;
          void this.work();
          break;
        case 'choose':
          options.onChoose();
          break;
      }
    });
    panel.onDidDispose(() => this.child.dispose());
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'predict', `Predict: ${title}`);
  }

  static open(options: PredictPanelOptions): PredictPanel {
    const { extensionUri, title } = options;
    const panel = vscode.window.createWebviewPanel(PREDICT_PANEL, `Predict: ${title}`, vscode.ViewColumn.Active, {
      ...pageOptions(extensionUri),
      retainContextWhenHidden: true,
    });
    return new PredictPanel(panel, options);
  }

  private async describe(): Promise<void> {
    const { checkpoint, title } = this.options;
    this.post({ type: 'opened', title, checkpoint });
    if (!vscode.workspace.isTrusted) {
      const message = 'This workspace is not trusted, so its checkpoints are not loaded.';
      this.post({ type: 'failed', message, hint: 'Trust it, then open this page anew.' });
      return;
    }
    this.post({ type: 'busy', words: 'Starting TensorFlow and loading the checkpoint …' });
    await this.guarded(() =>
      this.child.ask({ checkpoint, describe: true }, answer => {
        if ('about' in answer) this.post({ type: 'checkpoint', about: answer.about });
        return 'done' in answer;
      }),
    );
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.asked) {
      const { number, text, pair, attention } = this.asked;
      this.asked = undefined;
      const { checkpoint } = this.options;
      const inputs = [{ text, ...(pair !== undefined && { pair }) }];
      const before = performance.now();
      await this.guarded(() =>
        this.child.ask({ checkpoint, inputs, attention }, answer => {
          if ('prediction' in answer) {
            const milliseconds = performance.now() - before;
            this.post({ type: 'answer', number, prediction: answer.prediction, milliseconds });
          }
          return 'done' in answer;
        }),
      );
    }
    this.busy = false;
  }

  private async guarded(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      const { message, hint = '' } = error as { message: string; hint?: string };
      this.post({ type: 'failed', message, hint });
    }
  }

  private post(message: ToPredict): void {
    // After the page was closed there is nobody to tell.
    void this.panel.webview.postMessage(message).then(undefined, () => {});
  }
}
