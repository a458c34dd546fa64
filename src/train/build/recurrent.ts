/**
 * Recurrent layers by Keras's formulas (`keras/src/layers/rnn`). A cell projects all time steps at once, since that
 * needs no state, and then takes one step after the other.
 */
import type * as tfjs from '@tensorflow/tfjs';
import type { BuiltLayer, Call, Forward, LayerKind, Making, MaskRule, Tensor } from './layer';
import { asObject } from './config';
import { convolutionalCell } from './convolutional-lstm';
import { gru, isLoopActivation, lstm, type LoopActivation, type RecurrentInputs, type RecurrentOutputs, simpleRnn } from '../compile/recurrent';

export interface Cell {
  /** Shapes of the states without the batch. */
  readonly stateShapes: readonly (readonly number[])[];
  /** Which state is the output; the first unless said. */
  readonly outputState?: number;
  /** What of a step does not depend on the state. `x` is `[batch, time, …]`; the result has the same first two axes. */
  project(x: Tensor, training: boolean): Tensor;
  /**
   * All steps at once, as a loop inside a compiled graph; absent where the cell has something that the loop does not know.
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
function wholeOf(make: Making, weights: { kernel: Tensor; recurrent: Tensor; bias: () => Tensor | null }, units: number, f: LoopFunction): Cell['whole'] {
  const { config, context: { framework }, tf } = make;
  const activation = loopActivation(config.value('activation') ?? 'tanh', framework);
  const gates = loopActivation(config.value('recurrent_activation') ?? (framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid'), framework);
  if (!activation || !gates) return undefined;
  const [dropout, recurrentDropout] = [config.number('dropout', 0), config.number('recurrent_dropout', 0)];
  return (x, { training, mask, initialState, goBackwards }) => {
    const [batch, , features] = x.shape as [number, number, number];
    const seen = training && dropout > 0 ? tf.dropout(x, dropout, [batch, 1, features]) : x;
    return f(make, {
      x: seen as tfjs.Tensor3D, kernel: weights.kernel as tfjs.Tensor2D, recurrentKernel: weights.recurrent as tfjs.Tensor2D,
      bias: (weights.bias() ?? undefined) as tfjs.Tensor1D | undefined, activation, recurrentActivation: gates, goBackwards,
      mask: mask ? tf.cast(mask, 'float32') as tfjs.Tensor2D : undefined, returnState: true,
      initialState: initialState ? [...initialState] as tfjs.Tensor2D[] : undefined,
      recurrentMask: training && recurrentDropout > 0 ? tf.dropout(tf.ones([batch, units]), recurrentDropout) as tfjs.Tensor2D : undefined,
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
    const flat = tf.matMul(tf.reshape(seen, [batch * time, features]), kernel as never);
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

function simpleCell(make: Making, features: number): Cell {
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
function lstmCell(make: Making, features: number): Cell {
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
function gruCell(make: Making, features: number): Cell {
  const { tf, config } = make;
  const units = config.number('units');
  const resetAfter = config.flag('reset_after', make.context.framework !== 'tfjs');
  const useBias = config.flag('use_bias', true);
  const kernel = make.configured('kernel', [features, 3 * units], 'glorot_uniform');
  const recurrent = make.configured('recurrent_kernel', [units, 3 * units], 'orthogonal', 'recurrent');
  const bias = useBias ? make.configured('bias', resetAfter ? [2, 3 * units] : [3 * units], 'zeros') : null;
  const activation = make.activation('activation', 'tanh');
  const gate = make.activation('recurrent_activation', make.context.framework === 'tfjs' ? 'hard_sigmoid' : 'sigmoid');
  const innerBias = () => bias && resetAfter ? tf.reshape(tf.slice(bias as Tensor, [1, 0], [1, 3 * units]), [3 * units]) : null;
  const inputBias = () => bias && resetAfter ? tf.reshape(tf.slice(bias as Tensor, [0, 0], [1, 3 * units]), [3 * units]) : bias;
  return {
    stateShapes: [[units]],
    project: (x, training) => projection(make, kernel, inputBias())(x, training),
    whole: wholeOf(make, { kernel, recurrent, bias: inputBias }, units, (m, inputs) =>
      gru(m.tf, inputs, resetAfter ? (innerBias() ?? tf.zeros([3 * units])) as tfjs.Tensor1D : undefined)),
    stepper: (batch, training) => {
      const drop = stateDropout(make, units, batch, training);
      const recurrentBias = innerBias();
      const gates = resetAfter ? null : tf.slice(recurrent as Tensor, [0, 0], [units, 2 * units]);
      const candidate = resetAfter ? null : tf.slice(recurrent as Tensor, [0, 2 * units], [units, units]);
      const mix = (z: Tensor, h: Tensor, hh: Tensor): Tensor => tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), hh));
      return (x, [state]) => {
        const h = state!;
        const dropped = drop(h);
        const [xz, xr, xh] = tf.split(x, 3, 1) as [Tensor, Tensor, Tensor];
        if (resetAfter) {
          let inner: Tensor = tf.matMul(dropped as never, recurrent as never);
          if (recurrentBias) inner = tf.add(inner, recurrentBias);
          const [hz, hr, hc] = tf.split(inner, 3, 1) as [Tensor, Tensor, Tensor];
          const r = gate(tf.add(xr, hr));
          return [mix(gate(tf.add(xz, hz)), h, activation(tf.add(xh, tf.mul(r, hc))))];
        }
        const [hz, hr] = tf.split(tf.matMul(dropped as never, gates as never), 2, 1) as [Tensor, Tensor];
        const r = gate(tf.add(xr, hr));
        const hh = activation(tf.add(xh, tf.matMul(tf.mul(r, dropped) as never, candidate as never)));
        return [mix(gate(tf.add(xz, hz)), h, hh)];
      };
    },
  };
}

type CellMaker = (make: Making, features: number) => Cell;

const CELLS: Readonly<Record<string, CellMaker>> = {
  SimpleRNN: simpleCell, SimpleRNNCell: simpleCell, LSTM: lstmCell, LSTMCell: lstmCell, GRU: gruCell, GRUCell: gruCell,
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
          const own = states.slice(at, at += cell.stateShapes.length);
          const input = i === 0 ? projected
            : tf.squeeze(cell.project(tf.expandDims(next[at - own.length - cells[i - 1]!.stateShapes.length]!, 1), training), [1]);
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
  if (!object || !maker) throw make.fail(`its cell ${object?.className ?? 'is not known'}`, 'Use SimpleRNNCell, LSTMCell or GRUCell.');
  const name = object.name ?? `${object.className.toLowerCase()}_${index}`;
  return maker(make.inner(name, object.className, object.config), features);
}

function rnnCell(make: Making, features: number): Cell {
  const value = make.config.value('cell');
  const stacked = asObject(value);
  const list = Array.isArray(value) ? value : stacked?.className === 'StackedRNNCells' ? stacked.config.cells : null;
  if (Array.isArray(list)) {
    return stackedCells(make.inner(stacked?.name ?? 'stacked_rnn_cells', 'StackedRNNCells', make.config.raw), features, list);
  }
  return cellOf(make, value, features, 0);
}

/** Runs a cell over a sequence, with Keras's treatment of masks, direction, states and what is returned. */
export function recurrent(make: Making, cell: Cell, options: { zeroForMask?: boolean } = {}): { forward: Forward; mask: MaskRule } {
  const { tf, config } = make;
  const [sequences, returnState] = [config.flag('return_sequences', false), config.flag('return_state', false)];
  const backwards = config.flag('go_backwards', false);
  const zeroForMask = options.zeroForMask ?? config.flag('zero_output_for_mask', false);
  const batch = make.shape[0]!;
  const kept = config.flag('stateful', false)
    ? cell.stateShapes.map((shape, i) => make.state(`state_${i}`, [batch, ...shape]))
    : null;

  const forward: Forward = ([x, ...given], { training, masks: [mask] }) => {
    const length = x!.shape[0]!;
    if (kept && length !== batch) {
      throw make.fail(`it is stateful and got ${length} samples after ${batch}`, 'Choose a batch size that divides the number of samples.');
    }
    let states: Tensor[] = given.length > 0 ? given
      : kept ?? cell.stateShapes.map(shape => tf.zeros([length, ...shape]));
    // With states given and a mask, what a masked first step gives out is zero in Keras, and the state in the loop.
    if (cell.whole && !(mask && (given.length > 0 || kept))) {
      const run = cell.whole(x!, { training, mask: mask ?? null, initialState: given.length > 0 || kept ? states : null, goBackwards: backwards });
      kept?.forEach((variable, i) => variable.assign(run.states[i] as never));
      const weights = mask && zeroForMask ? tf.expandDims(tf.cast(backwards ? tf.reverse(mask, 1) : mask, 'float32'), 2) : null;
      const sequence = weights ? tf.mul(run.sequence, weights) : run.sequence;
      const final = weights ? tf.mul(run.last, tf.squeeze(tf.slice(weights, [0, weights.shape[1]! - 1, 0], [-1, 1, 1]), [2])) : run.last;
      const result: Tensor = sequences ? sequence : final;
      return returnState ? [result, ...run.states] : result;
    }
    const step = cell.stepper(length, training);
    // `unstack` keeps its array for the gradient, so the order is changed in a copy.
    const inOrder = (steps: Tensor[]): Tensor[] => backwards ? [...steps].reverse() : steps;
    const inputs = inOrder(tf.unstack(cell.project(x!, training), 1));
    const valid = mask && inOrder(tf.unstack(mask, 1)).map(m => tf.reshape(m, [length, ...cell.stateShapes[0]!.map(() => 1)]));
    const outputs: Tensor[] = [];
    let last: Tensor | null = null;
    inputs.forEach((input, t) => {
      let next = step(input, states);
      const m = valid?.[t];
      let output = next[cell.outputState ?? 0]!;
      if (m) {
        output = tf.where(m, output, last ?? tf.zerosLike(output));
        next = next.map((state, i) => tf.where(m, state, states[i]!));
      }
      states = next;
      last = output;
      if (sequences) outputs.push(m && zeroForMask ? tf.where(m, output, tf.zerosLike(output)) : output);
    });
    const end = valid && zeroForMask ? tf.where(valid[valid.length - 1]!, last!, tf.zerosLike(last!)) : last!;
    kept?.forEach((variable, i) => variable.assign(states[i] as never));
    const y = sequences ? tf.stack(outputs, 1) : end;
    return returnState ? [y, ...states] : y;
  };
  return { forward, mask: sequences ? 'pass' : 'drop' };
}

const layerOf = (maker: CellMaker): LayerKind => make => recurrent(make, maker(make.inner(cellName(make), make.className, make.config.raw), make.channels));

/** Keras keeps a layer's weights in a cell: `lstm/lstm_cell/kernel`. */
const cellName = (make: Making): string =>
  ({ SimpleRNN: 'simple_rnn_cell', LSTM: 'lstm_cell', GRU: 'gru_cell' })[make.className] ?? 'cell';

const Bidirectional: LayerKind = make => {
  const { tf, config } = make;
  const inner = make.nestedLayer('layer');
  const given = config.isNone('backward_layer') ? null : make.nestedLayer('backward_layer');
  const name = (inner.name ?? inner.className.toLowerCase()).replace(/^forward_/, '');
  const one = config.nested(inner.config);
  const [sequences, returnState] = [one.flag('return_sequences', false), one.flag('return_state', false)];
  const zero = { zero_output_for_mask: sequences };
  const mode = config.isNone('merge_mode') ? null : config.text('merge_mode', 'concat');
  const backConfig = given ? given.config : { ...inner.config, go_backwards: !one.flag('go_backwards', false) };
  const forwards = make.layer({ ...inner, config: { ...inner.config, ...zero } }, `forward_${name}`, make.shapes);
  const backwards = make.layer({ className: (given ?? inner).className, config: { ...backConfig, ...zero } },
    given?.name ?? `backward_${name}`, make.shapes);

  const run = (layer: BuiltLayer, inputs: Tensor[], call: Call): Tensor[] => {
    const result = layer.forward(inputs, call);
    return Array.isArray(result) ? result : [result];
  };
  const forward: Forward = ([x, ...states], call) => {
    const half = states.length / 2;
    const [a, ...statesA] = run(forwards, [x!, ...states.slice(0, half)], call) as [Tensor, ...Tensor[]];
    let [b, ...statesB] = run(backwards, [x!, ...states.slice(half)], call) as [Tensor, ...Tensor[]];
    if (sequences) b = tf.reverse(b, 1);
    const merged = mode === 'concat' ? [tf.concat([a, b], a.rank - 1)]
      : mode === 'sum' ? [tf.add(a, b)]
      : mode === 'ave' ? [tf.div(tf.add(a, b), 2)]
      : mode === 'mul' ? [tf.mul(a, b)]
      : [a, b];
    const all = returnState ? [...merged, ...statesA, ...statesB] : merged;
    return all.length === 1 ? all[0]! : all;
  };
  return { forward, mask: sequences ? 'pass' : 'drop' };
};

/** Applies a layer to every step: batch and time become one axis. */
const TimeDistributed: LayerKind = make => {
  const { tf } = make;
  const inner = make.nestedLayer('layer');
  const [batch, time, ...rest] = make.shape as [number, number, ...number[]];
  const layer = make.layer(inner, inner.name ?? inner.className.toLowerCase(), [[batch * time, ...rest]]);
  return {
    forward: ([x], call) => {
      const [b, t, ...sample] = x!.shape as [number, number, ...number[]];
      const y = layer.forward([tf.reshape(x!, [b * t, ...sample])], { ...call, masks: [null] });
      const one = Array.isArray(y) ? y[0]! : y;
      return tf.reshape(one, [b, t, ...one.shape.slice(1)]);
    },
    mask: 'pass',
  };
};

const convLstm = (rank: number): LayerKind => make => recurrent(make, convolutionalCell(make, rank));

export const RECURRENT: Readonly<Record<string, LayerKind>> = {
  SimpleRNN: layerOf(simpleCell), LSTM: layerOf(lstmCell), GRU: layerOf(gruCell),
  RNN: make => recurrent(make, rnnCell(make, make.channels)),
  Bidirectional, TimeDistributed,
  ConvLSTM1D: convLstm(1), ConvLSTM2D: convLstm(2), ConvLSTM3D: convLstm(3),
};
