// Turns a recording into graph nodes: operations as recorded, variables as resource handles, updates in the right
// order.

import type * as tfjs from '@tensorflow/tfjs';
import type { Binding } from './binding';
import type { GraphNode } from './graph';
import { attrMessage, GraphBuilder, output, recordedAttr } from './graph';
import type { Message } from './protobuf';
import type { RecordedOp, RecordedRegion, Recording, Value } from './record';
import { dtypeNumber, Refusal } from './record';

/** What a session needs to run one recorded function. */
export interface EmittedGraph {
  /** The encoded nodes. */
  graph: Uint8Array;
  operations: number;
  /** Placeholder references (`name:0`) in the order of the recording's inputs; undefined for those it does not use. */
  feeds: (string | undefined)[];
  /** Those that are used, joined as the session takes them. */
  feedNames: string;
  /** Names of the outputs, and references that are ready only after all updates are done, joined likewise. */
  outputs: string[];
  fetchNames: string;
  /** Every variable read or changed. */
  variables: Set<tfjs.Variable>;
  changes: boolean;
}

/**
 * Type attributes that tfjs-node's kernels leave to be inferred, which a graph does not do: the input that has the
 * type.
 */
const inferred: Record<string, Record<string, number> | undefined> = { ExpandDims: { T: 0, Tdim: 1 } };

/** Operations whose result may be the same memory as their first input. */
const aliases = new Set(['Reshape', 'Identity', 'ExpandDims', 'Squeeze']);

/** One value that a variable's handle holds during the step, from one write to the next. */
interface HandleState {
  value: Value | undefined;
  /** What put the handle into this state; none for the state before the step. */
  writers: GraphNode[];
  read: GraphNode | undefined;
  /** Nodes that use the read value, so that an in-place write waits for those made before it. */
  consumers: GraphNode[];
}

/**
 * @param handleOf the name of a variable's `VarHandleOp` node, which the session owns.
 * @throws Refusal when an attribute has no form in a graph.
 */
export function emit(
  binding: Binding,
  recording: Recording,
  prefix: string,
  handleOf: (variable: tfjs.Variable) => string,
): EmittedGraph {
  const emitter = new Emitter(binding, new GraphBuilder(prefix), handleOf);
  return emitter.run(recording);
}

class Emitter {
  private readonly refs = new Map<Value, string>();
  private readonly stepRefs = new Map<RecordedOp | RecordedRegion, string[]>();
  private readonly inputRefs = new Map<string, string>();
  private readonly inputTypes = new Map<string, number>();
  private readonly usedInputs = new Set<string>();
  private readonly handles = new Map<tfjs.Variable, HandleState[]>();
  private readonly readers = new Map<string, HandleState>();

  constructor(
    private readonly binding: Binding,
    private readonly builder: GraphBuilder,
    private readonly handleOf: (variable: tfjs.Variable) => string,
  ) {}

  run(recording: Recording): EmittedGraph {
    const { builder } = this;
    const feeds = recording.inputs.map(({ name, dtype, shape }) => {
      const node = builder.add('Placeholder', [], { dtype: { type: dtype }, shape: { shape } });
      this.inputRefs.set(name, output(node));
      this.inputTypes.set(name, dtype);
      return { name, ref: `${node.name}:0` };
    });
    for (const step of recording.steps) {
      if (step.kind === 'op') this.op(step);
      else this.region(step);
    }
    const results = recording.outputs.map(({ name, value, dtype }) => ({ name, dtype, ref: this.ref(value) }));
    for (const [variable, value] of recording.assigned) this.bring(variable, value);
    this.order();

    const last = [...this.handles.values()].flatMap(states => states.at(-1)!.writers);
    const done = builder.add(
      'NoOp',
      [],
      {},
      last.map(node => node.name),
    );
    const fetches = results.map(({ dtype, ref }) => {
      const node = builder.add('Identity', [ref], { T: { type: dtype } }, last.length > 0 ? [done.name] : []);
      return `${node.name}:0`;
    });
    const used = feeds.map(({ name, ref }) => (this.usedInputs.has(name) ? ref : undefined));
    return {
      graph: builder.encode(),
      operations: builder.nodes.length,
      feeds: used,
      feedNames: used.filter(ref => ref !== undefined).join(),
      outputs: results.map(({ name }) => name),
      fetchNames: fetches.join(),
      variables: new Set(this.handles.keys()),
      changes: last.length > 0,
    };
  }

  private op(step: RecordedOp): void {
    const attrs = new Map<string, Message>();
    for (const attr of step.attrs) {
      const message = recordedAttr(this.binding, attr);
      if (!message) throw new Refusal(`the attribute ${attr.name} of ${step.name} has no form in a graph`);
      attrs.set(attr.name, message);
    }
    for (const [name, input] of Object.entries(inferred[step.name] ?? {})) {
      if (!attrs.has(name)) attrs.set(name, attrMessage({ type: this.dtypeOf(step.inputs[input]!) }));
    }
    const inputs = step.inputs.map(value => this.ref(value));
    const node = this.builder.addEncoded(step.name, inputs, attrs);
    this.consume(node, inputs);
    this.stepRefs.set(
      step,
      step.outputs.map((_, index) => output(node, index)),
    );
  }

  private region(step: RecordedRegion): void {
    for (const { variable, before } of step.updates) this.bring(variable, before);
    const inputs = step.inputs.map(value => this.ref(value));
    const handles = step.updates.map(({ variable }) => this.handleOf(variable));
    const from = this.builder.nodes.length;
    const { outputs, writes } = step.emit(this.builder, inputs, handles);
    for (const node of this.builder.nodes.slice(from)) this.consume(node, node.inputs);
    this.stepRefs.set(step, outputs);
    for (const { variable } of step.updates) {
      const value: Value = { kind: 'updated', region: step, variable };
      this.states(variable).push({ value, writers: writes, read: undefined, consumers: [] });
    }
  }

  /** Makes a variable's handle hold `value`. */
  private bring(variable: tfjs.Variable, value: Value): void {
    const states = this.states(variable);
    if (sameState(states.at(-1)!.value, value)) return;
    const writer = this.builder.add('AssignVariableOp', [this.handleOf(variable), this.ref(value)], {
      dtype: { type: dtypeNumber(variable) },
      validate_shape: { bool: false },
    });
    this.consume(writer, writer.inputs);
    states.push({ value, writers: [writer], read: undefined, consumers: [] });
  }

  private states(variable: tfjs.Variable): HandleState[] {
    let states = this.handles.get(variable);
    if (!states) {
      states = [{ value: { kind: 'variable', variable }, writers: [], read: undefined, consumers: [] }];
      this.handles.set(variable, states);
    }
    return states;
  }

  private ref(value: Value): string {
    if (value.kind === 'output') return this.stepRefs.get(value.step)![value.index]!;
    if (value.kind === 'input') {
      this.usedInputs.add(value.name);
      return this.inputRefs.get(value.name)!;
    }
    if (value.kind === 'constant') {
      let ref = this.refs.get(value);
      if (ref === undefined) {
        ref = this.builder.constant(value.dtype, value.shape, value.data);
        this.refs.set(value, ref);
      }
      return ref;
    }
    const states = this.states(value.variable);
    const state = states.find(candidate => sameState(candidate.value, value))!;
    if (!state.read) {
      state.read = this.builder.add(
        'ReadVariableOp',
        [this.handleOf(value.variable)],
        { dtype: { type: dtypeNumber(value.variable) } },
        state.writers.map(node => node.name),
      );
      this.readers.set(output(state.read), state);
    }
    return output(state.read);
  }

  private dtypeOf(value: Value): number {
    switch (value.kind) {
      case 'constant':
        return value.dtype;
      case 'input':
        return this.inputTypes.get(value.name)!;
      case 'output':
        return value.step.outputs[value.index]!.dtype;
      case 'variable':
      case 'updated':
        return dtypeNumber(value.variable);
    }
  }

  private consume(node: GraphNode, inputs: readonly string[]): void {
    for (const input of inputs) {
      const state = this.readers.get(input);
      // What enters a loop is consumed inside of it, and no control edge may leave a loop.
      if (!state || node.op === 'Enter') continue;
      state.consumers.push(node);
      if (aliases.has(node.op)) this.readers.set(output(node), state);
    }
  }

  /**
   * Every write runs after the previous write and after the reads of the state it ends. It also waits for the
   * operations
   * that use the old value where the recording had them before it: TensorFlow then updates in place instead of copying.
   */
  private order(): void {
    for (const states of this.handles.values()) {
      for (const [i, { writers }] of states.entries()) {
        const ended = states[i - 1];
        if (!ended) continue;
        const earlier = [...ended.writers, ...(ended.read ? [ended.read] : [])];
        for (const writer of writers) {
          for (const node of earlier) writer.controls.add(node.name);
          for (const node of ended.consumers) if (node.index < writer.index) writer.controls.add(node.name);
        }
      }
    }
  }
}

function sameState(a: Value | undefined, b: Value): boolean {
  if (a === b) return true;
  if (a?.kind === 'variable' && b.kind === 'variable') return a.variable === b.variable;
  if (a?.kind === 'updated' && b.kind === 'updated') return a.region === b.region && a.variable === b.variable;
  return false;
}
