/**
 * Other files of the workspace for a program that imports them: as they stand in the editor, else as they are on disk,
 * and who has to be looked at again when one of them changes.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { AnalyzerOptions } from '../ide/analysis';
import { modulePaths } from '../ide/module-paths';
import { kerasVersionIn, type KerasVersion } from '../runtime/keras-version';

export class WorkspaceModules implements vscode.Disposable {
  /** Files that the analysis in progress asks for, also those that are not there yet. */
  private asked = new Set<string>();
  private readonly onDisk = new Map<string, string | undefined>();
  private readonly versions = new Map<string, KerasVersion | undefined>();
  private readonly changed = new vscode.EventEmitter<string>();
  private readonly subscriptions: vscode.Disposable;
  /** Fires with the path of a file that some program may import. */
  readonly onDidChange = this.changed.event;

  constructor() {
    const sources = vscode.workspace.createFileSystemWatcher('**/*.{py,js,mjs,cjs,jsx,ts,mts,tsx}');
    const requirements = vscode.workspace.createFileSystemWatcher(
      '**/{requirements.txt,pyproject.toml,environment.yml,Pipfile,setup.py,setup.cfg,pyvenv.cfg}',
    );
    const forget = ({ fsPath }: vscode.Uri): void => {
      this.onDisk.delete(fsPath);
      this.changed.fire(fsPath);
    };
    const ofVersion = (): void => {
      this.versions.clear();
    };
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      sources,
      sources.onDidChange(forget),
      sources.onDidCreate(forget),
      sources.onDidDelete(forget),
      requirements,
      requirements.onDidChange(ofVersion),
      requirements.onDidCreate(ofVersion),
      requirements.onDidDelete(ofVersion),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  get analyzerOptions(): AnalyzerOptions {
    return {
      resolveModule: (module, level, from) => this.resolve(module, level, from),
      kerasVersion: file => this.kerasVersion(file),
    };
  }

  /** Runs one analysis; the files it asked for come with its result. */
  recording<T>(run: () => T): { readonly result: T; readonly asked: ReadonlySet<string> } {
    this.asked = new Set();
    const result = run();
    return { result, asked: this.asked };
  }

  private resolve(module: string, level: number, from: string): { file: string; text: string } | undefined {
    for (const place of modulePaths(module, level, from, rootOf(from))) {
      const file = path.normalize(place);
      this.asked.add(file);
      const text = this.read(file);
      if (text !== undefined) return { file, text };
    }
    return undefined;
  }

  private read(file: string): string | undefined {
    const open = vscode.workspace.textDocuments.find(d => d.uri.scheme === 'file' && d.uri.fsPath === file);
    if (open) return open.getText();
    if (!this.onDisk.has(file)) this.onDisk.set(file, readFile(file));
    return this.onDisk.get(file);
  }

  private kerasVersion(file: string): KerasVersion | undefined {
    const wanted = vscode.workspace.getConfiguration('modelwright', vscode.Uri.file(file)).get<string>('kerasVersion');
    if (wanted === '2' || wanted === '3') return wanted === '2' ? 2 : 3;
    const root = rootOf(file);
    if (!this.versions.has(root)) this.versions.set(root, kerasVersionIn(root));
    return this.versions.get(root);
  }
}

function rootOf(file: string): string {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath ?? path.dirname(file);
}

/** What cannot be read is not there: a folder named `x.py`, a file without permission. */
function readFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
