/** The parts of Python's own library, and of NumPy and Keras's back end, that model code computes sizes with. */
import { product } from '../ir/dim';
import type { Expression } from '../ir/program';
import { shape } from '../ir/shape';
import type { Span } from '../ir/span';
import { float, integer, list, NONE, sizeValue, text, tuple, unknownValue, type Value } from '../ir/value';
import { asDim } from '../catalogue/arguments';
import { canonicalPath } from '../catalogue';
import { argument, type CallArguments, callValue, objectArguments } from './call';
import type { Evaluator } from './evaluator';
import { NAMES_CELL } from './names';
import { tensorsIn } from './operations';
import { itemsOf } from './sequences';

const CONSTANTS: Readonly<Record<string, Value>> = {
  'math.pi': float(Math.PI),
  'math.e': float(Math.E),
  'math.inf': float(Infinity),
  'numpy.pi': float(Math.PI),
  'numpy.inf': float(Infinity),
  'numpy.newaxis': NONE,
  'tensorflow.newaxis': NONE,
};

/** Versions are those the checks are written for; what a program compares them with is then known. */
const VERSIONS: Readonly<Record<2 | 3, { readonly keras: string; readonly tensorflow: string }>> = {
  2: { keras: '2.15.0', tensorflow: '2.15.0' },
  3: { keras: '3.15.1', tensorflow: '2.21.0' },
};

export function libraryConstant(cx: Evaluator, path: string): Value | undefined {
  const constant = CONSTANTS[path];
  if (constant) return constant;
  const version = VERSIONS[cx.options.kerasVersion ?? 3];
  if (path === 'tensorflow.__version__') return text(version.tensorflow);
  return path === 'keras.__version__' ? text(version.keras) : undefined;
}

type NumberFunction = (...numbers: number[]) => number;

/** Whole results where Python gives an int. */
const WHOLE: Readonly<Record<string, NumberFunction>> = {
  'math.floor': Math.floor,
  'math.ceil': Math.ceil,
  'math.trunc': Math.trunc,
  'math.gcd': (...n) => n.reduce(gcd),
  'math.prod': (...n) => n.reduce((a, b) => a * b, 1),
  'math.factorial': n => factorial(n),
  'math.isqrt': n => Math.floor(Math.sqrt(n)),
  'math.comb': (n, k) => factorial(n) / factorial(k) / factorial(n - k),
};
const REAL: Readonly<Record<string, NumberFunction>> = {
  sqrt: Math.sqrt,
  log: (x, base) => (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base)),
  log2: Math.log2,
  log10: Math.log10,
  exp: Math.exp,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  pow: Math.pow,
  power: Math.pow,
  fabs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  radians: x => (x * Math.PI) / 180,
  log1p: Math.log1p,
  tanh: Math.tanh,
};

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

function factorial(n: number): number {
  let out = 1;
  for (let i = 2; i <= Math.min(n, 170); i++) out *= i;
  return out;
}

/** Undefined where this is not one of the functions here. */
export function callPython(
  cx: Evaluator,
  path: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value | undefined {
  const values = args.positional.map(a => a.value);
  const numbers = values.map(v => (v.kind === 'number' ? v.value : undefined));
  const [root, name] = [path.slice(0, path.lastIndexOf('.')), path.slice(path.lastIndexOf('.') + 1)];
  if (root === 'math' || root === 'numpy') {
    const computed = compute(cx, root, path, name, values, numbers);
    if (computed) return computed;
  }
  switch (path) {
    case 'keras.activations.get':
    case 'keras.activations.deserialize':
      return activation(argument(args, path.endsWith('get') ? 'identifier' : 'config', 0));
    case 'functools.partial': {
      const [fn, ...others] = args.positional;
      if (!fn) return undefined;
      const bound = objectArguments({ ...args, positional: others });
      return { kind: 'object', path: 'functools.partial', args: new Map([['#function', fn.value], ...bound]) };
    }
    case 'functools.reduce': {
      const { items, rest } = itemsOf(cx, values[1] ?? list([]));
      const all = values[2] ? [values[2], ...items] : items;
      if (!values[0] || rest || all.length === 0) return unknownValue('what `reduce` gives is not known');
      return all.reduce((a, b) =>
        callValue(cx, values[0]!, { positional: [a, b].map(value => ({ value, span: at })) }, undefined, at),
      );
    }
    case 'os.chdir':
      cx.noteMoved();
      return NONE;
    case 'os.path.join':
      return joinedPath(values);
    case 'copy.deepcopy':
    case 'copy.copy':
      return copied(values[0]);
    case 'itertools.product':
    case 'itertools.combinations':
      return { kind: 'list', items: [], rest: unknownValue('one of several combinations') };
    case 'itertools.chain': {
      const parts = values.map(v => itemsOf(cx, v));
      return { kind: 'list', items: parts.flatMap(p => p.items), rest: parts.find(p => p.rest)?.rest };
    }
    case 'itertools.repeat':
      return values[0] ? { kind: 'list', items: [], rest: values[0] } : undefined;
    case 'collections.OrderedDict':
      return callValue(cx, { kind: 'library', path: 'builtins.dict' }, args, node, at);
    case 'collections.defaultdict':
      return { kind: 'dict', entries: new Map(), open: 'a default dictionary has a value for every key' };
    case 'collections.deque':
      return list([...(values[0] ? itemsOf(cx, values[0]).items : [])]);
    case 'types.SimpleNamespace':
    case 'argparse.Namespace':
      return { kind: 'object', path: 'namespace', args: objectArguments(args) };
    case 'keras.backend.clear_session':
    case 'keras.utils.clear_session':
      cx.journal.touch(cx.names, NAMES_CELL);
      cx.names.clear();
      return NONE;
    case 'keras.backend.image_data_format':
    case 'keras.config.image_data_format':
      return text('channels_last');
    case 'keras.backend.floatx':
    case 'keras.config.floatx':
      return text('float32');
    case 'keras.backend.backend':
    case 'keras.config.backend':
      return text('tensorflow');
    case 'keras.backend.int_shape':
      return values[0]?.kind === 'tensor' && values[0].shape.kind === 'ranked'
        ? tuple(values[0].shape.dims.map(sizeValue))
        : undefined;
    default:
      return canonicalPath(path).startsWith('typing.') ? (values.at(-1) ?? NONE) : undefined;
  }
}

/** Numbers from numbers; `np.prod(x.shape[1:])` and the like from sizes. */
function compute(
  cx: Evaluator,
  root: string,
  path: string,
  name: string,
  values: readonly Value[],
  numbers: readonly (number | undefined)[],
): Value | undefined {
  if (values.some(v => tensorsIn(v).length > 0)) return undefined;
  const known = numbers.length > 0 && numbers.every(n => n !== undefined);
  if (known) {
    const whole = WHOLE[path];
    if (whole) return integer(whole(...numbers));
    const real = REAL[name];
    if (real) return finite(real(...numbers));
    if (root === 'numpy' && (name === 'int32' || name === 'int64')) return integer(Math.trunc(numbers[0]!));
    if (root === 'numpy' && (name === 'float32' || name === 'float64')) return float(numbers[0]!);
    if (root === 'numpy' && (name === 'abs' || name === 'absolute'))
      return { ...(values[0] as Value & { kind: 'number' }), value: Math.abs(numbers[0]!) };
    if (root === 'numpy' && (name === 'maximum' || name === 'minimum') && values.length === 2)
      return numbers[0]! > numbers[1]! === (name === 'maximum') ? values[0] : values[1];
    if (name === 'round' && root === 'numpy') return float(Math.round(numbers[0]!));
  }
  const [first] = values;
  if (path === 'numpy.linspace' && numbers[0] !== undefined && numbers[1] !== undefined) {
    const count = values[2]?.kind === 'number' ? values[2].value : values.length === 2 ? 50 : undefined;
    if (count !== undefined && count > 0 && count <= MAX_ELEMENTS) return linspace(numbers[0], numbers[1], count);
  }
  if (values.length === 1 && (first?.kind === 'list' || first?.kind === 'tuple') && !first.rest) {
    if (name === 'prod') return sizeValue(product(first.items.map(asDim)));
    if (
      (name === 'sum' || name === 'max' || name === 'min') &&
      root === 'numpy' &&
      first.items.every(i => i.kind === 'number')
    )
      return callValue(
        cx,
        { kind: 'library', path: `builtins.${name}` },
        { positional: [{ value: first, span: NOWHERE }] },
        undefined,
      );
  }
  if (path === 'math.ceil' && first?.kind === 'size') return first;
  return undefined;
}

const NOWHERE: Span = { start: 0, end: 0 };

/** Longer arrays keep their shape alone. */
const MAX_ELEMENTS = 256;

function linspace(from: number, to: number, count: number): Value {
  const elements = Array.from({ length: count }, (_, i) =>
    float(count === 1 ? from : from + ((to - from) * i) / (count - 1)),
  );
  return { kind: 'tensor', shape: shape(count), flavour: 'numpy', dtype: 'float64', elements };
}

function finite(value: number): Value {
  return Number.isFinite(value) ? float(value) : unknownValue('the result is no finite number');
}

/** As on the systems where programs are written with forward slashes. */
function joinedPath(values: readonly Value[]): Value {
  const parts = values.map(v => (v.kind === 'string' ? v.value : undefined));
  if (!parts.every(part => part !== undefined)) return unknownValue('a part of the path is not known');
  return text(
    parts.reduce(
      (path, part) =>
        part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
      '',
    ),
  );
}

function copied(value: Value | undefined): Value {
  switch (value?.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return { kind: value.kind, items: value.items.map(copied), rest: value.rest };
    case 'dict':
      return {
        kind: 'dict',
        entries: new Map([...value.entries].map(([key, v]) => [key, copied(v)])),
        open: value.open,
      };
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
    case 'size':
    case 'tensor':
      return value;
    case 'frame':
      return { ...value };
    default:
      return unknownValue('a copy of this is not followed');
  }
}

/** By its name, None for none, or what was given itself. */
function activation(given: Value | undefined): Value | undefined {
  if (given?.kind === 'string') return { kind: 'library', path: `keras.activations.${given.value}` };
  if (given?.kind === 'none') return { kind: 'library', path: 'keras.activations.linear' };
  return given?.kind === 'library' || given?.kind === 'function' || given?.kind === 'layer' ? given : undefined;
}
