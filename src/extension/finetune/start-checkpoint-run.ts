/** Starts a run that ends with a checkpoint, and shows its panel. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Json } from '../../protocol/messages';
import { startRun } from '../../runs';
import type { RunRegistry } from '../run-registry';

export interface CheckpointRun {
  readonly task: 'finetune' | 'pretrain';
  readonly title: string;
  readonly plan: object;
  readonly seed: number;
  /** What is learned from; the run belongs to the workspace folder that has it. */
  readonly data: string;
}

export async function startCheckpointRun(
  registry: RunRegistry,
  { task, title, plan, seed, data }: CheckpointRun,
): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(data)) ?? vscode.workspace.workspaceFolders?.[0];
  const workspace = folder?.uri.fsPath ?? path.dirname(data);
  const started = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Modelwright: starting ${title}` },
    async () =>
      startRun({
        workspace,
        program: registry.program,
        runtime: await registry.runtime(),
        title,
        task,
        plan: plan as Json,
        seed,
        settings: Object.fromEntries(
          Object.entries(plan as Record<string, Json>).filter(([, value]) => value !== null),
        ),
        eager: !vscode.workspace.getConfiguration('modelwright').get<boolean>('train.compile', true),
        source: { file: path.relative(workspace, data), binding: null, hash: null },
      }),
  );
  await registry.open(started.folder, title);
}
