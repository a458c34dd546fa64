// The recurrent cells: their forward step, what their backward step needs, and that backward step.
//
// Formulas and gate order are Keras's (`keras/src/layers/rnn/lstm.py`, `gru.py`, `simple_rnn.py`), which tfjs-layers
// shares.
// Shapes: B batch, U units, T steps. Slices of one step are [B, …]; stacked values are [T, B, …].

import type * as tfjs from '@tensorflow/tfjs';
import type { Arithmetic, LoopActivation } from './arithmetic';
import { derivative, eagerArithmetic } from './arithmetic';
import type { Tf } from './index';

export interface CellOptions {
  activation: LoopActivation;
  recurrentActivation: LoopActivation;
}

/** Stacked values the backward pass starts from. */
export interface Stacked {
  /** Each state before its step, [T, B, U]; the first already multiplied by the recurrent mask. */
  before: tfjs.Tensor[];
  /** Each state after its step. */
  after: tfjs.Tensor[];
  /** What `forward` gave as `saved`. */
  saved: tfjs.Tensor[];
}

export interface Cell {
  /** Distinguishes cells whose steps differ. */
  name: string;
  gates: number;
  states: number;
  /** How many matrices [B, U] wide each saved value is. */
  saved: number[];
  /**
   * @param x the input product with bias, [B, gates · U]
   * @param states before the step; `h` is masked by recurrent dropout already
   */
  forward<T>(a: Arithmetic<T>, x: T, h: T, states: T[], weights: T[]): { states: T[]; saved: T[] };
  /** Stacked factors of the backward step, computed for all steps at once. */
  factors(tf: Tf, values: Stacked): tfjs.Tensor[];
  /**
   * From the gradients of the states after the step to those before it (the first before recurrent dropout), and the
   * gradient of the input product.
   */
  backward<T>(a: Arithmetic<T>, gradients: T[], factors: T[], weights: T[]): { states: T[]; x: T };
  /** Gradients of `weights` from the stacked gradients of the input product. */
  weights(tf: Tf, x: tfjs.Tensor, values: Stacked, factors: tfjs.Tensor[]): tfjs.Tensor[];
}

/** Rows of all steps below each other: [T, B, N] → [T · B, N]. */
const rows = (tf: Tf, stacked: tfjs.Tensor): tfjs.Tensor2D => tf.reshape(stacked, [-1, stacked.shape[2]!]);

/** `Σ_t aᵀ b`, as one product over all steps. */
const outer = (tf: Tf, a: tfjs.Tensor, b: tfjs.Tensor): tfjs.Tensor => tf.matMul(rows(tf, a), rows(tf, b), true, false);

/** weights: R [U, 4U]. */
export function lstmCell({ activation, recurrentActivation }: CellOptions): Cell {
  return {
    name: `lstm ${activation} ${recurrentActivation}`,
    gates: 4,
    states: 2,
    saved: [4],
    forward: (a, x, h, [, c], [r]) => {
      const z = a.add(x, a.matMul(h, r!));
      const [i, f, g, o] = a.split(z, 4);
      const gate = (value: typeof z): typeof z => a.activate(recurrentActivation, value);
      const cNext = a.add(a.mul(gate(f!), c!), a.mul(gate(i!), a.activate(activation, g!)));
      return { states: [a.mul(gate(o!), a.activate(activation, cNext)), cNext], saved: [z] };
    },
    factors: (tf, { before, after, saved }) => {
      const a = eagerArithmetic(tf);
      const [zi, zf, zg, zo] = tf.split(saved[0]!, 4, -1) as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
      const [i, f, o] = [zi, zf, zo].map(z => a.activate(recurrentActivation, z)) as [
        tfjs.Tensor,
        tfjs.Tensor,
        tfjs.Tensor,
      ];
      const g = a.activate(activation, zg);
      const c = a.activate(activation, after[1]!);
      const slope = (z: tfjs.Tensor, y: tfjs.Tensor): tfjs.Tensor => derivative(tf, recurrentActivation, z, y);
      return [
        tf.mul(o, derivative(tf, activation, after[1]!, c)),
        f,
        tf.concat(
          [
            tf.mul(g, slope(zi, i)),
            tf.mul(before[1]!, slope(zf, f)),
            tf.mul(i, derivative(tf, activation, zg, g)),
            tf.mul(c, slope(zo, o)),
          ],
          -1,
        ),
      ];
    },
    backward: (a, [dh, dc], [intoC, f, intoZ], [r]) => {
      const dcell = a.add(dc!, a.mul(dh!, intoC!));
      const dz = a.mul(a.concat([dcell, dcell, dcell, dh!]), intoZ!);
      return { states: [a.matMul(dz, r!, true), a.mul(dcell, f!)], x: dz };
    },
    weights: (tf, dz, { before }) => [outer(tf, before[0]!, dz)],
  };
}

/** weights: R of z and r [U, 2U],
  R of h [U, U]. The reset gate acts before the product (Keras: `reset_after=False`). */
export function gruCell({ activation, recurrentActivation }: CellOptions): Cell {
  return {
    name: `gru ${activation} ${recurrentActivation}`,
    gates: 3,
    states: 1,
    saved: [1, 1, 1],
    forward: (a, x, h, _, [gates, candidate]) => {
      const [xz, xr, xh] = a.split(x, 3);
      const [hz, hr] = a.split(a.matMul(h, gates!), 2);
      const rawZ = a.add(xz!, hz!);
      const rawR = a.add(xr!, hr!);
      const z = a.activate(recurrentActivation, rawZ);
      const r = a.activate(recurrentActivation, rawR);
      const rawH = a.add(xh!, a.matMul(a.mul(r, h), candidate!));
      const next = a.add(a.mul(z, h), a.mul(a.oneMinus(z), a.activate(activation, rawH)));
      return { states: [next], saved: [rawZ, rawR, rawH] };
    },
    factors: (tf, { before, saved }) => gruFactors(tf, activation, recurrentActivation, saved, before[0]!, before[0]!),
    backward: (a, [dh], [intoZ, intoH, intoR, z, r], [gates, candidate]) => {
      const dz = a.mul(dh!, intoZ!);
      const dCandidate = a.mul(dh!, intoH!);
      const dReset = a.matMul(dCandidate, candidate!, true);
      const dr = a.mul(dReset, intoR!);
      const direct = a.add(a.mul(dh!, z!), a.mul(dReset, r!));
      return { states: [a.add(direct, a.matMul(a.concat([dz, dr]), gates!, true))], x: a.concat([dz, dr, dCandidate]) };
    },
    weights: (tf, dx, { before }, factors) => {
      const [dz, dr, dCandidate] = tf.split(dx, 3, -1) as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
      const h = before[0]!;
      return [outer(tf, h, tf.concat([dz, dr], -1)), outer(tf, tf.mul(factors[4]!, h), dCandidate)];
    },
  };
}

/** weights: R [U, 3U], its bias [3U]. The reset gate acts after the product, Keras 3's default. */
export function gruResetAfterCell({ activation, recurrentActivation }: CellOptions): Cell {
  return {
    name: `gru-reset-after ${activation} ${recurrentActivation}`,
    gates: 3,
    states: 1,
    saved: [1, 1, 1, 1],
    forward: (a, x, h, _, [kernel, bias]) => {
      const [xz, xr, xh] = a.split(x, 3);
      const [hz, hr, hh] = a.split(a.add(a.matMul(h, kernel!), bias!), 3);
      const rawZ = a.add(xz!, hz!);
      const rawR = a.add(xr!, hr!);
      const z = a.activate(recurrentActivation, rawZ);
      const rawH = a.add(xh!, a.mul(a.activate(recurrentActivation, rawR), hh!));
      const next = a.add(a.mul(z, h), a.mul(a.oneMinus(z), a.activate(activation, rawH)));
      return { states: [next], saved: [rawZ, rawR, rawH, hh!] };
    },
    factors: (tf, { before, saved }) => gruFactors(tf, activation, recurrentActivation, saved, before[0]!, saved[3]!),
    backward: (a, [dh], [intoZ, intoH, intoR, z, r], [kernel]) => {
      const dz = a.mul(dh!, intoZ!);
      const dCandidate = a.mul(dh!, intoH!);
      const dr = a.mul(dCandidate, intoR!);
      const inner = a.concat([dz, dr, a.mul(dCandidate, r!)]);
      return { states: [a.add(a.mul(dh!, z!), a.matMul(inner, kernel!, true))], x: a.concat([dz, dr, dCandidate]) };
    },
    weights: (tf, dx, { before }, factors) => {
      const [dz, dr, dCandidate] = tf.split(dx, 3, -1) as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
      const inner = tf.concat([dz, dr, tf.mul(dCandidate, factors[4]!)], -1);
      return [outer(tf, before[0]!, inner), tf.sum(inner, [0, 1])];
    },
  };
}

/** [∂z, ∂candidate, ∂r of the new state per raw gate, z, r]; `reset` is what the reset gate multiplies. */
function gruFactors(
  tf: Tf,
  activation: LoopActivation,
  recurrentActivation: LoopActivation,
  saved: tfjs.Tensor[],
  h: tfjs.Tensor,
  reset: tfjs.Tensor,
): tfjs.Tensor[] {
  const a = eagerArithmetic(tf);
  const [rawZ, rawR, rawH] = saved as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
  const z = a.activate(recurrentActivation, rawZ);
  const r = a.activate(recurrentActivation, rawR);
  const candidate = a.activate(activation, rawH);
  return [
    tf.mul(tf.sub(h, candidate), derivative(tf, recurrentActivation, rawZ, z)),
    tf.mul(tf.sub(1, z), derivative(tf, activation, rawH, candidate)),
    tf.mul(reset, derivative(tf, recurrentActivation, rawR, r)),
    z,
    r,
  ];
}

/** weights: R [U, U]. */
export function simpleCell({ activation }: CellOptions): Cell {
  return {
    name: `simple ${activation}`,
    gates: 1,
    states: 1,
    saved: [1],
    forward: (a, x, h, _, [r]) => {
      const z = a.add(x, a.matMul(h, r!));
      return { states: [a.activate(activation, z)], saved: [z] };
    },
    factors: (tf, { after, saved }) => [derivative(tf, activation, saved[0]!, after[0]!)],
    backward: (a, [dh], [slope], [r]) => {
      const dz = a.mul(dh!, slope!);
      return { states: [a.matMul(dz, r!, true)], x: dz };
    },
    weights: (tf, dz, { before }) => [outer(tf, before[0]!, dz)],
  };
}
