/** Everything that writes to a variable: `=`, `+=`, `??=`, `x++`, as a statement and as an expression. */
import type { AssignExpression, BinaryOperator, Expression, Statement } from '../../ir/program';
import { field, firstToken, parts, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

/** An operator joined with a value that is there: `+=`'s right side, the 1 of `++`. */
interface Update {
  readonly target: Expression;
  readonly operator: string;
  readonly value: Expression;
}

export function isAssignment(node: SyntaxNode): boolean {
  return (
    node.type === 'assignment_expression' ||
    node.type === 'augmented_assignment_expression' ||
    node.type === 'update_expression'
  );
}

function update(cx: Lowering, node: SyntaxNode): Update {
  const span = spanOf(node);
  const sign = firstToken(node)?.type ?? '';
  if (node.type === 'update_expression') {
    const one: Expression = { kind: 'number', span, value: 1, isInteger: true };
    return { target: cx.expression(field(node, 'argument'), node), operator: sign === '--' ? '-' : '+', value: one };
  }
  const target = cx.expression(field(node, 'left'), node);
  return { target, operator: sign.slice(0, -1), value: cx.expression(field(node, 'right'), node) };
}

const LOGICAL: Readonly<Record<string, 'and' | 'or' | '??'>> = { '&&': 'and', '||': 'or', '??': '??' };

function updated(span: { start: number; end: number }, { target, operator, value }: Update): Expression {
  const logical = LOGICAL[operator];
  return logical
    ? { kind: 'logical', span, operator: logical, left: target, right: value }
    : { kind: 'binary', span, operator: operator as BinaryOperator, left: target, right: value };
}

export function assignmentStatement(cx: Lowering, node: SyntaxNode, statement: SyntaxNode): Statement {
  const span = spanOf(statement);
  if (node.type !== 'assignment_expression') {
    const change = update(cx, node);
    if (LOGICAL[change.operator])
      return { kind: 'assign', span, targets: [change.target], value: updated(spanOf(node), change) };
    return {
      kind: 'augmented-assign',
      span,
      operator: change.operator as BinaryOperator,
      target: change.target,
      value: change.value,
    };
  }
  const targets: Expression[] = [];
  let value: SyntaxNode | undefined = node;
  while (value?.type === 'assignment_expression') {
    targets.push(cx.expression(field(value, 'left'), value));
    value = field(value, 'right');
  }
  return { kind: 'assign', span, targets, value: cx.expression(value, node) };
}

/** For its effect alone, where nobody looks at the value: the update of a `for`. */
export function assignmentEffect(cx: Lowering, node: SyntaxNode): AssignExpression {
  const span = spanOf(node);
  if (node.type === 'assignment_expression') {
    return {
      kind: 'assign-expression',
      span,
      target: cx.expression(field(node, 'left'), node),
      value: cx.expression(field(node, 'right'), node),
    };
  }
  const change = update(cx, node);
  return { kind: 'assign-expression', span, target: change.target, value: updated(span, change) };
}

/** `x++` is the value before: `(x = x + 1) - 1`. */
export function assignmentValue(cx: Lowering, node: SyntaxNode): Expression {
  const effect = assignmentEffect(cx, node);
  const isPostfix = node.type === 'update_expression' && node.children[0]?.named === true;
  if (!isPostfix) return effect;
  const back = firstToken(node)?.type === '--' ? '+' : '-';
  return {
    kind: 'binary',
    span: effect.span,
    operator: back,
    left: effect,
    right: { kind: 'number', span: effect.span, value: 1, isInteger: true },
  };
}

/** Several expressions where one is wanted: all are evaluated, nobody looks at the value. */
export function effect(cx: Lowering, node: SyntaxNode): Expression {
  if (isAssignment(node)) return assignmentEffect(cx, node);
  if (node.type !== 'sequence_expression') return cx.expression(node);
  return { kind: 'tuple', span: spanOf(node), items: parts(node).map(part => effect(cx, part)) };
}
