/** Says beside the language of a file, behind `{}` in the status bar, that it is not analysed, and why. */
import * as vscode from 'vscode';
import { LANGUAGES } from './commands';
import type { Documents } from './documents';

export class LeftOutStatus implements vscode.Disposable {
  private item: vscode.LanguageStatusItem | undefined;
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly documents: Documents) {
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
      vscode.workspace.onDidSaveTextDocument(() => this.update()),
    );
    this.update();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.item?.dispose();
  }

  private update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const because = document && this.documents.leftOutBecause(document);
    this.item?.dispose();
    this.item = undefined;
    if (because === undefined) return;
    const selector = LANGUAGES.map(language => ({ language }));
    this.item = vscode.languages.createLanguageStatusItem('modelwright.leftOut', selector);
    this.item.name = 'Modelwright';
    this.item.severity = vscode.LanguageStatusSeverity.Information;
    this.item.text = 'Shapes are not checked';
    this.item.detail = `Modelwright leaves this file out: ${because}.`;
  }
}
