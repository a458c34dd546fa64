/** The program's own functions: closures, and calls with Python's rules of binding. */
import type { Expression, FunctionDef, FunctionExpression, Parameter } from '../ir/program';
import type { Span } from '../ir/span';
import { type FunctionValue, NONE, unknownValue, type Value } from '../ir/value';
import { assign } from './assign';
import type { CallArguments } from './call';
import { AFTER_FAULT, type Evaluator, type FunctionFrame } from './evaluator';
import { evaluate } from './expressions';
import { ModelObject } from './graph';
import { joinValues } from './join';
import type { CellKind } from './journal';
import { layerOf } from './layers';
import { Scope } from './scope';
import { runBody } from './statements';

/** A function with the scope it was made in. */
export class Closure {
  /** The class in whose body it stands. */
  owner: object | undefined;
  binding: 'plain' | 'static' | 'class' | 'property' = 'plain';

  constructor(
    readonly node: FunctionDef | FunctionExpression,
    readonly scope: Scope,
    readonly defaults: ReadonlyMap<Parameter, Value>,
    readonly file: string | undefined,
  ) {}
}

/** What decorators and class bodies fix of a function after it was made. */
export const CLOSURE_CELL: CellKind<Closure, Pick<Closure, 'owner' | 'binding'>> = {
  capture: ({ owner, binding }) => ({ owner, binding }),
  restore: (code, state) => void Object.assign(code, state),
  join: (_, now) => now,
};

/** How often one function may be inside itself. */
const MAX_RECURSION = 16;

export function closure(cx: Evaluator, node: FunctionDef | FunctionExpression): FunctionValue {
  const defaults = new Map<Parameter, Value>();
  // JavaScript works a default out when it is needed, beside the other parameters.
  if (cx.language === 'python')
    for (const p of node.parameters) if (p.defaultValue) defaults.set(p, evaluate(cx, p.defaultValue));
  return { kind: 'function', name: node.name ?? 'lambda', code: new Closure(node, cx.scope, defaults, cx.file) };
}

export function closureOf(fn: FunctionValue): Closure {
  return fn.code as Closure;
}

/** Calls `fn`; `self` comes before the other arguments. `at` is the call in the source. */
export function callFunction(
  cx: Evaluator,
  fn: FunctionValue,
  args: CallArguments,
  at: Span | undefined,
  self?: Value,
): Value {
  const code = closureOf(fn);
  cx.findings.called.add(code.node);
  if (cx.frames.length >= cx.budget.calls)
    return unknownValue(`\`${fn.name}\` is called too deep inside other functions to follow`);
  if (cx.frames.filter(f => f.code === code.node).length >= MAX_RECURSION)
    return unknownValue(`\`${fn.name}\` calls itself too often to follow`);
  const all: CallArguments =
    self && cx.language === 'python'
      ? { ...args, positional: [{ value: self, span: at ?? code.node.span }, ...args.positional] }
      : args;
  const scope = new Scope('function', code.scope);
  return inside(cx, fn, code, scope, at, () => {
    if (self && cx.language !== 'python') scope.variables.set('this', self);
    bindParameters(cx, code, all, scope);
    return runBody(cx, code.node.body);
  });
}

/** Runs the body in its scope and gives what the function returns. */
function inside(
  cx: Evaluator,
  fn: FunctionValue,
  code: Closure,
  scope: Scope,
  at: Span | undefined,
  run: () => void,
): Value {
  const frame: FunctionFrame = {
    name: fn.name,
    code: code.node,
    owner: code.owner,
    place: cx.place(at ?? code.node.span),
    returns: [],
    yields: [],
    maybeReturned: false,
    completed: true,
  };
  const outer = { scope: cx.scope, file: cx.file, loops: cx.loops.length };
  const loops = cx.loops.splice(0);
  cx.frames.push(frame);
  cx.scope = scope;
  cx.file = code.file;
  try {
    run();
  } finally {
    cx.frames.pop();
    cx.scope = outer.scope;
    cx.file = outer.file;
    cx.loops.splice(0, cx.loops.length, ...loops);
  }
  if (code.node.isGenerator) return generator(frame);
  const returns = frame.completed && frame.returns.length > 0 ? [...frame.returns, NONE] : frame.returns;
  if (returns.length === 0) return frame.raised ? unknownValue(`\`${fn.name}\` ends with an exception here`) : NONE;
  const result = returns.reduce((a, b) =>
    a === AFTER_FAULT || b === AFTER_FAULT
      ? AFTER_FAULT
      : joinValues(a, b, `\`${fn.name}\` returns one of several values`),
  );
  const model = layerOf(result);
  if (model instanceof ModelObject && code.file === undefined && code.node.kind === 'function')
    cx.findings.returnedModels.push({ model, node: code.node });
  return result;
}

function generator(frame: FunctionFrame): Value {
  const element =
    frame.yields.length > 0
      ? frame.yields.reduce((a, b) => joinValues(a, b, 'one of several items'))
      : unknownValue('the generator gives nothing that is known');
  return { kind: 'object', path: 'generator', args: new Map(), element };
}

function bindParameters(cx: Evaluator, code: Closure, args: CallArguments, scope: Scope): void {
  const { parameters } = code.node;
  const positional = [...args.positional];
  const keywords = new Map(args.keywords ?? []);
  const missing = args.open ?? (args.isAsked ? 'nothing in this file gives it' : 'it is not given');
  for (const p of parameters) {
    if (p.kind === 'rest') {
      const items = positional.splice(0).map(a => a.value);
      assignIn(cx, scope, p.target, {
        kind: cx.language === 'python' ? 'tuple' : 'list',
        items,
        rest: args.openPositional ? unknownValue(missing) : undefined,
      });
      continue;
    }
    if (p.kind === 'keyword-rest') {
      const entries = new Map([...keywords].map(([name, a]) => [name, a.value]));
      keywords.clear();
      assignIn(cx, scope, p.target, { kind: 'dict', entries, open: args.open });
      continue;
    }
    const name = p.target.kind === 'name' ? p.target.name : undefined;
    const given =
      p.kind !== 'keyword-only' && positional.length > 0
        ? positional.shift()
        : name !== undefined && p.kind !== 'positional-only'
          ? take(keywords, name)
          : undefined;
    const value =
      scriptDefault(cx, p, given?.value, args) ??
      given?.value ??
      (args.open === undefined ? code.defaults.get(p) : undefined) ??
      parameterValue(cx, name, missing);
    const kept = value.kind === 'unknown' && name !== undefined ? cx.named(name, value) : value;
    assignIn(cx, scope, p.target, kept);
  }
}

/** The default of a parameter in JavaScript, where it is left out or `undefined`. */
function scriptDefault(cx: Evaluator, p: Parameter, given: Value | undefined, args: CallArguments): Value | undefined {
  if (cx.language === 'python' || !p.defaultValue) return undefined;
  const isLeftOut = given ? given.kind === 'none' && given.spelled === 'undefined' : args.open === undefined;
  return isLeftOut ? evaluate(cx, p.defaultValue) : undefined;
}

/** JavaScript gives `undefined` to a parameter that is left out. */
function parameterValue(cx: Evaluator, name: string | undefined, why: string): Value {
  if (cx.language !== 'python' && why === 'it is not given') return { kind: 'none', spelled: 'undefined' };
  return unknownValue(name === undefined ? why : `the value of \`${name}\` is not known: ${why}`);
}

function take<V>(map: Map<string, V>, key: string): V | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function assignIn(cx: Evaluator, scope: Scope, target: Expression, value: Value): void {
  if (target.kind === 'name') {
    scope.variables.set(target.name, value);
    return;
  }
  const outer = cx.scope;
  cx.scope = scope;
  assign(cx, target, value, true);
  cx.scope = outer;
}

/** What the tool calls a function with when the program itself never does: every parameter is what its name says. */
export function unknownArguments(why: string): CallArguments {
  return { positional: [], keywords: new Map(), open: why, openPositional: true };
}
