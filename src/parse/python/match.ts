/**
 * `match`: patterns become the expressions they look like. A bare name binds, `C(x, k=p)` is a call, `a | b` a binary
 * operator, `*rest` a spread, `p as n` an assignment expression; `case _` and no pattern at all is the default.
 */
import type { Argument, DictEntry, Expression, Match } from '../../ir/program';
import { elements, field, fields, hasToken, parts, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { number } from './literals';

export function match(cx: Lowering, node: SyntaxNode): Match {
  const subjects = fields(node, 'subject');
  const [first] = subjects;
  const isTuple = subjects.length > 1 || hasToken(node, ',');
  const block = field(node, 'body');
  return {
    kind: 'match',
    span: spanOf(node),
    fallsThrough: false,
    subject: isTuple && first ? tupleOf(cx, subjects, first) : cx.expression(first, node),
    cases: (block ? parts(block) : []).filter(part => part.type === 'case_clause').map(clause => oneCase(cx, clause)),
  };
}

function tupleOf(cx: Lowering, nodes: readonly SyntaxNode[], first: SyntaxNode): Expression {
  const end = nodes[nodes.length - 1]?.end ?? first.end;
  return { kind: 'tuple', span: { start: first.start, end }, items: nodes.map(node => cx.expression(node)) };
}

function oneCase(cx: Lowering, clause: SyntaxNode): Match['cases'][number] {
  const patterns = parts(clause).filter(part => part.type === 'case_pattern');
  const [first] = patterns;
  const isSequence = patterns.length > 1 || hasToken(clause, ',');
  const test =
    isSequence && first
      ? {
          kind: 'tuple' as const,
          span: { start: first.start, end: patterns[patterns.length - 1]!.end },
          items: patterns.map(each => pattern(cx, each)),
        }
      : first && !isWildcard(cx, first)
        ? pattern(cx, first)
        : undefined;
  const guard = field(clause, 'guard');
  return {
    ...(test ? { test } : {}),
    ...(guard ? { guard: cx.expression(parts(guard)[0], guard) } : {}),
    body: cx.body(field(clause, 'consequence')),
  };
}

function isWildcard(cx: Lowering, node: SyntaxNode): boolean {
  return cx.source(node) === '_';
}

function pattern(cx: Lowering, node: SyntaxNode): Expression {
  return cx.deeper(
    () => anyPattern(cx, node),
    () => unsupported(node, 'the pattern is nested too deeply'),
  );
}

function anyPattern(cx: Lowering, node: SyntaxNode): Expression {
  const span = spanOf(node);
  switch (node.type) {
    case 'case_pattern': {
      const [only] = parts(node);
      if (isWildcard(cx, node)) return { kind: 'name', span, name: '_' };
      if (only && hasToken(node, '-')) return { kind: 'unary', span, operator: '-', operand: number(cx, only) };
      return only ? pattern(cx, only) : cx.expression(undefined, node);
    }
    case 'tuple_pattern': {
      const [only] = elements(node);
      if (only && elements(node).length === 1 && !hasToken(node, ',')) return pattern(cx, only);
      return { kind: 'tuple', span, items: elements(node).map(each => pattern(cx, each)) };
    }
    case 'list_pattern':
      return { kind: 'list', span, items: elements(node).map(each => pattern(cx, each)) };
    case 'splat_pattern':
      return { kind: 'spread', span, value: splatName(cx, node) };
    case 'as_pattern': {
      const [value, name] = parts(node);
      if (!value || !name) return unsupported(node, 'half a pattern');
      return { kind: 'assign-expression', span, target: cx.expression(name), value: pattern(cx, value) };
    }
    case 'union_pattern':
      return parts(node)
        .map(each => pattern(cx, each))
        .reduce((left, right) => ({
          kind: 'binary',
          span: { start: left.span.start, end: right.span.end },
          operator: '|',
          left,
          right,
        }));
    case 'class_pattern': {
      const [name, ...args] = parts(node);
      const argsSpan = { start: name?.end ?? node.start, end: node.end };
      return {
        kind: 'call',
        span,
        callee: cx.expression(name, node),
        args: args.map(each => argument(cx, each)),
        argsSpan,
        isNew: false,
        optional: false,
      };
    }
    case 'dict_pattern':
      return { kind: 'dict', span, entries: dictEntries(cx, node) };
    case 'complex_pattern':
      return unsupported(node, 'a complex number');
    default:
      return cx.expression(node);
  }
}

function splatName(cx: Lowering, node: SyntaxNode): Expression {
  const [name] = parts(node);
  return name ? cx.expression(name) : { kind: 'name', span: { start: node.end - 1, end: node.end }, name: '_' };
}

function argument(cx: Lowering, node: SyntaxNode): Argument {
  const keyword = node.type === 'case_pattern' ? parts(node)[0] : node;
  if (keyword?.type !== 'keyword_pattern') return { span: spanOf(node), value: pattern(cx, node) };
  const [name, value] = parts(keyword);
  return {
    span: spanOf(node),
    value: value ? pattern(cx, value) : { kind: 'name', span: { start: keyword.end - 1, end: keyword.end }, name: '_' },
    ...(name ? { name: cx.source(name), nameSpan: spanOf(name) } : {}),
  };
}

function dictEntries(cx: Lowering, node: SyntaxNode): readonly DictEntry[] {
  const entries: DictEntry[] = [];
  let isNegative = false;
  let key: Expression | undefined;
  for (const child of node.children) {
    if (!child.named) {
      isNegative = child.type === '-';
    } else if (child.type === 'splat_pattern') {
      entries.push({ kind: 'spread', span: spanOf(child), value: splatName(cx, child) });
    } else if (child.field === 'key') {
      const value = pattern(cx, child);
      key = isNegative ? { kind: 'unary', span: value.span, operator: '-', operand: value } : value;
      isNegative = false;
    } else if (child.field === 'value' && key) {
      entries.push({ kind: 'pair', span: { start: key.span.start, end: child.end }, key, value: pattern(cx, child) });
    }
  }
  return entries;
}
