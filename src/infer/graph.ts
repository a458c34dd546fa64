/**
 * Layers, models and their calls as the evaluator moves them around. A layer has identity: calling one object twice
 * shares its weights. A call on symbolic tensors is a node; models are read back from the nodes behind their outputs.
 */
import { type Dim, same } from '../ir/dim';
import type { Place, Span } from '../ir/span';
import { isRanked, type Shape } from '../ir/shape';
import { type GraphNodeRef, type InstanceValue, type TensorValue, unknownValue, type Value } from '../ir/value';
import type { Arguments, Framework, LayerSpec, WeightSpec } from '../catalogue/spec';
import type { CellKind } from './journal';

/** A place in the source with the named parts of the call there, which quick fixes work on. */
export interface CallSite {
  readonly place: Place;
  readonly anchors: Readonly<Record<string, Span>>;
}

/** What the first call of a layer fixed: its weights, and the lengths of the axes they depend on. */
export interface Built {
  readonly inputs: readonly Shape[];
  /** Undefined where they could not be followed; `why` says so. */
  readonly weights: readonly WeightSpec[] | undefined;
  readonly why?: string;
  readonly place: Place;
}

export class LayerObject {
  readonly spec: LayerSpec | undefined;
  readonly className: string;
  readonly framework: Framework;
  readonly args: Arguments;
  /** The bound arguments by their Keras names, as the author gave them. */
  readonly given: ReadonlyMap<string, Value>;
  readonly site: CallSite;
  name: string;
  trainable: boolean | undefined = true;
  built: Built | undefined;
  /** Calls on symbolic tensors, in order. Replaced, never changed in place. */
  nodes: readonly GraphNode[] = [];
  /** The last call on data or inside another layer, whose shapes `summary()` would show. */
  lastOutputs: readonly Shape[] | undefined;
  flops: Dim | undefined;
  /** The instance of the program's own class that derives from Layer or Model. */
  instance: InstanceValue | undefined;
  /** Weights that the program's own class made with `add_weight`, in order. */
  ownWeights: readonly WeightSpec[] = [];
  /** Why its weights, calls or sublayers are not fully known. */
  uncertain: string | undefined;
  /** It stands for several layers that are not listed; why they are not. */
  standsFor: string | undefined;

  constructor(made: {
    readonly className: string;
    readonly name: string;
    readonly framework: Framework;
    readonly site: CallSite;
    readonly args: Arguments;
    readonly given: ReadonlyMap<string, Value>;
    readonly spec?: LayerSpec;
  }) {
    this.className = made.className;
    this.name = made.name;
    this.framework = made.framework;
    this.site = made.site;
    this.args = made.args;
    this.given = made.given;
    this.spec = made.spec;
  }
}

/**
 * An operation between layers: `keras.ops.reshape(x, …)`, `x + y`, `x[:, 0]`. Keras names it, but does not list it
 * among the layers.
 */
export class OperationObject extends LayerObject {
  /** Its outputs for other input shapes, where that is known. */
  rerun: ((inputs: readonly Shape[]) => readonly Shape[] | undefined) | undefined;

  constructor(
    made: ConstructorParameters<typeof LayerObject>[0],
    readonly path: string,
  ) {
    super(made);
  }
}

export class ModelObject extends LayerObject {
  kind: 'sequential' | 'functional' | 'subclass' = 'subclass';
  /** Sequential: what was added, in order, without the input layer. */
  stack: readonly LayerObject[] = [];
  /** Where the hint of each of them stands. */
  sites: readonly Span[] = [];
  /** How many of them were already run. */
  reached = 0;
  inputLayer: LayerObject | undefined;
  /** Sequential: the tensor behind the last layer, once it is built. Functional: see `outputs`. */
  top: Value | undefined;
  /** Functional (and a built Sequential): nested as the author gave them. */
  inputs: Value | undefined;
  outputs: Value | undefined;
  compiled: CompileState | undefined;
  fitted: FitState | undefined;
}

/** What `compile` was given, by its parameter names. */
export interface CompileState {
  readonly values: ReadonlyMap<string, Value>;
  readonly site: CallSite;
  /** There may be more arguments than these. */
  readonly isOpen?: boolean;
}

export interface FitState {
  readonly values: ReadonlyMap<string, Value>;
  readonly site: CallSite;
  readonly features: Value | undefined;
  readonly labels: Value | undefined;
}

/** One call of a layer or operation on symbolic tensors. */
export class GraphNode {
  constructor(
    readonly layer: LayerObject,
    /** All symbolic tensors among the arguments, in the order Keras flattens them. */
    readonly inputs: readonly TensorValue[],
    readonly structure: 'single' | 'list' | readonly string[],
    readonly config: ReadonlyMap<string, Value>,
    readonly outputs: readonly Shape[],
    readonly place: Place,
    /** Why an input of this call is missing here. */
    readonly gap?: string,
  ) {}
}

/** Stands behind a tensor that two branches made differently. */
export class ChoiceNode {
  constructor(
    readonly alternatives: readonly GraphNodeRef[],
    readonly why: string,
  ) {}
}

export function isInput(layer: LayerObject): boolean {
  return layer.className === 'InputLayer';
}

/** The node and output index behind a symbolic tensor; of a choice the first alternative, with the reason. */
export function origin(
  t: TensorValue,
): { readonly node: GraphNode; readonly output: number; readonly why?: string } | undefined {
  let ref = t.node;
  let why: string | undefined;
  while (ref?.node instanceof ChoiceNode) {
    why = ref.node.why;
    ref = ref.node.alternatives[0];
  }
  return ref?.node instanceof GraphNode ? { node: ref.node, output: ref.output, why } : undefined;
}

type LayerState = Record<string, unknown>;

/** Layers keep their state in plain fields that are replaced, so a shallow copy is a copy. */
export const LAYER_CELL: CellKind<LayerObject, LayerState> = {
  capture: layer => ({ ...layer }),
  restore: (layer, state) => void Object.assign(layer, state),
  join: (a, b, why) => {
    const joined: LayerState = { ...a };
    for (const key of Object.keys(b)) {
      if (a[key] === b[key]) continue;
      joined[key] = joinField(key, a[key], b[key], why);
      if (key !== 'nodes' && key !== 'lastOutputs' && key !== 'trainable') joined.uncertain ??= why;
    }
    return joined;
  },
};

function joinField(key: string, a: unknown, b: unknown, why: string): unknown {
  // Whether it is trained is then not known.
  if (key === 'trainable') return undefined;
  if (a === undefined) return b;
  if (b === undefined) return a;
  // The longer one of two stacks is kept below; all of it was run.
  if (key === 'reached') return Math.max(a as number, b as number);
  if (key === 'top') return sameShape(a as Value, b as Value) ? b : unknownValue(why);
  if (key === 'built') return { ...(a as Built), weights: undefined, inputs: [], why } satisfies Built;
  if (Array.isArray(a) && Array.isArray(b)) return a.length >= b.length ? a : b;
  return b;
}

function sameShape(a: Value, b: Value): boolean {
  if (a.kind !== 'tensor' || b.kind !== 'tensor' || !isRanked(a.shape) || !isRanked(b.shape)) return false;
  const { dims } = b.shape;
  return (
    a.shape.dims.length === dims.length &&
    a.shape.dims.every((d, i) => same(d, dims[i]!) === 'yes' || isOpen(d, dims[i]!))
  );
}

const isOpen = (a: Dim, b: Dim): boolean => a.kind === 'open' && b.kind === 'open';
