/** The output channel with what monitored scripts print. */
import * as vscode from 'vscode';
import type { TrainEvent } from '../protocol/messages';

export class ScriptOutput implements vscode.Disposable {
  private channel: vscode.OutputChannel | undefined;
  private last = '';

  /** Takes every event of a run; those that are no printed line pass by. */
  take(title: string, event: TrainEvent): void {
    if (event.type !== 'log' || event.from === undefined) return;
    this.channel ??= vscode.window.createOutputChannel('Modelwright Scripts');
    if (this.last !== title) this.channel.appendLine(`── ${title}`);
    this.last = title;
    this.channel.appendLine(event.message);
  }

  dispose(): void {
    this.channel?.dispose();
  }
}
