// Runs a step's body: eagerly, recorded, or as the graph it became. The same inputs and random numbers reach it each
// way.

import type * as tfjs from '@tensorflow/tfjs';
import type { NodeBackend } from './binding';
import { DT, idOf } from './binding';
import type { EmittedGraph } from './emit';
import { withNativeGradients } from './gradients';
import type { StepInput, StepOutputs, Tf } from './index';
import { hash, redirectRandom, StepRandom, withRandom } from './random';
import type { Recording, Refusal } from './record';
import { detached, record } from './record';
import type { Session } from './session';
import type { LiveVariables } from './variables';

export type Given = Record<string, StepInput>;

export type Run = (inputs: Record<string, unknown>) => StepOutputs;

/** The hidden input that random numbers come from: a hash of the seed, and the step's number. */
const RANDOM = ' random';

/** What random numbers depend on. */
export interface Counted {
  seed: number;
  counter: number;
}

export class Runner {
  private readonly drawsHere: boolean;

  constructor(
    private readonly tf: Tf,
    private readonly backend: NodeBackend | undefined,
    private readonly counted: Counted,
  ) {
    this.drawsHere = backend !== undefined && redirectRandom(tf);
  }

  eager(run: Run, inputs: Given): StepOutputs {
    return this.tf.tidy(() => {
      const given = this.tensors(inputs);
      return this.within(given, () => detached(run(received(inputs, given)), Object.values(given)));
    });
  }

  recorded(run: Run, inputs: Given): { outputs: StepOutputs; recording: Recording | Refusal } {
    const given = this.tensors(inputs);
    const made = Object.entries(given)
      .filter(([name]) => !isTensor(inputs[name]))
      .map(([, tensor]) => tensor);
    try {
      return record(this.tf, this.backend!, given, tensors =>
        this.within(tensors, () => run(received(inputs, tensors))),
      );
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }

  native(graph: EmittedGraph, session: Session, live: LiveVariables, inputs: Given): StepOutputs {
    const backend = this.backend!;
    const { binding } = backend;
    live.enter(graph.variables, graph.changes);
    const ids: number[] = [];
    const made: number[] = [];
    let position = 0;
    const feed = (make: () => number, owned: boolean): void => {
      if (graph.feeds[position++] === undefined) return;
      const id = make();
      ids.push(id);
      if (owned) made.push(id);
    };
    for (const name in inputs) {
      const value = inputs[name]!;
      if (isTensor(value)) feed(() => idOf(backend, value), false);
      else if (typeof value === 'number') feed(() => binding.createTensor([], DT.FLOAT, Float32Array.of(value)), true);
    }
    feed(() => binding.createTensor([2], DT.INT32, this.randomKey()), true);
    try {
      const results = session.run(ids, graph.feedNames, graph.fetchNames);
      const outputs: StepOutputs = {};
      graph.outputs.forEach((name, i) => {
        outputs[name] = backend.createOutputTensor(results[i]!);
      });
      return outputs;
    } finally {
      for (const id of made) binding.deleteTensor(id);
    }
  }

  /** Tensors of the inputs: those given, scalars for numbers, and the random key. */
  private tensors(inputs: Given): Record<string, tfjs.Tensor> {
    const tensors: Record<string, tfjs.Tensor> = {};
    for (const [name, value] of Object.entries(inputs)) {
      if (isTensor(value)) tensors[name] = value;
      else if (typeof value === 'number') tensors[name] = this.tf.scalar(value);
    }
    if (this.drawsHere) tensors[RANDOM] = this.tf.tensor1d(this.randomKey(), 'int32');
    return tensors;
  }

  /** What is different while a step runs: where random numbers come from, and how gradients are computed. */
  private within<T>(tensors: Record<string, tfjs.Tensor>, body: () => T): T {
    const { tf, backend } = this;
    if (!backend) return body();
    const key = tensors[RANDOM];
    const drawing = key ? () => withRandom(new StepRandom(tf, backend, key as tfjs.Tensor1D), body) : body;
    return withNativeGradients(tf, backend, drawing);
  }

  private randomKey(): Int32Array {
    return Int32Array.of(hash(`${this.counted.seed}`), this.counted.counter);
  }
}

/** One graph per distinct text: types and shapes of tensors, and the values of flags. */
export function signatureOf(inputs: Given): string {
  const parts: string[] = [];
  for (const name in inputs) {
    const value = inputs[name]!;
    if (isTensor(value)) parts.push(`${name}: ${value.dtype}[${value.shape.join(', ')}]`);
    else parts.push(typeof value === 'number' ? `${name}: number` : `${name}: ${JSON.stringify(value)}`);
  }
  return parts.join('; ');
}

function received(inputs: Given, tensors: Record<string, tfjs.Tensor>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name in inputs) values[name] = tensors[name] ?? inputs[name];
  return values;
}

export function isTensor(value: StepInput | undefined): value is tfjs.Tensor {
  return typeof value === 'object' && value !== null;
}
