/**
 * Short hands in which the catalogue's argument lists are written: the kinds that many layers share, and the groups of
 * arguments (initialisers, regularisers, constraints) that come together in Keras.
 */
import type { ConfigValue } from '../ir/model';
import type { ArgumentKind, ArgumentSpec } from './spec';

export const INTEGER: ArgumentKind = { kind: 'integer' };
export const POSITIVE: ArgumentKind = { kind: 'integer', atLeast: 1 };
/** A positive integer that must not be True. */
export const COUNT: ArgumentKind = { kind: 'integer', atLeast: 1, notBoolean: true };
export const NUMBER: ArgumentKind = { kind: 'number' };
export const NOT_NEGATIVE: ArgumentKind = { kind: 'number', atLeast: 0 };
/** A probability or rate that Keras itself bounds. */
export const FRACTION: ArgumentKind = { kind: 'number', atLeast: 0, atMost: 1 };
/** Keras only asks for the truth of most flags, so any value will do; `flag()` reads True, False, 0 and 1. */
export const FLAG: ArgumentKind = { kind: 'boolean' };
export const STRING: ArgumentKind = { kind: 'string' };
export const ANY: ArgumentKind = { kind: 'any' };
export const SHAPE: ArgumentKind = { kind: 'shape' };
export const AXES: ArgumentKind = { kind: 'axes' };
export const DTYPE: ArgumentKind = { kind: 'dtype' };
export const LAYER: ArgumentKind = { kind: 'layer' };
export const ACTIVATION: ArgumentKind = { kind: 'activation' };
export const INITIALIZER: ArgumentKind = { kind: 'initializer' };
export const REGULARIZER: ArgumentKind = { kind: 'regularizer' };
export const CONSTRAINT: ArgumentKind = { kind: 'constraint' };

export const CHANNELS: ArgumentKind = { kind: 'choice', of: ['channels_last', 'channels_first'], ignoreCase: true };
/** `standardize_padding` in keras/src/utils/argument_validation.py lower-cases. */
export const PADDING: ArgumentKind = { kind: 'choice', of: ['valid', 'same'], ignoreCase: true };
export const CAUSAL_PADDING: ArgumentKind = { kind: 'choice', of: ['valid', 'same', 'causal'], ignoreCase: true };

export function choice(...of: readonly string[]): ArgumentKind {
  return { kind: 'choice', of };
}

/** One integer or `rank` of them, above zero. */
export function window(rank: number, atLeast = 1): ArgumentKind {
  return { kind: 'window', rank, atLeast };
}

export function required(name: string, kind: ArgumentKind = ANY, more?: Partial<ArgumentSpec>): ArgumentSpec {
  return { name, kind, ...more };
}

export function optional(
  name: string,
  kind: ArgumentKind = ANY,
  defaultValue: ConfigValue = null,
  more?: Partial<ArgumentSpec>,
): ArgumentSpec {
  return { name, kind, defaultValue, ...more };
}

/** Nothing but the default: for arguments that no shape depends on and that Keras does not check. */
export function free(...names: readonly string[]): ArgumentSpec[] {
  return names.map(name => optional(name));
}

/** `tfjs`: where TensorFlow.js starts from other numbers, as it does with nearly every kernel. */
export function initializers(
  defaults: Readonly<Record<string, string>>,
  tfjs: Readonly<Record<string, string>> = { kernel: 'glorot_normal' },
): ArgumentSpec[] {
  return Object.entries(defaults).map(([of, value]) =>
    optional(`${of}_initializer`, INITIALIZER, value, tfjs[of] === undefined ? undefined : { tfjsDefault: tfjs[of] }),
  );
}

export function regularizers(...of: readonly string[]): ArgumentSpec[] {
  return of.map(one => optional(`${one}_regularizer`, REGULARIZER));
}

export function constraints(...of: readonly string[]): ArgumentSpec[] {
  return of.map(one => optional(`${one}_constraint`, CONSTRAINT));
}

export const ACTIVITY = optional('activity_regularizer', REGULARIZER);
export const SEED = optional('seed');
export const DATA_FORMAT = optional('data_format', CHANNELS);
export const USE_BIAS = optional('use_bias', FLAG, true);

/** `activation, use_bias, kernel_initializer … bias_constraint`, the tail of Dense and the convolutions. */
export const KERNEL_AND_BIAS: readonly ArgumentSpec[] = [
  optional('activation', ACTIVATION),
  USE_BIAS,
  ...initializers({ kernel: 'glorot_uniform', bias: 'zeros' }),
  ...regularizers('kernel', 'bias'),
  ACTIVITY,
  ...constraints('kernel', 'bias'),
];

/** What every Keras layer takes by keyword (`Layer.__init__` in keras/src/layers/layer.py). */
export const LAYER_ARGUMENTS: readonly ArgumentSpec[] = [
  optional('name', STRING),
  optional('dtype', DTYPE),
  optional('trainable', FLAG, true),
  optional('autocast', FLAG, true, { tfjs: null }),
  ACTIVITY,
  optional('input_shape', SHAPE),
  optional('input_dim', INTEGER, null, { tfjs: null }),
].map(a => ({ ...a, keywordOnly: true }));
