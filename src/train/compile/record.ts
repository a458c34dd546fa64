// Records one eager run of a step: every operation that reaches TensorFlow, every constant, every variable changed.
//
// The recording is in single-assignment form. A tensor is the input, variable, constant or operation output it came
// from, so
// a variable read after it was assigned is simply the assigned tensor, and the order of updates needs no bookkeeping.

import type * as tfjs from '@tensorflow/tfjs';
import type { Binding, NodeBackend, OpAttr, TensorMetadata, TypedArray } from './binding';
import { DT, engineOf, idOf, opAttrs } from './binding';
import type { GraphBuilder, GraphNode } from './graph';
import type { Tf } from './index';

/** Where a tensor came from. */
export type Value =
  | { kind: 'input'; name: string }
  /** A variable's value before the step. */
  | { kind: 'variable'; variable: tfjs.Variable }
  /** Data that came from JavaScript. `scope` names the operation that made it, for messages. */
  | { kind: 'constant'; dtype: number; shape: number[]; data: TypedArray; scope: string }
  | { kind: 'output'; step: RecordedOp | RecordedRegion; index: number }
  /** A variable's value after a region changed it in place. */
  | { kind: 'updated'; region: RecordedRegion; variable: tfjs.Variable };

export interface RecordedOp {
  kind: 'op';
  index: number;
  name: string;
  attrs: OpAttr[];
  inputs: Value[];
  outputs: TensorMetadata[];
}

/** Part of a step whose graph form is not what ran eagerly; `key` tells regions of different meaning apart. */
export interface RecordedRegion {
  kind: 'region';
  index: number;
  key: string;
  inputs: Value[];
  outputs: TensorMetadata[];
  /** Variables it changes in place, with their values before it. */
  updates: { variable: tfjs.Variable; before: Value }[];
  emit: RegionEmit;
}

/**
 * Writes a region's nodes. `handles` are the resource handles of its `updates`, whose state is the value before.
 * @returns output references, and the nodes that write (each is ordered after all earlier reads of its handles).
 */
export type RegionEmit = (
  graph: GraphBuilder,
  inputs: string[],
  handles: string[],
) => { outputs: string[]; writes: GraphNode[] };

export interface Region {
  key: string;
  inputs: tfjs.Tensor[];
  updates?: tfjs.Variable[];
  /** What runs eagerly: outputs, then the new value of each of `updates`. Must make new tensors. */
  eager: () => { outputs: tfjs.Tensor[]; updated?: tfjs.Tensor[] };
  emit: RegionEmit;
}

export interface Recording {
  steps: (RecordedOp | RecordedRegion)[];
  /** Input names in the order they were given, with what a placeholder needs. */
  inputs: { name: string; dtype: number; shape: number[] }[];
  /** What the step returned. */
  outputs: { name: string; value: Value; dtype: number; shape: number[] }[];
  /** Variables whose value changed, with the new value. */
  assigned: Map<tfjs.Variable, Value>;
  /** Variables that were made during the step: the next run will not make them again. */
  created: tfjs.Variable[];
}

/** The reason why a step cannot become a graph. */
export class Refusal extends Error {}

let current: Recorder | undefined;

/** Runs a region: eagerly always, and into the recording when one is being made. */
export function region(part: Region): tfjs.Tensor[] {
  const recorder = current;
  const { outputs, updated = [] } = recorder ? recorder.region(part) : part.eager();
  part.updates?.forEach((variable, i) => {
    variable.assign(updated[i]!);
    updated[i]!.dispose();
  });
  return outputs;
}

/**
 * Runs `body` on `inputs` and records it.
 * @returns what `body` returned, and the recording or the reason why there is none. Errors of `body` pass through.
 */
export function record<O extends Record<string, tfjs.Tensor>>(
  tf: Tf,
  backend: NodeBackend,
  inputs: Record<string, tfjs.Tensor>,
  body: (inputs: Record<string, tfjs.Tensor>) => O,
): { outputs: O; recording: Recording | Refusal } {
  const recorder = new Recorder(tf, backend);
  return recorder.run(inputs, body);
}

class Recorder {
  private readonly values = new Map<number, Value>();
  private readonly starts = new Map<tfjs.Variable, number>();
  private readonly steps: Recording['steps'] = [];
  private readonly kernels: string[] = [];
  private readonly original: Binding;
  private refusal: Refusal | undefined;
  private paused = 0;

  constructor(
    private readonly tf: Tf,
    private readonly backend: NodeBackend,
  ) {
    this.original = backend.binding;
  }

  run<O extends Record<string, tfjs.Tensor>>(
    inputs: Record<string, tfjs.Tensor>,
    body: (inputs: Record<string, tfjs.Tensor>) => O,
  ): { outputs: O; recording: Recording | Refusal } {
    const { tf } = this;
    const before = new Set(Object.values(engineOf(tf).registeredVariables));
    for (const variable of before) this.bind(variable);
    const given = Object.entries(inputs).map(([name, tensor]) => ({ name, tensor: this.ownId(tensor) }));
    for (const { name, tensor } of given) this.values.set(idOf(this.backend, tensor), { kind: 'input', name });

    const restore = this.install();
    let outputs: O;
    try {
      outputs = tf.tidy(() =>
        detached(
          body(Object.fromEntries(given.map(({ name, tensor }) => [name, tensor]))),
          given.map(({ tensor }) => tensor),
        ),
      );
    } finally {
      restore();
      given.forEach(({ tensor }) => tensor.dispose());
    }
    const recording: Recording = {
      steps: this.steps,
      inputs: given.map(({ name, tensor }) => ({ name, dtype: dtypeNumber(tensor), shape: tensor.shape })),
      outputs: [],
      assigned: new Map(),
      created: [],
    };
    try {
      for (const [name, tensor] of Object.entries(outputs)) {
        recording.outputs.push({ name, value: this.valueOf(tensor), dtype: dtypeNumber(tensor), shape: tensor.shape });
      }
      for (const variable of Object.values(engineOf(tf).registeredVariables)) {
        if (!before.has(variable)) recording.created.push(variable);
        else if (idOf(this.backend, variable) !== this.starts.get(variable)) {
          recording.assigned.set(variable, this.valueOf(variable));
        }
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusal ??= error;
    }
    return { outputs, recording: this.refusal ?? recording };
  }

  region(part: Region): { outputs: tfjs.Tensor[]; updated?: tfjs.Tensor[] } {
    if (this.paused > 0) return part.eager();
    const inputs = part.inputs.map(tensor => this.valueOf(tensor));
    const updates = (part.updates ?? []).map(variable => ({ variable, before: this.valueOf(variable) }));
    this.paused++;
    let result: { outputs: tfjs.Tensor[]; updated?: tfjs.Tensor[] };
    try {
      result = part.eager();
    } finally {
      this.paused--;
    }
    const outputs = result.outputs.map(tensor => ({
      id: idOf(this.backend, tensor),
      shape: tensor.shape,
      dtype: dtypeNumber(tensor),
    }));
    const step: RecordedRegion = {
      kind: 'region',
      index: this.steps.length,
      key: part.key,
      inputs,
      outputs,
      updates,
      emit: part.emit,
    };
    this.steps.push(step);
    outputs.forEach(({ id }, index) => {
      if (this.values.has(id)) this.refuse(`region ${part.key} returned one of its inputs`);
      this.values.set(id, { kind: 'output', step, index });
    });
    result.updated?.forEach((tensor, i) =>
      this.values.set(idOf(this.backend, tensor), { kind: 'updated', region: step, variable: part.updates![i]! }),
    );
    return result;
  }

  /** Two variables that share one tensor could not be told apart: the second one gets a tensor of its own. */
  private bind(variable: tfjs.Variable): void {
    if (variable.isDisposed || variable.dtype === 'string') return;
    let id = idOf(this.backend, variable);
    if (this.values.has(id)) {
      const copy = this.ownId(variable);
      variable.assign(copy);
      copy.dispose();
      id = idOf(this.backend, variable);
    }
    this.starts.set(variable, id);
    this.values.set(id, { kind: 'variable', variable });
  }

  /** The same value under a new TensorFlow id; the memory is shared. */
  private ownId(tensor: tfjs.Tensor): tfjs.Tensor {
    const attrs = opAttrs(this.original, { T: { type: dtypeNumber(tensor) } });
    return this.backend.createOutputTensor(
      this.original.executeOp('Identity', attrs, [idOf(this.backend, tensor)], 1)[0]!,
    );
  }

  private install(): () => void {
    const { backend, original } = this;
    const hooked = {} as Record<string, unknown>;
    // The binding's own properties cannot be written: a copy takes its place.
    const members = original as unknown as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(original)) hooked[name] = members[name];
    const hooks: Pick<Binding, 'executeOp' | 'createTensor' | 'tensorDataSync'> = {
      executeOp: (name, attrs, inputIds, count) => this.executeOp(name, attrs, inputIds, count),
      createTensor: (shape, dtype, data) => {
        const id = original.createTensor(shape, dtype, data);
        if (ArrayBuffer.isView(data)) {
          this.values.set(id, { kind: 'constant', dtype, shape: [...shape], data, scope: this.scope() });
        } else if (this.paused === 0) {
          this.refuse(`it makes text tensors (in ${this.scope()})`);
        }
        return id;
      },
      tensorDataSync: id => {
        this.dataRead(id);
        return original.tensorDataSync(id);
      },
    };
    const engine = engineOf(this.tf);
    const runKernel = engine.runKernel;
    backend.binding = Object.assign(hooked, hooks) as unknown as Binding;
    engine.runKernel = (name, inputs, attrs) => {
      this.kernels.push(name);
      try {
        return runKernel.call(engine, name, inputs, attrs);
      } finally {
        this.kernels.pop();
      }
    };
    const outer = current;
    // The recorder of the step that is running is found by `region`.
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    current = this;
    return () => {
      current = outer;
      backend.binding = original;
      engine.runKernel = runKernel;
    };
  }

  private executeOp(name: string, attrs: OpAttr[], inputIds: number[], count: number): TensorMetadata[] {
    const outputs = this.original.executeOp(name, attrs, inputIds, count);
    if (this.paused > 0 || this.refusal) return outputs;
    const reason = unsupported(name);
    if (reason) this.refuse(reason);
    const op: RecordedOp = {
      kind: 'op',
      index: this.steps.length,
      name,
      attrs,
      inputs: inputIds.map(id => this.valueOfId(id)),
      outputs,
    };
    this.steps.push(op);
    outputs.forEach(({ id }, index) => this.values.set(id, { kind: 'output', step: op, index }));
    return outputs;
  }

  private valueOf(tensor: tfjs.Tensor): Value {
    return this.valueOfId(idOf(this.backend, tensor));
  }

  private valueOfId(id: number): Value {
    const known = this.values.get(id);
    if (known) return known;
    // A tensor made before the step and caught by it: its value becomes part of the graph. Whether it changes from
    // step to
    // step shows when the next recording differs.
    const value: Value = { kind: 'constant', ...contents(this.original, id), scope: 'a tensor made before the step' };
    this.values.set(id, value);
    return value;
  }

  /** Values of operations may not steer JavaScript: another step could go another way. */
  private dataRead(id: number): void {
    if (this.paused > 0 || this.kernels.at(-1) === 'GatherV2') return; // GatherV2 only looks whether indices are in range.
    const value = this.values.get(id);
    if (value && value.kind !== 'constant') {
      this.refuse(`it reads a tensor's values in the middle (in ${this.kernels.at(-1) ?? this.scope()})`);
    }
  }

  private scope(): string {
    return engineOf(this.tf).state.activeScope?.name.replace(/__op$/, '') ?? 'the step';
  }

  private refuse(reason: string): void {
    this.refusal ??= new Refusal(reason);
  }
}

/** A step may return an input or a variable as it is; its caller must get a tensor of its own. */
export function detached<O extends Record<string, tfjs.Tensor>>(outputs: O, given: readonly tfjs.Tensor[]): O {
  const shared = new Set(given);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      shared.has(tensor) || 'assign' in tensor ? tensor.clone() : tensor,
    ]),
  ) as O;
}

/** Shape, type and data of a tensor of which only the id is known. */
function contents(binding: Binding, id: number): { dtype: number; shape: number[]; data: TypedArray } {
  const data = binding.tensorDataSync(id);
  if (!ArrayBuffer.isView(data)) throw new Refusal('it uses a text tensor made before the step');
  const dtype = data instanceof Float32Array ? DT.FLOAT : data instanceof Int32Array ? DT.INT32 : DT.BOOL;
  const attrs = opAttrs(binding, { T: { type: dtype }, out_type: { type: DT.INT32 } });
  const shape = binding.executeOp('Shape', attrs, [id], 1)[0]!;
  const sizes = [...binding.tensorDataSync(shape.id)];
  binding.deleteTensor(shape.id);
  return { dtype, shape: sizes, data };
}

/** Operations that a graph of fixed shapes cannot repeat faithfully. */
function unsupported(op: string): string | undefined {
  if (/^(Where|Unique|UniqueV2|NonMaxSuppression.*)$/.test(op)) return `the shape of a result depends on data (${op})`;
  if (/^(Multinomial|Random.*|TruncatedNormal|ParameterizedTruncatedNormal)$/.test(op)) {
    return `it draws random numbers that cannot be repeated (${op})`;
  }
  if (/(Summary|Writer|Decode|Encode|RegexReplace|String)/.test(op)) return `${op} has no place in a compiled step`;
  return undefined;
}

export function dtypeNumber(tensor: tfjs.Tensor): number {
  switch (tensor.dtype) {
    case 'float32':
      return DT.FLOAT;
    case 'int32':
      return DT.INT32;
    case 'bool':
      return DT.BOOL;
    case 'complex64':
      return DT.COMPLEX64;
    default:
      return DT.STRING;
  }
}
