/** JavaScript's and TypeScript's expressions. What only types know (`as`, `!`, `satisfies`,
  type arguments) is left out. */
import type { Argument, DictEntry, Expression } from '../../ir/program';
import type { Span } from '../../ir/span';
import { elements, field, firstToken, hasToken, parts, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { assignmentValue } from './assignments';
import { classDefinition } from './classes';
import { functionExpression } from './functions';
import { number, string, template } from './literals';
import { binaryOperation, reachesTooFar, regrouped, unaryOperation } from './regrouping';
import { array, defaultPattern, objectPattern, propertyKey } from './patterns';

type Rule = (cx: Lowering, node: SyntaxNode) => Expression;

export function javascriptExpression(cx: Lowering, node: SyntaxNode): Expression {
  if (MAY_REACH.has(node.type) && reachesTooFar(cx, node))
    return regrouped(cx, node, (_, each, object) => postfix(cx, each, object, object.span.start));
  const rule = RULES[node.type];
  return rule ? rule(cx, node) : unsupported(node, `\`${node.type.replace(/_/g, ' ')}\` is not understood`);
}

const MAY_REACH = new Set([
  'member_expression',
  'subscript_expression',
  'call_expression',
  'non_null_expression',
  'instantiation_expression',
  'binary_expression',
]);

const inner: Rule = (cx, node) => cx.expression(parts(node)[0], node);
const name: Rule = (cx, node) => ({ kind: 'name', span: spanOf(node), name: cx.source(node) });
const without =
  (why: string): Rule =>
  (_, node) =>
    unsupported(node, why);
const spread: Rule = (cx, node) => ({ kind: 'spread', span: spanOf(node), value: cx.expression(parts(node)[0], node) });

const RULES: Readonly<Record<string, Rule>> = {
  identifier: name,
  type_identifier: name,
  this: name,
  super: name,
  import: name,
  private_property_identifier: (cx, node) => ({ kind: 'string', span: spanOf(node), value: cx.source(node) }),
  number,
  string,
  template_string: template,
  true: (_, node) => ({ kind: 'boolean', span: spanOf(node), value: true }),
  false: (_, node) => ({ kind: 'boolean', span: spanOf(node), value: false }),
  null: (_, node) => ({ kind: 'none', span: spanOf(node), spelled: 'null' }),
  undefined: (_, node) => ({ kind: 'none', span: spanOf(node), spelled: 'undefined' }),
  regex: without('a regular expression'),
  meta_property: without('a meta property'),
  jsx_element: without('JSX'),
  jsx_self_closing_element: without('JSX'),
  jsx_fragment: without('JSX'),
  internal_module: without('a TypeScript namespace'),

  parenthesized_expression: inner,
  as_expression: inner,
  satisfies_expression: inner,
  non_null_expression: inner,
  instantiation_expression: inner,
  // The type stands in front and is left out of the tree, so the value is the only part.
  type_assertion: inner,

  array,
  array_pattern: array,
  object: (cx, node) => ({
    kind: 'dict',
    span: spanOf(node),
    entries: elements(node).flatMap(entry => dictEntry(cx, entry)),
  }),
  object_pattern: objectPattern,
  assignment_pattern: defaultPattern,
  spread_element: spread,
  rest_pattern: spread,

  member_expression: (cx, node) => postfix(cx, node, cx.expression(field(node, 'object'), node)),
  nested_identifier: (cx, node) => postfix(cx, node, cx.expression(field(node, 'object'), node)),
  subscript_expression: (cx, node) => postfix(cx, node, cx.expression(field(node, 'object'), node)),
  call_expression: (cx, node) => postfix(cx, node, cx.expression(field(node, 'function'), node)),
  new_expression: (cx, node) => {
    const list = field(node, 'arguments');
    return {
      kind: 'call',
      span: spanOf(node),
      callee: cx.expression(field(node, 'constructor'), node),
      args: list ? callArguments(cx, list) : [],
      argsSpan: list ? spanOf(list) : { start: node.end, end: node.end },
      isNew: true,
      optional: false,
    };
  },
  await_expression: (cx, node) => ({ kind: 'await', span: spanOf(node), value: cx.expression(parts(node)[0], node) }),
  yield_expression: (cx, node) => {
    const value = parts(node)[0];
    return {
      kind: 'yield',
      span: spanOf(node),
      from: hasToken(node, '*'),
      ...(value ? { value: cx.expression(value) } : {}),
    };
  },

  assignment_expression: assignmentValue,
  augmented_assignment_expression: assignmentValue,
  update_expression: assignmentValue,
  unary_expression: (cx, node) => unaryOperation(node, cx.expression(field(node, 'argument'), node)),
  binary_expression: (cx, node) => ({
    ...binaryOperation(
      firstToken(node)?.type ?? '',
      cx.expression(field(node, 'left'), node),
      cx.expression(field(node, 'right'), node),
    ),
    span: spanOf(node),
  }),
  ternary_expression: (cx, node) => ({
    kind: 'conditional',
    span: spanOf(node),
    test: cx.expression(field(node, 'condition'), node),
    whenTrue: cx.expression(field(node, 'consequence'), node),
    whenFalse: cx.expression(field(node, 'alternative'), node),
  }),
  sequence_expression: sequence,

  arrow_function: functionExpression,
  function_expression: functionExpression,
  generator_function: functionExpression,
  class: (cx, node) => ({ kind: 'class-expression', span: spanOf(node), definition: classDefinition(cx, node, false) }),
};

function isOptional(node: SyntaxNode): boolean {
  return node.children.some(child => child.type === 'optional_chain' || child.type === '?.');
}

/** `.name`, `[index]`, `(args)` and `!` on an expression. */
function postfix(cx: Lowering, node: SyntaxNode, object: Expression, start = node.start): Expression {
  const span = { start, end: node.end };
  switch (node.type) {
    case 'non_null_expression':
    case 'instantiation_expression':
      return object;
    case 'subscript_expression':
      return {
        kind: 'subscript',
        span,
        isTuple: false,
        optional: isOptional(node),
        object,
        indices: [cx.expression(field(node, 'index'), node)],
      };
    case 'call_expression':
      return call(cx, node, object, span);
    default: {
      const property = field(node, 'property');
      if (!property || property.start === property.end) return unsupported(span, 'the name after the dot is missing');
      return {
        kind: 'attribute',
        span,
        object,
        name: cx.source(property),
        nameSpan: spanOf(property),
        optional: isOptional(node),
      };
    }
  }
}

function call(cx: Lowering, node: SyntaxNode, callee: Expression, span: Span): Expression {
  const list = field(node, 'arguments');
  if (!list) return unsupported(span, 'the arguments are missing');
  if (list.type === 'template_string') return unsupported(span, 'a tagged template');
  return {
    kind: 'call',
    span,
    callee,
    args: callArguments(cx, list),
    argsSpan: spanOf(list),
    isNew: false,
    optional: isOptional(node),
  };
}

/** An argument that could not be read stands for any number of arguments: nothing is then known to be left out. */
function callArguments(cx: Lowering, list: SyntaxNode): readonly Argument[] {
  return elements(list).map((node): Argument => {
    const span = spanOf(node);
    if (node.type === 'spread_element') return { span, unpack: 'sequence', value: cx.expression(parts(node)[0], node) };
    return node.type === 'ERROR'
      ? { span, unpack: 'sequence', value: cx.expression(node) }
      : { span, value: cx.expression(node) };
  });
}

function dictEntry(cx: Lowering, node: SyntaxNode): readonly DictEntry[] {
  const span = spanOf(node);
  switch (node.type) {
    case 'pair':
      return [
        {
          kind: 'pair',
          span,
          key: propertyKey(cx, field(node, 'key'), node),
          value: cx.expression(field(node, 'value'), node),
        },
      ];
    case 'shorthand_property_identifier':
      return [{ kind: 'pair', span, key: { kind: 'string', span, value: cx.source(node) }, value: name(cx, node) }];
    case 'method_definition': {
      // A setter adds nothing that could be read, a getter a value that only running it would tell.
      if (hasToken(node, 'set')) return [];
      const value = hasToken(node, 'get') ? unsupported(node, 'a getter') : functionExpression(cx, node);
      return [{ kind: 'pair', span, key: propertyKey(cx, field(node, 'name'), node), value }];
    }
    default:
      return [
        { kind: 'spread', span, value: cx.expression(node.type === 'spread_element' ? parts(node)[0] : node, node) },
      ];
  }
}

/** `a, b` evaluates both and is the last: `[a, b][1]`. */
function sequence(cx: Lowering, node: SyntaxNode): Expression {
  const span = spanOf(node);
  const items = parts(node).map(part => cx.expression(part));
  const last: Expression = { kind: 'number', span, value: items.length - 1, isInteger: true };
  return {
    kind: 'subscript',
    span,
    object: { kind: 'list', span, items },
    indices: [last],
    isTuple: false,
    optional: false,
  };
}
