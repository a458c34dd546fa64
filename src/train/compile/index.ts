// The compiled training step: a function that does one step in TensorFlow.js becomes one native TensorFlow graph.
//
// TensorFlow.js crosses from JavaScript into TensorFlow once per operation. Here the first calls of a step are run as
// they are and recorded; from then on every call is a single `runSavedModel`. The meaning stays the same: inputs in,
// outputs out, variables changed. Variables stay ordinary `tf.Variable`s whose values may be read and assigned between
// steps; while compiled, their values live in the native session and are fetched on the first read.
//
// Nothing here knows of layers or models, and TensorFlow is never imported: the namespace comes as an argument.

import type * as tfjs from '@tensorflow/tfjs';
import { NativeCompiler } from './compiler';

/** The TensorFlow.js namespace, as the one file that loads TensorFlow returned it. */
export type Tf = typeof tfjs;

/**
 * One named input of a step.
 * - A tensor is fed each call; its type and shape are part of the signature (one graph per signature).
 * - A number is fed each call as a float32 scalar and arrives in the step as a scalar tensor: what changes from step to
 *   step (learning rate, schedules, loss weights) must come in this way.
 * - A boolean or string is part of the signature and arrives as it is: it may decide which operations run
 *   (`training: true`, `update: false`).
 */
export type StepInput = tfjs.Tensor | number | boolean | string;

/** What the step function receives for a `StepInput`: numbers have become scalar tensors. */
export type Received<I> = { [K in keyof I]: I[K] extends number ? tfjs.Scalar : I[K] };

/** Named result tensors. They belong to the caller, who disposes them (or calls inside `tf.tidy`). */
export type StepOutputs = Record<string, tfjs.Tensor>;

/** How one signature of a function runs. */
export type Mode =
  /** Not yet decided: the first calls are run as they are and recorded. */
  | { kind: 'recording' }
  /** Runs as one native graph; `milliseconds` is what building, loading and the first run took. */
  | { kind: 'compiled'; operations: number; milliseconds: number }
  /** Runs operation by operation; `reason` is one sentence for the log and the panel. */
  | { kind: 'eager'; reason: string };

/** A step, or a pure function, that runs natively when it can. */
export interface CompiledFunction<I extends Record<string, StepInput>, O extends StepOutputs> {
  /**
   * Runs the function once. Synchronous, like every TensorFlow.js operation under Node.
   * @throws what the step itself throws while it runs eagerly; a TensorFlow error (for example an embedding index
   *   outside its table) when it runs compiled.
   */
  (inputs: I): O;
  readonly functionName: string;
  /** The mode of the signature used by the latest call (`recording` before the first). */
  readonly mode: Mode;
  /** Every signature seen, with its mode. */
  readonly signatures: readonly { signature: string; mode: Mode }[];
}

export interface CompilerOptions {
  /** Run everything eagerly, with this sentence as the reason. For `--eager` and the setting. */
  eager?: string;
  /** Seed of all random numbers drawn inside steps. Same seed and same `counter`: same numbers. Default 0. */
  seed?: number;
  /**
   * How many calls per signature run both ways, from the same state, before the graph is trusted. A difference beyond
   * rounding makes that signature eager for good and is reported through `onMode`. Default 2, least 1.
   */
  checks?: number;
  /** Graphs kept at most; the least recently used goes first. Default 24. */
  maxSignatures?: number;
  /** Called whenever a signature's mode is decided: the place to log and to tell the panel. */
  onMode?: (functionName: string, signature: string, mode: Mode) => void;
  /** Called with every SavedModel before TensorFlow loads it and what its graphs are fed and asked for: for profiles. */
  onLoad?: (savedModel: Uint8Array, graphs: readonly { feedNames: string; fetchNames: string }[]) => void;
}

/** Values of one variable, outside TensorFlow. `data` is in row-major order. */
export interface VariableValue {
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  data: Float32Array | Int32Array | Uint8Array;
}

/**
 * Functions that share variables: one training step, evaluation, prediction, in one native session.
 *
 * ```ts
 * const compiler = createCompiler(tf, { seed: 42, onMode: log });
 * const optimizer = createOptimizer(tf, { class: 'Adam' });
 * const train = compiler.step('train', ({ x, y, ...numbers }) => {
 *   const { value, grads } = tf.variableGrads(() => loss(model.apply(x, { training: true }), y), weights);
 *   optimizer.apply(grads, numbers);
 *   return { loss: value };
 * });
 * const { loss } = train({ x, y, ...optimizer.inputs({ iteration, learningRate: 1e-3 }) });
 * ```
 */
export interface Compiler {
  /**
   * A function that may assign `tf.Variable`s. It is run inside `tf.tidy`, must be synchronous, and must do the same
   * operations each time it is called with the same signature; what differs must be an input.
   * Random operations inside (`tf.dropout`, `tf.randomUniform`, `tf.randomNormal`, `tf.truncatedNormal`, dropout and
   * noise layers) draw from `seed` and `counter` whether eager or compiled, so that both give the same numbers.
   */
  step<I extends Record<string, StepInput>, O extends StepOutputs>(
    name: string,
    body: (inputs: Received<I>) => O,
  ): CompiledFunction<I, O>;

  /** As `step`, for functions that assign no variable: evaluation and prediction. They do not advance `counter`. */
  pure<I extends Record<string, StepInput>, O extends StepOutputs>(
    name: string,
    body: (inputs: Received<I>) => O,
  ): CompiledFunction<I, O>;

  /** Steps done so far; random numbers depend on it. Save it with a checkpoint, set it on resume. */
  counter: number;
  /** Seed of the random numbers; save it with a checkpoint. */
  seed: number;

  /** Why nothing will be compiled (another back end, `eager` asked for), or undefined. */
  readonly refusal: string | undefined;

  /** Values of the variables the compiled functions use, by variable name; `names` picks some. */
  read(names?: readonly string[]): Record<string, VariableValue>;
  /**
   * Sets variables by name. `variable.assign(tensor)` and `layer.setWeights` do as well; the next call sees either.
   * @throws Error when a name is unknown or a shape differs.
   */
  write(values: Record<string, VariableValue>): void;

  /** Gives the values back to the `tf.Variable`s,
    frees the session and its temporary files. Later calls run eagerly. */
  dispose(): void;
}

/** Makes a compiler for the back end that is active in `tf`. Never throws: see `refusal`. */
export function createCompiler(tf: Tf, options: CompilerOptions = {}): Compiler {
  return new NativeCompiler(tf, options);
}

export { createOptimizer } from './optimizers';
export type { Optimizer, OptimizerConfig, OptimizerMoment, OptimizerOptions } from './optimizers';
