/** Products of tensors, and linear algebra. */
import { type Dim, isKnown, known, multiply, OPEN, product, same, unknownDim } from '../../ir/dim';
import { fail, type Failure, type Outcome } from '../../ir/fault';
import { broadcast, isBroadcastFailure, isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { tuple, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { asNumber, axesOf, axisOf, isFailed, itemsOf, op, type OpCall, shapeOfValue, variadic } from './define';

/** `compute_matmul_output_shape` in keras/src/ops/operation_utils.py; NumPy's and TensorFlow's rule is the same. */
export function matmulShape(x: Shape, y: Shape, flipX = false, flipY = false): Outcome<Shape> {
  if (!isRanked(x) || !isRanked(y)) return unranked('a factor has an unknown rank');
  const mismatch = (): Failure => fail({ kind: 'matmul-mismatch', left: x, right: y });
  if (x.dims.length === 0 || y.dims.length === 0) return mismatch();
  const flip = (dims: readonly Dim[], flipped: boolean): readonly Dim[] =>
    flipped ? [...dims.slice(0, -2), dims.at(-1)!, dims.at(-2)!] : dims;
  const left = x.dims.length === 1 ? [known(1), x.dims[0]!] : flip(x.dims, flipX);
  const right = y.dims.length === 1 ? [y.dims[0]!, known(1)] : flip(y.dims, flipY);
  if (same(left.at(-1)!, right.at(-2)!) === 'no') return mismatch();
  const batch = broadcast(ranked(left.slice(0, -2)), ranked(right.slice(0, -2)));
  if (isBroadcastFailure(batch)) return mismatch();
  if (!isRanked(batch)) return batch;
  return ranked([
    ...batch.dims,
    ...(x.dims.length === 1 ? [] : [left.at(-2)!]),
    ...(y.dims.length === 1 ? [] : [right.at(-1)!]),
  ]);
}

function matmul(a: OpCall): Outcome<Value> {
  const shape = matmulShape(
    a.shape('x1'),
    a.shape('x2'),
    a.flag('transpose_a') === true,
    a.flag('transpose_b') === true,
  );
  return 'detail' in shape ? shape : a.make(shape, { dtype: a.dtypeOf('x1') });
}

/** NumPy's dot: the last axis of the first against the last but one of the second, without broadcasting. */
function dot(a: OpCall): Outcome<Value> {
  const [x, y] = [a.shape('x1'), a.shape('x2')];
  if (!isRanked(x) || !isRanked(y)) return a.unknown('a factor has an unknown rank');
  if (x.dims.length === 0 || y.dims.length === 0) return a.make(x.dims.length === 0 ? y : x);
  const inner = y.dims.length === 1 ? y.dims[0]! : y.dims.at(-2)!;
  const last = x.dims.at(-1)!;
  // Keras compares a vector's length as Python does, where None differs from every number.
  const strict =
    a.isKeras &&
    y.dims.length === 1 &&
    x.dims.length > 1 &&
    (last.kind === 'open') !== (inner.kind === 'open') &&
    (isKnown(last) || isKnown(inner));
  if (same(last, inner) === 'no' || strict) return fail({ kind: 'matmul-mismatch', left: x, right: y });
  return a.make(
    ranked([...x.dims.slice(0, -1), ...(y.dims.length === 1 ? [] : [...y.dims.slice(0, -2), y.dims.at(-1)!])]),
    { dtype: a.dtypeOf('x1') },
  );
}

function tensordot(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x1'), a.dims('x2')];
  if (!x || !y) return a.unknown('a factor has an unknown rank');
  const count = a.number('axes');
  if (count !== undefined) {
    if (!a.isKeras && x.slice(x.length - count).some((d, i) => same(d, y[i] ?? known(-1)) === 'no')) {
      return fail({ kind: 'matmul-mismatch', left: ranked(x), right: ranked(y) });
    }
    return a.make(ranked([...x.slice(0, x.length - count), ...y.slice(count)]));
  }
  const pairs = a.items('axes')?.map(v => itemsOf(v)?.map(asNumber) ?? [asNumber(v)]);
  if (pairs?.length !== 2 || pairs.some(p => p.some(n => n === undefined))) return a.unknown('the axes are not known');
  const [left, right] = [axesOf(pairs[0] as number[], x), axesOf(pairs[1] as number[], y)];
  if (isFailed(left)) return left;
  if (isFailed(right)) return right;
  if (left.some((axis, i) => right[i] !== undefined && same(x[axis]!, y[right[i]]!) === 'no')) {
    return fail({ kind: 'matmul-mismatch', left: ranked(x), right: ranked(y) });
  }
  return a.make(ranked([...x.filter((_, i) => !left.includes(i)), ...y.filter((_, i) => !right.includes(i))]));
}

/** `ab,bc->ac` with ellipses; letters must have one length each. */
function einsum(a: OpCall): Outcome<Value> {
  const equation = a.text('subscripts')?.replace(/\s/g, '');
  const operands = a.many('x').map(shapeOfValue);
  if (!equation) return a.unknown('the equation is not known');
  const [left, right] = equation.split('->') as [string, string | undefined];
  const terms = left.split(',');
  if (terms.length !== operands.length || !operands.every(isRanked)) return a.unknown('an operand has an unknown rank');
  const sizes = new Map<string, Dim>();
  let dots: Shape = ranked([]);
  for (const [i, term] of terms.entries()) {
    const { dims } = operands[i] as { dims: readonly Dim[] };
    const letters = [...term.replace('...', '')];
    const elided = dims.length - letters.length;
    const before = term.includes('...') ? term.indexOf('...') : letters.length;
    if (elided < 0 || (elided > 0 && !term.includes('...')))
      return fail({
        kind: 'rank-mismatch',
        wanted: term.includes('...') ? { atLeast: letters.length } : { exact: letters.length },
        got: operands[i]!,
      });
    for (const [j, letter] of letters.entries()) {
      const d = dims[j < before ? j : j + elided]!;
      const had = sizes.get(letter);
      if (had && same(had, d) === 'no' && !isOneOf(had, d)) {
        return fail({ kind: 'matmul-mismatch', left: operands[0]!, right: operands[i]! });
      }
      if (!had || had.kind === 'open' || had.kind === 'unknown' || (isKnown(had) && had.value === 1))
        sizes.set(letter, d);
    }
    const both = broadcast(dots, ranked(dims.slice(before, before + elided)));
    if (isBroadcastFailure(both)) return fail({ kind: 'matmul-mismatch', left: operands[0]!, right: operands[i]! });
    dots = both;
  }
  const all = left.replace(/[,.]/g, '');
  // Without an output NumPy takes the letters that occur once, in alphabetical order.
  const once = [...new Set(all)]
    .filter(l => all.split(l).length === 2)
    .sort()
    .join('');
  const output = right ?? `${left.includes('...') ? '...' : ''}${once}`;
  const ellipsis = isRanked(dots) ? dots.dims : [];
  const dims = output
    .split('...')
    .map(part => [...part].map(l => sizes.get(l) ?? unknownDim('a letter of the equation')));
  return a.make(ranked(dims.length === 2 ? [...dims[0]!, ...ellipsis, ...dims[1]!] : dims[0]!));
}

function isOneOf(a: Dim, b: Dim): boolean {
  return (isKnown(a) && a.value === 1) || (isKnown(b) && b.value === 1);
}

function outer(a: OpCall): Outcome<Value> {
  const flat = (role: string): Dim => {
    const dims = a.dims(role);
    return dims ? (dims.some(d => d.kind === 'open') ? OPEN : product(dims)) : unknownDim('an input is not known');
  };
  return a.make(ranked([flat('x1'), flat('x2')]));
}

/** The last axes against each other: the rest of both. */
function inner(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x1'), a.dims('x2')];
  if (!x || !y) return a.unknown('a factor has an unknown rank');
  if (x.length === 0 || y.length === 0) return a.make(ranked(x.length === 0 ? y : x));
  if (same(x.at(-1)!, y.at(-1)!) === 'no') return fail({ kind: 'matmul-mismatch', left: ranked(x), right: ranked(y) });
  return a.make(ranked([...x.slice(0, -1), ...y.slice(0, -1)]));
}

function kron(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x1'), a.dims('x2')];
  if (!x || !y || x.length !== y.length) return a.unknown('the ranks are not known');
  return a.make(ranked(x.map((d, i) => (d.kind === 'open' || y[i]!.kind === 'open' ? OPEN : multiply(d, y[i]!)))));
}

/** `K.batch_dot(x, y, axes)`. */
function batchDot(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x1'), a.dims('x2')];
  const given = a.axes('axes');
  if (!x || !y || given === undefined) return a.unknown('a factor or the axes are not known');
  const [first, second] =
    given === null
      ? [x.length - 1, Math.max(0, y.length - 2)]
      : given.length === 1
        ? [given[0]!, given[0]!]
        : [given[0]!, given[1]!];
  const left = axisOf(first, x);
  const right = axisOf(second, y);
  if (isFailed(left)) return left;
  if (isFailed(right)) return right;
  if (same(x[left]!, y[right]!) === 'no') {
    return fail({ kind: 'dot-mismatch', shapes: [ranked(x), ranked(y)], axes: [left, right] });
  }
  const dims = [...x.filter((_, i) => i !== left), ...y.filter((_, i) => i !== right).slice(1)];
  return a.make(ranked(dims.length === 1 ? [...dims, known(1)] : dims));
}

/** Square matrices in the last two axes. */
function squareOf(a: OpCall): Failure | readonly Dim[] | undefined {
  const dims = a.dims('x');
  if (!dims) return undefined;
  if (dims.length < 2) return fail({ kind: 'rank-mismatch', wanted: { atLeast: 2 }, got: ranked(dims) });
  return same(dims.at(-1)!, dims.at(-2)!) === 'no'
    ? fail({ kind: 'axis-mismatch', axis: -1, wanted: dims.at(-2)!, got: dims.at(-1)!, input: ranked(dims) })
    : dims;
}

const onSquare =
  (result: (a: OpCall, dims: readonly Dim[]) => Value) =>
  (a: OpCall): Outcome<Value> => {
    const dims = squareOf(a);
    return isFailed(dims) ? dims : dims ? result(a, dims) : a.unknown('the matrix is not known');
  };

/** `q` and `r` of a matrix of m rows and n columns. */
function qr(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const [m, n] = [dims.at(-2)!, dims.at(-1)!];
      const k = isKnown(m) && isKnown(n) ? known(Math.min(m.value, n.value)) : unknownDim('the smaller of two lengths');
      const front = dims.slice(0, -2);
      if (a.text('mode') === 'complete') {
        return tuple([a.make(ranked([...front, m, m])), a.make(ranked([...front, m, n]))]);
      }
      return tuple([a.make(ranked([...front, m, k])), a.make(ranked([...front, k, n]))]);
    },
    2,
  );
}

function cross(a: OpCall): Outcome<Value> {
  const [x, y] = [a.shape('x1'), a.shape('x2')];
  const both = broadcast(x, y);
  return isBroadcastFailure(both)
    ? fail({ kind: 'broadcast-mismatch', left: x, right: y, axis: both.axis })
    : a.make(both);
}

const PAIR = 'x1|a|x y|x2|b';
const TWO = 'x1|a|x x2|b|y';
const X = 'x|a|input|tensor|m|matrix';

export const LINEAR_OPS: readonly OpSpec[] = [
  op('k,n,kb,m:matmul', TWO, matmul),
  op('t,tl:matmul', `${TWO} transpose_a=false transpose_b=false`, matmul),
  op('k,n,kb,m:dot', TWO, dot),
  op('k,n,t,tl:tensordot', `${TWO} axes=2`, tensordot),
  op('k,n,t,tl:einsum', `subscripts|equation ${variadic('x', 5)}`, einsum),
  op('k,n,t:outer', TWO, outer),
  op('k,n:inner', TWO, inner),
  op('k,n:kron', TWO, kron),
  op('kb:batch_dot', `${TWO} axes=null`, batchDot),
  op('k,n:vdot', TWO, a => a.make(ranked([]))),
  op('k,n,t,tl:cross', TWO, cross),
  op(
    'k,kl,nl,t,tl:inv,cholesky',
    X,
    onSquare((a, d) => a.make(ranked(d))),
  ),
  op(
    'k,kl,nl,t,tl:det,logdet',
    X,
    onSquare((a, d) => a.make(ranked(d.slice(0, -2)))),
  ),
  op(
    'k,kl,nl,t,tl:eigh,eig',
    X,
    onSquare((a, d) => tuple([a.make(ranked(d.slice(0, -1))), a.make(ranked(d))])),
  ),
  op('k,kl,nl,t,tl:qr', `${X} mode="reduced"`, qr),
  op('k,kl,nl,t,tl:solve', PAIR, a => a.make(a.shape('y'), { dtype: a.dtypeOf('x1') })),
  op('k,kl,nl,tl:pinv', X, a => a.onDims('x', d => a.make(ranked([...d.slice(0, -2), d.at(-1)!, d.at(-2)!])), 2)),
];
