/** Python's built-in functions. */
import { isExact, less, subtract } from '../ir/dim';
import type { Expression } from '../ir/program';
import { isRanked } from '../ir/shape';
import type { Span } from '../ir/span';
import {
  boolean,
  float,
  integer,
  list,
  NONE,
  type SequenceValue,
  sizeValue,
  text,
  tuple,
  unknownSize,
  unknownValue,
  type Value,
} from '../ir/value';
import { asDim } from '../catalogue/arguments';
import { getAttribute, instanceMethod, setAttribute } from './attributes';
import { type CallArguments, callValue } from './call';
import { classInfo } from './class-info';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { seriesOf } from './frames';
import { scriptGlobal } from './javascript-library';
import { joinValues } from './join';
import { layerOf } from './layers';
import { ModelObject } from './graph';
import { binary, compareValues, truth } from './operators';
import { itemsOf, rangeLength } from './sequences';
import { keyOf, reprOf, strOf } from './strings';

const NAMES = new Set([
  'range',
  'len',
  'int',
  'float',
  'str',
  'bool',
  'list',
  'tuple',
  'dict',
  'set',
  'frozenset',
  'sum',
  'min',
  'max',
  'abs',
  'round',
  'sorted',
  'reversed',
  'enumerate',
  'zip',
  'map',
  'filter',
  'any',
  'all',
  'print',
  'isinstance',
  'issubclass',
  'hasattr',
  'getattr',
  'setattr',
  'type',
  'id',
  'super',
  'open',
  'input',
  'iter',
  'next',
  'callable',
  'divmod',
  'pow',
  'repr',
  'format',
  'vars',
  'object',
  'staticmethod',
  'classmethod',
  'property',
  'ord',
  'chr',
  'slice',
  'exit',
  'quit',
  'bytes',
  'hash',
  'dir',
  'locals',
  'globals',
  'display',
  'complex',
  'bytearray',
  'memoryview',
  'exec',
  'eval',
  'compile',
  'Exception',
  'ValueError',
  'TypeError',
  'KeyError',
  'IndexError',
  'RuntimeError',
  'NotImplementedError',
  'ImportError',
  'ModuleNotFoundError',
  'AttributeError',
  'AssertionError',
  'FileNotFoundError',
  'StopIteration',
  'KeyboardInterrupt',
  'OSError',
  'ZeroDivisionError',
  'NotImplemented',
  'UserWarning',
  'DeprecationWarning',
  'FutureWarning',
  'Warning',
  'BaseException',
  '__import__',
]);

export function builtin(cx: Evaluator, name: string): Value | undefined {
  if (cx.language !== 'python') return scriptGlobal(name);
  if (name === '__name__') return cx.file === undefined ? text('__main__') : text('module');
  if (name === '__file__') return unknownValue('where the file lies is not known');
  return NAMES.has(name) ? { kind: 'library', path: `builtins.${name}` } : undefined;
}

export function callBuiltin(
  cx: Evaluator,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const values = args.positional.map(a => a.value);
  const [first, second, third] = values;
  if (values.includes(AFTER_FAULT)) return AFTER_FAULT;
  const what = node ? `\`${describe(node)}\` is not known` : `\`${name}\` is not known`;
  switch (name) {
    case 'range':
      return range(values);
    case 'len':
      return first ? lengthOf(cx, first, node) : unknownValue(what);
    case 'int':
      return toInteger(first, what);
    case 'float':
      return first?.kind === 'number'
        ? float(first.value)
        : first?.kind === 'string' && first.value.trim() !== '' && !Number.isNaN(Number(first.value))
          ? float(Number(first.value))
          : unknownValue(what);
    case 'str':
      return stringOf(first, what);
    case 'repr':
      return textOr(first && reprOf(first), what);
    case 'bool':
      return boolOr(first ? truth(first) : false, what);
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset':
      return collection(cx, name === 'frozenset' ? 'set' : name, first);
    case 'dict':
      return dictionary(cx, first, args);
    case 'sum':
      return total(cx, first, second);
    case 'min':
    case 'max':
      return extreme(
        name,
        values.length === 1 ? itemsOf(cx, first!) : { items: values },
        args.keywords?.has('key') === true,
        what,
      );
    case 'abs':
      return first?.kind === 'number' ? { ...first, value: Math.abs(first.value) } : unknownValue(what);
    case 'round':
      return roundOf(first, second, what);
    case 'pow':
      return first && second && !third ? binary(cx, '**', first, second, node ?? NOTHING) : unknownValue(what);
    case 'divmod':
      return first && second
        ? tuple([binary(cx, '//', first, second, node ?? NOTHING), binary(cx, '%', first, second, node ?? NOTHING)])
        : unknownValue(what);
    case 'sorted':
      return sorted(cx, first, args);
    case 'reversed': {
      const { items, rest } = itemsOf(cx, first ?? list([]));
      return rest ? { kind: 'list', items: [], rest } : list([...items].reverse());
    }
    case 'enumerate':
      return enumerated(cx, first, second ?? args.keywords?.get('start')?.value);
    case 'zip':
      return zipped(cx, values);
    case 'map':
      return mapped(cx, first, values.slice(1), at);
    case 'filter':
      return filtered(cx, first, second, at);
    case 'any':
    case 'all':
      return anyAll(cx, name, first, what);
    case 'isinstance':
      return boolOr(first && second ? isInstance(first, second) : undefined, what);
    case 'issubclass':
      return unknownValue(what);
    case 'hasattr':
      return boolOr(first && second?.kind === 'string' ? hasAttribute(cx, first, second.value) : undefined, what);
    case 'getattr':
      return first && second?.kind === 'string' ? getattr(cx, first, second.value, third, at) : unknownValue(what);
    case 'setattr':
      if (first && second?.kind === 'string' && third)
        setAttribute(cx, first, second.value, third, attributeNode(second.value, at));
      return NONE;
    case 'callable':
      return boolOr(
        first && ['function', 'class', 'layer', 'model', 'method', 'library'].includes(first.kind) ? true : undefined,
        what,
      );
    case 'type':
      return first?.kind === 'instance' ? first.of : unknownValue(what);
    case 'iter':
      return first ?? NONE;
    case 'next':
      return next(cx, first, what);
    case 'super':
      return first?.kind === 'class' && second?.kind === 'instance'
        ? { kind: 'super', instance: second, after: first }
        : unknownValue(what);
    case 'ord':
      return first?.kind === 'string' && first.value.length > 0
        ? integer(first.value.codePointAt(0)!)
        : unknownValue(what);
    case 'chr':
      return first?.kind === 'number'
        ? text(String.fromCodePoint(Math.max(0, Math.min(first.value, 0x10ffff))))
        : unknownValue(what);
    case 'slice':
      return values.length === 1
        ? { kind: 'slice', upper: first }
        : { kind: 'slice', lower: first, upper: second, step: third };
    case 'print':
    case 'exit':
    case 'quit':
    case 'display':
    case 'object.__init__':
      return NONE;
    default:
      return unknownValue(what);
  }
}

const NOTHING: Expression = { kind: 'unsupported', why: 'made by the evaluator', span: { start: 0, end: 0 } };

function boolOr(value: boolean | undefined, why: string): Value {
  return value === undefined ? unknownValue(why) : boolean(value);
}

function textOr(value: string | undefined, why: string): Value {
  return value === undefined ? unknownValue(why) : text(value);
}

function range(values: readonly Value[]): Value {
  const [start, stop, step] =
    values.length === 1
      ? [integer(0), values[0]!, integer(1)]
      : [values[0] ?? integer(0), values[1] ?? integer(0), values[2] ?? integer(1)];
  return {
    kind: 'range',
    start: asDim(start),
    stop: asDim(stop),
    step: step.kind === 'number' && step.value !== 0 ? step.value : 1,
  };
}

function lengthOf(cx: Evaluator, value: Value, node: Expression | undefined): Value {
  switch (value.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return value.rest ? unknownValue('how many items the list has is not known') : integer(value.items.length);
    case 'string':
      return integer([...value.value].length);
    case 'dict':
      return value.open === undefined ? integer(value.entries.size) : unknownValue(value.open);
    case 'range': {
      const count = rangeLength(value);
      if (count !== undefined) return integer(count);
      return value.step === 1 && isExact(value.start) && isExact(value.stop) && less(value.stop, value.start) === 'no'
        ? sizeValue(subtract(value.stop, value.start))
        : unknownValue('the length of this range is not known');
    }
    case 'tensor': {
      if (!isRanked(value.shape) || value.shape.dims.length === 0)
        return unknownValue('the length of this array is not known');
      return sizeValue(value.shape.dims[0]!);
    }
    case 'frame':
      return sizeValue(value.rows);
    case 'instance': {
      const method = instanceMethod(cx, value, '__len__');
      return method
        ? callValue(cx, method, { positional: [] }, node)
        : unknownValue('the length of this object is not known');
    }
    case 'unknown':
      return unknownValue(value.why);
    default:
      return unknownValue(`a ${value.kind} has no length that is followed`);
  }
}

function toInteger(value: Value | undefined, why: string): Value {
  if (value === undefined) return integer(0);
  if (value.kind === 'number')
    return Number.isFinite(value.value) ? integer(Math.trunc(value.value)) : unknownValue(why);
  if (value.kind === 'boolean') return integer(value.value ? 1 : 0);
  if (value.kind === 'size') return value;
  if (value.kind === 'string' && /^\s*[-+]?\d+\s*$/.test(value.value)) return integer(Number(value.value));
  return value.kind === 'unknown'
    ? value.dim
      ? unknownSize(value.why, value.dim)
      : unknownValue(value.why)
    : unknownValue(why);
}

function stringOf(value: Value | undefined, why: string): Value {
  return value === undefined ? text('') : textOr(strOf(value), why);
}

function collection(cx: Evaluator, kind: SequenceValue['kind'], value: Value | undefined): Value {
  if (value === undefined) return { kind, items: [] };
  const { items, rest } = itemsOf(cx, value);
  return kind === 'set' && items.length > 1 ? { kind, items: unique(items), rest } : { kind, items: [...items], rest };
}

function unique(items: readonly Value[]): Value[] {
  const kept: Value[] = [];
  for (const item of items) if (!kept.some(k => compareValues('==', k, item) === true)) kept.push(item);
  return kept;
}

function dictionary(cx: Evaluator, first: Value | undefined, args: CallArguments): Value {
  const entries = new Map<string, Value>();
  let open = args.open;
  if (first?.kind === 'dict') {
    for (const [key, value] of first.entries) entries.set(key, value);
    open ??= first.open;
  } else if (first?.kind === 'frame') {
    for (const label of first.labels ?? []) entries.set(label, seriesOf(first.rows));
    if (!first.labels) open ??= 'the columns of this table are not known';
  } else if (first) {
    const { items, rest } = itemsOf(cx, first);
    for (const pair of items) {
      const key = pair.kind === 'tuple' || pair.kind === 'list' ? keyOf(pair.items[0] ?? NONE) : undefined;
      if (key === undefined) open ??= 'a key is not known';
      else entries.set(key, (pair as SequenceValue).items[1] ?? NONE);
    }
    if (rest) open ??= 'some entries are not known';
  }
  for (const [name, a] of args.keywords ?? []) entries.set(name, a.value);
  return { kind: 'dict', entries, open };
}

function total(cx: Evaluator, value: Value | undefined, start: Value | undefined): Value {
  const { items, rest } = itemsOf(cx, value ?? list([]));
  if (rest) return unknownValue('a sum over items that are not known');
  return items.reduce((a, b) => binary(cx, '+', a, b, NOTHING), start ?? integer(0));
}

function extreme(
  name: 'min' | 'max',
  { items, rest }: { readonly items: readonly Value[]; readonly rest?: Value },
  byKey: boolean,
  why: string,
): Value {
  if (rest || items.length === 0 || byKey) return unknownValue(why);
  let best = items[0]!;
  for (const item of items.slice(1)) {
    const smaller = compareValues('<', item, best);
    if (smaller === undefined) return unknownValue(why);
    if (smaller === (name === 'min') && compareValues('==', item, best) !== true) best = item;
  }
  return best;
}

function roundOf(value: Value | undefined, digits: Value | undefined, why: string): Value {
  if (value?.kind !== 'number') return value?.kind === 'size' ? value : unknownValue(why);
  if (digits?.kind === 'number') {
    const scale = 10 ** digits.value;
    return float(Math.round(value.value * scale) / scale);
  }
  // Python rounds halves to the even neighbour.
  const floor = Math.floor(value.value);
  const rest = value.value - floor;
  return integer(rest === 0.5 ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(value.value));
}

function sorted(cx: Evaluator, value: Value | undefined, args: CallArguments): Value {
  const { items, rest } = itemsOf(cx, value ?? list([]));
  const reverse = args.keywords?.get('reverse')?.value;
  const plain =
    !rest &&
    !args.keywords?.has('key') &&
    (items.every(i => i.kind === 'number') || items.every(i => i.kind === 'string'));
  if (!plain || (reverse && reverse.kind !== 'boolean')) {
    const all = rest ? [...items, rest] : [...items];
    return all.length === 0
      ? list([])
      : { kind: 'list', items: [], rest: all.reduce((a, b) => joinValues(a, b, 'one of several items')) };
  }
  const out = [...items].sort((a, b) =>
    compareValues('<', a, b) === true ? -1 : compareValues('<', b, a) === true ? 1 : 0,
  );
  return list(reverse?.kind === 'boolean' && reverse.value ? out.reverse() : out);
}

function enumerated(cx: Evaluator, value: Value | undefined, start: Value | undefined): Value {
  const from = start?.kind === 'number' ? start.value : start ? undefined : 0;
  const { items, rest } = itemsOf(cx, value ?? list([]));
  const counted = items.map((item, i) =>
    tuple([from === undefined ? unknownValue('where the count starts is not known') : integer(from + i), item]),
  );
  return { kind: 'list', items: counted, rest: rest && tuple([unknownValue('one of several numbers'), rest]) };
}

function zipped(cx: Evaluator, values: readonly Value[]): Value {
  const all = values.map(v => itemsOf(cx, v));
  const sure = Math.min(...all.map(a => a.items.length));
  const items = Array.from({ length: Number.isFinite(sure) ? sure : 0 }, (_, i) => tuple(all.map(a => a.items[i]!)));
  const mayGoOn = all.length > 0 && all.every(a => a.rest !== undefined || a.items.length > sure);
  return {
    kind: 'list',
    items,
    rest: mayGoOn ? tuple(all.map(a => a.rest ?? unknownValue('one of several items'))) : undefined,
  };
}

function mapped(cx: Evaluator, fn: Value | undefined, over: readonly Value[], at: Span): Value {
  if (!fn || over.length === 0) return unknownValue('what is mapped is not known');
  const { items, rest } = over.length === 1 ? itemsOf(cx, over[0]!) : itemsOf(cx, zipped(cx, over));
  const call = (item: Value): Value =>
    callValue(
      cx,
      fn,
      { positional: (over.length === 1 ? [item] : (item as SequenceValue).items).map(value => ({ value, span: at })) },
      undefined,
      at,
    );
  return { kind: 'list', items: items.map(call), rest: rest && call(rest) };
}

function filtered(cx: Evaluator, fn: Value | undefined, over: Value | undefined, at: Span): Value {
  const { items, rest } = itemsOf(cx, over ?? list([]));
  const kept: Value[] = [];
  for (const item of items) {
    const verdict =
      !fn || fn.kind === 'none'
        ? truth(item)
        : truth(callValue(cx, fn, { positional: [{ value: item, span: at }] }, undefined, at));
    if (verdict === undefined) return { kind: 'list', items: [], rest: unknownValue('one of several items') };
    if (verdict) kept.push(item);
  }
  return { kind: 'list', items: kept, rest };
}

function anyAll(cx: Evaluator, name: 'any' | 'all', value: Value | undefined, why: string): Value {
  const { items, rest } = itemsOf(cx, value ?? list([]));
  let open = rest !== undefined;
  for (const item of items) {
    const one = truth(item);
    if (one === (name === 'any')) return boolean(name === 'any');
    if (one === undefined) open = true;
  }
  return open ? unknownValue(why) : boolean(name === 'all');
}

function next(cx: Evaluator, value: Value | undefined, why: string): Value {
  if (!value) return unknownValue(why);
  const { items, rest } = itemsOf(cx, value);
  const all = rest ? [...items, rest] : items;
  // The same iterator may have been asked before: any of its items.
  return all.length === 0 ? unknownValue(why) : all.reduce((a, b) => joinValues(a, b, 'one of several items'));
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  int: ['number', 'boolean', 'size'],
  float: ['number'],
  str: ['string'],
  bool: ['boolean'],
  list: ['list'],
  tuple: ['tuple'],
  dict: ['dict'],
  set: ['set'],
};

/** Undefined where not known. */
export function isInstance(value: Value, of: Value): boolean | undefined {
  if (of.kind === 'tuple') {
    const verdicts = of.items.map(o => isInstance(value, o));
    return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  }
  if (value.kind === 'unknown') return undefined;
  if (of.kind === 'class') {
    if (value.kind !== 'instance') return value.kind === 'object' ? undefined : false;
    return classInfo(value.of).lineage().includes(classInfo(of))
      ? true
      : classInfo(value.of).isOpen
        ? layerOf(value)
          ? false
          : undefined
        : false;
  }
  if (of.kind !== 'library') return undefined;
  if (of.path.startsWith('builtins.')) {
    const name = of.path.slice('builtins.'.length);
    const kinds = KINDS[name];
    if (!kinds || value.kind === 'instance' || value.kind === 'object') return undefined;
    if (value.kind === 'number') return name === (value.isInteger ? 'int' : 'float');
    return kinds.includes(value.kind);
  }
  return isLibraryInstance(value, of.path);
}

function isLibraryInstance(value: Value, path: string): boolean | undefined {
  const layer = layerOf(value);
  if (layer?.standsFor !== undefined && !(layer instanceof ModelObject)) return undefined;
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (path.startsWith('keras.layers.') || path.startsWith('keras.models.')) {
    if (!layer) return value.kind === 'object' || value.kind === 'instance' ? undefined : false;
    if (path === 'keras.layers.Layer') return true;
    if (path === 'keras.models.Model') return layer instanceof ModelObject;
    if (path === 'keras.models.Sequential') return layer instanceof ModelObject && layer.kind === 'sequential';
    return layer.instance ? undefined : layer.className === name;
  }
  if (path === 'numpy.ndarray')
    return value.kind === 'tensor'
      ? value.flavour === 'numpy'
        ? true
        : value.flavour === 'array'
          ? undefined
          : false
      : false;
  return value.kind === 'object' ? (value.path === path ? true : undefined) : undefined;
}

function attributeNode(name: string, span: Span): Expression & { kind: 'attribute' } {
  return {
    kind: 'attribute',
    object: { kind: 'unsupported', why: '', span },
    name,
    nameSpan: span,
    optional: false,
    span,
  };
}

function hasAttribute(cx: Evaluator, object: Value, name: string): boolean | undefined {
  if (object.kind !== 'instance') return undefined;
  if (object.attributes.has(name) || instanceMethod(cx, object, name)) return true;
  return classInfo(object.of).isOpen ? undefined : false;
}

/** An attribute of a library that is not in the catalogue exists all the same. */
function getattr(cx: Evaluator, object: Value, name: string, fallback: Value | undefined, at: Span): Value {
  if (object.kind === 'instance' && !object.attributes.has(name) && !instanceMethod(cx, object, name) && fallback) {
    return classInfo(object.of).isOpen ? unknownValue(`\`${name}\` may not be set`) : fallback;
  }
  return getAttribute(cx, object, name, attributeNode(name, at));
}
