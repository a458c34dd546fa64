/**
 * `import`, `require` and `export` in every form.
 *
 * What a module exports are the names at its top level: `export {a as b}` declares `b`, `export default x` declares
 * the name `default`, which no program can write, and `export … from` imports. `export {a}` adds nothing to that.
 */
import type { Expression, Import, ImportFrom, Statement } from '../../ir/program';
import type { Span } from '../../ir/span';
import { field, hasToken, parts, spanOf, type Lowering } from '../lowering';
import type { SyntaxNode } from '../syntax-tree';
import { stringValue } from './literals';
import { propertyName } from './patterns';

type ImportedName = ImportFrom['names'][number];

const moduleName = (cx: Lowering, node: SyntaxNode | undefined) => (node ? stringValue(cx, node) : '');

const importFrom = (span: Span, module: string, names: readonly ImportedName[]): ImportFrom => ({
  kind: 'import-from',
  span,
  module,
  level: 0,
  names,
});

export function importStatement(cx: Lowering, node: SyntaxNode): readonly Statement[] {
  const span = spanOf(node);
  const equals = parts(node).find(part => part.type === 'import_require_clause');
  if (equals) {
    const alias = parts(equals)[0];
    return [
      {
        kind: 'import',
        span,
        module: moduleName(cx, field(equals, 'source')),
        ...(alias ? { alias: cx.source(alias) } : {}),
      },
    ];
  }
  const module = moduleName(cx, field(node, 'source'));
  const clause = parts(node).find(part => part.type === 'import_clause');
  if (!clause) return [{ kind: 'import', span, module }];
  if (hasToken(node, 'type') || hasToken(node, 'typeof')) return [];
  const names: ImportedName[] = [];
  const statements: Statement[] = [];
  for (const part of parts(clause)) {
    if (part.type === 'namespace_import') {
      const alias = parts(part)[0];
      statements.push({ kind: 'import', span, module, ...(alias ? { alias: cx.source(alias) } : {}) });
    } else if (part.type === 'named_imports') {
      names.push(
        ...parts(part)
          .filter(each => !isTypeOnly(each))
          .map(each => specifier(cx, each)),
      );
    } else {
      names.push({ name: 'default', alias: cx.source(part), span: spanOf(part) });
    }
  }
  const isBare = names.length === 0 && statements.length === 0;
  return names.length > 0 || isBare ? [importFrom(span, module, names), ...statements] : statements;
}

const isTypeOnly = (node: SyntaxNode) => hasToken(node, 'type') || hasToken(node, 'typeof');

function specifier(cx: Lowering, node: SyntaxNode): ImportedName {
  const alias = field(node, 'alias');
  return {
    name: exportedName(cx, field(node, 'name'), node),
    span: spanOf(node),
    ...(alias ? { alias: propertyName(cx, alias) } : {}),
  };
}

/** The keyword `default` is a token without a name of its own. */
function exportedName(cx: Lowering, name: SyntaxNode | undefined, within: SyntaxNode): string {
  return name ? propertyName(cx, name) : hasToken(within, 'default') ? 'default' : '';
}

/** `declaration` lowers what is declared; the caller hands it in, because declarations are statements. */
export function exportStatement(
  cx: Lowering,
  node: SyntaxNode,
  declaration: (node: SyntaxNode, exported: boolean, decorators: readonly SyntaxNode[]) => readonly Statement[],
): readonly Statement[] {
  const span = spanOf(node);
  const source = field(node, 'source');
  const declared = field(node, 'declaration');
  const decorators = parts(node).filter(part => part.type === 'decorator');
  if (hasToken(node, 'type')) return [];
  if (hasToken(node, 'default'))
    return exportDefault(cx, node, field(node, 'value') ?? declared, statement =>
      declaration(statement, false, decorators).map(each => ({ ...each, span })),
    );
  if (declared)
    return declaration(declared, true, decorators).map(statement =>
      decorators.length > 0 ? { ...statement, span } : statement,
    );
  // TypeScript's `export = x` is `module.exports = x`.
  if (hasToken(node, '='))
    return [{ kind: 'assign', span, targets: [moduleExports(span)], value: cx.expression(parts(node)[0], node) }];

  const clause = parts(node).find(part => part.type === 'export_clause');
  const specifiers = (clause ? parts(clause) : [])
    .filter(each => !isTypeOnly(each))
    .map(each => exportSpecifier(cx, each));
  if (!source)
    return specifiers
      .filter(each => each.alias !== undefined && each.alias !== each.name)
      .map(each => exportAs(span, each));
  const module = moduleName(cx, source);
  if (clause) return [importFrom(span, module, specifiers)];
  const namespace = parts(node).find(part => part.type === 'namespace_export');
  if (!namespace) return [importFrom(span, module, [{ name: '*', span }])];
  const alias = parts(namespace)[0];
  return [{ kind: 'import', span, module, alias: alias ? propertyName(cx, alias) : 'default' }];
}

/** `default` may stand on either side of `as`; which one shows from what else is there. */
function exportSpecifier(cx: Lowering, node: SyntaxNode): ImportedName {
  const [first, second] = parts(node).map(part => propertyName(cx, part));
  const span = spanOf(node);
  const hasDefault = hasToken(node, 'default');
  if (!hasToken(node, 'as')) return { name: hasDefault ? 'default' : (first ?? ''), span };
  if (!hasDefault) return { name: first ?? '', alias: second ?? '', span };
  const isDefaultFirst = node.children.find(child => child.named || child.type === 'default')?.named === false;
  if (first === undefined) return { name: 'default', span };
  return isDefaultFirst ? { name: 'default', alias: first, span } : { name: first, alias: 'default', span };
}

function exportAs(span: Span, { name, alias, span: at }: ImportedName): Statement {
  return {
    kind: 'declare',
    span,
    scope: 'const',
    exported: true,
    target: { kind: 'name', span: at, name: alias ?? name },
    value: { kind: 'name', span: at, name },
  };
}

function exportDefault(
  cx: Lowering,
  node: SyntaxNode,
  value: SyntaxNode | undefined,
  declaration: (node: SyntaxNode) => readonly Statement[],
): readonly Statement[] {
  const span = spanOf(node);
  const asDefault = (expression: Expression): Statement => ({
    kind: 'declare',
    span,
    scope: 'const',
    exported: true,
    target: { kind: 'name', span: expression.span, name: 'default' },
    value: expression,
  });
  const name = value && /declaration$/.test(value.type) ? field(value, 'name') : undefined;
  if (!value || !name) return value?.type === 'interface_declaration' ? [] : [asDefault(cx.expression(value, node))];
  return [...declaration(value), asDefault({ kind: 'name', span: spanOf(name), name: cx.source(name) })];
}

function moduleExports(span: Span): Expression {
  return {
    kind: 'attribute',
    span,
    object: { kind: 'name', span, name: 'module' },
    name: 'exports',
    nameSpan: span,
    optional: false,
  };
}

/**
 * `const tf = require('a')`, `const {layers} = await import('a')`, `const x = require('a').b` are imports. Nothing for
 * every other declaration.
 */
export function importingDeclaration(
  target: Expression,
  value: Expression | undefined,
  span: Span,
): Import | ImportFrom | undefined {
  if (!value) return undefined;
  const picked = value.kind === 'attribute' ? value : undefined;
  const module = requiredModule(picked ? picked.object : value);
  if (module === undefined) return undefined;
  if (picked)
    return target.kind === 'name'
      ? importFrom(span, module, [{ name: picked.name, alias: target.name, span: picked.nameSpan }])
      : undefined;
  if (target.kind === 'name') return { kind: 'import', span, module, alias: target.name };
  if (target.kind !== 'dict') return undefined;
  const names: ImportedName[] = [];
  for (const entry of target.entries) {
    if (entry.kind !== 'pair' || entry.key.kind !== 'string' || entry.value.kind !== 'name') return undefined;
    const [name, alias] = [entry.key.value, entry.value.name];
    names.push(name === alias ? { name, span: entry.span } : { name, alias, span: entry.span });
  }
  return importFrom(span, module, names);
}

function requiredModule(value: Expression): string | undefined {
  const call = value.kind === 'await' ? value.value : value;
  const wanted = value.kind === 'await' ? 'import' : 'require';
  if (call.kind !== 'call' || call.callee.kind !== 'name' || call.callee.name !== wanted) return undefined;
  const [module] = call.args;
  return module?.value.kind === 'string' ? module.value.value : undefined;
}
