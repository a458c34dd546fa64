/** One item in the status bar while anything trains: how far it is; a click opens the panel. */
import * as vscode from 'vscode';
import { progress, secondsLeft, type RunState } from '../protocol/run-state';

export class RunStatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('modelwright.runs', vscode.StatusBarAlignment.Left, 10);

  constructor() {
    this.item.name = 'Modelwright Training';
    this.item.command = 'modelwright.openRun';
  }

  show(runs: readonly { readonly title: string; readonly state: RunState }[]): void {
    const [first] = runs;
    if (!first) {
      this.item.hide();
      return;
    }
    const { state } = first;
    const share = `${Math.floor(progress(state) * 100)} %`;
    const more = runs.length > 1 ? ` (+${runs.length - 1})` : '';
    const sign = state.status === 'paused' ? '$(debug-pause)' : '$(sync~spin)';
    this.item.text = `${sign} ${first.title} ${share}${more}`;
    this.item.tooltip = runs.map(r => `${r.title}: ${words(r.state)}`).join('\n');
    this.item.accessibilityInformation = { label: `Training ${first.title}, ${share}` };
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

function words(state: RunState): string {
  const left = secondsLeft(state);
  const time =
    left === null ? '' : `, about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
  return state.status === 'starting'
    ? 'starting'
    : `${state.status}, epoch ${Math.min(state.setup.epochs, state.epoch + 1)} of ${state.setup.epochs}${time}`;
}
