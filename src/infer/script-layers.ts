/**
 * The program's own subclasses of `tf.layers.Layer`: what the base class does for them. A symbolic call runs `build`
 * and `computeOutputShape`, never `call`; a call on tensors runs `build` and `call`. Where a class has no
 * `computeOutputShape`, what comes out has the shape of what goes in.
 *
 * Source: @tensorflow/tfjs-layers 4.22, src/engine/topology.ts (`Layer.apply`, `addWeight`).
 */
import { readArguments } from '../catalogue/arguments';
import type { ShapeTree, WeightSpec } from '../catalogue/spec';
import { scriptText } from '../catalogue/tensorflow-js';
import type { FaultDetail } from '../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { type InstanceValue, list, NONE, sizeValue, text, unknownValue, type Value } from '../ir/value';
import type { CallArguments } from './call';
import { classInfo } from './class-info';
import { bindMember } from './classes';
import { dimsOf, treeOf } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { callFunction } from './functions';
import { LAYER_CELL, LayerObject } from './graph';
import { UNDEFINED } from './javascript';
import { finish, layerInputs, layerName } from './layers';
import { isSymbolic } from './operations';
import { weightsOf } from './weights';

export const SCRIPT_LAYER = 'tfjs.layers.Layer';

/** Methods of the base class; any other name is a field that nothing has set. */
const METHODS = new Set([
  'apply',
  'build',
  'call',
  'computeOutputShape',
  'computeMask',
  'countParams',
  'getConfig',
  'getWeights',
  'setWeights',
  'addWeight',
  'addLoss',
  'getInputAt',
  'getOutputAt',
  'invokeCallHook',
  'setCallHook',
  'clearCallHook',
  'resetStates',
  'calculateLosses',
  'assertInputCompatibility',
  'dispose',
  'getClassName',
]);

/** False for a name that is no method of the library's base class, as far as this is known. */
export function isBaseMethod(base: string, name: string): boolean {
  return base !== SCRIPT_LAYER || METHODS.has(name);
}

/** `static get className()`, by which the library names a layer; undefined where the class has none or it is not known. */
function classNameOf(cx: Evaluator, instance: InstanceValue, at: Span): string | undefined {
  const member = classInfo(instance.of).find('className')?.value;
  const value = member && bindMember(cx, instance.of, member, 'className', at);
  return value?.kind === 'string' ? value.value : undefined;
}

/** `super(config)`, or the constructor itself where the class has none. */
export function initializeScriptLayer(cx: Evaluator, instance: InstanceValue, args: CallArguments, at: Span): Value {
  const before = instance.layer as LayerObject;
  const config = args.positional[0]?.value ?? (args.open === undefined ? UNDEFINED : unknownValue(args.open));
  const entries = config.kind === 'dict' ? config.entries : new Map<string, Value>();
  const isOpen = config.kind === 'dict' ? config.open !== undefined : config.kind !== 'none';
  const entry = (key: string): Value | undefined => {
    const value = entries.get(key);
    if (value?.kind === 'none') return undefined;
    return value ?? (isOpen ? unknownValue('the configuration of the layer is not known') : undefined);
  };
  const given = new Map<string, Value>();
  const shape = inputShape(entry('inputShape'), entry('batchInputShape'));
  if (shape) given.set('input_shape', shape);
  const className = classNameOf(cx, instance, at) ?? before.className;
  const layer = new LayerObject({
    className: before.className,
    name: layerName(cx, className, entry('name'), 'tfjs'),
    framework: 'tfjs',
    site: before.site,
    args: readArguments([], given, 'tfjs'),
    given,
  });
  const trainable = entries.get('trainable');
  if (trainable?.kind === 'boolean') layer.trainable = trainable.value;
  layer.instance = instance;
  instance.layer = layer;
  return NONE;
}

function inputShape(own: Value | undefined, whole: Value | undefined): Value | undefined {
  // The one with the batch counts where both are there.
  if (whole?.kind === 'list' && !whole.rest) return list(whole.items.slice(1));
  if (whole) return own ?? unknownValue('the input shape is not known');
  return own?.kind === 'number' ? list([own]) : own;
}

/** A method that the instance has from the library: `this.addWeight(…)`, `super.build(…)`. Undefined for all others. */
export function callScriptBase(
  cx: Evaluator,
  layer: LayerObject,
  name: string,
  args: CallArguments,
  at: Span,
): Value | undefined {
  const [first] = args.positional.map(a => a.value);
  switch (name) {
    case 'addWeight':
      return addWeight(cx, layer, args, at);
    case 'call':
    case 'computeOutputShape':
      return first ?? UNDEFINED;
    case 'getConfig':
      return { kind: 'dict', entries: new Map(), open: 'the configuration of the base class' };
    case 'getClassName':
      return text(classNameOf(cx, layer.instance!, at) ?? layer.className);
    case 'build':
    case 'invokeCallHook':
    case 'setCallHook':
    case 'clearCallHook':
    case 'addLoss':
    case 'assertInputCompatibility':
      return UNDEFINED;
    default:
      return undefined;
  }
}

// ---------------------------------------------------------------------------------------------------------- weights

/** `addWeight(name, shape, dtype, initializer, regularizer, trainable)`. */
function addWeight(cx: Evaluator, layer: LayerObject, args: CallArguments, at: Span): Value {
  const [name, shape, , initializer, , trainable] = args.positional.map(a => a.value);
  const fault = (detail: FaultDetail): Value =>
    cx.fault(detail, {
      place: cx.place(at),
      callee: `${layer.name}.addWeight`,
      className: layer.className,
      origins: [{ place: layer.site.place, what: layer.name }],
      anchors: initializer ? { 'argument:initializer': args.positional[3]!.span } : {},
    });
  cx.journal.touch(layer, LAYER_CELL);
  const dims = shape && dimsOf(shape);
  if (!args.openPositional) {
    if (!initializer || initializer.kind === 'none') return fault({ kind: 'argument-missing', name: 'initializer' });
    if (initializer.kind === 'string') {
      const wanted = 'an initializer such as tf.initializers.zeros()';
      return fault({ kind: 'argument-invalid', name: 'initializer', got: scriptText(initializer), wanted });
    }
  }
  const isOwn = initializer?.kind === 'object' && initializer.path.startsWith('keras.initializers.');
  const open = dims?.findIndex(d => d.kind === 'open') ?? -1;
  if (dims && open >= 0) {
    if (isOwn) return fault({ kind: 'undefined-size', axis: open, input: ranked(dims) });
    layer.uncertain ??= 'the shape of a weight is not known';
  } else if (dims) {
    const weight: WeightSpec = {
      name: name?.kind === 'string' ? name.value : 'weight',
      shape: dims,
      trainable: !(trainable?.kind === 'boolean' && !trainable.value),
    };
    layer.ownWeights = [...layer.ownWeights, weight];
  } else {
    layer.uncertain ??= 'the shape of a weight is not known';
  }
  const values: Shape = dims ? ranked(dims) : unranked('the shape of this weight is not known');
  return {
    kind: 'object',
    path: 'tfjs.LayerVariable',
    args: new Map(),
    element: { kind: 'tensor', shape: values, flavour: 'tfjs', place: cx.place(at) },
    place: cx.place(at),
  };
}

// ---------------------------------------------------------------------------------------------------------- calling

/** `layer.apply(x)`, and what a Sequential does with a layer that is added. */
export function callScriptLayer(cx: Evaluator, layer: LayerObject, args: CallArguments, at: Span): Value {
  const inputs = layerInputs(layer, args);
  const [first] = args.positional.map(a => a.value);
  buildScriptLayer(cx, layer, inputs.shapes, at);
  const tree = inputs.tensors.some(isSymbolic)
    ? outputShapes(cx, layer, inputs.shapes, at)
    : called(cx, layer, first ?? UNDEFINED, at);
  if (tree === AFTER_FAULT) return AFTER_FAULT;
  return finish(cx, layer, inputs, { output: tree as ShapeTree, weights: weightsOf(layer) }, at, args);
}

/** What comes out for inputs of these shapes, as the graph of a model sees it; undefined after a fault. */
export function scriptLayerShapes(
  cx: Evaluator,
  layer: LayerObject,
  inputs: readonly Shape[],
): { readonly output: ShapeTree; readonly weights: readonly WeightSpec[] } | undefined {
  const at = layer.site.place;
  buildScriptLayer(cx, layer, inputs, at);
  const output = outputShapes(cx, layer, inputs, at);
  return output === AFTER_FAULT ? undefined : { output: output as ShapeTree, weights: weightsOf(layer) ?? [] };
}

/** `build` runs once, before the first call. */
function buildScriptLayer(cx: Evaluator, layer: LayerObject, inputs: readonly Shape[], at: Span): void {
  if (layer.built) return;
  cx.journal.touch(layer, LAYER_CELL);
  layer.built = { inputs, weights: [], place: cx.place(at) };
  method(cx, layer, 'build', [shapesValue(inputs)], at);
}

function outputShapes(
  cx: Evaluator,
  layer: LayerObject,
  inputs: readonly Shape[],
  at: Span,
): ShapeTree | typeof AFTER_FAULT {
  const declared = method(cx, layer, 'computeOutputShape', [shapesValue(inputs)], at);
  if (declared === AFTER_FAULT) return AFTER_FAULT;
  if (!declared) return inputs.length === 1 ? inputs[0]! : inputs;
  if (declared.kind !== 'list' && declared.kind !== 'tuple')
    return unranked(declared.kind === 'unknown' ? declared.why : 'the output shape is not known');
  const [head] = declared.items;
  if (!declared.rest && (head?.kind === 'list' || head?.kind === 'tuple')) return declared.items.map(shapeOf);
  return head?.kind === 'unknown' && declared.items.some(i => i.kind === 'list')
    ? unranked(head.why)
    : shapeOf(declared);
}

function called(cx: Evaluator, layer: LayerObject, input: Value, at: Span): ShapeTree | typeof AFTER_FAULT {
  const result = method(cx, layer, 'call', [input, { kind: 'dict', entries: new Map() }], at) ?? input;
  if (result === AFTER_FAULT) return AFTER_FAULT;
  return (
    treeOf(result) ??
    unranked(result.kind === 'unknown' ? result.why : `what \`call\` of \`${layer.className}\` returns is not followed`)
  );
}

/** Calls a method of the program's own class; undefined where it has none of this name. */
function method(
  cx: Evaluator,
  layer: LayerObject,
  name: string,
  values: readonly Value[],
  at: Span,
): Value | undefined {
  const own = classInfo(layer.instance!.of).find(name)?.value;
  return own?.kind === 'function'
    ? callFunction(cx, own, { positional: values.map(value => ({ value, span: at })) }, at, layer.instance)
    : undefined;
}

/** One shape, or a list of them where there are several inputs (`singletonOrArray`). */
function shapesValue(inputs: readonly Shape[]): Value {
  const one = (shape: Shape): Value => (isRanked(shape) ? list(shape.dims.map(sizeValue)) : unknownValue(shape.why));
  return inputs.length === 1 ? one(inputs[0]!) : list(inputs.map(one));
}

function shapeOf(value: Value): Shape {
  const dims = value.kind === 'list' || value.kind === 'tuple' ? dimsOf(value) : undefined;
  return dims ? ranked(dims) : unranked('the output shape is not known');
}
