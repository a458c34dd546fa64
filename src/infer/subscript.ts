/** `x[i]`, `x[1:, ..., None]`: reading and writing items of sequences, dicts, texts and tensors. */
import {
  add,
  axisLength,
  type Dim,
  floorDivide,
  isExact,
  isKnown,
  known,
  less,
  OPEN,
  scale,
  subtract,
  unknownDim,
} from '../ir/dim';
import type { Expression } from '../ir/program';
import { isRanked, ranked, type RankedShape } from '../ir/shape';
import {
  type DictValue,
  integer,
  type SequenceValue,
  type SliceValue,
  type TensorValue,
  text,
  unknownValue,
  type Value,
} from '../ir/value';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator, isPlainName } from './evaluator';
import { evaluate } from './expressions';
import { frameItem, locatedItem, setFrameItem, setLocatedItem } from './frames';
import { instanceMethod } from './attributes';
import { callValue } from './call';
import { DICT_CELL, joinValues, SEQUENCE_CELL } from './join';
import { operationResult } from './operations';
import { itemsOf, mayHoldAnything, rangeLength } from './sequences';
import { keyOf, scriptKey } from './strings';

type SubscriptNode = Expression & { kind: 'subscript' };

export function subscript(cx: Evaluator, node: SubscriptNode): Value {
  const object = evaluate(cx, node.object);
  const indices = node.indices.map(i => evaluate(cx, i));
  return getItem(cx, object, indices, node);
}

export function getItem(cx: Evaluator, object: Value, indices: readonly Value[], node: Expression): Value {
  const [index] = indices;
  if (cx.language !== 'python') {
    const item = scriptItem(object, index!);
    if (item) return item;
  }
  switch (object.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return sequenceItem(object, index!);
    case 'range':
      return rangeItem(cx, object, index!);
    case 'string':
      return stringItem(object.value, index!);
    case 'dict':
      return dictItem(object, indices);
    case 'tensor':
      return tensorItem(cx, object, spreadIndices(indices), node);
    case 'frame':
      return frameItem(cx, object, indices.length === 1 ? index! : { kind: 'tuple', items: [...indices] }, node);
    case 'method':
      return object.self.kind === 'frame'
        ? locatedItem(cx, object.self, object.name, indices, node)
        : unknownValue('items of a method are not known');
    case 'instance': {
      const method = instanceMethod(cx, object, '__getitem__');
      return method
        ? callValue(
            cx,
            method,
            {
              positional: [
                { value: indices.length === 1 ? index! : { kind: 'tuple', items: [...indices] }, span: node.span },
              ],
            },
            node,
          )
        : unknownValue('items of this object are not known');
    }
    case 'library':
    case 'module':
      return object.path.startsWith('typing.') || /^(list|dict|tuple)$/.test(object.path)
        ? object
        : unknownValue(`\`${describe(node)}\` is not known`);
    case 'unknown':
      return ofUnknown(object, node);
    default:
      return unknownValue(`items of this ${object.kind} are not known`);
  }
}

const UNDEFINED: Value = { kind: 'none', spelled: 'undefined' };

/** JavaScript counts no index from the end, and gives `undefined` where there is nothing. */
function scriptItem(object: Value, index: Value): Value | undefined {
  const key = index.kind === 'string' && /^(0|[1-9]\d*)$/.test(index.value) ? Number(index.value) : undefined;
  const at = key ?? (index.kind === 'number' ? index.value : undefined);
  switch (object.kind) {
    case 'list':
    case 'tuple':
      if (at === undefined) {
        if (index.kind !== 'string') return undefined;
        if (index.value !== 'length') return unknownValue(`\`${index.value}\` of a list is not followed`);
        return object.rest ? unknownValue('how many items the list has is not known') : integer(object.items.length);
      }
      return object.items[at] ?? (object.rest ? (at >= 0 ? object.rest : UNDEFINED) : UNDEFINED);
    case 'string':
      return at === undefined ? undefined : object.value[at] === undefined ? UNDEFINED : text(object.value[at]);
    case 'dict': {
      const name = scriptKey(index);
      if (name === undefined) return unknownValue('the key is not known');
      return object.entries.get(name) ?? (object.open === undefined ? UNDEFINED : unknownValue(object.open));
    }
    default:
      return undefined;
  }
}

/** `config['units']` of something unknown is unknown too, but it is one thing, with a name. */
function ofUnknown(object: Value & { kind: 'unknown' }, node: Expression): Value {
  if (object === AFTER_FAULT) return object;
  const simple =
    node.kind === 'subscript' &&
    node.indices.length === 1 &&
    isPlainName(node.object) &&
    (node.indices[0]!.kind === 'string' || node.indices[0]!.kind === 'number');
  return object.name !== undefined && simple ? unknownValue(object.why, describe(node)) : unknownValue(object.why);
}

/** An index as a number; negative ones stay negative. Undefined where not known. */
export function asIndex(value: Value | undefined): number | undefined {
  if (value?.kind === 'number' && value.isInteger) return value.value;
  if (value?.kind === 'boolean') return value.value ? 1 : 0;
  return undefined;
}

function sequenceItem(sequence: SequenceValue, index: Value): Value {
  if (index.kind === 'slice') return sequenceSlice(sequence, index);
  const at = asIndex(index);
  const any = (): Value =>
    [...sequence.items, ...(sequence.rest ? [sequence.rest] : [])].reduce<Value | undefined>(
      (a, b) => (a ? joinValues(a, b, 'one of several items') : b),
      undefined,
    ) ?? unknownValue('the list is empty here');
  if (at === undefined) return index === AFTER_FAULT ? index : any();
  if (at >= 0)
    return sequence.items[at] ?? sequence.rest ?? unknownValue(`the list has only ${sequence.items.length} items`);
  if (sequence.rest) return any();
  return sequence.items.at(at) ?? unknownValue(`the list has only ${sequence.items.length} items`);
}

function sequenceSlice(sequence: SequenceValue, slice: SliceValue): Value {
  const bounds = [slice.lower, slice.upper, slice.step].map(b =>
    b === undefined || b.kind === 'none' ? null : asIndex(b),
  );
  if (bounds.some(b => b === undefined)) {
    return { kind: sequence.kind, items: [], rest: unknownValue('one of several items') };
  }
  const [lower, upper, step] = bounds as (number | null)[];
  if (sequence.rest) {
    if ((step ?? 1) === 1 && (lower ?? 0) >= 0 && upper === null) {
      return { kind: sequence.kind, items: sequence.items.slice(lower ?? 0), rest: sequence.rest };
    }
    const one = sequence.items.length === 0 ? sequence.rest : unknownValue('one of several items');
    return { kind: sequence.kind, items: [], rest: one };
  }
  return {
    kind: sequence.kind,
    items: slicedIndices(sequence.items.length, lower!, upper!, step!).map(i => sequence.items[i]!),
  };
}

function slicedIndices(length: number, lower: number | null, upper: number | null, step: number | null): number[] {
  const by = step ?? 1;
  if (by === 0) return [];
  const clamp = (n: number, least: number, most: number): number =>
    Math.min(Math.max(n < 0 ? n + length : n, least), most);
  const from =
    lower === null ? (by > 0 ? 0 : length - 1) : by > 0 ? clamp(lower, 0, length) : clamp(lower, -1, length - 1);
  const to = upper === null ? (by > 0 ? length : -1) : by > 0 ? clamp(upper, 0, length) : clamp(upper, -1, length - 1);
  const out: number[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) out.push(i);
  return out;
}

function rangeItem(cx: Evaluator, range: Value & { kind: 'range' }, index: Value): Value {
  const at = asIndex(index);
  const length = rangeLength(range);
  if (at === undefined || length === undefined) {
    const { items, rest } = itemsOf(cx, range);
    return sequenceItem({ kind: 'list', items: [...items], rest }, index);
  }
  const i = at < 0 ? at + length : at;
  return i >= 0 && i < length && isKnown(range.start)
    ? { kind: 'number', value: range.start.value + i * range.step, isInteger: true }
    : unknownValue('outside of the range');
}

function stringItem(value: string, index: Value): Value {
  if (index.kind === 'slice') {
    const sliced = sequenceSlice({ kind: 'list', items: [...value].map(text) }, index);
    return sliced.kind === 'list' && !sliced.rest
      ? text(sliced.items.map(i => (i.kind === 'string' ? i.value : '')).join(''))
      : unknownValue('the text is not known');
  }
  const at = asIndex(index);
  const found = at === undefined ? undefined : value.at(at);
  return found === undefined ? unknownValue('the text is not known') : text(found);
}

function dictItem(dict: DictValue, indices: readonly Value[]): Value {
  const key = keyOf(indices.length === 1 ? indices[0]! : { kind: 'tuple', items: [...indices] });
  if (key === undefined) return unknownValue('the key is not known');
  return dict.entries.get(key) ?? unknownValue(dict.open ?? `the dictionary has no key '${key}'`);
}

// --------------------------------------------------------------------------------------------------------- writing

export function setItem(cx: Evaluator, object: Value, indices: readonly Value[], value: Value): void {
  const [index] = indices;
  if (object.kind === 'dict') {
    cx.journal.touch(object, DICT_CELL);
    const key =
      cx.language !== 'python'
        ? scriptKey(index!)
        : keyOf(indices.length === 1 ? index! : { kind: 'tuple', items: [...indices] });
    if (key === undefined) object.open ??= 'a key that is not known was set';
    else object.entries.set(key, value);
  } else if (object.kind === 'list') {
    cx.journal.touch(object, SEQUENCE_CELL);
    const at = asIndex(index);
    if (cx.language !== 'python') {
      setScriptItem(object, at, value);
      return;
    }
    const i = at !== undefined && at < 0 ? at + object.items.length : at;
    if (i !== undefined && i >= 0 && i < object.items.length && !object.rest) object.items[i] = value;
    else if (index?.kind === 'slice' || i === undefined) forgetItems(object);
  } else if (object.kind === 'frame') {
    setFrameItem(cx, object, indices.length === 1 ? index : { kind: 'tuple', items: [...indices] });
  } else if (object.kind === 'method' && object.self.kind === 'frame') {
    setLocatedItem(cx, object.self, object.name, indices);
  } else if (object.kind === 'instance') {
    const method = instanceMethod(cx, object, '__setitem__');
    if (method)
      callValue(
        cx,
        method,
        { positional: [index!, value].map(v => ({ value: v, span: { start: 0, end: 0 } })) },
        undefined,
      );
  }
}

/** JavaScript's lists grow by one when the place behind the last is written; holes are not followed. */
function setScriptItem(object: SequenceValue, at: number | undefined, value: Value): void {
  if (at !== undefined && at >= 0 && at < object.items.length && !object.rest) object.items[at] = value;
  else if (at !== undefined && at === object.items.length && !object.rest) object.items.push(value);
  else forgetItems(object);
}

/** A write to an unknown place: every item may be another one now. */
function forgetItems(list: SequenceValue): void {
  list.items.length = 0;
  list.rest = unknownValue('an item of this list was replaced');
}

// --------------------------------------------------------------------------------------------------------- tensors

function spreadIndices(indices: readonly Value[]): readonly Value[] {
  return indices.length === 1 && indices[0]!.kind === 'tuple' && !indices[0].rest ? indices[0].items : indices;
}

function isEllipsis(value: Value): boolean {
  return value.kind === 'none' && value.spelled === 'ellipsis';
}

/** Which axes of the source an index takes: `None` takes none, a mask as many as it has. */
function taken(index: Value): number {
  if (index.kind === 'none') return 0;
  if (index.kind === 'tensor' && index.dtype === 'bool' && isRanked(index.shape)) return index.shape.dims.length;
  return 1;
}

function tensorItem(cx: Evaluator, tensor: TensorValue, indices: readonly Value[], node: Expression): Value {
  if (tensor.elements && indices.length === 1) {
    const at = asIndex(indices[0]);
    if (at !== undefined && tensor.elements.at(at)) return tensor.elements.at(at)!;
    if (indices[0]!.kind === 'slice') {
      const sliced = sequenceSlice({ kind: 'list', items: [...tensor.elements] }, indices[0]);
      if (sliced.kind === 'list' && !sliced.rest)
        return { ...tensor, shape: ranked([known(sliced.items.length)]), elements: sliced.items };
    }
  }
  if (tensor.flavour === 'pandas') return unknownValue('a selection of a data frame is not followed');
  if (indices.some(i => i === AFTER_FAULT)) return AFTER_FAULT;
  if (
    !isRanked(tensor.shape) ||
    indices.some(i => i.kind === 'unknown' && !i.dim && !i.isNumber) ||
    !indices.every(isIndex)
  ) {
    const why = indices.find(i => i.kind === 'unknown');
    return operationResult(
      cx,
      {
        kind: 'unranked',
        why:
          why?.kind === 'unknown' ? why.why : !isRanked(tensor.shape) ? tensor.shape.why : 'this index is not followed',
      },
      [tensor],
      'GetItem',
      node.span,
    );
  }
  const used = indices.filter(i => !isEllipsis(i)).reduce((n, i) => n + taken(i), 0);
  const rank = tensor.shape.dims.length;
  const at = {
    place: cx.place(node.span),
    callee: 'indexing',
    origins: tensor.place ? [{ place: tensor.place, what: 'tensor' }] : [],
  };
  if (used > rank) return cx.fault({ kind: 'axis-out-of-range', axis: used - 1, rank, input: tensor.shape }, at);
  const dims = indexedDims(tensor.shape, indices, rank - used);
  if ('outOfRange' in dims)
    return cx.fault({ kind: 'index-out-of-range', ...dims.outOfRange, input: tensor.shape }, at);
  if (dims.dims.length === 0 && mayHoldAnything(tensor)) return unknownValue('what the array holds is not known');
  return operationResult(cx, ranked(dims.dims), [tensor], 'GetItem', node.span, {
    facts: tensor.facts,
    dtype: tensor.dtype,
  });
}

function isIndex(value: Value): boolean {
  switch (value.kind) {
    case 'number':
    case 'size':
    case 'slice':
    case 'none':
    case 'tensor':
    case 'frame':
    case 'list':
    case 'unknown':
      return true;
    default:
      return false;
  }
}

type IndexedDims =
  | { readonly dims: readonly Dim[] }
  | { readonly outOfRange: { readonly index: number; readonly length: Dim; readonly axis: number } };

function indexedDims(source: RankedShape, indices: readonly Value[], left: number): IndexedDims {
  const dims: Dim[] = [];
  let axis = 0;
  let fancyAt: number | undefined;
  let fancy: readonly Dim[] = [];
  const hasEllipsis = indices.some(isEllipsis);
  for (const index of indices) {
    if (isEllipsis(index)) {
      dims.push(...source.dims.slice(axis, axis + left));
      axis += left;
      continue;
    }
    if (index.kind === 'none') {
      dims.push(known(1));
      continue;
    }
    const length = source.dims[axis]!;
    if (index.kind === 'slice') {
      dims.push(slicedLength(length, index));
    } else if (index.kind === 'number' || index.kind === 'size' || index.kind === 'unknown') {
      if (index.kind === 'number' && isKnown(length) && (index.value >= length.value || index.value < -length.value)) {
        return { outOfRange: { index: index.value, length, axis } };
      }
    } else {
      fancyAt ??= dims.length;
      fancy = fancyDims(index, fancy);
    }
    axis += taken(index);
  }
  if (!hasEllipsis) dims.push(...source.dims.slice(axis));
  if (fancyAt !== undefined) dims.splice(fancyAt, 0, ...fancy);
  return { dims };
}

/** `np.eye(n)[y]`: an array of integers as an index puts its own axes in the place of the one it picks from. */
function fancyDims(index: Value, before: readonly Dim[]): readonly Dim[] {
  if (index.kind === 'tensor' && isRanked(index.shape)) {
    return index.dtype === 'bool' ? [unknownDim('how many the mask selects')] : index.shape.dims;
  }
  if (index.kind === 'list' && !index.rest) return [known(index.items.length)];
  if (index.kind === 'frame' && index.isSeries && index.dtype !== 'bool') return [index.rows];
  return before.length > 0 ? before : [unknownDim('how many the index selects')];
}

/** The length of `axis[lower:upper:step]`, as Python clamps it. */
export function slicedLength(length: Dim, slice: SliceValue): Dim {
  const bound = (v: Value | undefined): Dim | null | undefined => {
    if (v === undefined || v.kind === 'none') return null;
    if (v.kind === 'number') return known(v.value);
    return v.kind === 'size' ? v.dim : v.kind === 'unknown' ? v.dim : undefined;
  };
  const [lower, upper, step] = [bound(slice.lower), bound(slice.upper), bound(slice.step)];
  if (lower === undefined || upper === undefined || step === undefined)
    return unknownDim('the bounds of this slice are not known');
  if (lower === null && upper === null && (step === null || (isKnown(step) && Math.abs(step.value) === 1)))
    return length;
  if (isKnown(length) && [lower, upper, step].every(b => b === null || isKnown(b))) {
    const number = (d: Dim | null): number | null => (d && isKnown(d) ? d.value : null);
    return known(axisLength(length.value, number(lower), number(upper), number(step)));
  }
  if (!isExact(length)) return length.kind === 'open' ? OPEN : length;
  return symbolicSlice(length, lower, upper, step);
}

/** Slices of a symbolic length that are sure: `[1:]`, `[:-1]`, `[::2]`, and bounds that surely lie inside. */
function symbolicSlice(length: Dim, lower: Dim | null, upper: Dim | null, step: Dim | null): Dim {
  const unsure = unknownDim('this slice of a symbolic length is not followed');
  const by = step === null ? 1 : isKnown(step) ? step.value : undefined;
  if (by === undefined || by < 1) return unsure;
  const absolute = (bound: Dim | null, none: Dim): Dim | undefined => {
    if (bound === null) return none;
    const at = isKnown(bound) && bound.value < 0 ? add(length, bound) : bound;
    return less(at, known(0)) === 'no' && less(length, at) === 'no' ? at : undefined;
  };
  const from = absolute(lower, known(0));
  const to = absolute(upper, length);
  if (!from || !to) return unsure;
  const extent = subtract(to, from);
  if (less(extent, known(0)) !== 'no') return unsure;
  return by === 1 ? extent : scale(floorDivide(scale(extent, -1), known(by)), -1);
}
