/** Parameter lists of `def` and `lambda`. */
import type { Expression, Parameter } from '../../ir/program';
import { field, parts, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

export function parameters(cx: Lowering, node: SyntaxNode | undefined): readonly Parameter[] {
  const lowered: Parameter[] = [];
  let isKeywordOnly = false;
  for (const child of node ? parts(node) : []) {
    if (child.type === 'keyword_separator') {
      isKeywordOnly = true;
    } else if (child.type === 'positional_separator') {
      lowered.forEach((parameter, i) => {
        lowered[i] = { ...parameter, kind: 'positional-only' };
      });
    } else {
      const parameter = oneParameter(cx, child, isKeywordOnly);
      isKeywordOnly ||= parameter.kind === 'rest';
      lowered.push(parameter);
    }
  }
  return lowered;
}

function oneParameter(cx: Lowering, node: SyntaxNode, isKeywordOnly: boolean): Parameter {
  const type = field(node, 'type');
  const value = field(node, 'value');
  const named = node.type === 'typed_parameter' ? parts(node)[0] : (field(node, 'name') ?? node);
  const { kind, target } = splat(cx, named ?? node);
  return {
    span: spanOf(node),
    target,
    kind: kind ?? (isKeywordOnly ? 'keyword-only' : 'plain'),
    ...(value ? { defaultValue: cx.expression(value) } : {}),
    ...(type ? { annotation: cx.expression(type) } : {}),
  };
}

function splat(cx: Lowering, node: SyntaxNode): { kind?: 'rest' | 'keyword-rest'; target: Expression } {
  if (node.type === 'list_splat_pattern') return { kind: 'rest', target: cx.expression(parts(node)[0], node) };
  if (node.type === 'dictionary_splat_pattern')
    return { kind: 'keyword-rest', target: cx.expression(parts(node)[0], node) };
  return { target: cx.expression(node) };
}
