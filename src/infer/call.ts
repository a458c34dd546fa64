/** Calls: arguments are evaluated once, then the callee decides what happens. */
import { canonicalPath, layerByFunction, layerByPath, opByPath } from '../catalogue';
import { applicationByPath, type ApplicationSpec } from '../catalogue/applications';
import { bindArguments } from '../catalogue/arguments';
import { objectByPath, type ObjectSpec } from '../catalogue/objects';
import type { LayerSpec, OpSpec } from '../catalogue/spec';
import { Failure } from '../ir/fault';
import type { Call, Expression } from '../ir/program';
import type { Span } from '../ir/span';
import { type UnknownValue, unknownValue, type Value } from '../ir/value';
import { makeApplication } from './applications';
import { instanceMethod } from './attributes';
import { branchValues, perhaps } from './branches';
import { callBuiltin } from './builtins';
import { implicitSuper, instantiate, superConstructor } from './classes';
import { callBaseMethod } from './custom-layers';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { Findings } from './findings';
import { callFunction, unknownArguments } from './functions';
import { forgetFrame } from './frames';
import { makeInput } from './inputs';
import { callScriptLibrary } from './javascript-library';
import { anchorsOf, callLayer, givenOf, layerOf, makeLayer } from './layers';
import { callLossFunction, callLossObject } from './loss-calls';
import { callMethod } from './methods';
import { makeModel } from './model';
import { NAMES_CELL } from './names';
import { callOp, isForeign } from './ops';
import { callPandas } from './pandas';
import { callPython } from './python-library';
import { makeSequential } from './sequential';
import { itemsOf } from './sequences';
import { callTfjs } from './tfjs';

export interface CallArgument {
  readonly value: Value;
  readonly span: Span;
  readonly nameSpan?: Span;
}

export interface CallArguments {
  readonly positional: readonly CallArgument[];
  readonly keywords?: ReadonlyMap<string, CallArgument>;
  /** There may be more arguments than these; why they are not known. */
  readonly open?: string;
  /** …and they may be positional ones. */
  readonly openPositional?: boolean;
  /** The tool asks, not the program: parameters take their defaults, and those without one are not known. */
  readonly isAsked?: true;
}

export function evaluateCall(cx: Evaluator, node: Call): Value {
  if (
    node.callee.kind === 'name' &&
    node.callee.name === 'super' &&
    node.args.length === 0 &&
    cx.language === 'python' &&
    !cx.scope.lookup('super')
  )
    return implicitSuper(cx);
  if (cx.language !== 'python' && node.callee.kind === 'name' && node.callee.name === 'super')
    return superConstructor(cx, evaluateArguments(cx, node), node.span);
  const callee = evaluate(cx, node.callee);
  if (node.optional && callee.kind === 'none') return callee;
  return callValue(cx, callee, evaluateArguments(cx, node), node, node.span);
}

export function evaluateArguments(cx: Evaluator, node: Call): CallArguments {
  const positional: CallArgument[] = [];
  let keywords: Map<string, CallArgument> | undefined;
  let open: string | undefined;
  let openPositional = false;
  for (const arg of node.args) {
    const value = evaluate(cx, arg.value);
    if (arg.unpack === 'sequence') {
      const { items, rest } = itemsOf(cx, value);
      for (const item of items) positional.push({ value: item, span: arg.span });
      if (rest) {
        open ??= `\`*${describe(arg.value)}\` is not known`;
        openPositional = true;
      }
    } else if (arg.unpack === 'mapping') {
      if (value.kind === 'dict')
        for (const [name, v] of value.entries) (keywords ??= new Map()).set(name, { value: v, span: arg.span });
      if (value.kind !== 'dict' || value.open !== undefined) open ??= `\`**${describe(arg.value)}\` is not known`;
    } else if (arg.name !== undefined) {
      (keywords ??= new Map()).set(arg.name, { value, span: arg.value.span, nameSpan: arg.nameSpan });
    } else {
      positional.push({ value, span: arg.value.span });
    }
  }
  return { positional, keywords, open, openPositional };
}

/** An argument by name or position. */
export function argument(args: CallArguments, name: string, position?: number): Value | undefined {
  return args.keywords?.get(name)?.value ?? (position === undefined ? undefined : args.positional[position]?.value);
}

/** Calls any value. `node` is the call in the source, where there is one. */
export function callValue(
  cx: Evaluator,
  callee: Value,
  args: CallArguments,
  node: Expression | undefined,
  at: Span = node?.span ?? NOWHERE,
): Value {
  switch (callee.kind) {
    case 'function':
      return callFunction(cx, callee, args, at);
    case 'class':
      return instantiate(cx, callee, args, at);
    case 'library':
    case 'module':
      return callLibrary(cx, callee.path, args, node, at);
    case 'layer':
    case 'model':
      return callLayer(cx, layerOf(callee)!, args, node, at);
    case 'instance': {
      const layer = layerOf(callee);
      const own = instanceMethod(cx, callee, '__call__');
      if (own) return callValue(cx, own, args, node, at);
      return layer ? callLayer(cx, layer, args, node, at) : unknownValue('calling this object is not followed');
    }
    case 'method':
      if (callee.of?.kind === 'function') return callFunction(cx, callee.of, args, at, callee.self);
      if (callee.of?.kind === 'library')
        return callBaseMethod(cx, callee.self, callee.of.path, callee.name, args, node, at);
      return callMethod(cx, callee.self, callee.name, args, node, at);
    case 'object':
      return callObject(cx, callee, args, node, at);
    case 'unknown': {
      if (callee === AFTER_FAULT) return callee;
      // What is not known may change a table that it is given.
      for (const { value } of [...args.positional, ...(args.keywords?.values() ?? [])])
        if (value.kind === 'frame') forgetFrame(cx, value);
      mayCallBack(cx, args, at);
      if (callee.either) return callEither(cx, callee, callee.either, args, node, at);
      return unknownValue(
        node?.kind === 'call' && callee.name !== undefined
          ? `what \`${describe(node.callee)}\` returns is not known`
          : callee.why,
      );
    }
    default:
      return unknownValue(`a ${callee.kind} cannot be called`);
  }
}

/**
 * JavaScript: what is not known may call the functions that it is given, whenever and with whatever it likes. What counts
 * is what they may change; what is found in them is found when somebody surely calls them.
 */
export function mayCallBack(cx: Evaluator, args: CallArguments, at: Span): void {
  if (cx.language === 'python') return;
  for (const { value } of args.positional) {
    if (value.kind !== 'function') continue;
    const why = 'a function may change it that is called elsewhere';
    const { findings } = cx;
    const names = NAMES_CELL.capture(cx.names);
    cx.findings = new Findings();
    perhaps(cx, why, () => void callFunction(cx, value, unknownArguments(why), at));
    cx.findings = findings;
    NAMES_CELL.restore(cx.names, names);
  }
}

const NOWHERE: Span = { start: 0, end: 0 };

/** Calls everything that the callee may be, each from the same state, and joins. */
function callEither(
  cx: Evaluator,
  callee: UnknownValue,
  either: readonly Value[],
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const [first, ...others] = either;
  const one = (): Value => callValue(cx, first!, args, node, at);
  return others.length === 0
    ? one()
    : branchValues(cx, callee.why, one, () => callEither(cx, callee, others, args, node, at));
}

/** `functools.partial` objects, activation objects, losses: what a library object does when it is called. */
function callObject(
  cx: Evaluator,
  object: Value & { kind: 'object' },
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (object.path === 'functools.partial') {
    const fn = object.args.get('#function');
    const before = [...object.args].filter(([key]) => /^#\d+$/.test(key)).map(([, value]) => ({ value, span: at }));
    const named = [...object.args]
      .filter(([key]) => !key.startsWith('#'))
      .map(([key, value]) => [key, { value, span: at }] as const);
    if (fn)
      return callValue(
        cx,
        fn,
        {
          ...args,
          positional: [...before, ...args.positional],
          keywords: new Map([...named, ...(args.keywords ?? [])]),
        },
        node,
        at,
      );
  }
  const loss = callLossObject(cx, object, args, node, at);
  if (loss) return loss;
  return unknownValue(`what an object of \`${object.path}\` returns is not known`);
}

export function callLibrary(
  cx: Evaluator,
  rawPath: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (rawPath.startsWith('js.')) return callScriptLibrary(cx, rawPath, args, at);
  const { path, kind, layer, application, op } = resolve(rawPath);
  switch (kind) {
    case 'builtin':
      return callBuiltin(cx, path, args, node, at);
    case 'input':
      return makeInput(cx, args, node, at);
    case 'sequential':
      return makeSequential(cx, args, node, at);
    case 'model':
      return makeModel(cx, args, node, at);
    case 'layer':
      return makeLayer(cx, layer!, args, node, at);
    case 'merge':
      return callMerge(cx, layer!, args, node, at);
    case 'application':
      return makeApplication(cx, application!, args, node, at);
    case 'tfjs':
      return callTfjs(cx, path, args, node, at) ?? unknownLibraryCall(cx, path, args, node, at);
    case 'other': {
      const table = path.startsWith('pandas.') ? callPandas(cx, path, args, at) : undefined;
      if (table) return table;
      const python = callPython(cx, path, args, node, at);
      if (python) return python;
      const loss = callLossFunction(cx, path, args, node, at);
      if (loss) return loss;
      return op
        ? (isForeign(cx, path, args, node, at) ?? callOp(cx, op, path, args, node, at))
        : unknownLibraryCall(cx, path, args, node, at);
    }
  }
}

interface Resolved {
  readonly path: string;
  readonly kind: 'builtin' | 'input' | 'sequential' | 'model' | 'layer' | 'merge' | 'application' | 'tfjs' | 'other';
  readonly layer?: LayerSpec;
  readonly application?: ApplicationSpec;
  readonly op?: OpSpec;
}

const RESOLVED = new Map<string, Resolved>();

/** What a path of a library means; programs call the same few dozen again and again. */
function resolve(rawPath: string): Resolved {
  let found = RESOLVED.get(rawPath);
  if (!found) {
    // The bound only keeps a long session from growing.
    if (RESOLVED.size > 5_000) RESOLVED.clear();
    RESOLVED.set(rawPath, (found = resolvePath(rawPath)));
  }
  return found;
}

function resolvePath(rawPath: string): Resolved {
  if (rawPath.startsWith('builtins.')) return { path: rawPath.slice('builtins.'.length), kind: 'builtin' };
  const path = canonicalPath(rawPath);
  if (path.startsWith('tfjs.')) return { path, kind: 'tfjs' };
  if (path === 'keras.Input' || path === 'keras.layers.Input') return { path, kind: 'input' };
  if (path === 'keras.models.Sequential') return { path, kind: 'sequential' };
  if (path === 'keras.models.Model' || path === 'keras.models.Functional') return { path, kind: 'model' };
  const layer = layerByPath(path);
  if (layer) return { path, kind: 'layer', layer };
  const application = applicationByPath(path);
  if (application) return { path, kind: 'application', application };
  const merge = layerByFunction(path);
  return merge ? { path, kind: 'merge', layer: merge } : { path, kind: 'other', op: opByPath(path) };
}

/** `keras.layers.add([a, b])` makes a layer and calls it at once. */
function callMerge(
  cx: Evaluator,
  merge: LayerSpec,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const options: CallArguments = {
    ...args,
    positional: args.positional.slice(1),
    keywords: new Map([...(args.keywords ?? [])].filter(([name]) => name !== 'inputs')),
  };
  const made = layerOf(makeLayer(cx, merge, options, undefined, at));
  const inputs = args.positional[0] ?? args.keywords?.get('inputs');
  return made && inputs ? callLayer(cx, made, { positional: [inputs] }, node, at) : AFTER_FAULT;
}

/** A class of a library that is not in the catalogue makes an object; what a function returns is not known. */
function unknownLibraryCall(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (args.positional.some(a => a.value === AFTER_FAULT)) return AFTER_FAULT;
  const spec = objectByPath(path);
  if (spec) return makeObject(cx, spec, path, args, node, at);
  const parts = path.split('.');
  const name = parts.at(-1)!;
  if (name === 'from_pretrained' || name === 'from_preset')
    return { kind: 'object', path: parts.slice(0, -1).join('.'), args: objectArguments(args) };
  if (/^[A-Z]/.test(name)) return { kind: 'object', path, args: objectArguments(args) };
  return unknownValue(`what \`${name}\` of \`${parts.slice(0, -1).join('.')}\` returns is not known`);
}

/** An optimiser, loss, metric or callback of Keras, with its arguments by name. */
function makeObject(
  cx: Evaluator,
  spec: ObjectSpec,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const bound = bindArguments(spec.parameters, givenOf(args), spec.renamed);
  if (bound instanceof Failure) {
    // Only what has another name now, or none any more, is sure: the lists here are Keras's, but users' subclasses
    // are not.
    const sure = bound.detail.kind === 'argument-unknown' && cx.options.kerasVersion !== 2;
    return sure
      ? cx.fault(bound.detail, {
          place: cx.place(at),
          callee: spec.className,
          className: spec.className,
          origins: [],
          anchors: anchorsOf(node, args),
        })
      : { kind: 'object', path, args: objectArguments(args), place: cx.place(at) };
  }
  return { kind: 'object', path, args: bound, place: cx.place(at) };
}

/** By name, positional ones as `#0`, `#1` … */
export function objectArguments(args: CallArguments): ReadonlyMap<string, Value> {
  return new Map([
    ...args.positional.map((a, i) => [`#${i}`, a.value] as const),
    ...[...(args.keywords ?? [])].map(([name, a]) => [name, a.value] as const),
  ]);
}
