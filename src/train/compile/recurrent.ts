// LSTM, GRU and simple recurrent layers as functions: one product for all inputs, then a loop that is short in a graph.
//
// What does not depend on the step before is done for all steps at once, before the loop (the input product) or
// around it
// (gradients of kernels, derivatives of gates). Eagerly the loop runs in JavaScript; in a graph it is a loop of the
// graph.

import type * as tfjs from '@tensorflow/tfjs';
import type { Arithmetic, LoopActivation } from './arithmetic';
import { eagerArithmetic, loopArithmetic } from './arithmetic';
import type { Cell } from './cells';
import { gruCell, gruResetAfterCell, lstmCell, simpleCell } from './cells';
import type { Tf } from './index';
import type { Loop } from './loop';
import { addLoop } from './loop';
import { region } from './record';

export { isLoopActivation } from './arithmetic';
export type { LoopActivation } from './arithmetic';

/** What every recurrent function takes. B batch, T time steps, I features, U units, G gates. */
export interface RecurrentInputs {
  /** [B, T, I] */
  x: tfjs.Tensor3D;
  /** [I, G·U] with the gates side by side: LSTM i f c o, GRU z r h. */
  kernel: tfjs.Tensor2D;
  /** [U, G·U] */
  recurrentKernel: tfjs.Tensor2D;
  /** [G·U] */
  bias?: tfjs.Tensor1D;
  /** States before the first step, each [B, U]; zeros when left out. */
  initialState?: tfjs.Tensor2D[];
  activation: LoopActivation;
  recurrentActivation: LoopActivation;
  goBackwards?: boolean;
  /** [B, T], 1 where the step counts; elsewhere states and output stay as they were. */
  mask?: tfjs.Tensor2D;
  /** Multiplies `h` before the recurrent product: recurrent dropout, one mask [B, U] for all steps. */
  recurrentMask?: tfjs.Tensor2D;
  /** Whether the states after the last step are wanted. */
  returnState?: boolean;
}

export interface RecurrentOutputs {
  /** Outputs of all steps in the order they were computed, [B, T, U]. */
  sequence: tfjs.Tensor3D;
  /** Output of the last step, [B, U]. */
  last: tfjs.Tensor2D;
  /** With `returnState`: h for GRU and simple, h and c for LSTM. */
  states: tfjs.Tensor2D[];
}

export function lstm(tf: Tf, inputs: RecurrentInputs): RecurrentOutputs {
  return run(tf, lstmCell(inputs), inputs, [inputs.recurrentKernel]);
}

/** @param recurrentBias [3U], with `reset_after` (Keras 3's default); without it the reset gate acts before the product. */
export function gru(tf: Tf, inputs: RecurrentInputs, recurrentBias?: tfjs.Tensor1D): RecurrentOutputs {
  if (recurrentBias) return run(tf, gruResetAfterCell(inputs), inputs, [inputs.recurrentKernel, recurrentBias]);
  const units = inputs.recurrentKernel.shape[0];
  return run(tf, gruCell(inputs), inputs, tf.split(inputs.recurrentKernel, [2 * units, units], 1));
}

export function simpleRnn(tf: Tf, inputs: RecurrentInputs): RecurrentOutputs {
  return run(tf, simpleCell(inputs), inputs, [inputs.recurrentKernel]);
}

function run(tf: Tf, cell: Cell, inputs: RecurrentInputs, weights: tfjs.Tensor[]): RecurrentOutputs {
  const [batch, steps, features] = inputs.x.shape;
  const units = inputs.recurrentKernel.shape[0];
  const inOrder = <X extends tfjs.Tensor>(stacked: X): X => (inputs.goBackwards ? tf.reverse(stacked, 0) : stacked);
  const byTime = inOrder(tf.transpose(inputs.x, [1, 0, 2]));
  let product: tfjs.Tensor = tf.matMul(tf.reshape(byTime, [steps * batch, features]), inputs.kernel);
  if (inputs.bias) product = tf.add(product, inputs.bias);
  const x = tf.reshape(product, [steps, batch, cell.gates * units]);
  const mask = inputs.mask && inOrder(tf.expandDims(tf.transpose(tf.cast(inputs.mask, 'float32')), 2));
  const initial = inputs.initialState ?? Array.from({ length: cell.states }, () => tf.zeros([batch, units]));

  const shape: Shape = { steps, batch, units };
  const extra = { mask, recurrentMask: inputs.recurrentMask, returnState: inputs.returnState ?? false };
  const packed = differentiable(tf, cell, shape, extra, x, weights, initial);
  const sequence = inputs.returnState ? tf.slice(packed, [0, 0, 0], [steps, batch, units]) : packed;
  const last = tf.reshape(tf.slice(packed, [steps - 1, 0, 0], [1, batch, units]), [batch, units]);
  const others = inputs.returnState
    ? initial.slice(1).map((_, i) => tf.reshape(tf.slice(packed, [steps + i, 0, 0], [1, batch, units]), [batch, units]))
    : [];
  return {
    sequence: tf.transpose(sequence, [1, 0, 2]) as tfjs.Tensor3D,
    last: last as tfjs.Tensor2D,
    states: (inputs.returnState ? [last, ...others] : []) as tfjs.Tensor2D[],
  };
}

interface Shape {
  steps: number;
  batch: number;
  units: number;
}

interface Extra {
  /** [T, B, 1] */
  mask: tfjs.Tensor | undefined;
  recurrentMask: tfjs.Tensor | undefined;
  returnState: boolean;
}

/** @returns the outputs of all steps, [T, B, U]; with `returnState` followed by the last values of the other states. */
function differentiable(
  tf: Tf,
  cell: Cell,
  shape: Shape,
  extra: Extra,
  x: tfjs.Tensor,
  weights: tfjs.Tensor[],
  initial: tfjs.Tensor[],
): tfjs.Tensor {
  const { steps, batch, units } = shape;
  const wanted = weights.length;
  const function_ = tf.customGrad((...args: unknown[]) => {
    const save = args.pop() as (tensors: tfjs.Tensor[]) => void;
    const [input, ...rest] = args as tfjs.Tensor[];
    const own = rest.slice(0, wanted);
    const start = rest.slice(wanted);
    const stacked = forwardLoop(tf, cell, shape, extra, input!, own, start);
    const masks = [extra.mask, extra.recurrentMask].filter(mask => mask !== undefined);
    save([...masks, ...stacked, ...own, ...start]);
    const lastOf = (sequence: tfjs.Tensor): tfjs.Tensor => tf.slice(sequence, [steps - 1, 0, 0], [1, batch, units]);
    const value =
      extra.returnState && cell.states > 1
        ? tf.concat([stacked[0]!, ...stacked.slice(1, cell.states).map(lastOf)], 0)
        : stacked[0]!.clone();
    return {
      value,
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        // What the forward pass made is gone by now, but for what was saved.
        const kept = [...saved];
        const own = { ...extra, mask: extra.mask && kept.shift(), recurrentMask: extra.recurrentMask && kept.shift() };
        return gradients(
          tf,
          cell,
          shape,
          own,
          dy,
          kept.splice(0, cell.states + cell.saved.length),
          kept.splice(0, wanted),
          kept,
        );
      },
    };
  });
  return function_(x, ...weights, ...initial);
}

/** Runs the cell over all steps. @returns the stacked states, then what the cell saved, each [T, B, …]. */
function forwardLoop(
  tf: Tf,
  cell: Cell,
  { steps, batch, units }: Shape,
  { mask, recurrentMask }: Extra,
  x: tfjs.Tensor,
  weights: tfjs.Tensor[],
  initial: tfjs.Tensor[],
): tfjs.Tensor[] {
  const step = <T>(a: Arithmetic<T>, invariants: T[], states: T[], reads: T[]): { states: T[]; saved: T[] } => {
    const h = recurrentMask ? a.mul(states[0]!, invariants.at(-1)!) : states[0]!;
    const made = cell.forward(a, reads[0]!, h, states, invariants);
    if (!mask) return made;
    const kept = reads[1]!;
    const rest = a.oneMinus(kept);
    return {
      states: made.states.map((state, i) => a.add(a.mul(state, kept), a.mul(states[i]!, rest))),
      saved: made.saved,
    };
  };
  return looped(tf, {
    key: `forward ${cell.name} ${steps}x${batch}x${units}${mask ? ' masked' : ''}${recurrentMask ? ' dropped' : ''}`,
    steps,
    backwards: false,
    invariants: [...weights, ...(recurrentMask ? [recurrentMask] : [])],
    state: initial,
    reads: [x, ...(mask ? [mask] : [])],
    writes: [...initial.map(() => [batch, units]), ...cell.saved.map(width => [batch, width * units])],
    finalStates: false,
    body: (a, invariants, states, reads) => {
      const made = step(a, invariants, states, reads);
      return { state: made.states, writes: [...made.states, ...made.saved] };
    },
  });
}

function gradients(
  tf: Tf,
  cell: Cell,
  shape: Shape,
  { mask, recurrentMask, returnState }: Extra,
  dy: tfjs.Tensor,
  stacked: tfjs.Tensor[],
  weights: tfjs.Tensor[],
  initial: tfjs.Tensor[],
): tfjs.Tensor[] {
  const { steps, batch, units } = shape;
  const after = stacked.slice(0, cell.states);
  const before = after.map((sequence, i) => {
    const first = tf.reshape(initial[i]!, [1, batch, units]);
    const shifted =
      steps === 1 ? first : tf.concat([first, tf.slice(sequence, [0, 0, 0], [steps - 1, batch, units])], 0);
    return i === 0 && recurrentMask ? tf.mul(shifted, recurrentMask) : shifted;
  });
  const values = { before, after, saved: stacked.slice(cell.states) };
  const factors = cell.factors(tf, values);
  const packed = returnState && cell.states > 1;
  const dOutputs = packed ? tf.slice(dy, [0, 0, 0], [steps, batch, units]) : dy;
  const dLast = initial.map((_, i) =>
    packed && i > 0
      ? tf.reshape(tf.slice(dy, [steps + i - 1, 0, 0], [1, batch, units]), [batch, units])
      : tf.zeros([batch, units]),
  );
  const [dx, ...dInitial] = looped(tf, {
    key: `backward ${cell.name} ${steps}x${batch}x${units}${mask ? ' masked' : ''}${recurrentMask ? ' dropped' : ''}`,
    steps,
    backwards: true,
    invariants: [...weights, ...(recurrentMask ? [recurrentMask] : [])],
    state: dLast,
    reads: [dOutputs, ...factors, ...(mask ? [mask] : [])],
    writes: [[batch, cell.gates * units]],
    finalStates: true,
    body: (a, invariants, [dh, ...others], [dOutput, ...reads]) => {
      const total = [a.add(dh!, dOutput!), ...others];
      const kept = mask ? reads.at(-1)! : undefined;
      const made = cell.backward(a, kept === undefined ? total : total.map(d => a.mul(d, kept)), reads, invariants);
      if (recurrentMask) made.states[0] = a.mul(made.states[0]!, invariants.at(-1)!);
      const state =
        kept === undefined ? made.states : made.states.map((d, i) => a.add(d, a.mul(total[i]!, a.oneMinus(kept))));
      return { state, writes: [made.x] };
    },
  }) as [tfjs.Tensor, ...tfjs.Tensor[]];
  return [dx, ...cell.weights(tf, dx, values, factors), ...dInitial];
}

interface LoopedPart extends Omit<Loop, 'invariants' | 'state' | 'reads' | 'body'> {
  key: string;
  invariants: tfjs.Tensor[];
  state: tfjs.Tensor[];
  reads: tfjs.Tensor[];
  /** Whether the states after the loop are results too, after the stacked writes. */
  finalStates: boolean;
  body: <T>(a: Arithmetic<T>, invariants: T[], state: T[], reads: T[]) => { state: T[]; writes: T[] };
}

/** One loop, eager or in the graph. @returns the stacked writes, then the final states if wanted. */
function looped(tf: Tf, part: LoopedPart): tfjs.Tensor[] {
  const { invariants, state, reads } = part;
  return region({
    key: part.key,
    inputs: [...invariants, ...state, ...reads],
    eager: () => ({ outputs: eagerLoop(tf, part) }),
    emit: (graph, inputs) => {
      const made = addLoop(graph, {
        ...part,
        invariants: inputs.slice(0, invariants.length),
        state: inputs.slice(invariants.length, invariants.length + state.length),
        reads: inputs.slice(invariants.length + state.length),
        body: (body, ...values) => part.body(loopArithmetic(body), ...values),
      });
      return { outputs: [...made.writes, ...(part.finalStates ? made.state : [])], writes: [] };
    },
  });
}

function eagerLoop(tf: Tf, part: LoopedPart): tfjs.Tensor[] {
  const a = eagerArithmetic(tf);
  return tf.tidy(() => {
    const slices = part.reads.map(stacked => tf.unstack(stacked));
    const written: tfjs.Tensor[][] = part.writes.map(() => []);
    let { state } = part;
    for (let i = 0; i < part.steps; i++) {
      const t = part.backwards ? part.steps - 1 - i : i;
      const made = part.body(
        a,
        part.invariants,
        state,
        slices.map(slice => slice[t]!),
      );
      ({ state } = made);
      made.writes.forEach((value, k) => {
        written[k]![t] = value;
      });
    }
    const finals = part.finalStates ? state.map(tensor => tf.mul(tensor, 1)) : [];
    return [...written.map(values => tf.stack(values)), ...finals];
  });
}
