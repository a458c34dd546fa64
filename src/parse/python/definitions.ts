/** `def` and `class`. */
import type { ClassDef, Expression, FunctionDef, Statement } from '../../ir/program';
import type { Span } from '../../ir/span';
import { field, hasToken, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { callArguments } from './expressions';
import { parameters } from './parameters';

export function functionDefinition(cx: Lowering, node: SyntaxNode, decorators: readonly Expression[]): FunctionDef {
  const body = cx.body(field(node, 'body'));
  return {
    kind: 'function',
    span: spanOf(node),
    ...nameOf(cx, node),
    parameters: parameters(cx, field(node, 'parameters')),
    body,
    decorators,
    isAsync: hasToken(node, 'async'),
    isGenerator: body.some(yields),
    exported: false,
  };
}

export function classDefinition(cx: Lowering, node: SyntaxNode, decorators: readonly Expression[]): ClassDef {
  const body = cx.body(field(node, 'body'));
  return {
    kind: 'class',
    span: spanOf(node),
    ...nameOf(cx, node),
    bases: callArguments(cx, field(node, 'superclasses')),
    body,
    staticNames: body.filter(isStaticMethod).map(method => method.name),
    decorators,
    exported: false,
  };
}

function nameOf(cx: Lowering, node: SyntaxNode): { name: string; nameSpan: Span } {
  const name = field(node, 'name');
  return name
    ? { name: cx.source(name), nameSpan: spanOf(name) }
    : { name: '', nameSpan: { start: node.start, end: node.start } };
}

function isStaticMethod(statement: Statement): statement is FunctionDef {
  return (
    statement.kind === 'function' &&
    statement.decorators.some(each => each.kind === 'name' && each.name === 'staticmethod')
  );
}

/** Whether a `yield` belongs to this function itself: one in a nested function or class makes only that a generator. */
function yields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(yields);
  const { kind } = value as { kind?: string };
  if (kind === 'yield') return true;
  if (kind === 'function' || kind === 'class' || kind === 'function-expression') return false;
  return Object.values(value).some(yields);
}
