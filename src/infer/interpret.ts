/** A program in, facts out: runs the module, then what the module itself never calls. */
import type { ClassDef, FunctionDef, Program, Statement } from '../ir/program';
import type { ModelFacts } from '../ir/model';
import type { Span } from '../ir/span';
import type { Value } from '../ir/value';
import { type Pending, settlePending, tentatively } from './branches';
import { callValue } from './call';
import { classInfo } from './class-info';
import { Evaluator, type InterpretOptions } from './evaluator';
import type { BoundModel, CompileFact, Facts } from './facts';
import type { Findings } from './findings';
import { closureOf, unknownArguments } from './functions';
import { ModelObject } from './graph';
import { layerOf } from './layers';
import { lossOf, lossPlace, outputsOf } from './losses';
import { modelFacts, symbolsIn } from './model-facts';
import { NAMES_CELL } from './names';
import { runStatement } from './statements';
import { innerLayers } from './weights';

export function interpret(program: Program, options: InterpretOptions = {}): Facts {
  const cx = new Evaluator(program, options);
  try {
    return evaluateModule(cx, program.body, new EachOnce(cx));
  } catch (error) {
    // Only the end of the engine's own stack can bring us here; what was found until then still holds.
    if (!(error instanceof RangeError)) throw error;
    const why = 'the program is nested too deeply to follow to its end';
    const { findings } = cx;
    findings.gaps.push({ place: { start: 0, end: 0 }, why });
    return { ...factsIn(findings), models: [], compiles: [] };
  }
}

/** Who runs the statements of a module, and then its functions that nobody calls, and where the findings come together. */
export interface Execution {
  readonly findings: Findings;
  statement(node: Statement, run: () => void): void;
  /** Everything at the top level was run; what is described now is how it is there. */
  statementsEnd(): void;
  uncalled(node: FunctionDef, run: () => BoundModel | undefined): BoundModel | undefined;
}

class EachOnce implements Execution {
  constructor(private readonly cx: Evaluator) {}

  get findings(): Findings {
    return this.cx.findings;
  }

  statement(_: Statement, run: () => void): void {
    run();
  }

  statementsEnd(): void {
    // Nothing was put aside.
  }

  uncalled(_: FunctionDef, run: () => BoundModel | undefined): BoundModel | undefined {
    return run();
  }
}

export function evaluateModule(cx: Evaluator, body: readonly Statement[], execution: Execution): Facts {
  const { findings } = execution;
  const pending: Pending[] = [];
  for (const node of body) {
    cx.startStatement();
    execution.statement(node, () => {
      cx.statement = node;
      runStatement(cx, node, pending);
    });
  }
  settlePending(cx, pending);
  execution.statementsEnd();
  const models = boundModels(findings);
  const compiles = compileFacts(findings);
  const requested = cx.options.build ? buildRequested(cx, cx.options.build) : [];
  const others = runUncalled(cx, body, execution);
  return { ...factsIn(findings), models: [...models, ...others, ...requested], compiles };
}

function factsIn({ layerCalls, faults, gaps, fits, unbound }: Findings) {
  return { layerCalls, faults, gaps, fits, unbound: [...unbound] };
}

// --------------------------------------------------------------------------------------------------------- models

/**
 * Models bound at the top level, and those that functions called from there build and nobody at the top level keeps.
 */
function boundModels({ bindings, returnedModels }: Findings): BoundModel[] {
  const bound: BoundModel[] = [];
  const kept = new Set<ModelObject>();
  for (const { model, name, nameSpan, statement } of bindings) {
    if (kept.has(model)) continue;
    kept.add(model);
    bound.push(new Bound(model, name, nameSpan, statement, 'variable'));
  }
  for (const { model, node } of returnedModels) {
    if (kept.has(model)) continue;
    kept.add(model);
    bound.push(builtBy(model, node));
  }
  return bound;
}

function builtBy(model: ModelObject, node: FunctionDef | ClassDef, requested?: boolean): Bound {
  return new Bound(model, node.name, node.nameSpan, node.span, node.kind === 'class' ? 'class' : 'function', requested);
}

/** A model that is described when somebody asks: at every keystroke only the lenses ask, and for little. */
class Bound implements BoundModel {
  private known: ModelFacts | undefined;

  constructor(
    private readonly model: ModelObject,
    readonly binding: string,
    readonly nameSpan: Span,
    readonly statement: Span,
    readonly boundBy: BoundModel['boundBy'],
    readonly requested?: boolean,
  ) {}

  get facts(): ModelFacts {
    return (this.known ??= modelFacts(this.model, this.binding));
  }

  get name(): string {
    return this.model.name;
  }

  get className(): string {
    return this.model.kind === 'sequential' ? 'Sequential' : this.model.kind === 'functional' ? 'Functional' : 'Model';
  }

  get layerCount(): number {
    return innerLayers(this.model).length;
  }

  get symbols(): readonly string[] {
    return symbolsIn(this.model);
  }
}

/** For a model whose layers are taken back after this: described now. */
function frozen(bound: Bound): BoundModel {
  const { facts, binding, name, className, layerCount, nameSpan, statement, boundBy, symbols, requested } = bound;
  return { facts, binding, name, className, layerCount, nameSpan, statement, boundBy, symbols, requested };
}

function compileFacts({ compileCalls, foreignCompiles }: Findings): CompileFact[] {
  const own = compileCalls.map(({ model, state }): CompileFact => ({
    place: state.site.place,
    anchors: state.site.anchors,
    model: model.name,
    outputs: model.uncertain === undefined ? outputsOf(model, state) : [],
  }));
  const foreign = foreignCompiles.map(({ path, state }): CompileFact => {
    const loss = lossOf(state.values.get('loss'), lossPlace(state.site));
    return {
      place: state.site.place,
      anchors: state.site.anchors,
      model: path.slice(path.lastIndexOf('.') + 1),
      foreign: { path, output: 'logits' },
      outputs: [{ shape: { kind: 'unranked', why: 'the outputs of this model are not in the catalogue' }, loss }],
    };
  });
  return [...own, ...foreign];
}

// ----------------------------------------------------------------------------------------- what is never called

/**
 * Functions and classes that the file defines and never uses are looked at as well: first with their defaults, for the
 * shapes that an author wants to see; then with nothing known, and only what fails then is a fault.
 */
function runUncalled(cx: Evaluator, body: readonly Statement[], execution: Execution): BoundModel[] {
  const found: BoundModel[] = [];
  for (const node of body) {
    if (node.kind !== 'function' && node.kind !== 'class') continue;
    const value = cx.variables.peek(node.name);
    if (!value) continue;
    cx.startStatement();
    if (node.kind !== 'function' || value.kind !== 'function') continue;
    if (closureOf(value).node !== node || execution.findings.called.has(node)) continue;
    const model = execution.uncalled(node, () => tentatively(cx, () => runTwice(cx, value, node)));
    if (model) found.push(model);
  }
  return found;
}

function runTwice(cx: Evaluator, value: Value, node: FunctionDef): BoundModel | undefined {
  const at: Span = node.nameSpan;
  const why = 'nothing in this file calls the function';
  cx.silence++;
  const result = tentatively(cx, () => {
    const made = callValue(cx, value, { positional: [], isAsked: true }, undefined, at);
    const model = layerOf(made);
    return model instanceof ModelObject ? frozen(builtBy(model, node)) : undefined;
  });
  cx.silence--;
  cx.hidden++;
  callValue(cx, value, unknownArguments(why), undefined, at);
  cx.hidden--;
  return result;
}

/** The function or class that was asked for, called with the values that were given. */
function buildRequested(cx: Evaluator, { name, args }: NonNullable<InterpretOptions['build']>): BoundModel[] {
  const value = cx.scope.variables.get(name);
  if (value?.kind !== 'function' && value?.kind !== 'class') return [];
  cx.startStatement();
  const node = value.kind === 'function' ? closureOf(value).node : classInfo(value).definition;
  if (!node || node.kind === 'function-expression') return [];
  const wanted = new Set(
    value.kind === 'function'
      ? closureOf(value).node.parameters.map(p => (p.target.kind === 'name' ? p.target.name : ''))
      : args.keys(),
  );
  const keywords = new Map(
    [...args].filter(([key]) => wanted.has(key)).map(([key, v]) => [key, { value: v, span: node.nameSpan }]),
  );
  return tentatively(cx, () => {
    cx.journal.touch(cx.names, NAMES_CELL);
    cx.names.clear();
    const model = layerOf(callValue(cx, value, { positional: [], keywords, isAsked: true }, undefined, node.nameSpan));
    if (!(model instanceof ModelObject)) return [];
    // What the program does with the models that this function gave it holds for this one too.
    const others = cx.findings.returnedModels.filter(r => r.node === node).map(r => r.model);
    model.compiled ??= others.find(m => m.compiled)?.compiled;
    model.fitted ??= others.find(m => m.fitted)?.fitted;
    return [frozen(builtBy(model, node, true))];
  });
}
