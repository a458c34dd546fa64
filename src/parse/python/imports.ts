/** Python's `import` in all its forms. */
import type { Import, ImportFrom } from '../../ir/program';
import { field, fields, parts, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';

/** White space may stand around the dots of `a . b`. */
function dotted(cx: Lowering, node: SyntaxNode | undefined): string {
  return node
    ? parts(node)
        .map(name => cx.source(name))
        .join('.')
    : '';
}

export function importModules(cx: Lowering, node: SyntaxNode): readonly Import[] {
  const names = fields(node, 'name');
  return names.map(name => {
    const span = names.length === 1 ? spanOf(node) : spanOf(name);
    if (name.type !== 'aliased_import') return { kind: 'import', span, module: dotted(cx, name) };
    const alias = field(name, 'alias');
    return {
      kind: 'import',
      span,
      module: dotted(cx, field(name, 'name')),
      ...(alias ? { alias: cx.source(alias) } : {}),
    };
  });
}

export function importFrom(cx: Lowering, node: SyntaxNode): ImportFrom {
  const from = field(node, 'module_name');
  const isRelative = from?.type === 'relative_import';
  const prefix = isRelative ? parts(from).find(part => part.type === 'import_prefix') : undefined;
  const module = isRelative ? parts(from).find(part => part.type === 'dotted_name') : from;
  const wildcard = parts(node).find(part => part.type === 'wildcard_import');
  const names = wildcard ? [{ name: '*', span: spanOf(wildcard) }] : importedNames(cx, node);
  return {
    kind: 'import-from',
    span: spanOf(node),
    module: dotted(cx, module),
    names,
    level: prefix ? cx.source(prefix).replace(/[^.]/g, '').length : 0,
  };
}

export function importFuture(cx: Lowering, node: SyntaxNode): ImportFrom {
  return { kind: 'import-from', span: spanOf(node), module: '__future__', level: 0, names: importedNames(cx, node) };
}

function importedNames(cx: Lowering, node: SyntaxNode): ImportFrom['names'] {
  return fields(node, 'name')
    .filter(name => name.end > name.start)
    .map(name => {
      const span = spanOf(name);
      if (name.type !== 'aliased_import') return { name: dotted(cx, name), span };
      const alias = field(name, 'alias');
      return { name: dotted(cx, field(name, 'name')), span, ...(alias ? { alias: cx.source(alias) } : {}) };
    });
}
