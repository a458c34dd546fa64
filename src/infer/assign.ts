/** Assignment: names, attributes, items, and patterns of Python and JavaScript. */
import type { DictLiteral, Expression, Sequence } from '../ir/program';
import { unknownValue, type Value } from '../ir/value';
import { setAttribute } from './attributes';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { ModelObject } from './graph';
import { isSymbolic } from './operations';
import { itemsOf } from './sequences';
import { type Scope, SCOPE_CELL } from './scope';
import { setItem } from './subscript';
import { strOf } from './strings';

/** `declares`: the name is new in this scope (JavaScript's `const`, a parameter). */
export function assign(cx: Evaluator, target: Expression, value: Value, declares = false): void {
  switch (target.kind) {
    case 'name':
      return assignName(cx, target.name, target.span, value, declares);
    case 'attribute':
      return setAttribute(cx, evaluate(cx, target.object), target.name, value, target);
    case 'subscript':
      return setItem(
        cx,
        evaluate(cx, target.object),
        target.indices.map(i => evaluate(cx, i)),
        value,
      );
    case 'list':
    case 'tuple':
      return assignItems(cx, target, value, declares);
    case 'dict':
      return assignEntries(cx, target, value, declares);
    case 'spread':
      return assign(cx, target.value, value, declares);
    case 'assign-expression':
      // A pattern's default: `{units = 32}`.
      return assign(
        cx,
        target.target,
        value.kind === 'none' && value.spelled === 'undefined' ? evaluate(cx, target.value) : value,
        declares,
      );
    default:
      cx.gap(target.span, `an assignment to \`${describe(target)}\` is not followed`);
  }
}

function assignName(
  cx: Evaluator,
  name: string,
  span: { start: number; end: number },
  value: Value,
  declares: boolean,
): void {
  const scope = cx.language === 'python' ? cx.scope.target(name) : declares ? cx.scope : cx.scope.declaring(name);
  cx.journal.touch(scope, SCOPE_CELL);
  scope.variables.set(name, value.kind === 'unknown' ? cx.named(name, value) : value);
  const model = value.kind === 'model' ? value.model : value.kind === 'instance' ? value.layer : undefined;
  if (model instanceof ModelObject && isTopLevel(scope) && cx.file === undefined && cx.statement) {
    const { bindings } = cx.findings;
    if (!bindings.some(b => b.model === model))
      bindings.push({ name, model, nameSpan: span, statement: cx.statement.span });
  }
}

/** A block of JavaScript at the top of a file keeps its models for the editor, too. */
function isTopLevel(scope: Scope): boolean {
  return scope.kind === 'module' || (scope.kind === 'block' && scope.parent !== undefined && isTopLevel(scope.parent));
}

function assignItems(cx: Evaluator, target: Sequence, value: Value, declares: boolean): void {
  const failed =
    isSymbolic(value) && cx.options.kerasVersion !== 2
      ? cx.fault({ kind: 'symbolic-iteration' }, { place: cx.place(target.span), callee: '=', origins: [] })
      : undefined;
  const { items, rest } = (failed ?? value) === AFTER_FAULT ? { items: [], rest: AFTER_FAULT } : itemsOf(cx, value);
  const starAt = target.items.findIndex(t => t.kind === 'spread');
  const item = (i: number): Value => items[i] ?? rest ?? missingItem(cx);
  if (starAt < 0) {
    target.items.forEach((t, i) => assign(cx, t, item(i), declares));
    return;
  }
  const behind = target.items.length - starAt - 1;
  target.items.slice(0, starAt).forEach((t, i) => assign(cx, t, item(i), declares));
  const middle = rest ? items.slice(starAt) : items.slice(starAt, Math.max(starAt, items.length - behind));
  assign(cx, target.items[starAt]!, { kind: 'list', items: [...middle], rest }, declares);
  target.items.slice(starAt + 1).forEach((t, i) => assign(cx, t, rest ?? item(items.length - behind + i), declares));
}

/** JavaScript fills up with `undefined`, Python raises. */
function missingItem(cx: Evaluator): Value {
  return cx.language === 'python'
    ? unknownValue('there are not enough items to unpack')
    : { kind: 'none', spelled: 'undefined' };
}

/** JavaScript's `const {units, rate: r = 0.1, ...others} = config`. */
function assignEntries(cx: Evaluator, target: DictLiteral, value: Value, declares: boolean): void {
  const used = new Set<string>();
  for (const entry of target.entries) {
    if (entry.kind === 'spread') {
      const entries =
        value.kind === 'dict' ? new Map([...value.entries].filter(([k]) => !used.has(k))) : new Map<string, Value>();
      assign(
        cx,
        entry.value,
        { kind: 'dict', entries, open: value.kind === 'dict' ? value.open : 'the object is not known' },
        declares,
      );
      continue;
    }
    const key = strOf(evaluate(cx, entry.key));
    if (key !== undefined) used.add(key);
    assign(cx, entry.value, entryOf(value, key), declares);
  }
}

function entryOf(value: Value, key: string | undefined): Value {
  if (value.kind === 'module' || value.kind === 'library')
    return key === undefined ? unknownValue('the key is not known') : { kind: 'library', path: `${value.path}.${key}` };
  if (value.kind !== 'dict') return unknownValue(value.kind === 'unknown' ? value.why : 'the object is not known');
  if (key === undefined) return unknownValue('the key is not known');
  return (
    value.entries.get(key) ??
    (value.open === undefined ? { kind: 'none', spelled: 'undefined' } : unknownValue(value.open))
  );
}
