// Random numbers inside steps: TensorFlow's counter-based generators, keyed by a seed and the number of the step.
//
// tfjs draws in JavaScript, so a recorded step would repeat one dropout mask for ever. While a step runs, tfjs-core's
// random functions are answered from here instead, eager or recorded, with the same numbers. Outside steps they are
// untouched.

import Module from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import type { AttrValue, NodeBackend } from './binding';
import { DT, nativeOp } from './binding';
import type { Tf } from './index';

/** Draws for one run of a step. `seed` is an int32 tensor of shape [2]: a hash of the seed, and the step's number. */
export class StepRandom {
  private drawn = 0;

  constructor(
    private readonly tf: Tf,
    private readonly backend: NodeBackend,
    private readonly seed: tfjs.Tensor1D,
  ) {}

  /** Uniform in [0, 1). */
  uniform(shape: number[], seed?: number | string): tfjs.Tensor {
    return this.draw('StatelessRandomUniform', shape, seed);
  }

  normal(shape: number[], seed?: number | string): tfjs.Tensor {
    return this.draw('StatelessRandomNormal', shape, seed);
  }

  /** Standard normal, drawn again beyond two standard deviations. */
  truncatedNormal(shape: number[], seed?: number | string): tfjs.Tensor {
    return this.draw('StatelessTruncatedNormal', shape, seed);
  }

  multinomial(logits: tfjs.Tensor2D, samples: number, seed?: number | string): tfjs.Tensor {
    return this.tf.tidy(() =>
      this.run(
        'StatelessMultinomial',
        { T: { type: DT.FLOAT }, Tseed: { type: DT.INT32 }, output_dtype: { type: DT.INT32 } },
        [logits, this.tf.scalar(samples, 'int32'), this.key(seed)],
      ),
    );
  }

  private draw(op: string, shape: number[], seed: number | string | undefined): tfjs.Tensor {
    return this.tf.tidy(() =>
      this.run(op, { dtype: { type: DT.FLOAT }, T: { type: DT.INT32 }, Tseed: { type: DT.INT32 } }, [
        this.tf.tensor1d(shape, 'int32'),
        this.key(seed),
      ]),
    );
  }

  private run(op: string, attrs: Record<string, AttrValue>, inputs: tfjs.Tensor[]): tfjs.Tensor {
    return nativeOp(this.backend, op, attrs, inputs)[0]!;
  }

  /** Every draw of a step has its own key; draws given the same explicit seed share one, as in Keras. */
  private key(seed: number | string | undefined): tfjs.Tensor {
    const number = seed === undefined ? Math.imul(++this.drawn, 0x9e3779b1) | 0 : hash(`seed ${seed}`);
    return this.tf.add(this.seed, this.tf.tensor1d([number, 0], 'int32'));
  }
}

let active: StepRandom | undefined;

/** Runs `body` with tfjs's random functions answered by `random`. */
export function withRandom<T>(random: StepRandom, body: () => T): T {
  const outer = active;
  active = random;
  try {
    return body();
  } finally {
    active = outer;
  }
}

/** A 32-bit hash (FNV-1a with a final mix), for keys that must differ in many bits. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return Math.imul(h ^ (h >>> 13), 0xc2b2ae35) | 0;
}

type Functions = Record<string, (...args: never[]) => unknown>;
const redirected = new WeakSet<object>();

/**
 * Redirects tfjs-core's random functions while a step runs. They are exchanged in the loaded module itself, since
 * tfjs-layers calls them there; the `tf` namespace only reads through to it.
 * @returns false when the module could not be found (a bundled tfjs): drawing inside a step then cannot be compiled.
 */
export function redirectRandom(tf: Tf): boolean {
  const core = loadedCore(tf);
  if (!core) return false;
  if (redirected.has(core)) return true;
  redirected.add(core);
  const original = { ...core };
  const replace = (name: string, inStep: (random: StepRandom, ...args: never[]) => unknown): void => {
    core[name] = (...args: never[]) => (active ? inStep(active, ...args) : original[name]!(...args));
  };
  type Shape = number[];
  type Seed = number | string | undefined;
  type Kind = 'float32' | 'int32' | 'bool' | undefined;
  const cast = (x: tfjs.Tensor, dtype: Kind): tfjs.Tensor => (dtype && dtype !== 'float32' ? tf.cast(x, dtype) : x);
  const scaled = (x: tfjs.Tensor, factor: number, offset: number): tfjs.Tensor => {
    const y = factor === 1 ? x : tf.mul(x, factor);
    return offset === 0 ? y : tf.add(y, offset);
  };
  replace('randomUniform', (random, shape: Shape, low = 0, high = 1, dtype?: Kind, seed?: Seed) =>
    tf.tidy(() => cast(scaled(random.uniform(shape, seed), high - low, low), dtype)),
  );
  replace('randomUniformInt', (random, shape: Shape, low: number, high: number, seed?: Seed) =>
    tf.tidy(() => tf.cast(scaled(random.uniform(shape, seed), high - low, low), 'int32')),
  );
  replace('randomNormal', (random, shape: Shape, mean = 0, deviation = 1, dtype?: Kind, seed?: Seed) =>
    tf.tidy(() => cast(scaled(random.normal(shape, seed), deviation, mean), dtype)),
  );
  replace('randomStandardNormal', (random, shape: Shape, dtype?: Kind, seed?: Seed) =>
    cast(random.normal(shape, seed), dtype),
  );
  replace('truncatedNormal', (random, shape: Shape, mean = 0, deviation = 1, dtype?: Kind, seed?: Seed) =>
    tf.tidy(() => cast(scaled(random.truncatedNormal(shape, seed), deviation, mean), dtype)),
  );
  replace('multinomial', (random, logits: tfjs.Tensor2D, samples: number, seed?: Seed) =>
    random.multinomial(logits, samples, seed),
  );
  replace('dropout', (random, x: tfjs.Tensor, rate: number, noiseShape?: Shape, seed?: Seed) => {
    if (rate === 0) return x.clone();
    return tf.tidy(() => {
      const shape = noiseShape?.map((size, axis) => size ?? x.shape[axis]!) ?? x.shape;
      const kept = tf.greaterEqual(random.uniform(shape, seed), rate);
      return tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
    });
  });
  return true;
}

/** The exports of the tfjs-core that `tf` reads through to, among the modules this process has loaded. */
function loadedCore(tf: Tf): Functions | undefined {
  // The runtime that Modelwright installs is one bundled file, which hands its tfjs-core out by this name.
  const handed = (tf as unknown as Record<symbol, Functions | undefined>)[Symbol.for('modelwright.tfjs-core')];
  if (handed) return handed;
  const cache = (Module as unknown as { _cache: Record<string, { exports?: unknown } | undefined> })._cache;
  for (const [path, module] of Object.entries(cache)) {
    if (!/tf-core[^/\\]*\.js$/.test(path)) continue;
    const exports = module?.exports as Functions | undefined;
    const writable = exports && Object.getOwnPropertyDescriptor(exports, 'dropout')?.writable;
    if (writable && exports.dropout === (tf.dropout as unknown)) return exports;
  }
  return undefined;
}
