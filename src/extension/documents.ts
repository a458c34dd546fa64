/**
 * The analysis of every open model file and notebook: made when first asked for, again after each change, and published
 * as diagnostics. A file that imports no framework we know costs one search of its text and nothing more.
 */
import * as vscode from 'vscode';
import type { Analysis, Analyzer, OpenDocument } from '../ide/analysis';
import { leftOutBecause } from '../ide/left-out';
import { toSeverity } from './convert';
import { CELL_SCHEME, notebookSource, sourceOf, type Source, type SourceText } from './sources';
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

/** An analysis and where its offsets stand in the editor. */
export interface Analyzed {
  readonly analysis: Analysis;
  readonly text: SourceText;
}

interface Entry {
  readonly source: Source;
  open: OpenDocument | undefined;
  analyzed: Analyzed | undefined;
  /** Documents that show its diagnostics. */
  marked: readonly vscode.Uri[];
  /** Files of the workspace that its imports were looked for in. */
  imports: ReadonlySet<string>;
  /** Something around the file changed since its analysis. */
  isStale: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Documents implements vscode.Disposable {
  private readonly entries = new Map<string, Entry>();
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('modelwright');
  private readonly changed = new vscode.EventEmitter<SourceText>();
  private readonly disposables: vscode.Disposable[];
  /** Fires when a file or notebook has been analysed anew. */
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
      vscode.workspace.onDidOpenTextDocument(d => this.schedule(sourceOf(d), 0)),
      vscode.workspace.onDidChangeTextDocument(e => {
        if (e.contentChanges.length === 0) return;
        this.schedule(sourceOf(e.document), PAUSE_MS);
        this.reanalyze(entry => entry.imports.has(e.document.uri.fsPath));
      }),
      vscode.workspace.onDidCloseTextDocument(d => {
        // A cell goes when it is taken out, or becomes one of another language.
        if (d.uri.scheme === CELL_SCHEME) return this.schedule(sourceOf(d), 0);
        this.forget(d.uri);
        // Without saving: what is on disk counts again.
        this.reanalyze(entry => entry.imports.has(d.uri.fsPath));
      }),
      vscode.workspace.onDidOpenNotebookDocument(n => this.schedule(notebookSource(n), 0)),
      vscode.workspace.onDidChangeNotebookDocument(e => {
        if (e.contentChanges.length > 0) this.schedule(notebookSource(e.notebook), 0);
      }),
      vscode.workspace.onDidCloseNotebookDocument(n => this.forget(n.uri)),
      vscode.window.onDidChangeActiveTextEditor(() => this.updateContext()),
      vscode.workspace.onDidChangeConfiguration(e => {
        if (e.affectsConfiguration('modelwright.kerasVersion')) this.reanalyze(() => true);
        if (e.affectsConfiguration('modelwright.check')) {
          for (const { source, analyzed } of this.entries.values()) if (analyzed) this.publish(source, analyzed);
        }
      }),
    ];
    vscode.workspace.textDocuments.forEach(d => this.schedule(sourceOf(d), 0));
    vscode.workspace.notebookDocuments.forEach(n => this.schedule(notebookSource(n), 0));
  }

  /** The analysis of the document as it is now, or of the notebook it is a cell of; undefined where no model is built. */
  async analyzed(document: vscode.TextDocument): Promise<Analyzed | undefined> {
    const source = sourceOf(document);
    return source && this.current(source);
  }

  /** As `analyzed`, for whoever asks no place of it. */
  async analysis(document: vscode.TextDocument): Promise<Analysis | undefined> {
    return (await this.analyzed(document))?.analysis;
  }

  /** Why a file that mentions a framework is not analysed, as the end of a sentence; undefined for every other file. */
  leftOutBecause(document: vscode.TextDocument): string | undefined {
    const text = sourceOf(document)?.read();
    return text && FRAMEWORK.test(text.text) ? reasonToLeaveOut(text) : undefined;
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

  private async current(source: Source): Promise<Analyzed | undefined> {
    const text = source.read();
    if (!buildsModels(text)) {
      this.forget(source.uri);
      return undefined;
    }
    const entry = this.entryOf(source);
    if (entry.imports.size > 0) this.modules.lookAgain();
    if (entry.analyzed?.text.stamp === text.stamp && !entry.isStale) return entry.analyzed;
    return this.analyze(entry);
  }

  private schedule(source: Source | undefined, delay: number): void {
    if (!source) return;
    if (!buildsModels(source.read())) {
      this.forget(source.uri);
      return;
    }
    const entry = this.entryOf(source);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => void this.current(entry.source), delay);
  }

  /** Looks again at files whose own text did not change. */
  private reanalyze(concerns: (entry: Entry) => boolean): void {
    for (const entry of this.entries.values()) {
      if (!concerns(entry)) continue;
      entry.isStale = true;
      this.schedule(entry.source, PAUSE_MS);
    }
  }

  private async analyze(entry: Entry): Promise<Analyzed | undefined> {
    const { source } = entry;
    const { analyzer } = await this.engine.load();
    entry.open ??= await analyzer.open(source.path);
    if (source.isClosed || !entry.open || this.entries.get(source.uri.toString()) !== entry) return undefined;
    // While the grammar was loading another call may have come this far already.
    const text = source.read();
    if (!entry.analyzed || entry.analyzed.text.stamp !== text.stamp || entry.isStale) {
      const { open, isStale } = entry;
      const { result, asked } = this.modules.recording(() => open.update(text.text, isStale));
      entry.analyzed = { analysis: result, text };
      entry.imports = asked;
      entry.isStale = false;
      this.publish(source, entry.analyzed);
      this.updateContext();
      this.changed.fire(text);
    }
    return entry.analyzed;
  }

  private publish({ uri }: Source, { analysis, text }: Analyzed): void {
    const entry = this.entries.get(uri.toString());
    if (!entry) return;
    const wanted = vscode.workspace.getConfiguration('modelwright', uri).get<boolean>('check.enable', true);
    const found = new Map<string, vscode.Diagnostic[]>(text.documents.map(d => [d.uri.toString(), []]));
    for (const d of wanted ? analysis.diagnostics : []) {
      const { document, range } = text.locate(d.span);
      const diagnostic = new vscode.Diagnostic(range, d.message, toSeverity(d.severity));
      diagnostic.source = 'modelwright';
      diagnostic.code = d.code;
      diagnostic.relatedInformation = d.related
        .filter(r => r.place.file === undefined)
        .map(r => {
          const there = text.locate(r.place);
          const location = new vscode.Location(there.document.uri, there.range);
          return new vscode.DiagnosticRelatedInformation(location, r.message);
        });
      found.get(document.uri.toString())?.push(diagnostic);
    }
    for (const gone of entry.marked) if (!found.has(gone.toString())) this.diagnostics.delete(gone);
    entry.marked = text.documents.map(d => d.uri);
    for (const each of entry.marked) this.diagnostics.set(each, found.get(each.toString()));
  }

  private updateContext(): void {
    const active = vscode.window.activeTextEditor?.document;
    const uri = active && sourceOf(active)?.uri;
    const analysis = uri && this.entries.get(uri.toString())?.analyzed?.analysis;
    void vscode.commands.executeCommand('setContext', 'modelwright.hasModel', (analysis?.facts.models.length ?? 0) > 0);
  }

  private entryOf(source: Source): Entry {
    const key = source.uri.toString();
    let entry = this.entries.get(key);
    if (!entry) {
      entry = {
        source,
        open: undefined,
        analyzed: undefined,
        marked: [],
        imports: new Set(),
        isStale: false,
        timer: undefined,
      };
      this.entries.set(key, entry);
    }
    return entry;
  }

  private forget(uri: vscode.Uri): void {
    const entry = this.entries.get(uri.toString());
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.open?.close();
    this.entries.delete(uri.toString());
    for (const each of entry.marked) this.diagnostics.delete(each);
  }
}

function buildsModels(text: SourceText): boolean {
  return FRAMEWORK.test(text.text) && reasonToLeaveOut(text) === undefined;
}

function reasonToLeaveOut({ text, documents: [first] }: SourceText): string | undefined {
  if (text.length > MOST_CHARACTERS) return `it has ${Math.round(text.length / 1000)} kB`;
  return first === undefined || first.languageId === 'python' ? undefined : leftOutBecause(text);
}
