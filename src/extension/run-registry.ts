/**
 * All runs this window follows: one watch a run, its panel while one is open, the status bar, and a word when a run
 * ends unseen. Closing a panel or the window ends nothing; only a command does.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TrainEvent } from '../protocol/messages';
import type { FromPanel, PanelRun } from '../protocol/panel';
import { column, isLive, type RunState } from '../protocol/run-state';
import {
  listRuns,
  resumeRun,
  watchRun,
  type ChildProgram,
  type ChildRuntime,
  type RunSummary,
  type RunWatch,
} from '../runs';
import { RunPanel, type WatchedRun } from './panels/run-panel';
import type { RestoredRun } from './panels/panel-types';
import { ScriptOutput } from './script-output';
import { RunStatusBar } from './status-bar';

export interface RunRegistryOptions {
  readonly extensionUri: vscode.Uri;
  readonly program: ChildProgram;
  /** Chosen anew for every start, since a runtime may have been set up in between. */
  runtime(): Promise<ChildRuntime>;
}

export class RunRegistry implements vscode.Disposable, vscode.WebviewPanelSerializer<RestoredRun> {
  private readonly followed = new Map<string, FollowedRun>();
  private readonly panels = new Map<string, RunPanel>();
  private readonly statusBar = new RunStatusBar();
  private readonly scriptOutput = new ScriptOutput();
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when a run starts, ends or moves on; at most ten times a second for each run. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: RunRegistryOptions) {}

  get program(): ChildProgram {
    return this.options.program;
  }

  runtime(): Promise<ChildRuntime> {
    return this.options.runtime();
  }

  /** The run whose panel is on top, else the newest live one. */
  get current(): FollowedRun | undefined {
    const shown = [...this.panels.values()].find(p => p.visible);
    const live = [...this.followed.values()].filter(r => isLive(r.state));
    return live.find(r => r.run.id === shown?.runId) ?? live.at(-1);
  }

  /** Follows a run from its folder and shows its panel. */
  async open(folder: string, title: string): Promise<FollowedRun> {
    const followed = await this.follow(folder, title);
    this.showPanel(followed);
    return followed;
  }

  /** Follows what still runs in the workspace: after a reload the status bar knows it again. */
  async reattach(): Promise<void> {
    for (const summary of await this.list()) {
      if (summary.status === 'running' || summary.status === 'paused' || summary.status === 'starting') {
        await this.follow(summary.folder, summary.record.title);
      }
    }
  }

  async list(): Promise<RunSummary[]> {
    const folders = vscode.workspace.workspaceFolders?.filter(f => f.uri.scheme === 'file') ?? [];
    return (await Promise.all(folders.map(f => listRuns(f.uri.fsPath)))).flat();
  }

  /** A new child goes on from the last checkpoint. */
  async resume(folder: string, title: string): Promise<void> {
    if (!vscode.workspace.isTrusted) throw new Error('Trust this workspace before resuming a run in it.');
    const id = path.basename(folder);
    this.followed.get(id)?.dispose();
    this.followed.delete(id);
    await resumeRun(folder, this.options.program, await this.options.runtime());
    const panel = this.panels.get(id);
    const followed = await this.follow(folder, title);
    if (panel) panel.watch(followed);
    else this.showPanel(followed);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: RestoredRun): Promise<void> {
    const summary = (await this.list()).find(r => r.id === state?.runId);
    if (!summary) {
      panel.dispose();
      return;
    }
    const followed = await this.follow(summary.folder, summary.record.title);
    this.adopt(new RunPanel(panel, followed, this.options.extensionUri));
  }

  dispose(): void {
    for (const followed of this.followed.values()) followed.dispose();
    this.statusBar.dispose();
    this.scriptOutput.dispose();
    this.changed.dispose();
  }

  private async follow(folder: string, title: string): Promise<FollowedRun> {
    const id = path.basename(folder);
    const known = this.followed.get(id);
    if (known) return known;
    const followed = new FollowedRun(
      { id, title, folder },
      () => this.resume(folder, title),
      event => this.scriptOutput.take(title, event),
    );
    this.followed.set(id, followed);
    followed.onChange(() => this.update());
    await followed.open();
    void followed.done?.then(state => this.ended(followed, state));
    this.update();
    return followed;
  }

  private update(): void {
    const live = [...this.followed.values()].filter(r => isLive(r.state));
    this.statusBar.show(live.map(r => ({ title: r.run.title, state: r.state })));
    void vscode.commands.executeCommand('setContext', 'modelwright.running', live.length > 0);
    this.changed.fire();
  }

  private ended({ run }: FollowedRun, state: RunState): void {
    this.update();
    const wanted = vscode.workspace.getConfiguration('modelwright').get<boolean>('train.notifyWhenDone', true);
    if (!wanted || isLive(state) || this.panels.get(run.id)?.visible) return;
    const { end } = state.story;
    const words =
      end?.kind === 'ended' ? `${run.title} has finished.` : `${run.title}: ${end?.message ?? 'the run is over'}`;
    const show = end?.kind === 'ended' ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
    void show(words, 'Show').then(answer => {
      if (answer) void this.open(run.folder, run.title);
    });
  }

  private showPanel(followed: FollowedRun): void {
    const panel = this.panels.get(followed.run.id);
    if (panel) panel.reveal();
    else this.adopt(RunPanel.open(followed, this.options.extensionUri));
  }

  private adopt(panel: RunPanel): void {
    this.panels.get(panel.runId)?.dispose();
    this.panels.set(panel.runId, panel);
    panel.onDispose(() => {
      if (this.panels.get(panel.runId) === panel) this.panels.delete(panel.runId);
    });
  }
}

/** One followed run: its watch, its listeners, and what its buttons do. */
export class FollowedRun implements WatchedRun, vscode.Disposable {
  private watch: RunWatch | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refusal: string | undefined;

  constructor(
    readonly run: PanelRun,
    private readonly resume: () => Promise<void>,
    private readonly onEvent: (event: TrainEvent) => void,
  ) {}

  async open(): Promise<void> {
    this.watch = await watchRun(this.run.folder, {
      // A fast run steps thousands of times a second; its watchers look ten times a second.
      onEvent: event => {
        this.onEvent(event);
        this.timer ??= setTimeout(() => this.fire(), 100);
      },
      onRefused: message => {
        this.refusal = message;
      },
    });
    this.fire();
  }

  get state(): RunState {
    if (!this.watch) throw new Error('the run was asked for its state before it was opened');
    return this.watch.state;
  }

  get done(): Promise<RunState> | undefined {
    return this.watch?.done;
  }

  onChange(listener: () => void): vscode.Disposable {
    return this.changed.event(listener);
  }

  async handle(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'pause':
        return this.send({ command: 'pause' });
      case 'resume':
        return this.send({ command: 'resume' });
      case 'stop':
        return this.send({ command: 'stop', keep: message.keep });
      case 'checkpoint':
        return this.send({ command: 'checkpoint' });
      case 'set': {
        const { type: _, ...values } = message;
        return this.send({ command: 'set', ...values });
      }
      case 'resume-run':
        return this.resume();
      case 'predict':
        return this.predict();
      case 'export-csv':
        return this.exportCsv();
      case 'open-folder':
        await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(this.run.folder));
        return;
      case 'ready':
      case 'drawn':
        return;
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watch?.close();
    this.changed.dispose();
  }

  private fire(): void {
    this.timer = undefined;
    this.changed.fire();
  }

  private send(command: Parameters<RunWatch['send']>[0]): void {
    if (this.watch?.send(command)) return;
    throw new Error(this.refusal ?? 'The training process is not there any more. Resume the run to go on.');
  }

  /** With the checkpoint that came out. */
  private async predict(): Promise<void> {
    const { end } = this.state.story;
    if (end?.kind !== 'ended') throw new Error('This run has not made a checkpoint yet.');
    const { folder, title } = this.run;
    await vscode.commands.executeCommand('modelwright.predict', path.resolve(folder, end.output), title);
  }

  private async exportCsv(): Promise<void> {
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(path.join(this.run.folder, `${this.run.id}.csv`)),
      filters: { CSV: ['csv'] },
    });
    if (target) await fs.writeFile(target.fsPath, csvOf(this.state));
  }
}

/** Every step of a run, one row each, with the names of its columns in the first line. */
export function csvOf(state: RunState): string {
  const { stepTable } = state;
  const columns = stepTable.names.map(name => column(stepTable, name));
  const lines = [stepTable.names.join(',')];
  for (let row = 0; row < stepTable.rows; row++) {
    lines.push(columns.map(c => (Number.isNaN(c[row]!) ? '' : String(c[row]))).join(','));
  }
  return `${lines.join('\n')}\n`;
}
