/** Results of operations on tensors, and the graph nodes that Keras makes where one of them is symbolic. */
import type { Span } from '../ir/span';
import type { Shape } from '../ir/shape';
import { type DataFacts, frameTensor, type TensorValue, type Value } from '../ir/value';
import { NO_ARGUMENTS } from '../catalogue/arguments';
import type { Evaluator } from './evaluator';
import { GraphNode, OperationObject } from './graph';
import { NAMES_CELL } from './names';

/** All tensors in a value, nested lists and dicts included, in the order Keras's `tree.flatten` gives them. */
export function tensorsIn(value: Value, into: TensorValue[] = [], depth = 0): TensorValue[] {
  if (depth > 12) return into;
  if (value.kind === 'tensor') into.push(value);
  else if (value.kind === 'frame') into.push(frameTensor(value));
  else if (value.kind === 'list' || value.kind === 'tuple')
    for (const item of value.items) tensorsIn(item, into, depth + 1);
  else if (value.kind === 'dict')
    for (const key of [...value.entries.keys()].sort()) tensorsIn(value.entries.get(key)!, into, depth + 1);
  return into;
}

export function isSymbolic(value: Value): value is TensorValue {
  return value.kind === 'tensor' && value.flavour === 'symbolic';
}

/** Data wins over nothing, TensorFlow over numpy, a symbolic tensor over all. */
export function flavourOf(tensors: readonly TensorValue[]): TensorValue['flavour'] {
  for (const flavour of ['symbolic', 'tensorflow', 'torch', 'pandas', 'numpy', 'tfjs'] as const) {
    if (tensors.some(t => t.flavour === flavour)) return flavour;
  }
  return 'array';
}

export interface Extra {
  readonly facts?: DataFacts;
  readonly dtype?: string;
  readonly path?: string;
  readonly elements?: readonly Value[];
}

/** The tensor that an operation makes of `inputs`; on symbolic ones it becomes a node of the graph. */
export function operationResult(
  cx: Evaluator,
  shape: Shape,
  inputs: readonly Value[],
  className: string,
  span: Span,
  extra: Extra = {},
): TensorValue {
  const tensors = inputs.flatMap(v => tensorsIn(v));
  const flavour = flavourOf(tensors);
  const dtype = extra.dtype ?? tensors.find(t => t.dtype !== undefined)?.dtype;
  const place = cx.place(span);
  if (flavour !== 'symbolic') {
    return { kind: 'tensor', shape, dtype, flavour, facts: extra.facts, place, elements: extra.elements };
  }
  const node = operationNode(cx, [shape], tensors, className, span, extra.path);
  return { kind: 'tensor', shape, dtype, flavour, node: { node, output: 0 }, place };
}

export function operationNode(
  cx: Evaluator,
  shapes: readonly Shape[],
  tensors: readonly TensorValue[],
  className: string,
  span: Span,
  path = className,
): GraphNode {
  cx.journal.touch(cx.names, NAMES_CELL);
  const operation = new OperationObject(
    {
      className,
      name: cx.names.auto(className),
      framework: 'keras',
      site: cx.site(span),
      args: NO_ARGUMENTS,
      given: new Map(),
    },
    path,
  );
  cx.built++;
  const node = new GraphNode(operation, tensors.filter(isSymbolic), 'list', new Map(), shapes, cx.place(span));
  operation.nodes = [node];
  return node;
}
