/** Arrays made from nothing: constructors, ranges, random numbers, conversions. */
import { add, isExact, known, subtract, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { type DataFacts, NONE, unknownValue, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { broadcastAll } from './arithmetic';
import { asDim, asTensor, axisOf, isFailed, itemsOf, op, type OpCall, shapeOfValue, sizesOf, variadic } from './define';

/** An unknown length in a shape, −1 and None included, is an axis of which nothing is known. */
function shapeArgument(a: OpCall, role: string): Shape {
  const value = a.value(role);
  if (value.kind === 'none') return ranked([]);
  const sizes = sizesOf(value);
  if (sizes) return ranked(sizes);
  return unranked(value.kind === 'unknown' ? value.why : 'the shape is not known');
}

const filled =
  (dtype?: string) =>
  (a: OpCall): Outcome<Value> =>
    a.make(shapeArgument(a, 'shape'), { dtype: a.dtype() ?? dtype });

function like(a: OpCall): Outcome<Value> {
  return a.make(a.isNone('shape') === false ? shapeArgument(a, 'shape') : a.shape('x'), {
    dtype: a.dtype() ?? a.dtypeOf(),
  });
}

/** The identity's rows are the one-hot vectors: `np.eye(10)[labels]`. */
function eye(a: OpCall): Outcome<Value> {
  const rows = a.size('n');
  const columns = a.isNone('m') !== false ? rows : a.size('m');
  return a.make(ranked([rows, columns]), { dtype: a.dtype() ?? 'float64', facts: { oneHot: true, classes: columns } });
}

/**
 * `arange(stop)`, `arange(start, stop, step)`: ceil((stop − start) / step) numbers. `tf.range(limit=5)` and
 * `np.arange(stop=5)` name the end alone.
 */
function arange(a: OpCall): Outcome<Value> {
  const [noStart, noStop] = [a.isNone('start'), a.isNone('stop')];
  if (noStop === undefined) return a.make(ranked([unknownDim('the end of the range is not known')]));
  const only = noStop ? 'start' : noStart === true ? 'stop' : undefined;
  const [start, stop] = only ? [known(0), a.size(only)] : [a.size('start'), a.size('stop')];
  const [from, to] = only ? [0, a.number(only)] : [a.number('start'), a.number('stop')];
  const by = a.isNone('step') ? 1 : a.number('step');
  if (from !== undefined && to !== undefined && by && !a.context.path.startsWith('numpy') && (to - from) / by < 0) {
    return fail({
      kind: 'argument-conflict',
      names: ['start', 'stop'],
      why: 'the range runs the other way than its step',
    });
  }
  if (from !== undefined && to !== undefined && by) {
    return a.make(ranked([known(Math.max(0, Math.ceil((to - from) / by)))]), { dtype: a.dtype() ?? 'int64' });
  }
  const length =
    by === 1 && isExact(stop) && isExact(start)
      ? subtract(stop, start)
      : unknownDim('the length of the range is not known');
  return a.make(ranked([length]), { dtype: a.dtype() ?? 'int64' });
}

function linspace(a: OpCall): Outcome<Value> {
  const ends = broadcastAll([a.shape('start'), a.shape('stop')]);
  if ('detail' in ends) return ends;
  if (!isRanked(ends)) return a.unknown('an end is not known');
  const axis = axisOf(a.number('axis') ?? 0, ends.dims, 1);
  if (isFailed(axis)) return axis;
  const dims = [...ends.dims];
  dims.splice(axis, 0, a.size('num'));
  const made = a.make(ranked(dims), { dtype: 'float64' });
  return a.flag('retstep') ? { kind: 'tuple', items: [made, unknownValue('the step')] } : made;
}

/** `np.array([[1, 2], [3, 4]])`, `tf.constant(…)`, `x.to_numpy()`: what is known of the items stays. */
function array(a: OpCall): Outcome<Value> {
  const value = a.value('x');
  const dtype = a.dtype();
  // tf.constant(0, shape=(2, 3)) fills a shape.
  if (a.isNone('shape') === false) return a.make(shapeArgument(a, 'shape'), { dtype });
  const tensor = asTensor(value);
  if (!tensor) return a.make(shapeOfValue(value), { dtype, facts: undefined });
  const made = a.make(tensor.shape, {
    dtype: dtype ?? tensor.dtype,
    facts: tensor.facts ?? listFacts(value),
    elements: tensor.elements,
  });
  return tensor.flavour === 'symbolic' ? { ...made, flavour: 'symbolic', node: tensor.node } : made;
}

/** A literal list of small integers may be labels; only their largest is kept. */
function listFacts(value: Value): DataFacts | undefined {
  const items = itemsOf(value);
  if (!items || items.length < 2 || !items.every(i => i.kind === 'number' && i.isInteger && i.value >= 0)) {
    return undefined;
  }
  const largest = Math.max(...items.map(i => (i as { value: number }).value));
  return { labels: true, classes: known(largest + 1) };
}

function meshgridLike(a: OpCall): Outcome<Value> {
  return a.make(ranked([a.size('n'), a.isNone('m') !== false ? a.size('n') : a.size('m')]));
}

// ------------------------------------------------------------------------------------------------------ random

/** `np.random.rand(2, 3)`: the lengths are the arguments. */
function randomDims(a: OpCall): Outcome<Value> {
  return a.make(ranked(a.many('d').map(asDim)), { dtype: 'float64' });
}

const RANDOM_NUMBER: Value = { kind: 'unknown', why: 'a random number', isNumber: true };

/** One number without a size; else an array of that shape. */
const drawn =
  (role: string, dtype?: string) =>
  (a: OpCall): Outcome<Value> => {
    if (a.isNone(role)) return RANDOM_NUMBER;
    return a.make(shapeArgument(a, role), { dtype: a.dtype() ?? dtype ?? 'float64' });
  };

/** Integers below `high`: labels, if they begin at 0. */
function integers(a: OpCall): Outcome<Value> {
  if (a.isNone('size')) return RANDOM_NUMBER;
  const only = a.isNone('high') !== false;
  const [low, high] = only ? [0, a.value('low')] : [a.number('low'), a.value('high')];
  const facts: DataFacts | undefined = low === 0 ? { labels: true, classes: asDim(high) } : undefined;
  return a.make(shapeArgument(a, 'size'), { dtype: 'int64', facts });
}

/** Keras and TensorFlow: `randint(shape, minval, maxval)`. */
function shapedIntegers(a: OpCall): Outcome<Value> {
  const dtype = a.dtype() ?? (a.context.path.endsWith('uniform') ? 'float32' : 'int32');
  const facts: DataFacts | undefined =
    a.number('minval') === 0 && /int/.test(dtype) ? { labels: true, classes: a.size('maxval') } : undefined;
  return a.make(shapeArgument(a, 'shape'), { dtype, facts });
}

function choice(a: OpCall): Outcome<Value> {
  if (a.isNone('size')) return unknownValue('a random item');
  const shape = shapeArgument(a, 'size');
  const source = a.value('a');
  const facts: DataFacts | undefined =
    source.kind === 'number' ? { labels: true, classes: known(source.value) } : listFacts(source);
  return a.make(shape, { facts });
}

/** `permutation(n)` or of an array. */
function permutation(a: OpCall): Outcome<Value> {
  const value = a.value('x');
  if (value.kind === 'number' || value.kind === 'size') return a.make(ranked([asDim(value)]), { dtype: 'int64' });
  return a.make(shapeOfValue(value), { dtype: asTensor(value)?.dtype, facts: a.facts() });
}

function categorical(a: OpCall): Outcome<Value> {
  return a.onDims('logits', dims => a.make(ranked([dims[0]!, a.size('num')]), { dtype: 'int64' }), 1);
}

/** `np.fromfunction`, `np.load` and others that read files: an array of which nothing is known. */
const opaque = (a: OpCall): Outcome<Value> => a.unknown('the array comes from a file or a function');

/** Windows over the first axis: `sliding_window_view(x, window, axis)`. */
function slidingWindow(a: OpCall): Outcome<Value> {
  return a.onDims('x', dims => {
    const axis = a.number('axis') ?? 0;
    const at = axisOf(axis, dims);
    if (isFailed(at)) return at;
    const window = a.size('window');
    return a.make(ranked([...dims.map((d, i) => (i === at ? add(subtract(d, window), known(1)) : d)), window]), {
      dtype: a.dtypeOf(),
    });
  });
}

const SHAPE = 'shape|dims|size dtype=null';

export const CREATION_OPS: readonly OpSpec[] = [
  op('k,t,kb:zeros,ones,empty', SHAPE, filled('float32')),
  op('n:zeros,ones,empty', SHAPE, filled('float64')),
  op('k,n:full', 'shape fill_value dtype=null', filled()),
  op('t:fill', 'shape|dims value', filled()),
  op(
    'k,n,t,kb:zeros_like,ones_like,empty_like,full_like',
    'x|a|input|prototype|tensor fill_value=null dtype=null shape=null',
    like,
  ),
  op('k,n,t,kb:eye', 'n|N|num_rows|size m|M|num_columns=null k=0 dtype=null', eye),
  op('k,n:identity', 'n dtype=null m=null', eye),
  op('k,n:tri', 'n|N m|M=null', meshgridLike),
  op('k,n,t,kb:arange t:range', 'start=null stop|limit=null step|delta=null dtype=null', arange),
  op('k,n,t:linspace,logspace,geomspace', 'start stop num=50 endpoint=true retstep=false dtype=null axis=0', linspace),
  op(
    'n,k:array,asarray,ascontiguousarray,asanyarray n,k:copy n:float32,float64,int32,int64,uint8',
    'x|object|a dtype=null shape=null',
    array,
  ),
  op(
    't,k,kb:constant,convert_to_tensor,Variable,variable',
    'x|value|initial_value|data dtype=null shape=null trainable=null',
    array,
  ),
  op('k:convert_to_numpy kb:get_value,eval', 'x', a =>
    a.make(a.shape('x'), { flavour: 'numpy', dtype: a.dtypeOf(), facts: a.facts() }),
  ),
  op('n:load,loadtxt,genfromtxt,fromfile,frombuffer,memmap', 'file', opaque),
  op('n:lib.stride_tricks.sliding_window_view', 'x window|window_shape axis=0', slidingWindow),

  op('nr:rand,randn', variadic('d'), randomDims),
  op('nr:random,random_sample,ranf,sample,standard_normal,standard_cauchy', 'x=null size=null', a =>
    (a.isNone('size') ? drawn('x') : drawn('size'))(a),
  ),
  op('nr:uniform', 'low=0 high=1 size=null', drawn('size')),
  op('nr:normal,laplace,gumbel,logistic,lognormal', 'loc|mean=0 scale|sigma=1 size=null', drawn('size')),
  op('nr:binomial,negative_binomial', 'n p size=null', drawn('size', 'int64')),
  op('nr:poisson,exponential,geometric', 'lam|scale|p=1 size=null', drawn('size')),
  op('nr:beta,gamma,chisquare', 'a b|scale=1 size=null', drawn('size')),
  op('nr:randint,random_integers', 'low high=null size=null dtype=null', integers),
  op('nr:choice', 'a size=null replace=true p=null', choice),
  op('nr:permutation', 'x', permutation),
  op('nr:shuffle,seed kr:set_seed tr:set_seed', 'x', () => NONE),
  op('nr:default_rng,RandomState', 'seed=null', () => ({
    kind: 'object',
    path: 'numpy.random.Generator',
    args: new Map(),
  })),
  op('g:random', 'self size=null', drawn('size')),
  op('g:normal,laplace', 'self loc=0 scale=1 size=null', drawn('size')),
  op('g:uniform', 'self low=0 high=1 size=null', drawn('size')),
  op('g:standard_normal', 'self size=null', drawn('size')),
  op('g:rand,randn', `self ${variadic('d')}`, randomDims),
  op('g:integers,randint', 'self low high=null size=null dtype=null', integers),
  op('g:choice', 'self a size=null', choice),
  op('g:permutation', 'self x', permutation),
  op('g:shuffle', 'self x', () => NONE),
  op(
    'tr,kr:normal,truncated_normal,gamma,stateless_normal kb,t:random_normal,truncated_normal',
    'shape mean=0 stddev=1 dtype=null',
    filled('float32'),
  ),
  op(
    'tr,kr:uniform,stateless_uniform kb:random_uniform t:random_uniform',
    'shape minval=0 maxval=null dtype=null',
    shapedIntegers,
  ),
  op('kr:randint', 'shape minval maxval dtype=null', shapedIntegers),
  op('kr:binomial,beta', 'shape counts probabilities', filled('float32')),
  op('kb:random_bernoulli', 'shape p=0', filled('float32')),
  op('tr,kr:categorical', 'logits num|num_samples', categorical),
  op('tr,kr:shuffle', 'x|value', permutation),
];
