/**
 * Convolutions over one, two and three axes: plain, transposed, depthwise and separable. Sources: `base_conv.py`,
 * `base_conv_transpose.py`, `base_depthwise_conv.py` and `base_separable_conv.py` in keras/src/layers/convolutional.
 */
import {
  type Dim,
  floorDivide,
  isKnown,
  known,
  less,
  modulo,
  multiply,
  product,
  same,
  scale,
  unknownDim,
} from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import {
  type Shape,
  transposedWindowOutput,
  type Window,
  windowExtent,
  windowFails,
  windowOutput,
} from '../../ir/shape';
import { isFailure, isShape, ONE, perExample } from '../apply';
import { explainAxes, explainWindows } from '../explain';
import {
  ACTIVATION,
  ACTIVITY,
  CAUSAL_PADDING,
  constraints,
  DATA_FORMAT,
  initializers,
  KERNEL_AND_BIAS,
  optional,
  PADDING,
  POSITIVE,
  regularizers,
  required,
  USE_BIAS,
  window,
} from '../kinds';
import {
  type Arguments,
  type ArgumentSpec,
  defineLayer,
  type LayerContext,
  type LayerExample,
  type LayerSpec,
  type WeightSpec,
} from '../spec';
import { dimText } from '../../ir/dim';
import { assemble, dimAt, layoutOf, obscure, onRanked } from './layout';

const ones = (rank: number): number | number[] => (rank === 1 ? 1 : new Array<number>(rank).fill(1));
const perAxis = (name: string, rank: number): ArgumentSpec => optional(name, window(rank), ones(rank));
const filters = required('filters', POSITIVE);
const kernelSize = (rank: number): ArgumentSpec => required('kernel_size', window(rank));
const CHANNEL_AXES = (args: Arguments): readonly number[] => [layoutOf(args, 1)?.channel === 1 ? 1 : -1];
/** Keras 1's names. */
const RENAMED = {
  nb_filter: 'filters',
  nb_row: 'kernel_size',
  nb_col: 'kernel_size',
  filter_length: 'kernel_size',
  subsample: 'strides',
  subsample_length: 'strides',
  border_mode: 'padding',
  dim_ordering: 'data_format',
  atrous_rate: 'dilation_rate',
  bias: 'use_bias',
  init: 'kernel_initializer',
  W_regularizer: 'kernel_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
};

/** Channels of the input; unknown where `data_format` is not known. */
export function channelsOf(c: LayerContext, rank: number): Dim {
  const layout = layoutOf(c.args, rank);
  return layout ? dimAt(c.input, layout.channel) : unknownDim('data_format is not known');
}

/** The windows that `kernel_size`, `strides`, `dilation_rate` and `padding` make, one for each spatial axis. */
export function windowsOf(args: Arguments, rank: number): readonly Window[] | undefined {
  const padding = args.text('padding');
  if (padding !== 'valid' && padding !== 'same' && padding !== 'causal') return undefined;
  const [size, stride, dilation] = ['kernel_size', 'strides', 'dilation_rate'].map(name => args.sizes(name, rank)) as [
    Dim[],
    Dim[],
    Dim[],
  ];
  return size.map((s, i) => ({ size: s, stride: stride[i]!, dilation: dilation[i]!, padding }));
}

/** Output of windows that slide over the spatial axes; a window that surely does not fit fails. */
export function slide(
  c: LayerContext,
  rank: number,
  channels: Dim,
  windows: readonly Window[] | undefined,
  pooling = false,
): Outcome<Shape> {
  return onRanked(c, dims => {
    const layout = layoutOf(c.args, rank);
    if (!layout || !windows) return obscure(rank + 2, layout ? 'padding is not known' : 'data_format is not known');
    const spatial: Dim[] = [];
    for (const [i, axis] of layout.spatial.entries()) {
      const length = dims[axis]!;
      const w = windows[i]!;
      // TensorFlow.js lets a window be larger than its input and goes on with a size of 0 or less.
      if (w.padding === 'valid' && windowFails(length, w) && c.framework === 'keras') {
        return fail({ kind: 'window-too-large', axis, length, window: windowExtent(w), input: c.input, pooling });
      }
      spatial.push(windowOutput(length, w));
    }
    return assemble(dims[0]!, channels, spatial, layout);
  });
}

export function checkStrides(args: Arguments, rank: number): Outcome<undefined> {
  const above = (name: string): boolean => args.sizes(name, rank).some(d => less(ONE, d) === 'yes');
  return above('strides') && above('dilation_rate')
    ? fail({ kind: 'argument-conflict', names: ['strides', 'dilation_rate'], why: 'only one of them may be above 1' })
    : undefined;
}

function bias(args: Arguments, size: Dim): WeightSpec[] {
  return args.flag('use_bias') === false ? [] : [{ name: 'bias', shape: [size] }];
}

const explainSlide =
  (rank: number) =>
  (c: LayerContext, output: unknown): readonly string[] => {
    const layout = layoutOf(c.args, rank);
    const windows = windowsOf(c.args, rank);
    const shape = output as Shape;
    if (!layout || !windows) return [];
    return explainWindows(
      layout.spatial.map(a => dimAt(c.input, a)),
      windows,
      layout.spatial.map(a => dimAt(shape, a)),
    );
  };

const exampleInput = (rank: number): (number | null)[] => [
  null,
  ...new Array<number>(rank).fill(rank === 3 ? 8 : 16),
  4,
];

const examplesOf = (rank: number, args: readonly string[]): LayerExample[] =>
  args.map(a => ({ args: a, inputs: [exampleInput(rank)] }));

const AXIS_WORD = ['', 'a sequence', 'an image', 'a volume'];

/** What all four kinds share. */
function base(
  rank: number,
  page: string,
): Pick<LayerSpec, 'family' | 'rank' | 'fixedAxes' | 'page' | 'renamed' | 'explain'> {
  return {
    family: 'convolution',
    rank: { exact: rank + 2 },
    fixedAxes: CHANNEL_AXES,
    renamed: RENAMED,
    explain: explainSlide(rank),
    page: `convolution_layers/${page}`,
  };
}

// ---------------------------------------------------------------------------------------------------------- plain

function convolution(rank: 1 | 2 | 3): LayerSpec {
  const divide = (args: Arguments, what: string, value: Dim): Outcome<undefined> => {
    const by = args.size('groups');
    const rest = modulo(value, by);
    return isKnown(rest) && rest.value !== 0
      ? fail({ kind: 'not-divisible', what, value, by, byWhat: 'groups' })
      : undefined;
  };
  return defineLayer({
    ...base(rank, `convolution${rank}d`),
    className: `Conv${rank}D`,
    aliases: [`Convolution${rank}D`],
    tfjs: { factory: `conv${rank}d` },
    doc: `Slides learned filters over ${AXIS_WORD[rank]}; each filter sees all channels (or those of its group).`,
    parameters: [
      filters,
      kernelSize(rank),
      perAxis('strides', rank),
      optional('padding', rank === 1 ? CAUSAL_PADDING : PADDING, 'valid'),
      DATA_FORMAT,
      perAxis('dilation_rate', rank),
      optional('groups', POSITIVE, 1, { tfjs: null }),
      ...KERNEL_AND_BIAS,
    ],
    check: args => divide(args, 'filters', args.size('filters')) ?? checkStrides(args, rank),
    weights: c => {
      const channels = channelsOf(c, rank);
      const refused = divide(c.args, 'input channels', channels);
      if (isFailure(refused)) return refused;
      const size = c.args.size('filters');
      const depth = channels.kind === 'open' ? channels : floorDivide(channels, c.args.size('groups'));
      return [{ name: 'kernel', shape: [...c.args.sizes('kernel_size', rank), depth, size] }, ...bias(c.args, size)];
    },
    output: c => slide(c, rank, c.args.size('filters'), windowsOf(c.args, rank)),
    flops: (c, output) => {
      const depth = floorDivide(channelsOf(c, rank), c.args.size('groups'));
      return scale(multiply(perExample(output as Shape), product([...c.args.sizes('kernel_size', rank), depth])), 2);
    },
    examples: examplesOf(rank, [
      '8, 3',
      "8, 3, strides=2, padding='same', activation='relu'",
      '8, 3, dilation_rate=2',
      '8, 3, groups=2, use_bias=False',
    ]),
  });
}

// ----------------------------------------------------------------------------------------------------- transposed

function transposed(rank: 1 | 2 | 3): LayerSpec {
  const outputPadding = optional('output_padding', window(rank, 0), null, { tfjs: null });
  // The three-dimensional one has these two the other way round.
  const middle = rank === 3 ? [DATA_FORMAT, outputPadding] : [outputPadding, DATA_FORMAT];
  const paddings = (args: Arguments): readonly (Dim | undefined)[] => {
    const none = args.isNone('output_padding');
    return none ? new Array<undefined>(rank).fill(undefined) : args.sizes('output_padding', rank);
  };
  const output = (c: LayerContext): Outcome<Shape> =>
    onRanked(c, dims => {
      const layout = layoutOf(c.args, rank);
      const windows = windowsOf(c.args, rank);
      if (!layout || !windows) return obscure(rank + 2, layout ? 'padding is not known' : 'data_format is not known');
      const extra = paddings(c.args);
      return assemble(
        dims[0]!,
        c.args.size('filters'),
        layout.spatial.map((a, i) => transposedWindowOutput(dims[a]!, windows[i]!, extra[i])),
        layout,
      );
    });
  return defineLayer({
    ...base(rank, `convolution${rank}d_transpose`),
    className: `Conv${rank}DTranspose`,
    aliases: [`Convolution${rank}DTranspose`, ...(rank === 2 ? ['Deconvolution2D', 'Deconv2D'] : [])],
    ...(rank === 1 ? {} : { tfjs: { factory: `conv${rank}dTranspose` } }),
    doc: `Enlarges ${AXIS_WORD[rank]} with learned filters, the reverse of a strided convolution.`,
    parameters: [
      filters,
      kernelSize(rank),
      perAxis('strides', rank),
      optional('padding', PADDING, 'valid'),
      ...middle,
      perAxis('dilation_rate', rank),
      ...KERNEL_AND_BIAS,
    ],
    check: args => {
      const strides = args.sizes('strides', rank);
      const tooLarge = paddings(args).some((p, i) => p && less(p, strides[i]!) === 'no');
      return tooLarge
        ? fail({
            kind: 'argument-conflict',
            names: ['output_padding', 'strides'],
            why: 'output_padding must be below strides',
          })
        : checkStrides(args, rank);
    },
    weights: c => {
      const size = c.args.size('filters');
      return [
        { name: 'kernel', shape: [...c.args.sizes('kernel_size', rank), size, channelsOf(c, rank)] },
        ...bias(c.args, size),
      ];
    },
    output,
    flops: c =>
      scale(multiply(perExample(c.input), product([...c.args.sizes('kernel_size', rank), c.args.size('filters')])), 2),
    explain: (c, out) => {
      const layout = layoutOf(c.args, rank);
      const windows = windowsOf(c.args, rank);
      if (!layout || !windows || !isShape(out)) return [];
      const extra = paddings(c.args);
      return explainAxes(
        [],
        layout.spatial.map((a, i) => {
          const [n, w, m] = [dimText(dimAt(c.input, a)), windows[i]!, dimText(dimAt(out, a))];
          if (extra[i] || w.padding !== 'valid') return `${n}·${dimText(w.stride)} = ${m}`;
          return `(${n} − 1)·${dimText(w.stride)} + max(${dimText(windowExtent(w))}, ${dimText(w.stride)}) = ${m}`;
        }),
      );
    },
    examples: examplesOf(rank, ['8, 3', "8, 3, strides=2, padding='same'", '8, 2, strides=2']),
  });
}

// ------------------------------------------------------------------------------------------ depthwise, separable

function depthwise(rank: 1 | 2): LayerSpec {
  const channels = (c: LayerContext): Dim => multiply(c.args.size('depth_multiplier'), channelsOf(c, rank));
  return defineLayer({
    ...base(rank, `depthwise_convolution${rank}d`),
    className: `DepthwiseConv${rank}D`,
    ...(rank === 2 ? { tfjs: { factory: 'depthwiseConv2d' } } : {}),
    doc: `Convolves every channel of ${AXIS_WORD[rank]} with filters of its own; channels are not mixed.`,
    parameters: [
      kernelSize(rank),
      perAxis('strides', rank),
      optional('padding', PADDING, 'valid'),
      optional('depth_multiplier', POSITIVE, 1),
      DATA_FORMAT,
      perAxis('dilation_rate', rank),
      optional('activation', ACTIVATION),
      USE_BIAS,
      ...initializers({ depthwise: 'glorot_uniform', bias: 'zeros' }, { depthwise: 'glorot_normal' }),
      ...regularizers('depthwise', 'bias'),
      ACTIVITY,
      ...constraints('depthwise', 'bias'),
    ],
    weights: c => [
      {
        name: 'kernel',
        shape: [...c.args.sizes('kernel_size', rank), channelsOf(c, rank), c.args.size('depth_multiplier')],
      },
      ...bias(c.args, channels(c)),
    ],
    output: c => slide(c, rank, channels(c), windowsOf(c.args, rank)),
    flops: (c, output) => scale(multiply(perExample(output as Shape), product(c.args.sizes('kernel_size', rank))), 2),
    examples: examplesOf(rank, ['3', "3, strides=2, padding='same', depth_multiplier=2"]),
  });
}

function separable(rank: 1 | 2): LayerSpec {
  const deep = (c: LayerContext): Dim => multiply(c.args.size('depth_multiplier'), channelsOf(c, rank));
  return defineLayer({
    ...base(rank, `separable_convolution${rank}d`),
    className: `SeparableConv${rank}D`,
    aliases: [`SeparableConvolution${rank}D`],
    ...(rank === 2 ? { tfjs: { factory: 'separableConv2d' } } : {}),
    doc:
      'A depthwise convolution followed by one of size 1 that mixes the channels: fewer weights than a full ' +
      'convolution.',
    parameters: [
      filters,
      kernelSize(rank),
      perAxis('strides', rank),
      optional('padding', PADDING, 'valid'),
      DATA_FORMAT,
      perAxis('dilation_rate', rank),
      optional('depth_multiplier', POSITIVE, 1),
      optional('activation', ACTIVATION),
      USE_BIAS,
      ...initializers({ depthwise: 'glorot_uniform', pointwise: 'glorot_uniform', bias: 'zeros' }),
      ...regularizers('depthwise', 'pointwise', 'bias'),
      ACTIVITY,
      ...constraints('depthwise', 'pointwise', 'bias'),
    ],
    weights: c => {
      const size = c.args.size('filters');
      return [
        {
          name: 'depthwise_kernel',
          shape: [...c.args.sizes('kernel_size', rank), channelsOf(c, rank), c.args.size('depth_multiplier')],
        },
        { name: 'pointwise_kernel', shape: [...new Array<Dim>(rank).fill(known(1)), deep(c), size] },
        ...bias(c.args, size),
      ];
    },
    output: c => slide(c, rank, c.args.size('filters'), windowsOf(c.args, rank)),
    flops: (c, output) => {
      const size = c.args.size('filters');
      const places = floorDivide(perExample(output as Shape), size);
      const one = product([...c.args.sizes('kernel_size', rank), deep(c)]);
      return scale(multiply(places, same(size, ONE) === 'yes' ? one : sumOf(one, multiply(deep(c), size))), 2);
    },
    examples: examplesOf(rank, ['8, 3', "8, 3, padding='same', depth_multiplier=2"]),
  });
}

function sumOf(a: Dim, b: Dim): Dim {
  return isKnown(a) && isKnown(b) ? known(a.value + b.value) : unknownDim('a size is not a number');
}

export const CONVOLUTION_LAYERS: readonly LayerSpec[] = [
  convolution(1),
  convolution(2),
  convolution(3),
  transposed(1),
  transposed(2),
  transposed(3),
  depthwise(1),
  depthwise(2),
  separable(1),
  separable(2),
];
