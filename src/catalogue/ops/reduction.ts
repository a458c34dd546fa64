/** Ops that reduce axes, order them or run along them. */
import { known, less, product, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { ranked, type Shape } from '../../ir/shape';
import { tuple, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { axesOf, axisOf, isFailed, op, type OpCall, tensors } from './define';

/** The shape without the axes, or with them as 1. No axis means all of them. */
function reduced(a: OpCall, role = 'x'): Outcome<Shape> | undefined {
  const dims = a.dims(role);
  const axes = a.axes();
  const keep = a.flag('keepdims');
  if (!dims || axes === undefined || keep === undefined) return undefined;
  const at = axes === null ? dims.map((_, i) => i) : axesOf(axes, dims);
  if (isFailed(at)) return at;
  if (new Set(at).size !== at.length && !(keep && a.isKeras)) {
    return fail({ kind: 'permutation-invalid', axes: axes!, rank: dims.length });
  }
  return ranked(keep ? dims.map((d, i) => (at.includes(i) ? known(1) : d)) : dims.filter((_, i) => !at.includes(i)));
}

const reduction =
  (dtype?: string) =>
  (a: OpCall): Outcome<Value> => {
    const shape = reduced(a);
    if (isFailed(shape)) return shape;
    return shape ? a.make(shape, { dtype: dtype ?? a.dtypeOf() }) : a.unknown('the axes or the input are not known');
  };

/** The place of the largest value: of one-hot vectors that is the label. */
function argmax(a: OpCall): Outcome<Value> {
  const dims = a.dims('x');
  const axes = a.isNone('axis') && a.context.path.startsWith('tensorflow') ? [0] : a.axes();
  const keep = a.flag('keepdims');
  if (!dims || axes === undefined || keep === undefined) return a.unknown('the axis or the input is not known');
  const at = axes === null ? dims.map((_, i) => i) : axesOf(axes, dims);
  if (isFailed(at)) return at;
  const facts = a.facts();
  const labels =
    facts?.oneHot && at.length === 1 && at[0] === dims.length - 1
      ? { ...facts, oneHot: false, labels: true }
      : undefined;
  return a.make(
    ranked(keep ? dims.map((d, i) => (at.includes(i) ? known(1) : d)) : dims.filter((_, i) => !at.includes(i))),
    { dtype: 'int64', facts: labels },
  );
}

/** Along one axis; without one the input is flattened. */
function along(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    if (a.isNone('axis'))
      return a.make(ranked([dims.some(d => d.kind === 'open') ? { kind: 'open' } : product(dims)]), {
        dtype: a.dtypeOf(),
      });
    const axis = a.number('axis');
    const at = axis === undefined ? 0 : axisOf(axis, dims);
    return isFailed(at) ? at : a.make(ranked(dims), { dtype: a.dtypeOf() });
  });
}

/** The `k` largest and their places. */
function topK(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [last, k] = [dims.at(-1), a.size('k')];
    if (!last) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 1 }, got: ranked(dims) });
    if (!a.isKeras && k.kind === 'known' && less(last, k) === 'yes') {
      return fail({
        kind: 'index-out-of-range',
        index: k.value,
        length: last,
        axis: dims.length - 1,
        input: ranked(dims),
      });
    }
    const shape = ranked([...dims.slice(0, -1), k]);
    return tuple([a.make(shape, { dtype: a.dtypeOf() }), a.make(shape, { dtype: 'int32' })]);
  });
}

/** Mean and variance over the same axes. */
function moments(a: OpCall): Outcome<Value> {
  const shape = reduced(a);
  if (isFailed(shape)) return shape;
  return shape ? tensors([a.make(shape), a.make(shape)]) : a.unknown('the axes are not known');
}

/** One value for each quantile asked for, in front. */
function quantile(a: OpCall): Outcome<Value> {
  const shape = reduced(a);
  if (isFailed(shape)) return shape;
  const q = a.dims('q');
  if (!shape || shape.kind !== 'ranked' || !q) return a.unknown('the axes or the quantiles are not known');
  const front =
    a.isKeras && q.length === 1 && q[0]!.kind === 'known' && (q[0] as { value: number }).value === 1 ? [] : q;
  return a.make(ranked([...front, ...shape.dims]));
}

function difference(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = a.number('axis');
    const n = a.number('n');
    if (axis === undefined || n === undefined) {
      return a.make(ranked(dims.map(() => unknownDim('the axis is not known'))));
    }
    const at = axisOf(axis, dims);
    if (isFailed(at)) return at;
    return a.make(
      ranked(
        dims.map((d, i) =>
          i !== at
            ? d
            : d.kind === 'known'
              ? known(Math.max(0, d.value - n))
              : d.kind === 'open'
                ? d
                : unknownDim('its length is not known'),
        ),
      ),
    );
  });
}

const X = 'x|a|input_tensor|input|arr|array|values|tensor';
const REDUCE = `${X} axis|dim|reduction_indices=null keepdims|keep_dims|keepdim=false`;
const NUMPY_REDUCE = `${X} axis=null dtype|out|ddof|where|initial=null out1=null keepdims=false`;

export const REDUCTION_OPS: readonly OpSpec[] = [
  op(
    'k,kb:sum,mean,max,min,prod,std,var,amax,amin,logsumexp,median,nanmean,nansum,nanmax,nanmin,nanstd,nanvar,' +
      'nanprod,nanmedian,ptp',
    REDUCE,
    reduction(),
  ),
  op(
    't,tm:reduce_sum,reduce_mean,reduce_max,reduce_min,reduce_prod,reduce_std,reduce_variance,reduce_logsumexp,' +
      'reduce_euclidean_norm',
    REDUCE,
    reduction(),
  ),
  op(
    'n,m:sum,mean,max,min,prod,std,var,amax,amin,ptp,median,nanmean,nansum,nanmax,nanmin,nanstd,average,nanmedian',
    NUMPY_REDUCE,
    reduction(),
  ),
  op('k,kb:any,all t,tm:reduce_any,reduce_all', REDUCE, reduction('bool')),
  op('n,m:any,all', NUMPY_REDUCE, reduction('bool')),
  op('k:count_nonzero n:count_nonzero t,tm:count_nonzero', REDUCE, reduction('int64')),
  op('k,n,m,kb:argmax,argmin,nanargmax,nanargmin', `${X} axis=null keepdims=false`, argmax),
  op('t,tm:argmax,argmin,arg_max', `${X} axis=null keepdims=false`, argmax),
  op('k:average', `${X} axis=null weights=null keepdims=false`, reduction()),
  op('k,nl,t,tl:norm', `${X} ord=null axis=null keepdims=false`, reduction()),
  op('k,n,kb,m:cumsum,cumprod,nancumsum,nancumprod', `${X} axis=null dtype=null`, along),
  op('t,tm:cumsum,cumprod,cumulative_logsumexp', `${X} axis=0`, along),
  op('k,n,t,m:sort,argsort', `${X} axis=-1`, along),
  op('k,n:argpartition,partition', `${X} kth axis=-1`, along),
  op('k,tm,t,tn:top_k', `${X} k=1 sorted=true`, topK),
  op('k,tn:moments', `${X} axis|axes keepdims=false`, moments),
  op('k,n:quantile,percentile,nanquantile,nanpercentile', `${X} q axis=null method="linear" keepdims=false`, quantile),
  op('k,n:diff', `${X} n=1 axis=-1`, difference),
];
