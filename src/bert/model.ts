/** A checkpoint in TensorFlow: its weights as variables, the forward pass, and the weights out again. */
import type * as tfjs from '@tensorflow/tfjs';
import { randomBits } from '../data/random';
import type { Tf } from '../train/compile';
import type { Weights } from './checkpoint';
import type { BertConfig, Task } from './config';
import { type DenseOf, Encoder, type EncoderInputs, type EncoderOptions } from './encoder';
import { type HeadOptions, TaskHead } from './heads';
import { applyAdapter, type AdapterConfig, adapterParameters, isAdapted, mergedKernel } from './lora';
import { dense } from './operations';
import { type Parameter, parametersOf } from './parameters';

type Tensor = tfjs.Tensor;

export interface BertModelOptions {
  readonly config: BertConfig;
  readonly task: Task;
  /** Outputs of the head: classes, or numbers for regression. */
  readonly labels: number;
  /** By our names; what is missing is initialised from the seed. */
  readonly weights: Readonly<Weights>;
  readonly seed: number;
  /** Thin matrices beside the encoder's dense layers, which are trained instead of them. */
  readonly adapter?: AdapterConfig;
}

export class BertModel {
  readonly config: BertConfig;
  readonly task: Task;
  /** What a checkpoint of the model has; adapters are not in it. */
  readonly parameters: readonly Parameter[];
  readonly adapters: readonly Parameter[];
  private readonly variables = new Map<string, tfjs.Variable>();
  private readonly encoder: Encoder;
  private readonly head: TaskHead;

  constructor(
    private readonly tf: Tf,
    private readonly options: BertModelOptions,
  ) {
    const { config, task, labels, weights, seed, adapter } = options;
    this.config = config;
    this.task = task;
    this.parameters = parametersOf(config, task, labels);
    this.adapters = adapter ? adapterParameters(this.parameters, adapter) : [];
    for (const parameter of [...this.parameters, ...this.adapters]) {
      const { name, shape } = parameter;
      const data = weights[name]?.data ?? initial(parameter, config.initializerRange, seed);
      this.variables.set(name, variable(tf, name, data, shape));
    }
    const weight = (name: string): Tensor => this.variable(name);
    const denseOf: DenseOf = (x, name) => {
      const y = dense(tf, x, weight(`${name}/kernel`), weight(`${name}/bias`));
      return adapter && isAdapted(this.variables, name) ? applyAdapter(tf, x, y, name, weight, adapter) : y;
    };
    this.encoder = new Encoder(tf, config, weight, denseOf);
    this.head = new TaskHead(tf, config, task, weight, denseOf);
  }

  /** @returns logits, shaped as `TaskHead.apply` says; run it in `tf.tidy` or a compiled function */
  apply(inputs: EncoderInputs, options: EncoderOptions & HeadOptions): Tensor {
    const hidden = this.encoder.apply(inputs, options);
    return this.head.apply(hidden, inputs.ids.shape[0], options);
  }

  /** @throws Error for a name that the model has not */
  variable(name: string): tfjs.Variable {
    const found = this.variables.get(name);
    if (!found) throw new Error(`The model has no weight "${name}".`);
    return found;
  }

  get all(): readonly Parameter[] {
    return [...this.parameters, ...this.adapters];
  }

  /** How many numbers the checkpoint has. */
  get size(): number {
    return this.parameters.reduce((sum, { shape }) => sum + product(shape), 0);
  }

  /** Copies of all values by our names, adapters apart: what a run's checkpoint keeps. */
  values(): Weights {
    return Object.fromEntries(this.all.map(({ name, shape }) => [name, this.valueOf(name, shape)]));
  }

  /** Copies of the weights as a checkpoint has them: adapters are added into the matrices they stand beside. */
  merged(): Weights {
    const { adapter } = this.options;
    const values = this.values();
    return Object.fromEntries(
      this.parameters.map(({ name }) => [name, adapter ? mergedKernel(name, values, adapter) : values[name]!]),
    );
  }

  /** @throws Error where a weight is missing */
  assign(values: Readonly<Weights>): void {
    const { tf } = this;
    for (const { name, shape } of this.all) {
      const value = values[name];
      if (!value) throw new Error(`The values of "${name}" are missing.`);
      tf.tidy(() => this.variable(name).assign(tf.tensor(value.data, [...shape], 'float32')));
    }
  }

  dispose(): void {
    for (const one of this.variables.values()) one.dispose();
    this.variables.clear();
  }

  private valueOf(name: string, shape: readonly number[]): Weights[string] {
    return { shape, dtype: 'float32', data: (this.variable(name).dataSync() as Float32Array).slice() };
  }
}

const product = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

/** A variable shares its source tensor's memory, which therefore must not outlive this function. */
function variable(tf: Tf, name: string, data: Float32Array, shape: readonly number[]): tfjs.Variable {
  const source = tf.tensor(data, [...shape], 'float32');
  const registered = tf.engine().registeredVariables;
  let free = name;
  for (let i = 1; free in registered; i++) free = `${name}_${i}`;
  const made = tf.variable(source, true, free);
  source.dispose();
  return made;
}

/**
 * Values of a weight that no checkpoint has: normal of the configuration's deviation as `_init_weights` of
 * transformers, each weight from its own stream, so that one more or less changes no other.
 */
export function initial(
  { name, shape, initial: kind, deviation, paddingRow }: Parameter,
  range: number,
  seed: number,
): Float32Array {
  const values = new Float32Array(product(shape));
  if (kind === 'ones') return values.fill(1);
  if (kind === 'zeros') return values;
  let hash = seed | 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash ^ name.charCodeAt(i), 0x01000193) + i) | 0;
  const bits = randomBits(hash >>> 0);
  const uniform = (): number => (bits() + 0.5) / 2 ** 32;
  for (let i = 0; i < values.length; i += 2) {
    // Box and Muller: two normal numbers from two uniform ones.
    const radius = (deviation ?? range) * Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  if (paddingRow !== undefined) values.fill(0, paddingRow * shape[1]!, (paddingRow + 1) * shape[1]!);
  return values;
}
