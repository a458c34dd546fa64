/**
 * `Sequential`: layers in a row. It is built as soon as its input is known (an `Input`, a layer's `input_shape`, a
 * model as
 * first layer), else at its first call or `fit`. Source: keras/src/models/sequential.py.
 */
import { NO_ARGUMENTS } from '../catalogue/arguments';
import type { Framework } from '../catalogue/spec';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { OPEN } from '../ir/dim';
import { NONE, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { isInput, LAYER_CELL, type LayerObject, ModelObject, origin } from './graph';
import { makeInputLayer, tensorOfInputLayer } from './inputs';
import { callLayer, layerName, layerOf, siteOf } from './layers';
import { NAMES_CELL } from './names';
import { itemsOf } from './sequences';
import { strOf } from './strings';

export function makeSequential(
  cx: Evaluator,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  framework: Framework = 'keras',
): Value {
  const model = new ModelObject({
    className: 'Sequential',
    name: layerName(cx, 'Sequential', argument(args, 'name', 2), framework),
    framework,
    site: siteOf(cx, at, node, args, ['layers', 'trainable', 'name']),
    args: NO_ARGUMENTS,
    given: new Map(),
  });
  return initSequential(cx, model, args);
}

/** Also for the program's own subclasses of Sequential. */
export function initSequential(cx: Evaluator, model: ModelObject, args: CallArguments): Value {
  model.kind = 'sequential';
  const value: Value = model.instance ?? { kind: 'model', model };
  const layers = argument(args, 'layers', 0);
  if (!layers || layers.kind === 'none') return value;
  if (layers === AFTER_FAULT) {
    model.top = AFTER_FAULT;
    return value;
  }
  const { items, rest } = itemsOf(cx, layers);
  for (const item of items) push(cx, model, item, undefined);
  if (rest) {
    model.uncertain = rest.kind === 'unknown' ? rest.why : 'how many layers there are is not known';
    model.top = unknownValue(model.uncertain);
  }
  rebuild(cx, model);
  return value;
}

/** `model.add(layer)`; the hint stands behind the whole call. */
export function addLayer(cx: Evaluator, model: ModelObject, value: Value, at: Span): Value {
  push(cx, model, value, at);
  rebuild(cx, model);
  return NONE;
}

export function popLayer(cx: Evaluator, model: ModelObject): Value {
  cx.journal.touch(model, LAYER_CELL);
  const last = model.stack.at(-1);
  model.stack = model.stack.slice(0, -1);
  model.sites = model.sites.slice(0, -1);
  restart(model);
  rebuild(cx, model);
  return last ? { kind: 'layer', layer: last, className: last.className } : NONE;
}

function insideOf(model: ModelObject, inner: ModelObject): Span | undefined {
  const [outer, own] = [model.site.place, inner.site.place];
  const isInside = outer.file === own.file && outer.start <= own.start && own.end <= outer.end;
  return isInside ? undefined : outer;
}

/** Forgets the tensors behind the layers; the next build runs through all of them again. */
function restart(model: ModelObject): void {
  model.top = undefined;
  model.reached = 0;
}

function push(cx: Evaluator, model: ModelObject, value: Value, at: Span | undefined): void {
  cx.journal.touch(model, LAYER_CELL);
  // A model was made elsewhere; what fails here, fails where it is put into this one.
  const place =
    at ??
    (value.kind === 'model' ? insideOf(model, value.model as ModelObject) : undefined) ??
    layerOf(value)?.site.place ??
    (value.kind === 'tensor' ? value.place : undefined) ??
    model.site.place;
  const fault = (detail: Parameters<Evaluator['fault']>[0], from?: LayerObject): void => {
    model.top = cx.fault(detail, {
      place: cx.place(place),
      callee: model.name,
      className: 'Sequential',
      origins: [{ place: model.site.place, what: model.name }],
      anchors: from?.site.anchors,
    });
    model.uncertain ??= AFTER_FAULT.why;
  };
  const layer =
    value.kind === 'tensor' && origin(value) && isInput(origin(value)!.node.layer)
      ? origin(value)!.node.layer
      : layerOf(value);
  if (!layer) {
    if (value.kind === 'unknown' || value.kind === 'object' || value.kind === 'instance') {
      model.uncertain ??= value.kind === 'unknown' ? value.why : 'one of its layers is not known';
      model.top = value === AFTER_FAULT ? AFTER_FAULT : unknownValue(model.uncertain);
      model.reached = model.stack.length;
      return;
    }
    if (value.kind === 'library' && !/\.[A-Z]\w*$|^tfjs\.layers\./.test(value.path)) {
      model.uncertain ??= `\`${value.path}\` is not known`;
      model.top = unknownValue(model.uncertain);
      return;
    }
    fault({ kind: 'not-a-layer', got: described(value) });
    return;
  }
  if (isInput(layer)) {
    const had = model.inputLayer?.nodes[0]?.outputs[0];
    if (model.inputLayer)
      fault(
        {
          kind: 'second-input',
          had: had ?? unranked('it is not known'),
          got: layer.nodes[0]?.outputs[0] ?? unranked('it is not known'),
        },
        layer,
      );
    else if (model.stack.length === 0) {
      model.inputLayer = layer;
      model.inputs = tensorOfInputLayer(cx, layer);
    }
    return;
  }
  if (model.stack.length === 0 && !model.inputLayer) {
    const given = declaredInput(layer);
    if (given) setInput(cx, model, given, layer);
    else if (model.framework === 'tfjs' && model.uncertain === undefined && needsInputShape(layer))
      fault({ kind: 'missing-input-shape' }, layer);
  }
  // A Sequential of TensorFlow.js takes equal names.
  if (
    model.framework === 'keras' &&
    layer.name !== '' &&
    model.stack.some(other => other !== layer && other.name === layer.name) &&
    !layer.name.endsWith('?')
  ) {
    fault({ kind: 'duplicate-name', name: layer.name }, layer);
    return;
  }
  model.stack = [...model.stack, layer];
  model.sites = [...model.sites, place];
}

function described(value: Value): string {
  if (value.kind === 'library' && value.path.startsWith('tfjs.'))
    return `the function \`${value.path.replace('tfjs.', 'tf.')}\``;
  if (value.kind === 'library' || value.kind === 'module')
    return `the class ${value.path.slice(value.path.lastIndexOf('.') + 1)}`;
  if (value.kind === 'function') return `the function ${value.name}`;
  if (value.kind === 'class') return `the class ${value.name}`;
  return strOf(value) ?? `a ${value.kind}`;
}

/** `input_shape=` or `input_dim=` of the first layer, with the batch. */
function declaredInput(layer: LayerObject): Shape | undefined {
  const { args, given } = layer;
  // TensorFlow.js lets an embedding take any sequence (`Embedding` in tfjs-layers/src/layers/embeddings.ts).
  if (layer.framework === 'tfjs' && layer.className === 'Embedding' && !given.has('input_shape'))
    return ranked([OPEN, given.has('input_length') ? args.size('input_length') : OPEN]);
  if (layer.className !== 'Embedding' && given.has('input_dim') && args.isNone('input_dim') === false)
    return ranked([OPEN, args.size('input_dim')]);
  const isNone = given.has('input_shape') ? args.isNone('input_shape') : true;
  // TensorFlow.js has its input as soon as a shape is given, whichever that is.
  if (isNone === true || (isNone === undefined && layer.framework === 'keras')) return undefined;
  const dims = args.shape('input_shape');
  return dims ? ranked([OPEN, ...dims]) : unranked('input_shape is not known');
}

/** The first layer of a Sequential brings the input shape along, unless it is a model or was called before. */
function needsInputShape(layer: LayerObject): boolean {
  if (layer instanceof ModelObject || layer.nodes.length > 0) return false;
  return layer.instance === undefined || !layer.instance.attributes.has('batchInputShape');
}

function setInput(cx: Evaluator, model: ModelObject, given: Shape, first: LayerObject): void {
  const tensor = makeInputLayer(cx, given, first.site, first);
  model.inputLayer = origin(tensor)!.node.layer;
  model.inputs = tensor;
}

function rebuild(cx: Evaluator, model: ModelObject): void {
  if (model.stack.length === 0) return;
  if (!model.inputLayer) {
    const [first] = model.stack;
    if (model.stack.length < 2 || !(first instanceof ModelObject) || first.inputs?.kind !== 'tensor') return;
    setInput(cx, model, first.inputs.shape, first);
  }
  buildStack(cx, model);
}

/** Runs the layers that were added since the last time on what came out of the one before. */
function buildStack(cx: Evaluator, model: ModelObject): void {
  if (model.inputs === undefined || model.stack.length === 0) return;
  cx.journal.touch(model, LAYER_CELL);
  cx.journal.touch(cx.names, NAMES_CELL);
  // Keras makes a Functional inside each time, which takes one of its automatic names.
  if (model.framework === 'keras') cx.names.auto('Functional');
  let top = model.top ?? model.inputs;
  for (let i = model.reached; i < model.stack.length; i++) {
    top = callLayer(
      cx,
      model.stack[i]!,
      { positional: [{ value: top, span: model.sites[i]! }] },
      undefined,
      model.sites[i]!,
    );
    if (top.kind === 'unknown') model.uncertain ??= top.why;
  }
  model.reached = model.stack.length;
  model.top = top;
  model.outputs = top;
}

/** `model.build(input_shape)`, or the first call or `fit` of a model whose input was not known before. */
export function buildSequential(cx: Evaluator, model: ModelObject, input: Shape): void {
  if (model.inputLayer || model.stack.length === 0) return;
  cx.journal.touch(model, LAYER_CELL);
  const batchless = isRanked(input) && input.dims.length > 0 ? ranked([OPEN, ...input.dims.slice(1)]) : input;
  const [first] = model.stack;
  setInput(cx, model, batchless, first!);
  buildStack(cx, model);
}
