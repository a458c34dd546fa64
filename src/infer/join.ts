/** One value that covers two: what is known where two branches of the program meet. */
import { same, unknownDim, type Dim } from '../ir/dim';
import { isRanked, ranked, type Shape, unranked } from '../ir/shape';
import {
  type DataFacts,
  type DictValue,
  type FrameValue,
  type SequenceValue,
  type TensorValue,
  unknownValue,
  type Value,
} from '../ir/value';
import { ChoiceNode } from './graph';
import type { CellKind } from './journal';

/** Nesting beyond this is not looked into: lists can hold themselves. */
const MAX_DEPTH = 12;

/** `why` says in words what the difference depends on: "depends on `use_bias`". */
export function joinValues(a: Value, b: Value, why: string, depth = 0): Value {
  if (a === b) return a;
  if (depth > MAX_DEPTH) return unknownValue(why);
  if (a.kind === 'unknown' && b.kind === 'unknown' && a.dim && b.dim && same(a.dim, b.dim) === 'yes') return a;
  if (a.kind === 'tensor' && b.kind === 'tensor') return joinTensors(a, b, why);
  if (isSequence(a) && isSequence(b) && a.kind === b.kind) return joinSequences(a, b, why, depth);
  if (a.kind === 'dict' && b.kind === 'dict') return joinDicts(a, b, why, depth);
  if (a.kind === 'frame' && b.kind === 'frame' && a.isSeries === b.isSeries)
    return { ...a, ...FRAME_CELL.join(a, b, why), dtype: a.dtype === b.dtype ? a.dtype : undefined };
  if (equalValues(a, b)) return a;
  if (isOneNumber(a) && isOneNumber(b)) return { kind: 'unknown', why, isNumber: true };
  const either = [...alternatives(a), ...alternatives(b)];
  return either.length <= MAX_ALTERNATIVES && either.every(isCallable)
    ? { kind: 'unknown', why, either }
    : unknownValue(why);
}

const isOneNumber = (value: Value): boolean =>
  value.kind === 'number' || (value.kind === 'unknown' && value.isNumber === true && value.dim === undefined);

/** More layers or functions than this that one name may stand for, and none of them is followed. */
const MAX_ALTERNATIVES = 4;

function alternatives(value: Value): readonly Value[] {
  return value.kind === 'unknown' && value.either ? value.either : [value];
}

function isCallable(value: Value): boolean {
  switch (value.kind) {
    case 'layer':
    case 'model':
    case 'function':
    case 'class':
    case 'library':
      return true;
    case 'instance':
      return value.layer !== undefined;
    default:
      return false;
  }
}

/** Keys that only one side has keep their value: a name bound in one branch is used where that branch ran. */
export function joinMaps(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
  why: string,
  depth = 0,
): Map<string, Value> {
  const joined = new Map(a);
  for (const [key, value] of b) {
    const other = a.get(key);
    joined.set(key, other === undefined ? value : joinValues(other, value, why, depth + 1));
  }
  return joined;
}

export function joinDims(a: Dim, b: Dim, why: string): Dim {
  if (a === b || same(a, b) === 'yes') return a;
  return a.kind === 'open' && b.kind === 'open' ? a : unknownDim(why);
}

export function joinShapes(a: Shape, b: Shape, why: string): Shape {
  if (a === b) return a;
  if (!isRanked(a) || !isRanked(b) || a.dims.length !== b.dims.length) return unranked(why);
  return ranked(a.dims.map((d, i) => joinDims(d, b.dims[i]!, why)));
}

function joinTensors(a: TensorValue, b: TensorValue, why: string): TensorValue {
  const nodes =
    a.node && b.node && (a.node.node !== b.node.node || a.node.output !== b.node.output)
      ? { node: new ChoiceNode([a.node, b.node], why), output: 0 }
      : (a.node ?? b.node);
  return {
    kind: 'tensor',
    shape: joinShapes(a.shape, b.shape, why),
    dtype: a.dtype === b.dtype ? a.dtype : undefined,
    flavour: a.flavour === b.flavour ? a.flavour : 'array',
    node: nodes,
    place: a.place,
    facts: joinFacts(a.facts, b.facts),
  };
}

function joinFacts(a: DataFacts | undefined, b: DataFacts | undefined): DataFacts | undefined {
  if (!a || !b) return undefined;
  const kept = Object.entries(a).filter(([key, value]) => b[key as keyof DataFacts] === value);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function isSequence(v: Value): v is SequenceValue {
  return v.kind === 'list' || v.kind === 'tuple' || v.kind === 'set';
}

function joinSequences(a: SequenceValue, b: SequenceValue, why: string, depth: number): SequenceValue {
  const items: Value[] = [];
  const common = Math.min(a.items.length, b.items.length);
  for (let i = 0; i < common; i++) items.push(joinValues(a.items[i]!, b.items[i]!, why, depth + 1));
  const further = [
    ...a.items.slice(common),
    ...b.items.slice(common),
    ...[a.rest, b.rest].filter(r => r !== undefined),
  ];
  if (further.length === 0) return { kind: a.kind, items };
  return { kind: a.kind, items, rest: further.reduce((x, y) => joinValues(x, y, why, depth + 1)) };
}

function joinDicts(a: DictValue, b: DictValue, why: string, depth: number): DictValue {
  const sameKeys = a.entries.size === b.entries.size && [...a.entries.keys()].every(k => b.entries.has(k));
  return {
    kind: 'dict',
    entries: joinMaps(a.entries, b.entries, why, depth),
    open: a.open ?? b.open ?? (sameKeys ? undefined : why),
  };
}

/** Surely the same value, though not the same object. */
export function equalValues(a: Value, b: Value): boolean {
  switch (a.kind) {
    case 'number':
      return b.kind === 'number' && a.value === b.value && a.isInteger === b.isInteger;
    case 'string':
      return b.kind === 'string' && a.value === b.value;
    case 'boolean':
      return b.kind === 'boolean' && a.value === b.value;
    case 'none':
      return b.kind === 'none' && a.spelled === b.spelled;
    case 'size':
      return b.kind === 'size' && same(a.dim, b.dim) === 'yes';
    case 'module':
      return b.kind === 'module' && a.path === b.path;
    case 'library':
      return b.kind === 'library' && a.path === b.path;
    case 'layer':
      return b.kind === 'layer' && a.layer === b.layer;
    case 'model':
      return b.kind === 'model' && a.model === b.model;
    case 'function':
      return b.kind === 'function' && a.code === b.code;
    case 'class':
      return b.kind === 'class' && a.code === b.code;
    case 'method':
      return b.kind === 'method' && a.name === b.name && equalValues(a.self, b.self);
    case 'object':
      return (
        b.kind === 'object' &&
        a.path === b.path &&
        a.args.size === b.args.size &&
        [...a.args].every(([key, value]) => {
          const other = b.args.get(key);
          return other !== undefined && equalValues(value, other);
        })
      );
    case 'range':
      return (
        b.kind === 'range' && a.step === b.step && same(a.start, b.start) === 'yes' && same(a.stop, b.stop) === 'yes'
      );
    case 'list':
    case 'tuple':
    case 'set':
      return (
        b.kind === a.kind &&
        !a.rest &&
        !b.rest &&
        a.items.length === b.items.length &&
        a.items.every((v, i) => equalValues(v, b.items[i]!))
      );
    case 'dict':
      return false;
    case 'unknown':
    case 'tensor':
    case 'frame':
    case 'instance':
    case 'slice':
    case 'super':
      return false;
  }
}

// --------------------------------------------------------------------------------- lists and dicts as changing things

interface SequenceState {
  readonly items: readonly Value[];
  readonly rest: Value | undefined;
}

export const SEQUENCE_CELL: CellKind<SequenceValue, SequenceState> = {
  capture: s => ({ items: [...s.items], rest: s.rest }),
  restore: (s, state) => {
    s.items.length = 0;
    for (const item of state.items) s.items.push(item);
    s.rest = state.rest;
  },
  join: (a, b, why) => {
    const joined = joinSequences(
      { kind: 'list', items: [...a.items], rest: a.rest },
      { kind: 'list', items: [...b.items], rest: b.rest },
      why,
      0,
    );
    return { items: joined.items, rest: joined.rest };
  },
};

interface DictState {
  readonly entries: ReadonlyMap<string, Value>;
  readonly open: string | undefined;
}

export const DICT_CELL: CellKind<DictValue, DictState> = {
  capture: d => ({ entries: new Map(d.entries), open: d.open }),
  restore: (d, state) => {
    d.entries.clear();
    for (const [key, value] of state.entries) d.entries.set(key, value);
    d.open = state.open;
  },
  join: (a, b, why) =>
    joinDicts(
      { kind: 'dict', entries: new Map(a.entries), open: a.open },
      { kind: 'dict', entries: new Map(b.entries), open: b.open },
      why,
      0,
    ) as DictState,
};

/** Tables of pandas: rows, and columns with their labels. */
export interface FrameState {
  readonly rows: Dim;
  readonly width: Dim;
  readonly labels: readonly string[] | undefined;
}

export const FRAME_CELL: CellKind<FrameValue, FrameState> = {
  capture: ({ rows, width, labels }) => ({ rows, width, labels }),
  restore: (frame, { rows, width, labels }) => {
    frame.rows = rows;
    frame.width = width;
    frame.labels = labels;
  },
  join: (a, b, why) => ({
    rows: joinDims(a.rows, b.rows, why),
    width: joinDims(a.width, b.width, why),
    labels: a.labels && b.labels && sameLabels(a.labels, b.labels) ? a.labels : undefined,
  }),
};

export function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((label, i) => label === b[i]));
}

/** Attributes of an instance, and the counters of names: any map of values by name. */
export const ATTRIBUTES_CELL: CellKind<Map<string, Value>, ReadonlyMap<string, Value>> = {
  capture: map => new Map(map),
  restore: (map, state) => {
    map.clear();
    for (const [key, value] of state) map.set(key, value);
  },
  join: (a, b, why) => joinMaps(a, b, why),
};
