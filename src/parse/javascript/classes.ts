/**
 * Classes. A getter is a method with Python's decorator `property`, a setter one with `name.setter`, so that one
 * reading serves both languages; a field is an assignment in the class body.
 */
import type { Argument, ClassDef, Expression, FunctionDef, Statement } from '../../ir/program';
import type { Span } from '../../ir/span';
import { field, fields, hasToken, parts, spanOf, unsupportedStatement, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { parameterProperties, signature } from './functions';
import { propertyName } from './patterns';

export function classDefinition(
  cx: Lowering,
  node: SyntaxNode,
  exported: boolean,
  outerDecorators: readonly SyntaxNode[] = [],
): ClassDef {
  const name = field(node, 'name');
  const members = parts(field(node, 'body') ?? node);
  const staticNames: string[] = [];
  const body: Statement[] = [];
  let decorators: Expression[] = [];
  for (const member of members) {
    if (member.type === 'decorator') {
      decorators.push(decorator(cx, member));
      continue;
    }
    const lowered = classMember(cx, member, decorators);
    const [first] = decorators;
    decorators = [];
    if (!lowered) continue;
    const { statement } = lowered;
    body.push(first ? { ...statement, span: { start: first.span.start - 1, end: statement.span.end } } : statement);
    if (lowered.isStatic) staticNames.push(lowered.name);
  }
  return {
    kind: 'class',
    span: spanOf(node),
    name: name ? cx.source(name) : '',
    nameSpan: name ? spanOf(name) : { start: node.start, end: node.start },
    bases: bases(cx, node),
    body: field(node, 'body') ? body : [],
    staticNames,
    exported,
    decorators: [...outerDecorators, ...fields(node, 'decorator')].map(each => decorator(cx, each)),
  };
}

export function decorator(cx: Lowering, node: SyntaxNode): Expression {
  return cx.expression(parts(node)[0], node);
}

function bases(cx: Lowering, node: SyntaxNode): readonly Argument[] {
  const heritage = parts(node).find(part => part.type === 'class_heritage');
  const clause = heritage && (parts(heritage).find(part => part.type === 'extends_clause') ?? heritage);
  const base = clause && parts(clause).find(part => part.type !== 'implements_clause');
  return base ? [{ span: spanOf(base), value: cx.expression(base) }] : [];
}

interface Member {
  readonly statement: Statement;
  readonly name: string;
  readonly isStatic: boolean;
}

/** Nothing for what exists only as a type: signatures, abstract members, declared fields. */
function classMember(cx: Lowering, node: SyntaxNode, decorators: readonly Expression[]): Member | undefined {
  const isStatic = node.children.some(child => !child.named && child.type.startsWith('static'));
  switch (node.type) {
    case 'method_definition':
      return method(cx, node, decorators, isStatic);
    case 'field_definition':
    case 'public_field_definition':
      return hasToken(node, 'declare') || hasToken(node, 'abstract') ? undefined : classField(cx, node, isStatic);
    case 'class_static_block':
      return {
        statement: { kind: 'block', span: spanOf(node), body: cx.body(field(node, 'body')) },
        name: '',
        isStatic: false,
      };
    default:
      return undefined;
  }
}

function method(cx: Lowering, node: SyntaxNode, decorators: readonly Expression[], isStatic: boolean): Member {
  const key = field(node, 'name');
  if (!key || key.type === 'computed_property_name') {
    return { statement: unsupportedStatement(node, 'a method with a computed name'), name: '', isStatic: false };
  }
  const name = propertyName(cx, key);
  const nameSpan = spanOf(key);
  const shared = signature(cx, node);
  const body =
    name === 'constructor' ? withParameterProperties(shared.body, parameterProperties(cx, node)) : shared.body;
  const statement: FunctionDef = {
    kind: 'function',
    span: spanOf(node),
    name,
    nameSpan,
    ...shared,
    body,
    decorators: [...decorators, ...accessor(node, name, nameSpan)],
    exported: false,
  };
  return { statement, name, isStatic };
}

function accessor(node: SyntaxNode, name: string, span: Span): readonly Expression[] {
  const token = node.children.find(child => !child.named && /^(static )?[gs]et$/.test(child.type))?.type;
  if (!token) return [];
  if (token.endsWith('get')) return [{ kind: 'name', span, name: 'property' }];
  return [
    { kind: 'attribute', span, object: { kind: 'name', span, name }, name: 'setter', nameSpan: span, optional: false },
  ];
}

/** The fields are assigned right after `super(...)`, before which there is no `this`. */
function withParameterProperties(body: readonly Statement[], assignments: readonly Statement[]): readonly Statement[] {
  if (assignments.length === 0) return body;
  const at = body.findIndex(({ kind, ...rest }) => {
    const value = kind === 'expression' && 'value' in rest ? rest.value : undefined;
    return value?.kind === 'call' && value.callee.kind === 'name' && value.callee.name === 'super';
  });
  return [...body.slice(0, at + 1), ...assignments, ...body.slice(at + 1)];
}

function classField(cx: Lowering, node: SyntaxNode, isStatic: boolean): Member {
  // The grammars call the name of a field `property` (JavaScript) and `name` (TypeScript).
  const key = field(node, 'property') ?? field(node, 'name');
  if (!key || key.type === 'computed_property_name') {
    return { statement: unsupportedStatement(node, 'a field with a computed name'), name: '', isStatic: false };
  }
  const name = propertyName(cx, key);
  const value = field(node, 'value');
  const statement: Statement = {
    kind: 'assign',
    span: spanOf(node),
    targets: [{ kind: 'name', span: spanOf(key), name }],
    value: value
      ? cx.expression(value)
      : { kind: 'none', span: { start: key.end, end: key.end }, spelled: 'undefined' },
  };
  return { statement, name, isStatic };
}
