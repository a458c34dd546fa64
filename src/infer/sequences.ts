/** What iterating over a value gives: known items, and what stands for all further ones. */
import { type Dim, isKnown } from '../ir/dim';
import { isRanked, ranked } from '../ir/shape';
import { integer, sizeValue, type TensorValue, text, tuple, unknownValue, type Value } from '../ir/value';
import type { Evaluator } from './evaluator';
import { valueOfKey } from './strings';

export interface Items {
  readonly items: readonly Value[];
  /** After `items` come any number of further items like this one. */
  readonly rest?: Value;
}

/** A known range is handed out up to this length; loops over ranges count for themselves and are not bounded by it. */
const LONGEST_RANGE = 5_000;

export function itemsOf(cx: Evaluator, value: Value): Items {
  switch (value.kind) {
    case 'list':
    case 'tuple':
    case 'set':
      return value;
    case 'range':
      return rangeItems(value);
    case 'string':
      return value.value.length <= cx.budget.items
        ? { items: [...value.value].map(text) }
        : unknownItems('the text is too long');
    case 'dict': {
      const keys = cx.language === 'python' ? [...value.entries.keys()] : orderedKeys(value.entries.keys());
      const items = keys.map(k => valueOfKey(k) ?? unknownValue('a key of this kind is not followed'));
      return value.open === undefined ? { items } : { items, rest: unknownValue(value.open) };
    }
    case 'tensor':
      return tensorItems(value);
    case 'frame':
      if (value.isSeries || !value.labels) return unknownItems('the items of this table are not known');
      return { items: value.labels.map(label => valueOfKey(label) ?? unknownValue('a label of this kind')) };
    case 'object':
      return value.element
        ? { items: [], rest: value.element }
        : unknownItems(`the items of \`${value.path}\` are not known`);
    case 'unknown':
      return unknownItems(value.why);
    default:
      return unknownItems(`the items of this ${value.kind} are not known`);
  }
}

/** JavaScript's order: keys that are whole numbers first, by their size. */
export function orderedKeys(keys: Iterable<string>): readonly string[] {
  const all = [...keys];
  const isIndex = (key: string): boolean => /^(0|[1-9]\d*)$/.test(key);
  return [...all.filter(isIndex).sort((a, b) => Number(a) - Number(b)), ...all.filter(key => !isIndex(key))];
}

function unknownItems(why: string): Items {
  return { items: [], rest: unknownValue(why) };
}

function rangeItems(range: Value & { kind: 'range' }): Items {
  const count = rangeLength(range);
  if (count === undefined || range.start.kind !== 'known') return unknownItems('the length of this range is not known');
  if (count > LONGEST_RANGE) return { items: [], rest: unknownValue('one of many numbers') };
  const { value: start } = range.start;
  return { items: Array.from({ length: count }, (_, i) => integer(start + i * range.step)) };
}

export function rangeLength(range: Value & { kind: 'range' }): number | undefined {
  if (!isKnown(range.start) || !isKnown(range.stop) || range.step === 0) return undefined;
  return Math.max(0, Math.ceil((range.stop.value - range.start.value) / range.step));
}

/** The slices of an array along its first axis. */
function tensorItems(tensor: Value & { kind: 'tensor' }): Items {
  if (tensor.elements) return { items: tensor.elements };
  if (!isRanked(tensor.shape) || tensor.shape.dims.length === 0)
    return unknownItems('the items of this array are not known');
  const [first, ...others] = tensor.shape.dims;
  if (others.length === 0 && mayHoldAnything(tensor)) return unknownItems('what the array holds is not known');
  const slice: Value = { ...tensor, shape: ranked(others), node: undefined, elements: undefined };
  return isKnown(first!) && first.value <= 64
    ? { items: new Array<Value>(first.value).fill(slice) }
    : { items: [], rest: slice };
}

/** One item of such an array may be a text or any other object, whose methods are not those of an array. */
export function mayHoldAnything({ flavour, dtype }: TensorValue): boolean {
  return (flavour === 'numpy' || flavour === 'pandas') && (dtype === undefined || dtype === 'object');
}

/** A shape as the tuple that `x.shape` is. */
export function shapeTuple(dims: readonly Dim[]): Value {
  return tuple(dims.map(sizeValue));
}
