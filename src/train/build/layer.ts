/** What a layer is to the training child: weights made once for the shapes that come in, and a function on tensors. */
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue } from '../../ir/model';
import type { Tf } from '../compile';
import { Activations, type ActivationFunction } from './activations';
import { asObject, Config, ModelError, type Bindings, type KerasObjectConfig, type RawConfig } from './config';
import { initialValues } from './initializers';
import { constraintOf, regularizerOf, type Constraint, type Regularizer } from './regularizers';

export type Tensor = tfjs.Tensor;

/** A weight of a built model, in Keras's order and under Keras's name. */
export interface Weight {
  /** `conv2d/kernel`: the layer's name, then the weight's path within it. */
  readonly path: string;
  readonly variable: tfjs.Variable;
  /** Whether the layer itself trains it; `frozen` says that the model does not. */
  readonly trainable: boolean;
  readonly regularizer: Regularizer | null;
  readonly constraint: Constraint | null;
}

/** One call of a layer. */
export interface Call {
  readonly training: boolean;
  /** Per input; false at padded positions, null without a mask. Shape: the input's first axes. */
  readonly masks: readonly (Tensor | null)[];
  /** Arguments of the call that are not tensors (`training=False`, `use_causal_mask=True`). */
  readonly config: Config;
  /** How the inputs were handed over; keys where they came as keyword arguments. */
  readonly structure: 'single' | 'list' | readonly string[];
  /** Adds a scalar to the loss of this step. */
  addLoss(loss: Tensor): void;
}

export type Forward = (inputs: Tensor[], call: Call) => Tensor | Tensor[];

export interface BuiltLayer {
  readonly forward: Forward;
  /** The mask of the first output. `pass`: that of the first input that has one; `drop`: none. */
  readonly mask: MaskRule;
}

export type MaskRule = 'pass' | 'drop' | ((inputs: Tensor[], call: Call) => Tensor | null);

/** Builds one kind of layer. Shapes have the batch axis; they are those of the first batch. */
export type LayerKind = (make: Making) => Forward | BuiltLayer;

export interface WeightOptions {
  /** Keys of the layer's configuration that hold them; absent: none. */
  readonly initializer?: ConfigValue;
  readonly regularizer?: ConfigValue;
  readonly constraint?: ConfigValue;
  readonly trainable?: boolean;
}

export interface MakingContext {
  readonly tf: Tf;
  readonly framework: 'keras' | 'tfjs';
  readonly seed: number;
  readonly bindings: Bindings;
  /** Distinguishes variables of several models in one process. */
  readonly prefix: string;
  readonly weights: Weight[];
  /** What lives from batch to batch without being a weight: states of stateful layers. */
  readonly states: tfjs.Variable[];
  kind(className: string): LayerKind | undefined;
}

/** The tools with which a layer is built. */
export class Making {
  readonly tf: Tf;
  readonly config: Config;

  constructor(
    readonly context: MakingContext,
    readonly path: string,
    readonly className: string,
    raw: RawConfig,
    readonly shapes: readonly (readonly number[])[],
    readonly structure: Call['structure'] = 'single',
  ) {
    this.tf = context.tf;
    this.config = new Config(path, raw, context.bindings);
  }

  /** Shape of the first input, with the batch. */
  get shape(): readonly number[] {
    return this.shapes[0] ?? [];
  }

  /** The length of the last axis of the first input. */
  get channels(): number {
    return this.shape[this.shape.length - 1] ?? 1;
  }

  /** Makes a weight; weights appear in the order in which they are made,
    trainable ones first within a layer as in Keras. */
  weight(name: string, shape: readonly number[], options: WeightOptions = {}): tfjs.Variable {
    const path = `${this.path}/${name}`;
    const { tf, context } = this;
    const trainable = (options.trainable ?? true) && this.config.flag('trainable', true);
    const values = initialValues(this.config, options.initializer ?? 'zeros', shape, `${path}`, context.seed);
    const variable = tf.tidy(() =>
      tf.variable(tf.tensor(values, [...shape], 'float32'), trainable, `${context.prefix}${path}`),
    );
    context.weights.push({
      path,
      variable,
      trainable,
      regularizer: regularizerOf(tf, this.config, options.regularizer),
      constraint: constraintOf(tf, this.config, options.constraint),
    });
    return variable;
  }

  /** A value that lives from batch to batch and starts as zeros. */
  state(name: string, shape: readonly number[]): tfjs.Variable {
    const { tf, context } = this;
    const variable = tf.tidy(() => tf.variable(tf.zeros([...shape]), false, `${context.prefix}${this.path}/${name}`));
    context.states.push(variable);
    return variable;
  }

  /** The same layer seen one level deeper in the paths of weights, with a configuration of its own. */
  inner(name: string, className: string, raw: RawConfig): Making {
    return new Making(this.context, `${this.path}/${name}`, className, raw, this.shapes, this.structure);
  }

  /** A weight whose options come from `<name>_initializer` … of the configuration. */
  configured(name: string, shape: readonly number[], fallback: string, stem = name): tfjs.Variable {
    const { config } = this;
    return this.weight(name, shape, {
      initializer: config.value(`${stem}_initializer`) ?? fallback,
      regularizer: config.value(`${stem}_regularizer`),
      constraint: config.value(`${stem}_constraint`),
    });
  }

  activation(key = 'activation', whenAbsent: string = 'linear'): ActivationFunction {
    return Activations.of(this.tf, this.config, this.config.value(key) ?? whenAbsent, this.context.framework);
  }

  /** The axis of the channels, and whether the data has them last. */
  get channelsLast(): boolean {
    return (this.config.value('data_format') ?? 'channels_last') !== 'channels_first';
  }

  /** Another layer inside this one; its weights come under `<this>/<name>`. */
  layer(nested: KerasObjectConfig, name: string, shapes: readonly (readonly number[])[]): BuiltLayer {
    return buildLayer(this.context, `${this.path}/${name}`, nested.className, nested.config, shapes);
  }

  nestedLayer(key: string): KerasObjectConfig {
    const nested = asObject(this.config.value(key));
    if (!nested) throw this.fail(`the layer "${key}" inside it is not known`, 'Write it out in the source.');
    return nested;
  }

  /** What messages call it. */
  private get title(): string {
    return this.className.startsWith('operation ')
      ? `The operation "${this.path}"`
      : `The ${this.className} layer "${this.path}"`;
  }

  fail(problem: string, hint: string): ModelError {
    return new ModelError(`${this.title} cannot be trained here: ${problem}.`, hint);
  }
}

export function buildLayer(
  context: MakingContext,
  path: string,
  className: string,
  config: RawConfig,
  shapes: readonly (readonly number[])[],
  structure: Call['structure'] = 'single',
): BuiltLayer {
  const kind = context.kind(className);
  if (!kind) {
    const what = className.startsWith('operation ') ? `the operation ${className.slice(10)}` : `a ${className}`;
    throw new ModelError(
      `The layer "${path}" is ${what}, which Modelwright cannot train yet.`,
      'Replace it by other layers, or train this model in Python.',
    );
  }
  const before = context.weights.length;
  const built = kind(new Making(context, path, className, config, shapes, structure));
  sortTrainableFirst(context.weights, before);
  return typeof built === 'function' ? { forward: built, mask: 'drop' } : built;
}

/** `layer.weights` of Keras lists a layer's trainable weights before the others. */
function sortTrainableFirst(weights: Weight[], from: number): void {
  const own = weights.splice(from);
  weights.push(...own.filter(weight => weight.trainable), ...own.filter(weight => !weight.trainable));
}

/** For layers that treat every position alike and so leave a mask valid. */
export const passing = (forward: Forward): { forward: Forward; mask: MaskRule } => ({ forward, mask: 'pass' });

/** A function of one tensor. */
export const unary =
  (f: (x: Tensor, call: Call) => Tensor): Forward =>
  (inputs, call) =>
    f(inputs[0]!, call);
