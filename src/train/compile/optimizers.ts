// Optimisers whose update runs inside a step, eager or compiled, by Keras 3's formulas (PyTorch's for AdamW if asked).

import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from './index';
import type { Rule } from './update-rules';
import { rules } from './update-rules';

/** Clipping, decay and averaging that every optimiser of Keras 3 takes (`keras/src/optimizers/base_optimizer.py`). */
export interface OptimizerOptions {
  /** Decoupled weight decay: `w -= learningRate * weightDecay * w` before the update. Default 0 (AdamW 0.004). */
  weightDecay?: number;
  /** Names (or parts of names) of variables that do not decay. */
  excludeFromWeightDecay?: readonly string[];
  /** At most one of the three: each gradient to this norm, all to this norm together, each element to ± this value. */
  clipnorm?: number;
  globalClipnorm?: number;
  clipvalue?: number;
  /** Gradients of this many steps are averaged before one update. Default 1. */
  gradientAccumulationSteps?: number;
  /** Keep an exponential moving average of the weights, readable through `averages()`. */
  useEma?: boolean;
  emaMomentum?: number;
}

/** The optimisers by Keras's class names, with Keras's defaults for what is left out. */
export type OptimizerConfig = OptimizerOptions &
  (
    | { class: 'SGD'; momentum?: number; nesterov?: boolean }
    | { class: 'Adam'; beta1?: number; beta2?: number; epsilon?: number; amsgrad?: boolean }
    | {
        class: 'AdamW';
        beta1?: number;
        beta2?: number;
        epsilon?: number;
        amsgrad?: boolean;
        /** `torch`: bias corrections in double precision and epsilon after them,
        as `torch.optim.AdamW`. Default `keras`. */
        form?: 'keras' | 'torch';
      }
    | { class: 'RMSprop'; rho?: number; momentum?: number; epsilon?: number; centered?: boolean }
    | { class: 'Adagrad'; initialAccumulatorValue?: number; epsilon?: number }
    | { class: 'Adadelta'; rho?: number; epsilon?: number }
    | { class: 'Adamax'; beta1?: number; beta2?: number; epsilon?: number }
    | { class: 'Nadam'; beta1?: number; beta2?: number; epsilon?: number }
  );

/** What `inputs` needs to know of the moment: counted by the caller, so that resuming is nothing but passing them. */
export interface OptimizerMoment {
  /** Gradient steps done before this one: 0 for the first. */
  iteration: number;
  learningRate: number;
}

export interface Optimizer {
  readonly config: OptimizerConfig;
  /** The numbers and flags one step needs; spread them into the step's inputs. All names start with `optimizer/`. */
  inputs(moment: OptimizerMoment): Record<string, number | boolean>;
  /** Makes the slot variables before the first step, which saves recording it once more. `apply` does it otherwise. */
  build(variables: readonly tfjs.Variable[]): void;
  /**
   * Updates the variables, inside a step. `grads` is keyed by variable name, as `tf.variableGrads` gives it;
   * `inputs` holds
   * what `inputs()` made, as the step received it.
   * @throws Error when no variable of the name exists.
   */
  apply(grads: tfjs.NamedTensorMap, inputs: Record<string, unknown>): void;
  /** Slot variables (moments, accumulators) by name, for checkpoints: `<slot>/<variable name>`. */
  state(): Record<string, tfjs.Variable>;
  /** The moving averages by variable name; empty without `useEma`. */
  averages(): Record<string, tfjs.Variable>;
  dispose(): void;
}

/**
 * Makes an optimiser. Per-variable options (decay groups of BERT) come from calling it once per group.
 * @throws Error when two kinds of clipping are asked for at once, or the class is unknown.
 */
export function createOptimizer(tf: Tf, config: OptimizerConfig): Optimizer {
  return new KerasOptimizer(tf, config);
}

const LEARNING_RATE = 'optimizer/learningRate';
const UPDATE = 'optimizer/update';

class KerasOptimizer implements Optimizer {
  private readonly rule: Rule;
  private readonly slots = new Map<string, tfjs.Variable>();
  private readonly accumulation: number;
  private readonly weightDecay: number;

  constructor(
    private readonly tf: Tf,
    readonly config: OptimizerConfig,
  ) {
    const make = rules[config.class] as ((tf: Tf, config: OptimizerConfig) => Rule) | undefined;
    if (!make) throw new Error(`There is no optimizer "${config.class}"; known are ${Object.keys(rules).join(', ')}.`);
    const clippings = [config.clipnorm, config.globalClipnorm, config.clipvalue].filter(value => value !== undefined);
    if (clippings.length > 1)
      throw new Error('Only one of clipnorm, globalClipnorm and clipvalue can be used at once.');
    this.rule = make(tf, config);
    this.accumulation = Math.max(1, config.gradientAccumulationSteps ?? 1);
    this.weightDecay = config.weightDecay ?? (config.class === 'AdamW' ? 0.004 : 0);
  }

  inputs({ iteration, learningRate }: OptimizerMoment): Record<string, number | boolean> {
    const numbers: Record<string, number | boolean> = {};
    // Keras's formulas count updates, not the calls that only accumulate (`iterations` of base_optimizer.py).
    const updates = Math.floor(iteration / this.accumulation);
    for (const [name, value] of Object.entries(this.rule.numbers(updates, learningRate))) {
      numbers[`optimizer/${name}`] = value;
    }
    if (this.weightDecay > 0 || this.rule.usesLearningRate) numbers[LEARNING_RATE] = learningRate;
    if (this.config.useEma) numbers['optimizer/emaMomentum'] = updates === 0 ? 0 : (this.config.emaMomentum ?? 0.99);
    if (this.accumulation > 1) numbers[UPDATE] = (iteration + 1) % this.accumulation === 0;
    return numbers;
  }

  build(variables: readonly tfjs.Variable[]): void {
    for (const variable of variables) {
      for (const [slot, initial] of Object.entries(this.rule.slots)) this.slot(slot, variable, initial);
      if (this.accumulation > 1) this.slot('gradient_accumulator', variable, 0);
      if (this.config.useEma) this.slot('average', variable, 0);
    }
  }

  apply(grads: tfjs.NamedTensorMap, inputs: Record<string, unknown>): void {
    const { tf } = this;
    const registered = tf.engine().registeredVariables as Record<string, tfjs.Variable>;
    const variables = Object.keys(grads).map(name => {
      const variable = registered[name];
      if (!variable) throw new Error(`The optimizer was given a gradient for "${name}", which is no variable.`);
      return variable;
    });
    this.build(variables);
    tf.tidy(() => {
      let gradients: tfjs.Tensor[] = variables.map(({ name }) => grads[name]!);
      if (this.accumulation > 1) {
        const sums = gradients.map((gradient, i) =>
          tf.add(gradient, this.slot('gradient_accumulator', variables[i]!, 0)),
        );
        const update = inputs[UPDATE] === true;
        variables.forEach((variable, i) =>
          this.slot('gradient_accumulator', variable, 0).assign(update ? tf.zerosLike(sums[i]!) : sums[i]!),
        );
        if (update) gradients = sums.map(sum => tf.div(sum, this.accumulation));
        else gradients = [];
      }
      if (gradients.length > 0) this.update(variables, this.clip(gradients), inputs);
      if (this.config.useEma) this.average(variables, inputs);
    });
  }

  private update(variables: tfjs.Variable[], gradients: tfjs.Tensor[], inputs: Record<string, unknown>): void {
    const { tf } = this;
    const learningRate = inputs[LEARNING_RATE] as tfjs.Scalar | undefined;
    if (this.weightDecay > 0) {
      const share = tf.mul(learningRate!, this.weightDecay);
      for (const variable of variables) {
        if (this.decays(variable)) tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(variable, share))));
      }
    }
    const number = (name: string): tfjs.Scalar => inputs[`optimizer/${name}`] as tfjs.Scalar;
    const apply = this.rule.begin(number, (name, initial) => this.ownVariable(name, initial));
    variables.forEach((variable, i) => {
      const slots = Object.entries(this.rule.slots).map(([slot, initial]) => this.slot(slot, variable, initial));
      // What one variable takes is given back before the next: an eager step would hold several copies of the model.
      tf.tidy(() => apply(variable, gradients[i]!, slots));
    });
  }

  /** Keras: `keras/src/optimizers/base_optimizer.py`, `_clip_by_norm` and `clip_by_global_norm`. */
  private clip(gradients: tfjs.Tensor[]): tfjs.Tensor[] {
    const { tf } = this;
    const { clipnorm, globalClipnorm, clipvalue } = this.config;
    if (clipvalue !== undefined) return gradients.map(gradient => tf.clipByValue(gradient, -clipvalue, clipvalue));
    const squares = (gradient: tfjs.Tensor): tfjs.Tensor => tf.sum(tf.square(gradient));
    if (clipnorm !== undefined) {
      return gradients.map(gradient => {
        const norm = tf.sqrt(squares(gradient));
        return tf.div(tf.mul(gradient, clipnorm), tf.maximum(norm, clipnorm));
      });
    }
    if (globalClipnorm !== undefined) {
      const norm = tf.sqrt(tf.addN(gradients.map(squares)));
      const scale = tf.mul(tf.minimum(tf.div(1, norm), 1 / globalClipnorm), globalClipnorm);
      return gradients.map(gradient => tf.mul(gradient, scale));
    }
    return gradients;
  }

  /** The first average is the weight itself: `inputs` then gives a momentum of 0, as Keras does. */
  private average(variables: tfjs.Variable[], inputs: Record<string, unknown>): void {
    const { tf } = this;
    const momentum = inputs['optimizer/emaMomentum'] as tfjs.Scalar;
    for (const variable of variables) {
      const average = this.slot('average', variable, 0);
      average.assign(tf.add(tf.mul(average, momentum), tf.mul(variable, tf.sub(1, momentum))));
    }
  }

  private decays(variable: tfjs.Variable): boolean {
    return !(this.config.excludeFromWeightDecay ?? []).some(part => variable.name.includes(part));
  }

  private slot(slot: string, variable: tfjs.Variable, initial: number): tfjs.Variable {
    return (
      this.slots.get(`${slot}/${variable.name}`) ?? this.makeSlot(`${slot}/${variable.name}`, variable.shape, initial)
    );
  }

  private ownVariable(name: string, initial: number): tfjs.Variable {
    return this.slots.get(name) ?? this.makeSlot(name, [], initial);
  }

  private makeSlot(key: string, shape: number[], initial: number): tfjs.Variable {
    const { tf } = this;
    const registered = tf.engine().registeredVariables;
    let name = key;
    for (let i = 1; name in registered; i++) name = `${key}_${i}`;
    const slot = tf.tidy(() => tf.variable(tf.fill(shape, initial), false, name));
    this.slots.set(key, slot);
    return slot;
  }

  state(): Record<string, tfjs.Variable> {
    return Object.fromEntries(this.slots);
  }

  averages(): Record<string, tfjs.Variable> {
    return Object.fromEntries(
      [...this.slots]
        .filter(([key]) => key.startsWith('average/'))
        .map(([key, slot]) => [key.slice('average/'.length), slot]),
    );
  }

  dispose(): void {
    for (const slot of this.slots.values()) slot.dispose();
    this.slots.clear();
  }
}
