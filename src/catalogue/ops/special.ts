/** The rarer ops: scatter and search, Fourier transforms, control flow over functions, einops patterns. */
import {
  add,
  type Dim,
  divideExactly,
  floorDivide,
  known,
  multiply,
  OPEN,
  product,
  same,
  unknownDim,
} from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { ranked, sameShape } from '../../ir/shape';
import { text, tuple, unknownValue, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { broadcastAll } from './arithmetic';
import { asDim, axisOf, isFailed, itemsOf, op, type OpCall, shapeOfValue } from './define';

const like =
  (role: string, dtype?: string) =>
  (a: OpCall): Outcome<Value> =>
    a.make(a.shape(role), { dtype: dtype ?? a.dtypeOf(role) });

// -------------------------------------------------------------------------------------------------------- control flow

/** Both branches are called; they agree, or nothing is known. */
function cond(a: OpCall): Outcome<Value> {
  const [yes, no] = ['yes', 'no'].map(role => a.context.call(a.value(role), []));
  if (yes?.kind === 'tensor' && no?.kind === 'tensor' && sameShape(yes.shape, no.shape) === 'yes') return yes;
  return unknownValue('the two branches give different things');
}

/** A loop gives what it was given: its variables keep their shapes. */
const carried =
  (role: string) =>
  (a: OpCall): Outcome<Value> =>
    a.value(role);

// ------------------------------------------------------------------------------------------------------------- Fourier

/** Real and imaginary part side by side, as Keras hands complex numbers over. */
function fourier(a: OpCall): Outcome<Value> {
  const parts = itemsOf(a.value('x'));
  if (!parts || parts.length !== 2) return a.unknown('the two parts of the numbers are not known');
  return tuple(parts.map(p => a.make(shapeOfValue(p))));
}

/** The half of the spectrum that real numbers have: `n // 2 + 1`. */
function realFourier(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const length = a.isNone('fft_length') === false ? a.size('fft_length') : dims.at(-1)!;
      const half = length.kind === 'open' ? OPEN : add(floorDivide(length, known(2)), known(1));
      const made = (): Value => a.make(ranked([...dims.slice(0, -1), half]));
      return a.isKeras ? tuple([made(), made()]) : made();
    },
    1,
  );
}

// ------------------------------------------------------------------------------------------------------------ matrices

/** Swaps the two axes for every odd quarter turn. */
function rot90(a: OpCall): Outcome<Value> {
  return a.onDims(
    'x',
    dims => {
      const [turns, axes] = [a.number('k'), a.axes('axes')];
      if (turns === undefined || axes?.length !== 2) return a.unknown('the turn is not known');
      const [first, second] = axes.map(axis => axisOf(axis, dims));
      if (isFailed(first)) return first;
      if (isFailed(second)) return second;
      if (turns % 2 === 0) {
        // keras.ops.rot90 states swapped axes for half turns too and computes them unswapped (numpy.py, `Rot90`).
        const agree = !a.isKeras || same(dims[first!]!, dims[second!]!) === 'yes';
        return agree ? a.reshaped(ranked(dims)) : a.unknown('Keras states another shape than it computes');
      }
      return a.reshaped(ranked(dims.map((d, i) => (i === first ? dims[second!]! : i === second ? dims[first!]! : d))));
    },
    2,
  );
}

function diagflat(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const [size, k] = [product(dims), a.number('k')];
    const side = k === undefined || size.kind === 'open' ? OPEN : add(size, known(Math.abs(k)));
    return a.make(ranked([side, side]));
  });
}

/** Distances of every row of the one to every row of the other. */
function cdist(a: OpCall): Outcome<Value> {
  const [x, y] = [a.dims('x'), a.dims('y')];
  if (!x || !y || x.length < 2 || y.length < 2) return a.unknown('a set of points is not known');
  if (same(x.at(-1)!, y.at(-1)!) === 'no') return fail({ kind: 'matmul-mismatch', left: ranked(x), right: ranked(y) });
  return a.make(ranked([...x.slice(0, -2), x.at(-2)!, y.at(-2)!]));
}

function vander(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => a.make(ranked([dims[0]!, a.isNone('n') ? dims[0]! : a.size('n')])), 1);
}

/** The axis that is integrated over goes. */
function trapezoid(a: OpCall): Outcome<Value> {
  return a.onDims('y', dims => {
    const at = axisOf(a.number('axis') ?? -1, dims);
    return isFailed(at) ? at : a.make(ranked(dims.filter((_, i) => i !== at)));
  });
}

function select(a: OpCall): Outcome<Value> {
  const all = [...(itemsOf(a.value('conditions')) ?? []), ...(itemsOf(a.value('choices')) ?? [])].map(shapeOfValue);
  if (all.length === 0) return a.unknown('the choices are not known');
  const shape = broadcastAll(all);
  return isFailed(shape) ? shape : a.make(shape);
}

const broadcasted = (a: OpCall): Outcome<Value> => {
  const shape = broadcastAll([a.shape('x'), a.shape('y')]);
  return isFailed(shape) ? shape : a.make(shape);
};

// -------------------------------------------------------------------------------------------------------------- einops

type Group = readonly string[];

/** `b (h w) c`: a group for each axis; undefined for what is not followed, the ellipsis for one. */
function groupsOf(side: string): readonly Group[] | undefined {
  if (side.includes('...')) return undefined;
  return (side.match(/\([^)]*\)|\S+/g) ?? []).map(part =>
    part
      .replace(/[()]/g, '')
      .split(/\s+/)
      .filter(n => n !== ''),
  );
}

/** Lengths of all names: from the input's axes, and what is left of a group whose other lengths are given. */
function namedLengths(a: OpCall, groups: readonly Group[], dims: readonly Dim[]): Map<string, Dim> | undefined {
  const sizes = new Map<string, Dim>();
  for (const [i, group] of groups.entries()) {
    const given = group.map(name =>
      name === '1' ? known(1) : a.context.args.given(name) ? asDim(a.context.args.value(name)) : undefined,
    );
    const open = given.filter(g => g === undefined).length;
    if (open > 1) return undefined;
    const rest = product(given.filter(g => g !== undefined));
    const left =
      divideExactly(dims[i]!, rest) ?? (dims[i]!.kind === 'open' ? OPEN : unknownDim('the axis does not divide'));
    group.forEach((name, k) => sizes.set(name, given[k] ?? left));
  }
  return sizes;
}

/** `rearrange(x, 'b (h p) c -> b h (p c)', p=4)`, `reduce` and `repeat` alike: axes by name. */
function einops(a: OpCall): Outcome<Value> {
  const pattern = a.text('pattern');
  const [left, right] = pattern?.split('->').map(groupsOf) ?? [];
  return a.onDims('x', dims => {
    if (!left || !right) return a.unknown('the pattern is not followed');
    if (left.length !== dims.length) {
      return fail({ kind: 'rank-mismatch', wanted: { exact: left.length }, got: ranked(dims) });
    }
    if (a.isKeras && dims.some(d => d.kind === 'open')) {
      // keras.ops.rearrange multiplies the lengths, and the open one is None (einops.py).
      return a.unknown('Keras takes no open axis here');
    }
    const sizes = namedLengths(a, left, dims);
    if (!sizes) return a.unknown('a length of the pattern is not known');
    const lengthOf = (name: string): Dim =>
      sizes.get(name) ??
      (name === '1'
        ? known(1)
        : a.context.args.given(name)
          ? asDim(a.context.args.value(name))
          : unknownDim(`${name} is not given`));
    return a.reshaped(ranked(right.map(group => group.map(lengthOf).reduce(multiply, known(1)))));
  });
}

/** Names that patterns use; a call with another one is not followed. */
const AXIS_NAMES =
  'b c h w n d t s k p q p1 p2 p3 h1 w1 h2 w2 ph pw hw nh nw heads head patch patch_size num_heads ' +
  'r g f e l m x y z'
    .split(' ')
    .map(name => `${name}=null`)
    .join(' ');

export const SPECIAL_OPS: readonly OpSpec[] = [
  op('k:cond t:cond', 'pred yes|true_fn no|false_fn', cond),
  op('k,t:while_loop', 'cond body x|loop_vars', carried('x')),
  op('k:fori_loop', 'lower upper body_fun x|init_val', carried('x')),
  op('k:associative_scan', 'f x|elems', carried('x')),
  op('k,n,t:erfc,view', 'x', like('x')),
  op('k,n:isin', 'x|x1|element', like('x', 'bool')),
  op('k,n:digitize', 'x bins', like('x', 'int64')),
  op('k,n,t:searchsorted', 'sorted|sorted_sequence|a values|v', like('values', 'int64')),
  op('k:scatter_update,slice_update', 'x|inputs', like('x')),
  op('t:tensor_scatter_nd_update,tensor_scatter_nd_add', 'x|tensor', like('x')),
  op('k:scatter', 'indices values shape', a => {
    const sizes = a.sizes('shape');
    return sizes ? a.make(ranked(sizes)) : a.unknown('the shape is not known');
  }),
  op('t:scatter_nd', 'indices updates shape', a => {
    const sizes = a.sizes('shape');
    return sizes ? a.make(ranked(sizes)) : a.unknown('the shape is not known');
  }),
  op('k,kn,tm:in_top_k', 'targets predictions k', like('targets', 'bool')),
  op('k:ctc_loss', 'target output', a => a.onDims('target', d => a.make(ranked([d[0]!])), 1)),
  op('k:fft,fft2,ifft2', 'x', fourier),
  op('k:rfft tensorflow.signal:rfft numpy.fft:rfft', 'x|a|input_tensor fft_length|n=null', realFourier),
  op('k,n:rot90', 'x|m|array k=1 axes=[0,1]', rot90),
  op('k,n:diagflat', 'x|v k=0', diagflat),
  op('k:cdist', 'x y', cdist),
  op('k,n:vander', 'x n|N=null', vander),
  op('k,n:trapezoid n:trapz', 'y x=null dx=1 axis=-1', trapezoid),
  op('k,n:select', 'conditions|condlist choices|choicelist', select),
  op('k:polar', 'x|abs_ y|angle', broadcasted),
  op('k,n:allclose', 'x|x1 y|x2', () => unknownValue('whether two arrays are close')),
  op('k,kl:solve_triangular', 'a b', like('b')),
  op('k,kl:cholesky_inverse', 'x', like('x')),
  op('k:psnr ti:psnr', 'x y', a => a.make(ranked([]))),
  op('k,n,tm:bincount', 'x', a => a.make(ranked([a.isKeras ? OPEN : unknownDim('the largest number says how many')]))),
  op('k:view_as_complex', 'x', a => a.onDims('x', d => a.make(ranked(d.slice(0, -1))), 1)),
  op('k:dtype', 'x', a => {
    const dtype = a.dtypeOf();
    return dtype === undefined ? unknownValue('the type of the numbers is not known') : text(dtype);
  }),
  op('k,einops,einops.layers.keras:rearrange', `x|tensor pattern ${AXIS_NAMES}`, einops),
  op('einops:reduce', `x|tensor pattern reduction ${AXIS_NAMES}`, einops),
  op('einops:repeat', `x|tensor pattern ${AXIS_NAMES}`, einops),
];
