/**
 * The facts of a program that is edited: what a statement of the module did is kept, and done again as long as nothing
 * it read has changed.
 *
 * Each statement runs inside a frame of the journal and under a trace. So it is known what it read and wrote of the
 * evaluator's tables, which objects it changed, how they were before and how after. For a new version of the program
 * everything from the first statement that is new is taken back; then each statement either puts back what it left
 * behind, or runs again. It need not run again where every table it read has the same entry, and the objects behind the
 * names it read have the same history (see `groups.ts`).
 *
 * Invariant: the facts are those that `interpret` gives for the same program. Facts of earlier versions are not to be
 * read any more: the objects behind them have changed.
 */
import type { FunctionDef, Program, Statement } from '../ir/program';
import type { Value } from '../ir/value';
import { ClassInfo } from './class-info';
import { Evaluator, type InterpretOptions, type Reading, type Resolution } from './evaluator';
import type { BoundModel, Facts } from './facts';
import { Findings } from './findings';
import { Closure } from './functions';
import { Groups, isPlain } from './groups';
import { evaluateModule, type Execution, interpret } from './interpret';
import type { CellKind } from './journal';
import { Trace, type Watched } from './watched';

/** What one statement of the module did, or the look at one function that nobody calls. */
interface Deed {
  readonly node: Statement;
  readonly isCall: boolean;
  /** Never done again without running: it looked at everything, or did not come to its end. */
  readonly isOpaque: boolean;
  readonly reads: readonly (readonly [table: Watched, key: unknown, value: unknown])[];
  readonly writes: readonly Write[];
  readonly changes: readonly Change[];
  /** The names read, with the versions of what may be changed through them. */
  readonly versions: ReadonlyMap<string, number | undefined>;
  readonly assigned: ReadonlyMap<string, boolean>;
  readonly version: number;
  readonly steps: number;
  readonly findings: Findings;
  readonly resolutions: readonly Resolution[];
  readonly readings: readonly Reading[];
  readonly model: BoundModel | undefined;
}

interface Write {
  readonly table: Watched;
  readonly key: unknown;
  /** What it replaced the last time, which another statement may have put there. */
  before: unknown;
  readonly after: unknown;
}

interface Change {
  readonly key: object;
  readonly kind: CellKind<object>;
  readonly before: unknown;
  readonly after: unknown;
}

/** Stands for everything that imported files of the workspace share. */
const WORKSPACE = '#workspace';

/** A program that does what cannot be followed statement by statement; it is evaluated as a whole. */
class NotIncremental extends Error {}

export class IncrementalEvaluation {
  private cx: Evaluator | undefined;
  private deeds: readonly Deed[] = [];
  private version = 0;

  update(program: Program, options: InterpretOptions = {}): Facts {
    const { cx } = this;
    if (!cx || cx.language !== program.language || cx.options.kerasVersion !== options.kerasVersion) this.forget();
    this.cx ??= new Evaluator(program, options);
    this.cx.options = options;
    const pass = new Pass(this.cx, this.deeds, () => ++this.version);
    try {
      const facts = evaluateModule(this.cx, program.body, pass);
      this.deeds = pass.done;
      return facts;
    } catch (error) {
      if (!(error instanceof NotIncremental || error instanceof RangeError)) throw error;
      this.forget();
      return interpret(program, options);
    }
  }

  private forget(): void {
    this.cx = undefined;
    this.deeds = [];
  }
}

/** One version of the program. */
class Pass implements Execution {
  readonly findings = new Findings();
  readonly done: Deed[] = [];
  private readonly groups = new Groups();
  /** What the statements after the first new one did; undefined as long as there was no new one. */
  private earlier: { readonly runs: Map<Statement, Deed>; readonly calls: Map<Statement, Deed> } | undefined;

  constructor(
    private readonly cx: Evaluator,
    private readonly before: readonly Deed[],
    private readonly nextVersion: () => number,
  ) {
    cx.restart();
  }

  statement(node: Statement, run: () => void): void {
    this.perform(node, false, () => {
      run();
      return undefined;
    });
  }

  statementsEnd(): void {
    const next = this.before[this.done.length];
    if (!this.earlier && next && !next.isCall) this.part();
  }

  uncalled(node: FunctionDef, run: () => BoundModel | undefined): BoundModel | undefined {
    return this.perform(node, true, run);
  }

  private perform(node: Statement, isCall: boolean, run: () => BoundModel | undefined): BoundModel | undefined {
    const deed = this.asBefore(node, isCall) ?? this.run(node, isCall, run);
    const { findings, versions, assigned, version, changes, steps, model } = deed;
    this.cx.steps += steps;
    this.groups.note(versions.keys(), assigned, version, changes.length > 0);
    this.findings.add(findings);
    this.done.push(deed);
    return model;
  }

  private asBefore(node: Statement, isCall: boolean): Deed | undefined {
    if (!this.earlier) {
      const next = this.before[this.done.length];
      if (next?.node === node && next.isCall === isCall && !next.isOpaque && this.resolvesAsBefore(next)) return next;
      this.part();
    }
    const deed = (isCall ? this.earlier!.calls : this.earlier!.runs).get(node);
    if (!deed || !this.holds(deed)) return undefined;
    for (const write of deed.writes) {
      write.before = write.table.peek(write.key);
      write.table.put(write.key, write.after);
    }
    for (const { key, kind, after } of deed.changes) kind.restore(key, after);
    return deed;
  }

  /** From here on the program is another: takes back what followed. */
  private part(): void {
    const runs = new Map<Statement, Deed>();
    const calls = new Map<Statement, Deed>();
    for (let i = this.before.length - 1; i >= this.done.length; i--) {
      const deed = this.before[i]!;
      // What was found later may have been copied when it already had changed in part: the oldest copy comes last.
      for (let c = deed.changes.length - 1; c >= 0; c--)
        deed.changes[c]!.kind.restore(deed.changes[c]!.key, deed.changes[c]!.before);
      for (const { table, key, before } of deed.writes) table.put(key, before);
      (deed.isCall ? calls : runs).set(deed.node, deed);
    }
    this.earlier = { runs, calls };
  }

  private holds(deed: Deed): boolean {
    if (deed.isOpaque || !this.cx.affords(deed.steps)) return false;
    for (const [table, key, value] of deed.reads) if (!isSame(table.peek(key), value)) return false;
    for (const [name, version] of deed.versions) if (this.groups.version(name) !== version) return false;
    return this.resolvesAsBefore(deed);
  }

  /** Asks for the same files again; also so that whoever answers knows what this program depends on. */
  private resolvesAsBefore({ resolutions, readings }: Deed): boolean {
    const { resolveModule, readHead } = this.cx.options;
    if (readings.some(({ path, from, head }) => readHead?.(path, from) !== head)) return false;
    return resolutions.every(({ module, level, from, file, program }) => {
      const found = resolveModule?.(module, level, from);
      return found?.file === file && found?.program === program;
    });
  }

  private run(node: Statement, isCall: boolean, run: () => BoundModel | undefined): Deed {
    const { cx } = this;
    const stepsBefore = cx.steps;
    cx.findings = new Findings();
    cx.resolutions = [];
    cx.readings = [];
    const frame = cx.journal.openStatement();
    const trace = new Trace(() => cx.journal.depth > 1);
    cx.watch.trace = trace;
    let model: BoundModel | undefined;
    try {
      model = run();
    } finally {
      cx.watch.trace = undefined;
    }
    if (!cx.journal.closeStatement(frame)) throw new NotIncremental();
    const steps = cx.steps - stepsBefore;
    const isOpaque = trace.isOpaque || cx.exhausted;
    // `perform` counts them for kept and new ones alike.
    cx.steps = stepsBefore;

    const changes: Change[] = [];
    // A look at a function that nobody calls takes back what it does to objects.
    for (const [key, { kind, state }] of isCall ? [] : frame.saved) {
      if (key instanceof Closure || key instanceof ClassInfo) throw new NotIncremental();
      changes.push({ key, kind, before: state, after: kind.capture(key) });
    }
    const reads = [...trace.reads].flatMap(([table, entries]) =>
      [...entries].map(([key, value]) => [table, key, value] as const),
    );
    const writes = [...trace.writes].flatMap(([table, entries]) =>
      [...entries].map(([key, before]): Write => ({ table, key, before, after: table.peek(key) })),
    );
    const versions = new Map<string, number | undefined>();
    const readName = (name: string) => versions.set(name, this.groups.version(name));
    for (const name of trace.reads.get(cx.variables)?.keys() ?? []) readName(name as string);
    const assigned = new Map<string, boolean>();
    for (const name of trace.writes.get(cx.variables)?.keys() ?? []) {
      const value = cx.variables.peek(name as string);
      assigned.set(name as string, value !== undefined && !isPlain(value, cx.module));
    }
    if (trace.reads.has(cx.modules as unknown as Watched)) {
      readName(WORKSPACE);
      assigned.set(WORKSPACE, true);
    }
    return {
      node,
      isCall,
      isOpaque,
      reads,
      writes,
      changes,
      versions,
      assigned,
      version: this.nextVersion(),
      steps,
      findings: cx.findings,
      resolutions: cx.resolutions,
      readings: cx.readings,
      model,
    };
  }
}

/** Whether a program that reads the one instead of the other does the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [one, other] = [a as Value, b as Value];
  switch (one.kind) {
    case 'number':
      return other.kind === 'number' && Object.is(one.value, other.value) && one.isInteger === other.isInteger;
    case 'string':
    case 'boolean':
      return other.kind === one.kind && one.value === other.value;
    case 'none':
      return other.kind === 'none' && one.spelled === other.spelled;
    case 'library':
    case 'module':
      return other.kind === one.kind && one.path === other.path;
    default:
      return false;
  }
}
