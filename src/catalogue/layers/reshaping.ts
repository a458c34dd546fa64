/** Layers that move, repeat, pad or cut axes. Sources: keras/src/layers/reshaping. */
import { add, type Dim, dimText, isKnown, less, multiply, OPEN, product, subtract, unknownDim } from '../../ir/dim';
import { fail, type Failure, type Outcome } from '../../ir/fault';
import { ranked, reshape, type Shape, unranked } from '../../ir/shape';
import type { Value } from '../../ir/value';
import { asDim, itemsOf, valueText } from '../arguments';
import { explainAxes, explainProduct, lengthsOf } from '../explain';
import { ANY, COUNT, DATA_FORMAT, optional, required, SHAPE, STRING, window } from '../kinds';
import { type Arguments, type ArgumentSpec, defineLayer, type LayerContext, type LayerSpec } from '../spec';
import { dimAt, layoutOf, obscure, onRanked } from './layout';

const exampleInput = (rank: number): (number | null)[] => [null, ...new Array<number>(rank).fill(8), 3];

/** TensorFlow.js flattens three axes or more, of which all but the batch have a length. */
function refusedByScript(dims: readonly Dim[]): Failure | undefined {
  if (dims.length < 3) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3 }, got: ranked(dims) });
  const axis = dims.findIndex((d, i) => i > 0 && d.kind === 'open');
  return axis < 0 ? undefined : fail({ kind: 'undefined-size', axis, input: ranked(dims) });
}

const flatten = defineLayer({
  className: 'Flatten',
  family: 'reshaping',
  tfjs: { factory: 'flatten' },
  doc: 'Makes one axis of all axes but the batch.',
  parameters: [DATA_FORMAT],
  rank: { atLeast: 1 },
  output: c =>
    onRanked(c, dims => {
      const rest = dims.slice(1);
      const refused = c.framework === 'tfjs' ? refusedByScript(dims) : undefined;
      if (refused) return refused;
      const open = rest.find(d => d.kind === 'unknown') ?? rest.find(d => d.kind === 'open');
      return ranked([dims[0]!, open ?? product(rest)]);
    }),
  explain: (c, output) => {
    const line = explainProduct(lengthsOf(c.input).slice(1), dimAt(output as Shape, 1));
    return line ? [line] : [];
  },
  examples: [
    { args: '', inputs: [[null, 7, 7, 64]] },
    { args: '', inputs: [[null]] },
  ],
  page: 'reshaping_layers/flatten',
});

/** `compute_reshape_output_shape`: one None anywhere in the input, and sizes are compared no more. */
const reshapeLayer = defineLayer({
  className: 'Reshape',
  family: 'reshaping',
  tfjs: { factory: 'reshape' },
  doc: 'Gives each example another shape of the same number of elements; one -1 is worked out.',
  parameters: [required('target_shape', SHAPE)],
  rank: { atLeast: 1 },
  check: args => checkTarget('target_shape', targetOf(args)),
  output: c =>
    onRanked(c, dims => {
      const target = targetOf(c.args);
      if (!target) return unranked('target_shape is not known');
      const source = dims.slice(1);
      const result = reshape(source, target);
      if (result.kind === 'ok') return ranked([dims[0]!, ...result.dims]);
      // TensorFlow.js compares only at run time, and then throws whatever the batch is.
      return fail({
        kind: 'reshape-mismatch',
        from: ranked(source),
        to: target,
        total: result.total,
        target: result.target,
      });
    }),
  explain: (c, output) => {
    const out = lengthsOf(output as Shape).slice(1);
    const line = explainProduct(out, product(lengthsOf(c.input).slice(1)));
    return line ? [line] : [];
  },
  examples: [
    { args: '(3, 4)', inputs: [[null, 12]] },
    { args: '(-1, 2)', inputs: [[null, 8, 8]] },
  ],
  page: 'reshaping_layers/reshape',
});

/** Keras takes what is no integer, 2.0 for one, as an open length. */
function targetOf(args: Arguments): readonly Dim[] | undefined {
  return args
    .items('target_shape')
    ?.map(v => (v.kind === 'none' || (v.kind === 'number' && !v.isInteger) ? OPEN : asDim(v)));
}

/** `validate_reshape_shape`: below -1, or two of them. */
export function checkTarget(name: string, target: readonly Dim[] | undefined): Outcome<undefined> {
  if (!target) return undefined;
  const holes = target.filter(d => isKnown(d) && d.value === -1).length;
  const wrong = target.find(d => isKnown(d) && d.value < -1);
  if (!wrong && holes < 2) return undefined;
  return fail({
    kind: 'argument-invalid',
    name,
    got: `(${target.map(dimText).join(', ')})`,
    wanted: 'at most one -1 and no other negative size',
  });
}

const permute = defineLayer({
  className: 'Permute',
  family: 'reshaping',
  tfjs: { factory: 'permute' },
  doc: 'Puts the axes of each example in another order; the first is 1.',
  parameters: [required('dims', SHAPE)],
  rank: args => {
    const dims = args.axes('dims');
    return dims && { exact: dims.length + 1 };
  },
  check: args => {
    const dims = args.axes('dims');
    if (!dims || [...dims].sort((a, b) => a - b).every((d, i) => d === i + 1)) return undefined;
    return fail({ kind: 'permutation-invalid', axes: dims, rank: dims.length });
  },
  output: c =>
    onRanked(c, input => {
      const dims = c.args.axes('dims');
      return dims ? ranked([input[0]!, ...dims.map(d => input[d]!)]) : obscure(input.length, 'dims is not known');
    }),
  examples: [{ args: '(2, 1)', inputs: [[null, 10, 4]] }],
  page: 'reshaping_layers/permute',
});

const repeatVector = defineLayer({
  className: 'RepeatVector',
  family: 'reshaping',
  tfjs: { factory: 'repeatVector' },
  doc: 'Repeats a vector `n` times along a new axis.',
  parameters: [required('n', COUNT)],
  rank: { exact: 2 },
  output: c => onRanked(c, dims => ranked([dims[0]!, c.args.size('n'), dims[1]!])),
  examples: [{ args: '3', inputs: [[null, 8]] }],
  page: 'reshaping_layers/repeat_vector',
});

// -------------------------------------------------------------------------------------------------- up-sampling

function upSampling(rank: 1 | 2 | 3): LayerSpec {
  return defineLayer({
    className: `UpSampling${rank}D`,
    family: 'reshaping',
    ...(rank === 2 ? { tfjs: { factory: 'upSampling2d' } } : {}),
    doc: 'Repeats rows and columns (or interpolates between them).',
    parameters: [
      optional('size', rank === 1 ? COUNT : window(rank), rank === 1 ? 2 : new Array<number>(rank).fill(2)),
      ...(rank === 1 ? [] : [DATA_FORMAT]),
      ...(rank === 2 ? [optional('interpolation', STRING, 'nearest')] : []),
    ],
    renamed: rank === 1 ? { length: 'size' } : { dim_ordering: 'data_format' },
    rank: { exact: rank + 2 },
    output: c => onSpatial(c, rank, (d, i) => multiply(d, c.args.sizes('size', rank)[i]!)),
    explain: (c, output) =>
      explainSpatial(c, output as Shape, rank, (n, i) => `${n}·${dimText(c.args.sizes('size', rank)[i]!)}`),
    examples: [
      { args: '', inputs: [exampleInput(rank)] },
      { args: '3', inputs: [exampleInput(rank)] },
    ],
    page: `reshaping_layers/up_sampling${rank}d`,
  });
}

/** Changes every spatial axis on its own; batch and channels stay. */
function onSpatial(c: LayerContext, rank: number, f: (length: Dim, i: number) => Dim): Outcome<Shape> {
  return onRanked(c, dims => {
    const layout = rank === 1 && c.args.isNone('data_format') === undefined ? undefined : layoutOf(c.args, rank);
    if (!layout) return obscure(rank + 2, 'data_format is not known');
    return ranked(dims.map((d, axis) => (layout.spatial.includes(axis) ? f(d, layout.spatial.indexOf(axis)) : d)));
  });
}

function explainSpatial(
  c: LayerContext,
  output: Shape,
  rank: number,
  text: (n: string, i: number) => string,
): readonly string[] {
  const layout = layoutOf(c.args, rank);
  if (!layout) return [];
  return explainAxes(
    [],
    layout.spatial.map((a, i) => `${text(dimText(dimAt(c.input, a)), i)} = ${dimText(dimAt(output, a))}`),
  );
}

// -------------------------------------------------------------------------------------------- padding, cropping

/**
 * Two amounts for each axis from `1`, `(1, 2)` or `((1, 1), (0, 2))`; undefined where not known, a text where refused.
 */
function borders(value: Value, rank: number): readonly (readonly [Dim, Dim])[] | 'refused' | undefined {
  const pair = (v: Value): readonly [Dim, Dim] | 'refused' | undefined => {
    const items = itemsOf(v);
    if (items) return items.length === 2 ? [asDim(items[0]!), asDim(items[1]!)] : 'refused';
    if (v.kind === 'number' && !v.isInteger) return 'refused';
    if (v.kind === 'number' || v.kind === 'size' || v.kind === 'boolean') return [asDim(v), asDim(v)];
    return v.kind !== 'unknown' ? 'refused' : v.dim && [v.dim, v.dim];
  };
  const items = itemsOf(value);
  if (rank === 1 || !items) {
    const one = pair(value);
    return one === 'refused' || one === undefined ? one : new Array<readonly [Dim, Dim]>(rank).fill(one);
  }
  if (items.length !== rank) return 'refused';
  const pairs = items.map(pair);
  if (pairs.includes('refused')) return 'refused';
  return pairs.includes(undefined) ? undefined : (pairs as (readonly [Dim, Dim])[]);
}

function checkBorders(name: string, rank: number): (args: Arguments) => Outcome<undefined> {
  return args => {
    const value = args.value(name);
    if (value.kind === 'unknown') return undefined;
    const pairs = borders(value, rank);
    const negative = Array.isArray(pairs) && (pairs as [Dim, Dim][]).some(p => p.some(d => isKnown(d) && d.value < 0));
    // ZeroPadding2D and 3D do not look at the sign of a single integer; a negative size then fails nowhere.
    if (pairs !== 'refused' && !(negative && (name === 'cropping' || rank === 1 || itemsOf(value)))) return undefined;
    const wanted = rank === 1 ? 'an integer or two of them' : `an integer, ${rank} integers or ${rank} pairs of them`;
    return fail({ kind: 'argument-invalid', name, got: valueText(value), wanted });
  };
}

function zeroPadding(rank: 1 | 2 | 3): LayerSpec {
  const amounts = (args: Arguments, i: number): Dim => {
    const pairs = borders(args.value('padding'), rank);
    const pair = Array.isArray(pairs) ? (pairs as [Dim, Dim][])[i] : undefined;
    return pair ? add(pair[0], pair[1]) : unknownDim('padding is not known');
  };
  return defineLayer({
    className: `ZeroPadding${rank}D`,
    family: 'reshaping',
    ...(rank === 2 ? { tfjs: { factory: 'zeroPadding2d' } } : {}),
    doc: 'Adds zeros around the spatial axes.',
    parameters: [
      optional('padding', ANY, rank === 1 ? 1 : rank === 2 ? [1, 1] : new Array<number[]>(3).fill([1, 1])),
      DATA_FORMAT,
    ],
    renamed: { dim_ordering: 'data_format' },
    rank: { exact: rank + 2 },
    check: checkBorders('padding', rank),
    output: c => onSpatial(c, rank, (d, i) => add(d, amounts(c.args, i))),
    explain: (c, output) => explainSpatial(c, output as Shape, rank, (n, i) => `${n} + ${dimText(amounts(c.args, i))}`),
    examples: [
      { args: '', inputs: [exampleInput(rank)] },
      { args: '2', inputs: [exampleInput(rank)] },
    ],
    page: `reshaping_layers/zero_padding${rank}d`,
  });
}

function cropping(rank: 1 | 2 | 3): LayerSpec {
  const amounts = (args: Arguments, i: number): Dim => {
    const pairs = borders(args.value('cropping'), rank);
    const pair = Array.isArray(pairs) ? (pairs as [Dim, Dim][])[i] : undefined;
    return pair ? add(pair[0], pair[1]) : unknownDim('cropping is not known');
  };
  const parameters: ArgumentSpec[] = [
    optional('cropping', ANY, rank === 1 ? [1, 1] : new Array<number[]>(rank).fill(rank === 2 ? [0, 0] : [1, 1])),
  ];
  return defineLayer({
    className: `Cropping${rank}D`,
    family: 'reshaping',
    ...(rank === 2 ? { tfjs: { factory: 'cropping2D' } } : {}),
    doc: 'Cuts rows and columns off at the ends of the spatial axes.',
    parameters: rank === 1 ? parameters : [...parameters, DATA_FORMAT],
    renamed: { dim_ordering: 'data_format' },
    rank: { exact: rank + 2 },
    check: checkBorders('cropping', rank),
    output: c => {
      const layout = layoutOf(c.args, rank);
      for (const [i, axis] of layout?.spatial.entries() ?? []) {
        const [length, cut] = [dimAt(c.input, axis), amounts(c.args, i)];
        // A name may stand for 0 here.
        if (isKnown(cut) && less(cut, length) === 'no' && c.framework === 'keras') {
          return fail({ kind: 'window-too-large', axis, length, window: cut, input: c.input, pooling: false });
        }
      }
      return onSpatial(c, rank, (d, i) => subtract(d, amounts(c.args, i)));
    },
    explain: (c, output) => explainSpatial(c, output as Shape, rank, (n, i) => `${n} − ${dimText(amounts(c.args, i))}`),
    examples: [{ args: '1', inputs: [exampleInput(rank)] }],
    page: `reshaping_layers/cropping${rank}d`,
  });
}

export const RESHAPING_LAYERS: readonly LayerSpec[] = [
  flatten,
  reshapeLayer,
  permute,
  repeatVector,
  upSampling(1),
  upSampling(2),
  upSampling(3),
  zeroPadding(1),
  zeroPadding(2),
  zeroPadding(3),
  cropping(1),
  cropping(2),
  cropping(3),
];
