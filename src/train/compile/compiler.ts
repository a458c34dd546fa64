// From calls to graphs: decides for every signature of every function whether it is recorded, loaded, tried, trusted
// or eager.

import type * as tfjs from '@tensorflow/tfjs';
import type { NodeBackend } from './binding';
import { nativeBackend } from './binding';
import type { EmittedGraph } from './emit';
import { emit } from './emit';
import { Held } from './held';
import type {
  CompiledFunction,
  Compiler,
  CompilerOptions,
  Mode,
  Received,
  StepOutputs,
  Tf,
  VariableValue,
} from './index';
import { difference } from './per-step';
import type { Recording } from './record';
import { Refusal } from './record';
import type { Given, Run } from './runner';
import { Runner, signatureOf } from './runner';
import { Session } from './session';
import { firstLine, tryGraph } from './trial';
import { LiveVariables } from './variables';

/** A step that makes its variables in its first run is the same from the second on; after this many it never will be. */
const MOST_RECORDINGS = 4;
const MOST_SIGNATURES = 24;

/** One signature of one function. It goes from recording to ready (a graph, not loaded yet) to loaded, or to eager. */
interface Entry {
  signature: string;
  body: Body;
  mode: Mode;
  recordings: number;
  /** The latest recording, until two in a row are the same. */
  recording: Recording | undefined;
  graph: EmittedGraph | undefined;
  loaded: boolean;
  /** Trials to come before the graph is trusted. */
  trials: number;
  trusted: boolean;
  noise: Map<string, number>;
  lastUse: number;
}

interface Body {
  name: string;
  run: Run;
  isStep: boolean;
  entries: Map<string, Entry>;
  latest: Mode;
}

/** What only exists on the native back end. */
interface Native {
  backend: NodeBackend;
  session: Session;
  live: LiveVariables;
}

export class NativeCompiler implements Compiler {
  counter = 0;
  seed: number;
  readonly refusal: string | undefined;
  private readonly native: Native | undefined;
  private readonly runner: Runner;
  private readonly bodies: Body[] = [];
  private uses = 0;
  private graphs = 0;
  /** Eager calls made by signatures that are ready, since graphs were last loaded. */
  private waited = 0;
  private disposed = false;

  constructor(
    private readonly tf: Tf,
    private readonly options: CompilerOptions,
  ) {
    this.seed = options.seed ?? 0;
    const backend = nativeBackend(tf);
    this.refusal =
      options.eager ?? (backend ? undefined : `the TensorFlow.js back end "${tf.getBackend()}" runs no native graphs`);
    this.runner = new Runner(tf, backend, this);
    if (backend && this.refusal === undefined) {
      const session = new Session(backend, options.onLoad);
      this.native = { backend, session, live: new LiveVariables(backend, session) };
    }
  }

  step<I extends Given, O extends StepOutputs>(name: string, run: (inputs: Received<I>) => O): CompiledFunction<I, O> {
    return this.define(name, run as unknown as Run, true) as unknown as CompiledFunction<I, O>;
  }

  pure<I extends Given, O extends StepOutputs>(name: string, run: (inputs: Received<I>) => O): CompiledFunction<I, O> {
    return this.define(name, run as unknown as Run, false) as unknown as CompiledFunction<I, O>;
  }

  private define(name: string, run: Run, isStep: boolean): CompiledFunction<Given, StepOutputs> {
    const body: Body = { name, run, isStep, entries: new Map(), latest: { kind: 'recording' } };
    this.bodies.push(body);
    const call = (inputs: Given): StepOutputs => {
      const entry = this.entryOf(body, inputs);
      const outputs = this.call(entry, inputs);
      body.latest = entry.mode;
      if (isStep) this.counter++;
      return outputs;
    };
    return Object.defineProperties(call, {
      functionName: { value: name },
      mode: { get: () => body.latest },
      signatures: { get: () => [...body.entries.values()].map(({ signature, mode }) => ({ signature, mode })) },
    }) as unknown as CompiledFunction<Given, StepOutputs>;
  }

  private entryOf(body: Body, inputs: Given): Entry {
    const signature = signatureOf(inputs);
    let entry = body.entries.get(signature);
    if (!entry) {
      entry = {
        signature,
        body,
        mode: { kind: 'recording' },
        recordings: 0,
        recording: undefined,
        graph: undefined,
        loaded: false,
        trials: Math.max(1, this.options.checks ?? 2),
        trusted: false,
        noise: new Map(),
        lastUse: 0,
      };
      body.entries.set(signature, entry);
      if (this.refusal !== undefined) this.stayEager(entry, this.refusal);
    }
    entry.lastUse = ++this.uses;
    return entry;
  }

  private call(entry: Entry, inputs: Given): StepOutputs {
    const { native, runner } = this;
    const { run } = entry.body;
    if (!native || this.disposed || entry.mode.kind === 'eager') return runner.eager(run, inputs);
    if (!entry.graph) return this.record(entry, inputs, native);
    if (!entry.loaded) {
      if (!this.isWorthLoading()) return runner.eager(run, inputs);
      this.load(entry, native);
      if (!entry.loaded) return runner.eager(run, inputs);
    }
    if (entry.trials > 0) return this.tried(entry, inputs, native, undefined);
    return runner.native(entry.graph, native.session, native.live, inputs);
  }

  private record(entry: Entry, inputs: Given, native: Native): StepOutputs {
    const { recording: first, body } = entry;
    const before = new Held(this.tf, first ? touched(first) : []);
    let kept = false;
    try {
      const { outputs, recording } = this.runner.recorded(body.run, inputs);
      const reason = this.judge(entry, recording, native);
      if (reason !== undefined) this.stayEager(entry, reason);
      if (entry.graph && this.isWorthLoading()) this.load(entry, native);
      if (!entry.loaded) return outputs;
      kept = true;
      return this.tried(entry, inputs, native, { outputs, before });
    } finally {
      if (!kept) before.release();
    }
  }

  /** Looks at a new recording: makes the graph when it is the same as the one before. @returns why it cannot be compiled */
  private judge(entry: Entry, recording: Recording | Refusal, native: Native): string | undefined {
    const { recording: first, body } = entry;
    if (recording instanceof Refusal) return recording.message;
    const [assigned] = recording.assigned.keys();
    if (!body.isStep && assigned) return `a pure function must not assign a variable, and it assigns ${assigned.name}`;
    const clause = first ? difference(first, recording) : 'there is nothing to compare with yet';
    entry.recording = recording;
    entry.recordings++;
    if (clause !== undefined) {
      return entry.recordings < MOST_RECORDINGS ? undefined : `it is not the same every time: ${clause}`;
    }
    try {
      entry.graph = emit(native.backend.binding, recording, `g${this.graphs++}/`, variable =>
        native.session.handleOf(variable),
      );
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    entry.recording = undefined;
    return undefined;
  }

  /**
   * Loading a graph loads all others again. A further signature therefore waits, eagerly, for as many calls as there
   * are graphs
   * loaded, so that signatures that come in turns are loaded together.
   */
  private isWorthLoading(): boolean {
    return this.waited++ >= this.entries().filter(entry => entry.loaded).length;
  }

  /** Loads all graphs that are ready, together with those loaded before; if TensorFlow refuses, `entry` alone. */
  private load(entry: Entry, { session, live }: Native): void {
    const started = performance.now();
    this.waited = 0;
    const graphs = this.entries()
      .filter(({ graph }) => graph !== undefined)
      .sort((a, b) => b.lastUse - a.lastUse);
    for (const old of graphs.splice(Math.max(1, this.options.maxSignatures ?? MOST_SIGNATURES))) {
      Object.assign(old, { graph: undefined, loaded: false, recordings: 0, mode: { kind: 'recording' } });
    }
    live.endViews();
    const loadAll = (entries: readonly Entry[]): void => {
      session.load(entries.map(({ graph }) => graph!));
      const milliseconds = performance.now() - started;
      for (const one of entries) {
        if (!one.loaded) one.mode = { kind: 'compiled', operations: one.graph!.operations, milliseconds };
        one.loaded = true;
      }
    };
    try {
      loadAll(graphs);
    } catch {
      try {
        loadAll(graphs.filter(one => one.loaded || one === entry));
      } catch (error) {
        this.stayEager(entry, firstLine(error));
      }
    }
  }

  /** Runs the graph beside the step, and keeps what the step gave if they disagree. */
  private tried(
    entry: Entry,
    inputs: Given,
    { session, live }: Native,
    done: { outputs: StepOutputs; before: Held } | undefined,
  ): StepOutputs {
    const { tf, runner } = this;
    const { run } = entry.body;
    const { outputs, reason, milliseconds } = tryGraph(
      { tf, runner, session, live, run, graph: entry.graph!, inputs, noise: entry.noise },
      done,
    );
    if (reason !== undefined) {
      this.stayEager(entry, reason);
      return outputs;
    }
    entry.trials--;
    if (!entry.trusted && entry.mode.kind === 'compiled') {
      entry.trusted = true;
      // TensorFlow optimises a graph when it runs for the first time.
      entry.mode = { ...entry.mode, milliseconds: entry.mode.milliseconds + milliseconds };
      this.options.onMode?.(entry.body.name, entry.signature, entry.mode);
    }
    return outputs;
  }

  private stayEager(entry: Entry, reason: string): void {
    Object.assign(entry, { recording: undefined, graph: undefined, loaded: false, mode: { kind: 'eager', reason } });
    this.options.onMode?.(entry.body.name, entry.signature, entry.mode);
  }

  private entries(): Entry[] {
    return this.bodies.flatMap(body => [...body.entries.values()]);
  }

  read(names?: readonly string[]): Record<string, VariableValue> {
    const values: Record<string, VariableValue> = {};
    for (const variable of this.known()) {
      if (names && !names.includes(variable.name)) continue;
      values[variable.name] = {
        shape: [...variable.shape],
        dtype: variable.dtype as VariableValue['dtype'],
        data: variable.dataSync(),
      };
    }
    const missing = names?.find(name => !values[name]);
    if (missing !== undefined) throw unknownVariable(missing);
    return values;
  }

  write(values: Record<string, VariableValue>): void {
    const known = new Map([...this.known()].map(variable => [variable.name, variable]));
    for (const [name, { shape, dtype }] of Object.entries(values)) {
      const variable = known.get(name);
      if (!variable) throw unknownVariable(name);
      if (variable.dtype !== dtype || variable.shape.join() !== shape.join()) {
        throw new Error(
          `The variable "${name}" is ${variable.dtype} [${variable.shape.join(', ')}], ` +
            `not ${dtype} [${shape.join(', ')}].`,
        );
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
    for (const { graph, recording } of this.entries()) {
      for (const variable of graph?.variables ?? (recording ? touched(recording) : [])) {
        if (!variable.isDisposed) variables.add(variable);
      }
    }
    return variables;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.native?.live.release();
    this.native?.session.close();
    for (const entry of this.entries()) {
      Object.assign(entry, { recording: undefined, graph: undefined, loaded: false });
      if (entry.mode.kind !== 'eager') entry.mode = { kind: 'eager', reason: 'the compiler was disposed' };
    }
  }
}

/** Variables that a recording reads or changes. */
function touched(recording: Recording): Set<tfjs.Variable> {
  const variables = new Set<tfjs.Variable>([...recording.assigned.keys()]);
  for (const step of recording.steps) {
    for (const input of step.inputs) if (input.kind === 'variable') variables.add(input.variable);
    if (step.kind === 'region') for (const { variable } of step.updates) variables.add(variable);
  }
  for (const { value } of recording.outputs) if (value.kind === 'variable') variables.add(value.variable);
  return variables;
}

const unknownVariable = (name: string): Error => new Error(`No compiled function uses a variable named "${name}".`);
