/** The palette's commands over runs: open one, resume one, steer the current one. */
import * as vscode from 'vscode';
import type { FromPanel } from '../protocol/panel';
import type { RunSummary } from '../runs';
import type { RunRegistry } from './run-registry';

export class RunCommands {
  constructor(private readonly registry: RunRegistry) {}

  async open(): Promise<void> {
    const run = await this.pick(
      await this.registry.list(),
      'Open which run?',
      'No run was started in this workspace yet. Choose Train above a model.',
    );
    if (run) await this.registry.open(run.folder, run.record.title);
  }

  async resume(): Promise<void> {
    const resumable = (await this.registry.list()).filter(r => r.resumable);
    const run = await this.pick(
      resumable,
      'Resume which run from its last checkpoint?',
      'No run of this workspace has a checkpoint to go on from.',
    );
    if (run) await this.registry.resume(run.folder, run.record.title);
  }

  async send(message: FromPanel): Promise<void> {
    const { current } = this.registry;
    if (!current) throw new Error('No run is going on in this window. Open one with “Modelwright: Open Run…”.');
    await current.handle(message);
  }

  private async pick(runs: readonly RunSummary[], title: string, none: string): Promise<RunSummary | undefined> {
    if (runs.length === 0) {
      void vscode.window.showInformationMessage(none);
      return undefined;
    }
    const items = runs.map(run => {
      const { progress, created, title: name } = run.record;
      const metrics = Object.entries(progress.metrics)
        .slice(0, 4)
        .map(([key, value]) => `${key} ${value === null ? '–' : Number(value.toPrecision(4))}`);
      return {
        label: name,
        description: `${run.status} · ${new Date(created).toLocaleString()}`,
        detail: [`epoch ${progress.epoch} of ${progress.epochs}`, ...metrics, run.id].join(' · '),
        run,
      };
    });
    return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true }))?.run;
  }
}
