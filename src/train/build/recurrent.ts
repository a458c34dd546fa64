/** Recurrent layers, and the wrappers around them: what Keras does with masks, direction,
  states and what is returned. */
import type { BuiltLayer, Call, Forward, LayerKind, Making, MaskRule, Tensor } from './layer';
import { convolutionalCell } from './convolutional-lstm';
import { type Cell, type CellMaker, gruCell, lstmCell, rnnCell, simpleCell } from './recurrent-cells';

/** Runs a cell over a sequence, with Keras's treatment of masks, direction, states and what is returned. */
export function recurrent(
  make: Making,
  cell: Cell,
  options: { zeroForMask?: boolean } = {},
): { forward: Forward; mask: MaskRule } {
  const { tf, config } = make;
  const [sequences, returnState] = [config.flag('return_sequences', false), config.flag('return_state', false)];
  const backwards = config.flag('go_backwards', false);
  const zeroForMask = options.zeroForMask ?? config.flag('zero_output_for_mask', false);
  const batch = make.shape[0]!;
  const kept = config.flag('stateful', false)
    ? cell.stateShapes.map((shape, i) => make.state(`state_${i}`, [batch, ...shape]))
    : null;

  const forward: Forward = ([x, ...given], { training, masks: [mask] }) => {
    const length = x!.shape[0];
    if (kept && length !== batch) {
      throw make.fail(
        `it is stateful and got ${length} samples after ${batch}`,
        'Choose a batch size that divides the number of samples.',
      );
    }
    let states: Tensor[] =
      given.length > 0 ? given : (kept ?? cell.stateShapes.map(shape => tf.zeros([length, ...shape])));
    // With states given and a mask, what a masked first step gives out is zero in Keras, and the state in the loop.
    if (cell.whole && !(mask && (given.length > 0 || kept))) {
      const run = cell.whole(x!, {
        training,
        mask: mask ?? null,
        initialState: given.length > 0 || kept ? states : null,
        goBackwards: backwards,
      });
      kept?.forEach((variable, i) => variable.assign(run.states[i] as never));
      const weights =
        mask && zeroForMask ? tf.expandDims(tf.cast(backwards ? tf.reverse(mask, 1) : mask, 'float32'), 2) : null;
      const sequence = weights ? tf.mul(run.sequence, weights) : run.sequence;
      const final = weights
        ? tf.mul(run.last, tf.squeeze(tf.slice(weights, [0, weights.shape[1]! - 1, 0], [-1, 1, 1]), [2]))
        : run.last;
      const result: Tensor = sequences ? sequence : final;
      return returnState ? [result, ...run.states] : result;
    }
    const step = cell.stepper(length, training);
    // `unstack` keeps its array for the gradient, so the order is changed in a copy.
    const inOrder = (steps: Tensor[]): Tensor[] => (backwards ? [...steps].reverse() : steps);
    const inputs = inOrder(tf.unstack(cell.project(x!, training), 1));
    const valid =
      mask && inOrder(tf.unstack(mask, 1)).map(m => tf.reshape(m, [length, ...cell.stateShapes[0]!.map(() => 1)]));
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

const layerOf =
  (maker: CellMaker): LayerKind =>
  make =>
    recurrent(make, maker(make.inner(cellName(make), make.className, make.config.raw), make.channels));

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
  const backwards = make.layer(
    { className: (given ?? inner).className, config: { ...backConfig, ...zero } },
    given?.name ?? `backward_${name}`,
    make.shapes,
  );

  const run = (layer: BuiltLayer, inputs: Tensor[], call: Call): Tensor[] => {
    const result = layer.forward(inputs, call);
    return Array.isArray(result) ? result : [result];
  };
  const forward: Forward = ([x, ...states], call) => {
    const half = states.length / 2;
    const [a, ...statesA] = run(forwards, [x!, ...states.slice(0, half)], call) as [Tensor, ...Tensor[]];
    let [b, ...statesB] = run(backwards, [x!, ...states.slice(half)], call) as [Tensor, ...Tensor[]];
    if (sequences) b = tf.reverse(b, 1);
    const merged =
      mode === 'concat'
        ? [tf.concat([a, b], a.rank - 1)]
        : mode === 'sum'
          ? [tf.add(a, b)]
          : mode === 'ave'
            ? [tf.div(tf.add(a, b), 2)]
            : mode === 'mul'
              ? [tf.mul(a, b)]
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

const convLstm =
  (rank: number): LayerKind =>
  make =>
    recurrent(make, convolutionalCell(make, rank));

export const RECURRENT: Readonly<Record<string, LayerKind>> = {
  SimpleRNN: layerOf(simpleCell),
  LSTM: layerOf(lstmCell),
  GRU: layerOf(gruCell),
  RNN: make => recurrent(make, rnnCell(make, make.channels)),
  Bidirectional,
  TimeDistributed,
  ConvLSTM1D: convLstm(1),
  ConvLSTM2D: convLstm(2),
  ConvLSTM3D: convLstm(3),
};
