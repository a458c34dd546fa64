/**
 * `compile`, `fit`, `evaluate` and `predict` of TensorFlow.js. It compares every length strictly: nothing is squeezed or
 * broadcast, but a tensor of one axis is fed as a column.
 *
 * Source: `standardizeInputData`, `checkInputData`, `checkLossAndTargetCompatibility` and `compile` in
 * @tensorflow/tfjs-layers 4.22, src/engine/training.ts.
 */
import { snakeName } from '../catalogue';
import { shapesOf } from '../catalogue/apply';
import { lossByName } from '../catalogue/losses';
import { camelName, closest } from '../catalogue/spelling';
import { scriptText, TFJS_LOSSES, TFJS_METRICS, TFJS_OPTIMIZERS } from '../catalogue/tensorflow-js';
import { known, OPEN, same } from '../ir/dim';
import { Failure, type FaultDetail, type Origin } from '../ir/fault';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type RankedShape, type Shape } from '../ir/shape';
import type { Span } from '../ir/span';
import { list, type TensorValue, text, unknownValue, type Value } from '../ir/value';
import type { CallArgument, CallArguments } from './call';
import { compileModel } from './data';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import type { DataFact, OutputFact } from './facts';
import { type CallSite, LAYER_CELL, type ModelObject, origin } from './graph';
import { prefixed, siteOf } from './layers';
import { outputsOf } from './losses';
import { inputTensors, modelShapes } from './model';
import { checkDataset, elementOfDataset } from './tfjs-dataset';
import { checkOptions, configured, entriesOf, type OptionsSite } from './tfjs-options';

const COMPILE_KEYS = { optimizer: 'optimizer', loss: 'loss', metrics: 'metrics' };
const FIT_KEYS: Readonly<Record<string, string>> = {
  batchSize: 'batch_size',
  epochs: 'epochs',
  verbose: 'verbose',
  callbacks: 'callbacks',
  validationSplit: 'validation_split',
  validationData: 'validation_data',
  shuffle: 'shuffle',
  classWeight: 'class_weight',
  sampleWeight: 'sample_weight',
  initialEpoch: 'initial_epoch',
  stepsPerEpoch: 'steps_per_epoch',
  validationSteps: 'validation_steps',
  yieldEvery: 'yield_every',
  batchesPerEpoch: 'steps_per_epoch',
  validationBatchSize: 'validation_batch_size',
  validationBatches: 'validation_batches',
};

// -------------------------------------------------------------------------------------------------------- compile

export function compileTfjs(
  cx: Evaluator,
  model: ModelObject,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const site: OptionsSite = { callee: 'model.compile', node, at };
  if (checkOptions(cx, args, site, ['optimizer', 'loss', 'metrics'], true)) return AFTER_FAULT;
  const { keywords, ...rest } = configured(cx, args, site, COMPILE_KEYS);
  const fault = (detail: FaultDetail): void => {
    const anchors = siteOf(cx, at, node, { positional: [], keywords: keywords ?? new Map() }).anchors;
    cx.fault(detail, {
      place: cx.place(at),
      callee: `${model.name}.compile`,
      className: model.className,
      origins: [],
      anchors,
    });
  };
  const refused = refusedIn(keywords ?? new Map(), rest.open !== undefined);
  if (refused) fault(refused);
  const named = [...(keywords ?? [])].map(([key, a]) => [key, { ...a, value: snaked(a.value) }] as const);
  return compileModel(cx, model, { ...rest, keywords: new Map(named) }, node, at);
}

function refusedIn(given: ReadonlyMap<string, CallArgument>, open: boolean): FaultDetail | undefined {
  const missing = ['optimizer', 'loss'].find(name => isAbsent(given.get(name)?.value));
  if (missing && !open) return { kind: 'argument-missing', name: missing };
  const invalid = (
    name: string,
    value: Value | undefined,
    names: readonly string[],
    suggest: (wrong: string) => string | undefined,
  ): FaultDetail | undefined => {
    if (value?.kind !== 'string' || names.includes(value.value)) return undefined;
    return {
      kind: 'argument-invalid',
      name,
      got: scriptText(value),
      wanted: `the name of ${name === 'optimizer' ? 'an' : 'a'} ${name === 'metrics' ? 'metric' : name}`,
      suggestion: suggest(value.value),
    };
  };
  const optimizers = [...TFJS_OPTIMIZERS, 'Adagrad', 'Adadelta', 'Adam', 'Adamax', 'RMSProp', 'SGD'];
  const optimizer = invalid('optimizer', given.get('optimizer')?.value, optimizers, wrong =>
    TFJS_OPTIMIZERS.includes(wrong.toLowerCase()) ? wrong.toLowerCase() : closest(wrong, TFJS_OPTIMIZERS),
  );
  const loss = given.get('loss')?.value;
  const losses = loss?.kind === 'list' ? loss.items : loss?.kind === 'dict' ? [...loss.entries.values()] : [loss];
  const metric = given.get('metrics')?.value;
  const metrics = metric?.kind === 'list' ? metric.items : [metric];
  return (
    optimizer ??
    losses.map(l => invalid('loss', l, TFJS_LOSSES, nearestLoss)).find(d => d !== undefined) ??
    metrics.map(m => invalid('metrics', m, TFJS_METRICS, nearestMetric)).find(d => d !== undefined)
  );
}

function isAbsent(value: Value | undefined): boolean {
  return value === undefined || value.kind === 'none';
}

/** `mse` is a name in Keras alone. */
function nearestLoss(wrong: string): string | undefined {
  const spec = lossByName(wrong) ?? lossByName(snakeName(wrong));
  const camel = spec ? camelName(spec.name) : camelName(wrong);
  return TFJS_LOSSES.includes(camel) ? camel : closest(wrong, TFJS_LOSSES);
}

const SHORT_METRICS: Readonly<Record<string, string>> = {
  mean_squared_error: 'mse',
  mean_absolute_error: 'mae',
  mean_absolute_percentage_error: 'mape',
};

function nearestMetric(wrong: string): string | undefined {
  return SHORT_METRICS[snakeName(wrong)] ?? closest(wrong, TFJS_METRICS);
}

/** Losses and metrics by Keras's names: `meanSquaredError` is `mean_squared_error`; short ones are the same. */
function snaked(value: Value): Value {
  switch (value.kind) {
    case 'string':
      return text(snakeName(value.value));
    case 'list':
      return list(value.items.map(snaked));
    case 'dict':
      return { kind: 'dict', entries: new Map([...value.entries].map(([k, v]) => [k, snaked(v)])), open: value.open };
    default:
      return value;
  }
}

// -------------------------------------------------------------------------------------------- fit, evaluate, predict

export function fitTfjs(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const isDataset = method === 'fitDataset';
  const position = isDataset ? 1 : 2;
  const options: OptionsSite = { callee: `model.${method}`, node, at };
  checkOptions(cx, args, options, isDataset ? ['epochs'] : ['batchSize', 'epochs'], false, position);
  const { keywords = new Map<string, CallArgument>() } = configured(cx, args, options, FIT_KEYS, position);
  const values = new Map([...keywords].map(([key, a]) => [key, a.value]));
  const site = siteOf(cx, at, node, { ...args, keywords }, isDataset ? ['x'] : ['x', 'y']);
  checkCallbacks(cx, model, method, values.get('callbacks'), node, at, position);
  const [x, y] = isDataset ? examplesOf(args.positional[0]?.value) : args.positional.map(a => a.value);
  cx.journal.touch(model, LAYER_CELL);
  model.fitted = { values, site, features: x, labels: y };
  if (isDataset) {
    const lacksEpochs = isAbsent(values.get('epochs')) && entriesOf(args, node, position).open === undefined;
    if (lacksEpochs) {
      return cx.fault(
        { kind: 'argument-missing', name: 'epochs' },
        {
          place: site.place,
          callee: `${model.name}.${method}`,
          className: model.className,
          origins: [],
          anchors: site.anchors,
        },
      );
    }
    checkDataset(cx, model, method, args.positional[0]?.value, site);
    checkValidation(cx, model, values.get('validation_data'), site);
    return unknownValue('the history of a training');
  }
  checkData(cx, model, method, x, y, site);
  checkValidation(cx, model, values.get('validation_data'), site);
  const size = values.get('batch_size');
  if (size?.kind === 'number' && !(Number.isInteger(size.value) && size.value > 0)) {
    cx.fault(
      { kind: 'argument-invalid', name: 'batchSize', got: scriptText(size), wanted: 'a positive integer' },
      {
        place: site.place,
        callee: `${model.name}.${method}`,
        className: model.className,
        origins: [],
        anchors: site.anchors,
      },
    );
  }
  return unknownValue('the history of a training');
}

/** Tensors or, for `fitDataset`, another dataset. */
function checkValidation(cx: Evaluator, model: ModelObject, given: Value | undefined, site: CallSite): void {
  if (given?.kind === 'list' && !given.rest)
    checkData(cx, model, 'validationData', given.items[0], given.items[1], site);
  else if (elementOfDataset(given)) checkDataset(cx, model, 'validationData', given, site);
}

/** A dataset's elements are `{xs, ys}`. */
function examplesOf(dataset: Value | undefined): readonly (Value | undefined)[] {
  const element = elementOfDataset(dataset);
  return element?.kind === 'dict' ? [element.entries.get('xs'), element.entries.get('ys')] : [];
}

export function evaluateTfjs(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const site = siteOf(cx, at, node, args, ['x', 'y']);
  if (method === 'evaluate') checkData(cx, model, method, args.positional[0]?.value, args.positional[1]?.value, site);
  else checkDataset(cx, model, method, args.positional[0]?.value, site);
  return unknownValue('the loss and metrics of the model');
}

export function predictTfjs(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const x = args.positional[0]?.value;
  if (checkData(cx, model, method, x, undefined, siteOf(cx, at, node, args, ['x']))) return AFTER_FAULT;
  const tensors = tensorsOf(x);
  const shapes = tensors?.every(t => isRanked(t.shape)) ? tensors.map(t => fed(method, t.shape)) : undefined;
  const through = shapes && model.uncertain === undefined ? modelShapes(cx, model, shapes) : undefined;
  const outputs = through && !(through instanceof Failure) ? shapesOf(through.output) : undefined;
  const known = outputs ?? outputsOf(model, undefined).map(o => batchLost(o.shape));
  const results = known.map((shape): Value => ({
    kind: 'tensor',
    flavour: 'tfjs',
    dtype: 'float32',
    place: cx.place(at),
    shape,
  }));
  if (results.length === 0) return unknownValue('what the model predicts is not known');
  return results.length === 1 ? results[0]! : list(results);
}

function batchLost(shape: Shape): Shape {
  return isRanked(shape) ? ranked(shape.dims.map((d, i) => (i === 0 ? OPEN : d))) : shape;
}

/** A list holds one tensor an input. Undefined where it is not known what is fed. */
function tensorsOf(value: Value | undefined): readonly TensorValue[] | undefined {
  if (value?.kind === 'tensor') return [value];
  if (value?.kind !== 'list' || value.rest || value.items.length === 0) return undefined;
  const items = value.items.filter((v): v is TensorValue => v.kind === 'tensor');
  return items.length === value.items.length ? items : undefined;
}

/** Plain numbers, however nested: the methods of a model take tensors alone. */
function isPlainArray(value: Value | undefined): boolean {
  if (value?.kind !== 'list' || value.rest || value.items.length === 0) return false;
  return value.items.every(v => v.kind === 'number' || isPlainArray(v));
}

/** One axis becomes a column (`ensureTensorsRank2OrHigher`); `predictOnBatch` takes what it gets. */
function fed(method: string, shape: Shape): Shape {
  return method !== 'predictOnBatch' && isRanked(shape) && shape.dims.length === 1
    ? ranked([...shape.dims, known(1)])
    : shape;
}

/** The first axis behind the batch in which they surely differ, or that the ranks do. */
function differ(wanted: Shape, got: Shape): boolean {
  if (!isRanked(wanted) || !isRanked(got)) return false;
  if (wanted.dims.length !== got.dims.length) return true;
  return wanted.dims.some((d, i) => i > 0 && same(d, got.dims[i]!) === 'no');
}

/** True where something surely throws. */
function checkData(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  x: Value | undefined,
  y: Value | undefined,
  site: CallSite,
): boolean {
  const features = tensorsOf(x) ?? [];
  const labels = tensorsOf(y) ?? [];
  const outputs = outputsOf(model, model.compiled);
  record(cx, model, method, site, features, labels);
  const fault = (detail: FaultDetail, origins: readonly Origin[]): true => {
    cx.fault(detail, {
      place: site.place,
      callee: `${model.name}.${method}`,
      className: model.className,
      anchors: { ...site.anchors, ...anchorsAround(model, outputs) },
      origins,
    });
    return true;
  };
  if (x === AFTER_FAULT || y === AFTER_FAULT) return true;
  for (const [name, value] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (isPlainArray(value))
      return fault({ kind: 'argument-invalid', name, got: 'a plain array', wanted: 'a tensor' }, []);
  }
  if (model.uncertain !== undefined || model.kind === 'subclass') return false;
  const made: Origin = { place: model.site.place, what: model.name };
  const wanted = inputTensors(model);
  if (features.length > 0 && wanted.length > 0) {
    if (features.length !== wanted.length)
      return fault({ kind: 'data-count', wanted: wanted.length, got: features.length }, [made]);
    for (const [input, t] of wanted.entries()) {
      const got = features[input]!;
      if (differ(t.shape, fed(method, got.shape)))
        return fault({ kind: 'data-mismatch', input, wanted: t.shape, got: got.shape }, [
          made,
          ...originOf(got, 'data'),
        ]);
    }
  }
  return labels.length > 0 && checkLabels(model, labels, features, outputs, fault);
}

function checkLabels(
  model: ModelObject,
  labels: readonly TensorValue[],
  features: readonly TensorValue[],
  outputs: readonly OutputFact[],
  fault: (detail: FaultDetail, origins: readonly Origin[]) => true,
): boolean {
  if (outputs.length > 0 && labels.length === outputs.length) {
    for (const [i, output] of outputs.entries()) {
      const label = labels[i]!;
      const loss = lossName(model, i, outputs.length);
      const shape = fed('fit', label.shape);
      if (loss === undefined || !isRanked(output.shape)) continue;
      const wanted = loss === 'sparseCategoricalCrossentropy' ? sparse(output.shape) : output.shape;
      const column =
        loss === 'categoricalCrossentropy' && isRanked(shape) && same(shape.dims.at(-1)!, known(1)) === 'yes';
      if (column || differ(wanted, shape)) {
        const from = output.layer ? [{ place: output.layer.place, what: output.layer.name }] : [];
        return fault(
          {
            kind: 'label-mismatch',
            loss: TFJS_LOSSES.includes(loss) ? snakeName(loss) : loss,
            labels: label.shape,
            output: output.shape,
            outputIndex: i,
          },
          [...originOf(label, 'labels'), ...from],
        );
      }
    }
  }
  const sizes = [...features.map(t => ({ t, what: 'x' })), ...labels.map(t => ({ t, what: 'y' }))].flatMap(
    ({ t, what }) => (isRanked(t.shape) && t.shape.dims[0] ? [{ what, size: t.shape.dims[0] }] : []),
  );
  return sizes.some(a => sizes.some(b => same(a.size, b.size) === 'no'))
    ? fault(
        { kind: 'sample-count', sizes },
        [...features, ...labels].flatMap((t, i) => originOf(t, i === 0 ? 'data' : 'labels')),
      )
    : false;
}

function originOf(t: TensorValue, what: string): readonly Origin[] {
  return t.place ? [{ place: t.place, what }] : [];
}

function sparse(output: RankedShape): Shape {
  return ranked([...output.dims.slice(0, -1), known(1)]);
}

/** The loss of an output by TensorFlow.js's name; a function of any kind is `a function`. Undefined where not known. */
export function lossName(model: ModelObject, index: number, count: number): string | undefined {
  const given = model.compiled?.values.get('loss');
  const one =
    given?.kind === 'list' && !given.rest
      ? given.items[index]
      : given?.kind === 'dict' && count > 1
        ? undefined
        : given;
  if (one?.kind === 'string') return camelName(one.value);
  if (one?.kind === 'function' || (one?.kind === 'library' && one.path.startsWith('tfjs.losses.')))
    return one.kind === 'library' ? one.path.replace('tfjs.', 'tf.') : 'a function';
  return undefined;
}

function factOf(t: TensorValue): DataFact {
  return { shape: t.shape, dtype: t.dtype, facts: t.facts, place: t.place };
}

export function record(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  site: CallSite,
  features: readonly TensorValue[],
  labels: readonly TensorValue[],
): void {
  cx.fits.push({
    method,
    place: site.place,
    site,
    features: features.map(factOf),
    labels: labels.map(factOf),
    outputs: model.uncertain === undefined ? outputsOf(model, model.compiled) : [],
    model: model.name,
  });
}

/** The parts of the calls that made the model's input and output and chose its loss. */
export function anchorsAround(model: ModelObject, outputs: readonly OutputFact[]): Record<string, Span> {
  const [only] = outputs;
  const input = inputTensors(model)[0];
  const first = model.kind === 'sequential' ? model.stack[0]?.site : input && origin(input)?.node.layer.site;
  return {
    ...(model.compiled ? prefixed('compile', model.compiled.site) : {}),
    ...(outputs.length === 1 && only?.layer
      ? prefixed('output', { place: only.layer.place, anchors: only.layer.anchors })
      : {}),
    ...(first ? prefixed('input', first) : {}),
  };
}

// ------------------------------------------------------------------------------------------------------- callbacks

/**
 * Callbacks are all objects of the library or all plain objects: the first one decides how the others are taken
 * (`standardizeCallbacks` in src/base_callbacks.ts).
 */
function checkCallbacks(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  callbacks: Value | undefined,
  node: Expression | undefined,
  at: Span,
  position: number,
): void {
  if (callbacks?.kind !== 'list' || callbacks.rest) return;
  const made = callbacks.items.filter(v => v.kind === 'object' && v.path.startsWith('tfjs.'));
  const plain = callbacks.items.flatMap((v, i) => (v.kind === 'dict' ? [i] : []));
  if (made.length === 0 || plain.length === 0) return;
  const literal = node?.kind === 'call' ? node.args[position]?.value : undefined;
  const entry =
    literal?.kind === 'dict'
      ? literal.entries.find(e => e.kind === 'pair' && e.key.kind === 'string' && e.key.value === 'callbacks')
      : undefined;
  const written = entry?.value.kind === 'list' ? entry.value.items : [];
  const anchors: Record<string, Span> = {};
  if (entry) anchors['argument:callbacks'] = entry.value.span;
  if (written.length === callbacks.items.length)
    plain.forEach(i => {
      anchors[`plain:${i}`] = written[i]!.span;
    });
  const object = callbacks.items.find(v => v.kind === 'object');
  const place = object?.kind === 'object' ? object.place : undefined;
  cx.fault(
    { kind: 'mixed-callbacks' },
    {
      place: cx.place(at),
      callee: `${model.name}.${method}`,
      className: model.className,
      origins: place ? [{ place, what: 'tf.callbacks.earlyStopping' }] : [],
      anchors,
    },
  );
}
