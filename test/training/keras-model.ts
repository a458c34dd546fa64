/** Model facts from the JSON that Keras writes of a functional model (`model.to_json()`), for tests. */
import type { ConfigValue, LayerCall, LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../../src/ir/model';
import { fromKeras, input, modelFacts } from './facts';

interface KerasLayer {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
  readonly name?: string;
  readonly inbound_nodes?: readonly {
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
  }[];
}

export interface KerasModel {
  readonly name: string;
  readonly layers: readonly KerasLayer[];
  readonly input_layers?: unknown;
  readonly output_layers?: unknown;
}

const place = { start: 0, end: 0 };
type History = readonly [layer: string, node: number, tensor: number];

/** Tensors in an argument, in order, and what is left when they are gone. */
function tensors(value: unknown): History[] {
  if (Array.isArray(value)) return value.flatMap(tensors);
  if (typeof value !== 'object' || value === null) return [];
  const record = value as { class_name?: string; config?: { keras_history: History } };
  return record.class_name === '__keras_tensor__' ? [record.config!.keras_history] : [];
}

export function fromKerasModel(model: KerasModel): ModelFacts {
  if (!model.input_layers) return sequential(model);
  const names = model.layers.map(layer => String(layer.config.name));
  const ref = ([name, node, output]: History): TensorRef => ({ layer: names.indexOf(name), call: node, output });
  const layers = model.layers.map((layer, i): LayerFacts => {
    const nested = layer.config.layers ? fromKerasModel(layer.config as unknown as KerasModel) : undefined;
    const isInput = layer.class_name === 'InputLayer';
    const calls = isInput ? [{ args: [], kwargs: {} }] : (layer.inbound_nodes ?? []);
    return {
      name: names[i]!,
      className: layer.class_name,
      config: nested ? {} : (fromKeras(layer.config) as Record<string, ConfigValue>),
      given: [],
      weights: [],
      params: null,
      trainable: true,
      calls: calls.map(({ args, kwargs }) => callOf(args, kwargs, ref)),
      flops: null,
      place,
      ...(nested && { model: nested }),
    };
  });
  const list = (value: unknown): History[] =>
    Array.isArray(value) && typeof value[0] === 'string' ? [value as unknown as History] : (value as History[]);
  const inputs = list(model.input_layers).map(ref);
  return {
    binding: 'model',
    name: model.name,
    className: 'Functional',
    framework: 'keras',
    layers,
    inputs,
    outputs: list(model.output_layers).map(ref),
    inputShapes: inputs.map(({ layer }) => layers[layer]!.config.batch_shape as ShapeJson),
    outputShapes: [],
    params: { total: null, trainable: null, nonTrainable: null },
    flops: null,
    gaps: [],
    place,
  };
}

/** Keras writes masks out as operations of the graph; here they must come about by themselves. */
const MASKS = ['mask', 'query_mask', 'value_mask', 'key_mask'];

function callOf(
  args: readonly unknown[],
  given: Readonly<Record<string, unknown>>,
  ref: (history: History) => TensorRef,
): LayerCall {
  const kwargs = Object.fromEntries(Object.entries(given).filter(([name]) => !MASKS.includes(name)));
  const positional = tensors(args);
  const keyword = Object.entries(kwargs).flatMap(([name, value]) => tensors(value).map(history => ({ name, history })));
  const config = Object.fromEntries(
    Object.entries(kwargs).filter(([, value]) => tensors(value).length === 0 && value !== null),
  ) as Record<string, ConfigValue>;
  const names = [...positional.map((_, i) => String(i)), ...keyword.map(({ name }) => name)];
  return {
    inputs: [...positional, ...keyword.map(({ history }) => history)].map(ref),
    config,
    outputShapes: [],
    place,
    structure: keyword.length > 0 ? names : positional.length > 1 ? 'list' : 'single',
  };
}

function sequential(model: KerasModel): ModelFacts {
  const [first, ...rest] = model.layers;
  const shape = (first!.config.batch_shape as (number | null)[]).slice(1);
  return modelFacts(
    [
      input(shape),
      ...rest.map(layer => ({
        className: layer.class_name,
        name: String(layer.config.name),
        config: fromKeras(layer.config) as Record<string, ConfigValue>,
      })),
    ],
    { name: model.name, className: 'Sequential' },
  );
}
