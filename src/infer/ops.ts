/** Functions of libraries on tensors, as the catalogue describes them. */
import { bindArguments, readArguments } from '../catalogue/arguments';
import { opByPath } from '../catalogue';
import type { OpSpec } from '../catalogue/spec';
import { Failure } from '../ir/fault';
import type { Expression } from '../ir/program';
import type { Span } from '../ir/span';
import { type TensorValue, unknownValue, type Value } from '../ir/value';
import { type CallArguments, callValue } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import type { GraphNode } from './graph';
import { anchorsOf, tensorName } from './layers';
import { flavourOf, isSymbolic, operationNode, tensorsIn } from './operations';

function argumentTensors(args: CallArguments): TensorValue[] {
  return [...args.positional, ...(args.keywords?.values() ?? [])].flatMap(a => tensorsIn(a.value));
}

/** Keras 3 refuses its symbolic tensors to every function of TensorFlow and NumPy; the fault, where this is one. */
export function isForeign(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  if (cx.options.kerasVersion === 2) return undefined;
  const root = path.split('.')[0];
  if (root !== 'tensorflow' && root !== 'numpy') return undefined;
  const tensor = argumentTensors(args).find(isSymbolic);
  if (!tensor) return undefined;
  const name = path.slice(path.lastIndexOf('.') + 1);
  const replacement = [FOREIGN_NAMES[name], name].find(n => n !== undefined && opByPath(`keras.ops.${n}`));
  return cx.fault(
    { kind: 'foreign-op', path, replacement: replacement === undefined ? undefined : `keras.ops.${replacement}` },
    {
      place: cx.place(at),
      callee: path,
      origins: tensor.place ? [{ place: tensor.place, what: tensorName(tensor) }] : [],
      anchors: anchorsOf(node, args),
    },
  );
}

/** TensorFlow's and NumPy's names where Keras has another one. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  concat: 'concatenate',
  reduce_sum: 'sum',
  reduce_mean: 'mean',
  reduce_max: 'max',
  reduce_min: 'min',
  reduce_prod: 'prod',
  multiply: 'multiply',
  cast: 'cast',
  subtract: 'subtract',
  pow: 'power',
  mod: 'mod',
  dot: 'dot',
  l2_normalize: 'normalize',
};

export function callOp(
  cx: Evaluator,
  op: OpSpec,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  self?: Value,
): Value {
  const tensors = argumentTensors(args);
  if (args.positional.some(a => a.value === AFTER_FAULT)) return AFTER_FAULT;
  const anchors = anchorsOf(
    node,
    args,
    op.parameters.filter(p => !p.keywordOnly).map(p => p.name),
  );
  // As a program of TensorFlow.js writes it: `tf.matMul`, or the method `matMul`.
  const called = path.replace(/^tfjs\.(Tensor\.)?/, (_, method?: string) => (method ? '' : 'tf.'));
  const where = {
    place: cx.place(at),
    callee: called,
    className: called,
    anchors,
    origins: tensors.flatMap(t => (t.place ? [{ place: t.place, what: tensorName(t) }] : [])),
  };
  const bound = bindArguments(op.parameters, {
    positional: args.positional.map(a => a.value),
    keywords: new Map([...(args.keywords ?? [])].map(([name, a]) => [name, a.value])),
    open: args.open !== undefined,
  });
  // The catalogue's parameter lists are not complete for every op, so a name it does not know is no fault.
  if (bound instanceof Failure) return unknownValue(`\`${path}\` is called in a way that is not followed`);
  const outcome = op.infer({
    args: readArguments(op.parameters, bound),
    path,
    framework: 'keras',
    isMethod: self !== undefined,
    call: (callee, values) =>
      callValue(cx, callee, { positional: values.map(value => ({ value, span: at })) }, undefined, at),
  });
  if (outcome instanceof Failure) return cx.fault(outcome.detail, where);
  return onGraph(cx, outcome, tensors, path, at);
}

/** Results on symbolic tensors are symbolic, with an operation's node behind them. */
function onGraph(cx: Evaluator, result: Value, inputs: readonly TensorValue[], path: string, at: Span): Value {
  const made = tensorsIn(result);
  if (made.length === 0) return result;
  const flavour = flavourOf(inputs);
  const place = cx.place(at);
  if (flavour !== 'symbolic') return mapTensors(result, t => (t.place ? t : { ...t, place }));
  const node: GraphNode = operationNode(
    cx,
    made.map(t => t.shape),
    inputs,
    pascal(path.slice(path.lastIndexOf('.') + 1)),
    at,
    path,
  );
  let output = 0;
  return mapTensors(result, t => ({
    ...t,
    flavour: 'symbolic',
    place,
    node: { node, output: output++ },
    facts: undefined,
    elements: undefined,
  }));
}

export function mapTensors(value: Value, f: (t: TensorValue) => Value): Value {
  switch (value.kind) {
    case 'tensor':
      return f(value);
    case 'list':
    case 'tuple':
      return { kind: value.kind, items: value.items.map(v => mapTensors(v, f)), rest: value.rest };
    case 'dict':
      return {
        kind: 'dict',
        entries: new Map([...value.entries].map(([key, v]) => [key, mapTensors(v, f)])),
        open: value.open,
      };
    default:
      return value;
  }
}

/** Keras names an operation by its class: `expand_dims` is `ExpandDims`. */
function pascal(name: string): string {
  return name
    .split('_')
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
