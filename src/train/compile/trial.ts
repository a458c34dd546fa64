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

/** Eager runs from a slightly changed state that may be made to tell rounding from a mistake. */
const PERTURBED_RUNS = 3;
/** Two units in the last place of a float32. */
const ROUNDING = 1.2e-7;

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
 * @param done the eager run if it has been made already, and the values of the graph's variables from before it, which
 *   are released here
 */
export function tryGraph(trial: Trial, done: { outputs: StepOutputs; before: Held } | undefined): Verdict {
  const { tf, runner, session, live, run, graph, inputs } = trial;
  if (!done) live.enter(graph.variables, false);
  const before = done?.before ?? new Held(tf, graph.variables);
  const eager = done?.outputs ?? runner.eager(run, inputs);
  const after = new Held(tf, graph.variables);
  before.restore();
  if (!done) live.adopt(graph.variables);

  const started = performance.now();
  let compiled: StepOutputs = {};
  let reason: string | undefined;
  try {
    compiled = runner.native(graph, session, live, inputs);
  } catch (error) {
    reason = `TensorFlow refuses the graph: ${firstLine(error)}`;
  }
  const milliseconds = performance.now() - started;
  if (reason === undefined) {
    const suspects = disagreements(pairs(eager, compiled, after.tensors));
    const found = suspects.length > 0 ? beyondNoise(trial, before, suspects) : undefined;
    if (found) reason = describe(found);
  }
  if (reason !== undefined) after.restore();
  before.release();
  after.release();
  for (const tensor of Object.values(reason === undefined ? eager : compiled)) tensor.dispose();
  return { outputs: reason === undefined ? compiled : eager, reason, milliseconds };
}

/** Whether the suspects differ by more than the rounding of this step explains, which eager runs nearby tell. */
function beyondNoise(trial: Trial, before: Held, suspects: readonly Pair[]): Disagreement | undefined {
  const { tf, runner, run, inputs, noise } = trial;
  let found = disagreementBeyondNoise(suspects, noise);
  if (!found) return undefined;
  const now = new Held(tf, before.tensors.keys());
  const variables = new Map([...before.tensors.keys()].map(variable => [nameOf(variable), variable]));
  for (let attempt = 1; attempt <= PERTURBED_RUNS && found; attempt++) {
    for (const [variable, tensor] of before.tensors) tf.tidy(() => variable.assign(nearby(tf, tensor, attempt)));
    // Inputs too: a step without variables rounds as well.
    const around = Object.entries(inputs).map(([name, value]): [string, StepInput] =>
      isTensor(value) ? [name, tf.tidy(() => nearby(tf, value, attempt))] : [name, value],
    );
    const outputs = runner.eager(run, Object.fromEntries(around));
    for (const [name, value] of around) if (isTensor(value) && value !== inputs[name]) value.dispose();
    for (const { name, eager } of suspects) {
      const values = (outputs[name] ?? variables.get(name))!.dataSync();
      noise.set(name, Math.max(noise.get(name) ?? 0, largestDifference(eager, values)));
    }
    for (const tensor of Object.values(outputs)) tensor.dispose();
    found = disagreementBeyondNoise(suspects, noise);
  }
  now.restore();
  now.release();
  return found;
}

/** The same values but for rounding. */
function nearby(tf: Tf, tensor: tfjs.Tensor, seed: number): tfjs.Tensor {
  if (tensor.dtype !== 'float32') return tensor;
  const sign = tf.sign(tf.randomUniform(tensor.shape, -1, 1, 'float32', seed));
  return tf.mul(tensor, tf.add(tf.mul(sign, ROUNDING), 1));
}

function* pairs(
  eager: StepOutputs,
  compiled: StepOutputs,
  after: ReadonlyMap<tfjs.Variable, tfjs.Tensor>,
): Generator<Pair> {
  for (const name in eager) {
    yield { name, eager: eager[name]!.dataSync(), compiled: compiled[name]!.dataSync() };
  }
  for (const [variable, tensor] of after) {
    yield { name: nameOf(variable), eager: tensor.dataSync(), compiled: variable.dataSync() };
  }
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
