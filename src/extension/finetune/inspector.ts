/** Asks the inspecting child (src/train/inspect.ts) about checkpoints and data, with progress and cancel. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InspectAnswer, InspectionKind, Inspections, InspectRequest } from '../../protocol/inspection';
import { ChildRefusal, LineChild } from '../../runs';

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

export class Inspector implements vscode.Disposable {
  private readonly child: LineChild<WithoutId<InspectRequest>, InspectAnswer>;

  constructor(extensionPath: string) {
    const script = path.join(extensionPath, 'dist', 'inspect.js');
    // The editor's own process acts as Node: nothing of TensorFlow is needed to look.
    const program = { node: process.execPath, script, env: { ELECTRON_RUN_AS_NODE: '1' } };
    this.child = new LineChild(() => Promise.resolve(program));
  }

  /** @throws ChildRefusal with one sentence and the way out */
  async ask<Kind extends InspectionKind>(
    kind: Kind,
    question: Inspections[Kind]['question'],
    onProgress: (words: string, share: number | null) => void = () => {},
  ): Promise<Inspections[Kind]['answer']> {
    let answer: Inspections[Kind]['answer'] | undefined;
    await this.child.ask({ ask: kind, question } as WithoutId<InspectRequest>, said => {
      if ('progress' in said) onProgress(said.progress.words, said.progress.share);
      else if ('answer' in said) answer = said.answer;
      return answer !== undefined;
    });
    return answer!;
  }

  /** As `ask`, with a notification that can cancel; undefined where it was cancelled. */
  async askVisibly<Kind extends InspectionKind>(
    title: string,
    kind: Kind,
    question: Inspections[Kind]['question'],
  ): Promise<Inspections[Kind]['answer'] | undefined> {
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      token.onCancellationRequested(() => this.dispose());
      let done = 0;
      try {
        return await this.ask(kind, question, (message, share) => {
          const percent = share === null ? 0 : Math.round(share * 100);
          // A new file begins at nothing again, which a bar cannot show.
          progress.report({ message, increment: Math.max(0, percent - done) });
          done = percent;
        });
      } catch (error) {
        if (token.isCancellationRequested && !(error instanceof ChildRefusal)) return undefined;
        throw error;
      }
    });
  }

  dispose(): void {
    this.child.dispose();
  }
}
