/** "Predict with Fine-tuned Checkpoint…": which one, then the page that predicts while one types. */
import * as vscode from 'vscode';
import { Inspector } from '../finetune/inspector';
import { pickCheckpoint } from '../finetune/pick-checkpoint';
import { BACK } from '../finetune/steps';
import { PredictPanel } from '../panels/predict-panel';
import type { RunRegistry } from '../run-registry';
import { nameOf } from './evaluate-command';

export class PredictCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly registry: RunRegistry,
  ) {}

  /** @param checkpoint a folder or an id; without one it is asked for */
  async run(checkpoint?: string): Promise<void> {
    const chosen = checkpoint === undefined ? await this.choose() : { checkpoint, title: nameOf(checkpoint) };
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
      return facts === undefined || facts === BACK
        ? undefined
        : { checkpoint: facts.folder, title: facts.source === 'folder' ? nameOf(facts.folder) : facts.name };
    } finally {
      inspector.dispose();
    }
  }
}
