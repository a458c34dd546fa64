/** Model facts from Keras's own serialised configurations, so that tests need neither Python nor the evaluator. */
import type { ConfigValue, LayerCall, LayerFacts, ModelFacts, ShapeJson, TensorRef } from '../../src/ir/model';

const place = { start: 0, end: 0 };

export interface LayerSource {
  readonly className: string;
  readonly name?: string;
  readonly config?: Readonly<Record<string, ConfigValue>>;
  /** Names of the layers it is called on; absent: the one before. */
  readonly inputs?: readonly string[];
  readonly structure?: LayerCall['structure'];
  readonly call?: Readonly<Record<string, ConfigValue>>;
  readonly trainable?: boolean;
}

/** Keras writes functions as objects; the facts have them by name. */
export function fromKeras(value: unknown): ConfigValue {
  if (Array.isArray(value)) return value.map(fromKeras);
  if (typeof value !== 'object' || value === null) return value as ConfigValue;
  const record = value as Record<string, unknown>;
  if (record.class_name === 'function' && typeof record.config === 'string') return record.config;
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, fromKeras(item)]));
}

/** A model from its layers; the first entries are `InputLayer`s, and the last layer is the output unless said. */
export function modelFacts(
  sources: readonly LayerSource[],
  extra: Partial<ModelFacts> & { outputsOf?: readonly string[] } = {},
): ModelFacts {
  const names = sources.map((source, i) => source.name ?? `${source.className.toLowerCase()}_${i}`);
  const ref = (name: string, output = 0): TensorRef => ({ layer: names.indexOf(name), call: 0, output });
  const layers: LayerFacts[] = sources.map((source, i) => {
    const isInput = source.className === 'InputLayer';
    const from = source.inputs ?? (i > 0 && !isInput ? [names[i - 1]!] : []);
    const call: LayerCall = {
      inputs: isInput ? [] : from.map(name => ref(name)),
      structure: source.structure ?? (from.length > 1 ? 'list' : 'single'),
      config: source.call ?? {},
      outputShapes: [],
      place,
    };
    return {
      name: names[i]!,
      className: source.className,
      config: source.config ?? {},
      given: [],
      weights: [],
      params: null,
      trainable: source.trainable ?? true,
      calls: [call],
      flops: null,
      place,
    };
  });
  const inputs = layers.flatMap((layer, i) =>
    layer.className === 'InputLayer' ? [{ layer: i, call: 0, output: 0 }] : [],
  );
  const inputShapes = inputs.map(({ layer }) => layers[layer]!.config.batch_shape as ShapeJson);
  const outputs = (extra.outputsOf ?? [names[names.length - 1]!]).map(name => ref(name));
  return {
    binding: 'model',
    name: 'model',
    className: 'Functional',
    framework: 'keras',
    layers,
    inputs,
    outputs,
    inputShapes,
    outputShapes: [],
    params: { total: null, trainable: null, nonTrainable: null },
    flops: null,
    gaps: [],
    place,
    ...extra,
  };
}

export const input = (shape: ShapeJson, name = 'input', dtype = 'float32'): LayerSource => ({
  className: 'InputLayer',
  name,
  config: { batch_shape: [null, ...shape], dtype },
});

const both = (n: number): number[] => [n, n];

/** The CNN of the examples: two convolutions, two poolings, two dense layers. */
export const CNN: readonly LayerSource[] = [
  input([28, 28, 1]),
  { className: 'Conv2D', name: 'conv2d', config: { filters: 32, kernel_size: both(3), activation: 'relu' } },
  { className: 'MaxPooling2D', name: 'max_pooling2d', config: { pool_size: both(2) } },
  { className: 'Conv2D', name: 'conv2d_1', config: { filters: 64, kernel_size: both(3), activation: 'relu' } },
  { className: 'MaxPooling2D', name: 'max_pooling2d_1', config: { pool_size: both(2) } },
  { className: 'Flatten', name: 'flatten' },
  { className: 'Dense', name: 'dense', config: { units: 128, activation: 'relu' } },
  { className: 'Dense', name: 'dense_1', config: { units: 10, activation: 'softmax' } },
];
