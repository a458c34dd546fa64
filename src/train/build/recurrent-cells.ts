/**
 * The cells of recurrent layers by Keras's formulas (`keras/src/layers/rnn`). A cell projects all time steps at
 * once, since
 * that needs no state, and then takes one step after the other, or all of them as a loop of a compiled graph.
 */
import type * as tfjs from '@tensorflow/tfjs';
import {
  gru,
  isLoopActivation,
  lstm,
  type LoopActivation,
  type RecurrentInputs,
  type RecurrentOutputs,
  simpleRnn,
} from '../compile/recurrent';
import { asObject } from './config';
import type { Making, Tensor } from './layer';

export interface Cell {
  /** Shapes of the states without the batch. */
  readonly stateShapes: readonly (readonly number[])[];
  /** Which state is the output; the first unless said. */
  readonly outputState?: number;
  /** What of a step does not depend on the state. `x` is `[batch, time, …]`; the result has the same first two axes. */
  project(x: Tensor, training: boolean): Tensor;
  /**
   * All steps at once, as a loop inside a compiled graph; absent where the cell has something that the loop does not
   * know.
   * The sequence is in the order in which it was computed.
   */
  whole?(x: Tensor, run: WholeRun): RecurrentOutputs;
  /** Made once for a sequence, because a recurrent dropout mask holds for all its steps. */
  stepper(batch: number, training: boolean): (projected: Tensor, states: readonly Tensor[]) => Tensor[];
}

export interface WholeRun {
  readonly training: boolean;
  readonly mask: Tensor | null;
  readonly initialState: readonly Tensor[] | null;
  readonly goBackwards: boolean;
}

type LoopFunction = (make: Making, inputs: RecurrentInputs) => RecurrentOutputs;

/** The loop of `compile/recurrent.ts`, where it has both activations. */
function wholeOf(
  make: Making,
  weights: { kernel: Tensor; recurrent: Tensor; bias: () => Tensor | null },
  units: number,
  f: LoopFunction,
): Cell['whole'] {
  const {
    config,
    context: { framework },
    tf,
  } = make;
  const activation = loopActivation(config.value('activation') ?? 'tanh', framework);
  const gates = loopActivation(
    config.value('recurrent_activation') ?? (framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid'),
    framework,
  );
  if (!activation || !gates) return undefined;
  const [dropout, recurrentDropout] = [config.number('dropout', 0), config.number('recurrent_dropout', 0)];
  return (x, { training, mask, initialState, goBackwards }) => {
    const [batch, , features] = x.shape as [number, number, number];
    const seen = training && dropout > 0 ? tf.dropout(x, dropout, [batch, 1, features]) : x;
    return f(make, {
      x: seen as tfjs.Tensor3D,
      kernel: weights.kernel as tfjs.Tensor2D,
      recurrentKernel: weights.recurrent as tfjs.Tensor2D,
      bias: (weights.bias() ?? undefined) as tfjs.Tensor1D | undefined,
      activation,
      recurrentActivation: gates,
      goBackwards,
      mask: mask ? (tf.cast(mask, 'float32') as tfjs.Tensor2D) : undefined,
      returnState: true,
      initialState: initialState ? ([...initialState] as tfjs.Tensor2D[]) : undefined,
      recurrentMask:
        training && recurrentDropout > 0
          ? (tf.dropout(tf.ones([batch, units]), recurrentDropout) as tfjs.Tensor2D)
          : undefined,
    });
  };
}

/** Keras 3's hard sigmoid is another function than TensorFlow.js's, which the loop knows. */
function loopActivation(value: unknown, framework: 'keras' | 'tfjs'): LoopActivation | null {
  if (typeof value !== 'string') return null;
  if (value === 'hard_sigmoid' || value === 'hardSigmoid') return framework === 'tfjs' ? 'hardSigmoid' : null;
  return isLoopActivation(value) ? value : null;
}

/** `y = x · kernel + bias` over `[batch, time, features]`, with Keras's dropout mask that is the same for all steps. */
function projection(make: Making, kernel: Tensor, bias: Tensor | null): (x: Tensor, training: boolean) => Tensor {
  const { tf, config } = make;
  const rate = config.number('dropout', 0);
  return (x, training) => {
    const [batch, time, features] = x.shape as [number, number, number];
    const seen = training && rate > 0 ? tf.dropout(x, rate, [batch, 1, features]) : x;
    const flat = tf.matMul(tf.reshape(seen, [batch * time, features]), kernel);
    return tf.reshape(bias ? tf.add(flat, bias) : flat, [batch, time, kernel.shape[1]!]);
  };
}

/** Drops the same units of the state at every step of a sequence. */
function stateDropout(make: Making, units: number, batch: number, training: boolean): (h: Tensor) => Tensor {
  const { tf, config } = make;
  const rate = config.number('recurrent_dropout', 0);
  if (!training || rate === 0) return h => h;
  const mask = tf.dropout(tf.ones([batch, units]), rate);
  return h => tf.mul(h, mask);
}

export function simpleCell(make: Making, features: number): Cell {
  const { tf, config } = make;
  const units = config.number('units');
  const kernel = make.configured('kernel', [features, units], 'glorot_uniform');
  const recurrent = make.configured('recurrent_kernel', [units, units], 'orthogonal', 'recurrent');
  const bias = config.flag('use_bias', true) ? make.configured('bias', [units], 'zeros') : null;
  const activation = make.activation('activation', 'tanh');
  return {
    stateShapes: [[units]],
    project: projection(make, kernel, bias),
    whole: wholeOf(make, { kernel, recurrent, bias: () => bias }, units, (m, inputs) => simpleRnn(m.tf, inputs)),
    stepper: (batch, training) => {
      const drop = stateDropout(make, units, batch, training);
      return (x, [h]) => [activation(tf.add(x, tf.matMul(drop(h!) as never, recurrent as never)))];
    },
  };
}

/** Gates in Keras's order: input, forget, cell, output. */
export function lstmCell(make: Making, features: number): Cell {
  const { tf, config } = make;
  const units = config.number('units');
  const kernel = make.configured('kernel', [features, 4 * units], 'glorot_uniform');
  const recurrent = make.configured('recurrent_kernel', [units, 4 * units], 'orthogonal', 'recurrent');
  const bias = config.flag('use_bias', true) ? make.configured('bias', [4 * units], 'zeros') : null;
  if (bias && config.flag('unit_forget_bias', true)) setForgetBias(make, bias, units);
  const activation = make.activation('activation', 'tanh');
  const gate = make.activation('recurrent_activation', make.context.framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid');
  return {
    stateShapes: [[units], [units]],
    project: projection(make, kernel, bias),
    whole: wholeOf(make, { kernel, recurrent, bias: () => bias }, units, (m, inputs) => lstm(m.tf, inputs)),
    stepper: (batch, training) => {
      const drop = stateDropout(make, units, batch, training);
      return (x, [h, c]) => {
        const z = tf.add(x, tf.matMul(drop(h!) as never, recurrent as never));
        const [i, f, g, o] = tf.split(z, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
        const cell = tf.add(tf.mul(gate(f), c!), tf.mul(gate(i), activation(g)));
        return [tf.mul(gate(o), activation(cell)), cell];
      };
    },
  };
}

/** Jozefowicz et al. 2015: a forget gate that starts open. Keras adds 1 to the second quarter of the bias. */
export function setForgetBias({ tf }: Making, bias: tfjs.Variable, units: number): void {
  const values = bias.dataSync().slice() as Float32Array;
  values.fill(1, units, 2 * units);
  tf.tidy(() => bias.assign(tf.tensor1d(values)));
}

/** Gates in Keras's order: update, reset, candidate. `reset_after` is the form of cuDNN, with two biases. */
export function gruCell(make: Making, features: number): Cell {
  const { tf, config } = make;
  const units = config.number('units');
  const resetAfter = config.flag('reset_after', make.context.framework !== 'tfjs');
  const useBias = config.flag('use_bias', true);
  const kernel = make.configured('kernel', [features, 3 * units], 'glorot_uniform');
  const recurrent = make.configured('recurrent_kernel', [units, 3 * units], 'orthogonal', 'recurrent');
  const bias = useBias ? make.configured('bias', resetAfter ? [2, 3 * units] : [3 * units], 'zeros') : null;
  const activation = make.activation('activation', 'tanh');
  const gate = make.activation('recurrent_activation', make.context.framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid');
  const innerBias = () =>
    bias && resetAfter ? tf.reshape(tf.slice(bias as Tensor, [1, 0], [1, 3 * units]), [3 * units]) : null;
  const inputBias = () =>
    bias && resetAfter ? tf.reshape(tf.slice(bias as Tensor, [0, 0], [1, 3 * units]), [3 * units]) : bias;
  return {
    stateShapes: [[units]],
    project: (x, training) => projection(make, kernel, inputBias())(x, training),
    whole: wholeOf(make, { kernel, recurrent, bias: inputBias }, units, (m, inputs) =>
      gru(m.tf, inputs, resetAfter ? ((innerBias() ?? tf.zeros([3 * units])) as tfjs.Tensor1D) : undefined),
    ),
    stepper: (batch, training) => {
      const drop = stateDropout(make, units, batch, training);
      const recurrentBias = innerBias();
      const gates = resetAfter ? null : tf.slice(recurrent, [0, 0], [units, 2 * units]);
      const candidate = resetAfter ? null : tf.slice(recurrent, [0, 2 * units], [units, units]);
      const mix = (z: Tensor, h: Tensor, hh: Tensor): Tensor => tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), hh));
      return (x, [state]) => {
        const h = state!;
        const dropped = drop(h);
        const [xz, xr, xh] = tf.split(x, 3, 1) as [Tensor, Tensor, Tensor];
        if (resetAfter) {
          let inner: Tensor = tf.matMul(dropped, recurrent);
          if (recurrentBias) inner = tf.add(inner, recurrentBias);
          const [hz, hr, hc] = tf.split(inner, 3, 1) as [Tensor, Tensor, Tensor];
          const r = gate(tf.add(xr, hr));
          return [mix(gate(tf.add(xz, hz)), h, activation(tf.add(xh, tf.mul(r, hc))))];
        }
        const [hz, hr] = tf.split(tf.matMul<Tensor>(dropped as never, gates as never), 2, 1) as [Tensor, Tensor];
        const r = gate(tf.add(xr, hr));
        const hh = activation(tf.add(xh, tf.matMul<Tensor>(tf.mul<Tensor>(r, dropped) as never, candidate as never)));
        return [mix(gate(tf.add(xz, hz)), h, hh)];
      };
    },
  };
}

export type CellMaker = (make: Making, features: number) => Cell;

const CELLS: Readonly<Record<string, CellMaker>> = {
  SimpleRNN: simpleCell,
  SimpleRNNCell: simpleCell,
  LSTM: lstmCell,
  LSTMCell: lstmCell,
  GRU: gruCell,
  GRUCell: gruCell,
};

/** Several cells, each step through all of them: `RNN([LSTMCell(8), LSTMCell(8)])`. */
function stackedCells(make: Making, features: number, configs: readonly unknown[]): Cell {
  const { tf } = make;
  let width = features;
  const cells = configs.map((config, i) => {
    const cell = cellOf(make, config, width, i);
    width = cell.stateShapes[0]![0]!;
    return cell;
  });
  return {
    stateShapes: cells.flatMap(cell => cell.stateShapes),
    outputState: cells.slice(0, -1).reduce((count, cell) => count + cell.stateShapes.length, 0),
    project: (x, training) => cells[0]!.project(x, training),
    stepper: (batch, training) => {
      const steps = cells.map(cell => cell.stepper(batch, training));
      return (projected, states) => {
        const next: Tensor[] = [];
        let at = 0;
        cells.forEach((cell, i) => {
          const own = states.slice(at, (at += cell.stateShapes.length));
          const input =
            i === 0
              ? projected
              : tf.squeeze(
                  cell.project(tf.expandDims(next[at - own.length - cells[i - 1]!.stateShapes.length]!, 1), training),
                  [1],
                );
          next.push(...steps[i]!(input, own));
        });
        return next;
      };
    },
  };
}

function cellOf(make: Making, config: unknown, features: number, index: number): Cell {
  const object = asObject(config as never);
  const maker = object && CELLS[object.className];
  if (!object || !maker)
    throw make.fail(`its cell ${object?.className ?? 'is not known'}`, 'Use SimpleRNNCell, LSTMCell or GRUCell.');
  const name = object.name ?? `${object.className.toLowerCase()}_${index}`;
  return maker(make.inner(name, object.className, object.config), features);
}

export function rnnCell(make: Making, features: number): Cell {
  const value = make.config.value('cell');
  const stacked = asObject(value);
  const list = Array.isArray(value) ? value : stacked?.className === 'StackedRNNCells' ? stacked.config.cells : null;
  if (Array.isArray(list)) {
    return stackedCells(
      make.inner(stacked?.name ?? 'stacked_rnn_cells', 'StackedRNNCells', make.config.raw),
      features,
      list,
    );
  }
  return cellOf(make, value, features, 0);
}
