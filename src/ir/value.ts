/**
 * What is known of an expression. Everything the evaluator moves around is one of these; what it does not know is
 * `unknown` and carries why, so that a hover can say it.
 *
 * Lists, dicts, instances, layers and models are objects with identity, as in the program: two names can share one, and
 * a method that changes it is seen through both.
 */
import { type Dim, isExact, symbol } from './dim';
import type { Place } from './span';
import { ranked, type Shape } from './shape';

export type Value =
  | UnknownValue
  | NumberValue
  | SizeValue
  | StringValue
  | BooleanValue
  | NoneValue
  | SequenceValue
  | RangeValue
  | DictValue
  | TensorValue
  | FrameValue
  | ModuleValue
  | LibraryValue
  | LibraryObject
  | FunctionValue
  | ClassValue
  | InstanceValue
  | MethodValue
  | LayerValue
  | ModelValue
  | SliceValue
  | SuperValue;

/**
 * `name` is what the author calls it, where it is a bare unbound name or an attribute of one. `dim` is what it is if it
 * turns out to be a length: a symbol of that name, or arithmetic on such symbols (`sequence_length // 2`). `either` are
 * the layers or functions it can only be, one of which a branch that is not known chose.
 */
export interface UnknownValue {
  readonly kind: 'unknown';
  readonly why: string;
  readonly name?: string;
  readonly dim?: Dim;
  readonly either?: readonly Value[];
  /** It is one plain number, whichever: `np.random.randint(10)`. */
  readonly isNumber?: true;
}
export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  readonly isInteger: boolean;
}
/** An integer that is known only as a length: a symbolic size, an open axis read through `.shape`. */
export interface SizeValue {
  readonly kind: 'size';
  readonly dim: Dim;
}
export interface StringValue {
  readonly kind: 'string';
  readonly value: string;
}
export interface BooleanValue {
  readonly kind: 'boolean';
  readonly value: boolean;
}
/** `spelled` tells `...` and JavaScript's `undefined` from None/null. */
export interface NoneValue {
  readonly kind: 'none';
  readonly spelled: 'None' | 'undefined' | 'ellipsis';
}

/** `rest`: after `items` come any number of further items like this one (an unknown loop appended them). */
export interface SequenceValue {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: Value[];
  rest?: Value;
}

/** Kept lazy: `range(10**9)` costs nothing. */
export interface RangeValue {
  readonly kind: 'range';
  readonly start: Dim;
  readonly stop: Dim;
  readonly step: number;
}

/** Keys as JavaScript has them, numbers as `#1`. `open`: there may be more keys than these. */
export interface DictValue {
  readonly kind: 'dict';
  readonly entries: Map<string, Value>;
  open?: string;
}

export interface SliceValue {
  readonly kind: 'slice';
  readonly lower?: Value;
  readonly upper?: Value;
  readonly step?: Value;
}

/**
 * A tensor or array. `symbolic` is Keras's and TensorFlow.js's placeholder while a model is being built; the others
 * hold data. `node` ties a symbolic tensor to the layer call that made it.
 */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly shape: Shape;
  readonly dtype?: string;
  readonly flavour: 'symbolic' | 'numpy' | 'tensorflow' | 'tfjs' | 'pandas' | 'torch' | 'array';
  readonly node?: GraphNodeRef;
  readonly facts?: DataFacts;
  readonly place?: Place;
  /** A small constant's elements, so that shapes built with `np.array([...])` or `tf.shape` can be followed. */
  readonly elements?: readonly Value[];
}

/**
 * A table of pandas: a DataFrame, or one column of it, a Series. `labels` are those of the columns in their order, as
 * keys of a dict are; of a Series those of its rows, where there is one row for each column. Undefined where not known.
 */
export interface FrameValue {
  readonly kind: 'frame';
  readonly isSeries: boolean;
  rows: Dim;
  /** The number of columns; agrees with `labels`. */
  width: Dim;
  labels: readonly string[] | undefined;
  readonly dtype?: string;
  readonly place?: Place;
}

/** What is known of the numbers in a data tensor, as far as losses and layers care. */
export interface DataFacts {
  /** `keras.datasets.mnist` and the like. */
  readonly dataset?: string;
  /** Integer class labels `0 … classes − 1`. */
  readonly labels?: boolean;
  readonly classes?: Dim;
  readonly oneHot?: boolean;
  /** The product of all scalings since the numbers were integers: 1/255 after `x / 255`. */
  readonly scale?: number;
  /** The largest value, before any scaling that is not followed: 255 for images as loaded. */
  readonly largest?: number;
}

/** Which call of which layer made a symbolic tensor, and which of its outputs. `node` is the evaluator's own object. */
export interface GraphNodeRef {
  readonly node: object;
  readonly output: number;
}

/** A module or namespace of a library by its canonical path: `keras.layers`, `tensorflow`, `numpy.random`, `tfjs`. */
export interface ModuleValue {
  readonly kind: 'module';
  readonly path: string;
}

/** A function or class of a library by its canonical path: `keras.layers.Dense`, `numpy.zeros`, `tfjs.layers.dense`. */
export interface LibraryValue {
  readonly kind: 'library';
  readonly path: string;
}

/** What a library class other than a layer or model makes: an optimiser, a loss, a metric, a callback, a data set. */
export interface LibraryObject {
  readonly kind: 'object';
  readonly path: string;
  readonly args: ReadonlyMap<string, Value>;
  /** The element of a data set: what one batch or example looks like. */
  element?: Value;
  readonly place?: Place;
}

/** The remaining ones belong to the evaluator; the catalogue only passes them on. */
export interface FunctionValue {
  readonly kind: 'function';
  readonly name: string;
  readonly code: object;
}
export interface ClassValue {
  readonly kind: 'class';
  readonly name: string;
  readonly code: object;
}
/** `layer` is there where the class derives from a library's Layer or Model: the evaluator's own object for it. */
export interface InstanceValue {
  readonly kind: 'instance';
  readonly of: ClassValue;
  readonly attributes: Map<string, Value>;
  layer?: object;
}
export interface MethodValue {
  readonly kind: 'method';
  readonly self: Value;
  readonly name: string;
  readonly of?: Value;
}
/** `super()` inside a method: the instance, looked at from behind the class that the method belongs to. */
export interface SuperValue {
  readonly kind: 'super';
  readonly instance: InstanceValue;
  readonly after: ClassValue;
}
export interface LayerValue {
  readonly kind: 'layer';
  readonly layer: object;
  readonly className: string;
}
export interface ModelValue {
  readonly kind: 'model';
  readonly model: object;
}

export const NONE: NoneValue = { kind: 'none', spelled: 'None' };

export function unknownValue(why: string, name?: string): UnknownValue {
  return name === undefined ? { kind: 'unknown', why } : { kind: 'unknown', why, name, dim: symbol(name) };
}

/** Not known, but if it is a length, then this one. */
export function unknownSize(why: string, dim: Dim): UnknownValue {
  return isExact(dim)
    ? { kind: 'unknown', why, dim }
    : { kind: 'unknown', why: dim.kind === 'unknown' ? dim.why : why };
}

export function integer(value: number): NumberValue {
  return SMALL[value] ?? { kind: 'number', value, isInteger: true };
}

/** The numbers that models are made of, made once. */
const SMALL: readonly NumberValue[] = Array.from({ length: 1025 }, (_, value) => ({
  kind: 'number',
  value,
  isInteger: true,
}));

export function float(value: number): NumberValue {
  return { kind: 'number', value, isInteger: false };
}

export function text(value: string): StringValue {
  return { kind: 'string', value };
}

export function boolean(value: boolean): BooleanValue {
  return value ? TRUE : FALSE;
}

const TRUE: BooleanValue = { kind: 'boolean', value: true };
const FALSE: BooleanValue = { kind: 'boolean', value: false };

export function tuple(items: Value[]): SequenceValue {
  return { kind: 'tuple', items };
}

export function list(items: Value[]): SequenceValue {
  return { kind: 'list', items };
}

/** A table as the array that a model sees in it. */
export function frameTensor(frame: FrameValue): TensorValue {
  const { isSeries, rows, width, dtype, place } = frame;
  return { kind: 'tensor', shape: ranked(isSeries ? [rows] : [rows, width]), flavour: 'pandas', dtype, place };
}

/** A length as a value: a number where it is one, `None` where the axis is open. */
export function sizeValue(dim: Dim): Value {
  switch (dim.kind) {
    case 'known':
      return integer(dim.value);
    case 'open':
      return NONE;
    case 'symbolic':
      return { kind: 'size', dim };
    case 'unknown':
      return unknownValue(dim.why);
  }
}
