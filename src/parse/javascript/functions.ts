/** Functions of every spelling: their parameters and bodies. */
import type { Expression, FunctionExpression, Parameter, Statement } from '../../ir/program';
import { field, hasToken, parts, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

export interface Signature {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

/** What all of them have in common; an arrow function with an expression for its body returns it. */
export function signature(cx: Lowering, node: SyntaxNode): Signature {
  const body = field(node, 'body');
  const isBlock = !body || body.type === 'statement_block';
  const value = isBlock ? undefined : cx.expression(body);
  return {
    parameters: parameters(cx, node),
    body: value ? [{ kind: 'return', span: value.span, value }] : cx.body(body),
    isAsync: hasToken(node, 'async'),
    isGenerator: node.type.startsWith('generator') || hasToken(node, '*'),
  };
}

export function functionExpression(cx: Lowering, node: SyntaxNode): FunctionExpression {
  const name = field(node, 'name');
  const isMethod = node.type === 'method_definition';
  return {
    kind: 'function-expression',
    span: spanOf(node),
    ...(name && !isMethod ? { name: cx.source(name) } : {}),
    ...signature(cx, node),
  };
}

function parameters(cx: Lowering, node: SyntaxNode): readonly Parameter[] {
  const list = field(node, 'parameters');
  const single = field(node, 'parameter');
  return (
    (list ? parts(list) : single ? [single] : [])
      // TypeScript's `this: T` names a type and is no parameter.
      .filter(each => field(each, 'pattern')?.type !== 'this')
      .map(each => parameter(cx, each))
  );
}

function parameter(cx: Lowering, node: SyntaxNode): Parameter {
  const span = spanOf(node);
  const isTyped = node.type === 'required_parameter' || node.type === 'optional_parameter';
  const pattern = isTyped ? field(node, 'pattern') : node.type === 'assignment_pattern' ? field(node, 'left') : node;
  const value = isTyped ? field(node, 'value') : node.type === 'assignment_pattern' ? field(node, 'right') : undefined;
  const isRest = pattern?.type === 'rest_pattern';
  return {
    span,
    kind: isRest ? 'rest' : 'plain',
    target: cx.expression(isRest ? parts(pattern)[0] : pattern, node),
    ...(value ? { defaultValue: cx.expression(value) } : {}),
  };
}

/** TypeScript's `constructor(private units: number)` also declares the field and assigns it. */
export function parameterProperties(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const list = field(node, 'parameters');
  const assignments: Statement[] = [];
  for (const each of list ? parts(list) : []) {
    const pattern = field(each, 'pattern');
    const isProperty =
      hasToken(each, 'readonly') ||
      parts(each).some(part => part.type === 'accessibility_modifier' || part.type === 'override_modifier');
    if (!isProperty || pattern?.type !== 'identifier') continue;
    const span = spanOf(pattern);
    const name = cx.source(pattern);
    const object: Expression = { kind: 'name', span, name: 'this' };
    const target: Expression = { kind: 'attribute', span, object, name, nameSpan: span, optional: false };
    assignments.push({ kind: 'assign', span, targets: [target], value: { kind: 'name', span, name } });
  }
  return assignments;
}
