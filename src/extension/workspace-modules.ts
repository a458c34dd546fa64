/**
 * Other files of the workspace for a program that imports them: as they stand in the editor, else as they are on disk,
 * and who has to be looked at again when one of them changes.
 *
 * The watcher alone does not tell of every change: on Linux it misses what is made in folders that are made in the same
 * moment, as a checkout does, and of a network drive it tells nothing. So whatever was read is compared with the disk
 * as well, when something gives a reason to look.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { AnalyzerOptions } from '../ide/analysis';
import { dataPaths, modulePaths } from '../ide/module-paths';
import { type FileHead, onlyHead, readFileHead } from '../runtime/file-head';
import { kerasVersionIn, type KerasVersion } from '../runtime/keras-version';

/** Half a megabyte each at most. */
const MOST_HEADS = 40;

/** Reasons to look come with every key; the disk is asked no more often than this. */
const LOOK_MS = 1000;

export class WorkspaceModules implements vscode.Disposable {
  /** Files that the analysis in progress asks for, also those that are not there yet. */
  private asked = new Set<string>();
  private readonly onDisk = new Map<string, string | undefined>();
  /** Of every file that was read or looked for: what tells whether it is still the same. */
  private readonly stamps = new Map<string, string>();
  private readonly heads = new Map<string, FileHead | undefined>();
  private readonly versions = new Map<string, KerasVersion | undefined>();
  private lookedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly changed = new vscode.EventEmitter<string>();
  private readonly subscriptions: vscode.Disposable;
  /** Fires with the path of a file that some program may import. */
  readonly onDidChange = this.changed.event;

  constructor() {
    const sources = vscode.workspace.createFileSystemWatcher('**/*.{py,js,mjs,cjs,jsx,ts,mts,tsx}');
    const data = vscode.workspace.createFileSystemWatcher('**/*.{csv,tsv,txt,data,dat}');
    const requirements = vscode.workspace.createFileSystemWatcher(
      '**/{requirements.txt,pyproject.toml,environment.yml,Pipfile,setup.py,setup.cfg,pyvenv.cfg}',
    );
    const forget = ({ fsPath }: vscode.Uri): void => this.forget(fsPath);
    const ofVersion = (): void => {
      this.versions.clear();
    };
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      sources,
      sources.onDidChange(forget),
      sources.onDidCreate(forget),
      sources.onDidDelete(forget),
      data,
      data.onDidChange(forget),
      data.onDidCreate(forget),
      data.onDidDelete(forget),
      requirements,
      requirements.onDidChange(ofVersion),
      requirements.onDidCreate(ofVersion),
      requirements.onDidDelete(ofVersion),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && this.lookAgain()),
      vscode.window.onDidChangeActiveTextEditor(() => this.lookAgain()),
      vscode.window.onDidEndTerminalShellExecution(() => this.lookAgain()),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  /** Compares what was read with the disk, now or within a second, and tells of what has changed. */
  lookAgain(): void {
    const wait = this.lookedAt + LOOK_MS - performance.now();
    this.timer ??= setTimeout(() => void this.look(), Math.max(0, wait));
  }

  get analyzerOptions(): AnalyzerOptions {
    return {
      resolveModule: (module, level, from) => this.resolve(module, level, from),
      readHead: (file, from) => onlyHead(dataPaths(file, from, rootOf(from)), place => this.head(place)),
      kerasVersion: file => this.kerasVersion(file),
    };
  }

  /** Runs one analysis; the files it asked for come with its result. */
  recording<T>(run: () => T): { readonly result: T; readonly asked: ReadonlySet<string> } {
    this.asked = new Set();
    const result = run();
    return { result, asked: this.asked };
  }

  private async look(): Promise<void> {
    this.lookedAt = performance.now();
    this.timer = undefined;
    for (const [file, known] of [...this.stamps]) {
      const stamp = await fs.promises.stat(file).then(stampOf, () => '');
      // Meanwhile it may have been read anew.
      if (stamp !== known && this.stamps.get(file) === known) this.forget(file);
    }
  }

  private forget(file: string): void {
    this.stamps.delete(file);
    this.onDisk.delete(file);
    this.heads.delete(file);
    this.changed.fire(file);
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
    if (!this.onDisk.has(file)) {
      this.stamp(file);
      this.onDisk.set(file, readFile(file));
    }
    return this.onDisk.get(file);
  }

  private head(place: string): FileHead | undefined {
    const file = path.normalize(place);
    this.asked.add(file);
    if (this.heads.size > MOST_HEADS) this.heads.clear();
    if (!this.heads.has(file)) {
      this.stamp(file);
      this.heads.set(file, readFileHead(file));
    }
    return this.heads.get(file);
  }

  /** To be called before the file is read: what is written in between shows as a change, never as what was read. */
  private stamp(file: string): void {
    let stamp = '';
    try {
      stamp = stampOf(fs.statSync(file));
    } catch {
      // A file that is not there has an empty one.
    }
    this.stamps.set(file, stamp);
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

function stampOf({ mtimeMs, ctimeMs, size, ino }: fs.Stats): string {
  return [mtimeMs, ctimeMs, size, ino].join();
}
