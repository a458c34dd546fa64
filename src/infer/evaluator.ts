/**
 * The state of one evaluation: where it is in the program, what it has found, and how much it may still do. The rooms'
 * other files are functions over it, one idea each.
 *
 * Invariants: it never throws, it ends within its budget, and it reads neither clock nor randomness: the same text
 * gives the same facts. A fault is recorded only where it is sure.
 */
import { symbol } from '../ir/dim';
import { Failure, type Fault, type FaultDetail, type Origin } from '../ir/fault';
import type { Expression, FunctionDef, Program, Statement } from '../ir/program';
import type { Place, Span } from '../ir/span';
import { type TensorValue, type UnknownValue, unknownValue, type Value } from '../ir/value';
import { describe } from './describe';
import type { FitFact, Gap, LayerCallFact } from './facts';
import type { CallSite, CompileState, ModelObject } from './graph';
import { Journal } from './journal';
import { Names } from './names';
import { Scope } from './scope';

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

/** A variable of the module that got a model. */
export interface Binding {
  readonly name: string;
  readonly model: ModelObject;
  readonly nameSpan: Span;
  readonly statement: Span;
}

export class Evaluator {
  readonly budget: Budget;
  readonly journal = new Journal();
  readonly names = new Names();
  readonly language: Program['language'];

  scope: Scope = new Scope('module');
  file: string | undefined;
  statement: Statement | undefined;
  readonly frames: FunctionFrame[] = [];
  readonly loops: LoopFrame[] = [];
  steps = 0;
  depth = 0;
  private limit: number;
  /** Above zero: what fails here is caught, or is not sure to be run as it stands. */
  silence = 0;
  /** Above zero: shapes seen here are not shown (a branch that is looked at a second time). */
  hidden = 0;

  readonly layerCalls: LayerCallFact[] = [];
  readonly faults: Fault[] = [];
  readonly gaps: Gap[] = [];
  readonly compileCalls: { readonly model: ModelObject; readonly state: CompileState }[] = [];
  readonly foreignCompiles: { readonly path: string; readonly state: CompileState }[] = [];
  readonly fits: FitFact[] = [];
  readonly unbound = new Set<string>();
  readonly bindings: Binding[] = [];
  /** Models that functions of the file returned, the innermost function first. */
  readonly returnedModels: { readonly model: ModelObject; readonly node: FunctionDef }[] = [];
  readonly called = new Set<object>();
  readonly modules = new Map<string, Scope>();
  /** Some layer of the program adds a loss of its own. */
  addsLoss = false;
  /** Modules of which everything was imported: `from tensorflow.keras.layers import *`. */
  readonly starImports: string[] = [];
  readonly iterations = new Map<object, number>();
  private readonly attributes = new Map<string, { readonly of: string | undefined; readonly value: UnknownValue }>();
  private readonly axes = new WeakMap<TensorValue, Map<number, UnknownValue>>();
  private readonly symbolUses = new Map<string, number>();
  private readonly faultKeys = new Set<string>();

  constructor(
    program: Program,
    readonly options: InterpretOptions,
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

  // ------------------------------------------------------------------------------------------------------- places

  place(span: Span): Place {
    return this.file === undefined
      ? { start: span.start, end: span.end }
      : { start: span.start, end: span.end, file: this.file };
  }

  site(span: Span, anchors: Readonly<Record<string, Span>> = {}): CallSite {
    return { place: this.place(span), anchors };
  }

  /** The calls of the program's functions that lead here, the innermost first. */
  callers(): Origin[] {
    return this.frames.map(f => ({ place: f.place, what: f.name })).reverse();
  }

  // ----------------------------------------------------------------------------------------------------- findings

  /**
   * Records what surely fails here, and gives the value that stands for its result, so that nothing follows from it.
   */
  fault(detail: FaultDetail, at: Omit<Fault, 'detail'>): UnknownValue {
    if (this.silence === 0) {
      const key = `${at.place.file ?? ''}:${at.place.start}:${at.place.end}:${detail.kind}`;
      if (!this.faultKeys.has(key)) {
        this.faultKeys.add(key);
        const callers = this.callers();
        this.faults.push(callers.length > 0 ? { ...at, detail, callers } : { ...at, detail });
      }
    }
    return AFTER_FAULT;
  }

  /** The value of an outcome, or of its failure once recorded. */
  settle<T>(outcome: T | Failure, at: Omit<Fault, 'detail'>): T | UnknownValue {
    return outcome instanceof Failure ? this.fault(outcome.detail, at) : outcome;
  }

  gap(span: Span, why: string): UnknownValue {
    this.gaps.push({ place: this.place(span), why });
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
    if (!axes) this.axes.set(tensor, (axes = new Map<number, UnknownValue>()));
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
