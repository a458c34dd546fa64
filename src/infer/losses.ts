/** What a model's outputs and losses are, for the checks of labels and for the rules. */
import { lossByName, lossByPath, type LossSpec } from '../catalogue/losses';
import type { Place } from '../ir/span';
import type { TensorValue, Value } from '../ir/value';
import type { LayerDigest, LossFact, OutputFact } from './facts';
import { type CallSite, type CompileState, type LayerObject, ModelObject, origin } from './graph';
import { outputTensors } from './model';

export function lossOf(value: Value | undefined, place: Place): LossFact | undefined {
  switch (value?.kind) {
    case 'string':
      return lossFact(lossByName(value.value), 'string', false, place);
    case 'library':
      return lossFact(lossByPath(value.path), 'function', false, place);
    case 'object': {
      const spec = lossByPath(value.path);
      return lossFact(spec, 'object', spec && fromLogits(spec, value.args), value.place ?? place);
    }
    default:
      return undefined;
  }
}

function lossFact(
  spec: LossSpec | undefined,
  spelled: LossFact['spelled'],
  logits: boolean | undefined,
  place: Place,
): LossFact | undefined {
  return spec && { name: spec.name, spec, spelled, fromLogits: logits, place };
}

/** By name or position; False where it is left out, undefined where it is not known. */
function fromLogits(spec: LossSpec, args: ReadonlyMap<string, Value>): boolean | undefined {
  if (!spec.hasLogits) return false;
  const position = spec.parameters.findIndex(p => p.name === 'from_logits');
  const given = args.get('from_logits') ?? args.get(`#${position}`);
  return given === undefined ? false : given.kind === 'boolean' ? given.value : undefined;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** One entry for each output, in order. Losses may be one for all, a list, or a dict by output name. */
export function outputsOf(model: ModelObject, compiled: CompileState | undefined): OutputFact[] {
  const tensors = outputTensors(model);
  const loss = compiled?.values.get('loss');
  const site = compiled?.site;
  return tensors.map((t, i) => ({
    shape: t.shape,
    layer: digestOf(t),
    loss: lossOf(lossFor(model, loss, t, i, tensors.length), lossPlace(site)),
  }));
}

export function lossPlace(site: CallSite | undefined): Place {
  const span = site?.anchors['argument:loss'];
  if (!site) return { start: 0, end: 0 };
  return span
    ? site.place.file === undefined
      ? span
      : { ...site.place, start: span.start, end: span.end }
    : site.place;
}

function lossFor(
  model: ModelObject,
  loss: Value | undefined,
  t: TensorValue,
  index: number,
  count: number,
): Value | undefined {
  if (loss?.kind === 'list' || loss?.kind === 'tuple') return loss.rest ? undefined : loss.items[index];
  if (loss?.kind === 'dict') {
    const key =
      model.outputs?.kind === 'dict' ? [...model.outputs.entries.keys()].sort()[index] : origin(t)?.node.layer.name;
    return key === undefined ? undefined : loss.entries.get(key);
  }
  return count >= 1 ? loss : undefined;
}

export function digestOf(t: TensorValue): LayerDigest | undefined {
  let layer = origin(t)?.node.layer;
  // A model as last layer: what counts is its own last layer.
  while (layer instanceof ModelObject) {
    const inner = outputTensors(layer);
    const next: LayerObject | undefined = inner.length === 1 ? origin(inner[0]!)?.node.layer : undefined;
    if (!next || next === layer) break;
    layer = next;
  }
  return layer && layerDigest(layer);
}

function layerDigest(layer: LayerObject): LayerDigest {
  const units = ['units', 'filters'].find(name => layer.spec?.parameters.some(p => p.name === name));
  return {
    name: layer.name,
    className: layer.className,
    activation: layer.instance ? undefined : activationOf(layer),
    place: layer.site.place,
    anchors: layer.site.anchors,
    units: units === undefined ? undefined : layer.args.size(units),
  };
}

/** The name of the activation; `linear` where there is none; undefined where it is not known. */
function activationOf(layer: LayerObject): string | undefined {
  if (layer.className === 'Softmax') return 'softmax';
  if (layer.className === 'ReLU') return 'relu';
  if (!layer.spec?.parameters.some(p => p.name === 'activation')) return undefined;
  const value = layer.args.value('activation');
  if (value.kind === 'none') return 'linear';
  if (value.kind === 'string') return value.value;
  return value.kind === 'library' && /^(keras\.(activations|ops)|tensorflow\.nn)\.\w+$/.test(value.path)
    ? lastOf(value.path)
    : undefined;
}
