/**
 * The extension's entry. Activation only registers; grammars, runtimes and runs are loaded when something asks for
 * them.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Analyzer, AnalyzerOptions } from '../ide/analysis';
import { convert } from './convert-command';
import { COMMANDS, LANGUAGES, type CommandId, type CommandRow } from './commands';
import { Documents, type Engine } from './documents';
import { registerFeatures } from './features';
import type { NewCheckpointPreset } from './finetune/new-checkpoint-command';
import type { FinetunePreset } from './finetune/preset';
import { LeftOutStatus } from './left-out-status';
import { PREDICT_PANEL, RUN_PANEL, type RestoredPrediction, type RestoredRun } from './panels/panel-types';
import { SummaryPanels } from './panels/summary-panel';
import type { EvaluationRequest } from './predict/evaluate-command';
import type { Training } from './training';
import { WorkspaceModules } from './workspace-modules';

export function activate(context: vscode.ExtensionContext): void {
  const modules = new WorkspaceModules();
  const engine = engineIn(path.join(context.extensionPath, 'dist', 'wasm'), modules.analyzerOptions);
  const documents = new Documents(engine, modules);
  const summaries = new SummaryPanels(documents, context.extensionUri);
  let loaded: Promise<Training> | undefined;
  const training = (): Promise<Training> =>
    (loaded ??= import('./training').then(module => new module.Training(context, documents)));

  const handlers: Record<CommandId, (...args: never[]) => unknown> = {
    'modelwright.train': async (uri?: vscode.Uri, model?: string) => (await training()).command.train(uri, model),
    'modelwright.trainConfiguration': async (uri?: vscode.Uri) => (await training()).command.trainConfiguration(uri),
    'modelwright.trainFile': async (uri?: vscode.Uri) => (await training()).script.train(uri),
    'modelwright.convertToTfjs': (uri?: vscode.Uri, model?: string) => convert(documents, 'tfjs', uri, model),
    'modelwright.convertToKeras': (uri?: vscode.Uri, model?: string) => convert(documents, 'keras', uri, model),
    'modelwright.newConfiguration': async () => (await training()).command.newConfiguration(),
    'modelwright.summary': async (uri?: vscode.Uri, model?: string) => {
      const picked = await (await training()).command.pickModel(uri, model, 'Show the summary of');
      if (picked) await summaries.show(picked.document, picked.model.facts.binding);
    },
    'modelwright.finetune': async (preset?: FinetunePreset) => (await training()).finetune.run(preset),
    'modelwright.predict': async (checkpoint?: string, title?: string) =>
      (await training()).predict.run(checkpoint, title),
    'modelwright.evaluateCheckpoint': async (request?: EvaluationRequest) => (await training()).evaluate.run(request),
    'modelwright.newCheckpoint': async (preset?: NewCheckpointPreset) => (await training()).newCheckpoint.run(preset),
    'modelwright.openRun': async () => (await training()).runs.open(),
    'modelwright.resumeRun': async () => (await training()).runs.resume(),
    'modelwright.pauseRun': async () => (await training()).runs.send({ type: 'pause' }),
    'modelwright.continueRun': async () => (await training()).runs.send({ type: 'resume' }),
    'modelwright.stopRun': async () => (await training()).runs.send({ type: 'stop', keep: 'last' }),
    'modelwright.setUpRuntime': async () => (await training()).runtime.setUp(),
    'modelwright.doctor': async () => (await training()).runtime.showReport(),
  };
  const rows: readonly CommandRow[] = COMMANDS;
  for (const { id, needsTrust } of rows) {
    const handler = handlers[id as CommandId] as (...args: unknown[]) => unknown;
    context.subscriptions.push(
      vscode.commands.registerCommand(id, (...args: unknown[]) => guarded(needsTrust === true, () => handler(...args))),
    );
  }
  const runPanels: vscode.WebviewPanelSerializer<RestoredRun> = {
    deserializeWebviewPanel: async (panel, state) => (await training()).registry.deserializeWebviewPanel(panel, state),
  };
  const predictPanels: vscode.WebviewPanelSerializer<RestoredPrediction> = {
    deserializeWebviewPanel: async (panel, state) => (await training()).predict.restore(panel, state),
  };
  context.subscriptions.push(
    documents,
    registerFeatures(documents),
    new LeftOutStatus(documents),
    vscode.window.registerWebviewPanelSerializer(RUN_PANEL, runPanels),
    vscode.window.registerWebviewPanelSerializer(PREDICT_PANEL, predictPanels),
  );
  void vscode.commands.executeCommand('setContext', 'modelwright.languages', LANGUAGES);
  void hasRuns().then(async found => found && (await training()).registry.reattach());
}

/** Whether anything was ever trained in this workspace; only then may a run still go on that the window should know. */
async function hasRuns(): Promise<boolean> {
  const folders = vscode.workspace.workspaceFolders?.filter(folder => folder.uri.scheme === 'file') ?? [];
  const looked = folders.map(folder => fs.access(path.join(folder.uri.fsPath, '.modelwright', 'runs')));
  return (await Promise.allSettled(looked)).some(({ status }) => status === 'fulfilled');
}

/** The grammars' bytes are read once, with the engine. */
function engineIn(wasm: string, options: AnalyzerOptions): Engine {
  let loaded: ReturnType<Engine['load']> | undefined;
  return {
    load: () =>
      (loaded ??= import('./engine').then(module => {
        const analyzer: Analyzer = new module.Analyzer(file => fs.readFile(path.join(wasm, file)), options);
        return { ...module, analyzer };
      })),
  };
}

/** One sentence for every failure, and none for a person who changed their mind. */
async function guarded(needsTrust: boolean, run: () => unknown): Promise<void> {
  if (needsTrust && !vscode.workspace.isTrusted) {
    const manage = 'Manage Trust';
    const answer = await vscode.window.showWarningMessage(
      'This workspace is not trusted, so nothing of it is run. Checking and summaries work; training waits until you trust it.',
      manage,
    );
    if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
    return;
  }
  try {
    await run();
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}
