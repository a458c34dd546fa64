/** Destructuring patterns, and the keys that they share with object literals. */
import type { DictEntry, Expression } from '../../ir/program';
import { elements, field, parts, spanOf, unsupported, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { number, stringValue } from './literals';

/** A plain key is a string, `[key]` the expression in the brackets. */
export function propertyKey(cx: Lowering, node: SyntaxNode | undefined, within: SyntaxNode): Expression {
  if (!node) return cx.expression(undefined, within);
  if (node.type === 'computed_property_name') return cx.expression(parts(node)[0], node);
  if (node.type === 'number') return number(cx, node);
  return { kind: 'string', span: spanOf(node), value: propertyName(cx, node) };
}

export function propertyName(cx: Lowering, node: SyntaxNode): string {
  return node.type === 'string' ? stringValue(cx, node) : cx.source(node);
}

/** `{a, b: c = 1, [k]: d, ...rest}`: a default is an assignment marked as one. */
export function objectPattern(cx: Lowering, node: SyntaxNode): Expression {
  return { kind: 'dict', span: spanOf(node), entries: elements(node).map(entry => patternEntry(cx, entry)) };
}

function patternEntry(cx: Lowering, node: SyntaxNode): DictEntry {
  const span = spanOf(node);
  switch (node.type) {
    case 'shorthand_property_identifier_pattern': {
      const name = cx.source(node);
      return { kind: 'pair', span, key: { kind: 'string', span, value: name }, value: { kind: 'name', span, name } };
    }
    case 'pair_pattern':
      return {
        kind: 'pair',
        span,
        key: propertyKey(cx, field(node, 'key'), node),
        value: cx.expression(field(node, 'value'), node),
      };
    case 'object_assignment_pattern': {
      const left = field(node, 'left');
      if (left?.type !== 'shorthand_property_identifier_pattern')
        return { kind: 'spread', span, value: unsupported(node, 'this is not valid code') };
      const name = cx.source(left);
      const target: Expression = { kind: 'name', span: spanOf(left), name };
      const value: Expression = {
        kind: 'assign-expression',
        span,
        target,
        value: cx.expression(field(node, 'right'), node),
        isDefault: true,
      };
      return { kind: 'pair', span, key: { kind: 'string', span: spanOf(left), value: name }, value };
    }
    default:
      return { kind: 'spread', span, value: cx.expression(node.type === 'rest_pattern' ? parts(node)[0] : node, node) };
  }
}

export function defaultPattern(cx: Lowering, node: SyntaxNode): Expression {
  return {
    kind: 'assign-expression',
    span: spanOf(node),
    isDefault: true,
    target: cx.expression(field(node, 'left'), node),
    value: cx.expression(field(node, 'right'), node),
  };
}

/** Array literals and patterns; a hole (`[, b]`) is `undefined` of no width. */
export function array(cx: Lowering, node: SyntaxNode): Expression {
  const items: Expression[] = [];
  let at = node.start + 1;
  let isHole = true;
  for (const child of node.children) {
    if (child.named) {
      items.push(cx.expression(child));
      at = child.end;
      isHole = false;
    } else if (child.type === ',') {
      if (isHole) items.push({ kind: 'none', span: { start: at, end: at }, spelled: 'undefined' });
      isHole = true;
    }
  }
  return { kind: 'list', span: spanOf(node), items };
}
