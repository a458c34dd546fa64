/** JavaScript's own library, as far as programs compute sizes with it: `Math`, `Object`, `Array`, and their methods. */
import type { Span } from '../ir/span';
import {
  boolean,
  type DictValue,
  integer,
  list,
  type SequenceValue,
  text,
  unknownValue,
  type Value,
} from '../ir/value';
import { type CallArguments, callValue } from './call';
import type { Evaluator } from './evaluator';
import { scriptCompare, scriptTruth, typeOf, UNDEFINED, valueOfPrimitive } from './javascript';
import { DICT_CELL, joinValues, SEQUENCE_CELL } from './join';
import { truth } from './operators';
import { itemsOf, orderedKeys } from './sequences';
import { scriptText } from './strings';

const GLOBALS = new Set([
  'Math',
  'Object',
  'Array',
  'Number',
  'String',
  'Boolean',
  'parseInt',
  'parseFloat',
  'isNaN',
  'isFinite',
]);

/** A name that every program has; undefined where it is none. */
export function scriptGlobal(name: string): Value | undefined {
  if (name === 'NaN') return valueOfPrimitive(NaN);
  if (name === 'Infinity') return valueOfPrimitive(Infinity);
  return GLOBALS.has(name) ? { kind: 'library', path: `js.${name}` } : undefined;
}

export function scriptConstant(path: string): Value | undefined {
  const [, object, name] = path.split('.');
  const constant =
    object === 'Math' && name !== undefined ? (Math as unknown as Record<string, unknown>)[name] : undefined;
  const limit =
    object === 'Number' && name !== undefined ? (Number as unknown as Record<string, unknown>)[name] : undefined;
  const value = constant ?? limit;
  return typeof value === 'number' ? valueOfPrimitive(value) : undefined;
}

/** Functions that change with every call, and those that give no number. */
const NO_MATH = new Set(['random']);

export function callScriptLibrary(cx: Evaluator, path: string, args: CallArguments, at: Span): Value {
  const values = args.positional.map(a => a.value);
  const [first, second] = values;
  const what = unknownValue(`what \`${path.slice('js.'.length)}\` gives is not known`);
  if (args.openPositional) return what;
  const [, object, name] = path.split('.');
  switch (name === undefined ? object! : `${object!}.${name}`) {
    case 'Array.isArray':
      return first && first.kind !== 'unknown' ? boolean(first.kind === 'list' || first.kind === 'tuple') : what;
    case 'Array.of':
      return list(values);
    case 'Array.from':
      return arrayFrom(cx, first, second, at) ?? what;
    case 'Array':
      return newArray(cx, values) ?? what;
    case 'Object.keys':
    case 'Object.values':
    case 'Object.entries':
      return first?.kind === 'dict' ? entriesOf(first, name!) : what;
    case 'Object.assign': {
      if (first?.kind !== 'dict') return what;
      cx.journal.touch(first, DICT_CELL);
      for (const other of values.slice(1)) {
        if (other.kind === 'dict') for (const [key, v] of other.entries) first.entries.set(key, v);
        if (other.kind !== 'none') first.open ??= other.kind === 'dict' ? other.open : 'what was assigned is not known';
      }
      return first;
    }
    case 'Object.freeze':
      return first ?? UNDEFINED;
    case 'Object.fromEntries': {
      const entries = new Map<string, Value>();
      if (first?.kind !== 'list' || first.rest) return what;
      for (const pair of first.items) {
        const key = pair.kind === 'list' ? scriptText(pair.items[0] ?? UNDEFINED) : undefined;
        if (key === undefined || pair.kind !== 'list') return what;
        entries.set(key, pair.items[1] ?? UNDEFINED);
      }
      return { kind: 'dict', entries };
    }
    case 'Boolean': {
      const known = first ? (scriptTruth(first) ?? truth(first)) : false;
      return known === undefined ? what : boolean(known);
    }
    case 'String': {
      const told = first ? scriptText(first) : '';
      return told === undefined ? what : text(told);
    }
  }
  const plain = values.map(plainOf);
  if (plain.some(p => p === undefined)) return what;
  const natives = plain.map(p => p!.of);
  const fn = name === undefined ? globalFunction(object!) : nativeFunction(object!, name);
  if (!fn) return what;
  const result: unknown = fn(...natives);
  return typeof result === 'number' || typeof result === 'boolean' ? valueOfPrimitive(result) : what;
}

type Native = (...args: unknown[]) => unknown;

function globalFunction(name: string): Native | undefined {
  const known: Readonly<Record<string, unknown>> = { Number, parseInt, parseFloat, isNaN, isFinite };
  return known[name] as Native | undefined;
}

function nativeFunction(object: string, name: string): Native | undefined {
  if (object === 'Math' && NO_MATH.has(name)) return undefined;
  const from = object === 'Math' ? Math : object === 'Number' ? Number : undefined;
  const fn = from && Object.hasOwn(from, name) ? (from as unknown as Record<string, unknown>)[name] : undefined;
  return typeof fn === 'function' ? (fn as Native) : undefined;
}

/** A plain value as itself; lists only by their text. */
function plainOf(value: Value): { readonly of: unknown } | undefined {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return { of: value.value };
    case 'none':
      return { of: value.spelled === 'undefined' ? undefined : null };
    case 'list': {
      const told = scriptText(value);
      return told === undefined ? undefined : { of: told };
    }
    default:
      return undefined;
  }
}

function newArray(cx: Evaluator, values: readonly Value[]): Value | undefined {
  const [only] = values;
  if (values.length !== 1 || only?.kind !== 'number')
    return values.some(v => v.kind === 'unknown') ? undefined : list([...values]);
  const length = only.value;
  return Number.isInteger(length) && length >= 0 && length <= cx.budget.items
    ? list(new Array<Value>(length).fill(UNDEFINED))
    : undefined;
}

/** `Array.from({ length: n }, (_, i) => …)` and `Array.from(iterable, f)`. */
function arrayFrom(cx: Evaluator, from: Value | undefined, fn: Value | undefined, at: Span): Value | undefined {
  const length = from?.kind === 'dict' ? from.entries.get('length') : undefined;
  const source =
    length?.kind === 'number'
      ? newArray(cx, [integer(Math.max(0, Math.trunc(length.value) || 0))])
      : from && (from.kind === 'list' || from.kind === 'tuple' || from.kind === 'string')
        ? { kind: 'list' as const, ...itemsOf(cx, from) }
        : undefined;
  if (source?.kind !== 'list') return undefined;
  const { items, rest } = source;
  if (!fn || fn.kind === 'none') return { kind: 'list', items: [...items], rest };
  const call = (item: Value, i: Value): Value => invoke(cx, fn, [item, i], at);
  return {
    kind: 'list',
    items: items.map((item, i) => call(item, integer(i))),
    rest: rest && call(rest, unknownValue('one of several places')),
  };
}

/** Keys that are numbers come first, in their order. */
function entriesOf(object: DictValue, name: string): Value {
  const items = orderedKeys(object.entries.keys()).map((key): Value => {
    const value = object.entries.get(key)!;
    const told = text(key.startsWith('##') ? key.slice(1) : key);
    return name === 'keys' ? told : name === 'values' ? value : list([told, value]);
  });
  return object.open === undefined ? list(items) : { kind: 'list', items, rest: unknownValue(object.open) };
}

function invoke(cx: Evaluator, fn: Value, values: readonly Value[], at: Span): Value {
  return callValue(cx, fn, { positional: values.map(value => ({ value, span: at })) }, undefined, at);
}

// ---------------------------------------------------------------------------------------------------------- methods

/** Methods of texts and numbers whose result is again a plain value. */
const TEXT_METHODS = new Set(
  (
    'toUpperCase toLowerCase trim trimStart trimEnd slice substring substr charAt charCodeAt repeat padStart padEnd ' +
    'replace replaceAll concat at indexOf lastIndexOf includes startsWith endsWith toString'
  ).split(' '),
);
const NUMBER_METHODS = new Set(['toFixed', 'toString', 'toPrecision', 'valueOf']);

/** A method of a text, number or list; undefined where this file has none. */
export function callScriptMethod(
  cx: Evaluator,
  self: Value,
  name: string,
  args: CallArguments,
  at: Span,
): Value | undefined {
  if (self.kind === 'list' || self.kind === 'tuple') return listMethod(cx, self, name, args, at);
  if (self.kind === 'dict' && name === 'hasOwnProperty' && !self.entries.has(name)) {
    const key = args.positional[0] && scriptText(args.positional[0].value);
    return key === undefined || (self.open !== undefined && !self.entries.has(key))
      ? unknownValue('the key is not known')
      : boolean(self.entries.has(key));
  }
  if (self.kind !== 'string' && self.kind !== 'number' && self.kind !== 'boolean') return undefined;
  const unknown = unknownValue(`what \`${name}\` gives is not known`);
  const plain = args.positional.map(a => plainOf(a.value));
  if (plain.some(p => p === undefined) || args.openPositional) return unknown;
  const natives = plain.map(p => p!.of);
  if (self.kind === 'string' && name === 'split') {
    const parts = (self.value as { split(...a: unknown[]): string[] }).split(...natives);
    return parts.length <= cx.budget.items ? list(parts.map(text)) : unknown;
  }
  const known = self.kind === 'string' ? TEXT_METHODS : NUMBER_METHODS;
  if (!known.has(name)) return unknown;
  if (/^(repeat|padStart|padEnd)$/.test(name) && !(Number(natives[0]) <= 10_000)) return unknown;
  try {
    const method = (Object(self.value) as Record<string, Native>)[name]!;
    const result = method.apply(self.value, natives);
    return typeof result === 'string' ||
      typeof result === 'number' ||
      typeof result === 'boolean' ||
      result === undefined
      ? valueOfPrimitive(result)
      : unknown;
  } catch {
    return unknownValue(`\`${name}\` throws here`);
  }
}

type List = SequenceValue;

function listMethod(cx: Evaluator, self: List, name: string, args: CallArguments, at: Span): Value {
  const values = args.positional.map(a => a.value);
  const [first, second] = values;
  const unknown = unknownValue(`what \`${name}\` of this list gives is not known`);
  const sure = !self.rest && !args.openPositional;
  const items = self.items;
  const call = (item: Value, i: number): Value => invoke(cx, first!, [item, integer(i), self], at);
  const asked = (item: Value, i: number): boolean | undefined => {
    const verdict = call(item, i);
    return scriptTruth(verdict) ?? truth(verdict);
  };
  const whole = (n: Value | undefined, fallback: number): number | undefined =>
    n === undefined || (n.kind === 'none' && n.spelled === 'undefined')
      ? fallback
      : n.kind === 'number'
        ? Math.trunc(n.value) || 0
        : undefined;
  switch (name) {
    case 'push':
    case 'unshift': {
      change(cx, self);
      if (args.openPositional) forget(self);
      else if (self.rest || name === 'unshift' ? self.rest : false) forget(self);
      else if (name === 'unshift') items.unshift(...values);
      else if (items.length + values.length <= cx.budget.items) items.push(...values);
      else forget(self);
      return self.rest ? unknown : integer(items.length);
    }
    case 'pop':
    case 'shift': {
      change(cx, self);
      if (!sure) {
        forget(self);
        return unknown;
      }
      return (name === 'pop' ? items.pop() : items.shift()) ?? UNDEFINED;
    }
    case 'map': {
      if (!first) return unknown;
      const mapped = items.map(call);
      const rest = self.rest && invoke(cx, first, [self.rest, unknownValue('one of several places'), self], at);
      return rest ? { kind: 'list', items: mapped, rest } : list(mapped);
    }
    case 'forEach':
      if (!first) return unknown;
      items.forEach(call);
      if (self.rest) invoke(cx, first, [self.rest, unknownValue('one of several places'), self], at);
      return UNDEFINED;
    case 'filter': {
      if (!sure || !first) return { kind: 'list', items: [], rest: unknownValue('one of several items') };
      const verdicts = items.map(asked);
      return verdicts.includes(undefined)
        ? { kind: 'list', items: [], rest: items.reduce((a, b) => joinValues(a, b, 'one of several items')) }
        : list(items.filter((_, i) => verdicts[i]));
    }
    case 'find':
    case 'findIndex':
    case 'findLast':
    case 'findLastIndex':
    case 'some':
    case 'every': {
      if (!sure || !first) return unknown;
      const order = items.map((_, i) => i);
      if (name.includes('Last')) order.reverse();
      for (const i of order) {
        const verdict = asked(items[i]!, i);
        if (verdict === undefined) return unknown;
        if (name === 'every' ? !verdict : verdict)
          return name === 'some'
            ? boolean(true)
            : name === 'every'
              ? boolean(false)
              : /Index$/.test(name)
                ? integer(i)
                : items[i]!;
      }
      return name === 'some'
        ? boolean(false)
        : name === 'every'
          ? boolean(true)
          : /Index$/.test(name)
            ? integer(-1)
            : UNDEFINED;
    }
    case 'reduce':
    case 'reduceRight': {
      if (!sure || !first) return unknown;
      const order = items.map((item, i) => ({ item, i }));
      if (name === 'reduceRight') order.reverse();
      let total = values.length > 1 ? second : order.shift()?.item;
      if (total === undefined) return unknown;
      for (const { item, i } of order) total = invoke(cx, first, [total, item, integer(i), self], at);
      return total;
    }
    case 'concat': {
      if (!sure || values.some(v => v.kind === 'unknown' || ((v.kind === 'list' || v.kind === 'tuple') && v.rest)))
        return { kind: 'list', items: [], rest: unknownValue('one of several items') };
      return list([...items, ...values.flatMap(v => (v.kind === 'list' || v.kind === 'tuple' ? v.items : [v]))]);
    }
    case 'slice': {
      const [from, to] = [whole(first, 0), whole(second, items.length)];
      if (from === undefined || to === undefined || !sure)
        return self.rest && from !== undefined && from >= 0 && values.length === 1
          ? { kind: 'list', items: items.slice(from), rest: self.rest }
          : { kind: 'list', items: [], rest: unknownValue('one of several items') };
      return list(items.slice(from, to));
    }
    case 'splice': {
      const [from, count] = [whole(first, 0), values.length < 2 ? Infinity : whole(second, 0)];
      change(cx, self);
      if (!sure || from === undefined || count === undefined || values.length === 0) {
        forget(self);
        return { kind: 'list', items: [], rest: unknownValue('one of several items') };
      }
      return list(items.splice(from, count, ...values.slice(2)));
    }
    case 'flat': {
      const depth = whole(first, 1);
      const flat = depth === undefined || !sure ? undefined : flattened(items, depth);
      return flat ? list(flat) : { kind: 'list', items: [], rest: unknownValue('one of several items') };
    }
    case 'flatMap': {
      const flat = sure && first ? flattened(items.map(call), 1) : undefined;
      return flat ? list(flat) : { kind: 'list', items: [], rest: unknownValue('one of several items') };
    }
    case 'fill': {
      change(cx, self);
      const [from, to] = [whole(second, 0), whole(values[2], items.length)];
      if (!sure || from === undefined || to === undefined) forget(self);
      else items.splice(0, items.length, ...[...items].fill(first ?? UNDEFINED, from, to));
      return self;
    }
    case 'reverse':
      change(cx, self);
      if (sure) items.reverse();
      else forget(self);
      return self;
    case 'sort': {
      const sorted = sure ? sortedItems(cx, items, first, at) : undefined;
      change(cx, self);
      if (sorted) items.splice(0, items.length, ...sorted);
      else forget(self);
      return self;
    }
    case 'indexOf':
    case 'lastIndexOf':
    case 'includes': {
      if (!sure || !first || values.length > 1) return unknown;
      const verdicts = items.map(item => sameItem(item, first, name === 'includes'));
      if (verdicts.includes(undefined)) return unknown;
      if (name === 'includes') return boolean(verdicts.includes(true));
      return integer(name === 'indexOf' ? verdicts.indexOf(true) : verdicts.lastIndexOf(true));
    }
    case 'join': {
      const separator = first === undefined || typeOf(first) === 'undefined' ? ',' : scriptText(first);
      const parts = items.map(item => (item.kind === 'none' ? '' : scriptText(item)));
      return !sure || separator === undefined || parts.some(p => p === undefined)
        ? unknown
        : text(parts.join(separator));
    }
    case 'toString': {
      const told = scriptText(self);
      return told === undefined ? unknown : text(told);
    }
    case 'at': {
      const index = whole(first, 0);
      return !sure || index === undefined ? unknown : (items.at(index) ?? UNDEFINED);
    }
    case 'keys':
      return sure ? list(items.map((_, i) => integer(i))) : unknown;
    case 'values':
      return { kind: 'list', items: [...items], rest: self.rest };
    case 'entries':
      return sure ? list(items.map((item, i) => list([integer(i), item]))) : unknown;
    default:
      return unknown;
  }
}

function change(cx: Evaluator, self: List): void {
  cx.journal.touch(self, SEQUENCE_CELL);
}

function forget(self: List): void {
  self.items.length = 0;
  self.rest = unknownValue('one of several items');
}

function flattened(items: readonly Value[], depth: number): Value[] | undefined {
  if (items.some(i => i.kind === 'unknown')) return undefined;
  const out: Value[] = [];
  for (const item of items) {
    if (item.kind !== 'list' || depth < 1) {
      out.push(item);
      continue;
    }
    const inner = item.rest ? undefined : flattened(item.items, depth - 1);
    if (!inner) return undefined;
    out.push(...inner);
  }
  return out;
}

/** `includes` finds NaN, `indexOf` does not. */
function sameItem(item: Value, wanted: Value, findsNaN: boolean): boolean | undefined {
  if (
    findsNaN &&
    item.kind === 'number' &&
    wanted.kind === 'number' &&
    Number.isNaN(item.value) &&
    Number.isNaN(wanted.value)
  )
    return true;
  return scriptCompare('===', item, wanted);
}

/** By text where no function compares; undefined where the order is not known. */
function sortedItems(cx: Evaluator, items: readonly Value[], fn: Value | undefined, at: Span): Value[] | undefined {
  const holes = items.filter(i => i.kind === 'none' && i.spelled === 'undefined');
  const others = items.filter(i => !holes.includes(i));
  if (!fn || (fn.kind === 'none' && fn.spelled === 'undefined')) {
    const texts = others.map(item => ({ item, told: scriptText(item) }));
    if (texts.some(t => t.told === undefined)) return undefined;
    return [...texts.sort((a, b) => (a.told! < b.told! ? -1 : a.told! > b.told! ? 1 : 0)).map(t => t.item), ...holes];
  }
  let isKnown = others.length <= 200;
  const sorted = isKnown
    ? [...others].sort((a, b) => {
        const verdict = isKnown ? invoke(cx, fn, [a, b], at) : UNDEFINED;
        if (verdict.kind === 'number') return verdict.value;
        isKnown = false;
        return 0;
      })
    : [];
  return isKnown ? [...sorted, ...holes] : undefined;
}
