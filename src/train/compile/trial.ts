// Runs a graph and its step from the same state and decides whether the graph may be trusted.

import type * as tfjs from '@tensorflow/tfjs';
import type { EmittedGraph } from './emit';
import { Held } from './held';
import type { StepInput, StepOutputs, Tf } from './index';
import { isTensor, type Given, type Run, type Runner } from './runner';
import type { Disagreement, Pair } from './self-check';
import { disagreementBeyondNoise, disagreements, largestDifference } from './self-check';
import type { Session } from './session';
import type { LiveVariables } from './variables';

/**
 * Eager runs from a slightly changed state that may be made to tell rounding from a mistake. A step with a maximum in it,
 * as Adamax's, shows its rounding in some of them only.
 */
const PERTURBED_RUNS = 10;
/** Two units in the last place of a float32. */
const ROUNDING = 1.2e-7;
/** Values of one tensor that are compared. A wrong row of BERT's embedding, one of 30,522, still has four of them. */
const MOST_COMPARED = 2 ** 17;

/** What a trial works with. */
export interface Trial {
  tf: Tf;
  runner: Runner;
  session: Session;
  live: LiveVariables;
  run: Run;
  graph: EmittedGraph;
  inputs: Given;
  /** How uncertain results are because of rounding, by name; grows as it has to be found out. */
  noise: Map<string, number>;
}

/** The step's outputs by the graph; or, with the reason, those of the eager run. The variables fit the outputs. */
export interface Verdict {
  outputs: StepOutputs;
  reason: string | undefined;
  /** What the graph's run took. */
  milliseconds: number;
}

/**
 * What a trial costs is memory: the state from before the step is held, and the graph makes a second one. Of large
 * tensors the results are therefore compared in places spread all over them, and nothing of the eager run is held.
 * @param done the eager run if it has been made already, and the values of the graph's variables from before it, which
 *   are released here
 */
export function tryGraph(trial: Trial, done: { outputs: StepOutputs; before: Held } | undefined): Verdict {
  const { tf, runner, session, live, run, graph, inputs } = trial;
  if (!done) live.enter(graph.variables, false);
  const before = done?.before ?? new Held(tf, graph.variables);
  const eager = resultsOf(trial, done?.outputs ?? runner.eager(run, inputs));
  before.restore();
  if (!done) live.adopt(graph.variables);

  const started = performance.now();
  let compiled: StepOutputs | undefined;
  let reason: string | undefined;
  try {
    compiled = runner.native(graph, session, live, inputs);
  } catch (error) {
    reason = `TensorFlow refuses the graph: ${firstLine(error)}`;
  }
  const milliseconds = performance.now() - started;
  try {
    if (compiled) {
      const suspects = disagreements(pairs(eager, resultsOf(trial, compiled, false)));
      if (!disagreementBeyondNoise(suspects, trial.noise)) return { outputs: compiled, reason, milliseconds };
      tf.dispose(compiled);
      const found = beyondNoise(trial, before, suspects);
      if (found) reason = describe(found);
    }
    // Finding out has cost the state after the step: whoever is believed takes it once more.
    before.restore();
    const outputs = reason === undefined ? runner.native(graph, session, live, inputs) : runner.eager(run, inputs);
    return { outputs, reason, milliseconds };
  } finally {
    before.release();
  }
}

/**
 * Whether the suspects differ by more than the rounding of this step explains, which eager runs nearby tell. Any state
 * may be left behind.
 */
function beyondNoise(trial: Trial, before: Held, suspects: readonly Pair[]): Disagreement | undefined {
  const { tf, runner, live, graph, run, inputs, noise } = trial;
  before.restore();
  live.enter(graph.variables, false); // The session lets go of the state that it made.
  let found = disagreementBeyondNoise(suspects, noise);
  for (let attempt = 1; attempt <= PERTURBED_RUNS && found; attempt++) {
    for (const [variable, tensor] of before.tensors) tf.tidy(() => variable.assign(nearby(tf, tensor, attempt)));
    // Inputs too: a step without variables rounds as well.
    const around = Object.entries(inputs).map(([name, value]): [string, StepInput] =>
      isTensor(value) ? [name, tf.tidy(() => nearby(tf, value, attempt))] : [name, value],
    );
    const results = resultsOf(trial, runner.eager(run, Object.fromEntries(around)));
    for (const [name, value] of around) if (isTensor(value) && value !== inputs[name]) value.dispose();
    for (const { name, eager } of suspects) {
      noise.set(name, Math.max(noise.get(name) ?? 0, largestDifference(eager, results.get(name)!)));
    }
    found = disagreementBeyondNoise(suspects, noise);
  }
  return found;
}

/** The same values but for rounding. */
function nearby(tf: Tf, tensor: tfjs.Tensor, seed: number): tfjs.Tensor {
  if (tensor.dtype !== 'float32') return tensor;
  const sign = tf.sign(tf.randomUniform(tensor.shape, -1, 1, 'float32', seed));
  return tf.mul(tensor, tf.add(tf.mul(sign, ROUNDING), 1));
}

type Results = ReadonlyMap<string, ArrayLike<number>>;

/** Values of the outputs, which are disposed unless they are to be kept, and of the variables, by name. */
function resultsOf({ tf, graph }: Trial, outputs: StepOutputs, dispose = true): Results {
  const results = new Map<string, ArrayLike<number>>();
  for (const [name, tensor] of Object.entries(outputs)) results.set(name, valuesOf(tf, tensor));
  for (const variable of graph.variables) results.set(nameOf(variable), valuesOf(tf, variable));
  if (dispose) tf.dispose(outputs);
  return results;
}

/** All values of a tensor, or of a large one those at `MOST_COMPARED` places. */
function valuesOf(tf: Tf, tensor: tfjs.Tensor): ArrayLike<number> {
  const { size, dtype } = tensor;
  if (size <= MOST_COMPARED || (dtype !== 'float32' && dtype !== 'int32')) return tensor.dataSync();
  return tf.tidy(() => tf.gather(tf.reshape(tensor, [size]), tf.tensor1d(places(size), 'int32')).dataSync());
}

/** One place in each of equally long stretches, the same ones every time. */
function places(size: number): Int32Array {
  const stretch = size / MOST_COMPARED;
  let random = 1;
  return Int32Array.from({ length: MOST_COMPARED }, (_, i) => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0; // Numerical Recipes, 7.1.
    return Math.min(size - 1, Math.floor((i + random / 2 ** 32) * stretch));
  });
}

function* pairs(eager: Results, compiled: Results): Generator<Pair> {
  for (const [name, values] of eager) yield { name, eager: values, compiled: compiled.get(name)! };
}

const nameOf = (variable: tfjs.Variable): string => `the variable ${variable.name}`;

function describe({ name, difference, scale }: Disagreement): string {
  return (
    `the compiled step gave another result: ${name} differs by ${difference.toPrecision(2)} ` +
    `where its values reach ${scale.toPrecision(2)}`
  );
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
