/** Keras's optimisers and learning-rate schedules, from their configurations. The formulas are in `compile/`. */
import type { Json } from '../protocol/messages';
import type { KerasObject } from '../protocol/fit-plan';
import { ModelError } from './build/config';
import type { OptimizerConfig } from './compile';

/** Keras's argument names to those of the compiled step's optimisers. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  beta_1: 'beta1',
  beta_2: 'beta2',
  initial_accumulator_value: 'initialAccumulatorValue',
  weight_decay: 'weightDecay',
  global_clipnorm: 'globalClipnorm',
  gradient_accumulation_steps: 'gradientAccumulationSteps',
  use_ema: 'useEma',
  ema_momentum: 'emaMomentum',
};

/** Keras's default learning rate of each class. */
const RATES: Readonly<Record<string, number>> = {
  SGD: 0.01,
  Adam: 0.001,
  AdamW: 0.001,
  RMSprop: 0.001,
  Adagrad: 0.001,
  Adadelta: 0.001,
  Adamax: 0.001,
  Nadam: 0.001,
};

export interface OptimizerPlan {
  readonly config: OptimizerConfig;
  /** By the number of optimiser steps taken before. */
  readonly schedule: (iteration: number) => number;
  /** False where a schedule decides, so that callbacks cannot change it (as in Keras). */
  readonly fixed: boolean;
}

/** @throws ModelError for an optimiser or schedule that is not known. */
export function optimizerPlan(optimizer: KerasObject): OptimizerPlan {
  const name = Object.keys(RATES).find(known => known.toLowerCase() === optimizer.class.toLowerCase());
  if (!name) {
    throw new ModelError(
      `The optimizer "${optimizer.class}" is not known.`,
      `Use one of: ${Object.keys(RATES).join(', ')}.`,
    );
  }
  const config: Record<string, Json> = { class: name };
  for (const [key, value] of Object.entries(optimizer.config)) {
    if (key === 'name' || key === 'learning_rate' || value === null) continue;
    config[ARGUMENTS[key] ?? key] = value;
  }
  const rate = optimizer.config.learning_rate;
  const fixed = typeof rate !== 'object' || rate === null;
  const constant = typeof rate === 'number' ? rate : RATES[name]!;
  return { config: config as unknown as OptimizerConfig, fixed, schedule: fixed ? () => constant : scheduleOf(rate) };
}

type Schedule = (step: number) => number;

/** Keras's learning-rate schedules (`keras/src/optimizers/schedules/learning_rate_schedule.py`). */
function scheduleOf(value: Json): Schedule {
  const { class: name, config } = value as { class?: string; config?: Record<string, Json> };
  const number = (key: string, whenAbsent?: number): number => {
    const given = config?.[key] ?? whenAbsent;
    if (typeof given === 'number') return given;
    throw new ModelError(
      `The learning-rate schedule ${name} needs a number for "${key}".`,
      'Write it as a plain number.',
    );
  };
  const flag = (key: string): boolean => config?.[key] === true;
  const initial = (): number => number('initial_learning_rate');
  switch (name) {
    case 'ExponentialDecay': {
      const [rate, every, decay] = [initial(), number('decay_steps'), number('decay_rate')];
      return step => rate * decay ** (flag('staircase') ? Math.floor(step / every) : step / every);
    }
    case 'InverseTimeDecay': {
      const [rate, every, decay] = [initial(), number('decay_steps'), number('decay_rate')];
      return step => rate / (1 + decay * (flag('staircase') ? Math.floor(step / every) : step / every));
    }
    case 'PolynomialDecay': {
      const [rate, steps, end, power] = [
        initial(),
        number('decay_steps'),
        number('end_learning_rate', 0.0001),
        number('power', 1),
      ];
      return step => {
        const over = flag('cycle') ? steps * (step === 0 ? 1 : Math.ceil(step / steps)) : steps;
        const at = flag('cycle') ? step : Math.min(step, steps);
        return (rate - end) * (1 - at / over) ** power + end;
      };
    }
    case 'PiecewiseConstantDecay': {
      const [boundaries, values] = [config?.boundaries as number[], config?.values as number[]];
      return step => values[boundaries.filter(boundary => step > boundary).length]!;
    }
    case 'CosineDecay': {
      const [rate, steps, alpha] = [initial(), number('decay_steps'), number('alpha', 0)];
      const [target, warmup] = [config?.warmup_target, number('warmup_steps', 0)];
      const top = typeof target === 'number' ? target : rate;
      const cosine = (step: number, from: number): number =>
        from * ((1 - alpha) * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps)) + alpha);
      if (typeof target !== 'number') return step => cosine(step, rate);
      return step => (step < warmup ? rate + ((top - rate) * step) / warmup : cosine(step - warmup, top));
    }
    case 'CosineDecayRestarts': {
      const [rate, first, alpha] = [initial(), number('first_decay_steps'), number('alpha', 0)];
      const [longer, lower] = [number('t_mul', 2), number('m_mul', 1)];
      return step => {
        let [done, restart] = [step / first, 0];
        if (longer === 1) {
          restart = Math.floor(done);
          done -= restart;
        } else {
          restart = Math.floor(Math.log(1 - done * (1 - longer)) / Math.log(longer));
          done = (done - (1 - longer ** restart) / (1 - longer)) / longer ** restart;
        }
        return rate * ((1 - alpha) * 0.5 * lower ** restart * (1 + Math.cos(Math.PI * done)) + alpha);
      };
    }
    default:
      throw new ModelError(
        `The learning-rate schedule "${String(name)}" is not known.`,
        'Use ExponentialDecay, InverseTimeDecay, PolynomialDecay, PiecewiseConstantDecay, CosineDecay or CosineDecayRestarts.',
      );
  }
}
