/** Layers that make one tensor of several. Sources: keras/src/layers/merging. */
import { add, type Dim, isKnown, known, same, scale, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { axisIndex, isRanked, type RankedShape, ranked, type Shape, unranked } from '../../ir/shape';
import { isOne, perExample } from '../apply';
import { explainSum } from '../explain';
import { ANY, FLAG, INTEGER, optional, required } from '../kinds';
import { type ArgumentSpec, defineLayer, type LayerContext, type LayerSpec } from '../spec';
import { dimAt } from './layout';

/** Keras compares lengths as Python does: None is another length than 3. Only numbers and open axes are sure. */
export function differs(a: Dim, b: Dim): boolean {
  if (a.kind === 'open' && b.kind !== 'open') return isKnown(b);
  if (b.kind === 'open' && a.kind !== 'open') return isKnown(a);
  return same(a, b) === 'no';
}

// ---------------------------------------------------------------------------------------------------- elementwise

/** `_compute_elemwise_op_output_shape`: an open axis stays open, whatever the other length is. */
function elementwise(a: readonly Dim[], b: readonly Dim[], shapes: readonly Shape[]): Outcome<readonly Dim[]> {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  const out = long.slice(0, long.length - short.length);
  for (const [i, right] of short.entries()) {
    const left = long[out.length]!;
    if (left.kind === 'open' || right.kind === 'open') out.push({ kind: 'open' });
    else if (isOne(left)) out.push(right);
    else if (isOne(right)) out.push(left);
    else if (same(left, right) === 'no' && isKnown(left) && isKnown(right)) {
      return fail({ kind: 'merge-mismatch', shapes, axis: i - short.length });
    } else if (isKnown(left) || !isKnown(right))
      out.push(same(left, right) === 'yes' || isKnown(left) ? left : unknownDim('one of two merged lengths'));
    else out.push(right);
  }
  return out;
}

/** The one batch size that is a number; open where none is. Two different ones fail. */
function mergedBatch(shapes: readonly RankedShape[]): Dim | 'conflict' {
  const batches = shapes.map(s => s.dims[0]).filter(d => d !== undefined);
  const numbers = batches.filter(isKnown);
  if (new Set(numbers.map(n => n.value)).size > 1) return 'conflict';
  return numbers[0] ?? batches.find(b => b.kind !== 'open') ?? { kind: 'open' };
}

function mergeElementwise({ inputs }: LayerContext): Outcome<Shape> {
  if (!inputs.every(isRanked)) return unranked('an input has an unknown rank');
  const batch = mergedBatch(inputs);
  if (batch === 'conflict') return fail({ kind: 'merge-mismatch', shapes: inputs, axis: 0 });
  let dims: readonly Dim[] = inputs[0]!.dims.slice(1);
  for (const next of inputs.slice(1)) {
    const merged = elementwise(dims, next.dims.slice(1), inputs);
    if ('detail' in merged) return merged;
    dims = merged;
  }
  return ranked([batch, ...dims]);
}

function merge(className: string, doc: string, exact?: number): LayerSpec {
  const factory = className.toLowerCase();
  return defineLayer({
    className,
    family: 'merging',
    doc,
    ...(className === 'Subtract' ? {} : { tfjs: { factory } }),
    parameters: [],
    arity: exact === undefined ? { atLeast: 1 } : { exact },
    output: mergeElementwise,
    flops: (c, output) => scale(perExample(output as Shape), Math.max(0, c.inputs.length - 1)),
    examples: [
      {
        args: '',
        inputs: [
          [null, 8, 4],
          [null, 8, 4],
        ],
      },
      {
        args: '',
        inputs: [
          [null, 8, 4],
          [null, 1, 4],
        ],
      },
    ],
    page: `merging_layers/${factory}`,
  });
}

// ---------------------------------------------------------------------------------------------------- concatenate

/**
 * `Concatenate.build` takes the axis out of every shape and then wants the rest to be equal; open axes match anything.
 * The output has the first input's lengths; an open length along the axis makes the sum open.
 */
export function concatenateShapes(shapes: readonly Shape[], axis: number | undefined): Outcome<Shape> {
  if (!shapes.every(isRanked)) return unranked('an input has an unknown rank');
  const [first] = shapes;
  if (!first) return unranked('there is nothing to concatenate');
  // With one input Keras looks at an axis behind the last one never.
  if (shapes.length === 1 && axis !== undefined && axis >= first.dims.length) return first;
  const rank = first.dims.length;
  if (shapes.some(s => s.dims.length !== rank)) return fail({ kind: 'concatenate-mismatch', shapes, axis: axis ?? -1 });
  if (axis === undefined) return ranked(first.dims.map(() => unknownDim('the axis is not known')));
  const at = axisIndex(axis, rank);
  if (at === undefined) return fail({ kind: 'axis-out-of-range', axis, rank, input: first });
  for (let i = 0; i < rank; i++) {
    if (i === at) continue;
    const lengths = shapes.map(s => s.dims[i]!);
    if (lengths.some(a => lengths.some(b => same(a, b) === 'no'))) {
      return fail({ kind: 'concatenate-mismatch', shapes, axis });
    }
  }
  return ranked(
    first.dims.map((d, i) =>
      i === at
        ? shapes.map(s => s.dims[i]!).reduce(add)
        : best(
            shapes.map(s => s.dims[i]!),
            d,
          ),
    ),
  );
}

/** Of lengths that must be equal the one that says most; Keras itself takes the first. */
function best(lengths: readonly Dim[], first: Dim): Dim {
  return first.kind === 'unknown' ? (lengths.find(d => d.kind !== 'unknown' && d.kind !== 'open') ?? first) : first;
}

const concatenate = defineLayer({
  className: 'Concatenate',
  family: 'merging',
  tfjs: { factory: 'concatenate' },
  doc: 'Joins tensors along one axis; all other axes must agree.',
  parameters: [optional('axis', INTEGER, -1)],
  renamed: { concat_axis: 'axis' },
  arity: { atLeast: 1 },
  output: c => concatenateShapes(c.inputs, c.args.number('axis')),
  explain: (c, output) => {
    const axis = c.args.number('axis');
    if (axis === undefined) return [];
    const line = explainSum(
      c.inputs.map(s => dimAt(s, axis)),
      dimAt(output as Shape, axis),
    );
    return line ? [`axis ${axis}: ${line}`] : [];
  },
  examples: [
    {
      args: '',
      inputs: [
        [null, 8, 4],
        [null, 8, 6],
      ],
    },
    {
      args: 'axis=1',
      inputs: [
        [null, 8, 4],
        [null, 2, 4],
      ],
    },
  ],
  page: 'merging_layers/concatenate',
});

// ------------------------------------------------------------------------------------------------------------ dot

function dotAxes({ args, inputs }: LayerContext): readonly [number, number] | undefined {
  const given = args.axes('axes');
  if (!given) return undefined;
  const [a, b] = given.length === 1 ? [given[0]!, given[0]!] : [given[0]!, given[1]!];
  const ranks = inputs.map(s => (isRanked(s) ? s.dims.length : undefined));
  if (ranks[0] === undefined || ranks[1] === undefined) return undefined;
  const count = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
  return [count(a, ranks[0]), count(b, ranks[1])];
}

const dot = defineLayer({
  className: 'Dot',
  family: 'merging',
  tfjs: { factory: 'dot' },
  doc: 'Multiplies two batches of tensors and sums over one axis of each.',
  parameters: [required('axes', { kind: 'axes' }), optional('normalize', FLAG, false)],
  renamed: { dot_axes: 'axes' },
  arity: { exact: 2 },
  check: args => {
    const items = args.items('axes');
    return items && items.length !== 2
      ? fail({
          kind: 'argument-invalid',
          name: 'axes',
          got: `${items.length} axes`,
          wanted: 'an integer or two of them',
        })
      : undefined;
  },
  output: c => {
    const axes = dotAxes(c);
    const [x, y] = c.inputs;
    if (!axes || !x || !y || !isRanked(x) || !isRanked(y)) return unranked('the axes or an input are not known');
    for (const [i, s] of [x, y].entries()) {
      if (axes[i]! < 0 || axes[i]! >= s.dims.length)
        return fail({ kind: 'axis-out-of-range', axis: axes[i]!, rank: s.dims.length, input: s });
    }
    if (y.dims.length < 2) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 2 }, got: y });
    if (differs(x.dims[axes[0]]!, y.dims[axes[1]]!)) return fail({ kind: 'dot-mismatch', shapes: c.inputs, axes });
    const dims = [...x.dims.filter((_, i) => i !== axes[0]), ...y.dims.filter((_, i) => i !== axes[1]).slice(1)];
    return ranked(dims.length === 1 ? [...dims, known(1)] : dims);
  },
  examples: [
    {
      args: '1',
      inputs: [
        [null, 8],
        [null, 8],
      ],
    },
    {
      args: '(2, 1)',
      inputs: [
        [null, 5, 4],
        [null, 4, 7],
      ],
    },
  ],
  page: 'merging_layers/dot',
});

export const MERGING_LAYERS: readonly LayerSpec[] = [
  merge('Add', 'The sum of its inputs.'),
  merge('Subtract', 'The first input minus the second.', 2),
  merge('Multiply', 'The product of its inputs, element by element.'),
  merge('Average', 'The mean of its inputs, element by element.'),
  merge('Maximum', 'The larger value, element by element.'),
  merge('Minimum', 'The smaller value, element by element.'),
  concatenate,
  dot,
];

/** `keras.layers.add([a, b])`: the functions that make a merge layer and call it at once. */
export const MERGE_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['add', 'Add'],
  ['subtract', 'Subtract'],
  ['multiply', 'Multiply'],
  ['average', 'Average'],
  ['maximum', 'Maximum'],
  ['minimum', 'Minimum'],
  ['concatenate', 'Concatenate'],
  ['dot', 'Dot'],
]);

export const MERGE_INPUTS: ArgumentSpec = required('inputs', ANY);
