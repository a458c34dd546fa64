/**
 * The ops of TensorFlow.js that make, join, cut, reduce and combine tensors, as functions of `tf` and as methods of a
 * tensor (`j` and `jt` in the paths). Arguments go by position, in TensorFlow.js's order and under its names.
 *
 * Source: @tensorflow/tfjs-core 4.22, src/ops and src/util_base.ts; kernels in tfjs-backend-cpu.
 */
import {
  add,
  type Dim,
  floorDivide,
  isKnown,
  known,
  less,
  multiply,
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
  ranked,
  type RankedShape,
  type Shape,
  shape,
  unranked,
} from '../../ir/shape';
import { list, type TensorValue, text, unknownValue, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { asDim, asNumber, isFailed, itemsOf, op, type OpCall, shapeOfValue } from './define';

type Dims = readonly Dim[];

// ------------------------------------------------------------------------------------------------- reading arguments

/** Absent, as JavaScript sees it. */
const isLeftOut = (value: Value): boolean => value.kind === 'none';

function numberOr(a: OpCall, role: string, fallback: number): number | undefined {
  const value = a.value(role);
  return isLeftOut(value) ? fallback : asNumber(value);
}

/** One number or several; undefined where not known; null where left out. */
function numbers(value: Value): readonly number[] | null | undefined {
  if (isLeftOut(value)) return null;
  const items = itemsOf(value);
  if (!items) {
    const one = asNumber(value);
    return one === undefined ? undefined : [one];
  }
  const all = items.map(asNumber);
  return all.every(n => n !== undefined) ? all : undefined;
}

/** A list of lengths; undefined where it is not known how many. */
function lengths(value: Value): Dims | undefined {
  if (value.kind === 'number') return [known(value.value)];
  return itemsOf(value)?.map(asDim);
}

const lost = (a: OpCall, why: string): TensorValue => a.make(unranked(why));
const of = (a: OpCall, dims: Dims, dtype?: string): TensorValue =>
  a.make(ranked(dims), { dtype: dtype ?? a.dtypeOf() });

function invalid(name: string, got: string, wanted: string): Failure {
  return fail({ kind: 'argument-invalid', name, got, wanted });
}

function outOfRange(axis: number, dims: Dims, extra = 0): Failure {
  return fail({ kind: 'axis-out-of-range', axis, rank: dims.length + extra, input: ranked(dims) });
}

const wrongRank = (got: Shape, exact: number): Failure => fail({ kind: 'rank-mismatch', wanted: { exact }, got });

/** `parseAxisParam`: all axes where none is given. */
function axes(value: Value, dims: Dims): readonly number[] | Failure | undefined {
  const given = numbers(value);
  if (given === undefined) return undefined;
  if (given === null) return dims.map((_, i) => i);
  const found: number[] = [];
  for (const axis of given) {
    const at = axisIndex(axis, dims.length);
    if (at === undefined) return outOfRange(axis, dims);
    found.push(at);
  }
  return found;
}

// ---------------------------------------------------------------------------------------------------------- creation

function created(dtype?: string) {
  return (a: OpCall): Outcome<Value> => {
    const dims = lengths(a.value('shape'));
    if (!dims) return lost(a, 'the shape is not known');
    const wrong = dims.find(d => isKnown(d) && (d.value < 0 || !Number.isInteger(d.value)));
    if (wrong)
      return invalid('shape', `[${dims.map(d => (isKnown(d) ? d.value : '?')).join(', ')}]`, 'lengths of at least 0');
    return a.make(ranked(dims), { dtype: a.text('dtype') ?? dtype });
  };
}

/** `inferShape` and `assertShapesMatch` of a literal with the shape beside it. */
function tensorOf(rank: number | undefined) {
  return (a: OpCall): Outcome<Value> => {
    const values = a.value('values');
    const inferred = shapeOfValue(values);
    const dtype = a.text('dtype');
    const given = isLeftOut(a.value('shape')) ? null : lengths(a.value('shape'));
    if (given === undefined)
      return a.make(rank === undefined ? unranked('the shape is not known') : obscure(rank), { dtype });
    if (given && rank !== undefined && given.length !== rank) return wrongRank(ranked(given), rank);
    if (!isRanked(inferred))
      return a.make(given ? ranked(given) : rank === undefined ? inferred : obscure(rank), { dtype });
    const own = inferred.dims;
    if (rank !== undefined && rank > 0) {
      const flat = own.length === 1;
      if (own.length !== rank && !(flat && rank > 1)) return wrongRank(inferred, rank);
      if (flat && rank > 1 && !given) return fail({ kind: 'argument-missing', name: 'shape' });
    }
    if (!given) return a.make(inferred, { dtype, elements: own.length === 1 ? smallItems(values) : undefined });
    if (own.length === 0 && rank === undefined && given.length > 0 && same(product(given), known(1)) === 'no')
      return mismatch(inferred, given);
    if (same(product(own), product(given)) === 'no') return mismatch(inferred, given);
    for (const [i, d] of own.entries()) {
      const free = i === own.length - 1 && same(d, product(given.slice(i))) !== 'no';
      const there = given[i];
      if ((!there || same(d, there) === 'no') && !free) return mismatch(inferred, given);
    }
    return a.make(ranked(given), { dtype });
  };
}

const obscure = (rank: number): RankedShape =>
  ranked(Array.from({ length: rank }, () => unknownDim('the values are not known')));

function mismatch(from: Shape, to: Dims): Failure {
  const total = isRanked(from) ? product(from.dims) : unknownDim(from.why);
  return fail({ kind: 'reshape-mismatch', from, to, total, target: product(to) });
}

function smallItems(value: Value): readonly Value[] | undefined {
  const items = itemsOf(value);
  return items && items.length <= 32 && items.every(i => i.kind === 'number') ? items : undefined;
}

function range(a: OpCall): Outcome<Value> {
  const [start, stop, step] = [a.number('start'), a.number('stop'), numberOr(a, 'step', 1)];
  if (start === undefined || stop === undefined || step === undefined)
    return of(a, [unknownDim('the bounds are not known')]);
  if (step === 0) return invalid('step', '0', 'a number other than 0');
  const none = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  // `tf.range(5, 0)` counts down by 1 when no other step is given (tfjs-core/src/ops/range.ts).
  return of(a, [known(none ? 0 : Math.ceil(Math.abs((stop - start) / step)))]);
}

function linspace(a: OpCall): Outcome<Value> {
  const count = a.number('num');
  if (count !== undefined && count <= 0) return invalid('num', String(count), 'at least 1');
  return of(a, [a.size('num')], 'float32');
}

function eye(a: OpCall): Outcome<Value> {
  const rows = a.size('numRows');
  const columns = isLeftOut(a.value('numColumns')) ? rows : a.size('numColumns');
  const batch = isLeftOut(a.value('batchShape')) ? [] : lengths(a.value('batchShape'));
  return batch ? of(a, [...batch, rows, columns]) : lost(a, 'the batch shape is not known');
}

function oneHot(a: OpCall): Outcome<Value> {
  const depth = a.number('depth');
  if (depth !== undefined && depth < 2) return invalid('depth', String(depth), 'at least 2');
  return a.onDims('x', dims =>
    a.make(ranked([...dims, a.size('depth')]), { dtype: 'float32', facts: { oneHot: true } }),
  );
}

// ----------------------------------------------------------------------------------------------------------- reshape

function reshapeTo(a: OpCall, target: Dims | undefined): Outcome<Value> {
  if (!target) return lost(a, 'the new shape is not known');
  const holes = target.filter(d => isKnown(d) && d.value === -1).length;
  const from = a.shape('x');
  if (holes > 1 || target.some(d => isKnown(d) && d.value < -1))
    return invalid(
      'shape',
      `[${target.map(d => (isKnown(d) ? d.value : '?')).join(', ')}]`,
      'lengths, of which one may be −1',
    );
  if (!isRanked(from))
    return of(
      a,
      target.map(d => (isKnown(d) && d.value === -1 ? unknownDim(from.why) : d)),
    );
  const total = product(from.dims);
  const hole = target.findIndex(d => isKnown(d) && d.value === -1);
  const fixed = product(target.filter((_, i) => i !== hole));
  if (hole < 0) return same(total, fixed) === 'no' ? mismatch(from, target) : of(a, target);
  if (isKnown(total) && isKnown(fixed) && (fixed.value === 0 || total.value % fixed.value !== 0))
    return fail({ kind: 'reshape-mismatch', from, to: target, total, target: fixed });
  const filled =
    isKnown(fixed) && fixed.value === 0 ? unknownDim('nothing can be shared out') : floorDivide(total, fixed);
  return of(
    a,
    target.map((d, i) => (i === hole ? filled : d)),
  );
}

function expandDims(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = numberOr(a, 'axis', 0);
    if (axis === undefined) return lost(a, 'the axis is not known');
    const at = axisIndex(axis, dims.length + 1);
    return at === undefined ? outOfRange(axis, dims, 1) : of(a, [...dims.slice(0, at), known(1), ...dims.slice(at)]);
  });
}

function squeeze(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const given = numbers(a.value('axis'));
    if (given === undefined) return lost(a, 'the axis is not known');
    if (given === null || given.length === 0)
      return dims.every(isKnown)
        ? of(
            a,
            dims.filter(d => d.value !== 1),
          )
        : lost(a, 'which axes are 1 is not known');
    const at = axes(a.value('axis'), dims);
    if (!at || isFailed(at)) return at ?? lost(a, 'the axis is not known');
    const wrong = at.find(i => same(dims[i]!, known(1)) === 'no');
    if (wrong !== undefined)
      return fail({ kind: 'axis-mismatch', axis: wrong, wanted: known(1), got: dims[wrong]!, input: ranked(dims) });
    return of(
      a,
      dims.filter((_, i) => !at.includes(i)),
    );
  });
}

function transpose(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const perm = numbers(a.value('perm'));
    if (perm === undefined)
      return of(
        a,
        dims.map(() => unknownDim('the order of the axes is not known')),
      );
    if (perm === null) return of(a, [...dims].reverse());
    const bad = perm.length !== dims.length || perm.some(p => !Number.isInteger(p) || p < 0 || p >= dims.length);
    return bad
      ? fail({ kind: 'permutation-invalid', axes: perm, rank: dims.length })
      : of(
          a,
          perm.map(p => dims[p]!),
        );
  });
}

// ------------------------------------------------------------------------------------------------------ join and cut

function listed(a: OpCall, role: string): readonly Shape[] | undefined {
  const value = a.value(role);
  return value.kind === 'list' || value.kind === 'tuple'
    ? value.rest
      ? undefined
      : value.items.map(shapeOfValue)
    : undefined;
}

function concat(a: OpCall): Outcome<Value> {
  const all = listed(a, 'tensors');
  if (!all || all.length === 0 || !all.every(isRanked)) return lost(a, 'which tensors are joined is not known');
  const [first] = all;
  const dtype = firstDtype(a.value('tensors'));
  if (all.length === 1) return of(a, first!.dims, dtype);
  const axis = numberOr(a, 'axis', 0);
  if (axis === undefined) return lost(a, 'the axis is not known');
  const at = axisIndex(axis, first!.dims.length);
  if (at === undefined) return outOfRange(axis, first!.dims);
  const clash = all.some(
    s => s.dims.length !== first!.dims.length || s.dims.some((d, i) => i !== at && same(d, first!.dims[i]!) === 'no'),
  );
  if (clash) return fail({ kind: 'concatenate-mismatch', shapes: all, axis });
  return of(
    a,
    first!.dims.map((d, i) => (i === at ? sum(all.map(s => s.dims[i]!)) : d)),
    dtype,
  );
}

function firstDtype(value: Value): string | undefined {
  const first = itemsOf(value)?.[0];
  return first?.kind === 'tensor' ? first.dtype : undefined;
}

function stack(a: OpCall): Outcome<Value> {
  const all = listed(a, 'tensors');
  if (!all || all.length === 0 || !all.every(isRanked)) return lost(a, 'which tensors are stacked is not known');
  const dims = all[0]!.dims;
  if (all.some(s => s.dims.length !== dims.length || s.dims.some((d, i) => same(d, dims[i]!) === 'no')))
    return fail({ kind: 'stack-mismatch', shapes: all });
  const axis = numberOr(a, 'axis', 0);
  if (axis === undefined) return lost(a, 'the axis is not known');
  const at = axisIndex(axis, dims.length + 1);
  if (at === undefined) return outOfRange(axis, dims, 1);
  return of(a, [...dims.slice(0, at), known(all.length), ...dims.slice(at)], firstDtype(a.value('tensors')));
}

function unstack(a: OpCall): Outcome<Value> {
  const whole = a.shape('x');
  const axis = numberOr(a, 'axis', 0);
  if (!isRanked(whole) || axis === undefined) return unknownValue('the parts are not known');
  const at = axisIndex(axis, whole.dims.length);
  if (at === undefined) return outOfRange(axis, whole.dims);
  const part = of(
    a,
    whole.dims.filter((_, i) => i !== at),
  );
  const count = whole.dims[at]!;
  return isKnown(count) && count.value <= 256
    ? list(Array.from({ length: count.value }, () => part))
    : { kind: 'list', items: [], rest: part };
}

function split(a: OpCall): Outcome<Value> {
  const whole = a.shape('x');
  const axis = numberOr(a, 'axis', 0);
  if (!isRanked(whole) || axis === undefined) return unknownValue('the parts are not known');
  const at = axisIndex(axis, whole.dims.length);
  if (at === undefined) return outOfRange(axis, whole.dims);
  const length = whole.dims[at]!;
  const part = (d: Dim): TensorValue =>
    of(
      a,
      whole.dims.map((old, i) => (i === at ? d : old)),
    );
  const value = a.value('numOrSizeSplits');
  const count = value.kind === 'number' ? value.value : undefined;
  if (count !== undefined) {
    if (isKnown(length) && (count === 0 || length.value % count !== 0))
      return fail({
        kind: 'not-divisible',
        what: `axis ${at}`,
        value: length,
        by: known(count),
        byWhat: 'the number of parts',
      });
    return count > 0 && count <= 256
      ? list(Array.from({ length: count }, () => part(floorDivide(length, known(count)))))
      : unknownValue('how many parts there are is not known');
  }
  const sizes = itemsOf(value)?.map(asDim);
  if (!sizes) return unknownValue('how many parts there are is not known');
  const holes = sizes.filter(d => isKnown(d) && d.value === -1).length;
  if (holes > 1) return invalid('numOrSizeSplits', 'several −1', 'lengths, of which one may be −1');
  const fixed = sum(sizes.filter(d => !(isKnown(d) && d.value < 0)));
  const full = sizes.map(d => (isKnown(d) && d.value === -1 ? subtract(length, fixed) : d));
  if (same(sum(full), length) === 'no')
    return fail({ kind: 'reshape-mismatch', from: whole, to: sizes, total: length, target: sum(full) });
  return list(full.map(part));
}

function slice(rank?: number) {
  return (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => {
      if (rank !== undefined && dims.length !== rank) return wrongRank(ranked(dims), rank);
      if (dims.length === 0) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 1 }, got: ranked(dims) });
      const begin = numbers(a.value('begin'));
      const size = numbers(a.value('size'));
      if (begin && begin.length > dims.length)
        return invalid('begin', `${begin.length} numbers`, `at most ${dims.length}`);
      if (size && size.length > dims.length) return invalid('size', `${size.length} numbers`, `at most ${dims.length}`);
      if (begin === undefined || begin === null || size === undefined)
        return of(
          a,
          dims.map(() => unknownDim('the bounds of the slice are not known')),
        );
      const from = dims.map((_, i) => begin[i] ?? 0);
      const wanted = dims.map((_, i) => size?.[i] ?? -1);
      if (from.some(b => b < 0)) return invalid('begin', `[${from.join(', ')}]`, 'places of at least 0');
      if (wanted.some(s => s < -1)) return invalid('size', `[${wanted.join(', ')}]`, 'lengths, or −1 for the rest');
      const out: Dim[] = [];
      for (const [i, d] of dims.entries()) {
        const length = wanted[i] === -1 ? subtract(d, known(from[i]!)) : known(wanted[i]!);
        const end = add(known(from[i]!), length);
        if (less(d, end) === 'yes' || (isKnown(length) && length.value < 0))
          return fail({
            kind: 'index-out-of-range',
            index: from[i]! + Math.max(0, wanted[i]!),
            length: d,
            axis: i,
            input: ranked(dims),
          });
        out.push(length);
      }
      return of(a, out);
    });
}

function gather(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [axis, batchDims] = [numberOr(a, 'axis', 0), numberOr(a, 'batchDims', 0)];
    const indices = a.shape('indices');
    if (axis === undefined || batchDims !== 0 || !isRanked(indices))
      return lost(a, 'which items are gathered is not known');
    const at = axisIndex(axis, dims.length);
    if (at === undefined) return outOfRange(axis, dims);
    const length = dims[at]!;
    const far = flatNumbers(a.value('indices')).find(n => n < 0 || (isKnown(length) && n >= length.value));
    if (far !== undefined)
      return fail({ kind: 'index-out-of-range', index: far, length, axis: at, input: ranked(dims) });
    return of(a, [...dims.slice(0, at), ...indices.dims, ...dims.slice(at + 1)]);
  });
}

/** The numbers of a nested literal, as far as they are known. */
function flatNumbers(value: Value): number[] {
  if (value.kind === 'number') return [value.value];
  return (itemsOf(value) ?? []).flatMap(flatNumbers);
}

function gatherND(a: OpCall): Outcome<Value> {
  const [x, indices] = [a.dims('x'), a.dims('indices')];
  const depth = indices?.at(-1);
  if (!x || !indices || !depth || !isKnown(depth)) return lost(a, 'which items are gathered is not known');
  return depth.value > x.length
    ? fail({ kind: 'rank-mismatch', wanted: { atLeast: depth.value }, got: ranked(x) })
    : of(a, [...indices.slice(0, -1), ...x.slice(depth.value)]);
}

function tile(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const reps = itemsOf(a.value('reps'))?.map(asDim);
    if (!reps)
      return of(
        a,
        dims.map(() => unknownDim('how often it is repeated is not known')),
      );
    return reps.length === dims.length
      ? of(
          a,
          dims.map((d, i) => multiply(d, reps[i]!)),
        )
      : invalid('reps', `${reps.length} numbers`, `one number for each of the ${dims.length} axes`);
  });
}

/** Numbers of a nested list `[[1, 1], [0, 2]]`. */
function pairs(value: Value): readonly (readonly number[])[] | undefined {
  const rows = itemsOf(value)?.map(v => numbers(v));
  const known = rows?.filter(r => r !== undefined && r !== null);
  return known?.length === rows?.length ? known : undefined;
}

function pad(rank?: number, mirror = false) {
  return (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => {
      if (dims.length === 0) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 1 }, got: ranked(dims) });
      const value = a.value('paddings');
      const flat = rank === 1 ? numbers(value) : undefined;
      const given = rank === 1 ? (flat ? [flat] : undefined) : pairs(value);
      if (!given)
        return of(
          a,
          dims.map(() => unknownDim('the padding is not known')),
        );
      if ((mirror || rank !== undefined) && (given.length !== dims.length || given.some(p => p.length !== 2)))
        return invalid('paddings', `${given.length} pairs`, `a pair for each of the ${dims.length} axes`);
      if (mirror) {
        const offset = a.text('mode') === 'reflect' ? 1 : 0;
        const far = dims.findIndex((d, i) => isKnown(d) && given[i]!.some(p => p < 0 || p > d.value - offset));
        if (far >= 0) return invalid('paddings', `[${given[far]!.join(', ')}]`, 'no more than the axis is long');
      }
      return of(
        a,
        // The pairs decide how many axes there are, whatever the tensor has.
        given.map((p, i) => add(dims[i] ?? unknownDim('there is no such axis'), known(p[0]! + p[1]!))),
      );
    });
}

function broadcastTo(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const target = lengths(a.value('shape'));
    if (!target) return lost(a, 'the new shape is not known');
    if (target.length < dims.length)
      return fail({ kind: 'broadcast-mismatch', left: ranked(dims), right: ranked(target), axis: -1 });
    const shift = target.length - dims.length;
    const clash = dims.findIndex((d, i) => same(d, known(1)) === 'no' && same(d, target[i + shift]!) === 'no');
    return clash >= 0
      ? fail({ kind: 'broadcast-mismatch', left: ranked(dims), right: ranked(target), axis: clash - dims.length })
      : of(a, target);
  });
}

// -------------------------------------------------------------------------------------------------------- reductions

function reduce(dtype?: string) {
  return (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => {
      const at = axes(a.value('axis'), dims);
      const keep = isLeftOut(a.value('keepDims')) ? false : a.flag('keepDims');
      if (isFailed(at)) return at;
      if (!at || keep === undefined) return lost(a, 'the axis is not known');
      const kept = keep ? dims.map((d, i) => (at.includes(i) ? known(1) : d)) : dims.filter((_, i) => !at.includes(i));
      return of(a, kept, dtype);
    });
}

function argReduce(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = numberOr(a, 'axis', 0);
    if (axis === undefined) return lost(a, 'the axis is not known');
    const at = axisIndex(axis, dims.length);
    return at === undefined
      ? outOfRange(axis, dims)
      : of(
          a,
          dims.filter((_, i) => i !== at),
          'int32',
        );
  });
}

/** Axes beyond those there are are taken in silence, and one counted from the end gives a tensor without a length. */
function cumulative(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = numberOr(a, 'axis', 0);
    return axis === undefined || axis < 0 || axis >= dims.length
      ? lost(a, 'such an axis is not followed')
      : of(a, dims);
  });
}

function softmax(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = numberOr(a, 'axis', -1);
    const last = dims.length - 1;
    if (axis !== undefined && axis !== -1 && axis !== last) return invalid('axis', String(axis), 'the last axis');
    return of(a, dims);
  });
}

function topk(a: OpCall): Outcome<Value> {
  const whole = a.shape('x');
  const k = numberOr(a, 'k', 1);
  if (!isRanked(whole)) return unknownValue(whole.why);
  const last = whole.dims.at(-1);
  if (!last) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 1 }, got: whole });
  if (k !== undefined && (k < 0 || (isKnown(last) && k > last.value)))
    return invalid('k', String(k), `at most the length of the last axis`);
  const taken = of(a, [...whole.dims.slice(0, -1), k === undefined ? unknownDim('how many is not known') : known(k)]);
  return {
    kind: 'dict',
    entries: new Map<string, Value>([
      ['values', taken],
      ['indices', { ...taken, dtype: 'int32' }],
    ]),
  };
}

function moments(a: OpCall): Outcome<Value> {
  const mean = reduce()(a);
  return isFailed(mean)
    ? mean
    : {
        kind: 'dict',
        entries: new Map<string, Value>([
          ['mean', mean],
          ['variance', mean],
        ]),
      };
}

// -------------------------------------------------------------------------------------------------------- arithmetic

function pairwise(dtype?: string) {
  return (a: OpCall): Outcome<Value> => {
    const [left, right] = [a.shape('x'), a.shape('b')];
    const result = broadcast(left, right);
    if (isBroadcastFailure(result)) return fail({ kind: 'broadcast-mismatch', left, right, axis: result.axis });
    return a.make(result, { dtype: dtype ?? a.dtypeOf() });
  };
}

function where(a: OpCall): Outcome<Value> {
  let whole: Shape = a.shape('condition');
  for (const role of ['x', 'b']) {
    const right = a.shape(role);
    const result = broadcast(whole, right);
    if (isBroadcastFailure(result)) return fail({ kind: 'broadcast-mismatch', left: whole, right, axis: result.axis });
    whole = result;
  }
  return a.make(whole);
}

function addN(a: OpCall): Outcome<Value> {
  const all = listed(a, 'tensors');
  if (!all || all.length === 0 || !all.every(isRanked)) return lost(a, 'which tensors are added is not known');
  const dims = all[0]!.dims;
  return all.some(s => s.dims.length !== dims.length || s.dims.some((d, i) => same(d, dims[i]!) === 'no'))
    ? fail({ kind: 'stack-mismatch', shapes: all })
    : of(a, dims);
}

const sameShape = (a: OpCall): Outcome<Value> => a.make(a.shape('x'), { dtype: a.dtypeOf(), facts: a.facts() });
const cast =
  (to?: string) =>
  (a: OpCall): Outcome<Value> =>
    a.make(a.shape('x'), { dtype: to ?? a.text('dtype'), facts: a.facts() });

function dropout(a: OpCall): Outcome<Value> {
  const rate = a.number('rate');
  return rate !== undefined && (rate < 0 || rate >= 1)
    ? invalid('rate', String(rate), 'a number from 0 to below 1')
    : sameShape(a);
}

function clip(a: OpCall): Outcome<Value> {
  const [least, most] = [a.number('clipValueMin'), a.number('clipValueMax')];
  return least !== undefined && most !== undefined && least > most
    ? invalid('clipValueMin', String(least), 'no more than clipValueMax')
    : sameShape(a);
}

// ---------------------------------------------------------------------------------------------------- linear algebra

function matMul(a: OpCall): Outcome<Value> {
  const [left, right] = [a.shape('x'), a.shape('b')];
  if (!isRanked(left) || !isRanked(right)) return lost(a, 'a factor is not known');
  const clash = (): Failure => fail({ kind: 'matmul-mismatch', left, right });
  const [x, y] = [left.dims, right.dims];
  if (x.length < 2 || y.length < 2)
    return x.length === y.length || x.length === 0 || y.length === 0 ? clash() : lost(a, 'a factor has one axis');
  const flipped = (role: string): boolean | undefined => (isLeftOut(a.value(role)) ? false : a.flag(role));
  const [flipX, flipY] = [flipped('transposeA'), flipped('transposeB')];
  if (flipX === undefined || flipY === undefined) return lost(a, 'whether a factor is transposed is not known');
  const [rows, inner] = flipX ? [x.at(-1)!, x.at(-2)!] : [x.at(-2)!, x.at(-1)!];
  const [other, columns] = flipY ? [y.at(-1)!, y.at(-2)!] : [y.at(-2)!, y.at(-1)!];
  const batch = broadcast(ranked(x.slice(0, -2)), ranked(y.slice(0, -2)));
  if (same(inner, other) === 'no' || isBroadcastFailure(batch)) return clash();
  return isRanked(batch) ? of(a, [...batch.dims, rows, columns]) : lost(a, batch.why);
}

function dot(a: OpCall): Outcome<Value> {
  const [left, right] = [a.shape('x'), a.shape('b')];
  if (!isRanked(left) || !isRanked(right)) return lost(a, 'a factor is not known');
  const [x, y] = [left.dims, right.dims];
  const isVectorOrMatrix = (d: Dims): boolean => d.length === 1 || d.length === 2;
  if (!isVectorOrMatrix(x) || !isVectorOrMatrix(y) || same(x.at(-1)!, y[0]!) === 'no')
    return fail({ kind: 'matmul-mismatch', left, right });
  return of(a, [...x.slice(0, -1), ...y.slice(1)]);
}

function outerProduct(a: OpCall): Outcome<Value> {
  const [left, right] = [a.shape('x'), a.shape('b')];
  if (!isRanked(left) || !isRanked(right)) return lost(a, 'a factor is not known');
  const bad = [left, right].find(s => s.dims.length !== 1);
  return bad ? wrongRank(bad, 1) : of(a, [left.dims[0]!, right.dims[0]!]);
}

function qr(a: OpCall): Outcome<Value> {
  const whole = a.shape('x');
  if (!isRanked(whole)) return unknownValue(whole.why);
  const [m, n] = whole.dims.slice(-2);
  if (!m || !n) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 2 }, got: whole });
  if (!isKnown(m) || !isKnown(n)) return unknownValue('the size of the matrix is not known');
  const inner = a.flag('fullMatrices') ? m : known(Math.min(m.value, n.value));
  const outer = whole.dims.slice(0, -2);
  return list([of(a, [...outer, m, inner]), of(a, [...outer, inner, n])]);
}

// ------------------------------------------------------------------------------------------- convolution and pooling

interface Sliding {
  readonly size: Dims;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'same' | 'valid' | number;
}

function perAxis(value: Value, rank: number, fallback?: number): readonly number[] | undefined {
  const given = numbers(value);
  if (given === null) return fallback === undefined ? undefined : new Array<number>(rank).fill(fallback);
  return given?.length === 1 ? new Array<number>(rank).fill(given[0]!) : given?.slice(0, rank);
}

function paddingOf(a: OpCall): string | number | undefined {
  const value = a.value('pad');
  return value.kind === 'number' ? value.value : value.kind === 'string' ? value.value : undefined;
}

/** `computeConv2DInfo` in tfjs-core/src/ops/conv_util.ts. */
function slid(length: Dim, axis: number, w: Sliding): Dim {
  const [stride, dilation, size] = [w.strides[axis]!, w.dilations[axis]!, w.size[axis]!];
  if (!isKnown(length) || !isKnown(size))
    return w.padding === 'same' && stride === 1 ? length : unknownDim('a length is not known');
  const extent = size.value + (size.value - 1) * (dilation - 1);
  const n = length.value;
  if (w.padding === 'same') return known(Math.ceil(n / stride));
  if (w.padding === 'valid') return known(Math.ceil((n - extent + 1) / stride));
  return known(Math.trunc((n - extent + 2 * w.padding) / stride + 1));
}

/** With a number as padding, an image is measured by the height of the window and its stride alone. */
function squared(w: Sliding, count: number): Sliding {
  if (typeof w.padding === 'string' || count !== 2) return w;
  const twice = <T>([first]: readonly T[]): readonly T[] => [first!, first!];
  return { size: twice(w.size), strides: twice(w.strides), dilations: twice(w.dilations), padding: w.padding };
}

/** The image with its batch; `count` is the number of spatial axes. A batch of one may be left out. */
function image(a: OpCall, count: number): { readonly dims: Dims; readonly added: boolean } | Failure | undefined {
  const whole = a.shape('x');
  if (!isRanked(whole)) return undefined;
  if (whole.dims.length === count + 1) return { dims: [known(1), ...whole.dims], added: true };
  return whole.dims.length === count + 2 ? { dims: whole.dims, added: false } : wrongRank(whole, count + 2);
}

function sliding(a: OpCall, count: number, size: Dims): Sliding | Failure | undefined {
  const strides = perAxis(a.value('strides'), count, a.context.path.endsWith('ool') ? undefined : 1);
  const dilations = perAxis(a.value('dilations'), count, 1);
  const padding = paddingOf(a);
  if (!strides || !dilations || padding === undefined) return undefined;
  if (strides.some(s => s > 1) && dilations.some(d => d > 1))
    return fail({ kind: 'argument-conflict', names: ['strides', 'dilations'], why: 'only one of them may be above 1' });
  if (strides.some(s => s <= 0)) return invalid('strides', `[${strides.join(', ')}]`, 'numbers above 0');
  if (dilations.some(d => d <= 0)) return invalid('dilations', `[${dilations.join(', ')}]`, 'numbers above 0');
  if (typeof padding === 'string' && padding !== 'same' && padding !== 'valid')
    return invalid('pad', `'${padding}'`, "'same', 'valid' or a number");
  // One axis is an image of height 1, whose window and stride decide.
  if (count === 1 && typeof padding === 'number')
    return padding === 0
      ? { size: [known(1)], strides: [1], dilations: [1], padding }
      : invalid('pad', String(padding), "'same' or 'valid'");
  return squared({ size, strides, dilations, padding }, count);
}

function laidOut(
  a: OpCall,
  input: { readonly dims: Dims; readonly added: boolean },
  w: Sliding,
  channels: Dim,
): Outcome<Value> {
  const spatial = input.dims.slice(1, -1).map((d, i) => slid(d, i, w));
  const dims = [input.dims[0]!, ...spatial, channels];
  // A window that does not fit gives lengths below 0, of which no array can be made.
  return of(a, input.added ? dims.slice(1) : dims);
}

const isChannelsLast = (a: OpCall): boolean => {
  const value = a.value('dataFormat');
  return isLeftOut(value) || (value.kind === 'string' && !value.value.startsWith('NC'));
};

function conv(count: number, channels: 'plain' | 'depthwise' = 'plain') {
  return (a: OpCall): Outcome<Value> => {
    const input = image(a, count);
    const filter = a.shape('filter');
    if (isFailed(input)) return input;
    if (!input || !isRanked(filter) || !isChannelsLast(a)) return lost(a, 'the input or the filter is not known');
    if (filter.dims.length !== count + 2) return wrongRank(filter, count + 2);
    const [depth, last] = [filter.dims.at(-2)!, filter.dims.at(-1)!];
    if (same(depth, input.dims.at(-1)!) === 'no')
      return fail({ kind: 'axis-mismatch', axis: -1, wanted: depth, got: input.dims.at(-1)!, input: a.shape('x') });
    const w = sliding(a, count, filter.dims.slice(0, count));
    if (isFailed(w)) return w;
    if (!w) return lost(a, 'strides or padding are not known');
    return laidOut(a, input, w, channels === 'plain' ? last : multiply(depth, last));
  };
}

function separableConv2d(a: OpCall): Outcome<Value> {
  const input = image(a, 2);
  const [deep, point] = [a.shape('filter'), a.shape('pointwise')];
  if (isFailed(input)) return input;
  if (!input || !isRanked(deep) || !isRanked(point) || !isChannelsLast(a))
    return lost(a, 'the input or a filter is not known');
  if (deep.dims.length !== 4) return wrongRank(deep, 4);
  if (point.dims.length !== 4) return wrongRank(point, 4);
  const [depth, times] = [deep.dims[2]!, deep.dims[3]!];
  const wide = multiply(depth, times);
  if (same(wide, point.dims[2]!) === 'no')
    return fail({ kind: 'axis-mismatch', axis: 2, wanted: wide, got: point.dims[2]!, input: point });
  if (point.dims.slice(0, 2).some(d => same(d, known(1)) === 'no'))
    return fail({ kind: 'axis-mismatch', axis: 0, wanted: known(1), got: point.dims[0]!, input: point });
  if (same(depth, input.dims.at(-1)!) === 'no')
    return fail({ kind: 'axis-mismatch', axis: -1, wanted: depth, got: input.dims.at(-1)!, input: a.shape('x') });
  const w = sliding(a, 2, deep.dims.slice(0, 2));
  if (isFailed(w)) return w;
  return w ? laidOut(a, input, w, point.dims[3]!) : lost(a, 'strides or padding are not known');
}

function conv2dTranspose(a: OpCall): Outcome<Value> {
  const input = image(a, 2);
  const filter = a.shape('filter');
  const target = lengths(a.value('outputShape'));
  if (isFailed(input)) return input;
  if (!input || !isRanked(filter) || !target) return lost(a, 'the output shape is not known');
  return of(a, target);
}

function pool(count: number) {
  return (a: OpCall): Outcome<Value> => {
    const input = image(a, count);
    const size = perAxis(a.value('filterSize'), count);
    if (isFailed(input)) return input;
    if (!input || !size || !isChannelsLast(a)) return lost(a, 'the input or the window is not known');
    const w = sliding(a, count, size.map(known));
    if (isFailed(w)) return w;
    return w ? laidOut(a, input, w, input.dims.at(-1)!) : lost(a, 'strides or padding are not known');
  };
}

// ------------------------------------------------------------------------------------------------------------- image

function resize(a: OpCall): Outcome<Value> {
  const whole = a.shape('x');
  if (!isRanked(whole)) return lost(a, whole.why);
  const rank = whole.dims.length;
  if (rank !== 3 && rank !== 4) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 3, atMost: 4 }, got: whole });
  const size = lengths(a.value('size'));
  if (!size)
    return of(
      a,
      whole.dims.map((d, i) => (i === rank - 3 || i === rank - 2 ? unknownDim('the size is not known') : d)),
    );
  if (size.length !== 2) return invalid('size', `${size.length} numbers`, 'height and width');
  return of(a, [...whole.dims.slice(0, -3), ...size, whole.dims.at(-1)!], 'float32');
}

const channels =
  (from: number, to: number) =>
  (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => {
      const last = dims.at(-1);
      if (!last || dims.length < 2) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 2 }, got: ranked(dims) });
      if (same(last, known(from)) === 'no')
        return fail({ kind: 'axis-mismatch', axis: -1, wanted: known(from), got: last, input: ranked(dims) });
      return of(a, [...dims.slice(0, -1), known(to)]);
    });

function cropAndResize(a: OpCall): Outcome<Value> {
  const [x, boxes, size] = [a.dims('x'), a.dims('boxes'), lengths(a.value('cropSize'))];
  return x?.length === 4 && boxes && size?.length === 2
    ? of(a, [boxes[0]!, ...size, x[3]!], 'float32')
    : lost(a, 'the crops are not known');
}

const exactRank =
  (rank: number) =>
  (a: OpCall): Outcome<Value> =>
    a.onDims('x', dims => (dims.length === rank ? of(a, dims) : wrongRank(ranked(dims), rank)));

function depthToSpace(a: OpCall): Outcome<Value> {
  const block = a.number('blockSize');
  return a.onDims('x', dims => {
    if (dims.length !== 4) return wrongRank(ranked(dims), 4);
    if (block === undefined || !isChannelsLast(a)) return lost(a, 'the block size is not known');
    if (block <= 1) return invalid('blockSize', String(block), 'above 1');
    const depth = dims[3]!;
    if (isKnown(depth) && depth.value % (block * block) !== 0)
      return fail({
        kind: 'not-divisible',
        what: 'the depth',
        value: depth,
        by: known(block * block),
        byWhat: 'blockSize²',
      });
    return of(a, [
      dims[0]!,
      multiply(dims[1]!, known(block)),
      multiply(dims[2]!, known(block)),
      floorDivide(depth, known(block * block)),
    ]);
  });
}

// ------------------------------------------------------------------------------------------------------------ signal

function frames(a: OpCall): number | undefined {
  const length = a.dims('x')?.[0];
  const [size, step] = [a.number('frameLength'), a.number('frameStep')];
  if (!length || !isKnown(length) || size === undefined || step === undefined || step <= 0) return undefined;
  if (a.flag('padEnd') === true) return Math.ceil(length.value / step);
  return length.value < size ? 0 : Math.floor((length.value - size) / step) + 1;
}

const frame = (a: OpCall): Outcome<Value> => {
  const count = frames(a);
  return of(a, [count === undefined ? unknownDim('how many frames there are') : known(count), a.size('frameLength')]);
};

function stft(a: OpCall): Outcome<Value> {
  const [count, size, given] = [frames(a), a.number('frameLength'), numberOr(a, 'fftLength', 0)];
  if (size === undefined || given === undefined) return lost(a, 'the length of the frames is not known');
  const fft = given === 0 ? 2 ** Math.ceil(Math.log2(size)) : given;
  return of(
    a,
    [count === undefined ? unknownDim('how many frames there are') : known(count), known(Math.floor(fft / 2) + 1)],
    'complex64',
  );
}

const rfft = (a: OpCall): Outcome<Value> =>
  a.onDims('x', dims => {
    const last = dims.at(-1);
    if (!last) return lost(a, 'a scalar has no spectrum');
    const size = numberOr(a, 'fftLength', isKnown(last) ? last.value : NaN);
    const half =
      size === undefined || Number.isNaN(size)
        ? unknownDim('the length is not known')
        : known(Math.floor(size / 2) + 1);
    return of(a, [...dims.slice(0, -1), half], 'complex64');
  });

function meshgrid(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x'), a.dims('y')];
  const options = a.value('options');
  const indexing = options.kind === 'dict' ? options.entries.get('indexing') : text('xy');
  if (!x || !y || x.length !== 1 || y.length !== 1 || indexing?.kind !== 'string')
    return unknownValue('the grid is not known');
  const dims = indexing.value === 'ij' ? [x[0]!, y[0]!] : [y[0]!, x[0]!];
  return list([of(a, dims), of(a, dims)]);
}

/** Labels and predictions of one shape give one number. */
function loss(a: OpCall): Outcome<Value> {
  const [labels, predictions] = [a.shape('x'), a.shape('b')];
  const clash =
    isRanked(labels) &&
    isRanked(predictions) &&
    (labels.dims.length !== predictions.dims.length ||
      labels.dims.some((d, i) => same(d, predictions.dims[i]!) === 'no'));
  if (clash) return fail({ kind: 'stack-mismatch', shapes: [labels, predictions] });
  return isLeftOut(a.value('weights')) && isLeftOut(a.value('reduction'))
    ? a.make(shape(), { dtype: 'float32' })
    : lost(a, 'its weights decide');
}

const UNARY =
  'abs,acos,acosh,asin,asinh,atan,atanh,ceil,cos,cosh,elu,erf,exp,expm1,floor,log,log1p,logSigmoid,neg,reciprocal,relu,' +
  'relu6,round,rsqrt,selu,sigmoid,sign,sin,sinh,softplus,sqrt,square,step,tan,tanh,clone,zerosLike,onesLike';

export const TENSORFLOW_JS_OPS: readonly OpSpec[] = [
  op('j:zeros,ones', 'shape dtype="float32"', created()),
  op('j:fill', 'shape value dtype', created()),
  op('j:randomNormal,randomUniform,randomStandardNormal,truncatedNormal', 'shape a b dtype', created('float32')),
  op('j:randomUniformInt', 'shape minval maxval', created('int32')),
  op('j:randomGamma', 'shape alpha beta dtype', created('float32')),
  op('j:scalar', 'value dtype', a => a.make(shape(), { dtype: a.text('dtype') })),
  op('j:tensor', 'values shape dtype', tensorOf(undefined)),
  ...[1, 2, 3, 4, 5, 6].map(n =>
    n === 1 ? op('j:tensor1d', 'values dtype', tensorOf(1)) : op(`j:tensor${n}d`, 'values shape dtype', tensorOf(n)),
  ),
  op('j:range', 'start stop step dtype', range),
  op('j:linspace', 'start stop num', linspace),
  op('j:eye', 'numRows numColumns batchShape dtype', eye),
  op('j:oneHot', 'x depth onValue offValue dtype', oneHot),
  op('jt:oneHot', 'x depth onValue offValue', oneHot),
  op('j:variable', 'x trainable name dtype', sameShape),
  op(`j,jt:${UNARY}`, 'x', sameShape),
  op('j,jt:leakyRelu,prelu', 'x alpha', sameShape),
  op('j:isNaN,isInf,isFinite,logicalNot', 'x', cast('bool')),
  op('jt:isNaN,isInf,isFinite,logicalNot', 'x', cast('bool')),
  op('j,jt:cast,asType', 'x dtype', cast()),
  op('jt:toFloat', 'x', cast('float32')),
  op('jt:toInt', 'x', cast('int32')),
  op('jt:toBool', 'x', cast('bool')),
  op('j,jt:clipByValue', 'x clipValueMin clipValueMax', clip),
  op('j:dropout', 'x rate noiseShape seed', dropout),
  op('j,jt:add,sub,mul,div,divNoNan,floorDiv,pow,mod,maximum,minimum,squaredDifference,atan2', 'x b', pairwise()),
  op(
    'j,jt:equal,notEqual,greater,greaterEqual,less,lessEqual,logicalAnd,logicalOr,logicalXor',
    'x b',
    pairwise('bool'),
  ),
  op('j:where', 'condition x b', where),
  op('jt:where', 'x condition b', where),
  op('j:addN', 'tensors', addN),
  op('j,jt:reshape', 'x shape', a => reshapeTo(a, lengths(a.value('shape')))),
  op('jt:reshapeAs', 'x y', a => reshapeTo(a, a.dims('y'))),
  op('jt:flatten,as1D', 'x', a => a.onDims('x', dims => of(a, [product(dims)]))),
  op('jt:asScalar', 'x', a => reshapeTo(a, [])),
  op('jt:as2D', 'x r c', a =>
    reshapeTo(
      a,
      ['r', 'c'].map(n => a.size(n)),
    ),
  ),
  op('jt:as3D', 'x r c d', a =>
    reshapeTo(
      a,
      ['r', 'c', 'd'].map(n => a.size(n)),
    ),
  ),
  op('jt:as4D', 'x r c d e', a =>
    reshapeTo(
      a,
      ['r', 'c', 'd', 'e'].map(n => a.size(n)),
    ),
  ),
  op('jt:as5D', 'x r c d e f', a =>
    reshapeTo(
      a,
      ['r', 'c', 'd', 'e', 'f'].map(n => a.size(n)),
    ),
  ),
  op('j,jt:expandDims', 'x axis', expandDims),
  op('j,jt:squeeze', 'x axis', squeeze),
  op('j,jt:transpose', 'x perm', transpose),
  op('j:concat,concat2d,concat3d,concat4d', 'tensors axis', concat),
  op('j:concat1d', 'tensors', concat),
  op('jt:concat', 'x tensors axis', a => concat(withSelf(a))),
  op('j:stack', 'tensors axis', stack),
  op('jt:stack', 'x tensors axis', a => stack(withSelf(a))),
  op('j,jt:unstack', 'x axis', unstack),
  op('j,jt:split', 'x numOrSizeSplits axis', split),
  op('j,jt:slice', 'x begin size', slice()),
  ...[1, 2, 3, 4].map(n => op(`j:slice${n}d`, 'x begin size', slice(n))),
  op('j,jt:gather', 'x indices axis batchDims', gather),
  op('j:gatherND', 'x indices', gatherND),
  op('j,jt:tile', 'x reps', tile),
  op('j,jt:pad', 'x paddings constantValue', pad()),
  op('j:pad1d', 'x paddings constantValue', pad(1)),
  op('j:pad2d,pad3d,pad4d', 'x paddings constantValue', pad()),
  op('j,jt:mirrorPad', 'x paddings mode', pad(undefined, true)),
  op('j,jt:broadcastTo', 'x shape', broadcastTo),
  op('j,jt:reverse', 'x axis', a =>
    a.onDims('x', dims => {
      const at = axes(a.value('axis'), dims);
      return isFailed(at) ? at : of(a, dims);
    }),
  ),
  op('j,jt:sum,mean,prod,max,min,logSumExp', 'x axis keepDims', reduce()),
  op('j,jt:all,any', 'x axis keepDims', reduce('bool')),
  op('j,jt:norm', 'x ord axis keepDims', a =>
    a.dims('x')?.length === 0 && a.flag('keepDims') !== true ? sameShape(a) : reduce()(a),
  ),
  op('j,jt:euclideanNorm', 'x axis keepDims', reduce()),
  op('j:moments', 'x axis keepDims', moments),
  op('j,jt:argMax,argMin', 'x axis', argReduce),
  op('j,jt:cumsum,cumprod', 'x axis exclusive reverse', cumulative),
  op('j,jt:softmax,logSoftmax', 'x axis', softmax),
  op('j,jt:topk', 'x k sorted', topk),
  op('j,jt:matMul', 'x b transposeA transposeB', matMul),
  op('j,jt:dot', 'x b', dot),
  op('j:outerProduct', 'x b', outerProduct),
  op('j:diag', 'x', a => a.onDims('x', dims => of(a, [...dims, ...dims]))),
  op('jl:qr', 'x fullMatrices', qr),
  op('jl:bandPart', 'x numLower numUpper', sameShape),
  op('j:conv1d', 'x filter strides pad dataFormat dilations', conv(1)),
  op('j,jt:conv2d', 'x filter strides pad dataFormat dilations', conv(2)),
  op('j:conv3d', 'x filter strides pad dataFormat dilations', conv(3)),
  op('j,jt:depthwiseConv2d', 'x filter strides pad dataFormat dilations', conv(2, 'depthwise')),
  op('j,jt:separableConv2d', 'x filter pointwise strides pad dilations dataFormat', separableConv2d),
  op('j,jt:conv2dTranspose', 'x filter outputShape strides pad', conv2dTranspose),
  op('j,jt:maxPool,avgPool', 'x filterSize strides pad', pool(2)),
  op('j:maxPool3d,avgPool3d', 'x filterSize strides pad dimRoundingMode dataFormat', pool(3)),
  op('ji,jt:resizeBilinear,resizeNearestNeighbor', 'x size alignCorners', resize),
  op('ji:flipLeftRight', 'x', exactRank(4)),
  op('ji:rotateWithOffset', 'x radians', exactRank(4)),
  op('ji:grayscaleToRGB', 'x', channels(1, 3)),
  op('ji:rgbToGrayscale', 'x', channels(3, 1)),
  op('ji:cropAndResize', 'x boxes boxInd cropSize', cropAndResize),
  op('j,jt:depthToSpace', 'x blockSize dataFormat', depthToSpace),
  op('js:frame', 'x frameLength frameStep padEnd padValue', frame),
  op('js:stft', 'x frameLength frameStep fftLength', stft),
  op('js:hannWindow,hammingWindow', 'windowLength', a => of(a, [a.size('windowLength')], 'float32')),
  op('j,jf:rfft', 'x fftLength', rfft),
  op('j:meshgrid', 'x y options', meshgrid),
  op('jo:absoluteDifference,hingeLoss,meanSquaredError,sigmoidCrossEntropy', 'x b weights reduction', loss),
];

/** `x.concat(others)` joins the tensor itself and the others. */
function withSelf(a: OpCall): OpCall {
  return a.with('tensors', joinedSelf(a.value('x'), a.value('tensors')));
}

function joinedSelf(self: Value, others: Value): Value {
  if (others.kind === 'tensor') return list([self, others]);
  if (others.kind !== 'list' && others.kind !== 'tuple') return unknownValue('which tensors are joined is not known');
  return { kind: 'list', items: [self, ...others.items], rest: others.rest };
}
