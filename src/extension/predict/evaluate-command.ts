/** "Evaluate Checkpoint…": which checkpoint, on which data; then a page with metrics, confusions and the worst examples. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FromEvaluation, ToEvaluation } from '../../protocol/evaluation-page';
import type { CheckpointFacts } from '../../protocol/inspection';
import { Inspector } from '../finetune/inspector';
import { pickCheckpoint } from '../finetune/pick-checkpoint';
import { pickColumns, pickTextData } from '../finetune/pick-text-data';
import { BACK, walk, type Step } from '../finetune/steps';
import { pageHtml, pageOptions } from '../panels/page';
import type { RunRegistry } from '../run-registry';
import { predictChild } from './predict-child';

/** Answers that are known before; with checkpoint and data nothing is asked. */
export interface EvaluationRequest {
  readonly checkpoint?: string;
  readonly data?: string;
  readonly textColumn?: string | null;
  readonly pairColumn?: string | null;
  readonly labelColumn?: string | null;
}

interface Draft {
  readonly request: EvaluationRequest;
  readonly facts: CheckpointFacts | null;
}

const TITLE = 'Evaluate Checkpoint';

export class EvaluateCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly registry: RunRegistry,
  ) {}

  async run(given: EvaluationRequest = {}): Promise<void> {
    const complete = given.checkpoint !== undefined && given.data !== undefined;
    const request = complete ? given : await this.ask(given);
    if (request?.checkpoint === undefined || request.data === undefined) return;
    this.evaluate({ ...request, checkpoint: request.checkpoint, data: request.data });
  }

  private async ask(given: EvaluationRequest): Promise<EvaluationRequest | undefined> {
    const inspector = new Inspector(this.context.extensionPath);
    const checkpoint: Step<Draft> = async ({ request }, place) => {
      const placeholder = 'Which fine-tuned checkpoint?';
      const preset = request.checkpoint ?? null;
      const facts = await pickCheckpoint(inspector, { place, placeholder, trained: true, preset });
      if (facts === BACK || facts === undefined) return facts;
      return { facts, request: { ...request, checkpoint: facts.folder } };
    };
    const data: Step<Draft> = async ({ request, facts }, place) => {
      const file = await pickTextData(place, request.data ?? null);
      return file === BACK || file === undefined ? file : { facts, request: { ...request, data: file } };
    };
    const columns: Step<Draft> = async ({ request, facts }, place) => {
      const { textColumn = null, pairColumn = null, labelColumn = null } = request;
      const known = { task: facts?.task ?? null, textColumn, pairColumn, labelColumn };
      const chosen = await pickColumns(inspector, place, request.data!, known);
      if (chosen === BACK || chosen === undefined) return chosen;
      const { task: _, ...names } = chosen;
      return { facts, request: { ...request, ...names } };
    };
    try {
      const start: Draft = { request: given, facts: null };
      return (await walk(TITLE, [checkpoint, data, columns], start))?.request;
    } finally {
      inspector.dispose();
    }
  }

  private evaluate(request: EvaluationRequest & { readonly checkpoint: string; readonly data: string }): void {
    const { extensionUri, extensionPath } = this.context;
    const title = `${nameOf(request.checkpoint)} on ${path.basename(request.data)}`;
    const panel = vscode.window.createWebviewPanel('modelwright.evaluation', title, vscode.ViewColumn.Active, {
      ...pageOptions(extensionUri),
      retainContextWhenHidden: true,
    });
    const child = predictChild(extensionPath, () => this.registry.runtime());
    let last: ToEvaluation = { type: 'busy', title, share: null };
    let closed = false;
    const show = (message: ToEvaluation): void => {
      last = message;
      if (!closed) void panel.webview.postMessage(message);
    };
    panel.webview.onDidReceiveMessage((_: FromEvaluation) => show(last));
    panel.onDidDispose(() => {
      closed = true;
      child.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'evaluation', title);
    const evaluated = child.ask({ ...request, evaluate: true }, answer => {
      if ('share' in answer) show({ type: 'busy', title, share: answer.share });
      if ('evaluation' in answer) {
        const { task, rows, ...evaluation } = answer.evaluation;
        show({ type: 'evaluation', title, task, rows, evaluation });
      }
      return 'done' in answer;
    });
    void evaluated
      .catch((error: { message: string; hint?: string }) => {
        show({ type: 'failed', title, message: error.message, hint: error.hint ?? '' });
      })
      // TensorFlow's memory is not needed to look at the page.
      .finally(() => child.dispose());
  }
}

/** What came out of a run is known by the run's name: its folder is always called `model`. */
export function nameOf(folder: string): string {
  const name = path.basename(folder);
  return name === 'model' ? path.basename(path.dirname(folder)) : name;
}
