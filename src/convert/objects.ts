/**
 * Activations, initialisers, regularisers and constraints, which both frameworks have under other names. What one of
 * them lacks, or means otherwise, comes with a sentence.
 */
import { camelName, snakeName } from '../catalogue';
import type { Framework } from '../catalogue/spec';
import type { ConfigValue } from '../ir/model';
import { call, type Code, type Entry, text } from './code';
import { isObject, isUnknown, literal } from './literal';

export type Note = (sentence: string) => void;

/** A class both have: Keras's name, the function of TensorFlow.js, and arguments whose defaults differ there. */
interface Row {
  readonly keras: string;
  readonly tfjs: string;
  /** Further spellings as text, without case and underscores. */
  readonly strings?: readonly string[];
  /** What the text alone means, in both, where TensorFlow.js wants an object. */
  readonly asText?: Readonly<Record<string, number>>;
  readonly differs?: Readonly<Record<string, readonly [keras: ConfigValue, tfjs: ConfigValue]>>;
}

type Kind = 'initializer' | 'regularizer' | 'constraint';

const TABLES: Readonly<Record<Kind, readonly Row[]>> = {
  initializer: [
    { keras: 'Zeros', tfjs: 'zeros', strings: ['zero'] },
    { keras: 'Ones', tfjs: 'ones', strings: ['one'] },
    { keras: 'Constant', tfjs: 'constant' },
    { keras: 'RandomUniform', tfjs: 'randomUniform', strings: ['uniform'] },
    { keras: 'RandomNormal', tfjs: 'randomNormal', strings: ['normal'] },
    { keras: 'TruncatedNormal', tfjs: 'truncatedNormal' },
    { keras: 'Identity', tfjs: 'identity', strings: ['identityinitializer'] },
    { keras: 'Orthogonal', tfjs: 'orthogonal', strings: ['orthogonalinitializer'] },
    // A `normal` of TensorFlow.js is cut off at two standard deviations, as Keras's default is.
    { keras: 'VarianceScaling', tfjs: 'varianceScaling', differs: { distribution: ['truncated_normal', 'normal'] } },
    { keras: 'GlorotUniform', tfjs: 'glorotUniform' },
    { keras: 'GlorotNormal', tfjs: 'glorotNormal' },
    { keras: 'HeUniform', tfjs: 'heUniform' },
    { keras: 'HeNormal', tfjs: 'heNormal' },
    { keras: 'LecunUniform', tfjs: 'leCunUniform' },
    { keras: 'LecunNormal', tfjs: 'leCunNormal' },
  ],
  regularizer: [
    { keras: 'L1', tfjs: 'l1', asText: { l1: 0.01 } },
    { keras: 'L2', tfjs: 'l2', asText: { l2: 0.01 } },
    { keras: 'L1L2', tfjs: 'l1l2', differs: { l1: [0, 0.01], l2: [0, 0.01] }, asText: { l1: 0.01, l2: 0.01 } },
  ],
  constraint: [
    { keras: 'MaxNorm', tfjs: 'maxNorm' },
    { keras: 'NonNeg', tfjs: 'nonNeg', strings: ['nonnegative'] },
    { keras: 'UnitNorm', tfjs: 'unitNorm', strings: ['unitnormalization'] },
    { keras: 'MinMaxNorm', tfjs: 'minMaxNorm' },
  ],
};

const plain = (name: string): string => name.replace(/_/g, '').toLowerCase();

function rowOf(kind: Kind, name: string): Row | undefined {
  const wanted = plain(name);
  return TABLES[kind].find(row => plain(row.keras) === wanted || row.strings?.includes(wanted));
}

/** Values of arguments that are words of the framework: `fan_in`, `truncated_normal`. */
function word(value: ConfigValue, to: Framework): ConfigValue {
  if (typeof value !== 'string') return value;
  if (to === 'keras') return value === 'normal' ? 'truncated_normal' : snakeName(value);
  return value === 'truncated_normal' ? 'normal' : camelName(value);
}

/** Two texts or objects that mean the same. */
export function sameObject(kind: Kind, a: ConfigValue, b: ConfigValue): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return JSON.stringify(a) === JSON.stringify(b);
  const [one, other] = [rowOf(kind, a), rowOf(kind, b)];
  return one !== undefined && one === other;
}

/** Undefined, after a note, where there is nothing that could be written. */
export function objectCode(
  kind: Kind,
  value: ConfigValue,
  from: Framework,
  to: Framework,
  note: Note,
): Code | undefined {
  if (value === null) return undefined;
  const name =
    typeof value === 'string' ? value : isObject(value) && typeof value.class === 'string' ? value.class : null;
  const row = name === null ? undefined : rowOf(kind, name);
  if (!row) {
    note(name === null ? `The ${kind} could not be followed.` : `The ${kind} ${name} has no counterpart.`);
    return undefined;
  }
  const given: Record<string, ConfigValue> =
    typeof value === 'string' ? (to === 'tfjs' ? { ...row.asText } : {}) : { ...(value as object) };
  delete given.class;
  delete given.name;
  for (const [argument, [keras, tfjs]] of Object.entries(row.differs ?? {})) {
    const [own, other] = from === 'keras' ? [keras, tfjs] : [tfjs, keras];
    if (typeof value !== 'string' && given[argument] === undefined && word(own, to) !== word(other, to))
      given[argument] = own;
  }
  const keywords: Entry[] = [];
  for (const [argument, each] of Object.entries(given)) {
    if (each === null) continue;
    if (isUnknown(each)) note(`The argument ${argument} of the ${kind} could not be followed.`);
    else keywords.push([to === 'tfjs' ? camelName(argument) : argument, literal(word(each, to), to)]);
  }
  if (typeof value === 'string' && keywords.length === 0) {
    const spelt =
      kind === 'regularizer'
        ? row.tfjs === 'l1l2' && to === 'keras'
          ? 'l1_l2'
          : row.tfjs
        : to === 'tfjs'
          ? row.tfjs
          : snakeName(row.keras);
    return text(JSON.stringify(spelt));
  }
  return to === 'tfjs'
    ? call(`tf.${kind}s.${row.tfjs}`, [], keywords)
    : call(`keras.${kind}s.${row.keras}`, [], keywords);
}

/** Keras's name → TensorFlow.js's; the same function in both. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  linear: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  selu: 'selu',
  sigmoid: 'sigmoid',
  hard_sigmoid: 'hardSigmoid',
  softmax: 'softmax',
  log_softmax: 'logSoftmax',
  softplus: 'softplus',
  softsign: 'softsign',
  tanh: 'tanh',
  silu: 'swish',
  mish: 'mish',
  gelu: 'gelu',
};
const ACTIVATION_ALIASES: Readonly<Record<string, string>> = {
  swish: 'silu',
  logsoftmax: 'log_softmax',
  hardsigmoid: 'hard_sigmoid',
};

const canonicalActivation = (name: string): string => {
  const snake = /[a-z][A-Z]/.test(name) ? snakeName(name) : name.toLowerCase();
  return ACTIVATION_ALIASES[plain(snake)] ?? snake;
};

/** `null` and `linear` are one. */
export function sameActivation(a: ConfigValue, b: ConfigValue): boolean {
  const name = (value: ConfigValue): string | null =>
    value === null ? 'linear' : typeof value === 'string' ? canonicalActivation(value) : null;
  const [one, other] = [name(a), name(b)];
  return one !== null && one === other;
}

export function activationCode(value: ConfigValue, to: Framework, note: Note): Code | undefined {
  if (value === null) return text('"linear"');
  if (typeof value !== 'string') {
    note('The activation could not be followed; the layer has none here.');
    return undefined;
  }
  const name = canonicalActivation(value);
  if (name === 'hard_sigmoid') {
    note(
      'hard_sigmoid is relu6(x + 3) / 6 in Keras 3 and clip(0.2 x + 0.5, 0, 1) in TensorFlow.js: results differ a little.',
    );
  }
  const tfjs = ACTIVATIONS[name];
  if (to === 'keras') {
    if (name === 'gelu_new') {
      note('gelu_new is keras.activations.gelu with approximate=True, which a text cannot say.');
      return text('"gelu"');
    }
    return text(JSON.stringify(name));
  }
  // An unknown name makes TensorFlow.js fail when the layer is made, which is better than another function.
  if (tfjs === undefined)
    note(`TensorFlow.js has no activation ${name}; put a layer or operation of your own in its place.`);
  return text(JSON.stringify(tfjs ?? camelName(name)));
}
