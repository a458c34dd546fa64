/**
 * What TensorFlow.js itself refuses in the options of a layer, which is not what Keras refuses: it checks counts, the
 * length of windows, its own names of activations and the like, and ignores every key it does not know.
 *
 * Source: the constructors in @tensorflow/tfjs-layers 4.22 (src/layers, src/common.ts, src/utils/generic_utils.ts).
 */
import { fail, type Failure } from '../ir/fault';
import type { Value } from '../ir/value';
import { itemsOf } from './arguments';
import { camelName, closest } from './spelling';
import type { ArgumentSpec, LayerSpec } from './spec';

const words = (all: string): readonly string[] => all.split(' ');

export const TFJS_ACTIVATIONS = words(
  'elu selu relu relu6 linear sigmoid hardSigmoid softplus softsign tanh softmax logSoftmax gelu gelu_new mish swish',
);
const NAMES: Readonly<Record<string, readonly string[]>> = {
  activation: TFJS_ACTIVATIONS,
  initializer: words(
    'constant glorotNormal glorotUniform heNormal heUniform identity leCunNormal leCunUniform ones orthogonal ' +
      'randomNormal randomUniform truncatedNormal varianceScaling zeros',
  ),
  regularizer: ['l1l2'],
  constraint: words('maxNorm minMaxNorm nonNeg unitNorm'),
};
export const TFJS_LOSSES = words(
  'meanSquaredError meanAbsoluteError meanAbsolutePercentageError meanSquaredLogarithmicError squaredHinge hinge ' +
    'categoricalHinge logcosh categoricalCrossentropy sparseCategoricalCrossentropy binaryCrossentropy ' +
    'kullbackLeiblerDivergence poisson cosineProximity',
);
export const TFJS_METRICS = words(
  'binaryAccuracy categoricalAccuracy precision categoricalCrossentropy sparseCategoricalCrossentropy mse MSE mae ' +
    'MAE mape MAPE cosine accuracy acc crossentropy ce',
);
export const TFJS_OPTIMIZERS = words('adagrad adadelta adam adamax rmsprop sgd');

/** Counts that `assertPositiveInteger` looks at. */
const COUNTS = new Set(['units', 'filters', 'input_dim', 'output_dim']);
/** Keys without which the constructor throws. */
const NEEDED = new Set([...COUNTS, 'kernel_size', 'cell', 'target_shape', 'dims', 'cropping', 'factor']);
/** Factories that take no options at all. */
const WITHOUT_OPTIONS = new Set(
  words(
    'masking globalMaxPooling1d globalAveragePooling1d globalMaxPool1d globalAvgPool1d batchNormalization ' +
      'layerNormalization flatten zeroPadding2d add multiply average maximum minimum concatenate reLU leakyReLU ' +
      'prelu elu softmax thresholdedReLU',
  ),
);

/** Does the factory throw when it is called with nothing, though every option has a default? */
export function needsOptions(factory: string): boolean {
  return !WITHOUT_OPTIONS.has(factory);
}

/** Keys that a layer takes in its own name for something, besides those in the catalogue. */
export const SHARED_KEYS: ReadonlySet<string> = new Set(
  words('inputShape batchInputShape batchSize dtype name trainable weights inputDType'),
);

/** The first value that the constructor surely refuses. `given` goes by Keras's names. */
export function refusedOption(
  spec: LayerSpec,
  parameters: readonly ArgumentSpec[],
  given: ReadonlyMap<string, Value>,
  open: boolean,
): Failure | undefined {
  const own = new Set(spec.parameters);
  for (const p of parameters) {
    const value = given.get(p.name);
    if (value === undefined || (value.kind === 'none' && value.spelled === 'undefined')) {
      const isNeeded = own.has(p) && p.tfjs !== null && NEEDED.has(p.name);
      if (isNeeded && !open) return fail({ kind: 'argument-missing', name: camelName(p.name) });
      continue;
    }
    const refused = own.has(p) || p.kind.kind === 'regularizer' ? refusal(spec, p, value) : undefined;
    if (refused) {
      const { wanted, suggestion } = refused;
      return fail({ kind: 'argument-invalid', name: p.name, got: scriptText(value), wanted, suggestion });
    }
  }
  return undefined;
}

interface Refusal {
  readonly wanted: string;
  readonly suggestion?: string;
}

function refusal(spec: LayerSpec, p: ArgumentSpec, value: Value): Refusal | undefined {
  if (value.kind === 'unknown') return undefined;
  if (COUNTS.has(p.name) && p.kind.kind === 'integer')
    return isCount(value) ? undefined : { wanted: 'a positive integer' };
  switch (p.kind.kind) {
    case 'window':
      return refusedWindow(spec, p, p.kind.rank, value);
    case 'choice':
      return refusedChoice(spec, p, value);
    case 'activation':
    case 'initializer':
    case 'regularizer':
    case 'constraint':
      return refusedName(p.kind.kind, value);
    default:
      return undefined;
  }
}

/** Anything but a plain value may be what is wanted. */
function isCount(value: Value): boolean {
  if (value.kind === 'number') return Number.isInteger(value.value) && value.value > 0;
  return value.kind !== 'string' && value.kind !== 'boolean' && value.kind !== 'none' && value.kind !== 'dict';
}

function refusedWindow(spec: LayerSpec, p: ArgumentSpec, rank: number, value: Value): Refusal | undefined {
  const wanted = rank === 1 ? 'a positive integer' : `a positive integer or ${rank} of them`;
  const pools = /Pooling/.test(spec.className);
  if (value.kind === 'string') return { wanted };
  const items = itemsOf(value);
  // `poolSize` of two and three axes is taken at any length; what is missing is then undefined.
  if (items && value.kind !== 'tensor' && !(pools && p.name === 'pool_size' && rank > 1))
    return items.length === rank ? undefined : { wanted };
  const checked = pools || (spec.className === 'ConvLSTM2D' && p.name === 'kernel_size');
  return checked && value.kind === 'number' && !isCount(value) ? { wanted } : undefined;
}

function refusedChoice(spec: LayerSpec, p: ArgumentSpec, value: Value): Refusal | undefined {
  if (value.kind !== 'string') return undefined;
  const of =
    p.name === 'padding'
      ? ['valid', 'same', ...(/^Separable/.test(spec.className) ? [] : ['causal'])]
      : p.name === 'data_format'
        ? ['channelsFirst', 'channelsLast']
        : undefined;
  // The options of a program are read in Keras's words, so `channels_last` stands for either spelling here.
  if (!of || of.includes(value.value)) return undefined;
  return { wanted: of.map(o => `'${o}'`).join(' or '), suggestion: closest(value.value, of) };
}

function refusedName(kind: keyof typeof NAMES, value: Value): Refusal | undefined {
  const wanted = `the name of ${kind === 'regularizer' || kind === 'constraint' ? 'a' : 'an'} ${kind}`;
  if (value.kind === 'number') return value.value === 0 ? undefined : { wanted };
  const known = NAMES[kind]!;
  if (value.kind !== 'string' || value.value === '') return undefined;
  // A name with a capital is the class behind it, and the program may have registered its own.
  if (known.includes(value.value) || /^[A-Z]/.test(value.value)) return undefined;
  return { wanted, suggestion: closest(value.value, known) };
}

/** A value as a JavaScript author would write it, for messages. */
export function scriptText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'boolean':
      return String(value.value);
    case 'string':
      return `'${value.value}'`;
    case 'none':
      return value.spelled === 'undefined' ? 'undefined' : 'null';
    case 'list':
    case 'tuple':
      return `[${value.items.map(scriptText).join(', ')}]`;
    case 'size':
      return value.dim.kind === 'symbolic'
        ? value.dim.text
        : value.dim.kind === 'known'
          ? String(value.dim.value)
          : '?';
    case 'dict':
      return 'an object';
    default:
      return `a ${value.kind}`;
  }
}
