/** Ops that move, join, cut and repeat axes, and those that read a shape. */
import {
  add,
  type Dim,
  divideExactly,
  floorDivide,
  isExact,
  isKnown,
  known,
  modulo,
  multiply,
  OPEN,
  product,
  same,
  subtract,
  sum,
  unknownDim,
} from '../../ir/dim';
import { fail, type Failure, type Outcome } from '../../ir/fault';
import {
  axisIndex,
  broadcast,
  isBroadcastFailure,
  isRanked,
  type RankedShape,
  ranked,
  reshape,
  type Shape,
  unranked,
} from '../../ir/shape';
import { integer, list, sizeValue, type TensorValue, tuple, unknownValue, type Value } from '../../ir/value';
import { concatenateShapes } from '../layers/merging';
import { checkTarget } from '../layers/reshaping';
import type { OpSpec } from '../spec';
import {
  asDim,
  asNumber,
  asTensor,
  axesOf,
  axisOf,
  isFailed,
  itemsOf,
  op,
  type OpCall,
  shapeOfValue,
  sizesOf,
  tensors,
  variadic,
} from './define';

// --------------------------------------------------------------------------------------------------------- reshape

function reshapeTo(a: OpCall, target: readonly Dim[] | undefined): Outcome<Value> {
  if (!target) return a.unknown('the new shape is not known');
  const refused = checkTarget('newshape', target);
  if (refused) return refused;
  const shape = a.shape('x');
  if (!isRanked(shape)) {
    return a.reshaped(ranked(target.map(d => (isKnown(d) && d.value === -1 ? unknownDim(shape.why) : d))));
  }
  const result = reshape(shape.dims, target);
  if (result.kind === 'ok') return a.reshaped(ranked(result.dims));
  return fail({ kind: 'reshape-mismatch', from: shape, to: target, total: result.total, target: result.target });
}

/** `x.reshape(3, 4)` and `x.reshape((3, 4))`. */
function targetOf(a: OpCall, role: string): readonly Dim[] | undefined {
  const values = a.many(role);
  if (values.length !== 1) {
    return values.length === 0 ? undefined : values.map(v => (v.kind === 'none' ? OPEN : asDim(v)));
  }
  return sizesOf(values[0]!);
}

function flatten(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => a.reshaped(ranked([dims.some(d => d.kind === 'open') ? OPEN : product(dims)])));
}

function batchFlatten(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => a.reshaped(ranked([dims[0] ?? known(1), product(dims.slice(1))])));
}

// ------------------------------------------------------------------------------------------------ order and number

function transpose(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const given = a.many('axes');
    const none = given.length === 0 || given[0]!.kind === 'none';
    const values = given.length === 1 ? itemsOf(given[0]!) : given;
    const axes = none ? dims.map((_, i) => dims.length - 1 - i) : values?.map(asNumber);
    if (!axes || axes.some(x => x === undefined)) {
      return a.reshaped(ranked(dims.map(() => unknownDim('the order of the axes is not known'))));
    }
    const at = (axes as number[]).map(x => axisIndex(x, dims.length));
    if (at.length !== dims.length || at.includes(undefined) || new Set(at).size !== dims.length) {
      return fail({ kind: 'permutation-invalid', axes: axes as number[], rank: dims.length });
    }
    return a.reshaped(ranked(at.map(i => dims[i!]!)));
  });
}

function swapaxes(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [first, second] = [a.number('axis1'), a.number('axis2')];
    if (first === undefined || second === undefined) {
      return a.reshaped(ranked(dims.map(() => unknownDim('the axes are not known'))));
    }
    const at = axesOf([first, second], dims);
    if (isFailed(at)) return at;
    return a.reshaped(ranked(dims.map((d, i) => (i === at[0] ? dims[at[1]!]! : i === at[1] ? dims[at[0]!]! : d))));
  });
}

function moveaxis(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [source, destination] = [a.axes('source'), a.axes('destination')];
    if (!source || !destination) return a.reshaped(ranked(dims.map(() => unknownDim('the axes are not known'))));
    const [from, to] = [axesOf(source, dims), axesOf(destination, dims)];
    if (isFailed(from)) return from;
    if (isFailed(to)) return to;
    if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length) {
      return a.unknown('the axes do not fit');
    }
    const rest = dims.map((_, i) => i).filter(i => !from.includes(i));
    const order = dims.map((_, i) => (to.includes(i) ? from[to.indexOf(i)]! : rest.shift()!));
    return a.reshaped(ranked(order.map(i => dims[i]!)));
  });
}

function expandDims(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axes = a.axes();
    if (!axes) return a.unknown('the axis is not known');
    const rank = dims.length + axes.length;
    const at: number[] = [];
    for (const axis of axes) {
      const index = axisIndex(axis, rank);
      if (index === undefined) return fail({ kind: 'axis-out-of-range', axis, rank, input: ranked(dims) });
      at.push(index);
    }
    const rest = [...dims];
    return a.reshaped(
      ranked(Array.from({ length: rank }, (_, i) => (at.includes(i) ? known(1) : (rest.shift() ?? known(1))))),
    );
  });
}

/** Keras refuses an open axis, since None is not 1; arrays are never open. */
function squeeze(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axes = a.axes();
    if (axes === undefined) return a.unknown('the axis is not known');
    if (axes === null || axes.length === 0) {
      if (dims.some(d => d.kind === 'symbolic' || d.kind === 'unknown')) {
        return a.reshaped(unranked('which axes are 1 is not known'));
      }
      return a.reshaped(ranked(dims.filter(d => !(isKnown(d) && d.value === 1))));
    }
    const at = axesOf(axes, dims);
    if (isFailed(at)) return at;
    for (const i of at) {
      const got = dims[i]!;
      if ((isKnown(got) && got.value !== 1) || (got.kind === 'open' && a.isKeras)) {
        return fail({ kind: 'axis-mismatch', axis: i, wanted: known(1), got, input: ranked(dims) });
      }
    }
    return a.reshaped(ranked(dims.filter((_, i) => !at.includes(i))));
  });
}

// ----------------------------------------------------------------------------------------------------------- join

/** The tensors of a list argument; undefined where it is not known which. */
function listed(a: OpCall, role: string): readonly Value[] | undefined {
  const value = a.value(role);
  if (value.kind === 'tensor' && !value.elements) return undefined;
  return itemsOf(value);
}

/** Facts that all parts share: several shards of one data set. */
function sharedFacts(items: readonly Value[]): TensorValue['facts'] {
  const [first] = items.map(v => (v.kind === 'tensor' ? v.facts : undefined));
  return first && items.every(v => v.kind === 'tensor' && v.facts && JSON.stringify(v.facts) === JSON.stringify(first))
    ? first
    : undefined;
}

function concatenate(a: OpCall): Outcome<Value> {
  const items = listed(a, 'xs');
  if (!items) {
    const only = a.value('xs');
    return a.unknown(only.kind === 'unknown' ? only.why : 'which tensors are joined is not known');
  }
  // np.concatenate(…, axis=None) flattens first.
  if (a.isNone('axis')) return a.make(ranked([sum(items.map(v => product(dimsOf(shapeOfValue(v)))))]));
  const shape = concatenateShapes(items.map(shapeOfValue), a.number('axis'));
  if ('detail' in shape) return shape;
  return a.make(shape, { dtype: items[0] && asTensor(items[0])?.dtype, facts: sharedFacts(items) });
}

function dimsOf(shape: Shape): readonly Dim[] {
  return isRanked(shape) ? shape.dims : [unknownDim(shape.why)];
}

function stack(a: OpCall): Outcome<Value> {
  const items = listed(a, 'xs');
  const axis = a.number('axis');
  if (!items) {
    const whole = a.dims('xs');
    return whole && axis === 0 ? a.make(ranked(whole)) : a.unknown('which tensors are stacked is not known');
  }
  const shapes = items.map(shapeOfValue);
  if (!shapes.every(isRanked) || shapes.length === 0) return a.unknown('a stacked tensor has an unknown rank');
  const rank = shapes[0]!.dims.length;
  if (
    shapes.some(s => s.dims.length !== rank) ||
    shapes[0]!.dims.some((_, i) => shapes.some(s => shapes.some(t => same(s.dims[i]!, t.dims[i]!) === 'no')))
  ) {
    return fail({ kind: 'stack-mismatch', shapes });
  }
  if (axis === undefined) return a.make(ranked(new Array<Dim>(rank + 1).fill(unknownDim('the axis is not known'))));
  const at = axisOf(axis, shapes[0]!.dims, 1);
  if (isFailed(at)) return at;
  const dims = [...shapes[0]!.dims];
  dims.splice(at, 0, known(items.length));
  return a.make(ranked(dims), { dtype: items[0] && asTensor(items[0])?.dtype, facts: sharedFacts(items) });
}

/**
 * `vstack`, `hstack`, `dstack`, `column_stack`: NumPy first makes every input at least two- or three-dimensional;
 * Keras's symbolic ones do not.
 */
const joined =
  (along: (rank: number) => number, prepare: (dims: readonly Dim[]) => readonly Dim[], always = false) =>
  (a: OpCall): Outcome<Value> => {
    const items = listed(a, 'xs');
    if (!items) return a.unknown('which tensors are joined is not known');
    const symbolic = a.isKeras && items.some(i => i.kind === 'tensor' && i.flavour === 'symbolic');
    const shapes = items
      .map(shapeOfValue)
      .map(s => (isRanked(s) && (always || !symbolic) ? ranked(prepare(s.dims)) : s));
    const first = shapes[0];
    const shape = concatenateShapes(shapes, along(first && isRanked(first) && !symbolic ? first.dims.length : 2));
    return 'detail' in shape ? shape : a.make(shape, { dtype: items[0] && asTensor(items[0])?.dtype });
  };

function append(a: OpCall): Outcome<Value> {
  const [x, y] = [a.shape('x'), a.shape('x2')];
  if (!a.isNone('axis')) {
    const axis = a.number('axis');
    const shape = concatenateShapes([x, y], axis);
    const open = axis !== undefined && isRanked(x) && x.dims.at(axis)?.kind === 'open';
    // None + None is a TypeError in Keras's own arithmetic.
    if (open && a.isKeras && !('detail' in shape)) return fail({ kind: 'undefined-size', axis, input: x });
    return 'detail' in shape ? shape : a.make(shape, { dtype: a.dtypeOf() });
  }
  if (!isRanked(x) || !isRanked(y)) return a.make(ranked([unknownDim('an input is not known')]));
  return a.make(ranked([add(product(x.dims), product(y.dims))]), { dtype: a.dtypeOf() });
}

// ------------------------------------------------------------------------------------------------------------ cut

/** The lengths of the parts: `n` equal ones, or cut at indices (NumPy, Keras) or into sizes (TensorFlow). */
function parts(
  a: OpCall,
  length: Dim,
  uneven: boolean,
  input: Shape,
  axis: number,
): readonly Dim[] | Failure | undefined {
  const count = a.number('sections');
  if (count !== undefined && !itemsOf(a.value('sections'))) {
    // More parts than anyone writes are not followed.
    if (!Number.isInteger(count) || count < 1 || count > 256) return undefined;
    if (length.kind === 'open') return new Array<Dim>(count).fill(OPEN);
    if (uneven) {
      return Array.from({ length: count }, (_, i) =>
        isKnown(length)
          ? known(Math.floor(length.value / count) + (i < length.value % count ? 1 : 0))
          : unknownDim('how long each part is'),
      );
    }
    const rest = modulo(length, known(count));
    if (isKnown(rest) && rest.value !== 0) {
      return fail({ kind: 'not-divisible', what: `axis ${axis}`, value: length, by: known(count), byWhat: 'parts' });
    }
    return new Array<Dim>(count).fill(
      divideExactly(length, known(count)) ?? (isExact(length) ? floorDivide(length, known(count)) : length),
    );
  }
  const items = a.items('sections');
  if (!items) return undefined;
  if (a.context.path.startsWith('tensorflow')) {
    const sizes = items.map(asDim);
    const hole = sizes.findIndex(d => isKnown(d) && d.value === -1);
    const total = sum(sizes.filter((_, i) => i !== hole));
    if (hole >= 0) return sizes.map((d, i) => (i === hole ? (isExact(length) ? subtract(length, total) : length) : d));
    return same(total, length) === 'no'
      ? fail({ kind: 'reshape-mismatch', from: input, to: sizes, total: length, target: total })
      : sizes;
  }
  const cuts = items.map(asNumber);
  if (!isKnown(length)) {
    if (length.kind !== 'open' || cuts.some(c => c === undefined || c < 0)) {
      return new Array<Dim>(items.length + 1).fill(unknownDim('how long each part is'));
    }
    return [...(cuts as number[]).map((c, i) => known(c - (i === 0 ? 0 : cuts[i - 1]!))), OPEN];
  }
  if (cuts.some(c => c === undefined)) {
    return new Array<Dim>(items.length + 1).fill(unknownDim('where it is cut is not known'));
  }
  const ends = [
    0,
    ...(cuts as number[]).map(c => Math.min(length.value, c < 0 ? Math.max(0, c + length.value) : c)),
    length.value,
  ];
  return ends.slice(1).map((end, i) => known(Math.max(0, end - ends[i]!)));
}

const split =
  (uneven: boolean, fixedAxis?: number) =>
  (a: OpCall): Outcome<Value> => {
    const shape = a.shape('x');
    const axis = fixedAxis ?? a.number('axis');
    if (!isRanked(shape) || axis === undefined) return unknownValue('the parts are not known');
    const at = axisOf(axis, shape.dims);
    if (isFailed(at)) return at;
    const lengths = parts(a, shape.dims[at]!, uneven, shape, at);
    if (isFailed(lengths)) return lengths;
    if (!lengths) return unknownValue('how many parts there are is not known');
    return tensors(lengths.map(d => a.reshaped(ranked(shape.dims.map((x, i) => (i === at ? d : x))))));
  };

function unstack(a: OpCall): Outcome<Value> {
  const shape = a.shape('x');
  const axis = a.number('axis');
  if (!isRanked(shape) || axis === undefined) return unknownValue('the parts are not known');
  const at = axisOf(axis, shape.dims);
  if (isFailed(at)) return at;
  const length = shape.dims[at]!;
  const count = isKnown(length) ? length.value : a.number('num');
  if (count === undefined || count > 64) return unknownValue('how many parts there are is not known');
  return tensors(Array.from({ length: count }, () => a.reshaped(ranked(shape.dims.filter((_, i) => i !== at)))));
}

/** `tf.slice(x, begin, size)`, `ops.slice(x, start_indices, shape)`: a size of −1 takes the rest. */
function slice(a: OpCall): Outcome<Value> {
  const [begin, sizes] = [a.sizes('begin'), a.sizes('size')];
  return a.onDims('x', dims => {
    if (!sizes) return a.reshaped(ranked(dims.map(() => unknownDim('how much is taken is not known'))));
    return a.reshaped(
      ranked(
        sizes.map((s, i) =>
          isKnown(s) && s.value === -1
            ? begin?.[i]
              ? subtract(dims[i] ?? known(0), begin[i])
              : unknownDim('where it begins is not known')
            : s,
        ),
      ),
    );
  });
}

// --------------------------------------------------------------------------------------------------- repeat and pad

function tile(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const repeats = a.sizes('repeats');
    if (!repeats) return a.unknown('the repeats are not known');
    const rank = Math.max(dims.length, repeats.length);
    const pad = (all: readonly Dim[]): readonly Dim[] => [...new Array<Dim>(rank - all.length).fill(known(1)), ...all];
    const [d, r] = [pad(dims), pad(repeats)];
    return a.reshaped(ranked(d.map((x, i) => (x.kind === 'open' ? OPEN : multiply(x, r[i]!)))));
  });
}

function repeat(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const repeats = a.sizes('repeats');
    const once = repeats?.length === 1 ? repeats[0]! : undefined;
    const times = (d: Dim): Dim =>
      d.kind === 'open'
        ? OPEN
        : once
          ? multiply(d, once)
          : repeats
            ? sum(repeats)
            : unknownDim('the repeats are not known');
    if (a.isNone('axis')) return a.reshaped(ranked([times(dims.some(d => d.kind === 'open') ? OPEN : product(dims))]));
    const axis = a.number('axis');
    if (axis === undefined) return a.reshaped(ranked(dims.map(() => unknownDim('the axis is not known'))));
    const at = axisOf(axis, dims);
    return isFailed(at) ? at : a.reshaped(ranked(dims.map((d, i) => (i === at ? times(d) : d))));
  });
}

function pad(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const one = a.number('width');
    const pairs = one !== undefined ? [[known(one), known(one)]] : a.items('width')?.map(v => sizesOf(v) ?? []);
    if (!pairs) return a.reshaped(ranked(dims.map(() => unknownDim('the padding is not known'))));
    // One pair, or one flat pair of numbers, is for every axis.
    const flat = pairs.length === 2 && pairs.every(p => p.length === 1) ? [[pairs[0]![0]!, pairs[1]![0]!]] : pairs;
    const all = flat.length === 1 ? dims.map(() => flat[0]!) : flat;
    if (all.length !== dims.length) {
      return fail({
        kind: 'argument-invalid',
        name: 'pad_width',
        got: `${all.length} pairs`,
        wanted: `one pair for each of ${dims.length} axes`,
      });
    }
    return a.reshaped(
      ranked(
        dims.map((d, i) => {
          const [before, after] = all[i]!;
          return d.kind === 'open'
            ? OPEN
            : !before
              ? unknownDim('the padding is not known')
              : add(add(d, before), after ?? before);
        }),
      ),
    );
  });
}

function broadcastTo(a: OpCall): Outcome<Value> {
  const target = a.sizes('shape');
  if (!target) return a.unknown('the shape is not known');
  const from = a.shape('x');
  const filled = target.map((d, i) =>
    isKnown(d) && d.value === -1 && isRanked(from) ? (from.dims.at(i - target.length) ?? d) : d,
  );
  const both = broadcast(from, ranked(filled));
  // The target must hold the input: neither more axes nor a longer one than it says.
  const tooLarge =
    !a.isKeras &&
    isRanked(from) &&
    (from.dims.length > filled.length ||
      from.dims.some(
        (d, i) => isKnown(d) && d.value > 1 && same(filled.at(i - from.dims.length) ?? known(1), known(1)) === 'yes',
      ));
  if (isBroadcastFailure(both) || tooLarge) {
    return fail({
      kind: 'broadcast-mismatch',
      left: from,
      right: ranked(filled),
      axis: isBroadcastFailure(both) ? both.axis : 0,
    });
  }
  return a.reshaped(ranked(filled));
}

/** The same shape, after the axis was looked at. */
function checkedAxis(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axes = a.axes();
    const at = axes && axesOf(axes, dims);
    return isFailed(at) ? at : a.reshaped(ranked(dims));
  });
}

const keepsShape = (a: OpCall): Outcome<Value> => a.reshaped(a.shape('x'));

// ----------------------------------------------------------------------------------------------------------- pick

function take(a: OpCall): Outcome<Value> {
  const [x, indices] = [a.shape('x'), a.shape('indices')];
  const batchDims = a.given('batch_dims') ? a.number('batch_dims') : 0;
  if (!isRanked(x) || !isRanked(indices) || batchDims === undefined) return a.unknown('the indices are not known');
  if (a.isNone('axis')) {
    return a.context.path.startsWith('tensorflow')
      ? gathered(a, x, indices, batchDims, batchDims)
      : a.make(indices, { dtype: a.dtypeOf() });
  }
  const axis = a.number('axis');
  if (axis === undefined) return a.unknown('the axis is not known');
  const at = axisOf(axis, x.dims);
  return isFailed(at) ? at : gathered(a, x, indices, at, batchDims);
}

function gathered(a: OpCall, x: RankedShape, indices: RankedShape, axis: number, batchDims: number): TensorValue {
  return a.reshaped(ranked([...x.dims.slice(0, axis), ...indices.dims.slice(batchDims), ...x.dims.slice(axis + 1)]));
}

function takeAlongAxis(a: OpCall): Outcome<Value> {
  const [x, indices] = [a.dims('x'), a.dims('indices')];
  if (!x || !indices) return a.unknown('an input is not known');
  if (a.isNone('axis')) return a.make(ranked(indices), { dtype: a.dtypeOf() });
  const axis = a.number('axis');
  if (axis === undefined || x.length !== indices.length) return a.unknown('the axis is not known');
  const at = axisOf(axis, x);
  if (isFailed(at)) return at;
  const both = broadcast(ranked(x.map((d, i) => (i === at ? indices[i]! : d))), ranked(indices));
  if (isBroadcastFailure(both)) {
    return fail({ kind: 'broadcast-mismatch', left: ranked(x), right: ranked(indices), axis: both.axis });
  }
  return a.make(both, { dtype: a.dtypeOf() });
}

function gatherNd(a: OpCall): Outcome<Value> {
  const [x, indices] = [a.dims('x'), a.dims('indices')];
  const depth = indices?.at(-1);
  if (!x || !indices || !depth || !isKnown(depth)) return a.unknown('the indices are not known');
  return a.reshaped(ranked([...indices.slice(0, -1), ...x.slice(depth.value)]));
}

/** `np.delete`, `np.unique`, boolean masks: how much is left depends on the data. */
function someOf(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims =>
    a.reshaped(
      ranked([
        unknownDim('how much is left depends on the data'),
        ...(a.context.path.endsWith('boolean_mask') ? dims.slice(1) : []),
      ]),
    ),
  );
}

function oneHot(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = a.number('axis') ?? -1;
    const at = axisOf(axis, dims, 1);
    if (isFailed(at)) return at;
    const out = [...dims];
    out.splice(at, 0, a.size('depth'));
    return a.make(ranked(out), {
      dtype: a.dtype() ?? 'float32',
      facts: { ...a.facts(), labels: false, oneHot: true, classes: a.size('depth') },
    });
  });
}

/** `multi_hot`: one vector over the classes in the place of the last axis. */
function multiHot(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims =>
    a.make(ranked([...(dims.length > 1 ? dims.slice(0, -1) : []), a.size('depth')]), { dtype: 'float32' }),
  );
}

// ----------------------------------------------------------------------------------------------------------- shape

/** `tf.shape(x)`, `ops.shape(x)`, `np.shape(x)`: a tuple of sizes; an open axis is a size that is not known. */
function shapeOf(a: OpCall): Outcome<Value> {
  const shape = a.shape('x');
  if (!isRanked(shape)) return unknownValue(shape.why);
  const axes = shape.dims.map((d): Value =>
    d.kind === 'open' && a.context.path !== 'keras.backend.int_shape' ? { kind: 'size', dim: OPEN } : sizeValue(d),
  );
  return tuple(axes);
}

function rankOf(a: OpCall): Outcome<Value> {
  const dims = a.dims('x');
  return dims ? integer(dims.length) : unknownValue('the rank is not known');
}

function sizeOf(a: OpCall): Outcome<Value> {
  const dims = a.dims('x');
  if (!dims) return unknownValue('the size is not known');
  const axis = a.isNone('axis') === false ? a.number('axis') : undefined;
  return sizeValue(axis === undefined ? product(dims) : (dims.at(axis) ?? unknownDim('there is no such axis')));
}

// ------------------------------------------------------------------------------------------- diagonals and corners

/** How long the `k`-th diagonal of `rows × columns` is. */
function diagonalLength(rows: Dim, columns: Dim, k: number | undefined): Dim {
  if (rows.kind === 'open' || columns.kind === 'open') return OPEN;
  if (!isKnown(rows) || !isKnown(columns) || k === undefined) {
    return k === 0 && same(rows, columns) === 'yes' ? rows : unknownDim('the length of the diagonal');
  }
  return known(Math.max(0, k > 0 ? Math.min(rows.value, columns.value - k) : Math.min(rows.value + k, columns.value)));
}

function diag(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const k = a.number('k');
    if (dims.length === 1) {
      const side = dims[0]!.kind === 'open' || k === undefined ? OPEN : add(dims[0]!, known(Math.abs(k)));
      return a.make(ranked([side, side]), { dtype: a.dtypeOf() });
    }
    if (dims.length === 2) return a.make(ranked([diagonalLength(dims[0]!, dims[1]!, k)]), { dtype: a.dtypeOf() });
    return fail({ kind: 'rank-mismatch', wanted: { atLeast: 1, atMost: 2 }, got: ranked(dims) });
  });
}

function diagonal(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [first, second] = [a.number('axis1'), a.number('axis2')];
    if (dims.length < 2) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 2 }, got: ranked(dims) });
    if (first === undefined || second === undefined) return a.unknown('the axes are not known');
    const at = axesOf([first, second], dims);
    if (isFailed(at)) return at;
    const rest = dims.filter((_, i) => !at.includes(i));
    return a.make(
      ranked(
        a.context.path.endsWith('trace')
          ? rest
          : [...rest, diagonalLength(dims[at[0]!]!, dims[at[1]!]!, a.number('offset'))],
      ),
      { dtype: a.dtypeOf() },
    );
  });
}

/** `space_to_depth` and back: blocks of `size × size` pixels against channels. */
const blocks =
  (toDepth: boolean) =>
  (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => {
      const size = a.size('block_size');
      const first =
        (a.text('data_format') ?? 'channels_last').toLowerCase().replace('nchw', 'channels_first') === 'channels_first';
      if (dims.length !== 4) return fail({ kind: 'rank-mismatch', wanted: { exact: 4 }, got: ranked(dims) });
      const [channel, height, width] = first ? [1, 2, 3] : [3, 1, 2];
      const area = multiply(size, size);
      const spatial = (d: Dim): Dim => (d.kind === 'open' ? OPEN : toDepth ? floorDivide(d, size) : multiply(d, size));
      const channels = dims[channel]!;
      const out = toDepth ? multiply(channels, area) : floorDivide(channels, area);
      return a.reshaped(
        ranked(dims.map((d, i) => (i === channel ? out : i === height || i === width ? spatial(d) : d))),
      );
    });

/** NumPy's and Keras's grids: two inputs of lengths n and m give arrays of (m, n), or (n, m) with 'ij'. */
function meshgrid(a: OpCall): Outcome<Value> {
  const inputs = a.many('x');
  const lengths = inputs.map(v => {
    const shape = shapeOfValue(v);
    return isRanked(shape)
      ? shape.dims.some(d => d.kind === 'open')
        ? OPEN
        : product(shape.dims)
      : unknownDim(shape.why);
  });
  if (a.text('indexing') !== 'ij' && lengths.length > 1) [lengths[0], lengths[1]] = [lengths[1]!, lengths[0]!];
  return list(inputs.map(() => a.make(ranked(lengths))));
}

function atLeast(rank: number): (a: OpCall) => Outcome<Value> {
  return a =>
    a.onDims('x', dims => {
      if (dims.length >= rank) return a.reshaped(ranked(dims));
      if (rank === 2) return a.reshaped(ranked([...new Array<Dim>(2 - dims.length).fill(known(1)), ...dims]));
      return rank === 1 ? a.reshaped(ranked([known(1)])) : a.unknown('its rank is below three');
    });
}

/** Frames of `length` every `stride` steps along the last axis: `extract_sequences`, `tf.signal.frame`. */
function frames(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const [last, length, stride] = [dims.at(-1)!, a.size('length'), a.size('stride')];
      const count = last.kind === 'open' ? OPEN : add(floorDivide(subtract(last, length), stride), known(1));
      return a.make(ranked([...dims.slice(0, -1), count, length]), { dtype: a.dtypeOf() });
    },
    1,
  );
}

const X = 'x|a|tensor|input|inputs|value|arr|array|input_tensor|params|values|m|images';
const XS = 'xs|values|arrays|tensors|tup|x|inputs|seq';
const two = (dims: readonly Dim[]): readonly Dim[] =>
  dims.length === 0 ? [known(1), known(1)] : dims.length === 1 ? [known(1), dims[0]!] : dims;
const three = (dims: readonly Dim[]): readonly Dim[] =>
  dims.length === 1 ? [known(1), dims[0]!, known(1)] : dims.length === 2 ? [...dims, known(1)] : dims;
const columns = (dims: readonly Dim[]): readonly Dim[] => (dims.length === 1 ? [dims[0]!, known(1)] : dims);

export const RESHAPING_OPS: readonly OpSpec[] = [
  op('k,n,t,kb:reshape', `${X} newshape|shape`, a => reshapeTo(a, a.sizes('newshape'))),
  op('m:reshape,view', `${X} ${variadic('newshape|shape')} order=null`, a => reshapeTo(a, targetOf(a, 'newshape'))),
  op('k,n,m:ravel,flatten', X, flatten),
  op('kb:flatten', X, flatten),
  op('kb:batch_flatten', X, batchFlatten),
  op('k,n,t,tl:transpose kb:permute_dimensions,transpose k,t:permute', `${X} axes|perm|pattern`, transpose),
  op('m:transpose,permute', `${X} ${variadic('axes|perm')}`, transpose),
  op('tl:matrix_transpose', X, a =>
    a.onDims('x', d => a.reshaped(ranked([...d.slice(0, -2), ...d.slice(-2).reverse()]))),
  ),
  op('k,n,m:swapaxes', `${X} axis1 axis2`, swapaxes),
  op('k,n:moveaxis', `${X} source destination`, moveaxis),
  op('k,n,t,kb:expand_dims', `${X} axis|dim`, expandDims),
  op('m:unsqueeze', `${X} axis|dim`, expandDims),
  op('k,n,t,m,kb:squeeze', `${X} axis|dim=null`, squeeze),
  op('k,n,kb:concatenate', `${XS} axis=0`, concatenate),
  op('t:concat', `${XS} axis`, concatenate),
  op('k,n,t,kb:stack', `${XS} axis=0`, stack),
  op(
    'k,n:vstack,row_stack',
    XS,
    joined(() => 0, two),
  ),
  op(
    'k,n:hstack',
    XS,
    joined(
      rank => (rank === 1 ? 0 : 1),
      dims => (dims.length === 0 ? [known(1)] : dims),
    ),
  ),
  op(
    'k,n:dstack',
    XS,
    joined(() => 2, three, true),
  ),
  op(
    'n:column_stack',
    XS,
    joined(() => 1, columns, true),
  ),
  op('k,n:append', `${X} x2|values axis=null`, append),
  op('k,n,m:split', `${X}|ary sections|indices_or_sections axis=0`, split(false)),
  op('k,n:array_split', `${X}|ary sections|indices_or_sections axis=0`, split(true)),
  op('t:split', `${X} sections|num_or_size_splits axis=0`, split(false)),
  op('k,n:vsplit', `${X} sections|indices_or_sections`, split(false, 0)),
  op('k,n:hsplit', `${X} sections|indices_or_sections`, split(false, 1)),
  op('k,t:unstack', `${X} num=null axis=0`, unstack),
  op('k,t:slice', `${X}|input_ begin|start_indices size|shape`, slice),
  op('k,n,t,kb:tile', `${X} repeats|reps|multiples|n`, tile),
  op('k,n,t,m:repeat', `${X} repeats axis=null`, repeat),
  op('kb:repeat', `${X} n`, a => a.onDims('x', d => a.reshaped(ranked([d[0]!, a.size('n'), ...d.slice(1)])), 1)),
  op('kb:repeat_elements', `${X} repeats|rep axis`, repeat),
  op('k,n,t:pad', `${X} width|pad_width|paddings mode="constant"`, pad),
  op('k,n,t:broadcast_to', `${X} shape`, broadcastTo),
  op('k,n,t:flip,fliplr,flipud,reverse', `${X} axis=null`, checkedAxis),
  op('k,n,t,m:roll', `${X} shift axis=null`, checkedAxis),
  op('k,n,tl:tril,triu,band_part', `${X} k=0`, keepsShape),
  op('k,n:take', `${X} indices axis=null mode=null`, take),
  op('m:take', `${X} indices axis=null`, take),
  op('t,kb:gather', `${X}|reference indices validate_indices=null axis=null batch_dims=0`, take),
  op('tn:embedding_lookup', `${X} indices|ids axis=0`, take),
  op('k,n:take_along_axis', `${X} indices axis=null`, takeAlongAxis),
  op('t:gather_nd', `${X} indices`, gatherNd),
  op('t:boolean_mask n:unique,delete,flatnonzero,argwhere,nonzero', X, someOf),
  op('k,kn,t,kb:one_hot', 'x|indices depth|num_classes axis=-1 dtype=null', oneHot),
  op('k,kn:multi_hot', 'x|inputs depth|num_classes axis=-1', multiHot),
  op('k,t,n,kb:shape', X, shapeOf),
  op('kb:int_shape', X, shapeOf),
  op('k,n:ndim t:rank kb:ndim', X, rankOf),
  op('n,t,k:size', `${X} axis=null`, sizeOf),
  op('k,n:diag', `${X}|v k=0`, diag),
  op('k,n:diagonal,trace', `${X} offset=0 axis1=0 axis2=1`, diagonal),
  op('k,tn,t:space_to_depth', `${X} block_size data_format="channels_last"`, blocks(true)),
  op('k,tn,t:depth_to_space', `${X} block_size data_format="channels_last"`, blocks(false)),
  op('k,n,t:meshgrid', `${variadic('x', 4)} indexing="xy"`, meshgrid),
  op('n:atleast_1d', X, atLeast(1)),
  op('n:atleast_2d', X, atLeast(2)),
  op('n:atleast_3d', X, atLeast(3)),
  op(
    'k:extract_sequences tensorflow.signal:frame',
    `${X} length|sequence_length|frame_length stride|sequence_stride|frame_step`,
    frames,
  ),
];
