/**
 * Everything about runs, behind one door: a bundle of its own, loaded when a command, a panel to restore or a run that
 * goes on asks for it. Whoever only writes models never loads it.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { tunedLaunch } from '../runtime';
import type { Documents } from './documents';
import { FinetuneCommand } from './finetune/finetune-command';
import { NewCheckpointCommand } from './finetune/new-checkpoint-command';
import { EvaluateCommand } from './predict/evaluate-command';
import { PredictCommand } from './predict/predict-command';
import { RunCommands } from './run-commands';
import { RunRegistry } from './run-registry';
import { RuntimeHost } from './runtime';
import { ScriptCommand } from './script-command';
import { TrainCommand } from './train-command';

export class Training {
  readonly runtime: RuntimeHost;
  readonly registry: RunRegistry;
  readonly runs: RunCommands;
  readonly command: TrainCommand;
  readonly script: ScriptCommand;
  readonly finetune: FinetuneCommand;
  readonly predict: PredictCommand;
  readonly evaluate: EvaluateCommand;
  readonly newCheckpoint: NewCheckpointCommand;

  constructor(context: vscode.ExtensionContext, documents: Documents) {
    const runtime = (this.runtime = new RuntimeHost(context));
    this.registry = new RunRegistry({
      extensionUri: context.extensionUri,
      program: { script: path.join(context.extensionPath, 'dist', 'child.js') },
      runtime: async () => tunedLaunch(await runtime.forRun(), runtime.environment),
    });
    this.runs = new RunCommands(this.registry);
    this.command = new TrainCommand(documents, this.registry);
    this.script = new ScriptCommand(this.registry);
    this.finetune = new FinetuneCommand(context, this.registry);
    this.predict = new PredictCommand(context, this.registry);
    this.evaluate = new EvaluateCommand(context, this.registry);
    this.newCheckpoint = new NewCheckpointCommand(this.registry);
    context.subscriptions.push(this.registry);
  }
}
