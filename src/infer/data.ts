/**
 * `compile`, `fit`, `evaluate`, `predict`: features against the model's input, labels against its output and the loss.
 * Most real shape faults show here. Sources: keras/src/models/functional.py (`_adjust_input_rank`),
 * keras/src/losses/loss.py (`squeeze_or_expand_to_same_rank`), keras/src/backend/tensorflow/nn.py (cross-entropies).
 */
import { labelFit } from '../catalogue/losses';
import { isKnown, less, same } from '../ir/dim';
import type { FaultDetail } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked } from '../ir/shape';
import type { Span } from '../ir/span';
import { NONE, type TensorValue, unknownValue, type Value } from '../ir/value';
import { argument, type CallArguments } from './call';
import { callCustomLayer } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import type { DataFact, LossFact, OutputFact } from './facts';
import { type CallSite, type CompileState, LAYER_CELL, ModelObject } from './graph';
import { prefixed, siteOf } from './layers';
import { outputsOf } from './losses';
import { asGraphTensor } from './lambda';
import { fitsInput, inputTensors } from './model';
import { tensorsIn } from './operations';
import { buildSequential } from './sequential';

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
  args.positional.forEach((a, i) => names[i] !== undefined && values.set(names[i], a.value));
  for (const [name, a] of args.keywords ?? []) values.set(name, a.value);
  return values;
}

export function compileModel(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  cx.journal.touch(model, LAYER_CELL);
  const state: CompileState = { values: named(args, COMPILE_NAMES), site: siteOf(cx, at, node, args, COMPILE_NAMES) };
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
  checkData(cx, model, method, data, site, batchSizeOf(values));
  const validation = values.get('validation_data');
  if (validation && validation.kind !== 'none') {
    const [x, y] =
      validation.kind === 'tuple' || validation.kind === 'list' ? validation.items : [validation, undefined];
    checkData(cx, model, 'validation_data', splitData(x, y), site, undefined);
  }
  return { kind: 'object', path: 'keras.callbacks.History', args: new Map() };
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
  const x = argument(args, 'x', 0);
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
): boolean {
  const features = data.x ? tensorsIn(data.x) : [];
  const labels = data.y ? tensorsIn(data.y) : [];
  const outputs = outputsOf(model, model.compiled);
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
  const mismatch = featureFault(model, data.x, features);
  if (mismatch) return fault(mismatch, features, [{ place: model.site.place, what: model.name }]);
  const counts = countFault(features, labels);
  if (counts) return fault(counts, [...features, ...labels]);
  if (labels.length !== outputs.length) return false;
  for (const [i, output] of outputs.entries()) {
    const detail = output.loss && labelFaultOf(output, output.loss, labels[i]!, i, batchSize);
    if (detail) {
      const from = output.layer ? [{ place: output.layer.place, what: output.layer.name }] : [];
      return fault(detail, [labels[i]!], [...from, { place: output.loss.place, what: output.loss.name }]);
    }
  }
  return false;
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
    if (fitsInput(t.shape, got)) return { kind: 'data-mismatch', input, wanted: t.shape, got };
  }
  return undefined;
}

/** All arrays must have the same number of samples. */
function countFault(features: readonly TensorValue[], labels: readonly TensorValue[]): FaultDetail | undefined {
  const sizes = [...features.map(t => ({ t, what: 'x' })), ...labels.map(t => ({ t, what: 'y' }))].flatMap(
    ({ t, what }) => {
      const size = isRanked(t.shape) ? t.shape.dims[0] : undefined;
      return size ? [{ what, size }] : [];
    },
  );
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
