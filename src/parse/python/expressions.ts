/** Python's expressions, assignment targets and type annotations. Spans are those of Python's own `ast`: without brackets around. */
import type {
  Argument,
  BinaryOperator,
  Compare,
  CompareOperator,
  Comprehension,
  DictEntry,
  Expression,
  Sequence,
  Unary,
} from '../../ir/program';
import { elements, field, fields, firstToken, hasToken, parts, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { number, string } from './literals';
import { parameters } from './parameters';

type Rule = (cx: Lowering, node: SyntaxNode) => Expression;

export function pythonExpression(cx: Lowering, node: SyntaxNode): Expression {
  const rule = RULES[node.type];
  return rule ? rule(cx, node) : unsupported(node, `\`${node.type.replace(/_/g, ' ')}\` is not understood`);
}

const inner: Rule = (cx, node) => cx.expression(parts(node)[0], node);

const sequence =
  (kind: Sequence['kind']): Rule =>
  (cx, node) => ({ kind, span: spanOf(node), items: elements(node).map(item => cx.expression(item)) });

const splat: Rule = (cx, node) => ({ kind: 'spread', span: spanOf(node), value: cx.expression(parts(node)[0], node) });

const operator = (node: SyntaxNode): string => firstToken(node)?.type ?? '';

const RULES: Readonly<Record<string, Rule>> = {
  identifier: (cx, node) => ({ kind: 'name', span: spanOf(node), name: cx.source(node) }),
  dotted_name: dottedName,
  integer: number,
  float: number,
  string,
  concatenated_string: string,
  true: (_, node) => ({ kind: 'boolean', span: spanOf(node), value: true }),
  false: (_, node) => ({ kind: 'boolean', span: spanOf(node), value: false }),
  none: (_, node) => ({ kind: 'none', span: spanOf(node), spelled: 'None' }),
  ellipsis: (_, node) => ({ kind: 'none', span: spanOf(node), spelled: 'ellipsis' }),

  parenthesized_expression: inner,
  type: inner,
  list: sequence('list'),
  list_pattern: sequence('list'),
  tuple: sequence('tuple'),
  // `(x) = 1` has brackets around its target, `(x,) = y` a tuple.
  tuple_pattern: (cx, node) =>
    elements(node).length === 1 && !hasToken(node, ',') ? inner(cx, node) : sequence('tuple')(cx, node),
  expression_list: sequence('tuple'),
  pattern_list: sequence('tuple'),
  set: sequence('set'),
  dictionary: (cx, node) => ({
    kind: 'dict',
    span: spanOf(node),
    entries: elements(node).map(entry => dictEntry(cx, entry)),
  }),
  list_splat: splat,
  list_splat_pattern: splat,
  splat_type: splat,

  attribute: (cx, node) => {
    const name = field(node, 'attribute');
    const object = cx.expression(field(node, 'object'), node);
    if (!name || name.start === name.end) return unsupported(node, 'the name after the dot is missing');
    return {
      kind: 'attribute',
      span: spanOf(node),
      object,
      name: cx.source(name),
      nameSpan: spanOf(name),
      optional: false,
    };
  },
  subscript,
  slice,
  call,
  await: awaited,
  yield: (cx, node) => {
    const value = parts(node)[0];
    return {
      kind: 'yield',
      span: spanOf(node),
      from: hasToken(node, 'from'),
      ...(value ? { value: cx.expression(value) } : {}),
    };
  },
  named_expression: (cx, node) => ({
    kind: 'assign-expression',
    span: spanOf(node),
    target: cx.expression(field(node, 'name'), node),
    value: cx.expression(field(node, 'value'), node),
  }),

  unary_operator: (cx, node) => unary(cx, node, operator(node) as Unary['operator']),
  not_operator: (cx, node) => unary(cx, node, 'not'),
  binary_operator: (cx, node) =>
    isBitwise(node)
      ? bitwise(cx, node)
      : {
          kind: 'binary',
          span: spanOf(node),
          operator: operator(node) as BinaryOperator,
          left: cx.expression(field(node, 'left'), node),
          right: cx.expression(field(node, 'right'), node),
        },
  boolean_operator: (cx, node) => ({
    kind: 'logical',
    span: spanOf(node),
    operator: operator(node) === 'or' ? 'or' : 'and',
    left: cx.expression(field(node, 'left'), node),
    right: cx.expression(field(node, 'right'), node),
  }),
  comparison_operator: comparison,
  conditional_expression: (cx, node) => {
    const [whenTrue, test, whenFalse] = parts(node);
    return {
      kind: 'conditional',
      span: spanOf(node),
      test: cx.expression(test, node),
      whenTrue: cx.expression(whenTrue, node),
      whenFalse: cx.expression(whenFalse, node),
    };
  },
  lambda: (cx, node) => {
    const value = cx.expression(field(node, 'body'), node);
    return {
      kind: 'function-expression',
      span: spanOf(node),
      parameters: parameters(cx, field(node, 'parameters')),
      body: [{ kind: 'return', span: value.span, value }],
      isAsync: false,
      isGenerator: false,
    };
  },
  list_comprehension: comprehension('list'),
  set_comprehension: comprehension('set'),
  dictionary_comprehension: comprehension('dict'),
  generator_expression: comprehension('generator'),

  generic_type: (cx, node) => {
    const [object, types] = parts(node);
    return {
      kind: 'subscript',
      span: spanOf(node),
      object: cx.expression(object, node),
      optional: false,
      indices: types ? parts(types).map(type => cx.expression(type)) : [],
      isTuple: types ? parts(types).length > 1 : false,
    };
  },
  union_type: (cx, node) =>
    unionMembers(node)
      .map(member => cx.expression(member))
      .reduce((left, right) => ({
        kind: 'binary',
        span: { start: left.span.start, end: right.span.end },
        operator: '|',
        left,
        right,
      })),
  member_type: (cx, node) => {
    const [object, name] = parts(node);
    if (!name) return unsupported(node, 'the name after the dot is missing');
    return {
      kind: 'attribute',
      span: spanOf(node),
      object: cx.expression(object, node),
      name: cx.source(name),
      nameSpan: spanOf(name),
      optional: false,
    };
  },
};

/** `a.b.c` where the grammar reads one dotted name: in patterns and decorators of old grammars. */
function dottedName(cx: Lowering, node: SyntaxNode): Expression {
  const [first, ...rest] = parts(node);
  let object = cx.expression(first, node);
  for (const name of rest) {
    const span = { start: node.start, end: name.end };
    object = { kind: 'attribute', span, object, name: cx.source(name), nameSpan: spanOf(name), optional: false };
  }
  return object;
}

/** In Python `**` binds tighter than a sign on its left, and the grammar agrees: `-x ** 2` is `-(x ** 2)`. */
function unary(cx: Lowering, node: SyntaxNode, sign: Unary['operator']): Expression {
  return { kind: 'unary', span: spanOf(node), operator: sign, operand: cx.expression(field(node, 'argument'), node) };
}

/** The grammar groups `A | B | C` in annotations in various ways, Python from the left. */
function unionMembers(node: SyntaxNode): readonly SyntaxNode[] {
  const members: SyntaxNode[] = [];
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const only = next.type === 'type' ? parts(next)[0] : undefined;
    const isUnion = next.type === 'union_type' || (next.type === 'binary_operator' && operator(next) === '|');
    if (only) pending.push(only);
    else if (isUnion) pending.push(...[...parts(next)].reverse());
    else members.push(next);
  }
  return members;
}

/** `await a ** b` raises what was awaited; the grammar awaits the power. */
function awaited(cx: Lowering, node: SyntaxNode): Expression {
  const operand = parts(node)[0];
  const isPower = operand?.type === 'binary_operator' && operator(operand) === '**';
  const value = cx.expression(isPower ? field(operand, 'left') : operand, node);
  const span = { start: node.start, end: isPower ? value.span.end : node.end };
  const awaitedValue: Expression = { kind: 'await', span, value };
  if (!isPower) return awaitedValue;
  return {
    kind: 'binary',
    span: spanOf(node),
    operator: '**',
    left: awaitedValue,
    right: cx.expression(field(operand, 'right'), node),
  };
}

/** The grammar lets `^` bind tighter than `&`, Python the other way round: `a & b ^ c` is `(a & b) ^ c`. */
function isBitwise(node: SyntaxNode): boolean {
  return node.type === 'binary_operator' && (operator(node) === '&' || operator(node) === '^');
}

function bitwise(cx: Lowering, node: SyntaxNode): Expression {
  const operands: SyntaxNode[] = [];
  const signs: string[] = [];
  const pending: (SyntaxNode | string | undefined)[] = [node];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'string') signs.push(next);
    else if (next && isBitwise(next)) pending.push(field(next, 'right'), operator(next), field(next, 'left'));
    else operands.push(next ?? node);
  }
  const join = (left: Expression, sign: '&' | '^', right: Expression): Expression => ({
    kind: 'binary',
    span: { start: left.span.start, end: right.span.end },
    operator: sign,
    left,
    right,
  });
  const lowered = operands.map(operand => (operand === node ? cx.expression(undefined, node) : cx.expression(operand)));
  const terms: Expression[] = lowered.slice(0, 1);
  for (const [i, sign] of signs.entries()) {
    const right = lowered[i + 1]!;
    if (sign === '&') terms.push(join(terms.pop()!, '&', right));
    else terms.push(right);
  }
  return terms.reduce((left, right) => join(left, '^', right));
}

function comparison(cx: Lowering, node: SyntaxNode): Compare {
  const operators = node.children.filter(child => !child.named).map(child => child.type);
  return {
    kind: 'compare',
    span: spanOf(node),
    operands: parts(node).map(operand => cx.expression(operand)),
    operators: operators.map(sign => (sign === '<>' ? '!=' : sign) as CompareOperator),
  };
}

function dictEntry(cx: Lowering, node: SyntaxNode): DictEntry {
  const span = spanOf(node);
  if (node.type !== 'pair') return { kind: 'spread', span, value: cx.expression(parts(node)[0], node) };
  return {
    kind: 'pair',
    span,
    key: cx.expression(field(node, 'key'), node),
    value: cx.expression(field(node, 'value'), node),
  };
}

function subscript(cx: Lowering, node: SyntaxNode): Expression {
  const indices = fields(node, 'subscript');
  const only = indices.length === 1 ? indices[0] : undefined;
  // `x[(1, 2)]` and `x[1, 2]` are the same program.
  const tuple = only?.type === 'tuple' ? elements(only) : undefined;
  const isTuple = tuple !== undefined || indices.length > 1 || hasToken(node, ',');
  return {
    kind: 'subscript',
    span: spanOf(node),
    object: cx.expression(field(node, 'value'), node),
    optional: false,
    indices: (tuple ?? indices).map(index => cx.expression(index)),
    isTuple,
  };
}

/** The bounds have no field names in the grammar; which is which shows from the colons before them. */
function slice(cx: Lowering, node: SyntaxNode): Expression {
  const bounds: (Expression | undefined)[] = [];
  let colons = 0;
  for (const child of node.children) {
    if (!child.named) colons += child.type === ':' ? 1 : 0;
    else if (child.type !== 'ERROR') bounds[colons] = cx.expression(child);
  }
  const [lower, upper, step] = bounds;
  return {
    kind: 'slice',
    span: spanOf(node),
    ...(lower ? { lower } : {}),
    ...(upper ? { upper } : {}),
    ...(step ? { step } : {}),
  };
}

function call(cx: Lowering, node: SyntaxNode): Expression {
  const list = field(node, 'arguments');
  const callee = cx.expression(field(node, 'function'), node);
  if (!list) return unsupported(node, 'the arguments are missing');
  const isGenerator = list.type === 'generator_expression';
  const args = isGenerator ? [{ span: spanOf(list), value: cx.expression(list) }] : callArguments(cx, list);
  return { kind: 'call', span: spanOf(node), callee, args, argsSpan: spanOf(list), isNew: false, optional: false };
}

/** An argument that could not be read counts as unknown keyword arguments: nothing is then known to be left out. */
export function callArguments(cx: Lowering, list: SyntaxNode | undefined): readonly Argument[] {
  return (list ? elements(list) : []).map((node): Argument => {
    const span = spanOf(node);
    switch (node.type) {
      case 'ERROR':
        return { span, unpack: 'mapping', value: cx.expression(node) };
      case 'list_splat':
        return { span, unpack: 'sequence', value: cx.expression(parts(node)[0], node) };
      case 'dictionary_splat':
        return { span, unpack: 'mapping', value: cx.expression(parts(node)[0], node) };
      case 'keyword_argument': {
        const name = field(node, 'name');
        const value = cx.expression(field(node, 'value'), node);
        return name
          ? { span, name: cx.source(name), nameSpan: spanOf(name), value }
          : { span, unpack: 'mapping', value };
      }
      default:
        return { span, value: cx.expression(node) };
    }
  });
}

function comprehension(result: Comprehension['result']): Rule {
  return (cx, node) => {
    const body = field(node, 'body');
    const [key, value] = body?.type === 'pair' ? [field(body, 'key'), field(body, 'value')] : [undefined, body];
    const clauses: { target: Expression; iterable: Expression; conditions: Expression[] }[] = [];
    for (const clause of parts(node)) {
      if (clause.type === 'for_in_clause') {
        clauses.push({
          target: cx.expression(field(clause, 'left'), clause),
          iterable: iterable(cx, fields(clause, 'right'), clause),
          conditions: [],
        });
      } else if (clause.type === 'if_clause') {
        clauses[clauses.length - 1]?.conditions.push(cx.expression(parts(clause)[0], clause));
      }
    }
    return {
      kind: 'comprehension',
      span: spanOf(node),
      result,
      ...(key ? { key: cx.expression(key) } : {}),
      value: cx.expression(value, node),
      clauses,
    };
  };
}

/** Python 2 allowed `for x in 1, 2` in a comprehension, which the grammar still reads. */
function iterable(cx: Lowering, nodes: readonly SyntaxNode[], clause: SyntaxNode): Expression {
  const [first, ...rest] = nodes;
  const last = rest[rest.length - 1];
  if (!first || !last) return cx.expression(first, clause);
  return { kind: 'tuple', span: { start: first.start, end: last.end }, items: nodes.map(node => cx.expression(node)) };
}
