/**
 * One analysis of one version of a file: text → program → facts → diagnostics. An open document keeps its parser's
 * tree and what each statement did, so that a keystroke costs the parsing and evaluation of what changed.
 */
import type { Program } from '../ir/program';
import type { Value } from '../ir/value';
import { boolean, float, integer, list, NONE, text as textValue } from '../ir/value';
import type { ModelFacts } from '../ir/model';
import type { InterpretOptions, WorkspaceModule } from '../infer/evaluator';
import type { Facts } from '../infer/facts';
import { IncrementalEvaluation } from '../infer/incremental';
import { interpret } from '../infer/interpret';
import type { FileHead } from '../infer/table-head';
import {
  createParser,
  ENGINE_FILE,
  type GrammarName,
  grammarFile,
  grammarOf,
  type SourceParser,
} from '../parse/grammar';
import { diagnose } from '../rules';
import type { Diagnostic } from '../rules/rule';
import { LineMap } from './lines';

export interface Analysis {
  readonly text: string;
  readonly program: Program;
  readonly facts: Facts;
  readonly diagnostics: readonly Diagnostic[];
  readonly lines: LineMap;
}

/** A file while it is edited. */
export interface OpenDocument {
  /**
   * The analysis of this text; the same object while the text is the same, unless something around it changed. Those of
   * earlier texts are not to be read any more: what they share with this one has moved and changed.
   */
  update(text: string, anew?: boolean): Analysis;
  close(): void;
}

export interface AnalyzerOptions {
  /** Finds other files of the workspace for imports. */
  readonly resolveModule?: (
    module: string,
    level: number,
    from: string,
  ) => { readonly file: string; readonly text: string } | undefined;
  /** The beginning of a file of data that the program in `from` reads by this path, the same object while it is the same. */
  readonly readHead?: (path: string, from: string) => FileHead | undefined;
  /** The major version of Keras that the program in this file runs with. Default 3. */
  readonly kerasVersion?: 2 | 3 | ((path: string) => 2 | 3 | undefined);
}

/**
 * Arguments for a function that builds a model, as a training configuration gives them: plain JSON by parameter or
 * symbol.
 */
export type BuildArguments = Readonly<Record<string, unknown>>;

export class Analyzer {
  private readonly parsers = new Map<GrammarName, Promise<SourceParser>>();
  private readonly modules = new Map<string, { readonly text: string; readonly program: Program }>();

  /** `readWasm` gives the bytes of a file of this name: the parser's engine and its grammars. */
  constructor(
    private readonly readWasm: (file: string) => Promise<Uint8Array>,
    private readonly options: AnalyzerOptions = {},
  ) {}

  /** Undefined for a file of a language that is not read. */
  async open(path: string): Promise<OpenDocument | undefined> {
    const grammar = grammarOf(path);
    const parser = grammar && (await this.parser(grammar));
    if (!parser) return undefined;
    const source = parser.open();
    const evaluation = new IncrementalEvaluation();
    let last: Analysis | undefined;
    return {
      update: (text, anew = false) => {
        if (last?.text === text && !anew) return last;
        const program = source.update(text);
        last = analysisOf(text, program, evaluation.update(program, this.interpretOptions(path, parser)));
        return last;
      },
      close: () => {
        source.close();
      },
    };
  }

  /** One text, once. */
  async analyze(path: string, text: string): Promise<Analysis | undefined> {
    const grammar = grammarOf(path);
    const parser = grammar && (await this.parser(grammar));
    if (!parser) return undefined;
    const program = parser.parse(text);
    return analysisOf(text, program, interpret(program, this.interpretOptions(path, parser)));
  }

  /**
   * The model that a training configuration names: a variable of the file, or one of its functions or classes, called
   * with `args`. Names that nothing in the file defines take their value from `args` too.
   */
  async model(
    path: string,
    text: string,
    name: string | undefined,
    args: BuildArguments = {},
  ): Promise<ModelFacts | undefined> {
    const grammar = grammarOf(path);
    const parser = grammar && (await this.parser(grammar));
    if (!parser) return undefined;
    const values = new Map(Object.entries(args).map(([key, value]) => [key, valueOfJson(value)]));
    const facts = interpret(parser.parse(text), {
      ...this.interpretOptions(path, parser),
      symbols: values,
      build: name === undefined ? undefined : { name, args: values },
    });
    const built =
      facts.models.find(m => m.requested) ??
      (name === undefined ? facts.models.at(-1) : facts.models.filter(m => m.facts.binding === name).at(-1));
    return built?.facts;
  }

  private interpretOptions(path: string, parser: SourceParser): InterpretOptions {
    const { resolveModule, readHead, kerasVersion } = this.options;
    return {
      kerasVersion: typeof kerasVersion === 'function' ? kerasVersion(path) : kerasVersion,
      readHead: readHead && ((file, from) => readHead(file, from ?? path)),
      resolveModule:
        resolveModule &&
        ((module, level, from): WorkspaceModule | undefined => {
          const found = resolveModule(module, level, from ?? path);
          return found && { file: found.file, program: this.moduleProgram(found, parser) };
        }),
    };
  }

  /** Imported files are parsed once for each of their versions. */
  private moduleProgram(
    { file, text }: { readonly file: string; readonly text: string },
    parser: SourceParser,
  ): Program {
    const known = this.modules.get(file);
    if (known?.text === text) return known.program;
    const program = parser.parse(text);
    if (this.modules.size > MAX_MODULES) this.modules.clear();
    this.modules.set(file, { text, program });
    return program;
  }

  private parser(grammar: GrammarName): Promise<SourceParser> {
    let parser = this.parsers.get(grammar);
    if (!parser) {
      parser = Promise.all([this.readWasm(ENGINE_FILE), this.readWasm(grammarFile(grammar))]).then(
        ([engineWasm, grammarWasm]) => createParser({ grammar, engineWasm, grammarWasm }),
      );
      this.parsers.set(grammar, parser);
    }
    return parser;
  }
}

const MAX_MODULES = 200;

function analysisOf(text: string, program: Program, facts: Facts): Analysis {
  const diagnostics = diagnose({ text, language: program.language, program, facts });
  return { text, program, facts, diagnostics, lines: new LineMap(text) };
}

function valueOfJson(value: unknown): Value {
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : float(value);
  if (typeof value === 'string') return textValue(value);
  if (typeof value === 'boolean') return boolean(value);
  if (Array.isArray(value)) return list(value.map(valueOfJson));
  if (typeof value === 'object' && value !== null)
    return { kind: 'dict', entries: new Map(Object.entries(value).map(([key, v]) => [key, valueOfJson(v)])) };
  return NONE;
}
