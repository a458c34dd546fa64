/**
 * `compile`, `fit`, `evaluate`, `predict`: features against the model's input, labels against its output and the loss.
 * Most real shape faults show here. Sources: keras/src/models/functional.py (`_adjust_input_rank`),
 * keras/src/losses/loss.py (`squeeze_or_expand_to_same_rank`), keras/src/backend/tensorflow/nn.py (cross-entropies).
 */
import { shapesOf } from '../catalogue/apply';
import { labelFit } from '../catalogue/losses';
import { isKnown, known, less, OPEN, same, symbol } from '../ir/dim';
import { Failure, type FaultDetail } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type Shape } from '../ir/shape';
import type { Span } from '../ir/span';
import {
  frameTensor,
  type InstanceValue,
  list,
  NONE,
  type TensorValue,
  tuple,
  unknownValue,
  type Value,
} from '../ir/value';
import { instanceMethod } from './attributes';
import { argument, type CallArguments, callValue } from './call';
import { classInfo } from './class-info';
import { unknownName } from './compile-names';
import { callCustomLayer } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import type { DataFact, LossFact, OutputFact } from './facts';
import { type CallSite, type CompileState, LAYER_CELL, type LayerObject, ModelObject, origin } from './graph';
import { prefixed, siteOf } from './layers';
import { lossOf, lossPlace, outputsOf } from './losses';
import { asGraphTensor } from './lambda';
import { byName, fitsInput, inputTensors, modelShapes, takesOtherSizes } from './model';
import { tensorsIn } from './operations';
import { mapTensors } from './ops';
import { buildSequential } from './sequential';
import { innerLayers } from './weights';

const COMPILE_NAMES = [
  'optimizer',
  'loss',
  'loss_weights',
  'metrics',
  'weighted_metrics',
  'run_eagerly',
  'steps_per_execution',
  'jit_compile',
  'auto_scale_loss',
];
const FIT_NAMES = [
  'x',
  'y',
  'batch_size',
  'epochs',
  'verbose',
  'callbacks',
  'validation_split',
  'validation_data',
  'shuffle',
  'class_weight',
  'sample_weight',
];

function named(args: CallArguments, names: readonly string[]): Map<string, Value> {
  const values = new Map<string, Value>();
  args.positional.forEach((a, i) => names[i] !== undefined && values.set(names[i], asArrays(a.value)));
  for (const [name, a] of args.keywords ?? []) values.set(name, asArrays(a.value));
  return values;
}

/** Keras takes tables as arrays, also inside of tuples, lists and dictionaries. */
function asArrays(value: Value): Value {
  if (value.kind === 'frame') return frameTensor(value);
  const holds = (v: Value): boolean =>
    v.kind === 'frame' || ((v.kind === 'tuple' || v.kind === 'list') && v.items.some(holds));
  if (value.kind === 'dict' && [...value.entries.values()].some(holds))
    return { ...value, entries: new Map([...value.entries].map(([key, v]) => [key, asArrays(v)])) };
  if ((value.kind !== 'tuple' && value.kind !== 'list') || !holds(value)) return value;
  return { ...value, items: value.items.map(asArrays) };
}

export function compileModel(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  cx.journal.touch(model, LAYER_CELL);
  const state: CompileState = {
    values: named(args, COMPILE_NAMES),
    site: siteOf(cx, at, node, args, COMPILE_NAMES),
    isOpen: args.open !== undefined,
  };
  model.compiled = state;
  cx.compileCalls.push({ model, state });
  return NONE;
}

/** `compile` of a model of another library, of which at least the output is known: transformers' TF classes return logits. */
export function compileForeign(
  cx: Evaluator,
  self: Value & { kind: 'object' },
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const name = self.path.slice(self.path.lastIndexOf('.') + 1);
  if (self.path.startsWith('transformers.') && /^TF\w+For\w+/.test(name)) {
    cx.foreignCompiles.push({
      path: self.path,
      state: { values: named(args, COMPILE_NAMES), site: siteOf(cx, at, node, args, COMPILE_NAMES) },
    });
  }
  return NONE;
}

export function fitModel(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const values = named(args, FIT_NAMES);
  const site = siteOf(cx, at, node, args, FIT_NAMES);
  const data = splitData(values.get('x'), values.get('y'));
  buildFrom(cx, model, data.x, at);
  cx.journal.touch(model, LAYER_CELL);
  model.fitted = { values, site, features: data.x, labels: data.y };
  if (method === 'fit') runTrainStep(cx, model, values.get('x'), data, at);
  const share = values.get('validation_split');
  checkData(cx, model, method, data, site, batchSizeOf(values), share !== undefined && !isZero(share));
  const validation = values.get('validation_data');
  if (validation && validation.kind !== 'none') {
    const [x, y] =
      validation.kind === 'tuple' || validation.kind === 'list' ? validation.items : [validation, undefined];
    checkData(cx, model, 'validation_data', splitData(x, y), site, undefined);
  }
  return { kind: 'object', path: 'keras.callbacks.History', args: new Map() };
}

/** A `train_step` of the program's own gets one batch, as `fit` would hand it over. */
function runTrainStep(cx: Evaluator, model: ModelObject, given: Value | undefined, { x, y }: Data, at: Span): void {
  const { instance } = model;
  const step = instance && instanceMethod(cx, instance, 'train_step');
  if (!step || model.uncertain !== undefined || !x || !areTensors(x) || (y && !areTensors(y))) return;
  const isDataset = given?.kind === 'object';
  const batch = isDataset
    ? given.element && mapTensors(given.element, sharedBatch)
    : y
      ? tuple([oneBatch(x), oneBatch(y)])
      : oneBatch(x);
  if (batch) callValue(cx, step, { positional: [{ value: batch, span: at }] }, undefined, at);
}

/** How many samples a step sees is one number that all of its arrays share; no name of a program is written so. */
const BATCH = symbol('batch size');

/** The elements of a data set as they are; what `batch` left open is the batch. */
function sharedBatch(t: TensorValue): TensorValue {
  if (!isRanked(t.shape) || t.shape.dims[0]?.kind !== 'open') return t;
  return { ...t, shape: ranked([BATCH, ...t.shape.dims.slice(1)]) };
}

function oneBatch(value: Value): Value {
  if (value.kind === 'dict')
    return { kind: 'dict', entries: new Map([...value.entries].map(([key, v]) => [key, oneBatch(v)])) };
  if (value.kind !== 'tensor' || !isRanked(value.shape) || value.shape.dims.length === 0) return value;
  // Keras makes a column of a Series of pandas (trainers/data_adapters/array_slicing.py).
  if (value.flavour === 'pandas' && value.shape.dims.length === 1)
    return { ...value, flavour: 'tensorflow', shape: ranked([BATCH, known(1)]) };
  return { ...value, flavour: 'tensorflow', shape: ranked([BATCH, ...value.shape.dims.slice(1)]) };
}

export function evaluateModel(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const values = named(args, ['x', 'y', 'batch_size']);
  const data = splitData(values.get('x'), values.get('y'));
  buildFrom(cx, model, data.x, at);
  checkData(cx, model, method, data, siteOf(cx, at, node, args, ['x', 'y', 'batch_size']), batchSizeOf(values));
  return unknownValue('the loss and metrics of the model');
}

export function predictModel(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const given = argument(args, 'x', 0);
  const x = given && asArrays(given);
  buildFrom(cx, model, x, at);
  const failed = checkData(
    cx,
    model,
    method,
    { x, y: undefined },
    siteOf(cx, at, node, args, ['x', 'batch_size']),
    undefined,
  );
  if (failed) return AFTER_FAULT;
  const batch = x?.kind === 'tensor' && isRanked(x.shape) ? x.shape.dims[0] : undefined;
  const arrays = outputsOf(model, undefined).map((o): Value => ({
    kind: 'tensor',
    flavour: 'numpy',
    dtype: 'float32',
    place: cx.place(at),
    shape: isRanked(o.shape) ? ranked(o.shape.dims.map((d, i) => (i === 0 && batch ? batch : d))) : o.shape,
  }));
  if (arrays.length === 0) return unknownValue('what the model predicts is not known');
  return arrays.length === 1 ? arrays[0]! : { kind: 'list', items: arrays };
}

interface Data {
  readonly x: Value | undefined;
  readonly y: Value | undefined;
}

/** A data set or generator brings its labels along: its elements are `(features, labels)`. */
function splitData(x: Value | undefined, y: Value | undefined): Data {
  if (x?.kind !== 'object') return { x, y };
  const { element } = x;
  if (element?.kind === 'tuple' || element?.kind === 'list') return { x: element.items[0], y: element.items[1] };
  return { x: element, y: undefined };
}

function batchSizeOf(values: ReadonlyMap<string, Value>): number | undefined {
  const given = values.get('batch_size');
  if (!given || given.kind === 'none') return 32;
  return given.kind === 'number' ? given.value : undefined;
}

/** A model whose input was not known until now gets it from the data. */
function buildFrom(cx: Evaluator, model: ModelObject, x: Value | undefined, at: Span): void {
  if (x?.kind !== 'tensor' || !isRanked(x.shape)) return;
  if (model.kind === 'sequential' && !model.inputLayer) {
    // An array of one axis is fed as a column.
    buildSequential(
      cx,
      model,
      x.shape.dims.length === 1 ? ranked([...x.shape.dims, { kind: 'known', value: 1 }]) : x.shape,
    );
  } else if (model.kind === 'subclass' && model.instance && !model.built) {
    const batch = asGraphTensor({ ...x, shape: ranked([{ kind: 'open' }, ...x.shape.dims.slice(1)]) });
    callCustomLayer(cx, model, { positional: [{ value: batch, span: at }] }, at);
  }
}

// -------------------------------------------------------------------------------------------------------- checking

function factOf(t: TensorValue): DataFact {
  return { shape: t.shape, dtype: t.dtype, facts: t.facts, place: t.place };
}

/** Checks what surely fails and records what rules may look at. True where something failed. */
function checkData(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  data: Data,
  site: CallSite,
  batchSize: number | undefined,
  split = false,
): boolean {
  const x = byName(model, data.x) ?? data.x;
  const features = x ? tensorsIn(x) : [];
  const y = labelsByName(model, data.y) ?? data.y;
  const labels = y ? tensorsIn(y) : [];
  const listed = outputsOf(model, model.compiled);
  const outputs = listed.length > 0 ? listed : outputsOfClass(model);
  if (model.uncertain === undefined) {
    cx.fits.push({
      method,
      place: site.place,
      site,
      features: features.map(factOf),
      labels: labels.map(factOf),
      outputs,
      model: model.name,
    });
  }
  const fault = (
    detail: FaultDetail,
    tensors: readonly TensorValue[],
    more: readonly { place: NonNullable<TensorValue['place']>; what: string }[] = [],
  ): true => {
    cx.fault(detail, {
      place: site.place,
      callee: `${model.name}.${method}`,
      className: model.className,
      anchors: { ...site.anchors, ...anchorsAround(model, outputs) },
      origins: [
        ...more,
        ...tensors.flatMap((t, i) => (t.place ? [{ place: t.place, what: i === 0 ? 'data' : 'labels' }] : [])),
      ],
    });
    return true;
  };
  const mismatch = featureFault(cx, model, x, features);
  if (mismatch) return fault(mismatch, features, [{ place: model.site.place, what: model.name }]);
  const scalar = numberFault(data);
  if (scalar) return fault(scalar, []);
  const misspelled = nameFault(cx, model, method, labels);
  if (misspelled) {
    const { site: compiled } = model.compiled!;
    cx.fault(misspelled, {
      place: compiled.place,
      callee: `${model.name}.compile`,
      anchors: compiled.anchors,
      origins: [],
    });
    return true;
  }
  const loss = lossFault(cx, model, method, labels);
  if (loss) return fault(loss, [], model.compiled && [{ place: model.compiled.site.place, what: 'compile' }]);
  if (lacksLabels(model, method, data))
    return fault({ kind: 'argument-missing', name: 'y' }, features, [
      { place: model.compiled!.site.place, what: 'compile' },
    ]);
  const counts = countFault(features, labels, split);
  if (counts) return fault(counts, [...features, ...labels]);
  if (labels.length !== outputs.length) return false;
  const fed = outputsFor(cx, model, features, outputs.length);
  for (const [i, plain] of outputs.entries()) {
    const output = fed?.[i] ? { ...plain, shape: fed[i] } : plain;
    const detail = output.loss && labelFaultOf(output, output.loss, labels[i]!, i, batchSize);
    if (detail) {
      const from = output.layer ? [{ place: output.layer.place, what: output.layer.name }] : [];
      return fault(detail, [labels[i]!], [...from, { place: output.loss.place, what: output.loss.name }]);
    }
  }
  return false;
}

/** What a model of the program's own class gave last, unless the class trains in its own way. */
function outputsOfClass(model: ModelObject): readonly OutputFact[] {
  const { instance, lastOutputs, compiled } = model;
  const [shape] = lastOutputs ?? [];
  if (!instance || !compiled || lastOutputs?.length !== 1 || !shape || !isRanked(shape) || shape.dims.length !== 2)
    return [];
  if (takesCareOfItself(instance)) return [];
  const loss = compiled.values.get('loss');
  return [{ shape: ranked([OPEN, shape.dims[1]!]), loss: lossOf(loss, lossPlace(compiled.site)) }];
}

function takesCareOfItself(instance: InstanceValue): boolean {
  const info = classInfo(instance.of);
  const isFollowed = info.lineage().every(one => one.bases.every(b => b.kind === 'class' || b.kind === 'library'));
  return !isFollowed || OWN_TRAINING.some(name => info.find(name) !== undefined);
}

const OWN_TRAINING = ['train_step', 'test_step', 'compute_loss', 'compile', 'fit', 'evaluate'];

/** The shapes of the outputs for these features, where open axes of the input get their lengths. */
function outputsFor(
  cx: Evaluator,
  model: ModelObject,
  features: readonly TensorValue[],
  count: number,
): readonly Shape[] | undefined {
  if (model.kind !== 'functional' || model.uncertain !== undefined || features.length === 0) return undefined;
  const open = features.map(t => (isRanked(t.shape) ? ranked([OPEN, ...t.shape.dims.slice(1)]) : t.shape));
  const through = modelShapes(cx, model, open);
  if (!through || through instanceof Failure) return undefined;
  const shapes = shapesOf(through.output);
  return shapes.length === count ? shapes : undefined;
}

/** Labels in a dict for a list of outputs go by the names of the layers that made the outputs. */
function labelsByName(model: ModelObject, given: Value | undefined): Value | undefined {
  if (given?.kind !== 'dict' || given.open !== undefined || model.outputs?.kind !== 'list') return undefined;
  const items = tensorsIn(model.outputs).map(t => given.entries.get(origin(t)?.node.layer.name ?? ''));
  return items.every(item => item !== undefined) ? list(items) : unknownValue('which output each label is for');
}

/** The parts of the calls that made the model's input and output and chose its loss. */
function anchorsAround(model: ModelObject, outputs: readonly OutputFact[]): Record<string, Span> {
  const [only] = outputs;
  return {
    ...(model.compiled ? prefixed('compile', model.compiled.site) : {}),
    ...(outputs.length === 1 && only?.layer
      ? prefixed('output', { place: only.layer.place, anchors: only.layer.anchors })
      : {}),
    ...(model.inputLayer ? prefixed('input', model.inputLayer.site) : {}),
  };
}

function featureFault(
  cx: Evaluator,
  model: ModelObject,
  x: Value | undefined,
  features: readonly TensorValue[],
): FaultDetail | undefined {
  if (model.uncertain !== undefined) return undefined;
  const wanted = inputTensors(model);
  if (wanted.length !== features.length) {
    // A list stands for one array an input; anything else in it, and it is no list of arrays.
    const counted =
      x?.kind === 'tensor' ||
      (x?.kind === 'list' && !x.rest && x.items.length > 0 && x.items.every(i => i.kind === 'tensor'));
    return counted && wanted.length > 0 && model.kind !== 'subclass'
      ? { kind: 'data-count', wanted: wanted.length, got: features.length }
      : undefined;
  }
  for (const [input, t] of wanted.entries()) {
    const got = features[input]!.shape;
    if (fitsInput(t.shape, got, cx.options.kerasVersion) && !takesOtherSizes(cx, model, got))
      return { kind: 'data-mismatch', input, wanted: t.shape, got };
  }
  return undefined;
}

/** One number where an array belongs. */
function numberFault({ x, y }: Data): FaultDetail | undefined {
  const isNumber = (value: Value): boolean =>
    value.kind === 'dict'
      ? [...value.entries.values()].some(isNumber)
      : value.kind === 'number' || (value.kind === 'unknown' && value.isNumber === true);
  const name = x && isNumber(x) ? 'x' : y && isNumber(y) ? 'y' : undefined;
  return name && { kind: 'argument-invalid', name, got: 'a single number', wanted: 'an array' };
}

const isZero = (value: Value): boolean => value.kind === 'number' && value.value === 0;

/** Features alone, where a loss compares the outputs with labels; also a data set that has none. */
function lacksLabels(model: ModelObject, method: string, { x, y }: Data): boolean {
  const { compiled } = model;
  if (!/^(fit|evaluate|validation_data)$/.test(method) || y !== undefined || !x || !areTensors(x)) return false;
  const loss = compiled?.values.get('loss');
  const isLoss = loss && (/^(string|function|library)$/.test(loss.kind) || lossOf(loss, { start: 0, end: 0 }));
  if (!compiled || compiled.isOpen || !isLoss) return false;
  if (model.uncertain !== undefined) return false;
  return model.instance ? !takesCareOfItself(model.instance) : model.kind !== 'subclass';
}

function areTensors(value: Value): boolean {
  if (value.kind === 'dict')
    return value.open === undefined && value.entries.size > 0 && [...value.entries.values()].every(areTensors);
  return value.kind === 'tensor';
}

/** A loss or metric of no name that Keras knows, where it is about to be used. */
function nameFault(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  labels: readonly TensorValue[],
): FaultDetail | undefined {
  const { compiled, instance } = model;
  if (!compiled || compiled.isOpen || labels.length === 0 || cx.options.kerasVersion === 2) return undefined;
  if (!/^(fit|evaluate|train_on_batch|test_on_batch)$/.test(method) || cx.language !== 'python') return undefined;
  if (instance ? takesCareOfItself(instance) : model.kind === 'subclass') return undefined;
  return unknownName(compiled);
}

/** `fit` of a model that was compiled without a loss; layers of the program's own may add one. */
function lossFault(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  labels: readonly TensorValue[],
): FaultDetail | undefined {
  const trains = method === 'fit' || method === 'train_on_batch';
  const { compiled } = model;
  if (!trains || labels.length === 0 || !compiled || compiled.isOpen || compiled.values.has('loss')) return undefined;
  if (model.uncertain !== undefined) return undefined;
  if (model.instance ? takesCareOfItself(model.instance) : model.kind === 'subclass') return undefined;
  const mayAdd = (layer: LayerObject): boolean =>
    layer instanceof ModelObject
      ? (layer.kind === 'subclass' && !layer.instance) ||
        layer.uncertain !== undefined ||
        innerLayers(layer).some(mayAdd)
      : [...layer.given].some(([name, value]) => name.endsWith('regularizer') && value.kind !== 'none') ||
        layer.className === 'ActivityRegularization' ||
        (layer.instance !== undefined && layer.uncertain !== undefined);
  return cx.addsLoss || innerLayers(model).some(mayAdd) ? undefined : { kind: 'argument-missing', name: 'loss' };
}

/**
 * All arrays must have the same number of samples. Where a share of them is split off for validation, each array is cut
 * by the number of the first, so that only one that is shorter fails.
 */
function countFault(
  features: readonly TensorValue[],
  labels: readonly TensorValue[],
  split: boolean,
): FaultDetail | undefined {
  const sizes = [...features.map(t => ({ t, what: 'x' })), ...labels.map(t => ({ t, what: 'y' }))].flatMap(
    ({ t, what }) => {
      const size = isRanked(t.shape) ? t.shape.dims[0] : undefined;
      return size ? [{ what, size }] : [];
    },
  );
  if (split) {
    const [first, ...others] = sizes;
    return first && others.some(other => less(other.size, first.size) === 'yes')
      ? { kind: 'sample-count', sizes }
      : undefined;
  }
  for (const one of sizes) {
    if (sizes.some(other => same(one.size, other.size) === 'no')) return { kind: 'sample-count', sizes };
  }
  return undefined;
}

function labelFaultOf(
  output: OutputFact,
  loss: LossFact,
  labels: TensorValue,
  index: number,
  batchSize: number | undefined,
): FaultDetail | undefined {
  // Keras compares the batch like any other axis; how long it is, is only known where the number of samples is.
  const samples = isRanked(labels.shape) ? labels.shape.dims[0] : undefined;
  const batch = samples && isKnown(samples) && batchSize !== undefined ? Math.min(samples.value, batchSize) : undefined;
  if (labelFit(loss.spec, labels.shape, output.shape, batch) === 'fails') {
    return { kind: 'label-mismatch', loss: loss.name, labels: labels.shape, output: output.shape, outputIndex: index };
  }
  if (loss.name === 'sparse_categorical_crossentropy' && labels.facts?.classes && isRanked(output.shape)) {
    const classes = output.shape.dims.at(-1)!;
    // One output has no classes to choose from: that runs, and another rule speaks.
    if (isKnown(classes) && classes.value > 1 && less(classes, labels.facts.classes) === 'yes') {
      return { kind: 'label-range', loss: loss.name, classes, labels: labels.facts.classes };
    }
  }
  return undefined;
}
