/**
 * What the catalogue's entries look like. A `LayerSpec` is one object that is the whole layer: its spellings, the
 * schema of its arguments, the input it wants, its output shape and its weights. Hover, completion, snippets, parameter
 * counts,
 * FLOPs and reference pages are derived from it; its examples run as tests and are held against the real library.
 */
import type { Dim } from '../ir/dim';
import type { Outcome, RankWanted } from '../ir/fault';
import type { ConfigValue } from '../ir/model';
import type { Shape } from '../ir/shape';
import type { Value } from '../ir/value';

export type Framework = 'keras' | 'tfjs';

// ------------------------------------------------------------------------------------------------------ arguments

/**
 * What an argument accepts, as far as the library itself checks it when the layer is made. A value outside gives an
 * `argument-invalid` fault, so a kind must never be narrower than the library.
 */
export type ArgumentKind =
  /** Python's True is the integer 1, but a few layers refuse it. */
  | { readonly kind: 'integer'; readonly atLeast?: number; readonly notBoolean?: true }
  /** Also accepts integers. */
  | { readonly kind: 'number'; readonly atLeast?: number; readonly atMost?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'string' }
  /** `ignoreCase`: Keras lower-cases it (padding, data_format). */
  | { readonly kind: 'choice'; readonly of: readonly string[]; readonly ignoreCase?: boolean }
  /** One integer, or one for each of `rank` axes. */
  | { readonly kind: 'window'; readonly rank: number; readonly atLeast?: number }
  /** A tuple or list of integers or None. */
  | { readonly kind: 'shape' }
  /** An integer or a list of integers. */
  | { readonly kind: 'axes' }
  | { readonly kind: 'activation' }
  | { readonly kind: 'initializer' }
  | { readonly kind: 'regularizer' }
  | { readonly kind: 'constraint' }
  | { readonly kind: 'dtype' }
  | { readonly kind: 'layer' }
  | { readonly kind: 'any' };

export interface ArgumentSpec {
  /** Keras's name. */
  readonly name: string;
  readonly kind: ArgumentKind;
  /** Absent: required. */
  readonly defaultValue?: ConfigValue;
  readonly keywordOnly?: boolean;
  /** TensorFlow.js's key where it is not simply the camel-cased name; null where TensorFlow.js has no such key. */
  readonly tfjs?: string | null;
  /** TensorFlow.js's default where it is another one. */
  readonly tfjsDefault?: ConfigValue;
  readonly doc?: string;
}

/** Reads the arguments of one layer or op: what was given, else the default. Never throws; unknown stays unknown. */
export interface Arguments {
  given(name: string): boolean;
  value(name: string): Value;
  /** True for None/null/undefined. Undefined where the value is not known. */
  isNone(name: string): boolean | undefined;
  /** An integer as a length: a number, a symbol, or unknown with the reason. */
  size(name: string): Dim;
  /** One integer for all, or one for each of `count` axes. */
  sizes(name: string, count: number): readonly Dim[];
  number(name: string): number | undefined;
  /** Lower-cased where the argument's kind ignores case. */
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  /** One axis or several; undefined where not known. */
  axes(name: string): readonly number[] | undefined;
  /** A tuple of lengths; None entries are open axes. Undefined where its length is not known. */
  shape(name: string): readonly Dim[] | undefined;
  /** Any sequence's items; undefined where not known. */
  items(name: string): readonly Value[] | undefined;
  layer(name: string): NestedLayer | undefined;
  /**
   * A sequence of layers (StackedRNNCells); undefined where its length is not known, and for each that is no known
   * layer.
   */
  layers(name: string): readonly (NestedLayer | undefined)[] | undefined;
}

/** A layer held by another one (Bidirectional, TimeDistributed, RNN's cell). */
export interface NestedLayer {
  readonly spec: LayerSpec | undefined;
  readonly className: string;
  readonly args: Arguments;
  /** What a recurrent cell of the program carries from step to step, where it says so. */
  readonly stateSizes?: readonly Dim[];
  /** Its output for these inputs, checked like a layer of its own. Undefined where the layer is not known. */
  output(inputs: readonly Shape[]): Outcome<ShapeTree> | undefined;
  weights(inputs: readonly Shape[]): Outcome<readonly WeightSpec[]> | undefined;
  flops(inputs: readonly Shape[]): Dim | undefined;
}

// --------------------------------------------------------------------------------------------------------- layers

/** One output, several, or several by name. */
export type ShapeTree = Shape | readonly Shape[] | { readonly named: Readonly<Record<string, Shape>> };

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly Dim[];
  /** Default true. A layer made with `trainable=False` overrides it. */
  readonly trainable?: boolean | 'unknown';
}

export interface LayerContext {
  readonly args: Arguments;
  /** All input tensors in order; a single input is `[input]`. */
  readonly inputs: readonly Shape[];
  readonly input: Shape;
  /** How they were handed over; a merge layer wants a list. */
  readonly structure: 'single' | 'list' | 'dict';
  /** Arguments of the call itself: `training=`, `mask=`, `initial_state=`, `return_attention_scores=`. */
  readonly call: Arguments;
  readonly framework: Framework;
}

export interface LayerSpec {
  /** Keras's class name. */
  readonly className: string;
  /** Further public names of the same class: `Convolution2D`, `MaxPool2D`. */
  readonly aliases?: readonly string[];
  readonly family: LayerFamily;
  /** One line for hover and completion; says what it does, not what it is called. */
  readonly doc: string;
  /** Positional order is the order here. `name`, `dtype`, `trainable`,
    `activity_regularizer` and the input arguments are added for every layer. */
  readonly parameters: readonly ArgumentSpec[];
  /** True where these are all: the constructor has no `**kwargs` for what every layer takes. */
  readonly closed?: true;
  /** Argument names of Keras 1 and 2 with their name now; null where it was removed. */
  readonly renamed?: Readonly<Record<string, string | null>>;
  /**
   * Absent where TensorFlow.js has no such layer. `factory` as in `tf.layers.conv2d`, `className` as `getClassName()`
   * gives it.
   */
  readonly tfjs?: { readonly factory: string; readonly aliases?: readonly string[]; readonly className?: string };
  /** Absent where any rank will do. May depend on the arguments (Permute, data_format does not change rank). */
  readonly rank?: RankWanted | ((args: Arguments) => RankWanted | undefined);
  /** How many inputs: 1 unless said. `atLeast` means a list is wanted. */
  readonly arity?: { readonly exact: number } | { readonly atLeast: number };
  /**
   * Names of the tensor arguments of `call`, where it takes several side by side: `attention(query, value, key=…)`.
   * They
   * reach the functions below as `inputs` in this order, a list as `structure`; the arity says how many must be there.
   */
  readonly callInputs?: readonly string[];
  /** Conflicts between arguments that the library checks when the layer is made; kinds are checked without it. */
  readonly check?: (args: Arguments, framework: Framework) => Outcome<undefined>;
  readonly weights?: (c: LayerContext) => Outcome<readonly WeightSpec[]>;
  readonly output: (c: LayerContext) => Outcome<ShapeTree>;
  /** Axes of the input whose length is fixed once the layer has weights (Keras's `InputSpec(axes=…)`): −1 for Dense. */
  readonly fixedAxes?: (args: Arguments) => readonly number[];
  /**
   * Floating-point operations of one example's forward pass; a multiply-add counts two. Absent: none worth counting.
   */
  readonly flops?: (c: LayerContext, output: ShapeTree) => Dim;
  /** Where not the compute dtype. */
  readonly outputDtype?: (args: Arguments) => string | undefined;
  /** The arithmetic behind the output shape and the parameter count, for the hover; see `explain.ts`. */
  readonly explain?: (c: LayerContext, output: ShapeTree) => readonly string[];
  /** True for layers that do nothing at inference (Dropout, GaussianNoise). */
  readonly trainingOnly?: boolean;
  readonly examples: readonly LayerExample[];
  /** The page of keras.io below `/api/layers/`. */
  readonly page?: string;
}

export type LayerFamily =
  | 'core'
  | 'convolution'
  | 'pooling'
  | 'recurrent'
  | 'normalization'
  | 'regularization'
  | 'attention'
  | 'reshaping'
  | 'merging'
  | 'activation'
  | 'preprocessing'
  | 'augmentation';

export interface LayerExample {
  /** Python arguments as text: `32, 3, padding='same'`. */
  readonly args: string;
  /** Input shapes with the batch: `[[null, 28, 28, 1]]`. */
  readonly inputs: readonly (readonly (number | null)[])[];
}

/**
 * Gives the spec back unchanged; it is here so that every entry reads `defineLayer({…})` and is type-checked as one.
 */
export function defineLayer(spec: LayerSpec): LayerSpec {
  return spec;
}

// ------------------------------------------------------------------------------------------------------------ ops

export interface OpContext {
  readonly args: Arguments;
  /** The canonical path it was called by. */
  readonly path: string;
  readonly framework: Framework;
  /** `self` of a method (`x.reshape(…)`), which is also the first argument. */
  readonly isMethod: boolean;
  /** Calls a function value of the program: `tf.map_fn(f, x)`, `dataset.map(f)`. */
  call(callee: Value, args: readonly Value[]): Value;
}

/** A function of a library that takes or gives tensors, arrays or data sets. */
export interface OpSpec {
  /**
   * Canonical paths that mean this op: `keras.ops.reshape`, `tensorflow.reshape`, `numpy.reshape`, `tensor.reshape` for
   * a method.
   */
  readonly paths: readonly string[];
  readonly parameters: readonly ArgumentSpec[];
  readonly infer: (c: OpContext) => Outcome<Value>;
  readonly doc?: string;
}

export function defineOp(spec: OpSpec): OpSpec {
  return spec;
}
