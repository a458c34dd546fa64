// The update formulas of Keras 3's optimisers (`keras/src/optimizers/*.py`), each as one object.
//
// Eagerly they are written out in TensorFlow.js operations; in a graph SGD, momentum and Adam are single TensorFlow
// kernels that update in place. Corrections that depend on the step's number are computed here in JavaScript and fed as
// numbers.

import type * as tfjs from '@tensorflow/tfjs';
import { DT } from './binding';
import type { Tf } from './index';
import type { OptimizerConfig } from './optimizers';
import { region } from './record';

type Update = (variable: tfjs.Variable, gradient: tfjs.Tensor, slots: tfjs.Variable[]) => void;

export interface Rule {
  /** Slot variables per weight, with their initial value. */
  slots: Record<string, number>;
  usesLearningRate: boolean;
  /** The numbers of one update, by name; `updates` were done before it. */
  numbers(updates: number, learningRate: number): Record<string, number>;
  /** Starts one update of all weights; `own` makes a scalar variable of the optimiser itself. */
  begin(number: (name: string) => tfjs.Scalar, own: (name: string, initial: number) => tfjs.Variable): Update;
}

type Config<C extends OptimizerConfig['class']> = Extract<OptimizerConfig, { class: C }>;
type Rules = { [C in OptimizerConfig['class']]: (tf: Tf, config: Config<C>) => Rule };

const f32 = Math.fround;
/** `1 − β^t` as Keras computes it: in single precision throughout. */
const kerasCorrection = (beta: number, t: number): number => f32(1 - f32(f32(beta) ** t));
const noNumbers = (): Record<string, number> => ({});

export const rules: Rules = {
  SGD(tf, { momentum = 0, nesterov = false }) {
    const slots: Record<string, number> = momentum === 0 ? {} : { momentum: 0 };
    return {
      slots,
      usesLearningRate: true,
      numbers: noNumbers,
      begin: number => {
        const learningRate = number('learningRate');
        return (variable, gradient, [m]) => {
          if (!m) descend(tf, variable, gradient, learningRate);
          else descendWithMomentum(tf, variable, gradient, m, learningRate, momentum, nesterov);
        };
      },
    };
  },

  Adam: (tf, config) => adam(tf, config, 'keras'),
  AdamW: (tf, config) => adam(tf, config, config.form ?? 'keras'),

  RMSprop(tf, { rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false }) {
    const slots: Record<string, number> = { velocity: 0 };
    if (momentum > 0) slots.momentum = 0;
    if (centered) slots.average_gradient = 0;
    return {
      slots,
      usesLearningRate: true,
      numbers: noNumbers,
      begin: number => (variable, gradient, own) => {
        const velocity = own[0]!;
        velocity.assign(tf.add(tf.mul(velocity, rho), tf.mul(tf.square(gradient), 1 - rho)));
        let denominator: tfjs.Tensor = tf.add(velocity, epsilon);
        if (centered) {
          const average = own.at(-1)!;
          average.assign(tf.add(tf.mul(average, rho), tf.mul(gradient, 1 - rho)));
          denominator = tf.add(tf.sub(velocity, tf.square(average)), epsilon);
        }
        const increment = tf.div(tf.mul(gradient, number('learningRate')), tf.sqrt(denominator));
        if (momentum > 0) {
          const m = own[1]!;
          m.assign(tf.add(tf.mul(m, momentum), increment));
          variable.assign(tf.sub(variable, m));
        } else {
          variable.assign(tf.sub(variable, increment));
        }
      },
    };
  },

  Adagrad(tf, { initialAccumulatorValue = 0.1, epsilon = 1e-7 }) {
    return {
      slots: { accumulator: initialAccumulatorValue },
      usesLearningRate: true,
      numbers: noNumbers,
      begin: number => (variable, gradient, own) => {
        const accumulator = own[0]!;
        accumulator.assign(tf.add(accumulator, tf.square(gradient)));
        variable.assign(
          tf.sub(variable, tf.div(tf.mul(gradient, number('learningRate')), tf.sqrt(tf.add(accumulator, epsilon)))),
        );
      },
    };
  },

  Adadelta(tf, { rho = 0.95, epsilon = 1e-7 }) {
    const rms = (x: tfjs.Tensor): tfjs.Tensor => tf.sqrt(tf.add(x, epsilon));
    return {
      slots: { accumulated_grad: 0, accumulated_delta_var: 0 },
      usesLearningRate: true,
      numbers: noNumbers,
      begin: number => (variable, gradient, own) => {
        const [squares, deltas] = own as [tfjs.Variable, tfjs.Variable];
        squares.assign(tf.add(tf.mul(squares, rho), tf.mul(tf.square(gradient), 1 - rho)));
        const delta = tf.neg(tf.div(tf.mul(rms(deltas), gradient), rms(squares)));
        deltas.assign(tf.add(tf.mul(deltas, rho), tf.mul(tf.square(delta), 1 - rho)));
        variable.assign(tf.add(variable, tf.mul(delta, number('learningRate'))));
      },
    };
  },

  Adamax(tf, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }) {
    return {
      slots: { momentum: 0, norm: 0 },
      usesLearningRate: true,
      numbers: updates => ({ correction: kerasCorrection(beta1, updates + 1) }),
      begin: number => (variable, gradient, own) => {
        const [m, u] = own as [tfjs.Variable, tfjs.Variable];
        m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1)));
        u.assign(tf.maximum(tf.mul(u, beta2), tf.abs(gradient)));
        variable.assign(
          tf.sub(variable, tf.div(tf.mul(m, number('learningRate')), tf.mul(number('correction'), tf.add(u, epsilon)))),
        );
      },
    };
  },

  Nadam(tf, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }) {
    const schedule = (step: number): number => f32(f32(beta1) * f32(1 - f32(0.5 * f32(f32(0.96) ** step))));
    return {
      slots: { momentum: 0, velocity: 0 },
      usesLearningRate: true,
      numbers: updates => ({
        u: schedule(updates + 1),
        uNext: schedule(updates + 2),
        correction: kerasCorrection(beta2, updates + 1),
      }),
      begin: (number, ownVariable) => {
        const product = ownVariable('u_product', 1);
        product.assign(tf.mul(product, number('u')));
        const u = number('u');
        const uNext = number('uNext');
        const nextShare = tf.div(uNext, tf.sub(1, tf.mul(product, uNext)));
        const share = tf.div(tf.sub(1, u), tf.sub(1, product));
        return (variable, gradient, own) => {
          const [m, v] = own as [tfjs.Variable, tfjs.Variable];
          m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1)));
          v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - beta2)));
          const mean = tf.add(tf.mul(m, nextShare), tf.mul(gradient, share));
          const deviation = tf.add(tf.sqrt(tf.div(v, number('correction'))), epsilon);
          variable.assign(tf.sub(variable, tf.div(tf.mul(mean, number('learningRate')), deviation)));
        };
      },
    };
  },
};

/**
 * Both forms are `w -= alpha · m / (sqrt(v) + epsilon')`. Keras: `alpha = lr · sqrt(1 − β2^t) / (1 − β1^t)` in single
 * precision and `epsilon' = epsilon`. PyTorch corrects `v` before it adds epsilon, so `epsilon' = epsilon · sqrt(1 −
 * β2^t)`, and computes in double precision (`torch/optim/adamw.py`).
 */
function adam(tf: Tf, config: Config<'Adam' | 'AdamW'>, form: 'keras' | 'torch'): Rule {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = form === 'torch' ? 1e-8 : 1e-7, amsgrad = false } = config;
  const slots: Record<string, number> = { momentum: 0, velocity: 0 };
  if (amsgrad) slots.velocity_hat = 0;
  return {
    slots,
    usesLearningRate: false,
    numbers(updates, learningRate): Record<string, number> {
      const t = updates + 1;
      if (form === 'keras') {
        const root = f32(Math.sqrt(kerasCorrection(beta2, t)));
        return { alpha: f32(f32(f32(learningRate) * root) / kerasCorrection(beta1, t)) };
      }
      const root = Math.sqrt(1 - beta2 ** t);
      return { alpha: (learningRate * root) / (1 - beta1 ** t), epsilon: epsilon * root };
    },
    begin: number => {
      const alpha = number('alpha');
      const addend = form === 'torch' ? number('epsilon') : tf.scalar(epsilon);
      return (variable, gradient, own) => {
        const [m, v, vHat] = own as [tfjs.Variable, tfjs.Variable, tfjs.Variable?];
        if (!vHat) {
          descendByAdam(tf, { variable, m, v, gradient, alpha, epsilon: addend, beta1, beta2 });
          return;
        }
        m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - beta1)));
        v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - beta2)));
        vHat.assign(tf.maximum(vHat, v));
        variable.assign(tf.sub(variable, tf.div(tf.mul(m, alpha), tf.add(tf.sqrt(vHat), addend))));
      };
    },
  };
}

const FLOAT = { type: DT.FLOAT };
const UNLOCKED = { bool: false };

function descend(tf: Tf, variable: tfjs.Variable, gradient: tfjs.Tensor, learningRate: tfjs.Scalar): void {
  region({
    key: 'ApplyGradientDescent',
    inputs: [learningRate, gradient],
    updates: [variable],
    eager: () => ({ outputs: [], updated: [tf.tidy(() => tf.sub(variable, tf.mul(gradient, learningRate)))] }),
    emit: (graph, [rate, delta], [handle]) => ({
      outputs: [],
      writes: [
        graph.add('ResourceApplyGradientDescent', [handle!, rate!, delta!], { T: FLOAT, use_locking: UNLOCKED }),
      ],
    }),
  });
}

function descendWithMomentum(
  tf: Tf,
  variable: tfjs.Variable,
  gradient: tfjs.Tensor,
  m: tfjs.Variable,
  learningRate: tfjs.Scalar,
  momentum: number,
  nesterov: boolean,
): void {
  region({
    key: `ApplyKerasMomentum ${momentum} ${nesterov}`,
    inputs: [learningRate, gradient],
    updates: [variable, m],
    eager: () => {
      const next = tf.tidy(() => tf.sub(tf.mul(m, momentum), tf.mul(gradient, learningRate)));
      const updated = tf.tidy(() =>
        tf.add(variable, nesterov ? tf.sub(tf.mul(next, momentum), tf.mul(gradient, learningRate)) : next),
      );
      return { outputs: [], updated: [updated, next] };
    },
    emit: (graph, [rate, delta], [handle, moment]) => ({
      outputs: [],
      writes: [
        graph.add('ResourceApplyKerasMomentum', [handle!, moment!, rate!, delta!, graph.floats([momentum], [])], {
          T: FLOAT,
          use_locking: UNLOCKED,
          use_nesterov: { bool: nesterov },
        }),
      ],
    }),
  });
}

interface AdamUpdate {
  variable: tfjs.Variable;
  m: tfjs.Variable;
  v: tfjs.Variable;
  gradient: tfjs.Tensor;
  alpha: tfjs.Scalar;
  epsilon: tfjs.Scalar;
  beta1: number;
  beta2: number;
}

function descendByAdam(tf: Tf, { variable, m, v, gradient, alpha, epsilon, beta1, beta2 }: AdamUpdate): void {
  // The kernel computes 1 − β in single precision; so does the eager form.
  const share1 = f32(1 - f32(beta1));
  const share2 = f32(1 - f32(beta2));
  region({
    key: `ApplyAdam ${beta1} ${beta2}`,
    inputs: [alpha, epsilon, gradient],
    updates: [variable, m, v],
    eager: () => {
      const nextM = tf.tidy(() => tf.add(m, tf.mul(tf.sub(gradient, m), share1)));
      const nextV = tf.tidy(() => tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), share2)));
      const next = tf.tidy(() => tf.sub(variable, tf.div(tf.mul(nextM, alpha), tf.add(tf.sqrt(nextV), epsilon))));
      return { outputs: [], updated: [next, nextM, nextV] };
    },
    // With both beta powers 0 the kernel's own correction is 1 and its learning rate is alpha.
    emit: (graph, [rate, addend, delta], [handle, moment, velocity]) => {
      const none = graph.floats([0], []);
      const inputs = [
        handle!,
        moment!,
        velocity!,
        none,
        none,
        rate!,
        graph.floats([beta1], []),
        graph.floats([beta2], []),
        addend!,
        delta!,
      ];
      return {
        outputs: [],
        writes: [graph.add('ResourceApplyAdam', inputs, { T: FLOAT, use_locking: UNLOCKED, use_nesterov: UNLOCKED })],
      };
    },
  });
}
