// The shape engine with files around it: gives it grammars and imported modules, and turns its answers into the
// contract's, with the places of notebooks in their cells.
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Analyzer, type Analysis, type BuildArguments } from '../ide/analysis';
import { fileReport } from '../ide/check-report';
import { LineMap } from '../ide/lines';
import { dataPaths, modulePaths } from '../ide/module-paths';
import type { ModelFacts } from '../ir/model';
import type { Place } from '../ir/span';
import type { CheckedSource } from './check-text';
import type { Diagnostic, Range } from './checked-file';
import { type FileHead, onlyHead, readFileHead } from '../runtime/file-head';
import { kerasVersionIn } from '../runtime/keras-version';
import { decode, shown, type SourceFile } from './files';
import { notebookSource, rangeInCell, type NotebookSource } from './notebook';
import { UsageError } from './usage-error';

export interface FoundModel {
  facts: ModelFacts;
  /** Sizes that its shapes depend on and nothing gives. */
  symbols: readonly string[];
  /** Null for a place in another file. */
  rangeOf: (place: Place) => Range | null;
}

export class Engine {
  readonly #analyzer: Analyzer;
  readonly #modules = new Map<string, string | null>();
  readonly #heads = new Map<string, FileHead | undefined>();

  /** `folder` is where imports of a project start. */
  constructor(
    private readonly distFolder: string,
    private readonly folder: string,
  ) {
    this.#analyzer = new Analyzer(file => this.#wasm(file), {
      resolveModule: (module, level, from) => this.#resolve(module, level, from),
      readHead: (file, from) => onlyHead(dataPaths(file, path.resolve(from), path.resolve(this.folder)), this.#head),
      kerasVersion: kerasVersionIn(folder),
    });
  }

  async check(file: SourceFile): Promise<CheckedSource> {
    const { name, language } = file;
    const notebook = language === 'notebook' ? notebookOf(file) : null;
    const analysis = await this.#analyze(file, notebook);
    const report = fileReport(analysis);
    const diagnostics = report.diagnostics.map((each, index) => ({
      ...each,
      related: [...each.related, ...this.#elsewhere(analysis, index)],
    }));
    const models = [...report.models];
    if (notebook === null) {
      return { path: name, language, diagnostics, models, sourceOf: () => analysis.lines };
    }
    const inCell = (range: Range) => rangeInCell(range, notebook);
    const sources = new Map(notebook.cells.map(cell => [cell.index, new LineMap(cell.text)]));
    return {
      path: name,
      language,
      diagnostics: diagnostics.map(each => diagnosticInCells(each, inCell)),
      models: models.map(model => ({
        ...model,
        range: inCell(model.range),
        layers: model.layers.map(layer => ({ ...layer, range: inCell(layer.range) })),
      })),
      sourceOf: cell => (cell === undefined ? undefined : sources.get(cell)) ?? analysis.lines,
    };
  }

  /** Every model of a file, in its order. */
  async models(file: SourceFile): Promise<FoundModel[]> {
    const notebook = file.language === 'notebook' ? notebookOf(file) : null;
    const { facts, lines } = await this.#analyze(file, notebook);
    return facts.models.map(({ facts: model, symbols }) => ({
      facts: model,
      symbols,
      rangeOf: rangesOf(lines, notebook),
    }));
  }

  /** The model of this name, built with these values of what the code leaves open. */
  async model(file: SourceFile, name: string | undefined, args: BuildArguments): Promise<FoundModel | undefined> {
    const notebook = file.language === 'notebook' ? notebookOf(file) : null;
    const text = notebook?.text ?? file.text;
    const facts = await this.#analyzer.model(pathOf(file), text, name, args);
    return facts && { facts, symbols: [], rangeOf: rangesOf(new LineMap(text), notebook) };
  }

  async #analyze(file: SourceFile, notebook: NotebookSource | null): Promise<Analysis> {
    const analysis = await this.#analyzer.analyze(pathOf(file), notebook?.text ?? file.text);
    if (analysis === undefined) throw new UsageError(`${file.name} is of no language that can be checked.`);
    return analysis;
  }

  /** Facts that lie in an imported file; the engine knows their offsets, this room their lines. */
  #elsewhere({ diagnostics }: Analysis, index: number): Diagnostic['related'] {
    return (diagnostics[index]?.related ?? []).flatMap(({ message, place }) => {
      const text = place.file === undefined ? null : this.#read(place.file);
      if (text === null || place.file === undefined) return [];
      return [{ message, range: new LineMap(text).range(place), path: shown(place.file, this.folder) }];
    });
  }

  async #wasm(file: string): Promise<Uint8Array> {
    const place = path.join(this.distFolder, 'wasm', file);
    return fs.readFile(place).catch(() => {
      throw new UsageError(
        `This copy of Modelwright lacks ${place}. Install it again; in a clone, run \`npm run build\`.`,
      );
    });
  }

  /** Finds a module of the project as Python and bundlers do: beside the importing file, or from the project's root. */
  #resolve(module: string, level: number, from: string): { file: string; text: string } | undefined {
    for (const file of modulePaths(module, level, path.resolve(from), this.folder)) {
      const text = this.#read(file);
      if (text !== null) return { file, text };
    }
    return undefined;
  }

  readonly #head = (file: string): FileHead | undefined => {
    if (!this.#heads.has(file)) this.#heads.set(file, readFileHead(file));
    return this.#heads.get(file);
  };

  #read(file: string): string | null {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    let text: string | null = null;
    try {
      text = decode(readFileSync(file));
    } catch {
      // No such module here; the next candidate may be one.
    }
    this.#modules.set(file, text);
    return text;
  }
}

function rangesOf(lines: LineMap, notebook: NotebookSource | null): FoundModel['rangeOf'] {
  return place => {
    if (place.file !== undefined) return null;
    const range = lines.range(place);
    return notebook === null ? range : rangeInCell(range, notebook);
  };
}

function pathOf({ absolute, name }: SourceFile): string {
  return absolute ?? name;
}

function notebookOf({ name, text }: SourceFile): NotebookSource {
  const notebook = notebookSource(text);
  if (notebook !== undefined) return notebook;
  throw new UsageError(`${name} is no notebook. Open it in Jupyter and save it again.`);
}

function diagnosticInCells(diagnostic: Diagnostic, inCell: (range: Range) => Range): Diagnostic {
  const { range, related, fixes } = diagnostic;
  return {
    ...diagnostic,
    range: inCell(range),
    related: related.map(each => (each.path === undefined ? { ...each, range: inCell(each.range) } : each)),
    fixes: fixes.map(fix => ({ ...fix, edits: fix.edits.map(edit => ({ ...edit, range: inCell(edit.range) })) })),
  };
}
