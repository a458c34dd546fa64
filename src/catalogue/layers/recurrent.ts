/**
 * Recurrent layers, their cells, and the wrappers that run a layer over time. Sources: keras/src/layers/rnn. A cell
 * sees one step, `(batch, features)`; the layer sees `(batch, time, features)`.
 */
import { add, type Dim, dimText, multiply, product, scale, sum, unknownDim } from '../../ir/dim';
import { fail, type Failure, type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked, withDim } from '../../ir/shape';
import { isFailure, isShape, shapesOf } from '../apply';
import { valueText } from '../arguments';
import {
  ACTIVATION,
  ACTIVITY,
  ANY,
  constraints,
  DATA_FORMAT,
  FLAG,
  free,
  initializers,
  LAYER,
  NUMBER,
  optional,
  PADDING,
  POSITIVE,
  regularizers,
  required,
  SEED,
  USE_BIAS,
  window,
} from '../kinds';
import {
  type Arguments,
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerSpec,
  type NestedLayer,
  type ShapeTree,
  type WeightSpec,
} from '../spec';
import { checkStrides, slide, windowsOf } from './convolution';
import { dimAt, layoutOf, onRanked } from './layout';

const UNITS = required('units', POSITIVE);
/** The documentation of TensorFlow.js says true as well; its code takes an absent flag for false. */
const UNIT_FORGET_BIAS = optional('unit_forget_bias', FLAG, true, { tfjsDefault: false });
const SEQUENCES: readonly ArgumentSpec[] = [
  optional('return_sequences', FLAG, false),
  optional('return_state', FLAG, false),
  optional('go_backwards', FLAG, false),
  optional('stateful', FLAG, false),
];
const UNROLL = optional('unroll', FLAG, false);
const CUDNN = optional('use_cudnn', ANY, 'auto', { tfjs: null });
const IMPLEMENTATION = optional('implementation', ANY, 2, { keywordOnly: true });
const RENAMED: Readonly<Record<string, string | null>> = {
  output_dim: 'units',
  init: 'kernel_initializer',
  inner_init: 'recurrent_initializer',
  inner_activation: 'recurrent_activation',
  dropout_W: 'dropout',
  dropout_U: 'recurrent_dropout',
  W_regularizer: 'kernel_regularizer',
  U_regularizer: 'recurrent_regularizer',
  b_regularizer: 'bias_regularizer',
  consume_less: null,
  input_length: null,
  time_major: null,
  weights: null,
};

/** A cell by the number of its gates: how many blocks of `units` columns its kernel has. */
interface CellKind {
  readonly name: 'SimpleRNN' | 'GRU' | 'LSTM';
  readonly gates: number;
  readonly states: number;
  readonly doc: string;
}

const SIMPLE: CellKind = {
  name: 'SimpleRNN',
  gates: 1,
  states: 1,
  doc: 'The plain recurrence, whose output is fed back as its state.',
};
const GRU: CellKind = { name: 'GRU', gates: 3, states: 1, doc: 'Gated recurrent unit: one state, two gates.' };
const LSTM: CellKind = {
  name: 'LSTM',
  gates: 4,
  states: 2,
  doc: 'Long short-term memory: an output and a carry state, three gates.',
};

/** The arguments before `dropout`, which cell and layer share but for `activity_regularizer`. */
function cellArguments(kind: CellKind, isCell: boolean): ArgumentSpec[] {
  return [
    UNITS,
    optional('activation', ACTIVATION, 'tanh'),
    ...(kind === SIMPLE
      ? []
      : [optional('recurrent_activation', ACTIVATION, 'sigmoid', { tfjsDefault: 'hard_sigmoid' })]),
    USE_BIAS,
    ...initializers({ kernel: 'glorot_uniform', recurrent: 'orthogonal', bias: 'zeros' }),
    ...(kind === LSTM ? [UNIT_FORGET_BIAS] : []),
    ...regularizers('kernel', 'recurrent', 'bias'),
    ...(isCell ? [] : [ACTIVITY]),
    ...constraints('kernel', 'recurrent', 'bias'),
    optional('dropout', NUMBER, 0),
    optional('recurrent_dropout', NUMBER, 0),
  ];
}

function cellWeights(kind: CellKind, args: Arguments, features: Dim): WeightSpec[] {
  const units = args.size('units');
  const columns = scale(units, kind.gates);
  const two = kind === GRU && args.flag('reset_after') !== false;
  return [
    { name: 'kernel', shape: [features, columns] },
    { name: 'recurrent_kernel', shape: [units, columns] },
    ...(args.flag('use_bias') === false
      ? []
      : [{ name: 'bias', shape: two ? [{ kind: 'known', value: 2 } as const, columns] : [columns] }]),
  ];
}

/** Two matrix products and a few element-wise steps for each gate. */
function stepFlops(kind: CellKind, args: Arguments, features: Dim): Dim {
  const units = args.size('units');
  return scale(multiply(scale(units, kind.gates), add(features, units)), 2);
}

function cell(kind: CellKind): LayerSpec {
  return defineLayer({
    className: `${kind.name}Cell`,
    family: 'recurrent',
    tfjs: { factory: kind === SIMPLE ? 'simpleRNNCell' : `${kind.name.toLowerCase()}Cell` },
    doc: `One step of ${kind.name}, for use in RNN.`,
    parameters: [
      ...cellArguments(kind, true),
      ...(kind === GRU ? [optional('reset_after', FLAG, true, { tfjsDefault: false })] : []),
      SEED,
      ...(kind === SIMPLE ? [] : [IMPLEMENTATION]),
    ],
    renamed: RENAMED,
    weights: c => cellWeights(kind, c.args, dimAt(c.input, -1)),
    output: c => {
      const state = ranked([dimAt(c.input, 0), c.args.size('units')]);
      return [state, ...new Array<Shape>(kind.states).fill(state)];
    },
    flops: c => stepFlops(kind, c.args, dimAt(c.input, -1)),
    examples: [],
    page: `recurrent_layers/${kind === SIMPLE ? 'simple_rnn' : kind.name.toLowerCase()}_cell`,
  });
}

/** One step's shape: the input without its time axis. */
function step(input: Shape): Shape {
  return isRanked(input) ? ranked(input.dims.filter((_, i) => i !== 1)) : input;
}

/** Sequence or last step, with the states behind where they are asked for. */
function sequenceOutput(c: LayerContext, features: readonly Dim[], states: readonly Shape[]): ShapeTree {
  const [sequences, withState] = [c.args.flag('return_sequences'), c.args.flag('return_state')];
  const [batch, time] = [dimAt(c.input, 0), dimAt(c.input, 1)];
  const output =
    sequences === undefined
      ? unranked('return_sequences is not known')
      : ranked([batch, ...(sequences ? [time] : []), ...features]);
  if (withState === undefined) return unranked('return_state is not known');
  return withState ? [output, ...states] : output;
}

function recurrent(kind: CellKind): LayerSpec {
  return defineLayer({
    className: kind.name,
    family: 'recurrent',
    tfjs: { factory: kind === SIMPLE ? 'simpleRNN' : kind.name.toLowerCase() },
    doc: `${kind.doc} Reads a sequence; gives its last output, or all with return_sequences.`,
    parameters:
      kind === SIMPLE
        ? [...cellArguments(kind, false), ...SEQUENCES, UNROLL, SEED]
        : [
            ...cellArguments(kind, false),
            SEED,
            ...SEQUENCES,
            UNROLL,
            ...(kind === GRU ? [optional('reset_after', FLAG, true, { tfjsDefault: false })] : []),
            CUDNN,
            IMPLEMENTATION,
          ],
    renamed: RENAMED,
    rank: { exact: 3 },
    fixedAxes: () => [-1],
    weights: c => cellWeights(kind, c.args, dimAt(c.input, -1)),
    output: c => {
      const refused = checkTime(c);
      if (refused) return refused;
      const state = ranked([dimAt(c.input, 0), c.args.size('units')]);
      return sequenceOutput(c, [c.args.size('units')], new Array<Shape>(kind.states).fill(state));
    },
    flops: c => multiply(timeOf(c.input), stepFlops(kind, c.args, dimAt(c.input, -1))),
    explain: c => {
      const [features, units] = [dimText(dimAt(c.input, -1)), dimText(c.args.size('units'))];
      return kind.gates > 1 ? [`${kind.gates} gates of (${features} + ${units})·${units} weights`] : [];
    },
    examples: [
      { args: '8', inputs: [[null, 10, 4]] },
      { args: '8, return_sequences=True', inputs: [[null, null, 4]] },
      { args: '8, return_state=True', inputs: [[null, 10, 4]] },
    ],
    page: `recurrent_layers/${kind === SIMPLE ? 'simple_rnn' : kind.name.toLowerCase()}`,
  });
}

function timeOf(input: Shape): Dim {
  const time = dimAt(input, 1);
  return time.kind === 'open' ? unknownDim('the number of time steps is open') : time;
}

/** `stateful` wants a fixed batch. */
function checkTime(c: LayerContext): Outcome<undefined> {
  if (c.framework !== 'keras' || c.args.flag('stateful') !== true || dimAt(c.input, 0).kind !== 'open') {
    return undefined;
  }
  return fail({ kind: 'undefined-size', axis: 0, input: c.input });
}

// ------------------------------------------------------------------------------------------------ RNN and cells

const KINDS: ReadonlyMap<string, CellKind> = new Map([
  ['SimpleRNNCell', SIMPLE],
  ['GRUCell', GRU],
  ['LSTMCell', LSTM],
]);

interface CellStates {
  readonly output: Dim;
  readonly states: readonly Dim[];
}

/** What a cell carries from step to step; undefined where the cell does not say. */
function statesOf(nested: NestedLayer | undefined): CellStates | undefined {
  const own = nested?.stateSizes;
  // Without an `output_size` the output is as long as the first state (`RNN.compute_output_shape`).
  if (own?.[0]) return { output: own[0], states: own };
  const kind = nested && KINDS.get(nested.className);
  if (!kind) return undefined;
  const units = nested.args.size('units');
  return { output: units, states: new Array<Dim>(kind.states).fill(units) };
}

/** The cells of RNN: one, a list of them, or those of StackedRNNCells. */
function cellsOf(args: Arguments): readonly (NestedLayer | undefined)[] | undefined {
  const one = args.layer('cell');
  if (one?.className === 'StackedRNNCells') return one.args.layers('cells');
  return one ? [one] : args.layers('cell');
}

/** Each cell reads what the one before gave. */
function stackedWeights(
  cells: readonly (NestedLayer | undefined)[] | undefined,
  input: Shape,
): Outcome<readonly WeightSpec[]> {
  const all: WeightSpec[] = [];
  const inputs = inputsOf(cells, input);
  for (const [i, one] of (cells ?? []).entries()) {
    const weights = one?.weights([inputs[i]!]);
    if (isFailure(weights)) return weights;
    all.push(...(weights ?? []));
  }
  return all;
}

/** What each of the cells reads. */
function inputsOf(cells: readonly (NestedLayer | undefined)[] | undefined, input: Shape): readonly Shape[] {
  const output = (cell: NestedLayer | undefined): Dim => statesOf(cell)?.output ?? unknownDim('a cell is not known');
  return (cells ?? []).map((_, i) => (i === 0 ? input : ranked([dimAt(input, 0), output(cells![i - 1])])));
}

/** A cell has a `state_size`; layers that are no cells, and numbers, have none. */
function checkCell(args: Arguments): Outcome<undefined> {
  const value = args.value('cell');
  const one = args.layer('cell');
  const isCell = one
    ? !one.spec || KINDS.has(one.className) || one.className === 'StackedRNNCells'
    : value.kind !== 'number' && value.kind !== 'string';
  return isCell
    ? undefined
    : fail({
        kind: 'argument-invalid',
        name: 'cell',
        got: one ? `a ${one.className}` : valueText(value),
        wanted: 'a cell, or a list of cells',
      });
}

const rnn = defineLayer({
  className: 'RNN',
  family: 'recurrent',
  check: checkCell,
  tfjs: { factory: 'rnn' },
  doc: 'Runs a cell, or a stack of cells, over a sequence.',
  parameters: [
    required('cell', ANY),
    ...SEQUENCES,
    UNROLL,
    optional('zero_output_for_mask', FLAG, false, { tfjs: null }),
  ],
  weights: c => stackedWeights(cellsOf(c.args), step(c.input)),
  output: c => {
    const cells = cellsOf(c.args);
    const last = cells && statesOf(cells.at(-1));
    const refused = checkTime(c);
    if (refused) return refused;
    if (!cells || !last) return unranked('the cell is not one of Keras’s own');
    const batch = dimAt(c.input, 0);
    // Several cells give a list of states each, which is not followed.
    if (cells.length > 1 && c.args.flag('return_state') !== false) {
      return unranked('the states of stacked cells are not followed');
    }
    return sequenceOutput(
      c,
      [last.output],
      last.states.map(d => ranked([batch, d])),
    );
  },
  flops: c => {
    const cells = cellsOf(c.args) ?? [];
    const inputs = inputsOf(cells, step(c.input));
    const each = cells.map((one, i) => one?.flops([inputs[i]!]) ?? unknownDim('a cell is not known'));
    return multiply(timeOf(c.input), sum(each));
  },
  examples: [],
  page: 'recurrent_layers/rnn',
});

const stackedCells = defineLayer({
  className: 'StackedRNNCells',
  family: 'recurrent',
  tfjs: { factory: 'stackedRNNCells' },
  doc: 'Several cells as one, each reading the output of the one before.',
  parameters: [required('cells', ANY)],
  weights: c => stackedWeights(c.args.layers('cells'), c.input),
  output: () => unranked('the states of stacked cells are not followed'),
  examples: [],
  page: 'recurrent_layers/stacked_rnn_cell',
});

// ------------------------------------------------------------------------------------------------------ wrappers

const MERGE_MODES = ['sum', 'mul', 'ave', 'concat'];

/**
 * Forward and backward layer must run in opposite directions and give the same kind of output (`_verify_layer_config`).
 */
function checkDirections(forward: NestedLayer | undefined, backward: NestedLayer | undefined): Outcome<undefined> {
  if (!forward || !backward) return undefined;
  const flags = (name: string): readonly (boolean | undefined)[] => [forward.args.flag(name), backward.args.flag(name)];
  const [f, b] = flags('go_backwards');
  if (f !== undefined && f === b)
    return fail({
      kind: 'argument-conflict',
      names: ['layer', 'backward_layer'],
      why: 'one of them must have go_backwards=True',
    });
  for (const name of ['stateful', 'return_sequences', 'return_state']) {
    const [one, other] = flags(name);
    if (one !== undefined && other !== undefined && one !== other) {
      return fail({
        kind: 'argument-conflict',
        names: ['layer', 'backward_layer'],
        why: `${name} must be the same in both`,
      });
    }
  }
  return undefined;
}

const bidirectional = defineLayer({
  className: 'Bidirectional',
  family: 'recurrent',
  tfjs: { factory: 'bidirectional' },
  doc: 'Runs a recurrent layer forwards and backwards and merges both outputs.',
  parameters: [required('layer', LAYER), optional('merge_mode', ANY, 'concat'), ...free('weights', 'backward_layer')],
  check: args => {
    const mode = args.value('merge_mode');
    if ((mode.kind === 'string' && !MERGE_MODES.includes(mode.value)) || mode.kind === 'number') {
      return fail({
        kind: 'argument-invalid',
        name: 'merge_mode',
        got: valueText(mode),
        wanted: `None or one of ${MERGE_MODES.join(', ')}`,
      });
    }
    const inner = args.layer('layer');
    if (inner?.spec && !inner.spec.parameters.some(p => p.name === 'return_sequences')) {
      return fail({
        kind: 'argument-invalid',
        name: 'layer',
        got: `a ${inner.className}`,
        wanted: 'a recurrent layer',
      });
    }
    return checkDirections(inner, args.isNone('backward_layer') === false ? args.layer('backward_layer') : undefined);
  },
  rank: args => {
    const rank = args.layer('layer')?.spec?.rank;
    const inner = args.layer('layer');
    return typeof rank === 'function' && inner ? rank(inner.args) : typeof rank === 'object' ? rank : undefined;
  },
  fixedAxes: () => [-1],
  weights: c => {
    const forward = c.args.layer('layer')?.weights([c.input]);
    const backward = (
      c.args.isNone('backward_layer') === false ? c.args.layer('backward_layer') : c.args.layer('layer')
    )?.weights([c.input]);
    if (isFailure(forward)) return forward;
    if (isFailure(backward)) return backward;
    const named = (direction: string, weights: readonly WeightSpec[] | undefined): WeightSpec[] =>
      (weights ?? []).map(w => ({ ...w, name: `${direction}/${w.name}` }));
    return [...named('forward', forward), ...named('backward', backward)];
  },
  output: c => {
    const inner = c.args.layer('layer')?.output([c.input]);
    if (isFailure(inner)) return inner;
    const mode = c.args.isNone('merge_mode') ? null : c.args.text('merge_mode');
    if (!inner || mode === undefined) return unranked('the wrapped layer or the merge mode is not known');
    const [output, ...states] = shapesOf(inner);
    const merged = (s: Shape): Shape =>
      mode === 'concat' && isRanked(s) ? withDim(s, s.dims.length - 1, scale(s.dims.at(-1)!, 2)) : s;
    const outputs = mode === null ? [output!, output!] : [merged(output!)];
    const all = [...outputs, ...states, ...states];
    return all.length === 1 ? all[0]! : all;
  },
  flops: c => scale(c.args.layer('layer')?.flops([c.input]) ?? unknownDim('the wrapped layer is not known'), 2),
  explain: (c, output) => {
    const inner = c.args.layer('layer')?.output([c.input]);
    const one = inner && !isFailure(inner) ? shapesOf(inner)[0] : undefined;
    if (!one || c.args.text('merge_mode') !== 'concat') return [];
    return [`2·${dimText(dimAt(one, -1))} = ${dimText(dimAt(shapesOf(output)[0], -1))}`];
  },
  examples: [],
  page: 'recurrent_layers/bidirectional',
});

/** The wrapped layer runs without a look at its input's rank, and a global mean runs on fewer axes, too. */
function isForgiving(nested: NestedLayer, failure: Failure): boolean {
  return failure.detail.kind === 'rank-mismatch' && nested.className.startsWith('Global');
}

const timeDistributed = defineLayer({
  className: 'TimeDistributed',
  family: 'recurrent',
  tfjs: { factory: 'timeDistributed' },
  doc: 'Applies a layer to every step of a sequence with the same weights.',
  parameters: [required('layer', LAYER)],
  rank: { atLeast: 3 },
  weights: c => {
    const nested = c.args.layer('layer');
    const inner = nested?.weights([step(c.input)]) ?? [];
    return isFailure(inner) && isForgiving(nested!, inner) ? [] : inner;
  },
  output: c =>
    onRanked(c, dims => {
      const nested = c.args.layer('layer');
      const inner = nested?.output([step(c.input)]);
      if (isFailure(inner)) {
        return isForgiving(nested!, inner) ? unranked('the wrapped layer wants another rank') : inner;
      }
      if (!inner || !isShape(inner) || !isRanked(inner))
        return unranked('the output of the wrapped layer is not known');
      return ranked([inner.dims[0]!, dims[1]!, ...inner.dims.slice(1)]);
    }),
  flops: c =>
    multiply(
      timeOf(c.input),
      c.args.layer('layer')?.flops([step(c.input)]) ?? unknownDim('the wrapped layer is not known'),
    ),
  examples: [],
  page: 'recurrent_layers/time_distributed',
});

// ------------------------------------------------------------------------------------------------------ ConvLSTM

function convLstm(rank: 1 | 2 | 3): LayerSpec {
  /** One step as a layer context, so that the convolution's own arithmetic can be asked. */
  const stepContext = (c: LayerContext): LayerContext => ({ ...c, input: step(c.input), inputs: [step(c.input)] });
  const channels = (c: LayerContext): Dim => {
    const layout = layoutOf(c.args, rank);
    return layout ? dimAt(step(c.input), layout.channel) : unknownDim('data_format is not known');
  };
  const ones = new Array<number>(rank).fill(1);
  const perAxis = (name: string, atLeast: number): ArgumentSpec =>
    optional(name, window(rank, atLeast), rank === 1 ? 1 : ones);
  return defineLayer({
    className: `ConvLSTM${rank}D`,
    family: 'recurrent',
    ...(rank === 2 ? { tfjs: { factory: 'convLstm2d', className: 'ConvLSTM2D' } } : {}),
    doc: 'An LSTM whose products are convolutions: a sequence of images in, images or a sequence of them out.',
    parameters: [
      required('filters', { kind: 'integer', atLeast: 0 }),
      required('kernel_size', window(rank)),
      perAxis('strides', 0),
      optional('padding', PADDING, 'valid'),
      DATA_FORMAT,
      perAxis('dilation_rate', 1),
      optional('activation', ACTIVATION, 'tanh'),
      optional('recurrent_activation', ACTIVATION, 'sigmoid', { tfjsDefault: 'hard_sigmoid' }),
      USE_BIAS,
      ...initializers({ kernel: 'glorot_uniform', recurrent: 'orthogonal', bias: 'zeros' }),
      UNIT_FORGET_BIAS,
      ...regularizers('kernel', 'recurrent', 'bias'),
      ACTIVITY,
      ...constraints('kernel', 'recurrent', 'bias'),
      optional('dropout', NUMBER, 0),
      optional('recurrent_dropout', NUMBER, 0),
      SEED,
      ...SEQUENCES,
    ],
    renamed: {
      nb_filter: 'filters',
      border_mode: 'padding',
      subsample: 'strides',
      inner_activation: 'recurrent_activation',
    },
    rank: { exact: rank + 3 },
    check: args => checkStrides(args, rank),
    weights: c => {
      const open = isRanked(c.input) ? c.input.dims.findIndex((d, i) => i > 1 && d.kind === 'open') : -1;
      if (open >= 0) return fail({ kind: 'undefined-size', axis: open, input: c.input });
      const [size, filters] = [c.args.sizes('kernel_size', rank), c.args.size('filters')];
      return [
        { name: 'kernel', shape: [...size, channels(c), scale(filters, 4)] },
        { name: 'recurrent_kernel', shape: [...size, filters, scale(filters, 4)] },
        ...(c.args.flag('use_bias') === false ? [] : [{ name: 'bias', shape: [scale(filters, 4)] }]),
      ];
    },
    output: c => {
      const refused = checkTime(c);
      if (refused) return refused;
      const one = slide(stepContext(c), rank, c.args.size('filters'), windowsOf(c.args, rank));
      if (isFailure(one) || !isRanked(one)) return one;
      return sequenceOutput(c, one.dims.slice(1), [one, one]);
    },
    flops: c => {
      const one = slide(stepContext(c), rank, c.args.size('filters'), windowsOf(c.args, rank));
      if (isFailure(one) || !isRanked(one)) return unknownDim('the output is not known');
      const kernel = multiply(product(c.args.sizes('kernel_size', rank)), add(channels(c), c.args.size('filters')));
      return scale(multiply(timeOf(c.input), multiply(product(one.dims.slice(1)), kernel)), 8);
    },
    examples: [{ args: "8, 3, padding='same'", inputs: [[null, 4, ...new Array<number>(rank).fill(8), 2]] }],
    page: `recurrent_layers/conv_lstm${rank}d`,
  });
}

export const RECURRENT_LAYERS: readonly LayerSpec[] = [
  recurrent(LSTM),
  recurrent(GRU),
  recurrent(SIMPLE),
  cell(LSTM),
  cell(GRU),
  cell(SIMPLE),
  rnn,
  stackedCells,
  bidirectional,
  timeDistributed,
  convLstm(1),
  convLstm(2),
  convLstm(3),
];
