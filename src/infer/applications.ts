/**
 * Models of keras.applications: functional models whose input, output and weights the catalogue knows, and whose layers
 * it does not list. One layer stands for all of them.
 */
import {
  type ApplicationModel,
  applicationModel,
  type ApplicationSpec,
  nameOfApplication,
} from '../catalogue/applications';
import { bindArguments, NO_ARGUMENTS, readArguments } from '../catalogue/arguments';
import type { Arguments, LayerSpec, WeightSpec } from '../catalogue/spec';
import { unknownDim } from '../ir/dim';
import { Failure } from '../ir/fault';
import type { Expression } from '../ir/program';
import type { Span } from '../ir/span';
import { list, type SequenceValue, type TensorValue, unknownValue, type Value } from '../ir/value';
import type { CallArguments } from './call';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { isInput, LayerObject, ModelObject, origin } from './graph';
import { makeInputLayer } from './inputs';
import { callLayer, givenOf, layerName, layerValue, recordCall, siteOf } from './layers';
import { isSymbolic } from './operations';

/** `keras.applications.ResNet50(…)`. */
export function makeApplication(
  cx: Evaluator,
  spec: ApplicationSpec,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const site = siteOf(
    cx,
    at,
    node,
    args,
    spec.parameters.map(p => p.name),
  );
  const where = { place: site.place, callee: spec.name, className: spec.name, origins: [], anchors: site.anchors };
  const bound = bindArguments(spec.parameters, givenOf(args));
  if (bound instanceof Failure) {
    // Keras 2 handed further names on to its back end.
    return cx.options.kerasVersion === 2
      ? unknownValue(`\`${spec.name}\` is called in a way that is not followed`)
      : cx.fault(bound.detail, where);
  }
  if (args.open !== undefined)
    for (const p of spec.parameters) if (!bound.has(p.name)) bound.set(p.name, unknownValue(args.open));
  const read = readArguments(spec.parameters, bound);
  const made = applicationModel(spec, read);
  if (made instanceof Failure) return cx.fault(made.detail, where);

  const given = bound.get('input_tensor');
  if (given === AFTER_FAULT) return AFTER_FAULT;
  const input = given && isSymbolic(given) ? given : makeInputLayer(cx, made.input, site);
  const model = new ModelObject({
    className: 'Functional',
    name: nameOf(cx, spec, read, bound.get('name')),
    framework: 'keras',
    site,
    args: NO_ARGUMENTS,
    given: new Map(),
  });
  model.kind = 'functional';
  const all = new LayerObject({
    className: spec.name,
    name: model.name,
    framework: 'keras',
    site,
    args: NO_ARGUMENTS,
    given: new Map(),
    spec: layerOfAll(spec, made),
  });
  all.standsFor = `the layers of \`${spec.name}\` are not listed one by one`;
  cx.hidden++;
  const output = callLayer(cx, all, { positional: [{ value: input, span: at }] }, undefined, at);
  cx.hidden--;
  if (output.kind !== 'tensor') return output;
  model.inputs = sourceOf(input);
  model.outputs = output;
  model.standsFor = all.standsFor;
  recordCall(cx, model, { shapes: [input.shape] }, { output: output.shape, weights: weightsOfAll(made) }, at);
  return { kind: 'model', model };
}

function nameOf(cx: Evaluator, spec: ApplicationSpec, args: Arguments, given: Value | undefined): string {
  return given === undefined || given.kind === 'none'
    ? nameOfApplication(spec, args)
    : layerName(cx, 'Functional', given);
}

function weightsOfAll({ params }: ApplicationModel): readonly WeightSpec[] {
  const other: WeightSpec = { name: 'statistics', shape: [params.nonTrainable], trainable: false };
  const own: WeightSpec = { name: 'weights', shape: [params.trainable] };
  return params.nonTrainable.kind === 'known' && params.nonTrainable.value === 0 ? [own] : [own, other];
}

function layerOfAll(spec: ApplicationSpec, made: ApplicationModel): LayerSpec {
  return {
    className: spec.name,
    family: 'core',
    doc: `All layers of keras.applications.${spec.name}.`,
    parameters: [],
    rank: { exact: 4 },
    fixedAxes: () => [-1],
    weights: () => weightsOfAll(made),
    output: c => made.outputFor(c.input),
    flops: () => unknownDim(`the operations of ${spec.name} are not counted`),
    examples: [],
  };
}

/** The model's own input is the `Input` behind a tensor that was handed over. */
function sourceOf(tensor: TensorValue): Value {
  const found = new Map<object, TensorValue>();
  const visit = (t: TensorValue, depth: number): void => {
    const from = origin(t);
    if (!from || depth > 200 || found.has(from.node)) return;
    if (isInput(from.node.layer)) found.set(from.node, t);
    else for (const input of from.node.inputs) visit(input, depth + 1);
  };
  visit(tensor, 0);
  const inputs = [...found.values()];
  return inputs.length === 1 ? inputs[0]! : inputs.length === 0 ? tensor : list(inputs);
}

// ---------------------------------------------------------------------------------------- the layers that it stands for

const WHOLE = new WeakSet<SequenceValue>();

/** `model.layers` of such a model: a list whose number of items is not known, with one layer for every item. */
export function standInLayers(model: ModelObject): Value | undefined {
  if (model.standsFor === undefined || !model.outputs || model.outputs.kind !== 'tensor') return undefined;
  const inner = origin(model.outputs)?.node.layer;
  if (!inner) return undefined;
  const layers: SequenceValue = { kind: 'list', items: [], rest: layerValue(inner) };
  WHOLE.add(layers);
  return layers;
}

/**
 * What a loop over all layers of such a model runs on: its body does the same to each of them, so once for the one layer
 * that stands for all is exact.
 */
export function wholeOf(value: Value): Value | undefined {
  return value.kind === 'list' && WHOLE.has(value) ? value.rest : undefined;
}
