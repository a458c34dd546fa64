/** `keras.Input(…)`: a symbolic tensor with an input layer behind it. */
import { INPUT_FUNCTION } from '../catalogue';
import { NO_ARGUMENTS } from '../catalogue/arguments';
import { applyLayer } from '../catalogue/apply';
import { dtypeOf } from '../catalogue/ops/define';
import { Failure } from '../ir/fault';
import type { Expression } from '../ir/program';
import type { Framework } from '../catalogue/spec';
import type { Shape } from '../ir/shape';
import type { Span } from '../ir/span';
import { type TensorValue, type Value } from '../ir/value';
import type { CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { type CallSite, GraphNode, LayerObject } from './graph';
import { bindLayer, layerName, recordCall } from './layers';

export function makeInput(
  cx: Evaluator,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  framework: Framework = 'keras',
): Value {
  const bound = bindLayer(cx, INPUT_FUNCTION, args, node, at, framework);
  if (!bound) return AFTER_FAULT;
  const given = bound.given.get('tensor');
  if (given?.kind === 'tensor') return given;
  const applied = applyLayer(INPUT_FUNCTION, { args: bound.args, inputs: [] });
  if (applied instanceof Failure)
    return cx.fault(applied.detail, {
      place: bound.site.place,
      callee: 'Input',
      origins: [],
      anchors: bound.site.anchors,
    });
  const layer = new LayerObject({
    className: 'InputLayer',
    name: layerName(cx, 'InputLayer', bound.given.get('name'), framework),
    framework,
    spec: INPUT_FUNCTION,
    ...bound,
  });
  const isTyped = bound.args.isNone('dtype') === false;
  const dtype = isTyped ? dtypeOf(bound.args.value('dtype')) : 'float32';
  const tensor = inputTensor(cx, layer, applied.output as Shape, at, dtype);
  recordCall(cx, layer, { shapes: [] }, { output: tensor.shape, weights: [], context: applied.context }, at);
  return tensor;
}

/**
 * The input layer that Keras puts before a Sequential whose first layer has an `input_shape`, or that is built later.
 */
export function makeInputLayer(cx: Evaluator, shape: Shape, site: CallSite, first?: LayerObject): TensorValue {
  const framework = first?.framework ?? 'keras';
  const layer = new LayerObject({
    className: 'InputLayer',
    // TensorFlow.js names it after the layer behind it (`Layer.apply` in tfjs-layers/src/models.ts).
    name: framework === 'tfjs' ? `${first!.name}_input` : layerName(cx, 'InputLayer', undefined),
    framework,
    args: NO_ARGUMENTS,
    given: new Map(),
    site,
  });
  return inputTensor(cx, layer, shape, site.place, 'float32');
}

export function inputTensor(
  cx: Evaluator,
  layer: LayerObject,
  shape: Shape,
  at: Span,
  dtype: string | undefined,
): TensorValue {
  const node = new GraphNode(layer, [], 'single', new Map(), [shape], cx.place(at));
  layer.nodes = [node];
  layer.built = { inputs: [], weights: [], place: cx.place(at) };
  layer.lastOutputs = [shape];
  return { kind: 'tensor', shape, dtype, flavour: 'symbolic', node: { node, output: 0 }, place: cx.place(at) };
}

/** The tensor of an `InputLayer(…)` that was made as a layer. */
export function tensorOfInputLayer(cx: Evaluator, layer: LayerObject): TensorValue | undefined {
  const known = layer.nodes[0];
  if (known)
    return {
      kind: 'tensor',
      shape: known.outputs[0]!,
      flavour: 'symbolic',
      node: { node: known, output: 0 },
      place: layer.site.place,
    };
  if (!layer.spec) return undefined;
  const applied = applyLayer(layer.spec, { args: layer.args, inputs: [] });
  return applied instanceof Failure
    ? undefined
    : inputTensor(cx, layer, applied.output as Shape, layer.site.place, layer.args.text('dtype') ?? 'float32');
}
