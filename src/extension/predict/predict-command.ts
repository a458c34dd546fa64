/** "Predict with Fine-tuned Checkpoint…": which one, then the page that predicts while one types. */
import path from 'node:path';
import * as vscode from 'vscode';
import { Inspector } from '../finetune/inspector';
import { pickCheckpoint } from '../finetune/pick-checkpoint';
import { BACK } from '../finetune/steps';
import { PredictPanel } from '../panels/predict-panel';
import type { RunRegistry } from '../run-registry';

export class PredictCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly registry: RunRegistry,
  ) {}

  /** @param checkpoint a folder or an id; without one it is asked for */
  async run(checkpoint?: string): Promise<void> {
    const chosen = checkpoint === undefined ? await this.choose() : { checkpoint, title: path.basename(checkpoint) };
    if (chosen) this.open(chosen);
  }

  private open({ checkpoint, title }: { readonly checkpoint: string; readonly title: string }): void {
    new PredictPanel({
      extensionUri: this.context.extensionUri,
      checkpoint,
      title,
      runtime: () => this.registry.runtime(),
      onChoose: () => void vscode.commands.executeCommand('modelwright.predict'),
    });
  }

  private async choose(): Promise<{ checkpoint: string; title: string } | undefined> {
    const inspector = new Inspector(this.context.extensionPath);
    try {
      const facts = await pickCheckpoint(inspector, {
        place: { title: 'Predict with Fine-tuned Checkpoint', step: 1, steps: 1 },
        placeholder: 'Which fine-tuned checkpoint?',
        trained: true,
        preset: null,
      });
      return facts === undefined || facts === BACK ? undefined : { checkpoint: facts.folder, title: nameOf(facts) };
    } finally {
      inspector.dispose();
    }
  }
}

/** What came out of a run is known by the run's name: its folder is always called `model`. */
function nameOf({ name, folder }: { readonly name: string; readonly folder: string }): string {
  return name === 'model' ? path.basename(path.dirname(folder)) : name;
}
