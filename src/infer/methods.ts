/** Methods of values that every language has: lists, dicts, texts, numbers, tensors, data sets. */
import { opByPath } from '../catalogue';
import type { BinaryOperator, Expression } from '../ir/program';
import type { Span } from '../ir/span';
import {
  boolean,
  type DictValue,
  integer,
  list,
  NONE,
  type SequenceValue,
  type TensorValue,
  text,
  tuple,
  unknownValue,
  type Value,
} from '../ir/value';
import { instanceMethod } from './attributes';
import { argument, type CallArguments, callValue, mayCallBack } from './call';
import { compileForeign } from './data';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { callScriptMethod } from './javascript-library';
import { DICT_CELL, equalValues, joinValues, SEQUENCE_CELL } from './join';
import { callLayerMethod } from './layer-methods';
import { anchorsOf, layerOf } from './layers';
import { callOp } from './ops';
import { flavourOf, isSymbolic, tensorsIn } from './operations';
import { equals } from './operators';
import { itemsOf } from './sequences';
import { callFrameMethod } from './pandas';
import { keyOf, strOf, valueOfKey } from './strings';

export function callMethod(
  cx: Evaluator,
  self: Value,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const own = cx.language === 'python' ? undefined : callScriptMethod(cx, self, name, args, at);
  if (own) return own;
  switch (self.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return sequenceMethod(cx, self, name, args);
    case 'dict':
      return dictMethod(cx, self, name, args, node, at);
    case 'string':
      return stringMethod(cx, self.value, name, args);
    case 'layer':
    case 'model':
      return callLayerMethod(cx, layerOf(self)!, name, args, node, at);
    case 'tensor':
      return tensorMethod(cx, self, name, args, node, at);
    case 'frame':
      return callFrameMethod(cx, self, name, args, node, at);
    case 'object':
      return objectMethod(cx, self, name, args, node, at);
    case 'number':
      return name === 'item' || name === 'conjugate'
        ? self
        : name === 'is_integer'
          ? boolean(Number.isInteger(self.value))
          : unknownValue(`the method \`${name}\` of a number is not followed`);
    case 'unknown':
      mayCallBack(cx, args, at);
      return self;
    default:
      return unknownValue(`the method \`${name}\` of a ${self.kind} is not followed`);
  }
}

/** Does JavaScript's object take this name as a method of its own kind rather than as an entry? */
export function isMethodOf(_object: Value, name: string): boolean {
  return name === 'hasOwnProperty' || name === 'toString';
}

// ------------------------------------------------------------------------------------------------------- sequences

function sequenceMethod(cx: Evaluator, self: SequenceValue, name: string, args: CallArguments): Value {
  const first = args.positional[0]?.value;
  const change = (): void => cx.journal.touch(self, SEQUENCE_CELL);
  switch (name) {
    case 'append':
    case 'add':
    case 'push':
    case 'appendleft':
      change();
      if (first) appendItem(cx, self, first, name === 'appendleft');
      return NONE;
    case 'extend':
    case 'update': {
      change();
      const { items, rest } = itemsOf(cx, first ?? list([]));
      for (const item of items) appendItem(cx, self, item, false);
      if (rest) self.rest = self.rest ? joinValues(self.rest, rest, 'one of several items') : rest;
      return NONE;
    }
    case 'insert':
    case 'unshift': {
      change();
      const value = name === 'insert' ? args.positional[1]?.value : first;
      const index = name === 'insert' ? (first?.kind === 'number' ? first.value : undefined) : 0;
      if (value && index !== undefined && !self.rest) self.items.splice(index, 0, value);
      else forget(self, 'an item was inserted at a place that is not known');
      return NONE;
    }
    case 'pop':
    case 'popleft':
    case 'shift':
      return popItem(cx, self, name === 'pop' ? first : integer(0));
    case 'remove': {
      change();
      const index = first ? self.items.findIndex(i => equals(i, first) === true) : -1;
      if (index >= 0 && !self.rest) self.items.splice(index, 1);
      else forget(self, 'an item was removed');
      return NONE;
    }
    case 'clear':
      change();
      self.items.length = 0;
      self.rest = undefined;
      return NONE;
    case 'reverse':
      change();
      if (self.rest) forget(self, 'one of several items');
      else self.items.reverse();
      return cx.language === 'python' ? NONE : self;
    case 'sort':
      change();
      sortInPlace(self);
      return cx.language === 'python' ? NONE : self;
    case 'copy':
    case 'slice':
      return name === 'copy' || args.positional.length === 0
        ? { kind: self.kind, items: [...self.items], rest: self.rest }
        : unknownValue('this slice is not followed');
    case 'index':
    case 'indexOf': {
      const index = first ? self.items.findIndex(i => equals(i, first) === true) : -1;
      return index >= 0 && self.items.slice(0, index).every(i => first && equals(i, first) === false)
        ? integer(index)
        : unknownValue('the place of the item is not known');
    }
    case 'count': {
      const verdicts = self.items.map(i => (first ? equals(i, first) : undefined));
      return self.rest || verdicts.includes(undefined)
        ? unknownValue('how often the item occurs is not known')
        : integer(verdicts.filter(v => v === true).length);
    }
    default:
      return unknownValue(`the method \`${name}\` of a ${self.kind} is not followed`);
  }
}

function appendItem(cx: Evaluator, self: SequenceValue, value: Value, before: boolean): void {
  if (self.rest || self.items.length >= cx.budget.items) {
    self.rest = self.rest ? joinValues(self.rest, value, 'one of several items') : value;
  } else if (self.kind === 'set' && self.items.some(i => equalValues(i, value))) {
    return;
  } else if (before) {
    self.items.unshift(value);
  } else {
    self.items.push(value);
  }
}

function popItem(cx: Evaluator, self: SequenceValue, index: Value | undefined): Value {
  cx.journal.touch(self, SEQUENCE_CELL);
  const at = index === undefined || index.kind === 'none' ? -1 : index.kind === 'number' ? index.value : undefined;
  if (at === undefined || self.rest || self.items.length === 0) {
    const any = self.items[0] ?? self.rest;
    forget(self, 'an item was taken out');
    return any ? unknownValue('one of several items') : unknownValue('the list is empty here');
  }
  const [taken] = self.items.splice(at, 1);
  return taken ?? unknownValue('the list has no such item');
}

function forget(self: SequenceValue, why: string): void {
  self.items.length = 0;
  self.rest = unknownValue(why);
}

function sortInPlace(self: SequenceValue): void {
  if (!self.rest && self.items.every(i => i.kind === 'number'))
    self.items.sort((a, b) => (a as { value: number }).value - (b as { value: number }).value);
  else if (!self.rest && self.items.every(i => i.kind === 'string'))
    self.items.sort((a, b) => compareTexts((a as { value: string }).value, (b as { value: string }).value));
  else forget(self, 'the order of the items is not known');
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// ----------------------------------------------------------------------------------------------------------- dicts

function dictMethod(
  cx: Evaluator,
  self: DictValue,
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const [first, second] = args.positional.map(a => a.value);
  const key = first && keyOf(first);
  const missing = (fallback: Value): Value => (self.open === undefined ? fallback : unknownValue(self.open));
  const rest = self.open === undefined ? undefined : unknownValue(self.open);
  switch (name) {
    case 'get':
      return key === undefined
        ? unknownValue('the key is not known')
        : (self.entries.get(key) ?? missing(second ?? argument(args, 'default') ?? NONE));
    case 'keys':
      return {
        kind: 'list',
        items: [...self.entries.keys()].map(k => valueOfKey(k) ?? unknownValue('a key of this kind')),
        rest,
      };
    case 'values':
      return { kind: 'list', items: [...self.entries.values()], rest };
    case 'items':
      return {
        kind: 'list',
        items: [...self.entries].map(([k, v]) => tuple([valueOfKey(k) ?? unknownValue('a key of this kind'), v])),
        rest: rest && tuple([rest, rest]),
      };
    case 'update': {
      cx.journal.touch(self, DICT_CELL);
      if (first?.kind === 'dict') {
        for (const [k, v] of first.entries) self.entries.set(k, v);
        self.open ??= first.open;
      } else if (first) {
        self.open ??= 'what it was updated with is not known';
      }
      for (const [k, a] of args.keywords ?? []) self.entries.set(k, a.value);
      return NONE;
    }
    case 'setdefault': {
      cx.journal.touch(self, DICT_CELL);
      if (key === undefined) return unknownValue('the key is not known');
      const there = self.entries.get(key);
      if (there) return there;
      if (self.open === undefined) self.entries.set(key, second ?? NONE);
      return missing(second ?? NONE);
    }
    case 'pop': {
      cx.journal.touch(self, DICT_CELL);
      if (key === undefined) {
        self.open ??= 'an entry was taken out';
        return unknownValue('the key is not known');
      }
      const taken = self.entries.get(key);
      self.entries.delete(key);
      return taken ?? missing(second ?? unknownValue(`the dictionary has no key '${key}'`));
    }
    case 'clear':
      cx.journal.touch(self, DICT_CELL);
      self.entries.clear();
      self.open = undefined;
      return NONE;
    case 'copy':
      return { kind: 'dict', entries: new Map(self.entries), open: self.open };
    default: {
      const entry = cx.language === 'python' ? undefined : self.entries.get(name);
      return entry
        ? callValue(cx, entry, args, node, at)
        : unknownValue(`the method \`${name}\` of a dictionary is not followed`);
    }
  }
}

// ----------------------------------------------------------------------------------------------------------- texts

function stringMethod(cx: Evaluator, self: string, name: string, args: CallArguments): Value {
  const values = args.positional.map(a => a.value);
  const [first, second] = values.map(v => (v.kind === 'string' ? v.value : undefined));
  const unknownText = unknownValue('the text is not known');
  switch (name) {
    case 'lower':
    case 'toLowerCase':
    case 'casefold':
      return text(self.toLowerCase());
    case 'upper':
    case 'toUpperCase':
      return text(self.toUpperCase());
    case 'strip':
    case 'trim':
      return values.length === 0 ? text(self.trim()) : unknownText;
    case 'capitalize':
      return text(self.charAt(0).toUpperCase() + self.slice(1).toLowerCase());
    case 'title':
      return text(self.replace(/[a-z]+/gi, w => w.charAt(0).toUpperCase() + w.slice(1).toLowerCase()));
    case 'replace':
      return first !== undefined && second !== undefined && values.length === 2
        ? text(self.split(first).join(second))
        : unknownText;
    case 'split': {
      if (values.length > 1) return unknownText;
      const parts =
        first === undefined
          ? self
              .trim()
              .split(/\s+/)
              .filter(p => p !== '')
          : self.split(first);
      return first === undefined && values.length > 0 ? unknownText : list(parts.slice(0, cx.budget.items).map(text));
    }
    case 'join': {
      const { items, rest } = itemsOf(cx, values[0] ?? list([]));
      const parts = items.map(i => strOf(i));
      return rest || parts.some(p => p === undefined) ? unknownText : text(parts.join(self));
    }
    case 'format':
      return formatted(self, args);
    case 'startswith':
    case 'startsWith':
      return first === undefined ? unknownText : boolean(self.startsWith(first));
    case 'endswith':
    case 'endsWith':
      return first === undefined ? unknownText : boolean(self.endsWith(first));
    case 'includes':
      return first === undefined ? unknownText : boolean(self.includes(first));
    case 'find':
    case 'index':
    case 'indexOf':
      return first === undefined ? unknownText : integer(self.indexOf(first));
    case 'count':
      return first === undefined || first === '' ? unknownText : integer(self.split(first).length - 1);
    case 'isdigit':
      return boolean(/^\d+$/.test(self));
    case 'zfill':
      return values[0]?.kind === 'number' ? text(self.padStart(Math.min(values[0].value, 1000), '0')) : unknownText;
    default:
      return unknownValue(`the method \`${name}\` of a text is not followed`);
  }
}

/** `'{}_{name}'.format(…)` with plain fields. */
function formatted(self: string, args: CallArguments): Value {
  let next = 0;
  let known = true;
  const out = self.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, field: string | undefined) => {
    if (field === undefined) return whole[0]!;
    const value =
      field === ''
        ? args.positional[next++]?.value
        : /^\d+$/.test(field)
          ? args.positional[Number(field)]?.value
          : args.keywords?.get(field)?.value;
    const plain = value && strOf(value);
    if (plain === undefined) known = false;
    return plain ?? '';
  });
  return known ? text(out) : unknownValue('the text is not known');
}

// --------------------------------------------------------------------------------------------- tensors and objects

function tensorMethod(
  cx: Evaluator,
  self: Value & { kind: 'tensor' },
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  const path = cx.language === 'python' ? `tensor.${name}` : `tfjs.Tensor.${name}`;
  const op = opByPath(path);
  if (op && path.startsWith('tfjs.') && isSymbolic(self))
    return cx.fault({ kind: 'foreign-op', path: name }, faultOf(cx, self, node, at));
  if (op)
    return callOp(
      cx,
      op,
      path,
      { ...args, positional: [{ value: self, span: at }, ...args.positional] },
      node,
      at,
      self,
    );
  switch (name) {
    case 'numpy':
    case 'copy':
    case 'cpu':
    case 'detach':
    case 'to_numpy':
      return { ...self, flavour: self.flavour === 'symbolic' ? 'array' : 'numpy', node: undefined };
    case 'tolist':
    case 'to_list':
      return self.elements ? list([...self.elements]) : unknownValue('the numbers of an array as a list');
    default: {
      const flavour = flavourOf(tensorsIn(self));
      return unknownValue(
        `the method \`${name}\` of ${flavour === 'pandas' ? 'a data frame' : 'an array'} is not followed`,
      );
    }
  }
}

/** A symbolic tensor of TensorFlow.js has no methods. */
function faultOf(cx: Evaluator, self: TensorValue, node: Expression | undefined, at: Span) {
  const origins = self.place ? [{ place: self.place, what: 'input' }] : [];
  return { place: cx.place(at), callee: 'tensor', origins, anchors: anchorsOf(node, { positional: [] }) };
}

/** Methods of library objects: data sets have theirs in the catalogue. */
function objectMethod(
  cx: Evaluator,
  self: Value & { kind: 'object' },
  name: string,
  args: CallArguments,
  node: Expression | undefined,
  at: Span,
): Value {
  if (name === 'compile') return compileForeign(cx, self, args, node, at);
  for (const path of [`${self.path}.${name}`, `tf.data.Dataset.${name}`]) {
    const op = opByPath(path);
    if (op && (path.startsWith(self.path) || /Dataset$/.test(self.path)))
      return callOp(
        cx,
        op,
        path,
        { ...args, positional: [{ value: self, span: at }, ...args.positional] },
        node,
        at,
        self,
      );
  }
  return unknownValue(`what \`${name}\` of \`${self.path}\` returns is not known`);
}

// ------------------------------------------------------------------------------------------------------- operators

const DUNDER: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '+': '__add__',
  '-': '__sub__',
  '*': '__mul__',
  '/': '__truediv__',
  '@': '__matmul__',
  '//': '__floordiv__',
  '%': '__mod__',
};

/** The program's own `__add__` and the like. */
export function operatorMethod(
  cx: Evaluator,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  node: Expression,
): Value | undefined {
  const name = DUNDER[operator];
  if (left.kind !== 'instance' || name === undefined) return undefined;
  const method = instanceMethod(cx, left, name, node);
  return method && callValue(cx, method, { positional: [{ value: right, span: node.span }] }, node, node.span);
}

/** `+=` on a list changes the list itself; undefined where it is like the operator. */
export function augmented(cx: Evaluator, operator: BinaryOperator, target: Value, value: Value): Value | undefined {
  // In JavaScript it is a text that comes out.
  if (cx.language !== 'python') return undefined;
  if (target.kind === 'list' && operator === '+' && value !== AFTER_FAULT) {
    sequenceMethod(cx, target, 'extend', { positional: [{ value, span: { start: 0, end: 0 } }] });
    return target;
  }
  if (target.kind === 'dict' && operator === '|' && value.kind === 'dict') {
    cx.journal.touch(target, DICT_CELL);
    for (const [key, v] of value.entries) target.entries.set(key, v);
    target.open ??= value.open;
    return target;
  }
  return undefined;
}
