/**
 * A model as TensorFlow.js saves it (`model.json` and one file of weights), for `tf.loadLayersModel` in a browser or
 * Node.
 * Initialisers, regularisers and constraints are left out: the weights are there, and nothing trains on.
 */
import type { NamedArray } from '../../data/safetensors';
import type { ConfigValue, LayerFacts, ModelFacts, TensorRef } from '../../ir/model';
import { ExportError } from './index';

type Weights = Readonly<Record<string, NamedArray>>;
type Config = Record<string, unknown>;

/** Keras classes that TensorFlow.js 4.22 has with the same meaning (`tfjs-layers/src/layers`). */
const CLASSES = new Set([
  'InputLayer',
  'Dense',
  'Activation',
  'Dropout',
  'Flatten',
  'Reshape',
  'Permute',
  'RepeatVector',
  'Embedding',
  'Masking',
  'Conv1D',
  'Conv2D',
  'Conv3D',
  'Conv2DTranspose',
  'Conv3DTranspose',
  'SeparableConv2D',
  'DepthwiseConv2D',
  'UpSampling2D',
  'ZeroPadding2D',
  'Cropping2D',
  'MaxPooling1D',
  'MaxPooling2D',
  'MaxPooling3D',
  'AveragePooling1D',
  'AveragePooling2D',
  'AveragePooling3D',
  'GlobalAveragePooling1D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling1D',
  'GlobalMaxPooling2D',
  'BatchNormalization',
  'LayerNormalization',
  'Add',
  'Average',
  'Multiply',
  'Maximum',
  'Minimum',
  'Concatenate',
  'Dot',
  'SimpleRNN',
  'LSTM',
  'GRU',
  'Bidirectional',
  'TimeDistributed',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'SpatialDropout1D',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'PReLU',
  'Softmax',
  'Rescaling',
]);

const ACTIVATIONS = new Set([
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'log_softmax',
  'swish',
  'silu',
  'mish',
  'gelu',
]);

/** @throws ExportError that names the first layer TensorFlow.js does not have, or has with another meaning. */
export function tfjsModel(facts: ModelFacts, weights: Weights): { json: Config; binary: Uint8Array } {
  const entries = Object.entries(weights);
  const layerOf = (name: string): LayerFacts | undefined =>
    facts.layers.find(layer => name.startsWith(`${layer.name}/`));
  const manifest = entries.map(([name, { shape, dtype }]) => ({ name: weightName(name, layerOf(name)), shape, dtype }));
  const binary = Buffer.concat(
    entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
  const json = {
    format: 'layers-model',
    generatedBy: 'Modelwright',
    convertedBy: null,
    modelTopology: { keras_version: '3', backend: 'tensorflow', model_config: topology(facts) },
    weightsManifest: [{ paths: ['weights.bin'], weights: manifest }],
  };
  return { json, binary };
}

/** TensorFlow.js names a layer's weights without the cell that Keras keeps them in. */
function weightName(name: string, layer: LayerFacts | undefined): string {
  const parts = name.split('/').filter((part, i) => i === 0 || !/_cell$/.test(part));
  if (layer?.className === 'DepthwiseConv2D')
    parts[parts.length - 1] = parts.at(-1)!.replace(/^kernel$/, 'depthwise_kernel');
  return parts.join('/');
}

function topology(facts: ModelFacts): Config {
  const of = (layer: LayerFacts): Config => ({
    name: layer.name,
    class_name: className(layer),
    config: configOf(facts, layer),
  });
  if (facts.className === 'Sequential') {
    return { class_name: 'Sequential', config: { name: facts.name, layers: facts.layers.map(of) } };
  }
  const tensor = ({ layer, call, output }: TensorRef): unknown[] => [facts.layers[layer]!.name, call, output];
  const layers = facts.layers.map(layer => ({
    ...of(layer),
    inbound_nodes:
      layer.className === 'InputLayer' ? [] : layer.calls.map(call => call.inputs.map(ref => [...tensor(ref), {}])),
  }));
  const config = {
    name: facts.name,
    layers,
    input_layers: facts.inputs.map(tensor),
    output_layers: facts.outputs.map(tensor),
  };
  return { class_name: 'Model', config };
}

function refuse(layer: string, why: string): never {
  throw new ExportError(
    `The layer "${layer}" cannot be written for TensorFlow.js: ${why}. Export to keras or safetensors instead.`,
  );
}

function className(layer: LayerFacts): string {
  if (layer.model || layer.operation !== undefined || !CLASSES.has(layer.className)) {
    refuse(layer.name, `TensorFlow.js has no layer ${layer.operation ?? layer.className} that means the same`);
  }
  return layer.className;
}

function configOf(facts: ModelFacts, layer: LayerFacts): Config {
  if (layer.className === 'InputLayer') {
    const shape = layer.config.batch_shape ?? layer.config.batch_input_shape;
    const dtype = typeof layer.config.dtype === 'string' ? layer.config.dtype : 'float32';
    const lengths = (Array.isArray(shape) ? (shape as ConfigValue[]) : []).map(length =>
      typeof length === 'number' ? length : null,
    );
    return { name: layer.name, batch_input_shape: lengths, dtype, sparse: false };
  }
  return {
    ...plainConfig(facts, layer.name, layer.className, layer.config),
    name: layer.name,
    trainable: layer.trainable,
  };
}

function plainConfig(
  facts: ModelFacts,
  name: string,
  kind: string,
  given: Readonly<Record<string, ConfigValue>>,
): Config {
  const config: Config = {};
  for (const [key, value] of Object.entries(given)) {
    if (/_(initializer|regularizer|constraint)$|^(dtype|lora_rank|seed|synchronized|quantization_config)$/.test(key))
      continue;
    config[key] = wrapped(facts, name, value) ?? value;
  }
  check(facts, name, kind, given);
  if ('data_format' in config) config.data_format ??= 'channels_last';
  if (kind === 'LeakyReLU') config.alpha = given.negative_slope ?? given.alpha ?? 0.3;
  return config;
}

/** The layer inside Bidirectional or TimeDistributed. */
function wrapped(facts: ModelFacts, name: string, value: ConfigValue): Config | null {
  if (typeof value !== 'object' || value === null || !('layer' in value)) return null;
  const { layer } = value as {
    layer: { className: string; name?: string; config: Readonly<Record<string, ConfigValue>> };
  };
  const own = layer.name ?? layer.className.toLowerCase();
  return {
    class_name: layer.className,
    config: { ...plainConfig(facts, name, layer.className, layer.config), name: own },
  };
}

/** Same name, other meaning. */
function check(facts: ModelFacts, name: string, kind: string, config: Readonly<Record<string, ConfigValue>>): void {
  if (kind === 'GRU' && config.reset_after !== false) refuse(name, 'its GRU has no reset_after=True');
  if (config.padding === 'causal') refuse(name, 'it has no causal padding');
  if (typeof config.groups === 'number' && config.groups !== 1) refuse(name, 'it has no groups');
  if (Array.isArray(config.output_padding) || typeof config.output_padding === 'number')
    refuse(name, 'it has no output_padding');
  if (kind === 'ReLU' && (Number(config.negative_slope ?? 0) !== 0 || Number(config.threshold ?? 0) !== 0)) {
    refuse(name, 'its ReLU has neither a slope nor a threshold');
  }
  for (const key of ['activation', 'recurrent_activation']) {
    const value = config[key];
    if (value === null || value === undefined) continue;
    const known =
      typeof value === 'string' && (ACTIVATIONS.has(value) || (facts.framework === 'tfjs' && value === 'hard_sigmoid'));
    if (!known) refuse(name, `it has no ${key} ${JSON.stringify(value)} that means the same`);
  }
}
