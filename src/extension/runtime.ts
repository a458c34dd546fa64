/**
 * The TensorFlow runtime as the editor sees it: choose one for a run, install one with progress and cancel, show the
 * report. Nothing is installed without being asked for.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import {
  chooseRuntime,
  diagnose,
  installRuntime,
  RuntimeProblem,
  thisMachine,
  type Environment,
  type Runtime,
} from '../runtime';
import { diagnosisText } from '../runtime/report';

const FALLBACK_QUESTION = 'modelwright.askedAboutFallback';

export class RuntimeHost {
  readonly environment: Environment;
  private chosen: Promise<Runtime> | undefined;

  constructor(private readonly context: vscode.ExtensionContext) {
    this.environment = withSettings(thisMachine(path.join(context.extensionPath, 'dist', 'runtime-kit')));
    context.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration(e => {
        if (e.affectsConfiguration('modelwright.runtime')) this.chosen = undefined;
      }),
    );
  }

  /** The runtime for the next run; the embedded one is offered to be replaced,
    once per installation of the extension. */
  async forRun(): Promise<Runtime> {
    const runtime = await this.choose();
    if (runtime.kind === 'native' || this.context.globalState.get(FALLBACK_QUESTION)) return runtime;
    const setUp = 'Set Up';
    const slow = 'Train Slowly Now';
    const answer = await vscode.window.showWarningMessage(
      'No TensorFlow runtime is installed, so training would run on the embedded JavaScript one, which is many times slower.',
      setUp,
      slow,
    );
    if (answer === slow) await this.context.globalState.update(FALLBACK_QUESTION, true);
    return answer === setUp ? ((await this.setUp()) ?? runtime) : runtime;
  }

  choose(): Promise<Runtime> {
    this.chosen ??= chooseRuntime(this.options()).catch((error: unknown) => {
      this.chosen = undefined;
      throw error;
    });
    return this.chosen;
  }

  /** Installs a native runtime; undefined where it was cancelled or failed, which has been said. */
  async setUp(): Promise<Runtime | undefined> {
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: 'Modelwright: setting up TensorFlow',
        cancellable: true,
      },
      async (progress, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        try {
          const runtime = await installRuntime({
            ...this.options(),
            from: 'auto',
            storageFolder: this.storage,
            signal: stop.signal,
            onProgress: p =>
              progress.report({
                message: p.fraction === null ? p.message : `${p.message} (${Math.round(p.fraction * 100)} %)`,
              }),
          });
          this.chosen = Promise.resolve(runtime);
          void vscode.window.showInformationMessage(`TensorFlow ${runtime.tensorflow ?? ''} is ready for training.`);
          return runtime;
        } catch (error) {
          if (!(error instanceof RuntimeProblem)) throw error;
          if (error.code !== 'cancelled') void vscode.window.showErrorMessage(`${error.message} ${error.wayOut}`);
          return undefined;
        }
      },
    );
  }

  /** Opens the report of `modelwright doctor` as a text beside the code. */
  async showReport(): Promise<void> {
    const diagnosis = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: 'Modelwright: looking at the training runtime' },
      () => diagnose(this.options()),
    );
    const document = await vscode.workspace.openTextDocument({
      language: 'plaintext',
      content: diagnosisText(diagnosis),
    });
    await vscode.window.showTextDocument(document, { preview: true });
  }

  private get storage(): string {
    return this.context.globalStorageUri.fsPath;
  }

  private options(): { workspaceFolder?: string; trusted: boolean; storageFolder: string; env: Environment } {
    const folder = vscode.workspace.workspaceFolders?.find(f => f.uri.scheme === 'file')?.uri.fsPath;
    return {
      ...(folder === undefined ? {} : { workspaceFolder: folder }),
      trusted: vscode.workspace.isTrusted,
      storageFolder: this.storage,
      env: withSettings(this.environment),
    };
  }
}

/** The settings take the place of the variables that the command line reads. */
function withSettings(environment: Environment): Environment {
  const settings = vscode.workspace.getConfiguration('modelwright.runtime');
  const folder = settings.get<string>('folder');
  const node = settings.get<string>('node');
  return {
    ...environment,
    variables: {
      ...environment.variables,
      ...(folder ? { MODELWRIGHT_RUNTIME: folder } : {}),
      ...(node ? { MODELWRIGHT_NODE: node } : {}),
    },
  };
}
