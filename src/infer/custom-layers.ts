/**
 * The program's own subclasses of Keras's Layer, Model or of a built-in layer: what the base class does for them
 * (`super().__init__`, `add_weight`, `build` before the first call), and calls that run their `call`.
 */
import { layerByPath } from '../catalogue';
import { NO_ARGUMENTS, readArguments } from '../catalogue/arguments';
import { applyLayer, checkFixedAxes } from '../catalogue/apply';
import type { ShapeTree, WeightSpec } from '../catalogue/spec';
import type { Dim } from '../ir/dim';
import { Failure } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { type InstanceValue, NONE, sizeValue, type TensorValue, tuple, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import { classInfo } from './class-info';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { callFunction } from './functions';
import { LAYER_CELL, LayerObject, ModelObject } from './graph';
import { asGraphTensor, graphTensor } from './lambda';
import { bindLayer, finish, layerInputs, type LayerInputs, layerName } from './layers';
import { callLayerMethod } from './layer-methods';
import { initFunctional } from './model';
import { isSymbolic, tensorsIn } from './operations';
import {
  callScriptBase,
  callScriptLayer,
  initializeScriptLayer,
  SCRIPT_LAYER,
  scriptLayerShapes,
} from './script-layers';
import { initSequential } from './sequential';
import { itemsOf } from './sequences';
import { weightsOf } from './weights';

const MODELS = new Set(['keras.models.Model', 'keras.models.Sequential', 'keras.models.Functional']);

/** Calls inside calls of custom layers: beyond this the shape is given up. */
const MAX_NESTING = 12;

/** Gives an instance its layer when its class derives from one; its automatic name comes with `super().__init__`. */
export function layerForInstance(cx: Evaluator, instance: InstanceValue, base: string, at: Span): void {
  const className = instance.of.name;
  const made = {
    className,
    name: '',
    framework: 'keras' as const,
    site: cx.site(at),
    args: NO_ARGUMENTS,
    given: new Map<string, Value>(),
  };
  let layer: LayerObject | undefined;
  if (base === SCRIPT_LAYER) layer = new LayerObject({ ...made, framework: 'tfjs' });
  else if (MODELS.has(base)) layer = new ModelObject(made);
  else if (base === 'keras.layers.Layer' || base === 'keras.layers.Wrapper') layer = new LayerObject(made);
  else {
    const spec = layerByPath(base);
    if (spec) layer = new LayerObject({ ...made, spec });
  }
  if (!layer) return;
  layer.instance = instance;
  instance.layer = layer;
}

/** `super().__init__(…)` of the library base, or the constructor itself where the class has none. */
export function initializeBase(
  cx: Evaluator,
  instance: InstanceValue,
  base: string,
  args: CallArguments,
  at: Span,
): Value {
  const layer = instance.layer as LayerObject | undefined;
  if (!layer) return NONE;
  if (base === SCRIPT_LAYER) return initializeScriptLayer(cx, instance, args, at);
  if (layer instanceof ModelObject) {
    if (base === 'keras.models.Sequential') {
      layer.name = layerName(cx, layer.className, argument(args, 'name', 2));
      initSequential(cx, layer, args);
    } else if (argument(args, 'inputs', 0) && argument(args, 'outputs', 1)) {
      return initFunctional(cx, layer, args);
    } else {
      layer.name = layerName(cx, layer.className, argument(args, 'name'));
    }
    return NONE;
  }
  if (layer.spec) {
    const bound = bindLayer(cx, layer.spec, args, undefined, at);
    if (!bound) return AFTER_FAULT;
    const made = new LayerObject({
      className: layer.className,
      name: layerName(cx, layer.className, bound.given.get('name')),
      framework: 'keras',
      spec: layer.spec,
      ...bound,
      site: layer.site,
    });
    made.instance = instance;
    instance.layer = made;
    return NONE;
  }
  layer.name = layerName(cx, layer.className, argument(args, 'name'));
  const trainable = argument(args, 'trainable');
  if (trainable?.kind === 'boolean') layer.trainable = trainable.value;
  if (base === 'keras.layers.Wrapper')
    instance.attributes.set('layer', argument(args, 'layer', 0) ?? unknownValue('the wrapped layer is not known'));
  return NONE;
}

/**
 * A method that the instance has from its library base: `super().build(…)`, `self.add_weight(…)`, `self.compile(…)`.
 */
export function callBaseMethod(
  cx: Evaluator,
  self: Value,
  base: string,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (self.kind !== 'instance') return unknownValue(`\`${name}\` is not followed here`);
  if (name === '__init__') return initializeBase(cx, self, base, args, at);
  const layer = self.layer as LayerObject | undefined;
  if (!layer) return unknownValue(`\`${name}\` of \`${base}\` is not followed`);
  const script = base === SCRIPT_LAYER ? callScriptBase(cx, layer, name, args, at) : undefined;
  if (script) return script;
  if (name === 'add_weight' || name === 'add_variable') return addWeight(cx, layer, args, at);
  if (name === 'build' && !(layer instanceof ModelObject)) return NONE;
  if (name === 'call' && layer.spec) return callWithSpec(layer, args);
  if (name === 'get_config') return { kind: 'dict', entries: new Map(), open: 'the configuration of the base class' };
  if (name === 'compute_output_shape' && layer.spec) return unknownValue('the output shape of the base class');
  return callLayerMethod(cx, layer, name, args, node, at);
}

/** `super().call(x)` in a subclass of a built-in layer. */
function callWithSpec(layer: LayerObject, args: CallArguments): Value {
  const inputs = layerInputs(layer, args);
  const applied = applyLayer(layer.spec!, { args: layer.args, inputs: inputs.shapes, structure: inputs.structure });
  if (applied instanceof Failure) return unknownValue('the base layer refuses this input');
  layer.ownWeights = applied.weights;
  return treeValue(applied.output);
}

/** `add_weight(shape, initializer, …)`; Keras 2 took the name first. */
function addWeight(cx: Evaluator, layer: LayerObject, args: CallArguments, at: Span): Value {
  const first = args.positional[0]?.value;
  const shape = argument(args, 'shape') ?? (first?.kind === 'string' ? args.positional[1]?.value : first);
  const dims = shape === undefined || shape.kind === 'none' ? [] : dimsOf(shape);
  const trainable = argument(args, 'trainable');
  cx.journal.touch(layer, LAYER_CELL);
  const name = argument(args, 'name') ?? (first?.kind === 'string' ? first : undefined);
  if (dims) {
    if (dims.some(d => d.kind === 'open')) {
      return cx.fault(
        { kind: 'undefined-size', axis: dims.findIndex(d => d.kind === 'open'), input: ranked(dims) },
        {
          place: cx.place(at),
          callee: layer.name,
          className: layer.className,
          origins: [{ place: layer.site.place, what: layer.name }],
        },
      );
    }
    const weight: WeightSpec = {
      name: name?.kind === 'string' ? name.value : 'variable',
      shape: dims,
      trainable: !(trainable?.kind === 'boolean' && !trainable.value),
    };
    layer.ownWeights = [...layer.ownWeights, weight];
  } else {
    layer.uncertain ??= 'the shape of a weight is not known';
  }
  return {
    kind: 'tensor',
    shape: dims ? ranked(dims) : unranked('the shape of this weight is not known'),
    flavour: 'tensorflow',
    place: cx.place(at),
  };
}

/** A tuple, list or single number as a shape. */
export function dimsOf(value: Value): readonly Dim[] | undefined {
  const args = readArguments([], new Map([['shape', value]]));
  if (value.kind === 'number' || value.kind === 'size') return [args.size('shape')];
  return args.shape('shape');
}

// -------------------------------------------------------------------------------------------------------- calling

/** Calls an instance of the program's own layer or model class. */
export function callCustomLayer(cx: Evaluator, layer: LayerObject, args: CallArguments, at: Span): Value {
  if (layer.framework === 'tfjs') return callScriptLayer(cx, layer, args, at);
  const inputs = layerInputs(layer, args);
  const own = classInfo(layer.instance!.of);
  if (!own.find('call') && layer.spec) {
    const applied = applyLayer(layer.spec, { args: layer.args, inputs: inputs.shapes, structure: inputs.structure });
    const clash = layer.built
      ? checkFixedAxes(layer.spec, layer.args, layer.built.inputs[0] ?? unranked(''), inputs.shapes[0] ?? unranked(''))
      : undefined;
    const failure = applied instanceof Failure ? applied : clash;
    if (failure)
      return cx.fault(failure.detail, {
        place: cx.place(at),
        callee: layer.name,
        className: layer.className,
        origins: [{ place: layer.site.place, what: layer.name }],
      });
    return finish(cx, layer, inputs, applied as Exclude<typeof applied, Failure>, at, args);
  }
  const result = runCall(cx, layer, inputs, args, at);
  if (result === AFTER_FAULT) return result;
  const tree =
    treeOf(result) ??
    unranked(
      result.kind === 'unknown'
        ? result.why
        : `\`call\` of \`${layer.className}\` returns something that is not followed`,
    );
  const made = finish(cx, layer, inputs, { output: tree, weights: weightsOf(layer) }, at, args);
  return treeOf(result) && inputs.tensors.some(isSymbolic) ? reshaped(result, tensorsIn(made)) : made;
}

/** The result nested as `call` nested it, with the tensors that carry the graph. */
function reshaped(result: Value, tensors: readonly TensorValue[]): Value {
  let at = 0;
  const visit = (value: Value): Value => {
    switch (value.kind) {
      case 'tensor':
        return tensors[at++] ?? value;
      case 'list':
      case 'tuple':
        return { kind: value.kind, items: value.items.map(visit) };
      case 'dict':
        return {
          kind: 'dict',
          entries: new Map([...value.entries.keys()].map(key => [key, visit(value.entries.get(key)!)])),
        };
      default:
        return value;
    }
  };
  return visit(result);
}

/** Output shapes for inputs of these shapes, for layers inside wrappers. */
export function customShapes(
  cx: Evaluator,
  layer: LayerObject,
  inputs: readonly Shape[],
): Failure | { readonly output: ShapeTree; readonly weights: readonly WeightSpec[] } | undefined {
  if (layer.framework === 'tfjs') return scriptLayerShapes(cx, layer, inputs);
  const values = inputs.map(graphTensor);
  const args: CallArguments = {
    positional: [{ value: values.length === 1 ? values[0]! : { kind: 'list', items: values }, span: layer.site.place }],
  };
  const result = runCall(cx, layer, layerInputs(layer, args), args, layer.site.place);
  const tree = treeOf(result);
  return tree ? { output: tree, weights: weightsOf(layer) ?? [] } : undefined;
}

function runCall(cx: Evaluator, layer: LayerObject, inputs: LayerInputs, args: CallArguments, at: Span): Value {
  const instance = layer.instance!;
  const info = classInfo(instance.of);
  if (cx.frames.filter(f => f.name === 'call').length > MAX_NESTING)
    return unknownValue('layers call each other too deeply to follow');
  buildOnce(cx, layer, inputs, args, at);
  const declared = info.find('compute_output_shape');
  if (declared?.value.kind === 'function' && inputs.tensors.some(isSymbolic) && !(layer instanceof ModelObject)) {
    const result = callFunction(
      cx,
      declared.value,
      { positional: [{ value: shapeArgument(args), span: at }] },
      at,
      instance,
    );
    const shape = dimsFrom(cx, result);
    if (shape) return { kind: 'tensor', shape: ranked(shape), flavour: 'tensorflow' };
  }
  const call = info.find('call') ?? info.find('__call__');
  if (call?.value.kind !== 'function')
    return unknownValue(`\`${instance.of.name}\` has no \`call\` that can be followed`);
  const inner: CallArguments = {
    ...args,
    positional: args.positional.map(a => ({ ...a, value: asGraphTensor(a.value) })),
    keywords: new Map([...(args.keywords ?? [])].map(([name, a]) => [name, { ...a, value: asGraphTensor(a.value) }])),
  };
  return callFunction(cx, call.value, inner, at, instance);
}

function dimsFrom(cx: Evaluator, value: Value): readonly Dim[] | undefined {
  const { items, rest } =
    value.kind === 'tuple' || value.kind === 'list' ? itemsOf(cx, value) : { items: [], rest: value };
  if (rest || items.some(i => i.kind === 'tuple' || i.kind === 'list')) return undefined;
  return readArguments([], new Map([['shape', value]])).shape('shape');
}

/** `build(input_shape)` runs once, before the first call. */
function buildOnce(cx: Evaluator, layer: LayerObject, inputs: LayerInputs, args: CallArguments, at: Span): void {
  if (layer.built) return;
  cx.journal.touch(layer, LAYER_CELL);
  layer.built = { inputs: inputs.shapes, weights: [], place: cx.place(at) };
  const info = classInfo(layer.instance!.of);
  const build = info.find('build');
  if (build?.value.kind !== 'function') {
    return;
  }
  callFunction(
    cx,
    build.value,
    { positional: [{ value: shapeArgument(args), span: at }], open: undefined },
    at,
    layer.instance,
  );
}

/** What `build` and `compute_output_shape` are given: one shape, or shapes nested as the inputs are. */
function shapeArgument(args: CallArguments): Value {
  const shapes = (value: Value): Value => {
    switch (value.kind) {
      case 'tensor':
        return isRanked(value.shape) ? tuple(value.shape.dims.map(sizeValue)) : unknownValue(value.shape.why);
      case 'list':
      case 'tuple':
        return { kind: 'list', items: value.items.map(shapes), rest: value.rest && shapes(value.rest) };
      case 'dict':
        return {
          kind: 'dict',
          entries: new Map([...value.entries].map(([key, v]) => [key, shapes(v)])),
          open: value.open,
        };
      default:
        return unknownValue(value.kind === 'unknown' ? value.why : 'the input is no tensor');
    }
  };
  const first = args.positional[0]?.value ?? [...(args.keywords?.values() ?? [])][0]?.value;
  return first ? shapes(first) : unknownValue('the layer is called without an input');
}

/** A value as the outputs of a layer; undefined where it holds anything but tensors. */
export function treeOf(value: Value): ShapeTree | undefined {
  if (value.kind === 'tensor') return value.shape;
  if (value.kind === 'list' || value.kind === 'tuple') {
    if (value.rest || value.items.length === 0 || !value.items.every(holdsTensors)) return undefined;
    return value.items.flatMap(v => tensorsIn(v)).map(t => t.shape);
  }
  if (
    value.kind === 'dict' &&
    value.open === undefined &&
    [...value.entries.values()].every(v => v.kind === 'tensor')
  ) {
    return { named: Object.fromEntries([...value.entries].map(([key, v]) => [key, (v as TensorValue).shape])) };
  }
  return undefined;
}

function holdsTensors(value: Value): boolean {
  return (
    value.kind === 'tensor' ||
    ((value.kind === 'list' || value.kind === 'tuple') && !value.rest && value.items.every(holdsTensors))
  );
}

function treeValue(tree: ShapeTree): Value {
  if ('kind' in tree) return graphTensor(tree);
  if ('named' in tree)
    return { kind: 'dict', entries: new Map(Object.entries(tree.named).map(([key, s]) => [key, graphTensor(s)])) };
  return { kind: 'list', items: tree.map(graphTensor) };
}
