/** Inside the brackets of a layer: the arguments that it still takes, and the values that one of them may have. */
import { layerByPath, parametersOf } from '../catalogue';
import { ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS } from '../catalogue/identifiers';
import type { ArgumentKind, ArgumentSpec } from '../catalogue/spec';
import type { Argument, Call, Expression, Statement } from '../ir/program';
import type { Analysis } from './analysis';

export interface CompletionItem {
  readonly label: string;
  readonly kind: 'argument' | 'value';
  readonly insert: string;
  readonly detail?: string;
  readonly doc?: string;
}

/** Nothing where the offset is not inside the call of a layer that is known. */
export function completionsAt({ program, text }: Analysis, offset: number): CompletionItem[] {
  const call = innermostCall(program.body, offset);
  if (!call || offset <= call.argsSpan.start || offset > call.argsSpan.end) return [];
  const path = pathOf(call.callee, program.body);
  const spec = path === undefined ? undefined : layerByPath(path);
  if (!spec) return [];
  const parameters = parametersOf(spec);
  const argument = call.args.find(a => a.span.start <= offset && offset <= a.span.end);
  const value = argument?.name !== undefined && argument.nameSpan && offset > argument.nameSpan.end;
  if (argument && value) return values(parameters.find(p => p.name === argument.name)?.kind, text, argument);
  if (argument && !/^\w*$/.test(text.slice(argument.span.start, offset))) return [];
  const positional = call.args.filter(a => a.name === undefined && !a.unpack && a !== argument).length;
  const given = new Set(call.args.map(a => a.name));
  return parameters.filter((p, i) => !given.has(p.name) && (p.keywordOnly === true || i >= positional)).map(item);
}

function item(p: ArgumentSpec): CompletionItem {
  const fallback =
    p.defaultValue === undefined
      ? 'required'
      : `default ${JSON.stringify(p.defaultValue).replace('null', 'None').replace('true', 'True').replace('false', 'False')}`;
  return { label: `${p.name}=`, kind: 'argument', insert: `${p.name}=`, detail: fallback, doc: p.doc };
}

const NAMES: Readonly<Partial<Record<ArgumentKind['kind'], ReadonlySet<string>>>> = {
  activation: ACTIVATIONS,
  initializer: INITIALIZERS,
  regularizer: REGULARIZERS,
  constraint: CONSTRAINTS,
};

function values(kind: ArgumentKind | undefined, text: string, argument: Argument): CompletionItem[] {
  if (!kind) return [];
  if (kind.kind === 'boolean') return ['True', 'False'].map(v => ({ label: v, kind: 'value', insert: v }));
  const names = kind.kind === 'choice' ? kind.of : [...(NAMES[kind.kind] ?? [])];
  const quoted = /^['"]/.test(text.slice(argument.value.span.start));
  return names.map(name => ({ label: name, kind: 'value', insert: quoted ? name : `'${name}'` }));
}

/** `layers.Dense` through the imports of the file, without evaluating it. */
function pathOf(callee: Expression, body: readonly Statement[]): string | undefined {
  if (callee.kind === 'attribute') {
    const inner = pathOf(callee.object, body);
    return inner === undefined ? undefined : `${inner}.${callee.name}`;
  }
  if (callee.kind !== 'name') return undefined;
  for (const s of body) {
    if (s.kind === 'import' && (s.alias ?? s.module.split('.')[0]) === callee.name)
      return s.alias === undefined ? callee.name : s.module;
    if (s.kind !== 'import-from') continue;
    const found = s.names.find(n => (n.alias ?? n.name) === callee.name);
    if (found) return `${s.module}.${found.name}`;
    if (s.names.some(n => n.name === '*') && layerByPath(`${s.module}.${callee.name}`))
      return `${s.module}.${callee.name}`;
  }
  return undefined;
}

function innermostCall(body: readonly Statement[], offset: number): Call | undefined {
  let found: Call | undefined;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
    } else if (typeof node === 'object' && node !== null && ('span' in node || 'kind' in node || 'value' in node)) {
      const { span, kind } = node as { span?: { start: number; end: number }; kind?: string };
      if (span && (offset < span.start || offset > span.end)) return;
      if (kind === 'call' && (node as Call).argsSpan.start < offset) found = node as Call;
      Object.values(node).forEach(visit);
    }
  };
  visit(body);
  return found;
}
