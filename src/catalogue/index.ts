/**
 * The catalogue's look-ups: a layer or op by the path under which a program imports it, by class name, by TensorFlow.js
 * factory.
 */
import { camelName, snakeName } from './spelling';
import { LAYER_ARGUMENTS } from './kinds';
import { ACTIVATION_LAYERS } from './layers/activation';
import { AUGMENTATION_LAYERS } from './layers/augmentation';
import { ATTENTION_LAYERS } from './layers/attention';
import { CONVOLUTION_LAYERS } from './layers/convolution';
import { CORE_LAYERS, INPUT_FUNCTION } from './layers/core';
import { MERGE_FUNCTIONS, MERGING_LAYERS } from './layers/merging';
import { NORMALIZATION_LAYERS } from './layers/normalization';
import { POOLING_LAYERS } from './layers/pooling';
import { PREPROCESSING_LAYERS } from './layers/preprocessing';
import { RECURRENT_LAYERS } from './layers/recurrent';
import { REGULARIZATION_LAYERS } from './layers/regularization';
import { RESHAPING_LAYERS } from './layers/reshaping';
import { TENSORFLOW_JS_LAYERS } from './layers/tensorflow-js';
import { ARITHMETIC_OPS } from './ops/arithmetic';
import { CREATION_OPS } from './ops/creation';
import { DATA_OPS } from './ops/data';
import { LINEAR_OPS } from './ops/linear-algebra';
import { NEURAL_OPS } from './ops/neural';
import { REDUCTION_OPS } from './ops/reduction';
import { RESHAPING_OPS } from './ops/reshaping';
import { SPECIAL_OPS } from './ops/special';
import { TENSORFLOW_JS_OPS } from './ops/tensorflow-js';
import { TENSORFLOW_JS_DATA_OPS } from './ops/tensorflow-js-data';
import type { ArgumentSpec, Framework, LayerSpec, OpSpec } from './spec';

export { snakeName, camelName, INPUT_FUNCTION };

const LAYERS: readonly LayerSpec[] = [
  ...CORE_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...POOLING_LAYERS,
  ...RECURRENT_LAYERS,
  ...NORMALIZATION_LAYERS,
  ...REGULARIZATION_LAYERS,
  ...ATTENTION_LAYERS,
  ...RESHAPING_LAYERS,
  ...MERGING_LAYERS,
  ...ACTIVATION_LAYERS,
  ...PREPROCESSING_LAYERS,
  ...AUGMENTATION_LAYERS,
];
const OPS: readonly OpSpec[] = [
  ...ARITHMETIC_OPS,
  ...REDUCTION_OPS,
  ...RESHAPING_OPS,
  ...LINEAR_OPS,
  ...CREATION_OPS,
  ...NEURAL_OPS,
  ...SPECIAL_OPS,
  ...DATA_OPS,
  ...TENSORFLOW_JS_OPS,
  ...TENSORFLOW_JS_DATA_OPS,
];

const BY_CLASS: ReadonlyMap<string, LayerSpec> = new Map(
  LAYERS.flatMap(spec => [spec.className, ...(spec.aliases ?? [])].map(name => [name, spec] as const)),
);
const BY_FACTORY: ReadonlyMap<string, LayerSpec> = new Map(
  [...LAYERS, ...TENSORFLOW_JS_LAYERS, INPUT_FUNCTION].flatMap(spec =>
    spec.tfjs ? [spec.tfjs.factory, ...(spec.tfjs.aliases ?? [])].map(name => [name, spec] as const) : [],
  ),
);
const BY_OP_PATH: ReadonlyMap<string, OpSpec> = new Map(
  OPS.flatMap(spec => spec.paths.map(path => [path, spec] as const)),
);

export function allLayers(): readonly LayerSpec[] {
  return LAYERS;
}

export function allOps(): readonly OpSpec[] {
  return OPS;
}

/**
 * By any path that means a layer class: `tensorflow.keras.layers.Dense`, `keras.layers.core.Dense`,
 * `tfjs.layers.dense`.
 */
export function layerByPath(path: string): LayerSpec | undefined {
  const canonical = canonicalPath(path);
  const name = canonical.slice(canonical.lastIndexOf('.') + 1);
  if (canonical.startsWith('tfjs.layers.')) return layerByTfjsFactory(name);
  return canonical === `keras.layers.${name}` ? layerByClassName(name) : undefined;
}

/** By Keras's class name, an alias, or an old spelling. */
export function layerByClassName(className: string): LayerSpec | undefined {
  return BY_CLASS.get(className);
}

/** By the function of `tf.layers`: `conv2d`. */
export function layerByTfjsFactory(factory: string): LayerSpec | undefined {
  return BY_FACTORY.get(factory);
}

/** `keras.layers.add([a, b])` makes a layer and calls it at once: the specification of the layer it makes. */
export function layerByFunction(path: string): LayerSpec | undefined {
  const name = /^keras\.layers\.(\w+)$/.exec(canonicalPath(path))?.[1];
  const className = name && MERGE_FUNCTIONS.get(name);
  return className ? BY_CLASS.get(className) : undefined;
}

/** Functions of `tf` that surely make one new tensor, which somebody has to dispose of. */
export function isTensorOp(path: string): boolean {
  return BY_OP_PATH.has(path) && !/\.(unstack|split|topk|moments|meshgrid|variable)$/.test(path);
}

export function opByPath(path: string): OpSpec | undefined {
  return BY_OP_PATH.get(canonicalPath(path));
}

const PARAMETERS = {
  keras: new WeakMap<LayerSpec, readonly ArgumentSpec[]>(),
  tfjs: new WeakMap<LayerSpec, readonly ArgumentSpec[]>(),
};

/** A layer's own arguments and those that every layer takes. Positional ones first, in Keras's order. */
export function parametersOf(spec: LayerSpec, framework: Framework = 'keras'): readonly ArgumentSpec[] {
  let all = PARAMETERS[framework].get(spec);
  if (!all) {
    const own = new Set(spec.parameters.map(p => p.name));
    // Every layer of TensorFlow.js takes them: all its constructors hand the whole object on.
    const shared = spec.closed && framework === 'keras' ? [] : LAYER_ARGUMENTS.filter(p => !own.has(p.name));
    all = [...spec.parameters, ...shared];
    PARAMETERS[framework].set(spec, all);
  }
  return all;
}

/** Argument names that no layer of Keras 3 takes any more, for every layer. */
export const RENAMED_EVERYWHERE: Readonly<Record<string, string | null>> = {
  batch_input_shape: null,
  batch_size: null,
  weights: null,
  input_dtype: 'dtype',
  input_length: null,
  W_learning_rate: null,
};

/** TensorFlow.js's key for an argument; null where it has none. */
export function tfjsKey(argument: ArgumentSpec): string | null {
  return argument.tfjs === undefined ? camelName(argument.name) : argument.tfjs;
}

// --------------------------------------------------------------------------------------------------------- paths

/** Where Keras has lived; the longest first. */
const KERAS_ROOTS = [
  'tensorflow.compat.v2.keras',
  'tensorflow.compat.v1.keras',
  'tensorflow.python.keras',
  'tensorflow.keras',
  'tensorflow_core.keras',
  'tf_keras',
  'keras.api._v2.keras',
  'keras.api',
  'keras._tf_keras.keras',
  'keras.src',
  'keras.engine',
];
/** Namespaces in which the last name is all that counts, whatever file or folder stands between. */
const FLAT = new Set([
  'layers',
  'losses',
  'metrics',
  'optimizers',
  'callbacks',
  'initializers',
  'regularizers',
  'constraints',
  'activations',
  'models',
  'ops',
  'applications',
  'preprocessing',
  'datasets',
  'utils',
  'random',
]);
const SHORT_ROOTS: Readonly<Record<string, string>> = {
  tf: 'tensorflow',
  np: 'numpy',
  '@tensorflow/tfjs': 'tfjs',
  '@tensorflow/tfjs-node': 'tfjs',
  '@tensorflow/tfjs-node-gpu': 'tfjs',
  '@tensorflow/tfjs-layers': 'tfjs',
  '@tensorflow/tfjs-core': 'tfjs',
};

const CANONICAL = new Map<string, string>();

/**
 * One path for everything: `tf.keras.layers.core.Dense`, `keras.src.layers.Dense` and
 * `tensorflow.python.keras.layers.Dense`
 * are `keras.layers.Dense`. Paths of other libraries come back unchanged but for the short roots `tf` and `np`.
 */
export function canonicalPath(path: string): string {
  let canonical = CANONICAL.get(path);
  if (canonical === undefined) {
    canonical = makeCanonical(path);
    // Programs repeat the same few dozen paths; the bound only keeps a long session from growing.
    if (CANONICAL.size > 5000) CANONICAL.clear();
    CANONICAL.set(path, canonical);
  }
  return canonical;
}

function makeCanonical(path: string): string {
  const [first = '', ...others] = path.split('.');
  let whole = SHORT_ROOTS[first] ? [SHORT_ROOTS[first], ...others].join('.') : path;
  for (const root of KERAS_ROOTS) {
    if (whole === root || whole.startsWith(`${root}.`)) {
      whole = `keras${whole.slice(root.length)}`;
      break;
    }
  }
  const parts = whole.split('.');
  if (parts[0] === 'tfjs' && parts[1] === 'default') parts.splice(1, 1);
  if (parts[0] === 'tfjs') return parts.join('.');
  if (parts[0] !== 'keras') return whole;
  if (parts[1] === 'experimental' && parts.length > 2) parts.splice(1, 1);
  // keras.layers.core.Dense, keras.layers.experimental.preprocessing.RandomFlip,
  // keras.layers.convolutional.conv2d.Conv2D
  if (parts[1] === 'layers' && parts.length > 3 && /^[A-Z]/.test(parts.at(-1)!)) return `keras.layers.${parts.at(-1)!}`;
  if (parts.length > 3 && FLAT.has(parts[1]!) && /^[A-Z]/.test(parts.at(-1)!)) {
    return `keras.${parts[1]!}.${parts.at(-1)!}`;
  }
  if (parts.length === 2) return ROOT_NAMES[parts[1]!] ?? whole;
  if (parts[1] === 'layers' && parts.at(-1) === 'Input') return 'keras.Input';
  return whole;
}

/** Names at the root of Keras, and where they really are. */
const ROOT_NAMES: Readonly<Record<string, string>> = {
  Layer: 'keras.layers.Layer',
  Sequential: 'keras.models.Sequential',
  Model: 'keras.models.Model',
  Functional: 'keras.models.Model',
};
