/**
 * Expressions as short text, for reasons ("depends on `use_bias`") and for the names of symbols
 * (`config.hidden_size`).
 */
import type { Expression } from '../ir/program';

const LONGEST = 40;

/** As the author wrote it, up to spacing and quotes; cut where it would be long. */
export function describe(node: Expression): string {
  const full = render(node, 0);
  return full.length <= LONGEST ? full : `${full.slice(0, LONGEST - 1)}…`;
}

function render(node: Expression, depth: number): string {
  if (depth > 6) return '…';
  const inner = (e: Expression): string => render(e, depth + 1);
  switch (node.kind) {
    case 'name':
      return node.name;
    case 'number':
      return node.isInteger || !Number.isInteger(node.value) ? String(node.value) : node.value.toFixed(1);
    case 'string':
      return `'${node.value}'`;
    case 'boolean':
      return node.value ? 'True' : 'False';
    case 'none':
      return node.spelled === 'ellipsis' ? '...' : node.spelled;
    case 'attribute':
      return `${inner(node.object)}.${node.name}`;
    case 'subscript':
      return `${inner(node.object)}[${node.indices.map(inner).join(', ')}]`;
    case 'slice':
      return `${node.lower ? inner(node.lower) : ''}:${node.upper ? inner(node.upper) : ''}${node.step ? `:${inner(node.step)}` : ''}`;
    case 'call':
      return `${inner(node.callee)}(${node.args.length > 2 ? '…' : node.args.map(a => (a.name ? `${a.name}=` : '') + inner(a.value)).join(', ')})`;
    case 'unary':
      return `${node.operator}${/[a-z]/.test(node.operator) ? ' ' : ''}${inner(node.operand)}`;
    case 'binary':
      return `${inner(node.left)} ${node.operator} ${inner(node.right)}`;
    case 'compare':
      return node.operands.map((o, i) => (i === 0 ? '' : ` ${node.operators[i - 1]!} `) + inner(o)).join('');
    case 'logical':
      return `${inner(node.left)} ${node.operator} ${inner(node.right)}`;
    case 'list':
      return `[${node.items.map(inner).join(', ')}]`;
    case 'tuple':
      return `(${node.items.map(inner).join(', ')}${node.items.length === 1 ? ',' : ''})`;
    case 'spread':
      return `*${inner(node.value)}`;
    case 'await':
      return inner(node.value);
    case 'conditional':
    case 'set':
    case 'dict':
    case 'format-string':
    case 'function-expression':
    case 'class-expression':
    case 'comprehension':
    case 'yield':
    case 'assign-expression':
    case 'unsupported':
      return '…';
  }
}
