/**
 * The extension's entry. Activation only registers; grammars, runtimes and runs are loaded when something asks for
 * them.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Analyzer } from '../ide/analysis';
import { tunedLaunch } from '../runtime';
import { COMMANDS, LANGUAGES, type CommandId, type CommandRow } from './commands';
import { Documents, type Engine } from './documents';
import { registerFeatures } from './features';
import { SummaryPanels } from './panels/summary-panel';
import { RunCommands } from './run-commands';
import { RunRegistry } from './run-registry';
import { RuntimeHost } from './runtime';
import type { TrainCommand } from './train-command';

export function activate(context: vscode.ExtensionContext): void {
  const dist = path.join(context.extensionPath, 'dist');
  const documents = new Documents(engineIn(path.join(dist, 'wasm')));
  const runtime = new RuntimeHost(context);
  const program = { script: path.join(dist, 'child.js') };
  const registry = new RunRegistry({
    extensionUri: context.extensionUri,
    program,
    runtime: async () => tunedLaunch(await runtime.forRun(), runtime.environment),
  });
  const summaries = new SummaryPanels(documents, context.extensionUri);
  let loaded: Promise<TrainCommand> | undefined;
  const train = (): Promise<TrainCommand> =>
    (loaded ??= import('./train-command').then(module => new module.TrainCommand(documents, registry)));
  const runs = new RunCommands(registry);

  const handlers: Record<CommandId, (...args: never[]) => unknown> = {
    'modelwright.train': async (uri?: vscode.Uri, model?: string) => (await train()).train(uri, model),
    'modelwright.trainConfiguration': async (uri?: vscode.Uri) => (await train()).trainConfiguration(uri),
    'modelwright.newConfiguration': async () => (await train()).newConfiguration(),
    'modelwright.summary': async (uri?: vscode.Uri, model?: string) => {
      const picked = await (await train()).pickModel(uri, model, 'Show the summary of');
      if (picked) await summaries.show(picked.document, picked.model.facts.binding);
    },
    'modelwright.openRun': () => runs.open(),
    'modelwright.resumeRun': () => runs.resume(),
    'modelwright.pauseRun': () => runs.send({ type: 'pause' }),
    'modelwright.continueRun': () => runs.send({ type: 'resume' }),
    'modelwright.stopRun': () => runs.send({ type: 'stop', keep: 'last' }),
    'modelwright.setUpRuntime': () => runtime.setUp(),
    'modelwright.doctor': () => runtime.showReport(),
  };
  const rows: readonly CommandRow[] = COMMANDS;
  for (const { id, needsTrust } of rows) {
    const handler = handlers[id as CommandId] as (...args: unknown[]) => unknown;
    context.subscriptions.push(
      vscode.commands.registerCommand(id, (...args: unknown[]) => guarded(needsTrust === true, () => handler(...args))),
    );
  }
  context.subscriptions.push(documents, registry, registry.register(), registerFeatures(documents));
  void vscode.commands.executeCommand('setContext', 'modelwright.languages', LANGUAGES);
  void registry.reattach();
}

/** The grammars' bytes are read once, with the engine. */
function engineIn(wasm: string): Engine {
  let loaded: ReturnType<Engine['load']> | undefined;
  return {
    load: () =>
      (loaded ??= import('./engine').then(module => {
        const analyzer: Analyzer = new module.Analyzer(file => fs.readFile(path.join(wasm, file)));
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
