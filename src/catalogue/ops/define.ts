/**
 * How ops are written down: paths and signatures as short texts, and what an op's function is given to read them with.
 *
 * Paths are `prefixes:names`, every prefix with every name: `k,n,m:mean t,tm:reduce_mean` is `keras.ops.mean`,
 * `numpy.mean`, the method `x.mean()`, `tensorflow.reduce_mean` and `tensorflow.math.reduce_mean`.
 *
 * Signatures are positional names with their defaults; `|` gives the names that other libraries use for the same thing:
 * `x|a|input_tensor axis=null keepdims=false`.
 */
import { type Dim, OPEN, unknownDim } from '../../ir/dim';
import { fail, type Failure, type Outcome } from '../../ir/fault';
import type { ConfigValue } from '../../ir/model';
import { axisIndex, isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { type DataFacts, frameTensor, integer, list, type TensorValue, type Value } from '../../ir/value';
import { asDim, asNumber, itemsOf } from '../arguments';
import type { ArgumentSpec, OpContext, OpSpec } from '../spec';

const PREFIXES: Readonly<Record<string, string>> = {
  k: 'keras.ops',
  t: 'tensorflow',
  n: 'numpy',
  m: 'tensor',
  tn: 'tensorflow.nn',
  tm: 'tensorflow.math',
  tl: 'tensorflow.linalg',
  nl: 'numpy.linalg',
  kb: 'keras.backend',
  ti: 'tensorflow.image',
  ki: 'keras.ops.image',
  kn: 'keras.ops.nn',
  nr: 'numpy.random',
  g: 'numpy.random.Generator',
  tr: 'tensorflow.random',
  kr: 'keras.random',
  ka: 'keras.activations',
  kl: 'keras.ops.linalg',
  ds: 'tensorflow.data.Dataset',
  u: 'keras.utils',
  ku: 'keras.ops.numpy',
  j: 'tfjs',
  jt: 'tfjs.Tensor',
  ji: 'tfjs.image',
  jl: 'tfjs.linalg',
  js: 'tfjs.signal',
  jf: 'tfjs.spectral',
  jo: 'tfjs.losses',
};

function pathsOf(text: string): string[] {
  return text.split(' ').flatMap(group => {
    const [prefixes, names] = group.split(':') as [string, string];
    return prefixes.split(',').flatMap(p => names.split(',').map(name => `${PREFIXES[p] ?? p}.${name}`));
  });
}

interface Signature {
  readonly parameters: readonly ArgumentSpec[];
  readonly synonyms: ReadonlyMap<string, readonly string[]>;
}

/**
 * All arguments are optional to the binder: a name may be given under any of its spellings, and what is missing is not
 * known.
 */
function signatureOf(text: string): Signature {
  const parameters: ArgumentSpec[] = [];
  const synonyms = new Map<string, readonly string[]>();
  for (const part of text.split(' ').filter(p => p !== '')) {
    const [names, value] = part.split('=') as [string, string | undefined];
    const [name, ...others] = names.split('|') as [string, ...string[]];
    parameters.push({
      name,
      kind: { kind: 'any' },
      defaultValue: value === undefined ? null : (JSON.parse(value) as ConfigValue),
    });
    for (const other of others)
      parameters.push({ name: other, kind: { kind: 'any' }, defaultValue: null, keywordOnly: true });
    synonyms.set(name, [name, ...others]);
  }
  return { parameters, synonyms };
}

/** `more` positional ones for functions that take any number: `np.random.rand(2, 3)`, `x.reshape(3, 4)`. */
export function variadic(name: string, count = 6): string {
  const [first] = name.split('|');
  return Array.from({ length: count }, (_, i) => (i === 0 ? name : `${first!}${i}`)).join(' ');
}

export function op(paths: string, signature: string, infer: (a: OpCall) => Outcome<Value>): OpSpec {
  const { parameters, synonyms } = signatureOf(signature);
  return { paths: pathsOf(paths), parameters, infer: c => infer(new OpCall(c, synonyms)) };
}

export interface Extra {
  readonly dtype?: string;
  readonly facts?: DataFacts;
  readonly elements?: readonly Value[];
  readonly flavour?: TensorValue['flavour'];
}

/** The arguments of one call of an op, by the first name of each parameter. */
export class OpCall {
  constructor(
    readonly context: OpContext,
    private readonly synonyms: ReadonlyMap<string, readonly string[]>,
    private readonly replaced?: readonly [role: string, value: Value],
  ) {}

  /** The same call with another value for one argument. */
  with(role: string, value: Value): OpCall {
    return new OpCall(this.context, this.synonyms, [role, value]);
  }

  /** The spelling under which it was given. */
  private spelling(role: string): string {
    return this.synonyms.get(role)?.find(name => this.context.args.given(name)) ?? role;
  }

  given(role: string): boolean {
    return this.context.args.given(this.spelling(role));
  }

  value(role: string): Value {
    if (this.replaced?.[0] === role) return this.replaced[1];
    return this.context.args.value(this.spelling(role));
  }

  isNone(role: string): boolean | undefined {
    return this.context.args.isNone(this.spelling(role));
  }

  number(role: string): number | undefined {
    return this.context.args.number(this.spelling(role));
  }

  flag(role: string): boolean | undefined {
    return this.context.args.flag(this.spelling(role));
  }

  text(role: string): string | undefined {
    return this.context.args.text(this.spelling(role));
  }

  size(role: string): Dim {
    return asDim(this.value(role));
  }

  items(role: string): readonly Value[] | undefined {
    return itemsOf(this.value(role));
  }

  /** A tuple of lengths, or one length; undefined where not known how many. */
  sizes(role: string): readonly Dim[] | undefined {
    return sizesOf(this.value(role));
  }

  /** All values of a variadic parameter, or the items of its only one. */
  many(role: string): readonly Value[] {
    const values: Value[] = [];
    for (let i = 0; ; i++) {
      const name = i === 0 ? role : `${role}${i}`;
      if (!this.synonyms.has(name) || !this.given(name)) break;
      values.push(this.value(name));
    }
    return values;
  }

  /** Axes, undefined where not known; null where None was given. */
  axes(role = 'axis'): readonly number[] | null | undefined {
    const none = this.isNone(role);
    return none ? null : this.context.args.axes(this.spelling(role));
  }

  tensor(role: string): TensorValue | undefined {
    return asTensor(this.value(role));
  }

  /** The shape of what was given: of a tensor, a number, nested lists of numbers. */
  shape(role: string): Shape {
    return shapeOfValue(this.value(role));
  }

  dims(role: string): readonly Dim[] | undefined {
    const shape = this.shape(role);
    return isRanked(shape) ? shape.dims : undefined;
  }

  /** Python values of the dtype argument: `'float32'`, `tf.float32`, `np.int64`, `int`. */
  dtype(role = 'dtype'): string | undefined {
    return this.synonyms.has(role) ? dtypeOf(this.value(role)) : undefined;
  }

  facts(role = 'x'): DataFacts | undefined {
    const value = this.value(role);
    return value.kind === 'tensor' ? value.facts : undefined;
  }

  dtypeOf(role = 'x'): string | undefined {
    return this.tensor(role)?.dtype;
  }

  /**
   * The library this call belongs to decides what kind of array it makes; the evaluator makes it symbolic where an
   * input is.
   */
  make(shape: Shape, extra: Extra = {}): TensorValue {
    return {
      kind: 'tensor',
      shape,
      flavour: extra.flavour ?? this.flavour(),
      dtype: extra.dtype,
      facts: extra.facts,
      elements: extra.elements,
    };
  }

  /** The input with another shape: dtype and what is known of the numbers stay. */
  reshaped(shape: Shape, role = 'x', extra: Extra = {}): TensorValue {
    return this.make(shape, { dtype: this.dtypeOf(role), facts: this.facts(role), ...extra });
  }

  private flavour(): TensorValue['flavour'] {
    const { path } = this.context;
    if (path.startsWith('tensor.')) {
      const self = this.value('x');
      return self.kind === 'tensor' ? self.flavour : 'array';
    }
    if (
      path.startsWith('numpy.') ||
      path.startsWith('sklearn.') ||
      path.startsWith('keras.utils.') ||
      path.startsWith('keras.datasets.')
    ) {
      return 'numpy';
    }
    return path.startsWith('tfjs.') ? 'tfjs' : 'tensorflow';
  }

  /** True for Keras's own ops, which see an open axis as a length of its own. */
  get isKeras(): boolean {
    return this.context.path.startsWith('keras.ops');
  }

  /**
   * Runs `f` on the lengths of an input; what has no known rank, or a lower one than `f` needs, gives a tensor of
   * unknown rank.
   */
  onDims(role: string, f: (dims: readonly Dim[]) => Outcome<Value>, atLeast = 0): Outcome<Value> {
    const shape = this.shape(role);
    if (!isRanked(shape)) return this.make(shape);
    return shape.dims.length < atLeast ? this.unknown(`${role} has a rank below ${atLeast}`) : f(shape.dims);
  }

  unknown(why: string): TensorValue {
    return this.make(unranked(why));
  }
}

/** A number is a tensor of rank 0, nested lists are arrays. Undefined for what is no array. */
export function asTensor(value: Value): TensorValue | undefined {
  if (value.kind === 'tensor') return value;
  if (value.kind === 'frame') return frameTensor(value);
  const shape = shapeOfValue(value);
  if (!isRanked(shape)) return undefined;
  const items = itemsOf(value);
  const flat = items?.every(i => i.kind === 'number' || i.kind === 'size') && items.length <= 32 ? items : undefined;
  return {
    kind: 'tensor',
    shape,
    flavour: 'array',
    dtype: dtypeOfItems(value),
    elements: shape.dims.length === 1 ? flat : undefined,
  };
}

export function shapeOfValue(value: Value): Shape {
  switch (value.kind) {
    case 'tensor':
      return value.shape;
    case 'frame':
      return frameTensor(value).shape;
    case 'number':
    case 'boolean':
    case 'size':
    case 'string':
      return ranked([]);
    case 'range': {
      const items = itemsOf(value);
      return ranked([items ? { kind: 'known', value: items.length } : unknownDim('how long the range is')]);
    }
    case 'list':
    case 'tuple': {
      if (value.rest) return unranked('how many items the list has is not known');
      const shapes = value.items.map(shapeOfValue);
      const [first] = shapes;
      if (!first) return ranked([{ kind: 'known', value: 0 }]);
      if (!shapes.every(isRanked)) return unranked('an item of the list is not known');
      const rank = (first as { dims: readonly Dim[] }).dims.length;
      if (shapes.some(s => s.dims.length !== rank)) return unranked('the items of the list differ in shape');
      const dims = (first as { dims: readonly Dim[] }).dims.map((d, i) =>
        shapes.every(s => sameText(s.dims[i]!, d)) ? d : unknownDim('the items of the list differ in length'),
      );
      return ranked([{ kind: 'known', value: shapes.length }, ...dims]);
    }
    case 'unknown':
      return unranked(value.why);
    default:
      return unranked(`a ${value.kind} is no array`);
  }
}

function sameText(a: Dim, b: Dim): boolean {
  return (
    a.kind === b.kind &&
    (a.kind === 'known'
      ? a.value === (b as { value: number }).value
      : a.kind === 'symbolic'
        ? a.text === (b as { text: string }).text
        : true)
  );
}

function dtypeOfItems(value: Value): string | undefined {
  switch (value.kind) {
    case 'number':
      return value.isInteger ? 'int64' : 'float64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'list':
    case 'tuple': {
      const found = new Set(value.items.map(dtypeOfItems));
      if (found.size === 1) return [...found][0];
      return found.size > 1 && [...found].every(d => d === 'int64' || d === 'float64') ? 'float64' : undefined;
    }
    case 'range':
      return 'int64';
    default:
      return undefined;
  }
}

export function dtypeOf(value: Value): string | undefined {
  if (value.kind === 'string') return value.value;
  if (value.kind !== 'library' && value.kind !== 'module') return undefined;
  const name = value.path.slice(value.path.lastIndexOf('.') + 1).replace(/_$/, '');
  return name === 'float' ? 'float64' : name === 'int' ? 'int64' : name;
}

/** A length or several as lengths; −1 stays a number, None is open. */
export function sizesOf(value: Value): readonly Dim[] | undefined {
  const items = itemsOf(value);
  if (items) return items.map(v => (v.kind === 'none' ? OPEN : asDim(v)));
  if (value.kind === 'number' || value.kind === 'size' || value.kind === 'boolean') return [asDim(value)];
  if (value.kind === 'unknown' && value.dim) return undefined;
  return undefined;
}

/** The axis from the front, or the failure. */
export function axisOf(axis: number, dims: readonly Dim[], extra = 0): number | Failure {
  const index = axisIndex(axis, dims.length + extra);
  return index ?? fail({ kind: 'axis-out-of-range', axis, rank: dims.length + extra, input: ranked(dims) });
}

export function axesOf(axes: readonly number[], dims: readonly Dim[]): readonly number[] | Failure {
  const out: number[] = [];
  for (const axis of axes) {
    const index = axisOf(axis, dims);
    if (typeof index !== 'number') return index;
    out.push(index);
  }
  return out;
}

export function isFailed<T>(x: T | Failure): x is Failure {
  return typeof x === 'object' && x !== null && 'detail' in x;
}

/** A list value of tensors. */
export function tensors(all: readonly TensorValue[]): Value {
  return list([...all]);
}

export { asDim, asNumber, integer, itemsOf };
