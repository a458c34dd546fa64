/** Keras's initialisers, drawn here rather than by a back end: the same seed gives the same weights on every machine. */
import type { ConfigValue } from '../../ir/model';
import { randomBits } from '../../data/random';
import { asObject, type Config, ModelError, type RawConfig } from './config';

type Draw = (shape: readonly number[], config: RawConfig, random: Random) => Float32Array;

/**
 * Initial values of one weight, in row-major order. `path` makes each weight's stream of random numbers its own, so
 * that adding a layer does not change the others.
 * @throws ModelError for an initialiser that is not known.
 */
export function initialValues(
  config: Config,
  initializer: ConfigValue,
  shape: readonly number[],
  path: string,
  seed: number,
): Float32Array {
  const object = asObject(initializer);
  const name = object ? object.className : typeof initializer === 'string' ? initializer : null;
  const draw = name === null ? undefined : DRAWS[name.replace(/[_-]/g, '').toLowerCase()];
  if (!draw) {
    throw new ModelError(
      `The initializer ${JSON.stringify(name ?? initializer)} of "${path}" is not known.`,
      'Use one of Keras\'s initializers by name, such as "glorot_uniform".',
    );
  }
  const own = object?.config.seed;
  const random = new Random(typeof own === 'number' ? own : seed, typeof own === 'number' ? 0 : hash(path));
  const bound: Record<string, ConfigValue> = {};
  for (const key of Object.keys(object?.config ?? {})) bound[key] = config.nested(object!.config).value(key) ?? null;
  return draw(shape, bound, random);
}

class Random {
  private readonly bits: () => number;
  private spare: number | null = null;

  constructor(seed: number, stream: number) {
    this.bits = randomBits(seed, stream);
  }

  /** In (0, 1), never 0, so that a logarithm is finite. */
  uniform(): number {
    return (this.bits() + 0.5) / 2 ** 32;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    if (this.spare !== null) {
      const spare = this.spare;
      this.spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Normal without what lies beyond two deviations, as Keras draws it again. */
  truncatedNormal(): number {
    for (;;) {
      const value = this.normal();
      if (Math.abs(value) <= 2) return value;
    }
  }
}

const fill = (shape: readonly number[], value: () => number): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value);

const numberOf = (config: RawConfig, key: string, whenAbsent: number): number => {
  const value = config[key];
  return typeof value === 'number' ? value : whenAbsent;
};

const textOf = (config: RawConfig, key: string, whenAbsent: string): string => {
  const value = config[key];
  return typeof value === 'string' ? value : whenAbsent;
};

/** Keras's `compute_fans`: the last two axes are in and out, those before them a receptive field. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 1) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: shape[shape.length - 2]! * field, fanOut: shape[shape.length - 1]! * field };
}

function variance(
  shape: readonly number[],
  scale: number,
  mode: string,
  distribution: string,
  random: Random,
): Float32Array {
  const { fanIn, fanOut } = fans(shape);
  const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
  const spread = scale / Math.max(1, fan);
  if (distribution === 'uniform') {
    const limit = Math.sqrt(3 * spread);
    return fill(shape, () => (2 * random.uniform() - 1) * limit);
  }
  if (distribution === 'untruncated_normal') return fill(shape, () => random.normal() * Math.sqrt(spread));
  // 0.8796… is the deviation of a normal distribution truncated at two deviations.
  const deviation = Math.sqrt(spread) / 0.87962566103423978;
  return fill(shape, () => random.truncatedNormal() * deviation);
}

const scaled =
  (scale: number, mode: string, distribution: string): Draw =>
  (shape, _config, random) =>
    variance(shape, scale, mode, distribution, random);

/** By class or function name in lower case without underscores. */
const DRAWS: Readonly<Record<string, Draw>> = {
  zeros: shape => fill(shape, () => 0),
  zero: shape => fill(shape, () => 0),
  ones: shape => fill(shape, () => 1),
  one: shape => fill(shape, () => 1),
  constant: (shape, config) => fill(shape, () => numberOf(config, 'value', 0)),
  randomuniform: (shape, config, random) => {
    const low = numberOf(config, 'minval', -0.05);
    const high = numberOf(config, 'maxval', 0.05);
    return fill(shape, () => low + (high - low) * random.uniform());
  },
  randomnormal: (shape, config, random) =>
    fill(shape, () => numberOf(config, 'mean', 0) + numberOf(config, 'stddev', 0.05) * random.normal()),
  truncatednormal: (shape, config, random) =>
    fill(shape, () => numberOf(config, 'mean', 0) + numberOf(config, 'stddev', 0.05) * random.truncatedNormal()),
  variancescaling: (shape, config, random) =>
    variance(
      shape,
      numberOf(config, 'scale', 1),
      textOf(config, 'mode', 'fan_in'),
      textOf(config, 'distribution', 'truncated_normal'),
      random,
    ),
  glorotuniform: scaled(1, 'fan_avg', 'uniform'),
  uniform: (shape, config, random) => DRAWS.randomuniform!(shape, config, random),
  normal: (shape, config, random) => DRAWS.randomnormal!(shape, config, random),
  glorotnormal: scaled(1, 'fan_avg', 'truncated_normal'),
  xavieruniform: scaled(1, 'fan_avg', 'uniform'),
  lecununiform: scaled(1, 'fan_in', 'uniform'),
  lecunnormal: scaled(1, 'fan_in', 'truncated_normal'),
  heuniform: scaled(2, 'fan_in', 'uniform'),
  henormal: scaled(2, 'fan_in', 'truncated_normal'),
  identity: (shape, config) => diagonal(shape, numberOf(config, 'gain', 1)),
  identityinitializer: (shape, config) => diagonal(shape, numberOf(config, 'gain', 1)),
  eye: (shape, config) => diagonal(shape, numberOf(config, 'gain', 1)),
  orthogonal: (shape, config, random) => orthogonal(shape, numberOf(config, 'gain', 1), random),
  orthogonalinitializer: (shape, config, random) => orthogonal(shape, numberOf(config, 'gain', 1), random),
};

function diagonal(shape: readonly number[], gain: number): Float32Array {
  const [rows = 0, columns = 0] = shape;
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = gain;
  return values;
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer: Gram and Schmidt's method on normal rows,
 * twice for accuracy, with signs left as they fall, which keeps the distribution uniform (Haar).
 */
function orthogonal(shape: readonly number[], gain: number, random: Random): Float32Array {
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        let dot = 0;
        for (let k = 0; k < length; k++) dot += vector[k]! * other[k]!;
        for (let k = 0; k < length; k++) vector[k]! -= dot * other[k]!;
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
    for (let k = 0; k < length; k++) vector[k]! /= norm;
    basis.push(vector);
  }
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) values[rows < columns ? i * columns + k : k * columns + i] = gain * basis[i]![k]!;
  }
  return values;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
