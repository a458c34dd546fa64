/** Functional models: made from tensors, called like layers, and the methods that all models share. */
import { NO_ARGUMENTS } from '../catalogue/arguments';
import type { Applied } from '../catalogue/apply';
import { applyLayer, checkFixedAxes } from '../catalogue/apply';
import type { Framework, ShapeTree, WeightSpec } from '../catalogue/spec';
import { type Dim, OPEN, same, unknownDim } from '../ir/dim';
import { Failure, fail } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type RankedShape, type Shape, unranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { list, type TensorValue, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { graphOf, modelGraph } from './functional';
import { type GraphNode, type LayerObject, ModelObject, OperationObject, origin } from './graph';
import { faultAt, finish, type LayerInputs, layerInputs, layerName, shapesThrough, siteOf } from './layers';
import { isSymbolic, tensorsIn } from './operations';
import { buildSequential } from './sequential';
import { weightsOf } from './weights';

/** `keras.Model(inputs, outputs)`. Without arguments it is the base class, and of no use here. */
export function makeModel(
  cx: Evaluator,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
  framework: Framework = 'keras',
): Value {
  const site = siteOf(cx, at, node, args, ['inputs', 'outputs']);
  const old = ['input', 'output'].find(name => args.keywords?.has(name));
  if (old) {
    return cx.fault(
      { kind: 'argument-unknown', name: old, suggestion: `${old}s` },
      { place: site.place, callee: 'Model', className: 'Model', origins: [], anchors: site.anchors },
    );
  }
  const [lacks] = ['inputs', 'outputs'].filter((name, i) => !argument(args, name, i));
  if (lacks && args.open === undefined && args.keywords?.has(lacks === 'inputs' ? 'outputs' : 'inputs')) {
    return cx.fault(
      { kind: 'argument-missing', name: lacks },
      { place: site.place, callee: 'Model', className: 'Model', origins: [], anchors: site.anchors },
    );
  }
  const model = new ModelObject({
    className: 'Functional',
    name: '',
    framework,
    site,
    args: NO_ARGUMENTS,
    given: new Map(),
  });
  return initFunctional(cx, model, args);
}

/** Also for the program's own subclasses that hand `inputs` and `outputs` to `super().__init__`. */
export function initFunctional(cx: Evaluator, model: ModelObject, args: CallArguments): Value {
  const inputs = argument(args, 'inputs', 0);
  const outputs = argument(args, 'outputs', 1);
  const value: Value = model.instance ?? { kind: 'model', model };
  model.name = layerName(cx, model.className, argument(args, 'name', 2), model.framework);
  if (!inputs || !outputs) {
    model.uncertain = args.open ?? 'its inputs and outputs are not known';
    return value;
  }
  if (inputs === AFTER_FAULT || outputs === AFTER_FAULT) model.uncertain = AFTER_FAULT.why;
  model.kind = 'functional';
  model.inputs = kept(inputs);
  model.outputs = kept(outputs);
  const trainable = argument(args, 'trainable');
  if (trainable?.kind === 'boolean') model.trainable = trainable.value;
  const failed = checkGraph(cx, model, model.inputs, model.outputs);
  return failed ?? value;
}

/** The program may change its list of outputs later; the model keeps what it was given. */
function kept(value: Value): Value {
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return { kind: value.kind, items: value.items.map(kept), rest: value.rest };
    case 'dict':
      return { kind: 'dict', entries: new Map([...value.entries].map(([key, v]) => [key, kept(v)])), open: value.open };
    default:
      return value;
  }
}

function checkGraph(cx: Evaluator, model: ModelObject, inputs: Value, outputs: Value): Value | undefined {
  const missing = [inputs, outputs].flatMap(v => unknownsIn(v))[0];
  if (missing) model.uncertain ??= missing;
  if (missing || tensorsIn(outputs).length === 0) return undefined;
  const graph = modelGraph(inputs, outputs);
  const where = { place: model.site.place, callee: 'Model', className: 'Model', anchors: model.site.anchors };
  if (graph.gaps.length > 0) {
    model.uncertain ??= graph.gaps[0];
    return undefined;
  }
  if (graph.disconnected) {
    const { tensor, output } = graph.disconnected;
    return cx.fault(
      { kind: 'disconnected', output },
      { ...where, origins: tensor.place ? [{ place: tensor.place, what: 'Input' }] : [] },
    );
  }
  const names = new Map<string, LayerObject>();
  for (const layer of graph.layers) {
    const other = names.get(layer.name);
    if (other && !layer.name.endsWith('?')) {
      return cx.fault(
        { kind: 'duplicate-name', name: layer.name },
        {
          ...where,
          origins: [
            { place: other.site.place, what: other.name },
            { place: layer.site.place, what: layer.name },
          ],
        },
      );
    }
    names.set(layer.name, layer);
  }
  return undefined;
}

function unknownsIn(value: Value, depth = 0): string[] {
  if (depth > 8) return [];
  switch (value.kind) {
    case 'tensor':
      return value.node
        ? []
        : value.flavour === 'symbolic' || value.flavour === 'array'
          ? ['a tensor of the model is not known']
          : [];
    case 'list':
    case 'tuple':
      return [...value.items, ...(value.rest ? [value.rest] : [])].flatMap(v => unknownsIn(v, depth + 1));
    case 'dict':
      return [
        ...(value.open === undefined ? [] : [value.open]),
        ...[...value.entries.values()].flatMap(v => unknownsIn(v, depth + 1)),
      ];
    case 'unknown':
      return [value.why];
    default:
      return [`a ${value.kind} is no tensor`];
  }
}

// -------------------------------------------------------------------------------------------------------- calling

export function inputTensors(model: ModelObject): readonly TensorValue[] {
  return model.inputs ? tensorsIn(model.inputs) : [];
}

export function outputTensors(model: ModelObject): readonly TensorValue[] {
  return model.outputs ? tensorsIn(model.outputs) : [];
}

/** Calls a Sequential or functional model on tensors. */
export function callModel(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const inputs = layerInputs(model, args);
  if (model.kind === 'sequential' && !model.inputLayer && inputs.shapes.length === 1)
    buildSequential(cx, model, inputs.shapes[0]!);
  if (model.inputs === undefined || model.uncertain !== undefined) {
    const why = model.uncertain ?? 'the input of this model is not known yet';
    return model.top === AFTER_FAULT ? AFTER_FAULT : unknownTensor(inputs.tensors, why);
  }
  const named = byName(model, args.positional[0]?.value);
  if (named) return callModel(cx, model, { positional: [{ value: named, span: at }] }, node, at);
  const clash = checkInputs(cx, model, inputs);
  const wanted = inputTensors(model);
  if (!clash && cx.options.kerasVersion === 2 && wanted.some((t, i) => fitsInput(t.shape, inputs.shapes[i] ?? t.shape)))
    return unknownTensor(inputs.tensors, 'the data has another rank than the model was made for');
  if (clash) return cx.fault(clash.detail, faultAt(cx, model, node, at, inputs.tensors));
  // A symbolic call asks each layer for its output shape and leaves the rank of the input as it is.
  const shapes = modelShapes(cx, model, inputs.shapes, inputs.tensors.some(isSymbolic) ? 'as it is' : 'adjusted');
  if (shapes instanceof Failure) return cx.fault(shapes.detail, faultAt(cx, model, node, at, inputs.tensors));
  return finish(
    cx,
    model,
    inputs,
    { output: shapes?.output ?? unranked('the model could not be followed'), weights: weightsOf(model) },
    at,
    args,
  );
}

function unknownTensor(tensors: readonly TensorValue[], why: string): Value {
  return tensors.length > 0 ? { kind: 'tensor', shape: unranked(why), flavour: 'array' } : unknownValue(why);
}

/** How an input fits what a model was made for: Keras adds or takes away a last axis of length 1. */
export function fitsInput(wanted: Shape, got: Shape, version: 2 | 3 = 3): { readonly axis?: number } | undefined {
  if (!isRanked(wanted) || !isRanked(got)) return undefined;
  const [w, g] = [wanted.dims, got.dims];
  // Keras 2 compares the axes that both have, and leaves the rest to the layers.
  if (version === 2) return g.length < w.length ? differs(w.slice(0, g.length), g) : differs(w, g);
  if (g.length === w.length + 1 && same(g.at(-1)!, ONE) !== 'no') return differs(w, g.slice(0, -1));
  // An open axis of the model is not 1 for Keras, whatever the data would make of it.
  if (g.length === w.length - 1 && w.at(-1)!.kind !== 'open' && same(w.at(-1)!, ONE) !== 'no')
    return differs(w.slice(0, -1), g);
  if (g.length !== w.length) return {};
  return differs(w, g);
}

const ONE: Dim = { kind: 'known', value: 1 };

/** The first axis behind the batch whose lengths surely differ. */
function differs(wanted: readonly Dim[], got: readonly Dim[]): { readonly axis: number } | undefined {
  for (let axis = 1; axis < wanted.length; axis++) if (same(wanted[axis]!, got[axis]!) === 'no') return { axis };
  return undefined;
}

function checkInputs(
  cx: Evaluator,
  model: ModelObject,
  { shapes, structure, gap, tensors }: LayerInputs,
): Failure | undefined {
  const wanted = inputTensors(model);
  if (shapes.length !== wanted.length && structure !== 'dict' && gap === undefined)
    return fail({ kind: 'data-count', wanted: wanted.length, got: shapes.length });
  if (shapes.length === wanted.length) {
    for (let i = 0; i < wanted.length; i++) {
      const takes = !tensors.some(isSymbolic) && takesOtherSizes(cx, model, shapes[i]!);
      if (fitsInput(wanted[i]!.shape, shapes[i]!, cx.options.kerasVersion) && !takes)
        return fail({ kind: 'data-mismatch', input: i, wanted: wanted[i]!.shape, got: shapes[i]! });
    }
  }
  return undefined;
}

/**
 * On data a Sequential does not compare its input's sizes, only its rank: what its layers take, it takes. A functional
 * model does compare them.
 */
export function takesOtherSizes(cx: Evaluator, model: ModelObject, got: Shape): boolean {
  const [wanted] = inputTensors(model);
  if (model.kind !== 'sequential' || !wanted || !fitsInput(wanted.shape, got)?.axis) return false;
  return !(modelShapes(cx, model, [got], 'anew') instanceof Failure);
}

/** Output shapes and weights for inputs of these shapes. */
export function modelShapes(
  cx: Evaluator,
  model: ModelObject,
  inputs: readonly Shape[],
  how: Rerun = 'adjusted',
):
  | Failure
  | { readonly output: ShapeTree; readonly weights: readonly WeightSpec[]; readonly context?: Applied['context'] }
  | undefined {
  const weights = weightsOf(model) ?? [];
  if (model.kind === 'sequential' && !model.inputLayer) {
    let current: ShapeTree = inputs[0] ?? unranked('it has no input');
    const all: WeightSpec[] = [];
    for (const layer of model.stack) {
      const through = shapesThrough(
        cx,
        layer,
        'kind' in current ? [current] : 'named' in current ? Object.values(current.named) : current,
      );
      if (!through || through instanceof Failure) return through;
      current = through.output;
      all.push(...through.weights);
    }
    return { output: current, weights: all };
  }
  const outs = outputTensors(model);
  const ins = inputTensors(model);
  if (outs.length === 0 || model.uncertain !== undefined)
    return { output: unranked(model.uncertain ?? 'its outputs are not known'), weights };
  const shapes = rerun(cx, ins, outs, inputs, how);
  if (shapes instanceof Failure) return shapes;
  if (model.outputs?.kind === 'tensor') return { output: shapes[0]!, weights };
  if (model.outputs?.kind === 'dict') {
    const named = Object.fromEntries(
      [...model.outputs.entries.keys()].sort().map((key, i) => [key, shapes[i] ?? unranked('an output by name')]),
    );
    return { output: { named }, weights };
  }
  return { output: shapes.length === 1 ? shapes[0]! : shapes, weights };
}

/** Whether the rank of an input is fitted to what the model wants; `anew`: even where it seems to say nothing new. */
type Rerun = 'adjusted' | 'as it is' | 'anew';

/** Runs the graph on other input shapes. Where they say no more than the model's own, its outputs keep their shapes. */
function rerun(
  cx: Evaluator,
  ins: readonly TensorValue[],
  outs: readonly TensorValue[],
  given: readonly Shape[],
  how: Rerun,
): readonly Shape[] | Failure {
  const adjusts = how !== 'as it is';
  const batch = given[0] && isRanked(given[0]) && given[0].dims.length > 0 ? given[0].dims[0]! : OPEN;
  const sameAsBefore =
    how !== 'anew' &&
    ins.length === given.length &&
    ins.every((t, i) => saysNoMore(t.shape, given[i]!) && (adjusts || sameRank(t.shape, given[i]!)));
  const own = outs.map(t => withBatch(t.shape, batch));
  if (sameAsBefore) return own;
  const graph = graphOf(ins, outs);
  const known = new Map<GraphNode, readonly Shape[]>();
  ins.forEach((t, i) => {
    const from = origin(t);
    if (from && given[i]) known.set(from.node, [adjusts ? adjusted(t.shape, given[i]) : given[i]]);
  });
  const shapeNow = (t: TensorValue): Shape => {
    const from = origin(t);
    return (from && known.get(from.node)?.[from.output]) ?? closed(t.shape);
  };
  for (const node of graph.ordered) {
    if (known.has(node)) continue;
    const now = through(cx, node.layer, node, node.inputs.map(shapeNow));
    const lenient = !adjusts && now instanceof Failure && !CHECKS_RANK.test(node.layer.className);
    if (now instanceof Failure && !lenient) return now;
    known.set(node, now && !(now instanceof Failure) ? now : node.outputs.map(lenient ? lost : closed));
  }
  return outs.map(t => withBatch(shapeNow(t), batch));
}

function through(
  cx: Evaluator,
  layer: LayerObject,
  node: GraphNode,
  inputs: readonly Shape[],
): readonly Shape[] | Failure | undefined {
  if (layer instanceof OperationObject) return layer.rerun?.(inputs);
  const result =
    layer.spec && !layer.instance && !(layer instanceof ModelObject)
      ? applyLayer(layer.spec, { args: layer.args, inputs, structure: node.structure === 'single' ? 'single' : 'list' })
      : shapesThrough(cx, layer, inputs);
  if (!result || result instanceof Failure) return result;
  const { spec, built } = layer;
  if (spec && built?.weights && built.inputs[0] && inputs[0]) {
    const clash = checkFixedAxes(spec, layer.args, built.inputs[0], inputs[0]);
    if (clash) return clash;
  }
  const { output } = result;
  return 'kind' in output ? [output] : 'named' in output ? Object.values(output.named) : output;
}

/** Open axes of a model are lengths of their own on another input: nothing is known of them here. */
function closed(s: Shape): Shape {
  return isRanked(s)
    ? ranked(
        s.dims.map((d, i) => (i > 0 && d.kind === 'open' ? unknownDim('it depends on the input of this call') : d)),
      )
    : s;
}

/** Layers whose `compute_output_shape` itself refuses an input of another rank. */
const CHECKS_RANK = /^(?:Separable|Depthwise)?Conv/;

const lost = (): Shape => unranked('its input has another rank than the model was made for');

function sameRank(a: Shape, b: Shape): boolean {
  return !isRanked(a) || !isRanked(b) || a.dims.length === b.dims.length;
}

/**
 * Inputs in a dict for a model whose inputs are a list: Keras goes by the names of its input layers. Undefined where
 * they need no sorting or cannot be sorted.
 */
export function byName(model: ModelObject, given: Value | undefined): Value | undefined {
  if (given?.kind !== 'dict' || given.open !== undefined) return undefined;
  if (model.inputs?.kind !== 'list' && model.inputs?.kind !== 'tuple') return undefined;
  const items = inputTensors(model).map(t => given.entries.get(origin(t)?.node.layer.name ?? ''));
  return items.every(item => item !== undefined) ? list(items) : undefined;
}

function withBatch(s: Shape, batch: Dim): Shape {
  return isRanked(s) && s.dims[0]?.kind === 'open' ? ranked([batch, ...s.dims.slice(1)]) : s;
}

function adjusted(wanted: Shape, got: Shape): Shape {
  if (!isRanked(wanted) || !isRanked(got)) return got;
  if (got.dims.length === wanted.dims.length + 1) return ranked(got.dims.slice(0, -1));
  return got.dims.length === wanted.dims.length - 1 ? ranked([...got.dims, ONE]) : got;
}

function saysNoMore(wanted: Shape, got: Shape): boolean {
  if (!isRanked(wanted) || !isRanked(got)) return true;
  const dims = (adjusted(wanted, got) as RankedShape).dims;
  return wanted.dims.every((d, i) => i === 0 || d.kind !== 'open' || dims[i]!.kind === 'open');
}
