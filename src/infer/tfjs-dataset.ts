/**
 * `fitDataset` and `evaluateDataset`: what a dataset gives, against what a model takes. Here TensorFlow.js checks less
 * than `fit` does: the form of the elements, the numbers of tensors and of samples; the rest is left to the layers and
 * the loss, which refuse some shapes and broadcast others.
 *
 * Source: `standardizeDataIteratorOutput` in @tensorflow/tfjs-layers 4.22, src/engine/training_dataset.ts; src/losses.ts.
 */
import { snakeName } from '../catalogue';
import { applyLayer, checkFixedAxes } from '../catalogue/apply';
import { TFJS_LOSSES } from '../catalogue/tensorflow-js';
import { known, product, same } from '../ir/dim';
import { Failure, type FaultDetail, type Origin } from '../ir/fault';
import { broadcast, isBroadcastFailure, isRanked, type Shape, shapeText } from '../ir/shape';
import type { SequenceValue, TensorValue, Value } from '../ir/value';
import type { Evaluator } from './evaluator';
import type { OutputFact } from './facts';
import { modelGraph } from './functional';
import { type CallSite, type LayerObject, ModelObject, origin } from './graph';
import { outputsOf } from './losses';
import { inputTensors } from './model';
import { anchorsAround, lossName, record } from './tfjs-training';

/** What each element of a dataset looks like; undefined for anything that is no dataset of `tf.data`. */
export function elementOfDataset(value: Value | undefined): Value | undefined {
  return value?.kind === 'object' && /^tfjs\.data\.(CSV)?Dataset$/.test(value.path) ? value.element : undefined;
}

export function checkDataset(
  cx: Evaluator,
  model: ModelObject,
  method: string,
  dataset: Value | undefined,
  site: CallSite,
): void {
  const outputs = outputsOf(model, model.compiled);
  const argument = site.anchors['argument:x'] ?? site.anchors['argument:validation_data'];
  const origins: Origin[] = [{ place: model.site.place, what: model.name }];
  const found = faultIn(model, elementOfDataset(dataset), outputs);
  record(cx, model, method, site, found.features, found.labels);
  if (!found.detail) return;
  cx.fault(found.detail, {
    place: site.place,
    callee: `${model.name}.${method}`,
    className: model.className,
    anchors: {
      ...site.anchors,
      ...anchorsAround(model, outputs),
      ...(argument ? { 'argument:dataset': argument } : {}),
    },
    origins,
  });
}

interface Found {
  readonly features: readonly TensorValue[];
  readonly labels: readonly TensorValue[];
  readonly detail?: FaultDetail;
}

const NOTHING: Found = { features: [], labels: [] };

function faultIn(model: ModelObject, element: Value | undefined, outputs: readonly OutputFact[]): Found {
  const form = element && formOf(element);
  if (!element || form === 'unknown') return NOTHING;
  const wanted = 'a dataset of objects { xs, ys }';
  if (form !== undefined || element.kind !== 'dict') {
    const got = `a dataset of ${form ?? 'something else'}`;
    return { ...NOTHING, detail: { kind: 'argument-invalid', name: 'dataset', got, wanted } };
  }
  const isKnown = model.uncertain === undefined && model.kind !== 'subclass';
  const inputs = isKnown ? inputTensors(model) : [];
  const xs = tensorsOf('xs', element.entries.get('xs')!, isKnown ? inputs.map(nameOf) : undefined);
  const ys = tensorsOf('ys', element.entries.get('ys')!, isKnown ? outputs.map(o => o.layer?.name ?? '?') : undefined);
  const detail = 'kind' in xs ? xs : 'kind' in ys ? ys : undefined;
  if ('kind' in xs || 'kind' in ys) return { ...NOTHING, detail };
  const fed: Found = { features: xs.tensors ?? [], labels: ys.tensors ?? [] };
  if (!xs.tensors || !ys.tensors || !isKnown) return fed;
  return {
    ...fed,
    detail:
      countFault(inputs, xs.tensors, ys.tensors) ??
      featureFault(model, inputs, xs.tensors) ??
      // Another input than the model's own gives other outputs, where the layers take it.
      (inputs.every((t, i) => isAlike(t.shape, xs.tensors![i]!.shape))
        ? labelFault(model, outputs, ys.tensors)
        : undefined),
  };
}

/** Words for an element that is no `{ xs, ys }`; undefined where it is one. */
function formOf(element: Value): string | undefined {
  switch (element.kind) {
    case 'dict': {
      const lacks = ['xs', 'ys'].filter(key => (element.entries.get(key) ?? { kind: 'none' }).kind === 'none');
      if (lacks.length === 0) return undefined;
      return element.open === undefined ? `objects without ${lacks.join(' and ')}` : 'unknown';
    }
    case 'list':
    case 'tuple':
      return 'arrays';
    case 'tensor':
      return 'tensors';
    case 'number':
      return 'numbers';
    default:
      return 'unknown';
  }
}

const nameOf = (t: TensorValue): string => origin(t)?.node.layer.name ?? '?';

/** Names that the library gives: how far it has counted is not for this file alone to say. */
const AUTOMATIC = /^input\d+$|_input$|_[A-Z]\w*\d+$|\?$/;

/** The tensors of one side in the order of the model; undefined where they are not known. */
function tensorsOf(
  side: 'xs' | 'ys',
  value: Value,
  names: readonly string[] | undefined,
): { readonly tensors: readonly TensorValue[] | undefined } | FaultDetail {
  const what = side === 'xs' ? 'input' : 'output';
  switch (value.kind) {
    case 'tensor':
      return names && names.length > 1
        ? invalid(side, 'one tensor', `an array of ${names.length} tensors, one for each ${what}`)
        : { tensors: [value] };
    case 'list': {
      if (value.rest) return { tensors: undefined };
      if (value.items.some(isPlain)) return { kind: 'not-batched', side, got: plainText(value) };
      const tensors = value.items.filter(item => item.kind === 'tensor');
      if (tensors.length < value.items.length) return { tensors: undefined };
      return names && names.length !== tensors.length
        ? invalid(side, `${tensors.length} tensors`, `one tensor for each ${what}, which are ${names.length}`)
        : { tensors };
    }
    case 'dict': {
      const keys = [...value.entries.keys()];
      if (!names || keys.some(key => AUTOMATIC.test(key))) return { tensors: undefined };
      const items = names.map(name => value.entries.get(name));
      if (value.open === undefined && items.some(item => item === undefined)) {
        const wanted = `a tensor, or an object with a key for each ${what}: ${names.join(', ')}`;
        return invalid(side, `an object with the keys ${keys.join(', ')}`, wanted);
      }
      if (items.some(item => item && isPlain(item))) return { kind: 'not-batched', side, got: 'plain numbers' };
      const tensors = items.filter(item => item?.kind === 'tensor');
      return { tensors: tensors.length === names.length ? tensors : undefined };
    }
    default:
      return isPlain(value) ? { kind: 'not-batched', side, got: 'one number' } : { tensors: undefined };
  }
}

const invalid = (name: string, got: string, wanted: string): FaultDetail => ({
  kind: 'argument-invalid',
  name,
  got,
  wanted,
});

/** A number or an array, which `batch` would have made a tensor of. */
function isPlain(value: Value): boolean {
  if (value.kind === 'list') return value.rest ? isPlain(value.rest) : value.items.every(isPlain);
  return value.kind === 'number' || value.kind === 'size' || (value.kind === 'unknown' && value.isNumber === true);
}

function plainText(value: SequenceValue): string {
  return value.items.some(item => item.kind === 'list') ? 'nested arrays' : `an array of ${value.items.length} numbers`;
}

// ----------------------------------------------------------------------------------------------------------- checks

/** Every tensor has a first axis, and they are all of one length. */
function countFault(
  inputs: readonly TensorValue[],
  xs: readonly TensorValue[],
  ys: readonly TensorValue[],
): FaultDetail | undefined {
  const all = [...xs.map(t => ({ t, side: 'xs' as const })), ...ys.map(t => ({ t, side: 'ys' as const }))];
  const scalar = all.find(({ t }) => isRanked(t.shape) && t.shape.dims.length === 0);
  if (scalar) return { kind: 'not-batched', side: scalar.side, got: 'a scalar' };
  const sizes = all.flatMap(({ t, side }) => (isRanked(t.shape) ? [{ what: side, size: t.shape.dims[0]! }] : []));
  if (!sizes.some(a => sizes.some(b => same(a.size, b.size) === 'no'))) return undefined;
  return unbatched(inputs, xs) ?? { kind: 'sample-count', sizes };
}

function isAlike(wanted: Shape, got: Shape): boolean {
  if (!isRanked(wanted) || !isRanked(got) || wanted.dims.length !== got.dims.length) return false;
  return wanted.dims.every((d, axis) => axis === 0 || same(d, got.dims[axis]!) !== 'no');
}

/** One example where a batch of them is wanted. */
function unbatched(inputs: readonly TensorValue[], xs: readonly TensorValue[]): FaultDetail | undefined {
  for (const [i, { shape: wanted }] of inputs.entries()) {
    const got = xs[i]?.shape;
    if (!got || !isRanked(got) || !isRanked(wanted) || got.dims.length !== wanted.dims.length - 1) continue;
    if (got.dims.every((d, axis) => same(d, wanted.dims[axis + 1]!) !== 'no'))
      return { kind: 'not-batched', side: 'xs', got: `a tensor of shape ${shapeText(got)}` };
  }
  return undefined;
}

/** Layers that look at their input at every call (`inputSpec`). */
const LOOKS =
  /^(Dense|Conv[123]D|DepthwiseConv2D|SeparableConv2D|LSTM|GRU|SimpleRNN|Flatten|(Max|Average)Pooling[123]D)$/;

function featureFault(
  model: ModelObject,
  inputs: readonly TensorValue[],
  xs: readonly TensorValue[],
): FaultDetail | undefined {
  for (const [input, t] of inputs.entries()) {
    const got = xs[input]!.shape;
    if (readersOf(model, t).some(layer => refuses(layer, got)))
      return unbatched(inputs, xs) ?? { kind: 'data-mismatch', input, wanted: t.shape, got };
  }
  return undefined;
}

/** The layers that an input goes into. */
function readersOf(model: ModelObject, input: TensorValue): readonly LayerObject[] {
  if (!model.inputs || !model.outputs) return [];
  const from = origin(input)?.node;
  const graph = modelGraph(model.inputs, model.outputs);
  return graph.layers.filter(layer =>
    layer.nodes.some(node => graph.nodes.has(node) && node.inputs.some(t => origin(t)?.node === from)),
  );
}

function refuses(layer: LayerObject, got: Shape): boolean {
  const { spec, args } = layer;
  if (!spec || layer.instance || layer instanceof ModelObject || !LOOKS.test(layer.className)) return false;
  const applied = applyLayer(spec, { args, inputs: [got], framework: 'tfjs' });
  if (applied instanceof Failure && applied.detail.kind === 'rank-mismatch') return true;
  const [built] = layer.built?.inputs ?? [];
  return built !== undefined && checkFixedAxes(spec, args, built, got) !== undefined;
}

/** Losses that go through the values one by one, and broadcast. */
const ELEMENTWISE =
  /^(mean(Squared|Absolute|AbsolutePercentage|SquaredLogarithmic)Error|logcosh|poisson|categoricalCrossentropy|hinge|squaredHinge)$/;

function labelFault(
  model: ModelObject,
  outputs: readonly OutputFact[],
  ys: readonly TensorValue[],
): FaultDetail | undefined {
  for (const [i, output] of outputs.entries()) {
    const loss = lossName(model, i, outputs.length);
    const labels = ys[i]?.shape;
    if (loss === undefined || !labels || !clashes(loss, labels, output.shape)) continue;
    const name = TFJS_LOSSES.includes(loss) ? snakeName(loss) : loss;
    return { kind: 'label-mismatch', loss: name, labels, output: output.shape, outputIndex: i };
  }
  return undefined;
}

function clashes(loss: string, labels: Shape, output: Shape): boolean {
  if (!isRanked(labels) || !isRanked(output) || labels.dims.length === 0) return false;
  if (ELEMENTWISE.test(loss)) return isBroadcastFailure(broadcast(labels, output));
  const inner = labels.dims.slice(1);
  if (loss === 'sparseCategoricalCrossentropy')
    return same(product([...inner, known(1)]), product([...output.dims.slice(1, -1), known(1)])) === 'no';
  if (loss !== 'binaryCrossentropy') return false;
  return labels.dims.length !== output.dims.length || inner.some((d, axis) => same(d, output.dims[axis + 1]!) === 'no');
}
