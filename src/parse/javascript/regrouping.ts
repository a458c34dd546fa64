/**
 * Puts postfixes back where they belong. The grammars let some reach over whole operations: `a && b!.c > 0` is read as
 * `(a && b)!.c > 0`, `await f<T>(x)` as `(await f)<T>(x)`, and `await (f)(x)` as the call of a function `await`. Where
 * that happened, the operands and operators are taken apart and grouped anew.
 */
import type { BinaryOperator, CompareOperator, Expression, Logical, Unary } from '../../ir/program';
import { field, firstToken, parts, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

/** What a postfix node (`.name`, `[index]`, `(args)`, `!`) makes of the expression before it. */
export type Postfix = (cx: Lowering, node: SyntaxNode, object: Expression) => Expression;

/** Where the expression before a postfix stands in the tree. */
function before(node: SyntaxNode): SyntaxNode | undefined {
  switch (node.type) {
    case 'member_expression':
    case 'subscript_expression':
      return field(node, 'object');
    case 'call_expression':
      return field(node, 'function');
    case 'non_null_expression':
    case 'instantiation_expression':
      return parts(node)[0];
    default:
      return undefined;
  }
}

/** Longer chains are not searched: the search starts again at every link. */
const MAX_CHAIN = 64;

const isPrefixed = (node: SyntaxNode) => node.type === 'unary_expression' || node.type === 'await_expression';

/** `await (x)` taken for a call. */
function isAwaitCall(cx: Lowering, node: SyntaxNode): boolean {
  const callee = node.type === 'call_expression' ? field(node, 'function') : undefined;
  return callee?.type === 'identifier' && cx.source(callee) === 'await';
}

/** Whether a postfix somewhere in the chain that begins this node reached too far. */
export function reachesTooFar(cx: Lowering, node: SyntaxNode): boolean {
  let current: SyntaxNode | undefined = node.type === 'binary_expression' ? leftmost(node) : node;
  for (let i = 0; current && i < MAX_CHAIN; i++) {
    const inner: SyntaxNode | undefined = before(current);
    if ((inner && (inner.type === 'binary_expression' || isPrefixed(inner))) || isAwaitCall(cx, current)) return true;
    current = inner;
  }
  return false;
}

function leftmost(node: SyntaxNode): SyntaxNode | undefined {
  let left: SyntaxNode | undefined = node;
  for (let i = 0; left?.type === 'binary_expression' && i < MAX_CHAIN; i++) left = field(left, 'left');
  return left;
}

/** One operand: what it is, the postfixes on it from the inside out, the prefixes before it from the outside in. */
interface Operand {
  readonly base: SyntaxNode | undefined;
  readonly postfixes: SyntaxNode[];
  readonly prefixes: SyntaxNode[];
}

interface Flat {
  readonly operands: Operand[];
  readonly operators: string[];
}

function flatten(cx: Lowering, node: SyntaxNode | undefined): Flat {
  if (node?.type === 'binary_expression') {
    const left = flatten(cx, field(node, 'left'));
    const right = flatten(cx, field(node, 'right'));
    return {
      operands: [...left.operands, ...right.operands],
      operators: [...left.operators, firstToken(node)?.type ?? '', ...right.operators],
    };
  }
  if (node && isPrefixed(node)) {
    const flat = flatten(cx, field(node, 'argument') ?? parts(node)[0]);
    flat.operands[0]?.prefixes.unshift(node);
    return flat;
  }
  if (node && isAwaitCall(cx, node))
    return {
      operands: [{ base: parts(field(node, 'arguments') ?? node)[0], postfixes: [], prefixes: [node] }],
      operators: [],
    };
  const inner = node && reachesTooFar(cx, node) ? before(node) : undefined;
  if (!node || !inner) return { operands: [{ base: node, postfixes: [], prefixes: [] }], operators: [] };
  const flat = flatten(cx, inner);
  flat.operands[flat.operands.length - 1]?.postfixes.push(node);
  return flat;
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '|': 4,
  '^': 5,
  '&': 6,
  '==': 7,
  '!=': 7,
  '===': 7,
  '!==': 7,
  '<': 8,
  '<=': 8,
  '>': 8,
  '>=': 8,
  in: 8,
  instanceof: 8,
  '<<': 9,
  '>>': 9,
  '>>>': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
  '**': 12,
};

export function regrouped(cx: Lowering, node: SyntaxNode, postfix: Postfix): Expression {
  const { operands, operators } = flatten(cx, node);
  let next = 0;
  const operand = (): Expression => {
    const { base, postfixes, prefixes } = operands[next++]!;
    const value = postfixes.reduce((object, each) => postfix(cx, each, object), cx.expression(base, node));
    return prefixes.reduceRight((inner, each) => unaryOperation(each, inner), value);
  };
  const climb = (least: number): Expression => {
    let left = operand();
    for (;;) {
      const sign = operators[next - 1];
      const precedence = sign === undefined ? 0 : (PRECEDENCE[sign] ?? 0);
      if (sign === undefined || precedence < least) return left;
      left = binaryOperation(sign, left, climb(sign === '**' ? precedence : precedence + 1));
    }
  };
  return climb(0);
}

const LOGICAL: Readonly<Record<string, Logical['operator']>> = { '&&': 'and', '||': 'or', '??': '??' };
const COMPARE = new Set<string>(['==', '!=', '===', '!==', '<', '<=', '>', '>=', 'in', 'instanceof']);

export function binaryOperation(sign: string, left: Expression, right: Expression): Expression {
  const span = { start: left.span.start, end: right.span.end };
  const logical = LOGICAL[sign];
  if (logical) return { kind: 'logical', span, operator: logical, left, right };
  if (COMPARE.has(sign))
    return { kind: 'compare', span, operands: [left, right], operators: [sign as CompareOperator] };
  return { kind: 'binary', span, operator: sign as BinaryOperator, left, right };
}

export function unaryOperation(node: SyntaxNode, operand: Expression): Expression {
  const sign = firstToken(node)?.type ?? '';
  const span = { start: node.start, end: Math.max(node.start, operand.span.end) };
  if (!isPrefixed(node) || node.type === 'await_expression') return { kind: 'await', span, value: operand };
  if (sign === 'delete') return { kind: 'unsupported', span, why: '`delete` as a value' };
  return { kind: 'unary', span, operator: (sign === '!' ? 'not' : sign) as Unary['operator'], operand };
}
