// From calls to graphs: decides for every signature of every function whether it is recorded, checked, compiled or eager.

import type * as tfjs from '@tensorflow/tfjs';
import type { NodeBackend, TypedArray } from './binding';
import { DT, idOf, nativeBackend } from './binding';
import type { EmittedGraph } from './emit';
import { emit } from './emit';
import type {
  CompiledFunction, Compiler, CompilerOptions, Mode, Received, StepInput, StepOutputs, Tf, VariableValue,
} from './index';
import { withNativeGradients } from './gradients';
import { difference } from './per-step';
import { hash, redirectRandom, StepRandom, withRandom } from './random';
import type { Recording } from './record';
import { detached, record, Refusal } from './record';
import type { Disagreement, Pair } from './self-check';
import { disagreement, disagreementBeyondNoise } from './self-check';
import { Session } from './session';
import { LiveVariables } from './variables';

/** The hidden input that random numbers come from: a hash of the seed, and the step's number. */
const RANDOM = ' random';
/** A step that makes its variables in its first run is the same from the second on; after this many it never will be. */
const MOST_RECORDINGS = 4;
const PERTURBED_RUNS = 3;

/** One signature of one function. */
interface Entry {
  signature: string;
  mode: Mode;
  recording: Recording | undefined;
  recordings: number;
  graph: EmittedGraph | undefined;
  /** Inputs that the graph uses, by position in the call. */
  feeds: string;
  fetches: string;
  checks: number;
  lastUse: number;
}

interface Body {
  name: string;
  run: (inputs: Record<string, unknown>) => StepOutputs;
  isStep: boolean;
  entries: Map<string, Entry>;
  latest: Mode;
}

type Given = Record<string, StepInput>;

export class NativeCompiler implements Compiler {
  counter = 0;
  seed: number;
  readonly refusal: string | undefined;
  private readonly backend: NodeBackend | undefined;
  private readonly session: Session | undefined;
  private readonly live: LiveVariables | undefined;
  private readonly bodies: Body[] = [];
  private readonly canRedirect: boolean;
  private uses = 0;
  private graphs = 0;
  private disposed = false;

  constructor(private readonly tf: Tf, private readonly options: CompilerOptions) {
    this.seed = options.seed ?? 0;
    const backend = nativeBackend(tf);
    this.refusal = options.eager
      ?? (backend ? undefined : `the TensorFlow.js back end "${tf.getBackend()}" runs no native graphs`);
    this.backend = backend;
    this.canRedirect = backend !== undefined && redirectRandom(tf);
    if (backend && this.refusal === undefined) {
      this.session = new Session(backend);
      this.live = new LiveVariables(backend, this.session);
    }
  }

  step<I extends Given, O extends StepOutputs>(
    name: string, run: (inputs: Received<I>) => O): CompiledFunction<I, O> {
    return this.define(name, run, true);
  }

  pure<I extends Given, O extends StepOutputs>(
    name: string, run: (inputs: Received<I>) => O): CompiledFunction<I, O> {
    return this.define(name, run, false);
  }

  private define<I extends Given, O extends StepOutputs>(
    name: string, run: (inputs: Received<I>) => O, isStep: boolean): CompiledFunction<I, O> {
    const body: Body = {
      name, isStep, entries: new Map(), latest: { kind: 'recording' },
      run: run as unknown as Body['run'],
    };
    this.bodies.push(body);
    const call = (inputs: I): O => {
      const outputs = this.call(body, inputs) as O;
      if (isStep) this.counter++;
      return outputs;
    };
    return Object.defineProperties(call, {
      functionName: { value: name },
      mode: { get: () => body.latest },
      signatures: { get: () => [...body.entries.values()].map(({ signature, mode }) => ({ signature, mode })) },
    }) as unknown as CompiledFunction<I, O>;
  }

  private call(body: Body, inputs: Given): StepOutputs {
    const entry = this.entryOf(body, inputs);
    entry.lastUse = ++this.uses;
    let outputs: StepOutputs;
    if (this.disposed || entry.mode.kind === 'eager') outputs = this.eager(body, inputs);
    else if (entry.mode.kind === 'recording') outputs = this.record(body, entry, inputs);
    else if (entry.checks > 0) outputs = this.checked(body, entry, inputs, undefined);
    else outputs = this.native(entry, inputs);
    body.latest = entry.mode;
    return outputs;
  }

  private entryOf(body: Body, inputs: Given): Entry {
    const signature = signatureOf(inputs);
    let entry = body.entries.get(signature);
    if (!entry) {
      const mode: Mode = this.refusal === undefined ? { kind: 'recording' } : { kind: 'eager', reason: this.refusal };
      entry = {
        signature, mode, recording: undefined, recordings: 0, graph: undefined, feeds: '', fetches: '',
        checks: Math.max(1, this.options.checks ?? 2), lastUse: 0,
      };
      body.entries.set(signature, entry);
      if (mode.kind === 'eager') this.options.onMode?.(body.name, signature, mode);
    }
    return entry;
  }

  /** Runs the body as it is. */
  private eager(body: Body, inputs: Given): StepOutputs {
    const { tf } = this;
    return tf.tidy(() => {
      const given = this.tensors(inputs);
      return this.within(given, () => detached(body.run(this.received(inputs, given)), Object.values(given)));
    });
  }

  private record(body: Body, entry: Entry, inputs: Given): StepOutputs {
    const { recording: first } = entry;
    const held = first && this.hold(touched(first));
    const { outputs, recording } = this.recorded(body, inputs);
    entry.recordings++;
    if (recording instanceof Refusal) {
      held?.release();
      return this.stayEager(body, entry, recording.message, outputs);
    }
    const clause = first && difference(first, recording);
    if (!first || clause !== undefined) {
      held?.release();
      entry.recording = recording;
      if (entry.recordings < MOST_RECORDINGS) return outputs;
      return this.stayEager(body, entry, `it is not the same every time: ${clause}`, outputs);
    }
    if (!body.isStep && recording.assigned.size > 0) {
      held?.release();
      const [variable] = recording.assigned.keys();
      return this.stayEager(body, entry, `a pure function must not assign a variable, and it assigns ${variable!.name}`, outputs);
    }
    const started = performance.now();
    try {
      this.compile(entry, recording);
    } catch (error) {
      held?.release();
      return this.stayEager(body, entry, firstLine(error), outputs);
    }
    entry.recording = undefined;
    const result = this.checked(body, entry, inputs, { outputs, held: held! });
    if (entry.mode.kind !== 'eager') {
      entry.mode = {
        kind: 'compiled', operations: entry.graph!.operations, milliseconds: performance.now() - started,
      };
      this.options.onMode?.(body.name, entry.signature, entry.mode);
    }
    return result;
  }

  private recorded(body: Body, inputs: Given): { outputs: StepOutputs; recording: Recording | Refusal } {
    const given = this.tensors(inputs);
    const made = Object.entries(given).filter(([name]) => !isTensor(inputs[name])).map(([, tensor]) => tensor);
    try {
      return record(this.tf, this.backend!, given,
        tensors => this.within(tensors, () => body.run(this.received(inputs, tensors))));
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }

  /** Builds and loads the graph of a recording together with those compiled before. */
  private compile(entry: Entry, recording: Recording): void {
    const session = this.session!;
    const graph = emit(this.backend!.binding, recording, `g${this.graphs++}/`, variable => session.handleOf(variable));
    const others = this.bodies.flatMap(body => [...body.entries.values()])
      .filter(other => other.graph !== undefined)
      .sort((a, b) => b.lastUse - a.lastUse);
    for (const old of others.splice(Math.max(1, this.options.maxSignatures ?? 24) - 1)) {
      old.graph = undefined;
      old.mode = { kind: 'recording' };
      old.recordings = 0;
    }
    this.live!.endViews();
    session.load([...others.map(other => other.graph!), graph]);
    entry.graph = graph;
    entry.feeds = graph.feeds.filter(ref => ref !== undefined).join();
    entry.fetches = graph.fetches.map(({ ref }) => ref).join();
    entry.mode = { kind: 'compiled', operations: graph.operations, milliseconds: 0 };
  }

  /** Runs the graph. */
  private native(entry: Entry, inputs: Given): StepOutputs {
    const backend = this.backend!;
    const { binding } = backend;
    const graph = entry.graph!;
    this.live!.enter(graph.variables, graph.changes);
    const ids: number[] = [];
    const made: number[] = [];
    let i = 0;
    const feed = (make: () => number, owned: boolean): void => {
      if (graph.feeds[i++] === undefined) return;
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
      const results = this.session!.run(ids, entry.feeds, entry.fetches);
      const outputs: StepOutputs = {};
      graph.fetches.forEach(({ name }, k) => { outputs[name] = backend.createOutputTensor(results[k]!); });
      return outputs;
    } finally {
      for (const id of made) binding.deleteTensor(id);
    }
  }

  /**
   * Runs both ways from the same state, and keeps the compiled result if they agree.
   * @param done the eager run, if it has been made already, with the state from before it.
   */
  private checked(
    body: Body, entry: Entry, inputs: Given, done: { outputs: StepOutputs; held: Held } | undefined,
  ): StepOutputs {
    const { variables } = entry.graph!;
    if (!done) this.live!.enter(variables, false);
    const held = done?.held ?? this.hold(variables);
    const eager = done?.outputs ?? this.eager(body, inputs);
    const after = this.hold(variables);
    held.restore();
    if (!done) this.live!.adopt(variables);
    let compiled: StepOutputs;
    try {
      compiled = this.native(entry, inputs);
    } catch (error) {
      after.restore();
      after.release();
      held.release();
      return this.stayEager(body, entry, `TensorFlow refuses the graph: ${firstLine(error)}`, eager);
    }
    const pairs = (): Generator<Pair> => resultPairs(eager, compiled, after.tensors);
    let found = disagreement(pairs());
    if (found) {
      const reference = [...pairs()].map(pair => ({ ...pair }));
      found = this.beyondNoise(body, inputs, held, reference);
      if (!found) held.release();
    }
    if (found) {
      for (const tensor of Object.values(compiled)) tensor.dispose();
      after.restore();
      after.release();
      held.release();
      return this.stayEager(body, entry, describe(found), eager);
    }
    held.release();
    after.release();
    for (const tensor of Object.values(eager)) tensor.dispose();
    entry.checks--;
    return compiled;
  }

  private beyondNoise(body: Body, inputs: Given, held: Held, pairs: Pair[]): Disagreement | undefined {
    const { tf } = this;
    const now = this.hold(held.tensors.keys());
    const runs: Map<string, TypedArray>[] = [];
    for (let k = 0; k < PERTURBED_RUNS; k++) {
      for (const [variable, tensor] of held.tensors) {
        tf.tidy(() => variable.assign(variable.dtype === 'float32'
          ? tf.mul(tensor, tf.add(1, tf.mul(1.2e-7, tf.sign(tf.randomUniform(tensor.shape, -1, 1)))))
          : tensor));
      }
      const outputs = this.eager(body, inputs);
      const values = new Map<string, TypedArray>();
      for (const [name, tensor] of Object.entries(outputs)) {
        values.set(name, tensor.dataSync());
        tensor.dispose();
      }
      for (const variable of held.tensors.keys()) values.set(variableKey(variable), variable.dataSync());
      runs.push(values);
    }
    now.restore();
    now.release();
    return disagreementBeyondNoise(pairs, runs);
  }

  private stayEager(body: Body, entry: Entry, reason: string, outputs: StepOutputs): StepOutputs {
    entry.recording = undefined;
    entry.graph = undefined;
    entry.mode = { kind: 'eager', reason };
    this.options.onMode?.(body.name, entry.signature, entry.mode);
    return outputs;
  }

  /** Tensors of the inputs: those given, scalars for numbers, and the random key. */
  private tensors(inputs: Given): Record<string, tfjs.Tensor> {
    const tensors: Record<string, tfjs.Tensor> = {};
    for (const [name, value] of Object.entries(inputs)) {
      if (isTensor(value)) tensors[name] = value;
      else if (typeof value === 'number') tensors[name] = this.tf.scalar(value);
    }
    if (this.canRedirect) tensors[RANDOM] = this.tf.tensor1d(this.randomKey(), 'int32');
    return tensors;
  }

  private received(inputs: Given, tensors: Record<string, tfjs.Tensor>): Record<string, unknown> {
    const received: Record<string, unknown> = {};
    for (const name in inputs) received[name] = tensors[name] ?? inputs[name];
    return received;
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
    return Int32Array.of(hash(`${this.seed}`), this.counter);
  }

  /** Keeps the present values of variables alive while they change. */
  private hold(variables: Iterable<tfjs.Variable>): Held {
    const tensors = new Map<tfjs.Variable, tfjs.Tensor>();
    for (const variable of variables) tensors.set(variable, this.tf.keep(variable.clone()));
    return {
      tensors,
      restore: () => tensors.forEach((tensor, variable) => variable.assign(tensor)),
      release: () => {
        tensors.forEach(tensor => tensor.dispose());
        tensors.clear();
      },
    };
  }

  read(names?: readonly string[]): Record<string, VariableValue> {
    const values: Record<string, VariableValue> = {};
    for (const variable of this.known()) {
      if (names && !names.includes(variable.name)) continue;
      values[variable.name] = {
        shape: [...variable.shape], dtype: variable.dtype as VariableValue['dtype'], data: variable.dataSync(),
      };
    }
    for (const name of names ?? []) {
      if (!values[name]) throw new Error(`No compiled function uses a variable named "${name}".`);
    }
    return values;
  }

  write(values: Record<string, VariableValue>): void {
    const known = new Map([...this.known()].map(variable => [variable.name, variable]));
    for (const [name, { shape, dtype }] of Object.entries(values)) {
      const variable = known.get(name);
      if (!variable) throw new Error(`No compiled function uses a variable named "${name}".`);
      if (variable.dtype !== dtype || variable.shape.join() !== shape.join()) {
        throw new Error(`The variable "${name}" is ${variable.dtype} [${variable.shape.join(', ')}], `
          + `not ${dtype} [${shape.join(', ')}].`);
      }
    }
    for (const [name, { shape, dtype, data }] of Object.entries(values)) {
      const tensor = this.tf.tensor(data, shape, dtype);
      known.get(name)!.assign(tensor);
      tensor.dispose();
    }
  }

  private known(): Set<tfjs.Variable> {
    const variables = new Set<tfjs.Variable>();
    for (const body of this.bodies) {
      for (const entry of body.entries.values()) {
        const source = entry.graph?.variables ?? (entry.recording && touched(entry.recording)) ?? [];
        for (const variable of source) if (!variable.isDisposed) variables.add(variable);
      }
    }
    return variables;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.live?.release();
    this.session?.close();
    for (const body of this.bodies) {
      for (const entry of body.entries.values()) {
        entry.recording = undefined;
        entry.graph = undefined;
        entry.mode = { kind: 'eager', reason: 'the compiler was disposed' };
      }
    }
  }
}

interface Held {
  tensors: Map<tfjs.Variable, tfjs.Tensor>;
  restore: () => void;
  release: () => void;
}

/** Variables that a recording reads or changes. */
function touched(recording: Recording): Set<tfjs.Variable> {
  const variables = new Set<tfjs.Variable>([...recording.assigned.keys()]);
  for (const step of recording.steps) {
    for (const input of step.inputs) if (input.kind === 'variable') variables.add(input.variable);
    if (step.kind === 'region') for (const { variable } of step.updates) variables.add(variable);
  }
  for (const { value } of recording.outputs) if (value.kind === 'variable') variables.add(value.variable);
  for (const variable of recording.created) variables.delete(variable);
  return variables;
}

function* resultPairs(
  eager: StepOutputs, compiled: StepOutputs, after: ReadonlyMap<tfjs.Variable, tfjs.Tensor>,
): Generator<Pair> {
  for (const name in eager) {
    yield { name, eager: eager[name]!.dataSync(), compiled: compiled[name]!.dataSync() };
  }
  for (const [variable, tensor] of after) {
    yield { name: variableKey(variable), eager: tensor.dataSync(), compiled: variable.dataSync() };
  }
}

const variableKey = (variable: tfjs.Variable): string => `the variable ${variable.name}`;

function describe({ name, difference, scale }: Disagreement): string {
  return `the compiled step gave another result: ${name} differs by ${difference.toPrecision(2)} `
    + `where its values reach ${scale.toPrecision(2)}`;
}

function signatureOf(inputs: Given): string {
  const parts: string[] = [];
  for (const name in inputs) {
    const value = inputs[name]!;
    if (isTensor(value)) parts.push(`${name}: ${value.dtype}[${value.shape.join(', ')}]`);
    else parts.push(typeof value === 'number' ? `${name}: number` : `${name}: ${JSON.stringify(value)}`);
  }
  return parts.join('; ');
}

function isTensor(value: StepInput | undefined): value is tfjs.Tensor {
  return typeof value === 'object' && value !== null;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
