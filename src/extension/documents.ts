/**
 * The analysis of every open model file: made when first asked for, again after each change, and published as
 * diagnostics. A file that imports no framework we know costs one search of its text and nothing more.
 */
import * as vscode from 'vscode';
import type { Analysis, Analyzer, OpenDocument } from '../ide/analysis';
import { LANGUAGES } from './commands';
import { toRange, toSeverity } from './convert';
import type { WorkspaceModules } from './workspace-modules';

/** Names of which one must stand in a text before it is parsed at all. */
const FRAMEWORK = /keras|tensorflow|tfjs|transformers/;
/** Typing faster than this waits for the pause; the analysis itself is far shorter. */
const PAUSE_MS = 60;
/** Larger files are left alone: nobody writes models of this size by hand. */
const MOST_CHARACTERS = 2_000_000;

/** The shape engine, loaded by the first file that needs it. */
export interface Engine {
  load(): Promise<typeof import('./engine') & { readonly analyzer: Analyzer }>;
}

interface Entry {
  readonly document: vscode.TextDocument;
  open: OpenDocument | undefined;
  version: number;
  analysis: Analysis | undefined;
  /** Files of the workspace that its imports were looked for in. */
  imports: ReadonlySet<string>;
  /** Something around the file changed since its analysis. */
  isStale: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Documents implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('modelwright');
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly disposables: vscode.Disposable[];
  /** Fires when a document has been analysed anew. */
  readonly onDidAnalyze = this.changed.event;

  constructor(
    readonly engine: Engine,
    private readonly modules: WorkspaceModules,
  ) {
    this.disposables = [
      modules,
      modules.onDidChange(file => {
        this.reanalyze(entry => entry.imports.has(file));
      }),
      this.diagnostics,
      this.changed,
      vscode.workspace.onDidOpenTextDocument(d => this.schedule(d, 0)),
      vscode.workspace.onDidChangeTextDocument(e => {
        if (e.contentChanges.length === 0) return;
        this.schedule(e.document, PAUSE_MS);
        this.reanalyze(entry => entry.imports.has(e.document.uri.fsPath));
      }),
      vscode.workspace.onDidCloseTextDocument(d => this.forget(d)),
      vscode.window.onDidChangeActiveTextEditor(() => this.updateContext()),
      vscode.workspace.onDidChangeConfiguration(e => {
        if (e.affectsConfiguration('modelwright.kerasVersion')) this.reanalyze(() => true);
        if (e.affectsConfiguration('modelwright.check'))
          vscode.workspace.textDocuments.forEach(d => this.schedule(d, 0));
      }),
    ];
    vscode.workspace.textDocuments.forEach(d => this.schedule(d, 0));
  }

  /** The analysis of the document as it is now; undefined for a file that builds no model. */
  async analysis(document: vscode.TextDocument): Promise<Analysis | undefined> {
    if (!isModelFile(document)) return undefined;
    const entry = this.entryOf(document);
    if (entry.analysis && entry.version === document.version && !entry.isStale) return entry.analysis;
    return this.analyze(entry);
  }

  dispose(): void {
    for (const entry of this.entries.values()) {
      clearTimeout(entry.timer);
      entry.open?.close();
    }
    this.entries.clear();
    this.disposables.forEach(d => {
      d.dispose();
    });
  }

  private schedule(document: vscode.TextDocument, delay: number): void {
    if (!isModelFile(document)) {
      if (this.entries.has(document.uri.toString())) this.forget(document);
      return;
    }
    const entry = this.entryOf(document);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.analysis(document), delay);
  }

  /** Looks again at files whose own text did not change. */
  private reanalyze(concerns: (entry: Entry) => boolean): void {
    for (const entry of this.entries.values()) {
      if (!concerns(entry)) continue;
      entry.isStale = true;
      this.schedule(entry.document, PAUSE_MS);
    }
  }

  private async analyze(entry: Entry): Promise<Analysis | undefined> {
    const { document } = entry;
    const { analyzer } = await this.engine.load();
    entry.open ??= await analyzer.open(document.uri.scheme === 'file' ? document.uri.fsPath : document.uri.path);
    if (document.isClosed || !entry.open) return undefined;
    // While the grammar was loading another call may have come this far already.
    if (!entry.analysis || entry.version !== document.version || entry.isStale) {
      entry.version = document.version;
      const { open, isStale } = entry;
      const { result, asked } = this.modules.recording(() => open.update(document.getText(), isStale));
      entry.analysis = result;
      entry.imports = asked;
      entry.isStale = false;
      this.publish(document, entry.analysis);
      this.updateContext();
      this.changed.fire(document);
    }
    return entry.analysis;
  }

  private publish(document: vscode.TextDocument, analysis: Analysis): void {
    const wanted = vscode.workspace.getConfiguration('modelwright', document).get<boolean>('check.enable', true);
    this.diagnostics.set(
      document.uri,
      !wanted
        ? []
        : analysis.diagnostics.map(d => {
            const diagnostic = new vscode.Diagnostic(toRange(document, d.span), d.message, toSeverity(d.severity));
            diagnostic.source = 'modelwright';
            diagnostic.code = d.code;
            diagnostic.relatedInformation = d.related
              .filter(r => r.place.file === undefined)
              .map(
                r =>
                  new vscode.DiagnosticRelatedInformation(
                    new vscode.Location(document.uri, toRange(document, r.place)),
                    r.message,
                  ),
              );
            return diagnostic;
          }),
    );
  }

  private updateContext(): void {
    const active = vscode.window.activeTextEditor?.document;
    const analysis = active && this.entries.get(active.uri.toString())?.analysis;
    void vscode.commands.executeCommand('setContext', 'modelwright.hasModel', (analysis?.facts.models.length ?? 0) > 0);
  }

  private entryOf(document: vscode.TextDocument): Entry {
    const key = document.uri.toString();
    let entry = this.entries.get(key);
    if (!entry)
      this.entries.set(
        key,
        (entry = {
          document,
          open: undefined,
          version: -1,
          analysis: undefined,
          imports: new Set(),
          isStale: false,
          timer: undefined,
        }),
      );
    return entry;
  }

  private forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const entry = this.entries.get(key);
    clearTimeout(entry?.timer);
    entry?.open?.close();
    this.entries.delete(key);
    this.diagnostics.delete(document.uri);
  }
}

export function isModelFile(document: vscode.TextDocument): boolean {
  if (!(LANGUAGES as readonly string[]).includes(document.languageId)) return false;
  if (document.uri.path.includes('/node_modules/')) return false;
  const text = document.getText();
  return text.length <= MOST_CHARACTERS && FRAMEWORK.test(text);
}
