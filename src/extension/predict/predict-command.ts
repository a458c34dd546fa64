/** "Predict with Fine-tuned Checkpoint…": which one, then the page that predicts while one types. */
import * as vscode from 'vscode';
import { Inspector } from '../finetune/inspector';
import { pickCheckpoint } from '../finetune/pick-checkpoint';
import { BACK } from '../finetune/steps';
import type { RestoredPrediction } from '../panels/panel-types';
import { PredictPanel, type PredictPanelOptions } from '../panels/predict-panel';
import type { RunRegistry } from '../run-registry';
import { nameOf } from './evaluate-command';

export class PredictCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly registry: RunRegistry,
  ) {}

  /** @param checkpoint a folder or an id; without one it is asked for */
  async run(checkpoint?: string, title?: string): Promise<void> {
    const chosen = checkpoint === undefined ? await this.choose() : { checkpoint, title: title ?? nameOf(checkpoint) };
    if (chosen) PredictPanel.open(this.optionsFor(chosen));
  }

  /** Brings a page back after its window was reloaded. */
  restore(panel: vscode.WebviewPanel, state: RestoredPrediction): void {
    const { checkpoint, title } = state ?? {};
    if (!checkpoint) panel.dispose();
    else new PredictPanel(panel, this.optionsFor({ checkpoint, title: title ?? nameOf(checkpoint) }));
  }

  private optionsFor(shown: Pick<PredictPanelOptions, 'checkpoint' | 'title'>): PredictPanelOptions {
    return {
      ...shown,
      extensionUri: this.context.extensionUri,
      runtime: () => this.registry.runtime(),
      onChoose: () => void vscode.commands.executeCommand('modelwright.predict'),
    };
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
