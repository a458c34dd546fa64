// Optimisers whose update runs inside a step, eager or compiled, by Keras 3's formulas (PyTorch's for AdamW if asked).

import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from './index';

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
export type OptimizerConfig = OptimizerOptions & (
  | { class: 'SGD'; momentum?: number; nesterov?: boolean }
  | { class: 'Adam'; beta1?: number; beta2?: number; epsilon?: number; amsgrad?: boolean }
  | { class: 'AdamW'; beta1?: number; beta2?: number; epsilon?: number; amsgrad?: boolean;
      /** `torch`: bias corrections in double precision and epsilon after them, as `torch.optim.AdamW`. Default `keras`. */
      form?: 'keras' | 'torch' }
  | { class: 'RMSprop'; rho?: number; momentum?: number; epsilon?: number; centered?: boolean }
  | { class: 'Adagrad'; initialAccumulatorValue?: number; epsilon?: number }
  | { class: 'Adadelta'; rho?: number; epsilon?: number }
  | { class: 'Adamax'; beta1?: number; beta2?: number; epsilon?: number }
  | { class: 'Nadam'; beta1?: number; beta2?: number; epsilon?: number });

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
  /**
   * Updates the variables, inside a step. `grads` is keyed by variable name, as `tf.variableGrads` gives it; `inputs` holds
   * what `inputs()` made, as the step received it. Makes its slot variables at the first call.
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
export declare function createOptimizer(tf: Tf, config: OptimizerConfig): Optimizer;
