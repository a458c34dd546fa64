/**
 * The state of one evaluation: where it is in the program, what it has found, and how much it may still do. The rooms'
 * other files are functions over it, one idea each.
 *
 * Invariants: it never throws, it ends within its budget, and it reads neither clock nor randomness: the same text
 * gives the same facts. A fault is recorded only where it is sure.
 */
import { symbol } from '../ir/dim';
import { Failure, type Fault, type FaultDetail, type Origin } from '../ir/fault';
import type { Expression, Program, Statement } from '../ir/program';
import type { Place, Span } from '../ir/span';
import { type TensorValue, type UnknownValue, unknownValue, type Value } from '../ir/value';
import { describe } from './describe';
import { Findings } from './findings';
import type { CallSite } from './graph';
import type { FileHead } from './table-head';
import { Journal } from './journal';
import { Names } from './names';
import { Scope } from './scope';
import { type Watch, WatchedMap } from './watched';

export interface Budget {
  /** Expressions and statements that may be evaluated. */
  readonly steps: number;
  /** The share of one statement of the module. */
  readonly statementSteps: number;
  /** Nested expressions, statements and calls together: the bound of the evaluator's own recursion. */
  readonly depth: number;
  /** Calls of the program's functions inside each other. */
  readonly calls: number;
  /** Iterations of one loop in the source, over the whole evaluation. */
  readonly iterations: number;
  /** Items of one list, characters of one string. */
  readonly items: number;
}

export const BUDGET: Budget = {
  steps: 600_000,
  statementSteps: 150_000,
  depth: 900,
  calls: 40,
  iterations: 3_000,
  items: 20_000,
};

/** Another file of the workspace, parsed. */
export interface WorkspaceModule {
  readonly file: string;
  readonly program: Program;
}

export interface InterpretOptions {
  readonly budget?: Partial<Budget>;
  /** Values for names that nothing in the file defines, and for parameters of the function that is asked for. */
  readonly symbols?: ReadonlyMap<string, Value>;
  /** Finds another file of the workspace; undefined where there is none of that name. */
  readonly resolveModule?: (module: string, level: number, from: string | undefined) => WorkspaceModule | undefined;
  /** The beginning of a file of data, by its path as the program writes it; undefined where there is none. */
  readonly readHead?: (path: string, from: string | undefined) => FileHead | undefined;
  /** Builds this function or class of the file with these arguments, besides what the file itself does. */
  readonly build?: { readonly name: string; readonly args: ReadonlyMap<string, Value> };
  /** Default 3. */
  readonly kerasVersion?: 2 | 3;
}

/** One call of a function of the program. */
export interface FunctionFrame {
  readonly name: string;
  /** The function's definition, and the class it belongs to. */
  readonly code: object;
  readonly owner: object | undefined;
  readonly place: Place;
  readonly returns: Value[];
  readonly yields: Value[];
  /** A `return` in a branch whose condition is not known. */
  maybeReturned: boolean;
  /** The end of the body was reached without `return` or `raise`. */
  completed: boolean;
  raised?: boolean;
}

export interface LoopFrame {
  maybeBroken: boolean;
}

/** A question for another file of the workspace, and the answer. */
export interface Resolution extends Partial<WorkspaceModule> {
  readonly module: string;
  readonly level: number;
  readonly from: string | undefined;
}

/** A question for the beginning of a file of data, and the answer. */
export interface Reading {
  readonly path: string;
  readonly from: string | undefined;
  readonly head: FileHead | undefined;
}

export class Evaluator {
  readonly budget: Budget;
  readonly journal = new Journal();
  /** Set while a statement runs of which somebody wants to know what it reads and writes. */
  readonly watch: Watch = { trace: undefined };
  readonly names = new Names(new WatchedMap(this.watch));
  readonly language: Program['language'];

  /** The names of the program itself. */
  readonly variables = new WatchedMap<string, Value>(this.watch);
  readonly module = new Scope('module', undefined, this.variables);
  scope: Scope = this.module;
  file: string | undefined;
  statement: Statement | undefined;
  readonly frames: FunctionFrame[] = [];
  readonly loops: LoopFrame[] = [];
  /** How often each loop of the source is running inside of itself, by functions that call themselves. */
  readonly nested = new Map<object, number>();
  steps = 0;
  /** Layers made and calls on symbolic tensors so far: whether what runs builds a model. */
  built = 0;
  depth = 0;
  private limit: number;
  /** Above zero: what fails here is caught, or is not sure to be run as it stands. */
  silence = 0;
  /** Above zero: shapes seen here are not shown (a branch that is looked at a second time). */
  hidden = 0;

  findings = new Findings();
  /** What imports were asked for, and what came of it. */
  resolutions: Resolution[] = [];
  /** What files of data were asked for, and what came of it. */
  readings: Reading[] = [];
  readonly modules: Map<string, Scope> = new WatchedMap<string, Scope>(this.watch);
  readonly iterations: Map<object, number> = new WatchedMap<object, number>(this.watch);
  private readonly flags = new WatchedMap<string, boolean>(this.watch);
  private readonly attributes = new WatchedMap<
    string,
    { readonly of: string | undefined; readonly value: UnknownValue }
  >(this.watch);
  private readonly axes = new WeakMap<TensorValue, Map<number, UnknownValue>>();
  private readonly symbolUses = new WatchedMap<string, number>(this.watch);

  constructor(
    program: Program,
    public options: InterpretOptions,
  ) {
    this.budget = { ...BUDGET, ...options.budget };
    this.limit = this.budget.steps;
    this.language = program.language;
  }

  // ------------------------------------------------------------------------------------------------------- budget

  /** False once the budget is used up; from then on everything is unknown. */
  step(): boolean {
    return ++this.steps <= this.limit;
  }

  get exhausted(): boolean {
    return this.steps > this.limit;
  }

  /** One statement of the module has its own share, so that one that never ends leaves the others their answers. */
  startStatement(): void {
    this.steps = Math.min(this.steps, this.limit);
    this.limit = Math.min(this.budget.steps, this.steps + this.budget.statementSteps);
  }

  /** Before the next version of the program. */
  restart(): void {
    this.nested.clear(); // Loops that an error left in the middle.
    this.steps = 0;
    this.limit = this.budget.steps;
  }

  /** Whether something that takes so many steps can still be done as it was. */
  affords(steps: number): boolean {
    return this.steps + steps <= this.limit;
  }

  /** The file of the workspace that an import means; asked anew at each evaluation, because files change. */
  resolve(module: string, level: number): WorkspaceModule | undefined {
    const { resolveModule } = this.options;
    const found = resolveModule?.(module, level, this.file);
    if (resolveModule) this.resolutions.push({ module, level, from: this.file, ...found });
    return found;
  }

  /** The beginning of a file of data, unless the program itself writes it or leaves its folder. */
  readHead(path: string): FileHead | undefined {
    const { readHead } = this.options;
    if (!readHead || this.flags.get(`writes ${nameOf(path)}`) || this.flags.get('leaves its folder')) return undefined;
    const head = readHead(path, this.file);
    this.readings.push({ path, from: this.file, head });
    return head;
  }

  noteWritten(path: string): void {
    this.flags.set(`writes ${nameOf(path)}`, true);
  }

  /** Paths mean other files after `os.chdir`. */
  noteMoved(): void {
    this.flags.set('leaves its folder', true);
  }

  // ------------------------------------------------------------------------------------------------------- places

  /** In the text itself the span of the node, which moves with it when the text is edited further up. */
  place(span: Span): Place {
    return this.file === undefined ? span : { start: span.start, end: span.end, file: this.file };
  }

  site(span: Span, anchors: Readonly<Record<string, Span>> = {}): CallSite {
    return { place: this.place(span), anchors };
  }

  /** The calls of the program's functions that lead here, the innermost first. */
  callers(): Origin[] {
    return this.frames.map(f => ({ place: f.place, what: f.name })).reverse();
  }

  // ----------------------------------------------------------------------------------------------------- findings

  get layerCalls(): Findings['layerCalls'] {
    return this.findings.layerCalls;
  }

  get compileCalls(): Findings['compileCalls'] {
    return this.findings.compileCalls;
  }

  get foreignCompiles(): Findings['foreignCompiles'] {
    return this.findings.foreignCompiles;
  }

  get fits(): Findings['fits'] {
    return this.findings.fits;
  }

  /** Some layer of the program adds a loss of its own. */
  get addsLoss(): boolean {
    return this.flags.get('adds a loss') ?? false;
  }

  set addsLoss(adds: boolean) {
    this.flags.set('adds a loss', adds);
  }

  /**
   * Records what surely fails here, and gives the value that stands for its result, so that nothing follows from it.
   */
  fault(detail: FaultDetail, at: Omit<Fault, 'detail'>): UnknownValue {
    if (this.silence === 0) {
      const callers = this.callers();
      this.findings.report(callers.length > 0 ? { ...at, detail, callers } : { ...at, detail });
    }
    return AFTER_FAULT;
  }

  /** The value of an outcome, or of its failure once recorded. */
  settle<T>(outcome: T | Failure, at: Omit<Fault, 'detail'>): T | UnknownValue {
    return outcome instanceof Failure ? this.fault(outcome.detail, at) : outcome;
  }

  gap(span: Span, why: string): UnknownValue {
    this.findings.gaps.push({ place: this.place(span), why });
    return unknownValue(why);
  }

  // ------------------------------------------------------------------------------------------------------ symbols

  /**
   * What a name stands for whose value is not known: as a length a symbol of that name. A second unknown under the same
   * name is another length, so it gets a prime: `n′`.
   */
  named(name: string, value: UnknownValue): UnknownValue {
    if (value.dim || value === AFTER_FAULT) return value;
    const uses = this.symbolUses.get(name) ?? 0;
    this.symbolUses.set(name, uses + 1);
    const text = name + '′'.repeat(Math.min(uses, 3)) + (uses > 3 ? String(uses) : '');
    return { kind: 'unknown', why: value.why, name: text, dim: symbol(text), isNumber: value.isNumber };
  }

  /**
   * `config.hidden_size` of an unknown `config` is one length as long as nobody sets it. It is called `hidden_size`, as
   * its author would, unless something else already has that name.
   */
  attributeOf(object: UnknownValue, name: string, path: string): UnknownValue {
    const known = this.attributes.get(path);
    if (known && known.of === object.name) return known.value;
    const value = this.named(this.symbolUses.has(name) ? path : name, { kind: 'unknown', why: object.why });
    const made: UnknownValue = { ...value, name: path };
    this.attributes.set(path, { of: object.name, value: made });
    return made;
  }

  forgetAttribute(path: string): void {
    this.attributes.delete(path);
  }

  /** An axis of a tensor whose length is not known: `x.shape[1]` is one length, whoever reads it. */
  axisOf(tensor: TensorValue, node: Expression, axis: number, why: string): UnknownValue {
    let axes = this.axes.get(tensor);
    if (!axes) this.axes.set(tensor, (axes = new WatchedMap<number, UnknownValue>(this.watch)));
    let value = axes.get(axis);
    if (!value) {
      value = isPlainName(node) ? this.named(`${describe(node)}[${axis}]`, unknownValue(why)) : unknownValue(why);
      axes.set(axis, value);
    }
    return value;
  }
}

export const AFTER_FAULT: UnknownValue = unknownValue('because of the error above');

/** True for an expression that can be run again without harm: what names and reads are made of. */
export function isPlainName(node: Expression): boolean {
  return node.kind === 'name' || (node.kind === 'attribute' && isPlainName(node.object));
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
