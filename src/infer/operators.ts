/** Unary, binary and comparison operators on numbers, symbolic sizes, texts, sequences and tensors. */
import {
  add,
  type Dim,
  floorDivide,
  isExact,
  isKnown,
  known,
  less,
  lowerBound,
  modulo,
  multiply,
  same,
  subtract,
  unknownDim,
} from '../ir/dim';
import type { BinaryOperator, CompareOperator, Expression } from '../ir/program';
import { broadcast, isBroadcastFailure, isRanked, ranked, shape } from '../ir/shape';
import {
  boolean,
  float,
  integer,
  type NumberValue,
  type SequenceValue,
  sizeValue,
  type TensorValue,
  text,
  unknownSize,
  unknownValue,
  type Value,
} from '../ir/value';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { copyOf, frameBinary } from './frames';
import { equalValues } from './join';
import { operatorMethod } from './methods';
import { scriptBinary, scriptCompare, scriptTruth, scriptUnary, typeOf, UNDEFINED } from './javascript';
import { operationResult } from './operations';
import { keyOf, strOf } from './strings';

export type Truth = boolean | undefined;

/** Is the value true in a condition? Undefined where not known. */
export function truth(value: Value): Truth {
  switch (value.kind) {
    case 'boolean':
      return value.value;
    case 'number':
      return value.value !== 0;
    case 'string':
      return value.value !== '';
    case 'none':
      return value.spelled === 'ellipsis';
    case 'size':
      return lowerBound(value.dim) > 0 ? true : undefined;
    case 'list':
    case 'tuple':
    case 'set':
      return value.items.length > 0 ? true : value.rest ? undefined : false;
    case 'dict':
      return value.entries.size > 0 ? true : value.open === undefined ? false : undefined;
    case 'function':
    case 'class':
    case 'method':
    case 'layer':
    case 'model':
    case 'module':
      return true;
    case 'tensor':
    case 'frame':
    case 'instance':
    case 'range':
    case 'library':
    case 'object':
    case 'slice':
    case 'super':
    case 'unknown':
      return undefined;
  }
}

export function unary(cx: Evaluator, node: Expression & { kind: 'unary' }): Value {
  const value = evaluate(cx, node.operand);
  if (cx.language !== 'python' && value !== AFTER_FAULT) {
    const known = scriptUnaryOf(node.operator, value);
    if (known) return known;
  }
  switch (node.operator) {
    case 'not': {
      const known = truthIn(cx, value);
      return known === undefined ? unknownValue(`\`${describe(node.operand)}\` is not known`) : boolean(!known);
    }
    case '-':
    case '+':
      if (value.kind === 'frame') return copyOf(value);
      if (value.kind === 'tensor')
        return operationResult(cx, value.shape, [value], node.operator === '-' ? 'Negative' : 'Positive', node.span);
      return binary(cx, node.operator, integer(0), value, node);
    case '~':
      if (value.kind === 'frame') return copyOf(value);
      return value.kind === 'number' ? integer(~value.value) : unknownValue('the operator ~ is not followed');
    case 'typeof':
    case 'void':
      return unknownValue(`the operator ${node.operator} is not followed`);
  }
}

export function binary(cx: Evaluator, operator: BinaryOperator, left: Value, right: Value, node: Expression): Value {
  if (left === AFTER_FAULT || right === AFTER_FAULT) return AFTER_FAULT;
  if (cx.language !== 'python') {
    const known = scriptBinary(operator, left, right);
    // What JavaScript makes of anything else is a text or NaN, which no size is made of.
    return (
      known ??
      (isSizeLike(left) && isSizeLike(right)
        ? sizes(operator, left, right, node)
        : notFollowed(operator, left, right, node))
    );
  }
  if (left.kind === 'frame' || right.kind === 'frame') return frameBinary(left, right, masks(operator, left, right));
  if (left.kind === 'tensor' || right.kind === 'tensor') return tensorBinary(cx, operator, left, right, node);
  const a = asNumber(left);
  const b = asNumber(right);
  if (a && b) return numbers(cx, operator, a, b);
  const overloaded = operatorMethod(cx, operator, left, right, node);
  if (overloaded) return overloaded;
  if (operator === '+' || operator === '*' || operator === '%' || operator === '|') {
    const joined = sequences(cx, operator, left, right);
    if (joined) return joined;
  }
  return sizes(operator, left, right, node);
}

/** `mask & mask` is a mask again. */
function masks(operator: BinaryOperator, ...values: readonly Value[]): string | undefined {
  const isMask = (v: Value): boolean => (v.kind === 'frame' || v.kind === 'tensor') && v.dtype === 'bool';
  return /^[&|^]$/.test(operator) && values.some(isMask) ? 'bool' : undefined;
}

const isSizeLike = (value: Value): boolean =>
  value.kind === 'size' || value.kind === 'number' || (value.kind === 'unknown' && value.dim !== undefined);

/** Arithmetic gives a number whatever it is done to; `+` may put texts together. */
function notFollowed(operator: BinaryOperator, left: Value, right: Value, node: Expression): Value {
  const why =
    left.kind === 'unknown' ? left.why : right.kind === 'unknown' ? right.why : `\`${describe(node)}\` is not followed`;
  const isNumber = operator !== '+' || (isOneNumber(left) && isOneNumber(right));
  return isNumber ? { kind: 'unknown', why, isNumber } : unknownValue(why);
}

const isOneNumber = (value: Value): boolean =>
  value.kind === 'number' || (value.kind === 'unknown' && value.isNumber === true);

function scriptUnaryOf(operator: (Expression & { kind: 'unary' })['operator'], value: Value): Value | undefined {
  switch (operator) {
    case 'typeof': {
      const type = typeOf(value);
      return type === undefined ? undefined : text(type);
    }
    case 'void':
      return UNDEFINED;
    case '-':
    case '+':
    case '~':
      return scriptUnary(operator, value);
    case 'not':
      return undefined;
  }
}

/** Truth in the language of the program. */
export function truthIn(cx: Evaluator, value: Value): Truth {
  return (cx.language === 'python' ? undefined : scriptTruth(value)) ?? truth(value);
}

function asNumber(value: Value): NumberValue | undefined {
  if (value.kind === 'number') return value;
  return value.kind === 'boolean' ? integer(value.value ? 1 : 0) : undefined;
}

function numbers(cx: Evaluator, operator: BinaryOperator, a: NumberValue, b: NumberValue): Value {
  const whole = a.isInteger && b.isInteger;
  const result = (value: number, isInteger = whole): Value =>
    isInteger && !Number.isSafeInteger(value)
      ? unknownValue('the number is too large')
      : { kind: 'number', value, isInteger };
  switch (operator) {
    case '+':
      return result(a.value + b.value);
    case '-':
      return result(a.value - b.value);
    case '*':
      return result(a.value * b.value);
    case '/': {
      if (b.value === 0) return unknownValue('division by zero');
      const value = a.value / b.value;
      // JavaScript has one kind of number: 4 / 2 can be a size there, and is 2.0 in Python.
      return cx.language === 'python' ? float(value) : result(value, Number.isInteger(value));
    }
    case '//':
      return b.value === 0 ? unknownValue('division by zero') : result(Math.floor(a.value / b.value));
    case '%': {
      if (b.value === 0) return unknownValue('division by zero');
      const rest = a.value % b.value;
      return result(cx.language === 'python' && rest !== 0 && rest < 0 !== b.value < 0 ? rest + b.value : rest);
    }
    case '**':
      return result(a.value ** b.value, whole && b.value >= 0);
    case '<<':
      return result(a.value * 2 ** b.value);
    case '>>':
    case '>>>':
      return result(Math.floor(a.value / 2 ** b.value));
    case '&':
      return result(a.value & b.value);
    case '|':
      return result(a.value | b.value);
    case '^':
      return result(a.value ^ b.value);
    case '@':
      return unknownValue('numbers have no matrix product');
  }
}

/** Arithmetic with symbolic sizes. What a name stands for may be no size at all, so the result keeps that doubt. */
function sizes(operator: BinaryOperator, left: Value, right: Value, node: Expression): Value {
  const a = sizeOf(left);
  const b = sizeOf(right);
  const why =
    left.kind === 'unknown' ? left.why : right.kind === 'unknown' ? right.why : `\`${describe(node)}\` is not followed`;
  const isNumber = isOneNumber(left) && isOneNumber(right);
  const unknown = (reason: string): Value =>
    isNumber ? { kind: 'unknown', why: reason, isNumber } : unknownValue(reason);
  if (!a || !b) return unknown(why);
  const dim = dimBinary(operator, a, b);
  if (!dim || !isExact(dim)) return unknown(dim?.kind === 'unknown' ? dim.why : why);
  if (left.kind !== 'unknown' && right.kind !== 'unknown') return sizeValue(dim);
  return isNumber ? { ...unknownSize(why, dim), isNumber } : unknownSize(why, dim);
}

function sizeOf(value: Value): Dim | undefined {
  switch (value.kind) {
    case 'size':
      return value.dim;
    case 'unknown':
      return value.dim;
    case 'number':
      return value.isInteger ? known(value.value) : undefined;
    case 'boolean':
      return known(value.value ? 1 : 0);
    default:
      return undefined;
  }
}

function dimBinary(operator: BinaryOperator, a: Dim, b: Dim): Dim | undefined {
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      return subtract(a, b);
    case '*':
      return multiply(a, b);
    case '//':
      return floorDivide(a, b);
    case '%':
      return modulo(a, b);
    case '**':
      return isKnown(b) && b.value >= 0 && b.value <= 4
        ? new Array<Dim>(b.value).fill(a).reduce(multiply, known(1))
        : unknownDim('a power of a size that is not known');
    default:
      return undefined;
  }
}

/** Texts, lists and tuples: concatenation, repetition, `'%d' % n`, and `{**a} | b`. */
function sequences(cx: Evaluator, operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  if (operator === '+') {
    if (left.kind === 'string' && right.kind === 'string')
      return text((left.value + right.value).slice(0, cx.budget.items));
    if (cx.language !== 'python' && (left.kind === 'string' || right.kind === 'string')) {
      const [a, b] = [strOf(left), strOf(right)];
      return a !== undefined && b !== undefined ? text((a + b).slice(0, cx.budget.items)) : undefined;
    }
    if (isSequence(left) && isSequence(right) && left.kind === right.kind) return concatenated(cx, left, right);
    return undefined;
  }
  if (operator === '*') {
    const [sequence, count] =
      left.kind === 'number' || left.kind === 'size' || left.kind === 'unknown' ? [right, left] : [left, right];
    if (sequence.kind === 'string' && count.kind === 'number')
      return text(sequence.value.repeat(Math.max(0, Math.min(count.value, 1000))));
    if (isSequence(sequence)) return repeated(cx, sequence, count);
    return undefined;
  }
  if (operator === '|' && left.kind === 'dict' && right.kind === 'dict') {
    return { kind: 'dict', entries: new Map([...left.entries, ...right.entries]), open: left.open ?? right.open };
  }
  if (operator === '%' && left.kind === 'string') return percentFormat(left.value, right);
  return undefined;
}

function isSequence(value: Value): value is SequenceValue {
  return value.kind === 'list' || value.kind === 'tuple' || value.kind === 'set';
}

function concatenated(cx: Evaluator, left: SequenceValue, right: SequenceValue): Value {
  if (left.items.length + right.items.length > cx.budget.items)
    return { kind: left.kind, items: [], rest: unknownValue('one of very many items') };
  if (!left.rest) return { kind: left.kind, items: [...left.items, ...right.items], rest: right.rest };
  return { kind: left.kind, items: [...left.items], rest: unknownValue('one of several items') };
}

function repeated(cx: Evaluator, sequence: SequenceValue, count: Value): Value {
  const times = asNumber(count)?.value;
  if (times === undefined || sequence.rest) {
    const [only] = sequence.items;
    return {
      kind: sequence.kind,
      items: [],
      rest: sequence.items.length === 1 && !sequence.rest ? only : unknownValue('one of several items'),
    };
  }
  const length = sequence.items.length * Math.max(0, times);
  if (length > cx.budget.items)
    return { kind: sequence.kind, items: [], rest: sequence.items[0] ?? unknownValue('one of very many items') };
  const items: Value[] = [];
  for (let i = 0; i < times; i++) items.push(...sequence.items);
  return { kind: sequence.kind, items };
}

function percentFormat(format: string, right: Value): Value {
  const values = right.kind === 'tuple' ? [...right.items] : [right];
  let known = true;
  const out = format.replace(/%(?:[-+0 ]*\d*)(?:\.\d+)?([sdirf%])/g, (whole, type: string) => {
    if (type === '%') return '%';
    const value = values.shift();
    const plain = value && strOf(value);
    if (plain === undefined || type === 'f' || whole.length > 2) known = false;
    return plain ?? '';
  });
  return known ? text(out) : unknownValue('the text is not known');
}

// --------------------------------------------------------------------------------------------------------- tensors

/** Keras's class for the operator on symbolic tensors; it gives the operation its automatic name. */
const OPERATION: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '+': 'Add',
  '-': 'Subtract',
  '*': 'Multiply',
  '/': 'TrueDivide',
  '//': 'FloorDivide',
  '%': 'Mod',
  '**': 'Power',
  '@': 'Matmul',
};

function tensorBinary(cx: Evaluator, operator: BinaryOperator, left: Value, right: Value, node: Expression): Value {
  const a = asTensor(left);
  const b = asTensor(right);
  if (!a || !b)
    return unknownValue(
      left.kind === 'unknown'
        ? left.why
        : right.kind === 'unknown'
          ? right.why
          : 'this operator on a tensor is not followed',
    );
  const at = { place: cx.place(node.span), callee: operator, origins: originsOf([left, right]) };
  if (operator === '@') return matmul(cx, a, b, left, right, node);
  const result = broadcast(a.shape, b.shape);
  if (isBroadcastFailure(result)) {
    return cx.fault({ kind: 'broadcast-mismatch', left: a.shape, right: b.shape, axis: result.axis }, at);
  }
  return operationResult(
    cx,
    result,
    [left, right].filter(v => v.kind === 'tensor'),
    OPERATION[operator] ?? 'Operation',
    node.span,
    { facts: scaledFacts(operator, left, right) },
  );
}

/** `x / 255`, `x * (1 / 255)`: what is known of the numbers in the data goes on, with the scale. */
function scaledFacts(operator: BinaryOperator, left: Value, right: Value): TensorValue['facts'] {
  if (left.kind !== 'tensor' || !left.facts || right.kind !== 'number' || right.value === 0) return undefined;
  const { scale = 1, ...facts } = left.facts;
  if (operator === '/') return { ...facts, scale: scale / right.value };
  return operator === '*' ? { ...facts, scale: scale * right.value } : { ...facts, scale };
}

function asTensor(value: Value): TensorValue | undefined {
  if (value.kind === 'tensor') return value;
  if (value.kind === 'number' || value.kind === 'size' || value.kind === 'boolean')
    return { kind: 'tensor', shape: shape(), flavour: 'array' };
  return undefined;
}

function originsOf(values: readonly Value[]): { readonly place: TensorPlace; readonly what: string }[] {
  return values.flatMap((v, i) =>
    v.kind === 'tensor' && v.place ? [{ place: v.place, what: i === 0 ? 'left' : 'right' }] : [],
  );
}
type TensorPlace = NonNullable<TensorValue['place']>;

function matmul(cx: Evaluator, a: TensorValue, b: TensorValue, left: Value, right: Value, node: Expression): Value {
  const tensors = [left, right].filter(v => v.kind === 'tensor');
  if (!isRanked(a.shape) || !isRanked(b.shape)) {
    return operationResult(
      cx,
      { kind: 'unranked', why: 'a matrix product of tensors that are not known' },
      tensors,
      'Matmul',
      node.span,
    );
  }
  const x = a.shape.dims;
  const y = b.shape.dims;
  const mismatch = (): Value =>
    cx.fault(
      { kind: 'matmul-mismatch', left: a.shape, right: b.shape },
      { place: cx.place(node.span), callee: '@', origins: originsOf([left, right]) },
    );
  if (x.length === 0 || y.length === 0) return mismatch();
  const inner = y.length === 1 ? y[0]! : y.at(-2)!;
  if (same(x.at(-1)!, inner) === 'no') return mismatch();
  const batch = broadcast(ranked(x.slice(0, -2)), ranked(y.slice(0, -2)));
  if (isBroadcastFailure(batch) || !isRanked(batch)) return mismatch();
  const dims = [...batch.dims, ...(x.length > 1 ? [x.at(-2)!] : []), ...(y.length > 1 ? [y.at(-1)!] : [])];
  return operationResult(cx, ranked(dims), tensors, 'Matmul', node.span);
}

// ------------------------------------------------------------------------------------------------------ comparison

export function compare(cx: Evaluator, node: Expression & { kind: 'compare' }): Value {
  const values = node.operands.map(o => evaluate(cx, o));
  let all: Truth = true;
  for (let i = 0; i < node.operators.length; i++) {
    const left = values[i]!;
    const right = values[i + 1]!;
    if (cx.language === 'python' && isTensorCompare(node.operators[i]!, left, right)) {
      if (left === AFTER_FAULT || right === AFTER_FAULT) return AFTER_FAULT;
      if (left.kind === 'frame' || right.kind === 'frame') return frameBinary(left, right, 'bool');
      const compared = tensorBinary(cx, '-', left, right, node);
      return compared.kind === 'tensor' ? { ...compared, dtype: 'bool', facts: undefined } : compared;
    }
    const one =
      cx.language === 'python'
        ? compareValues(node.operators[i]!, left, right)
        : (scriptCompare(node.operators[i]!, left, right) ?? sizesCompared(node.operators[i]!, left, right));
    if (one === false) return boolean(false);
    if (one === undefined) all = undefined;
  }
  return all === undefined ? unknownValue(`\`${describe(node)}\` is not known`) : boolean(all);
}

/** Lengths that are no numbers, against each other or a number. */
function sizesCompared(operator: CompareOperator, left: Value, right: Value): Truth {
  return left.kind === 'size' || right.kind === 'size' ? compareValues(operator, left, right) : undefined;
}

function isTensorCompare(operator: CompareOperator, left: Value, right: Value): boolean {
  const isArray = (v: Value): boolean => v.kind === 'tensor' || v.kind === 'frame';
  return /[<>=]/.test(operator) && (isArray(left) || isArray(right));
}

export function compareValues(operator: CompareOperator, left: Value, right: Value): Truth {
  switch (operator) {
    case '==':
    case '===':
      return equals(left, right);
    case '!=':
    case '!==':
      return negate(equals(left, right));
    case 'is':
      return identical(left, right);
    case 'is not':
      return negate(identical(left, right));
    case 'in':
      return isIn(left, right);
    case 'not in':
      return negate(isIn(left, right));
    case '<':
      return lessThan(left, right);
    case '>':
      return lessThan(right, left);
    case '<=':
      return negate(lessThan(right, left));
    case '>=':
      return negate(lessThan(left, right));
    case 'instanceof':
      return undefined;
  }
}

function negate(t: Truth): Truth {
  return t === undefined ? undefined : !t;
}

export function equals(left: Value, right: Value): Truth {
  if (left === right && left.kind !== 'unknown' && left.kind !== 'tensor' && left.kind !== 'frame') return true;
  const a = asNumber(left);
  const b = asNumber(right);
  if (a && b) return a.value === b.value;
  if ((left.kind === 'size' || right.kind === 'size') && left.kind !== 'unknown' && right.kind !== 'unknown') {
    const [x, y] = [sizeOf(left), sizeOf(right)];
    if (!x || !y) return left.kind === 'none' || right.kind === 'none' ? false : undefined;
    const verdict = same(x, y);
    return verdict === 'maybe' ? undefined : verdict === 'yes';
  }
  const [dtype, other] = [dtypeName(left), dtypeName(right)];
  if (dtype !== undefined && other !== undefined && (left.kind === 'library' || right.kind === 'library'))
    return dtype === other;
  if (!isComparable(left) || !isComparable(right))
    return left.kind === 'none' || right.kind === 'none' ? identical(left, right) : undefined;
  if (isSequence(left) && isSequence(right)) return left.kind === right.kind ? equalSequences(left, right) : false;
  return left.kind === right.kind ? equalValues(left, right) : false;
}

/** `x.dtype == tf.float32`: a type is equal to its name, and NumPy's to TensorFlow's. */
function dtypeName(value: Value): string | undefined {
  if (value.kind === 'string') return value.value;
  const found =
    value.kind === 'library'
      ? /^(?:tensorflow|numpy)\.(?:dtypes\.)?(\w*(?:int|float|bool|string)\w*)$/.exec(value.path)
      : null;
  return found?.[1];
}

function equalSequences(left: SequenceValue, right: SequenceValue): Truth {
  if (left.rest || right.rest || left.kind === 'set') return undefined;
  if (left.items.length !== right.items.length) return false;
  let all: Truth = true;
  for (let i = 0; i < left.items.length; i++) {
    const one = equals(left.items[i]!, right.items[i]!);
    if (one === false) return false;
    if (one === undefined) all = undefined;
  }
  return all;
}

/** Values whose equality Python decides by content that is fully known here. */
function isComparable(value: Value): boolean {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
    case 'size':
      return true;
    case 'list':
    case 'tuple':
    case 'set':
      return true;
    default:
      return false;
  }
}

function identical(left: Value, right: Value): Truth {
  if (left.kind === 'unknown' || right.kind === 'unknown') return undefined;
  if (left.kind === 'none' || right.kind === 'none' || left.kind === 'boolean' || right.kind === 'boolean') {
    if (left.kind === 'size' || right.kind === 'size') return left.kind === right.kind ? undefined : false;
    return equalValues(left, right);
  }
  if (left === right) return true;
  return left.kind === right.kind && left.kind !== 'tensor' && left.kind !== 'frame' && left.kind !== 'object'
    ? equalValues(left, right)
      ? undefined
      : false
    : undefined;
}

function isIn(item: Value, container: Value): Truth {
  if (container.kind === 'string') return item.kind === 'string' ? container.value.includes(item.value) : undefined;
  if (container.kind === 'dict') {
    const key = keyOf(item);
    if (key === undefined) return undefined;
    return container.entries.has(key) ? true : container.open === undefined ? false : undefined;
  }
  if (container.kind === 'frame') {
    const key = keyOf(item);
    if (container.isSeries || key === undefined || !container.labels) return undefined;
    return container.labels.includes(key);
  }
  if (container.kind === 'tensor' && container.flavour === 'pandas' && container.elements)
    return isIn(item, { kind: 'list', items: [...container.elements] });
  if (!isSequence(container)) return undefined;
  let found: Truth = container.rest ? undefined : false;
  for (const other of container.items) {
    const one = equals(item, other);
    if (one === true) return true;
    if (one === undefined) found = undefined;
  }
  return found;
}

function lessThan(left: Value, right: Value): Truth {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a && b) return a.value < b.value;
  if (left.kind === 'string' && right.kind === 'string') return left.value < right.value;
  if (left.kind === 'unknown' || right.kind === 'unknown') return undefined;
  const [x, y] = [sizeOf(left), sizeOf(right)];
  if (x && y) {
    const verdict = less(x, y);
    return verdict === 'maybe' ? undefined : verdict === 'yes';
  }
  if (isSequence(left) && isSequence(right) && !left.rest && !right.rest) {
    for (let i = 0; i < Math.min(left.items.length, right.items.length); i++) {
      const equal = equals(left.items[i]!, right.items[i]!);
      if (equal === undefined) return undefined;
      if (!equal) return lessThan(left.items[i]!, right.items[i]!);
    }
    return left.items.length < right.items.length;
  }
  return undefined;
}
