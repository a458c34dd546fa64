/** JavaScript's and TypeScript's statements. */
import type { DictEntry, Expression, For, FunctionDef, Match, Statement, Try } from '../../ir/program';
import { field, fields, hasToken, parts, spanOf, unsupported, unsupportedStatement, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { assignmentStatement, effect, isAssignment } from './assignments';
import { classDefinition } from './classes';
import { signature } from './functions';
import { exportStatement, importingDeclaration, importStatement } from './modules';
import { propertyKey } from './patterns';

type Rule = (cx: Lowering, node: SyntaxNode) => Statement | readonly Statement[];

export function javascriptStatement(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const rule = RULES[node.type];
  const lowered = rule ? rule(cx, node) : declaration(cx, node, false);
  return isList(lowered) ? lowered : [lowered];
}

const isList = (lowered: Statement | readonly Statement[]): lowered is readonly Statement[] => Array.isArray(lowered);
const nothing: Rule = () => [];

const RULES: Readonly<Record<string, Rule>> = {
  expression_statement: expressionStatement,
  import_statement: importStatement,
  export_statement: (cx, node) =>
    exportStatement(cx, node, (each, exported, decorators) => declaration(cx, each, exported, decorators)),
  statement_block: (cx, node) => ({ kind: 'block', span: spanOf(node), body: cx.body(node) }),
  if_statement: (cx, node) => ({
    kind: 'if',
    span: spanOf(node),
    test: cx.expression(field(node, 'condition'), node),
    body: nested(cx, field(node, 'consequence')),
    orElse: nested(cx, parts(field(node, 'alternative') ?? NO_NODE)[0]),
  }),
  for_statement: forStatement,
  for_in_statement: forIn,
  while_statement: (cx, node) => ({
    kind: 'while',
    span: spanOf(node),
    test: cx.expression(field(node, 'condition'), node),
    body: nested(cx, field(node, 'body')),
    testAfterBody: false,
    orElse: [],
  }),
  do_statement: (cx, node) => ({
    kind: 'while',
    span: spanOf(node),
    test: cx.expression(field(node, 'condition'), node),
    body: nested(cx, field(node, 'body')),
    testAfterBody: true,
    orElse: [],
  }),
  switch_statement: switchStatement,
  try_statement: tryStatement,
  return_statement: (cx, node) => {
    const value = parts(node)[0];
    return { kind: 'return', span: spanOf(node), ...(value ? { value: cx.expression(value) } : {}) };
  },
  throw_statement: (cx, node) => ({ kind: 'raise', span: spanOf(node), value: cx.expression(parts(node)[0], node) }),
  break_statement: (_, node) =>
    field(node, 'label') ? unsupportedStatement(node, 'a labelled `break`') : { kind: 'break', span: spanOf(node) },
  continue_statement: (_, node) =>
    field(node, 'label')
      ? unsupportedStatement(node, 'a labelled `continue`')
      : { kind: 'continue', span: spanOf(node) },
  // The label matters only to a `break` or `continue` that names it, and those say so.
  labeled_statement: (cx, node) => nested(cx, field(node, 'body')),
  with_statement: (_, node) => unsupportedStatement(node, "JavaScript's `with`"),
  empty_statement: nothing,
  debugger_statement: nothing,
  ERROR: salvage,
};

const NO_NODE: SyntaxNode = {
  type: '',
  named: false,
  start: 0,
  end: 0,
  field: undefined,
  children: [],
  isStatement: false,
  hasError: false,
  reused: undefined,
};

/** The body of a loop or branch: the statements of its braces, or the one statement without them. */
function nested(cx: Lowering, node: SyntaxNode | undefined): readonly Statement[] {
  if (!node) return [];
  return node.type === 'statement_block' ? cx.body(node) : cx.statement(node);
}

const isStatementNode = (node: SyntaxNode) =>
  node.type !== 'ERROR' && (node.type in RULES || node.type in DECLARATIONS);

/** What a syntax error swallowed is not lost when whole statements lie in it. */
function salvage(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const saved: Statement[] = [unsupportedStatement(node, 'this is not valid code')];
  for (const part of parts(node)) if (isStatementNode(part)) saved.push(...cx.statement(part));
  return saved;
}

/** `({a} = b);` needs its brackets only to be no block. */
function withoutBrackets(node: SyntaxNode | undefined): SyntaxNode | undefined {
  const inner = node?.type === 'parenthesized_expression' ? parts(node)[0] : undefined;
  return inner && isAssignment(inner) ? inner : node;
}

function expressionStatement(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const value = withoutBrackets(parts(node)[0]);
  if (!value) return [];
  const each = value.type === 'sequence_expression' ? parts(value) : [value];
  return each.map((part): Statement => {
    const whole = each.length === 1 ? node : part;
    if (isAssignment(part)) return assignmentStatement(cx, part, whole);
    const removed = part.type === 'unary_expression' && hasToken(part, 'delete') ? field(part, 'argument') : undefined;
    if (removed) return { kind: 'delete', span: spanOf(whole), targets: [cx.expression(removed)] };
    return part.type === 'internal_module'
      ? unsupportedStatement(whole, 'a TypeScript namespace')
      : { kind: 'expression', span: spanOf(whole), value: cx.expression(part) };
  });
}

// ------------------------------------------------------------------------------------------------- declarations

type DeclarationRule = (
  cx: Lowering,
  node: SyntaxNode,
  exported: boolean,
  decorators: readonly SyntaxNode[],
) => Statement | readonly Statement[];

const DECLARATIONS: Readonly<Record<string, DeclarationRule>> = {
  lexical_declaration: variables,
  variable_declaration: variables,
  using_declaration: variables,
  function_declaration: functionDeclaration,
  generator_function_declaration: functionDeclaration,
  class_declaration: classDefinition,
  abstract_class_declaration: classDefinition,
  enum_declaration: enumDeclaration,
  import_alias: (cx, node, exported) => {
    const [target, value] = parts(node);
    return {
      kind: 'declare',
      span: spanOf(node),
      scope: 'const',
      target: cx.expression(target, node),
      value: cx.expression(value, node),
      exported,
    };
  },
  module: (_, node) => unsupportedStatement(node, 'a TypeScript namespace'),
  internal_module: (_, node) => unsupportedStatement(node, 'a TypeScript namespace'),
  function_signature: nothing,
  interface_declaration: nothing,
  type_alias_declaration: nothing,
  ambient_declaration: nothing,
};

function declaration(
  cx: Lowering,
  node: SyntaxNode,
  exported: boolean,
  decorators: readonly SyntaxNode[] = [],
): readonly Statement[] {
  const rule = DECLARATIONS[node.type];
  if (!rule) return [unsupportedStatement(node, `\`${node.type.replace(/_/g, ' ')}\` is not understood`)];
  const lowered = rule(cx, node, exported, decorators);
  return isList(lowered) ? lowered : [lowered];
}

function variables(cx: Lowering, node: SyntaxNode, exported: boolean): readonly Statement[] {
  const scope = hasToken(node, 'let') ? 'let' : hasToken(node, 'var') ? 'var' : 'const';
  const declarators = parts(node).filter(part => part.type === 'variable_declarator');
  return declarators.map((declarator): Statement => {
    const span = declarators.length === 1 ? spanOf(node) : spanOf(declarator);
    const target = cx.expression(field(declarator, 'name'), declarator);
    const given = field(declarator, 'value');
    const value =
      given || !hasToken(declarator, '=') ? given && cx.expression(given) : cx.expression(undefined, declarator);
    return (
      importingDeclaration(target, value, span) ?? {
        kind: 'declare',
        span,
        scope,
        target,
        ...(value ? { value } : {}),
        exported,
      }
    );
  });
}

function functionDeclaration(cx: Lowering, node: SyntaxNode, exported: boolean): FunctionDef {
  const name = field(node, 'name');
  return {
    kind: 'function',
    span: spanOf(node),
    name: name ? cx.source(name) : '',
    nameSpan: name ? spanOf(name) : { start: node.start, end: node.start },
    ...signature(cx, node),
    decorators: [],
    exported,
  };
}

/** `enum A {X, Y = 5, Z}` is the object `{X: 0, Y: 5, Z: 6}`. */
function enumDeclaration(cx: Lowering, node: SyntaxNode, exported: boolean): Statement {
  const body = field(node, 'body');
  const name = field(node, 'name');
  let next: number | undefined = 0;
  const entries = (body ? parts(body) : []).map((member): DictEntry => {
    const given = member.type === 'enum_assignment' ? field(member, 'value') : undefined;
    const key = propertyKey(cx, member.type === 'enum_assignment' ? field(member, 'name') : member, member);
    const span = spanOf(member);
    const value: Expression = given
      ? cx.expression(given)
      : next === undefined
        ? unsupported(member, 'an enum member after a computed one')
        : { kind: 'number', span, value: next, isInteger: true };
    next = value.kind === 'number' ? value.value + 1 : undefined;
    return { kind: 'pair', span, key, value };
  });
  return {
    kind: 'declare',
    span: spanOf(node),
    scope: 'const',
    exported,
    target: cx.expression(name, node),
    value: { kind: 'dict', span: spanOf(body ?? node), entries },
  };
}

// -------------------------------------------------------------------------------------------------------- flow

/** `for (let i = 0; i < n; i++)`: a block with the initialiser and a `while` that carries the update. */
function forStatement(cx: Lowering, node: SyntaxNode): Statement {
  const span = spanOf(node);
  const initializer = field(node, 'initializer');
  const condition = field(node, 'condition');
  const increment = field(node, 'increment');
  const isOpen = !condition || condition.type === 'empty_statement';
  const loop: Statement = {
    kind: 'while',
    span,
    test: isOpen
      ? { kind: 'boolean', span: { start: node.start, end: node.start }, value: true }
      : cx.expression(condition),
    body: nested(cx, field(node, 'body')),
    ...(increment ? { update: effect(cx, increment) } : {}),
    testAfterBody: false,
    orElse: [],
  };
  const before =
    !initializer || initializer.type === 'empty_statement'
      ? []
      : initializer.type in DECLARATIONS
        ? cx.statement(initializer)
        : [{ kind: 'expression' as const, span: spanOf(initializer), value: effect(cx, initializer) }];
  return before.length === 0 ? loop : { kind: 'block', span, body: [...before, loop] };
}

function forIn(cx: Lowering, node: SyntaxNode): For {
  return {
    kind: 'for',
    span: spanOf(node),
    over: hasToken(node, 'in') ? 'keys' : 'values',
    ...(hasToken(node, 'const') || hasToken(node, 'let') ? { declares: true } : {}),
    target: cx.expression(field(node, 'left'), node),
    iterable: cx.expression(field(node, 'right'), node),
    body: nested(cx, field(node, 'body')),
    orElse: [],
  };
}

function switchStatement(cx: Lowering, node: SyntaxNode): Match {
  const body = field(node, 'body');
  return {
    kind: 'match',
    span: spanOf(node),
    fallsThrough: true,
    subject: cx.expression(field(node, 'value'), node),
    cases: (body ? parts(body) : []).map(each => {
      const value = field(each, 'value');
      return {
        ...(value ? { test: cx.expression(value) } : {}),
        body: fields(each, 'body').flatMap(statement => cx.statement(statement)),
      };
    }),
  };
}

/** A `catch` that takes its error apart declares the pieces first; what they hold nobody knows. */
function tryStatement(cx: Lowering, node: SyntaxNode): Try {
  const handler = field(node, 'handler');
  const parameter = handler && field(handler, 'parameter');
  const caught = parameter ? cx.expression(parameter) : undefined;
  const pieces: Statement[] =
    caught && caught.kind !== 'name'
      ? [
          {
            kind: 'declare',
            span: caught.span,
            scope: 'let',
            target: caught,
            value: unsupported(caught.span, 'the error that was caught'),
            exported: false,
          },
        ]
      : [];
  const name = caught?.kind === 'name' ? { name: caught.name } : {};
  const finalizer = field(node, 'finalizer');
  return {
    kind: 'try',
    span: spanOf(node),
    body: cx.body(field(node, 'body')),
    orElse: [],
    handlers: handler ? [{ ...name, body: [...pieces, ...cx.body(field(handler, 'body'))] }] : [],
    finalBody: finalizer ? cx.body(field(finalizer, 'body')) : [],
  };
}
