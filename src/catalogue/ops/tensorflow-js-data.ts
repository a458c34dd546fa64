/**
 * `tf.data` of TensorFlow.js: what a dataset is made of and what its methods make of that. The element of a dataset is
 * a value like any other: numbers, texts, arrays and tensors, in objects and arrays; `batch` puts them into tensors.
 *
 * Source: @tensorflow/tfjs-data 4.22, src/dataset.ts, src/readers.ts, src/datasets/csv_dataset.ts, src/util/deep_map.ts.
 */
import { type Dim, known, OPEN, same, unknownDim } from '../../ir/dim';
import { fail, type Outcome } from '../../ir/fault';
import { isRanked, ranked, type Shape, unranked } from '../../ir/shape';
import { list, NONE, type SequenceValue, unknownValue, type Value } from '../../ir/value';
import type { OpSpec } from '../spec';
import { asNumber, itemsOf, op, type OpCall } from './define';

const PATH = 'tfjs.data.Dataset';
const CSV_PATH = 'tfjs.data.CSVDataset';

const UNKNOWN = unknownValue('what the dataset holds is not known');
const A_NUMBER: Value = { kind: 'unknown', why: 'a number of the dataset', isNumber: true };

/** Nesting beyond this is given up. */
const MAX_DEPTH = 8;

function dataset(element: Value | undefined, path = PATH): Value {
  return { kind: 'object', path, args: new Map(), element: element ?? UNKNOWN };
}

function elementOf(a: OpCall, role = 'self'): Value {
  const self = a.value(role);
  return (self.kind === 'object' ? self.element : undefined) ?? UNKNOWN;
}

/** One value that stands for each of several. */
function anyOf(values: readonly Value[], depth = 0): Value {
  const [first] = values;
  if (!first || depth > MAX_DEPTH) return UNKNOWN;
  if (values.every(isScalar)) return first.kind === 'string' || first.kind === 'boolean' ? first : A_NUMBER;
  if (first.kind === 'list') {
    const lists = values.filter(isList);
    const [one] = lists;
    const alike = lists.length === values.length && lists.every(l => !l.rest && l.items.length === one!.items.length);
    return alike
      ? list(
          one!.items.map((_, i) =>
            anyOf(
              lists.map(l => l.items[i]!),
              depth + 1,
            ),
          ),
        )
      : UNKNOWN;
  }
  if (first.kind === 'dict') {
    const dicts = values.filter(v => v.kind === 'dict');
    const keys = [...first.entries.keys()];
    const alike =
      dicts.length === values.length &&
      dicts.every(d => d.open === undefined && d.entries.size === keys.length && keys.every(k => d.entries.has(k)));
    return alike
      ? {
          kind: 'dict',
          entries: new Map(
            keys.map(k => [
              k,
              anyOf(
                dicts.map(d => d.entries.get(k)!),
                depth + 1,
              ),
            ]),
          ),
        }
      : UNKNOWN;
  }
  if (first.kind === 'tensor') {
    const tensors = values.filter(v => v.kind === 'tensor');
    const [one, ...others] = tensors.map(t => t.shape);
    if (tensors.length < values.length || !one || !isRanked(one) || !others.every(isRanked)) return UNKNOWN;
    if (others.some(s => s.dims.length !== one.dims.length)) return UNKNOWN;
    const dims = one.dims.map((d, i) =>
      others.every(s => same(s.dims[i]!, d) === 'yes') ? d : unknownDim('the tensors of the dataset differ'),
    );
    return { ...first, shape: ranked(dims), facts: undefined, elements: undefined, node: undefined };
  }
  return UNKNOWN;
}

const isList = (value: Value): value is SequenceValue => value.kind === 'list';

const isScalar = (value: Value): boolean =>
  value.kind === 'number' ||
  value.kind === 'boolean' ||
  value.kind === 'string' ||
  value.kind === 'size' ||
  (value.kind === 'unknown' && value.isNumber === true);

// ---------------------------------------------------------------------------------------------------------- sources

function array(a: OpCall): Outcome<Value> {
  const items = itemsOf(a.value('items'));
  if (items) return dataset(anyOf(items));
  const value = a.value('items');
  return dataset(value.kind === 'list' && value.rest && value.items.length === 0 ? value.rest : undefined);
}

/** A generator function, or a function that gives an iterator. */
function generator(a: OpCall): Outcome<Value> {
  const made = a.context.call(a.value('generator'), []);
  if (made.kind === 'object' && made.path === 'generator') return dataset(made.element);
  const next = made.kind === 'dict' ? made.entries.get('next') : undefined;
  const result = next && a.context.call(next, []);
  const value = result?.kind === 'dict' ? result.entries.get('value') : undefined;
  return dataset(value && value.kind !== 'none' ? value : undefined);
}

/** Columns are single values. Which there are is known where the program lists them. */
function csv(a: OpCall): Outcome<Value> {
  const config = a.value('config');
  if (config.kind !== 'none' && (config.kind !== 'dict' || config.open !== undefined))
    return dataset(undefined, CSV_PATH);
  const option = (key: string): Value => (config.kind === 'dict' ? config.entries.get(key) : undefined) ?? NONE;
  const columns = option('columnConfigs');
  if (columns.kind !== 'none' && (columns.kind !== 'dict' || columns.open !== undefined))
    return dataset(undefined, CSV_PATH);
  const configured = columns.kind === 'dict' ? [...columns.entries] : [];
  const flags = configured.map(
    ([key, c]) => [key, c.kind === 'dict' ? flag(c.entries.get('isLabel')) : undefined] as const,
  );
  if (flags.some(([, isLabel]) => isLabel === undefined)) return dataset(undefined, CSV_PATH);
  const labels = flags.filter(([, isLabel]) => isLabel).map(([key]) => key);
  const only = flag(option('configuredColumnsOnly'));
  const names = itemsOf(option('columnNames'))?.map(v => (v.kind === 'string' ? v.value : undefined));
  const all = only ? configured.map(([key]) => key) : names?.every(n => n !== undefined) ? names : undefined;
  const isOpen = only === undefined || !all;
  const features = (all ?? configured.map(([key]) => key)).filter(key => !labels.includes(key));
  const columnsOf = (keys: readonly string[], open: boolean): Value => ({
    kind: 'dict',
    entries: new Map(keys.map(key => [key, A_NUMBER])),
    ...(open ? { open: 'the file says which columns there are' } : {}),
  });
  const xs = columnsOf(features, isOpen);
  const element: Value =
    labels.length === 0
      ? xs
      : {
          kind: 'dict',
          entries: new Map([
            ['xs', xs],
            ['ys', columnsOf(labels, false)],
          ]),
        };
  return dataset(element, CSV_PATH);
}

/** What JavaScript takes for true, as far as a configuration says it. */
function flag(value: Value | undefined): boolean | undefined {
  if (value === undefined || value.kind === 'none') return false;
  return value.kind === 'boolean' ? value.value : undefined;
}

/** Datasets in an array or object; the element has the same form. */
function zip(a: OpCall): Outcome<Value> {
  const elements = (value: Value, depth = 0): Value => {
    if (depth > MAX_DEPTH) return UNKNOWN;
    if (value.kind === 'object') return value.element ?? UNKNOWN;
    if (value.kind === 'list' && !value.rest) return list(value.items.map(v => elements(v, depth + 1)));
    if (value.kind === 'dict' && value.open === undefined)
      return { kind: 'dict', entries: new Map([...value.entries].map(([k, v]) => [k, elements(v, depth + 1)])) };
    return UNKNOWN;
  };
  const sets = a.value('datasets');
  return dataset(sets.kind === 'list' || sets.kind === 'dict' ? elements(sets) : undefined);
}

// ---------------------------------------------------------------------------------------------------------- methods

const unchanged = (a: OpCall): Outcome<Value> => dataset(elementOf(a));

function map(a: OpCall): Outcome<Value> {
  const element = elementOf(a);
  return dataset(element === UNKNOWN ? undefined : a.context.call(a.value('transform'), [element]));
}

function forEach(a: OpCall): Outcome<Value> {
  const element = elementOf(a);
  if (element !== UNKNOWN) a.context.call(a.value('f'), [element]);
  return NONE;
}

function filter(a: OpCall): Outcome<Value> {
  return dataset(elementOf(a));
}

/** Either all elements are of one form, or nothing is known of them. */
function concatenate(a: OpCall): Outcome<Value> {
  const [own, other] = [elementOf(a), elementOf(a, 'dataset')];
  return dataset(own === UNKNOWN || other === UNKNOWN ? undefined : anyOf([own, other]));
}

/** The last batch may be shorter, unless it is left out. */
function batch(a: OpCall): Outcome<Value> {
  const size = a.value('batchSize');
  const number = asNumber(size);
  if (number !== undefined && !(number > 0))
    return fail({ kind: 'argument-invalid', name: 'batchSize', got: String(number), wanted: 'a positive number' });
  const isWhole = a.value('smallLastBatch').kind === 'boolean' && flag(a.value('smallLastBatch')) === false;
  return dataset(batched(elementOf(a), isWhole ? a.size('batchSize') : OPEN));
}

function batched(element: Value, size: Dim, depth = 0): Value {
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (element.kind === 'dict')
    return {
      kind: 'dict',
      entries: new Map([...element.entries].map(([key, v]) => [key, batched(v, size, depth + 1)])),
      open: element.open,
    };
  const shape = shapeOfElement(element);
  return {
    kind: 'tensor',
    flavour: 'tfjs',
    shape: isRanked(shape) ? ranked([size, ...shape.dims]) : shape,
    ...(element.kind === 'tensor' ? { dtype: element.dtype, facts: element.facts } : {}),
    ...(element.kind === 'string' ? { dtype: 'string' } : {}),
  };
}

/** Arrays become tensors whole. */
function shapeOfElement(value: Value, depth = 0): Shape {
  if (value.kind === 'tensor') return value.shape;
  if (isScalar(value)) return ranked([]);
  if (value.kind !== 'list' || depth > MAX_DEPTH)
    return unranked(value.kind === 'unknown' ? value.why : 'what the dataset holds is not known');
  if (value.rest || value.items.length === 0) {
    const inner = value.rest && value.items.length === 0 ? shapeOfElement(value.rest, depth + 1) : undefined;
    const length = unknownDim('how long the arrays of the dataset are is not known');
    return inner && isRanked(inner)
      ? ranked([length, ...inner.dims])
      : unranked('the arrays of the dataset are not known');
  }
  const shapes = value.items.map(item => shapeOfElement(item, depth + 1));
  const [first] = shapes;
  if (!first || !shapes.every(isRanked) || !isRanked(first)) return unranked('the arrays of the dataset are not known');
  if (shapes.some(s => s.dims.length !== first.dims.length)) return unranked('the arrays of the dataset differ');
  const dims = first.dims.map((d, i) =>
    shapes.every(s => same(s.dims[i]!, d) === 'yes') ? d : unknownDim('the arrays of the dataset differ in length'),
  );
  return ranked([known(shapes.length), ...dims]);
}

function toArray(a: OpCall): Outcome<Value> {
  return { kind: 'list', items: [], rest: elementOf(a) };
}

function iterator(a: OpCall): Outcome<Value> {
  return { kind: 'object', path: 'tfjs.data.LazyIterator', args: new Map(), element: elementOf(a) };
}

/** `{ value, done }`; behind the last one the value is null. */
function next(a: OpCall): Outcome<Value> {
  return {
    kind: 'dict',
    entries: new Map<string, Value>([
      ['value', elementOf(a)],
      ['done', unknownValue('whether the dataset has ended is not known')],
    ]),
  };
}

const METHODS = (names: string): string => `${PATH},${CSV_PATH}:${names}`;

export const TENSORFLOW_JS_DATA_OPS: readonly OpSpec[] = [
  op('tfjs.data:array', 'items', array),
  op('tfjs.data:generator', 'generator', generator),
  op('tfjs.data:func', 'f', a => dataset(a.context.call(a.value('f'), []))),
  op('tfjs.data:csv', 'source config', csv),
  op('tfjs.data:zip', 'datasets', zip),
  op(METHODS('batch'), 'self batchSize smallLastBatch', batch),
  op(METHODS('map,mapAsync'), 'self transform', map),
  op(METHODS('forEachAsync'), 'self f', forEach),
  op(METHODS('filter'), 'self predicate', filter),
  op(METHODS('concatenate'), 'self dataset', concatenate),
  op(METHODS('shuffle,prefetch,repeat,take,skip'), 'self count', unchanged),
  op(METHODS('toArray,toArrayForTest'), 'self', toArray),
  op(METHODS('iterator'), 'self', iterator),
  op('tfjs.data.LazyIterator:next', 'self', next),
  op('tfjs.LayerVariable:read', 'self', a => elementOf(a)),
  op(`${CSV_PATH}:columnNames`, 'self', () => ({
    kind: 'list',
    items: [],
    rest: unknownValue('the file says which columns there are'),
  })),
];
