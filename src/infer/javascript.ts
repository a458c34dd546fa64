/**
 * Where JavaScript computes otherwise than Python: operators on values of any kind, comparison, truth. What is known is
 * handed to the engine's own operators, so that there is nothing to get wrong; what is not known stays so.
 *
 * Source: ECMA-262, abstract operations ToPrimitive, ToString, ToBoolean, IsLooselyEqual.
 */
import type { BinaryOperator, CompareOperator } from '../ir/program';
import { boolean, text, type Value } from '../ir/value';
import { scriptKey, scriptText } from './strings';

export const UNDEFINED: Value = { kind: 'none', spelled: 'undefined' };

type Primitive = number | string | boolean | null | undefined;

/** Longer texts are given up. */
const LONGEST_TEXT = 20_000;

const isPrimitive = (v: Value): boolean =>
  v.kind === 'number' || v.kind === 'string' || v.kind === 'boolean' || v.kind === 'none';

/** An object with an identity of its own. */
const isObject = (v: Value): boolean =>
  v.kind === 'list' || v.kind === 'tuple' || v.kind === 'dict' || v.kind === 'instance' || v.kind === 'function';

/** The value that an operator sees, in a box; undefined where it is not known. */
function primitiveOf(value: Value): { readonly of: Primitive } | undefined {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return { of: value.value };
    case 'none':
      return { of: value.spelled === 'undefined' ? undefined : null };
    case 'list':
    case 'tuple':
    case 'dict': {
      if (value.kind === 'dict' && value.entries.has('valueOf')) return undefined;
      const told = scriptText(value);
      return told === undefined ? undefined : { of: told };
    }
    default:
      return undefined;
  }
}

export function valueOfPrimitive(value: Primitive): Value {
  if (typeof value === 'number') return { kind: 'number', value, isInteger: Number.isInteger(value) };
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return boolean(value);
  return value === undefined ? UNDEFINED : { kind: 'none', spelled: 'None' };
}

/** Undefined where an operand is not known, or is no plain value. */
export function scriptBinary(operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  const [a, b] = [primitiveOf(left), primitiveOf(right)];
  if (!a || !b) return undefined;
  // The operators of the language on whatever they are given: that is the point.
  const [x, y] = [a.of, b.of] as [number, number];
  const result = ((): Primitive => {
    switch (operator) {
      case '+':
        return x + y;
      case '-':
        return x - y;
      case '*':
        return x * y;
      case '/':
        return x / y;
      case '%':
        return x % y;
      case '**':
        return x ** y;
      case '<<':
        return x << y;
      case '>>':
        return x >> y;
      case '>>>':
        return x >>> y;
      case '&':
        return x & y;
      case '|':
        return x | y;
      case '^':
        return x ^ y;
      default:
        return undefined;
    }
  })();
  if (result === undefined || (typeof result === 'string' && result.length > LONGEST_TEXT)) return undefined;
  return valueOfPrimitive(result);
}

export function scriptUnary(operator: '-' | '+' | '~', value: Value): Value | undefined {
  const known = primitiveOf(value);
  if (!known) return undefined;
  const x = known.of as number;
  return valueOfPrimitive(operator === '-' ? -x : operator === '+' ? +x : ~x);
}

/** `typeof`; undefined where not known. */
export function typeOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return value.kind;
    case 'size':
      return 'number';
    case 'none':
      return value.spelled === 'undefined' ? 'undefined' : 'object';
    case 'function':
    case 'class':
    case 'method':
      return 'function';
    case 'list':
    case 'tuple':
    case 'dict':
    case 'instance':
    case 'tensor':
    case 'layer':
    case 'model':
      return 'object';
    default:
      return undefined;
  }
}

/** Every object is true, an empty list and an empty object too. Undefined where it must be asked otherwise. */
export function scriptTruth(value: Value): boolean | undefined {
  if (value.kind === 'number') return Boolean(value.value);
  return isObject(value) || value.kind === 'tensor' ? true : undefined;
}

/** Undefined where not known. */
export function scriptCompare(operator: CompareOperator, left: Value, right: Value): boolean | undefined {
  switch (operator) {
    case '===':
      return strictlyEqual(left, right);
    case '!==':
      return negated(strictlyEqual(left, right));
    case '==':
      return looselyEqual(left, right);
    case '!=':
      return negated(looselyEqual(left, right));
    case 'in':
      return isIn(left, right);
    case '<':
    case '>':
    case '<=':
    case '>=': {
      const [a, b] = [primitiveOf(left), primitiveOf(right)];
      if (!a || !b) return undefined;
      const [x, y] = [a.of, b.of] as [number, number];
      return operator === '<' ? x < y : operator === '>' ? x > y : operator === '<=' ? x <= y : x >= y;
    }
    default:
      return undefined;
  }
}

const negated = (known: boolean | undefined): boolean | undefined => (known === undefined ? undefined : !known);

function strictlyEqual(left: Value, right: Value): boolean | undefined {
  if (isPrimitive(left) && isPrimitive(right)) return primitiveOf(left)!.of === primitiveOf(right)!.of;
  if (isObject(left) && isObject(right)) return sameObject(left, right);
  return (isPrimitive(left) && isObject(right)) || (isObject(left) && isPrimitive(right)) ? false : undefined;
}

function sameObject(left: Value, right: Value): boolean | undefined {
  if (left === right) return true;
  if (left.kind === 'function' && right.kind === 'function') return left.code === right.code;
  return left.kind === 'tuple' || right.kind === 'tuple' ? undefined : false;
}

function looselyEqual(left: Value, right: Value): boolean | undefined {
  if (isObject(left) && isObject(right)) return sameObject(left, right);
  const [a, b] = [primitiveOf(left), primitiveOf(right)];
  if (!a || !b) return left.kind === 'none' || right.kind === 'none' ? nothingEquals(left, right) : undefined;
  if ((a.of ?? undefined) === undefined || (b.of ?? undefined) === undefined)
    return isObject(left) || isObject(right) ? false : (a.of ?? undefined) === (b.of ?? undefined);
  // eslint-disable-next-line eqeqeq -- the program's own operator
  return a.of == b.of;
}

/** Nothing equals `null` and `undefined` but these two. */
function nothingEquals(left: Value, right: Value): boolean | undefined {
  const other = left.kind === 'none' ? right : left;
  return other.kind === 'unknown' ? undefined : false;
}

function isIn(item: Value, container: Value): boolean | undefined {
  const key = scriptKey(item);
  if (key === undefined) return undefined;
  if (container.kind === 'dict')
    return container.entries.has(key) ? true : container.open === undefined ? false : undefined;
  if (container.kind !== 'list' || container.rest) return undefined;
  return /^(0|[1-9]\d*)$/.test(key) ? Number(key) < container.items.length : undefined;
}
