/** Python's statements. */
import type { AugmentedAssign, BinaryOperator, Expression, If, Statement, Try, With } from '../../ir/program';
import {
  elements,
  field,
  fields,
  firstToken,
  hasToken,
  parts,
  spanOf,
  unsupportedStatement,
  type Lowering,
} from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { classDefinition, functionDefinition } from './definitions';
import { importFrom, importFuture, importModules } from './imports';
import { match } from './match';

type Rule = (cx: Lowering, node: SyntaxNode) => Statement | readonly Statement[];

export function pythonStatement(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const rule = RULES[node.type];
  if (!rule) return [unsupportedStatement(node, `\`${node.type.replace(/_/g, ' ')}\` is not understood`)];
  const lowered = rule(cx, node);
  return isList(lowered) ? lowered : [lowered];
}

const isList = (lowered: Statement | readonly Statement[]): lowered is readonly Statement[] => Array.isArray(lowered);

const RULES: Readonly<Record<string, Rule>> = {
  expression_statement: expressionStatement,
  return_statement: (cx, node) => {
    const value = parts(node)[0];
    return { kind: 'return', span: spanOf(node), ...(value ? { value: cx.expression(value) } : {}) };
  },
  raise_statement: (cx, node) => {
    const value = parts(node).find(part => part.field !== 'cause');
    return { kind: 'raise', span: spanOf(node), ...(value ? { value: cx.expression(value) } : {}) };
  },
  // `pass` does nothing, and a suite may be empty here.
  pass_statement: () => [],
  break_statement: (_, node) => ({ kind: 'break', span: spanOf(node) }),
  continue_statement: (_, node) => ({ kind: 'continue', span: spanOf(node) }),
  delete_statement: (cx, node) => {
    const target = parts(node)[0];
    const isList = target?.type === 'expression_list' || target?.type === 'tuple';
    return {
      kind: 'delete',
      span: spanOf(node),
      targets: (isList ? parts(target) : parts(node)).map(each => cx.expression(each)),
    };
  },
  assert_statement: assertion,
  global_statement: (cx, node) => ({
    kind: 'scope-declaration',
    span: spanOf(node),
    scope: 'global',
    names: parts(node).map(name => cx.source(name)),
  }),
  nonlocal_statement: (cx, node) => ({
    kind: 'scope-declaration',
    span: spanOf(node),
    scope: 'nonlocal',
    names: parts(node).map(name => cx.source(name)),
  }),
  import_statement: importModules,
  import_from_statement: importFrom,
  future_import_statement: importFuture,
  print_statement: printStatement,
  exec_statement: (_, node) => unsupportedStatement(node, "Python 2's `exec`"),
  type_alias_statement: (cx, node) => ({
    kind: 'assign',
    span: spanOf(node),
    targets: [typeAliasTarget(cx, node)],
    value: cx.expression(field(node, 'right'), node),
  }),

  if_statement: (cx, node) => conditional(cx, node, fields(node, 'alternative')),
  for_statement: (cx, node) => ({
    kind: 'for',
    span: spanOf(node),
    over: 'values',
    target: cx.expression(field(node, 'left'), node),
    iterable: cx.expression(field(node, 'right'), node),
    body: cx.body(field(node, 'body')),
    orElse: elseBody(cx, node),
  }),
  while_statement: (cx, node) => ({
    kind: 'while',
    span: spanOf(node),
    testAfterBody: false,
    test: cx.expression(field(node, 'condition'), node),
    body: cx.body(field(node, 'body')),
    orElse: elseBody(cx, node),
  }),
  try_statement: tryStatement,
  with_statement: withStatement,
  match_statement: match,
  function_definition: (cx, node) => functionDefinition(cx, node, []),
  class_definition: (cx, node) => classDefinition(cx, node, []),
  decorated_definition: (cx, node) => {
    const decorators = parts(node)
      .filter(part => part.type === 'decorator')
      .map(part => cx.expression(parts(part)[0], part));
    const definition = field(node, 'definition');
    if (!definition) return unsupportedStatement(node, 'a decorator without a function or class');
    const define = definition.type === 'class_definition' ? classDefinition : functionDefinition;
    return { ...define(cx, definition, decorators), span: spanOf(node) };
  },
  // A suite where one statement stands: `if x: a; b` and what error recovery leaves.
  block: (cx, node) => cx.body(node),
  ERROR: salvage,
};

const isStatementNode = (node: SyntaxNode) => node.type in RULES && node.type !== 'ERROR';

/** What a syntax error swallowed is not lost when whole statements lie in it. */
function salvage(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const saved: Statement[] = [unsupportedStatement(node, 'this is not valid code')];
  for (const part of parts(node)) if (isStatementNode(part)) saved.push(...cx.statement(part));
  return saved;
}

function expressionStatement(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const items = parts(node);
  const [only] = items;
  const span = spanOf(node);
  if (!only) return [unsupportedStatement(node, 'this is not valid code')];
  if (only.type === 'assignment') return [assignment(cx, only)];
  if (only.type === 'augmented_assignment') return [augmentedAssignment(cx, only)];
  const isTuple = items.length > 1 || hasToken(node, ',');
  const value: Expression = isTuple
    ? { kind: 'tuple', span, items: elements(node).map(item => cx.expression(item)) }
    : cx.expression(only);
  return [{ kind: 'expression', span, value }];
}

/** `a = b = value` is nested to the right in the grammar and one statement with two targets in Python. */
function assignment(cx: Lowering, node: SyntaxNode): Statement {
  const targets: Expression[] = [];
  let annotation: Expression | undefined;
  let current: SyntaxNode | undefined = node;
  while (current?.type === 'assignment') {
    targets.push(cx.expression(field(current, 'left'), current));
    const type = field(current, 'type');
    if (type) annotation = cx.expression(type);
    current = field(current, 'right');
    if (!current && !annotation)
      return { kind: 'assign', span: spanOf(node), targets, value: cx.expression(undefined, node) };
  }
  return {
    kind: 'assign',
    span: spanOf(node),
    targets,
    ...(current ? { value: cx.expression(current) } : {}),
    ...(annotation ? { annotation } : {}),
  };
}

function augmentedAssignment(cx: Lowering, node: SyntaxNode): AugmentedAssign {
  const sign = firstToken(node)?.type ?? '';
  return {
    kind: 'augmented-assign',
    span: spanOf(node),
    operator: sign.slice(0, -1) as BinaryOperator,
    target: cx.expression(field(node, 'left'), node),
    value: cx.expression(field(node, 'right'), node),
  };
}

/** `type X = …` is an alias, but the grammar also takes `type(x).y = …` for one, which assigns to an attribute. */
function typeAliasTarget(cx: Lowering, node: SyntaxNode): Expression {
  const left = field(node, 'left');
  const target = cx.expression(left, node);
  if (!left || !/^[(]/.test(cx.source(left))) return target;
  const called = (object: Expression): Expression => {
    const start = node.start;
    if (object.kind === 'attribute' || object.kind === 'subscript') {
      return { ...object, span: { start, end: object.span.end }, object: called(object.object) };
    }
    const args = (object.kind === 'tuple' ? object.items : [object]).map(value => ({ span: value.span, value }));
    const end = cx.text.indexOf(')', object.span.end - 1) + 1 || object.span.end;
    const callee: Expression = { kind: 'name', span: { start, end: start + 'type'.length }, name: 'type' };
    return {
      kind: 'call',
      span: { start, end },
      callee,
      args,
      argsSpan: { start: left.start, end },
      isNew: false,
      optional: false,
    };
  };
  return called(target);
}

/** `assert test, message` means `if not test: raise AssertionError(message)`, and is lowered to that. */
function assertion(cx: Lowering, node: SyntaxNode): If {
  const [test, message] = parts(node);
  const span = spanOf(node);
  const operand = cx.expression(test, node);
  const args = message ? [{ span: spanOf(message), value: cx.expression(message) }] : [];
  const value: Expression = {
    kind: 'call',
    span,
    callee: { kind: 'name', span, name: 'AssertionError' },
    args,
    argsSpan: span,
    isNew: false,
    optional: false,
  };
  const body: Statement[] = [{ kind: 'raise', span, value }];
  return { kind: 'if', span, test: { kind: 'unary', span: operand.span, operator: 'not', operand }, body, orElse: [] };
}

/** Python 2's `print a, b` is the call `print(a, b)`. */
function printStatement(cx: Lowering, node: SyntaxNode): Statement {
  const span = spanOf(node);
  const name = { start: node.start, end: Math.min(node.end, node.start + 'print'.length) };
  const args = fields(node, 'argument').map(argument => ({ span: spanOf(argument), value: cx.expression(argument) }));
  return {
    kind: 'expression',
    span,
    value: {
      kind: 'call',
      span,
      callee: { kind: 'name', span: name, name: 'print' },
      args,
      argsSpan: { start: name.end, end: node.end },
      isNew: false,
      optional: false,
    },
  };
}

/** `elif` is an `if` in the `else` of the one before. */
function conditional(cx: Lowering, node: SyntaxNode, alternatives: readonly SyntaxNode[]): If {
  const build = (from: SyntaxNode, next: number): If => {
    const clause = alternatives[next];
    const orElse = !clause
      ? []
      : clause.type !== 'elif_clause'
        ? cx.body(field(clause, 'body'))
        : [
            cx.deeper<Statement>(
              () => build(clause, next + 1),
              () => unsupportedStatement(clause, 'too many branches'),
            ),
          ];
    return {
      kind: 'if',
      span: { start: from.start, end: node.end },
      test: cx.expression(field(from, 'condition'), from),
      body: cx.body(field(from, 'consequence')),
      orElse,
    };
  };
  return build(node, 0);
}

function elseBody(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const clause = parts(node).find(part => part.type === 'else_clause');
  return clause ? cx.body(field(clause, 'body')) : [];
}

function tryStatement(cx: Lowering, node: SyntaxNode): Try {
  const clauses = parts(node);
  const handlers = clauses.filter(clause => clause.type === 'except_clause').map(clause => handler(cx, clause));
  const last = clauses.find(clause => clause.type === 'finally_clause');
  return {
    kind: 'try',
    span: spanOf(node),
    body: cx.body(field(node, 'body')),
    handlers,
    orElse: elseBody(cx, node),
    finalBody: cx.body(last && suite(last)),
  };
}

function suite(clause: SyntaxNode): SyntaxNode | undefined {
  return parts(clause).find(part => part.type === 'block');
}

/** The grammar reads `except E as e` either with an alias of its own or as the pattern `E as e`. */
function handler(cx: Lowering, clause: SyntaxNode): Try['handlers'][number] {
  const value = field(clause, 'value');
  const pattern = value?.type === 'as_pattern' ? value : undefined;
  const type = pattern ? parts(pattern)[0] : value;
  const alias = field(pattern ?? clause, 'alias');
  return {
    ...(alias ? { name: cx.source(alias) } : {}),
    ...(type ? { type: cx.expression(type) } : {}),
    body: cx.body(suite(clause)),
  };
}

/** `with (a as b, c as d):` looks like one tuple to the grammar; a tuple with `as` in it can only be a list of items. */
function withStatement(cx: Lowering, node: SyntaxNode): With {
  const clause = parts(node).find(part => part.type === 'with_clause');
  const values = (clause ? parts(clause) : []).map(item => field(item, 'value')).filter(value => value !== undefined);
  const bracketed =
    values.length === 1 && values[0] && ['tuple', 'parenthesized_expression'].includes(values[0].type)
      ? parts(values[0])
      : [];
  const items = bracketed.some(item => item.type === 'as_pattern') ? bracketed : values;
  return {
    kind: 'with',
    span: spanOf(node),
    body: cx.body(field(node, 'body')),
    items: items.map(item => {
      if (item.type !== 'as_pattern') return { context: cx.expression(item) };
      const alias = field(item, 'alias');
      return {
        context: cx.expression(parts(item)[0], item),
        ...(alias ? { target: cx.expression(parts(alias)[0] ?? alias) } : {}),
      };
    }),
  };
}
