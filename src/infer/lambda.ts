/** `Lambda(lambda x: …)`: the function of the program is run on tensors of the input's shape. */
import { isRanked, ranked, type Shape } from '../ir/shape';
import type { Value } from '../ir/value';
import type { CallArguments } from './call';
import { callValue } from './call';
import type { Evaluator } from './evaluator';
import type { LayerObject } from './graph';
import { tensorsIn } from './operations';

/** The output's shape; undefined where the function could not be followed. */
export function callLambda(
  cx: Evaluator,
  layer: LayerObject,
  args: CallArguments,
): Shape | readonly Shape[] | undefined {
  const fn = layer.args.value('function');
  const given = layer.args.items('output_shape');
  if (given) return undefined;
  const extra = layer.args.value('arguments');
  const keywords =
    extra.kind === 'dict'
      ? new Map([...extra.entries].map(([name, value]) => [name, { value, span: layer.site.place }]))
      : undefined;
  const positional = args.positional.slice(0, 1).map(a => ({ ...a, value: asGraphTensor(a.value) }));
  const result = callValue(cx, fn, { positional, keywords }, undefined, layer.site.place);
  if (result.kind === 'tensor') return result.shape;
  const tensors = tensorsIn(result);
  return (result.kind === 'list' || result.kind === 'tuple') &&
    tensors.length === result.items.length &&
    tensors.length > 0
    ? tensors.map(t => t.shape)
    : undefined;
}

/** Inside a layer's `call` tensors are TensorFlow's own: `tf.*` works on them, and they are in no graph of layers. */
export function asGraphTensor(value: Value, depth = 0): Value {
  if (depth > 12) return value;
  switch (value.kind) {
    case 'tensor':
      return {
        ...value,
        flavour: value.flavour === 'array' ? 'array' : 'tensorflow',
        node: undefined,
        facts: undefined,
      };
    case 'list':
    case 'tuple':
      return {
        kind: value.kind,
        items: value.items.map(v => asGraphTensor(v, depth + 1)),
        rest: value.rest && asGraphTensor(value.rest, depth + 1),
      };
    case 'dict':
      return {
        kind: 'dict',
        entries: new Map([...value.entries].map(([key, v]) => [key, asGraphTensor(v, depth + 1)])),
        open: value.open,
      };
    default:
      return value;
  }
}

export function graphTensor(shape: Shape): Value {
  return { kind: 'tensor', shape: isRanked(shape) ? ranked(shape.dims) : shape, flavour: 'tensorflow' };
}
