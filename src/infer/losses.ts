/** What a model's outputs and losses are, for the checks of labels and for the rules. */
import { snakeName } from '../catalogue/spelling';
import type { Place } from '../ir/span';
import type { TensorValue, Value } from '../ir/value';
import type { LayerDigest, LossFact, OutputFact } from './facts';
import { type CallSite, type CompileState, type LayerObject, ModelObject, origin } from './graph';
import { outputTensors } from './model';

/** Keras's own short names (`keras/src/losses/__init__.py`). */
const SHORT: Readonly<Record<string, string>> = {
  mse: 'mean_squared_error', mae: 'mean_absolute_error', mape: 'mean_absolute_percentage_error', msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy', bfce: 'binary_focal_crossentropy', kld: 'kl_divergence', kullback_leibler_divergence: 'kl_divergence', logcosh: 'log_cosh',
};

/** Losses that compare label and output value by value, so that lengths broadcast. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([
  'mean_squared_error', 'mean_absolute_error', 'mean_absolute_percentage_error', 'mean_squared_logarithmic_error', 'huber', 'log_cosh',
]);

function lossName(name: string): string {
  const snake = /^[A-Z][a-z]/.test(name) ? snakeName(name) : name.toLowerCase();
  return SHORT[snake] ?? snake;
}

export function lossOf(value: Value | undefined, place: Place): LossFact | undefined {
  if (value?.kind === 'string') return { name: lossName(value.value), spelled: 'string', fromLogits: false, place };
  if (value?.kind === 'library') {
    return /^keras\.(losses|metrics)\.\w+$/.test(value.path) ? { name: lossName(lastOf(value.path)), spelled: 'function', fromLogits: false, place } : undefined;
  }
  if (value?.kind === 'object' && /^keras\.losses\.\w+$/.test(value.path)) {
    const given = value.args.get('from_logits') ?? (/Crossentropy$/.test(value.path) && !/Focal/.test(value.path) ? value.args.get('#0') : undefined);
    const fromLogits = given === undefined ? false : given.kind === 'boolean' ? given.value : undefined;
    return { name: lossName(lastOf(value.path)), spelled: 'object', fromLogits, place: value.place ?? place };
  }
  return undefined;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** One entry for each output, in order. Losses may be one for all, a list, or a dict by output name. */
export function outputsOf(model: ModelObject, compiled: CompileState | undefined): OutputFact[] {
  const tensors = outputTensors(model);
  const loss = compiled?.values.get('loss');
  const site = compiled?.site;
  return tensors.map((t, i) => ({ shape: t.shape, layer: digestOf(t), loss: lossOf(lossFor(model, loss, t, i, tensors.length), lossPlace(site)) }));
}

export function lossPlace(site: CallSite | undefined): Place {
  const span = site?.anchors['argument:loss'];
  if (!site) return { start: 0, end: 0 };
  return span ? { ...site.place, start: span.start, end: span.end } : site.place;
}

function lossFor(model: ModelObject, loss: Value | undefined, t: TensorValue, index: number, count: number): Value | undefined {
  if (loss?.kind === 'list' || loss?.kind === 'tuple') return loss.rest ? undefined : loss.items[index];
  if (loss?.kind === 'dict') {
    const key = model.outputs?.kind === 'dict' ? [...model.outputs.entries.keys()].sort()[index] : origin(t)?.node.layer.name;
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
    name: layer.name, className: layer.className, activation: layer.instance ? undefined : activationOf(layer), place: layer.site.place, anchors: layer.site.anchors,
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
  return value.kind === 'library' && /^(keras\.(activations|ops)|tensorflow\.nn)\.\w+$/.test(value.path) ? lastOf(value.path) : undefined;
}
