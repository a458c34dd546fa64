/**
 * A model as the evaluator knows it: a graph of layer calls, with the arguments each layer was made with. Plain JSON
 * (no functions, no cycles), because the training child builds the TensorFlow.js model from exactly this.
 */
import type { Place } from './span';

/** Lengths of the axes: a number, `null` (batch, open or unknown), or a symbolic size such as `"h // 2"`. */
export type ShapeJson = readonly (number | string | null)[];

/** What one layer output is: which layer (by its place in `layers`), which call of it, which of that call's outputs. */
export interface TensorRef {
  readonly layer: number;
  readonly call: number;
  readonly output: number;
}

/** JSON with two additions that configurations need: a nested layer,
  and a value that is not known before the program runs. */
export type ConfigValue =
  | null
  | boolean
  | number
  | string
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue }
  | LayerConfig
  | UnknownConfig;

/** A layer (or RNN cell) inside the configuration of another: `Bidirectional(LSTM(8))`. */
export interface LayerConfig {
  readonly layer: {
    readonly className: string;
    readonly name?: string;
    readonly config: Readonly<Record<string, ConfigValue>>;
  };
}

/** `symbol` names the unbound name of the source, so that the training configuration's `args` can give its value. */
export interface UnknownConfig {
  readonly unknown: string;
  readonly symbol?: string;
}

export interface WeightFacts {
  /** As Keras names it: `kernel`, `bias`, `gamma`, `moving_mean`, `forward/kernel` … */
  readonly name: string;
  readonly shape: ShapeJson;
  readonly trainable: boolean;
  /** The number of values; null where the shape depends on an unknown. */
  readonly size: number | null;
}

export interface LayerCall {
  /** Nested as the author nested them: a list or dict of tensors is flattened in Keras's order. */
  readonly inputs: readonly TensorRef[];
  /** How the inputs were handed over: one tensor, a list, or the keys of a dict or keyword arguments. */
  readonly structure: 'single' | 'list' | readonly string[];
  /** Keyword arguments of the call that are not tensors (`training=True`). */
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly outputShapes: readonly ShapeJson[];
  readonly place: Place;
}

export interface LayerFacts {
  /** The name the framework gives it: `conv2d`, `conv2d_1`; TensorFlow.js: `conv2d_Conv2D1`. */
  readonly name: string;
  /** Keras's class name (`Conv2D`), also for TensorFlow.js layers; `InputLayer` for an input. */
  readonly className: string;
  /** All arguments by their Keras names (snake case), given ones and defaults. */
  readonly config: Readonly<Record<string, ConfigValue>>;
  /** Names of the arguments that the author wrote. */
  readonly given: readonly string[];
  readonly weights: readonly WeightFacts[];
  /** Sum of the weights' sizes; null where one depends on an unknown. */
  readonly params: number | null;
  readonly trainable: boolean;
  readonly calls: readonly LayerCall[];
  /** Multiply-adds counted as two operations, one example, forward pass; null where unknown. */
  readonly flops: number | null;
  /** Output shapes where it was called, but not as part of a graph: layers of a subclassed model. */
  readonly outputShapes?: readonly ShapeJson[];
  /** The canonical path of an operation between layers (`keras.ops.reshape`, `+`); `model.layers` leaves these out. */
  readonly operation?: string;
  /** A model used as a layer keeps its own graph. */
  readonly model?: ModelFacts;
  /** Where the layer was made. */
  readonly place: Place;
}

export interface CompileFacts {
  readonly optimizer?: ConfigValue;
  readonly loss?: ConfigValue;
  readonly metrics?: ConfigValue;
  readonly lossWeights?: ConfigValue;
  readonly place: Place;
}

export interface FitFacts {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly validationSplit?: number;
  readonly shuffle?: boolean;
  /** Callbacks with their arguments, as far as they are known. */
  readonly callbacks?: ConfigValue;
  /** `keras.datasets.mnist` and the like, when `x` visibly comes from there. */
  readonly dataset?: string;
  /** What the program itself does with the features before `fit`: divided by 255, an axis added at the end … */
  readonly scale?: number;
  readonly place: Place;
}

export interface ModelFacts {
  /** The variable that holds it, or the function or class that builds it. */
  readonly binding: string;
  /** The framework's name: `sequential`, `functional_1`. */
  readonly name: string;
  readonly className: 'Sequential' | 'Functional' | 'Model';
  readonly framework: 'keras' | 'tfjs';
  /** In the order of `model.layers` (with the input layers that Keras lists; TensorFlow.js likewise). */
  readonly layers: readonly LayerFacts[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
  readonly inputShapes: readonly ShapeJson[];
  readonly outputShapes: readonly ShapeJson[];
  /** The keys where inputs or outputs are dicts. */
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly params: {
    readonly total: number | null;
    readonly trainable: number | null;
    readonly nonTrainable: number | null;
  };
  readonly flops: number | null;
  /** Why some layers or shapes are missing, in words a person reads; empty when the graph is whole. */
  readonly gaps: readonly string[];
  readonly compile?: CompileFacts;
  readonly fit?: FitFacts;
  readonly place: Place;
}
