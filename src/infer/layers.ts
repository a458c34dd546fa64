/** Layers of the catalogue: made from their arguments, called on tensors, with what fails in either. */
import { asDim, bindArguments, checkArguments, type Given, NO_ARGUMENTS, readArguments } from '../catalogue/arguments';
import { RENAMED_EVERYWHERE, parametersOf } from '../catalogue';
import { type Applied, applyLayer, checkFixedAxes, isShape, shapesOf } from '../catalogue/apply';
import type { Arguments, ArgumentSpec, Framework, LayerSpec, NestedLayer, ShapeTree } from '../catalogue/spec';
import type { Dim } from '../ir/dim';
import { Failure, type Fault } from '../ir/fault';
import type { Call, Expression } from '../ir/program';
import { isRanked, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { type TensorValue, unknownValue, type Value } from '../ir/value';
import type { CallArgument, CallArguments } from './call';
import { callCustomLayer, customShapes } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { type CallSite, GraphNode, LAYER_CELL, LayerObject, ModelObject, origin } from './graph';
import { callLambda } from './lambda';
import { LayerCallRecord } from './layer-call';
import { callModel, modelShapes } from './model';
import { NAMES_CELL } from './names';
import { asInKeras2 } from './keras-2';
import { joinShapes } from './join';
import { flavourOf, isSymbolic, tensorsIn } from './operations';

// --------------------------------------------------------------------------------------------------------- making

/**
 * The named parts of a call in the source, for quick fixes: `call`, `callee`, `arguments`, `argument:units`,
 * `keyword:units`.
 */
export function anchorsOf(
  node: Expression | undefined,
  args: CallArguments,
  names: readonly string[] = [],
): Record<string, Span> {
  const anchors: Record<string, Span> = {};
  if (node?.kind === 'call') {
    anchors['call'] = node.span;
    anchors['callee'] = node.callee.span;
    anchors['arguments'] = node.argsSpan;
  }
  args.positional.forEach((a, i) => {
    anchors[`argument:${names[i] ?? `#${i}`}`] = a.span;
  });
  for (const [name, a] of args.keywords ?? []) {
    anchors[`argument:${name}`] = a.span;
    if (a.nameSpan) anchors[`keyword:${name}`] = a.nameSpan;
  }
  return anchors;
}

/** A place with its anchors, which are only named when a rule or a fault asks for them. */
class LazySite implements CallSite {
  private found: Record<string, Span> | undefined;

  constructor(
    readonly place: CallSite['place'],
    private readonly node: Expression | undefined,
    private readonly args: CallArguments,
    private readonly names: readonly string[],
  ) {}

  get anchors(): Readonly<Record<string, Span>> {
    return (this.found ??= anchorsOf(this.node, this.args, this.names));
  }
}

export function siteOf(
  cx: Evaluator,
  at: Span,
  node: Expression | undefined,
  args: CallArguments,
  names: readonly string[] = [],
): CallSite {
  return new LazySite(cx.place(at), node, args, names);
}

const POSITIONAL = new WeakMap<readonly ArgumentSpec[], readonly string[]>();

function positionalNames(parameters: readonly ArgumentSpec[]): readonly string[] {
  let names = POSITIONAL.get(parameters);
  if (!names) POSITIONAL.set(parameters, (names = parameters.filter(p => !p.keywordOnly).map(p => p.name)));
  return names;
}

/** The values of a call's arguments, by position and by name. */
export function givenOf(args: CallArguments): Given {
  const keywords = new Map<string, Value>();
  if (args.keywords) for (const [name, a] of args.keywords) keywords.set(name, a.value);
  return { positional: args.positional.map(a => a.value), keywords, open: args.open !== undefined };
}

export interface Bound {
  readonly args: Arguments;
  readonly given: ReadonlyMap<string, Value>;
  readonly site: CallSite;
}

/** Binds the arguments of a call to a layer's parameters and checks them; the fault is recorded. */
export function bindLayer(
  cx: Evaluator,
  spec: LayerSpec,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  framework: Framework = 'keras',
): Bound | undefined {
  const parameters = parametersOf(spec, framework);
  const site = siteOf(cx, at, node, args, positionalNames(parameters));
  const fault = (failure: Failure): undefined => {
    // What TensorFlow.js refuses in its options was said when they were read; this one it finds in the same way.
    if (framework === 'tfjs' && failure.detail.kind !== 'permutation-invalid') return undefined;
    cx.fault(failure.detail, {
      place: site.place,
      callee: spec.className,
      className: spec.className,
      origins: [],
      anchors: site.anchors,
    });
    return undefined;
  };
  const written = givenOf(args);
  const renamed = renamedIn(spec);
  const isOld = cx.options.kerasVersion === 2 && framework === 'keras';
  const bound = bindArguments(parameters, isOld ? asInKeras2(spec, written, renamed, parameters) : written, renamed);
  if (bound instanceof Failure) return fault(bound);
  if (args.open !== undefined) {
    // What is not written here may still be given by what could not be followed.
    for (const p of parameters) if (!bound.has(p.name) && p.name !== 'name') bound.set(p.name, unknownValue(args.open));
  }
  const read = readArguments(parameters, bound, framework, value => nestedLayer(cx, value));
  const refused = checkArguments(parameters, read) ?? spec.check?.(read, framework);
  if (refused instanceof Failure) return fault(refused);
  return { args: read, given: bound, site };
}

const RENAMED = new WeakMap<LayerSpec, Readonly<Record<string, string | null>>>();

function renamedIn(spec: LayerSpec): Readonly<Record<string, string | null>> {
  let renamed = RENAMED.get(spec);
  if (!renamed) RENAMED.set(spec, (renamed = { ...RENAMED_EVERYWHERE, ...spec.renamed }));
  return renamed;
}

export function makeLayer(
  cx: Evaluator,
  spec: LayerSpec,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  framework: Framework = 'keras',
): Value {
  const bound = bindLayer(cx, spec, args, node, at, framework);
  if (!bound) return AFTER_FAULT;
  const className = (framework === 'tfjs' && spec.tfjs?.className) || spec.className;
  cx.built++;
  const layer = new LayerObject({
    className,
    name: layerName(cx, className, bound.given.get('name'), framework),
    framework,
    spec,
    ...bound,
  });
  const trainable = bound.given.get('trainable');
  if (trainable) layer.trainable = trainable.kind === 'boolean' ? trainable.value : undefined;
  return { kind: 'layer', layer, className };
}

/** The name given, else the library's next automatic one. */
export function layerName(
  cx: Evaluator,
  className: string,
  given: Value | undefined,
  framework: Framework = 'keras',
): string {
  if (given?.kind === 'string') return given.value;
  cx.journal.touch(cx.names, NAMES_CELL);
  return given && given.kind !== 'none'
    ? given.kind === 'unknown'
      ? `${className.toLowerCase()}_?`
      : className
    : framework === 'tfjs'
      ? cx.names.autoTfjs(className)
      : cx.names.auto(className);
}

/** The layer that a value is, models and instances of the program's own layer classes included. */
export function layerOf(value: Value): LayerObject | undefined {
  if (value.kind === 'layer') return value.layer as LayerObject;
  if (value.kind === 'model') return value.model as ModelObject;
  return value.kind === 'instance' && value.layer instanceof LayerObject ? value.layer : undefined;
}

/** A layer as a value again. */
export function layerValue(layer: LayerObject): Value {
  if (layer.instance) return layer.instance;
  return layer instanceof ModelObject
    ? { kind: 'model', model: layer }
    : { kind: 'layer', layer, className: layer.className };
}

function nestedLayer(cx: Evaluator, value: Value): NestedLayer | undefined {
  const layer = layerOf(value);
  if (!layer) return undefined;
  const apply = (inputs: readonly Shape[]) => shapesThrough(cx, layer, inputs);
  return {
    spec: layer.spec,
    className: layer.className,
    args: layer.args,
    stateSizes: stateSizes(layer),
    output: inputs => {
      const applied = apply(inputs);
      return applied instanceof Failure ? applied : applied?.output;
    },
    weights: inputs => {
      const applied = apply(inputs);
      return applied instanceof Failure ? applied : applied?.weights;
    },
    flops: inputs => {
      const applied = apply(inputs);
      return !applied || applied instanceof Failure || !applied.context
        ? undefined
        : layer.spec?.flops?.(applied.context, applied.output);
    },
  };
}

/** `self.state_size` of a cell: a number, or one for each state. */
function stateSizes(layer: LayerObject): readonly Dim[] | undefined {
  const given = layer.instance?.attributes.get('state_size');
  if (!given || given.kind === 'unknown' || layer.instance?.attributes.has('output_size')) return undefined;
  return given.kind === 'list' || given.kind === 'tuple' ? given.items.map(asDim) : [asDim(given)];
}

/** What comes out of a layer for inputs of these shapes, without calling it in the program. */
export function shapesThrough(
  cx: Evaluator,
  layer: LayerObject,
  inputs: readonly Shape[],
):
  | Failure
  | { readonly output: ShapeTree; readonly weights: Applied['weights']; readonly context?: Applied['context'] }
  | undefined {
  if (layer instanceof ModelObject) return modelShapes(cx, layer, inputs);
  if (layer.instance) return customShapes(cx, layer, inputs);
  return layer.spec ? applyLayer(layer.spec, { args: layer.args, inputs, framework: layer.framework }) : undefined;
}

// -------------------------------------------------------------------------------------------------------- calling

export interface LayerInputs {
  readonly shapes: readonly Shape[];
  readonly structure: 'single' | 'list' | 'dict';
  /** The same as it goes into the graph: keys of a dict, names of keyword arguments. */
  readonly keys: 'single' | 'list' | readonly string[];
  /** All tensors of the call, also masks and states. */
  readonly tensors: readonly TensorValue[];
  /** Why an input is not known. */
  readonly gap?: string;
  /** What stands for any number of further inputs, none included. */
  readonly rest?: Shape;
}

/** Sorts the arguments of a layer's call into its inputs and the rest. */
export function layerInputs(layer: LayerObject, args: CallArguments): LayerInputs {
  const names = layer.spec?.callInputs;
  const only = args.positional[0]?.value;
  // What nearly every call is: one tensor and nothing else.
  if (!names && only?.kind === 'tensor' && args.positional.length === 1 && !args.keywords?.size) {
    return { shapes: [only.shape], structure: 'single', keys: 'single', tensors: [only] };
  }
  const tensors: TensorValue[] = [];
  for (const a of args.positional) tensorsIn(a.value, tensors);
  if (args.keywords) for (const a of args.keywords.values()) tensorsIn(a.value, tensors);
  if (names && args.positional[0]?.value.kind !== 'list') {
    const values = names
      .map((name, i) => args.positional[i]?.value ?? args.keywords?.get(name)?.value)
      .filter(v => v !== undefined && v.kind !== 'none');
    return {
      shapes: values.map(v => shapeOf(v)),
      structure: values.length === 1 ? 'single' : 'list',
      keys: 'list',
      tensors,
      gap: gapOf(values),
    };
  }
  const first =
    args.positional[0]?.value ??
    [...(args.keywords?.values() ?? [])].map(a => a.value).find(v => v.kind === 'tensor' || v.kind === 'list') ??
    unknownValue('the layer is called without an input');
  if ((first.kind === 'list' || first.kind === 'tuple') && (first.items.length > 0 || first.rest)) {
    const flat = first.items.flatMap(v => (v.kind === 'list' || v.kind === 'tuple' ? v.items : [v]));
    const gap = first.rest ? 'how many inputs there are is not known' : gapOf(flat);
    const rest = first.rest && shapeOf(first.rest);
    if (first.rest) tensorsIn(first.rest, tensors);
    return { shapes: flat.map(shapeOf), structure: 'list', keys: 'list', tensors, gap, rest };
  }
  if (first.kind === 'dict') {
    // Keras flattens a dict in the order of its keys.
    const keys = [...first.entries.keys()].sort();
    const values = keys.map(key => first.entries.get(key)!);
    return { shapes: values.map(shapeOf), structure: 'dict', keys, tensors, gap: first.open ?? gapOf(values) };
  }
  return { shapes: [shapeOf(first)], structure: 'single', keys: 'single', tensors, gap: gapOf([first]) };
}

function gapOf(values: readonly Value[]): string | undefined {
  const missing = values.find(v => v.kind !== 'tensor');
  return missing === undefined
    ? undefined
    : missing.kind === 'unknown'
      ? missing.why
      : `a ${missing.kind} is no tensor`;
}

export function shapeOf(value: Value): Shape {
  if (value.kind === 'tensor') return value.shape;
  return unranked(value.kind === 'unknown' ? value.why : `a ${value.kind} is no tensor`);
}

/** Calls a layer, model or instance of a layer class. `node` is the call in the source, `at` where the hint stands. */
export function callLayer(
  cx: Evaluator,
  layer: LayerObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (
    args.positional.some(
      a => a.value === AFTER_FAULT || (a.value.kind === 'list' && a.value.items.includes(AFTER_FAULT)),
    )
  ) {
    return afterFault(cx, layer, at);
  }
  if (layer instanceof ModelObject && layer.kind !== 'subclass') return callModel(cx, layer, args, node, at);
  if (layer.instance) return callCustomLayer(cx, layer, args, at);
  if (!layer.spec) return unknownValue(`\`${layer.className}\` is not in the catalogue`);
  const inputs = layerInputs(layer, args);
  if (layer.className === 'Lambda') {
    const result = callLambda(cx, layer, args);
    if (result) return finish(cx, layer, inputs, { output: result, weights: [] }, at, args);
  }
  const applied = apply(layer, inputs, args);
  if (applied instanceof Failure) return cx.fault(applied.detail, faultAt(cx, layer, node, at, inputs.tensors));
  const result = finish(cx, layer, inputs, applied, at, args);
  return layer.framework === 'tfjs' && isEmptied(inputs.shapes, applied.output)
    ? afterEmptying(cx, layer, node, at, inputs, applied.output, result)
    : result;
}

const isEmpty = (shape: Shape): boolean => isRanked(shape) && shape.dims.some(d => d.kind === 'known' && d.value <= 0);

function isEmptied(inputs: readonly Shape[], output: ShapeTree): boolean {
  return isShape(output) && isEmpty(output) && !inputs.some(isEmpty);
}

/**
 * TensorFlow.js goes on with lengths of zero, and outside of a Sequential even below. `Sequential.add` throws on a
 * negative one; a layer is called without a node there.
 */
function afterEmptying(
  cx: Evaluator,
  layer: LayerObject,
  node: Expression | undefined,
  at: Span,
  inputs: LayerInputs,
  output: ShapeTree,
  result: Value,
): Value {
  const shape = output as Shape;
  const raises = !node && isRanked(shape) && shape.dims.some(d => d.kind === 'known' && d.value < 0);
  const failed = cx.fault(
    { kind: 'empty-output', input: inputs.shapes[0] ?? unranked('it has no input'), output: shape, raises },
    faultAt(cx, layer, node, at, inputs.tensors),
  );
  return raises ? failed : result;
}

/** After an error the layer's own sizes are still shown, as far as they do not depend on its input. */
function afterFault(cx: Evaluator, layer: LayerObject, at: Span): Value {
  if (!layer.spec || layer.instance || layer instanceof ModelObject) return AFTER_FAULT;
  const applied = applyLayer(layer.spec, {
    args: layer.args,
    inputs: [unranked(AFTER_FAULT.why)],
    structure: layer.spec.arity ? 'list' : 'single',
  });
  if (!(applied instanceof Failure)) recordCall(cx, layer, { shapes: [unranked(AFTER_FAULT.why)] }, applied, at);
  return AFTER_FAULT;
}

function apply(layer: LayerObject, inputs: LayerInputs, args: CallArguments): Applied | Failure {
  const spec = layer.spec!;
  if (inputs.rest) return applyToAny(layer, { ...inputs, rest: inputs.rest });
  const isMerged = spec.arity !== undefined && !('exact' in spec.arity && spec.arity.exact === 1);
  const lacks = inputs.structure === 'single' ? isMerged : inputs.tensors.length !== inputs.shapes.length;
  if (inputs.gap !== undefined && lacks) return notFollowed(layer, inputs.gap);
  const call = args.keywords?.size ? readArguments([], givenOf(args).keywords) : NO_ARGUMENTS;
  const applied = applyLayer(spec, {
    args: layer.args,
    inputs: inputs.shapes,
    structure: inputs.structure,
    call,
    framework: layer.framework,
  });
  if (applied instanceof Failure) return applied;
  if (layer.built && layer.built.weights) {
    const clash = checkFixedAxes(
      spec,
      layer.args,
      layer.built.inputs[0] ?? unranked(''),
      inputs.shapes[0] ?? unranked(''),
    );
    if (clash) return clash;
  }
  return applied;
}

function notFollowed(layer: LayerObject, why: string): Applied {
  const output = unranked(why);
  const context = { args: layer.args, inputs: [], input: output, call: layer.args } as const;
  return { output, weights: [], context: { ...context, structure: 'list', framework: 'keras' } };
}

/** What comes out whether there are one or two more of the inputs whose number is not known. */
function applyToAny(layer: LayerObject, { shapes, rest, gap = '' }: LayerInputs & { readonly rest: Shape }): Applied {
  const [one, two] = [[rest], [rest, rest]].map(further =>
    applyLayer(layer.spec!, { args: layer.args, inputs: [...shapes, ...further], structure: 'list' }),
  );
  if (one instanceof Failure || two instanceof Failure || !one || !two) return notFollowed(layer, gap);
  const [a, b] = [one.output, two.output];
  return isShape(a) && isShape(b) ? { ...one, output: joinShapes(a, b, gap) } : notFollowed(layer, gap);
}

/** Where a fault of a layer's call is, with the places of the layer and of its inputs. */
export function faultAt(
  cx: Evaluator,
  layer: LayerObject,
  node: Expression | undefined,
  at: Span,
  tensors: readonly TensorValue[],
): Omit<Fault, 'detail'> {
  const origins = [
    { place: layer.site.place, what: layer.name },
    ...tensors.flatMap(t => (t.place ? [{ place: t.place, what: tensorName(t) }] : [])),
  ];
  const anchors: Record<string, Span> = prefixed('layer', layer.site);
  // The layer before this one, if it is only one: what it returns can often be changed.
  const before = tensors.length === 1 ? origin(tensors[0]!)?.node.layer : undefined;
  if (before) Object.assign(anchors, prefixed('previous', before.site));
  if (node?.kind === 'call') Object.assign(anchors, callAnchors(node));
  return { place: cx.place(at), callee: layer.name, className: layer.className, origins, anchors };
}

/** Named parts of a call in another place; those in another file cannot be edited from here. */
export function prefixed(prefix: string, site: CallSite): Record<string, Span> {
  return site.place.file === undefined
    ? Object.fromEntries(Object.entries(site.anchors).map(([name, span]) => [`${prefix}.${name}`, span]))
    : {};
}

function callAnchors(node: Call): Record<string, Span> {
  const anchors: Record<string, Span> = { call: node.span, arguments: node.argsSpan };
  if (node.args[0]) anchors['input'] = node.args[0].value.span;
  return anchors;
}

export function tensorName(t: TensorValue): string {
  const node = t.node?.node;
  return node instanceof GraphNode ? node.layer.name : 'input';
}

export interface Result {
  readonly output: ShapeTree;
  readonly weights: Applied['weights'] | undefined;
  readonly context?: Applied['context'];
  readonly flops?: Dim;
}

/** Keeps what a call fixed, shows it, and gives its result. */
export function finish(
  cx: Evaluator,
  layer: LayerObject,
  inputs: LayerInputs,
  applied: Result,
  at: Span,
  args: CallArguments,
): Value {
  cx.journal.touch(layer, LAYER_CELL);
  layer.built ??= {
    inputs: inputs.shapes,
    weights: applied.weights,
    place: cx.place(at),
    why: applied.weights ? undefined : 'its weights could not be followed',
  };
  const shapes = shapesOf(applied.output);
  layer.lastOutputs = shapes;
  if (applied.context && layer.spec?.flops) layer.flops = layer.spec.flops(applied.context, applied.output);
  else if (applied.flops) layer.flops = applied.flops;
  recordCall(cx, layer, inputs, applied, at);
  return resultValue(cx, layer, inputs, applied.output, at, configOf(args));
}

const NO_CONFIG: ReadonlyMap<string, Value> = new Map();

/** Keyword arguments of a call that are no tensors. */
function configOf(args: CallArguments): ReadonlyMap<string, Value> {
  if (!args.keywords?.size) return NO_CONFIG;
  return new Map(
    [...(args.keywords ?? [])]
      .filter(([, a]: [string, CallArgument]) => tensorsIn(a.value).length === 0)
      .map(([name, a]) => [name, a.value]),
  );
}

/** The tensors of a call's result, with a node of the graph behind them where an input is symbolic. */
export function resultValue(
  cx: Evaluator,
  layer: LayerObject,
  inputs: LayerInputs,
  tree: ShapeTree,
  at: Span,
  config: ReadonlyMap<string, Value> = new Map(),
): Value {
  const symbolic = inputs.tensors.some(isSymbolic);
  const flavour = symbolic
    ? 'symbolic'
    : inputs.gap !== undefined
      ? 'array'
      : flavourOf(inputs.tensors) === 'array'
        ? 'array'
        : 'tensorflow';
  let node: GraphNode | undefined;
  if (symbolic) {
    cx.built++;
    node = new GraphNode(
      layer,
      inputs.tensors.filter(isSymbolic),
      inputs.keys,
      config,
      shapesOf(tree),
      cx.place(at),
      inputs.gap,
    );
    cx.journal.touch(layer, LAYER_CELL);
    layer.nodes = [...layer.nodes, node];
  }
  const dtype = layer.spec?.outputDtype?.(layer.args);
  let output = 0;
  const tensor = (shape: Shape): TensorValue => ({
    kind: 'tensor',
    shape,
    dtype,
    flavour,
    place: cx.place(at),
    node: node ? { node, output: output++ } : undefined,
  });
  if (isShape(tree)) return tensor(tree);
  if ('named' in tree)
    return { kind: 'dict', entries: new Map(Object.entries(tree.named).map(([key, shape]) => [key, tensor(shape)])) };
  return { kind: 'list', items: tree.map(tensor) };
}

/** What an editor shows behind the call. */
export function recordCall(
  cx: Evaluator,
  layer: LayerObject,
  inputs: { readonly shapes: readonly Shape[] },
  applied: Result,
  at: Span,
): void {
  if (cx.hidden === 0 && cx.file === undefined)
    cx.layerCalls.push(new LayerCallRecord(cx.place(at), layer, inputs.shapes, applied));
}
