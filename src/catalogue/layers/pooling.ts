/**
 * Pooling: sliding windows, whole axes, and a fixed number of bins. Sources: `base_pooling.py`,
 * `base_global_pooling.py`
 * and `base_adaptive_pooling.py` in keras/src/layers/pooling.
 */
import { type Dim, known, multiply, product } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { ranked, type Shape, unranked, type Window } from '../../ir/shape';
import { ONE, perExample } from '../apply';
import { explainWindows } from '../explain';
import { choice, DATA_FORMAT, FLAG, optional, required, window } from '../kinds';
import { type Arguments, defineLayer, type LayerContext, type LayerSpec } from '../spec';
import { slide } from './convolution';
import { assemble, dimAt, layoutOf, obscure, onRanked } from './layout';

type Rank = 1 | 2 | 3;
type Mode = 'Max' | 'Average';

const RENAMED = { pool_length: 'pool_size', stride: 'strides', border_mode: 'padding', dim_ordering: 'data_format' };
const exampleInput = (rank: number): (number | null)[] => [null, ...new Array<number>(rank).fill(8), 4];
const WORD = { Max: 'largest value', Average: 'mean' };

/** `strides=None` means windows side by side. */
function windowsOf(args: Arguments, rank: number): readonly Window[] | undefined {
  const padding = args.text('padding')?.toLowerCase();
  if (padding !== 'valid' && padding !== 'same') return undefined;
  const none = args.isNone('strides');
  if (none === undefined) return undefined;
  const size = args.sizes('pool_size', rank);
  const stride = none ? size : args.sizes('strides', rank);
  return size.map((s, i) => ({ size: s, stride: stride[i]!, dilation: ONE, padding }));
}

function pooling(mode: Mode, rank: Rank): LayerSpec {
  const size = window(rank);
  const word = mode.toLowerCase();
  return defineLayer({
    className: `${mode}Pooling${rank}D`,
    aliases: [`${mode === 'Average' ? 'Avg' : 'Max'}Pool${rank}D`],
    family: 'pooling',
    doc: `The ${WORD[mode]} of each window.`,
    tfjs: {
      factory: `${word}Pooling${rank}d`,
      aliases: mode === 'Max' ? [`maxPool${rank}d`] : [`avgPool${rank}d`, `avgPooling${rank}d`],
    },
    parameters: [
      mode === 'Max'
        ? optional('pool_size', size, rank === 1 ? 2 : new Array<number>(rank).fill(2))
        : required('pool_size', size, { tfjsDefault: 2 }),
      optional('strides', window(rank)),
      optional('padding', choice('valid', 'same'), 'valid'),
      DATA_FORMAT,
    ],
    renamed: RENAMED,
    rank: { exact: rank + 2 },
    output: c => {
      const layout = layoutOf(c.args, rank);
      return slide(
        c,
        rank,
        layout ? dimAt(c.input, layout.channel) : dimAt(c.input, -1),
        windowsOf(c.args, rank),
        true,
      );
    },
    flops: (c, output) => multiply(perExample(output as Shape), product(c.args.sizes('pool_size', rank))),
    explain: (c, output) => {
      const layout = layoutOf(c.args, rank);
      const windows = windowsOf(c.args, rank);
      if (!layout || !windows) return [];
      return explainWindows(
        layout.spatial.map(a => dimAt(c.input, a)),
        windows,
        layout.spatial.map(a => dimAt(output as Shape, a)),
      );
    },
    examples: ['2', "3, strides=2, padding='same'"].map(args => ({ args, inputs: [exampleInput(rank)] })),
    page: `pooling_layers/${word}_pooling${rank}d`,
  });
}

function globalPooling(mode: Mode, rank: Rank): LayerSpec {
  const output = (c: LayerContext): Outcome<Shape> =>
    onRanked(c, dims => {
      const layout = layoutOf(c.args, rank);
      const keep = c.args.flag('keepdims');
      if (keep === undefined) return unranked('keepdims is not known');
      if (!layout) return obscure(keep ? rank + 2 : 2, 'data_format is not known');
      const channels = dims[layout.channel]!;
      return keep
        ? assemble(dims[0]!, channels, new Array<Dim>(rank).fill(known(1)), layout)
        : ranked([dims[0]!, channels]);
    });
  const short = mode === 'Average' ? 'Avg' : 'Max';
  return defineLayer({
    className: `Global${mode}Pooling${rank}D`,
    aliases: [`Global${short}Pool${rank}D`],
    family: 'pooling',
    doc:
      `The ${WORD[mode]} of every channel over the whole ` +
      `${rank === 1 ? 'sequence' : rank === 2 ? 'image' : 'volume'}.`,
    ...(rank === 3
      ? {}
      : {
          tfjs: {
            factory: `global${mode}Pooling${rank}d`,
            ...(mode === 'Max' ? { aliases: [`globalMaxPool${rank}d`] } : {}),
          },
        }),
    parameters: [DATA_FORMAT, optional('keepdims', FLAG, false, { tfjs: null })],
    renamed: { dim_ordering: 'data_format' },
    rank: { exact: rank + 2 },
    output,
    flops: c => perExample(c.input),
    examples: ['', 'keepdims=True'].map(args => ({ args, inputs: [exampleInput(rank)] })),
    page: `pooling_layers/global_${mode.toLowerCase()}_pooling${rank}d`,
  });
}

function adaptivePooling(mode: Mode, rank: Rank): LayerSpec {
  const output = (c: LayerContext): Outcome<Shape> =>
    onRanked(c, dims => {
      // Keras does not look at the rank; data of rank 3 runs in all of them.
      if (dims.length !== rank + 2 && dims.length !== 3) {
        return fail({ kind: 'rank-mismatch', wanted: { exact: rank + 2 }, got: c.input });
      }
      const layout = layoutOf(c.args, rank);
      if (!layout) return obscure(rank + 2, 'data_format is not known');
      return assemble(
        dims[0]!,
        dims[layout.channel === 1 ? 1 : dims.length - 1]!,
        c.args.sizes('output_size', rank),
        layout,
      );
    });
  return defineLayer({
    className: `Adaptive${mode}Pooling${rank}D`,
    family: 'pooling',
    doc: `The ${WORD[mode]} over windows chosen so that the output has a given size.`,
    parameters: [required('output_size', window(rank)), DATA_FORMAT],
    output,
    flops: c => perExample(c.input),
    examples: [{ args: '4', inputs: [exampleInput(rank)] }],
    page: `pooling_layers/adaptive_${mode.toLowerCase()}_pooling${rank}d`,
  });
}

const RANKS: readonly Rank[] = [1, 2, 3];
const MODES: readonly Mode[] = ['Max', 'Average'];

export const POOLING_LAYERS: readonly LayerSpec[] = MODES.flatMap(mode =>
  RANKS.flatMap(rank => [pooling(mode, rank), globalPooling(mode, rank), adaptivePooling(mode, rank)]),
);
