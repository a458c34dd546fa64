/** Decorators: those that only mark or wrap pass the function through; the program's own are called. */
import type { Expression } from '../ir/program';
import type { FunctionValue, Value } from '../ir/value';
import { callValue } from './call';
import { CLASS_CELL, classInfo } from './class-info';
import type { Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { CLOSURE_CELL, closureOf } from './functions';

export function decorated(cx: Evaluator, decorators: readonly Expression[], made: Value): Value {
  let value = made;
  for (const node of [...decorators].reverse()) {
    // Another one than was made here is not new.
    if (value !== made && value.kind === 'function') cx.journal.note(closureOf(value), CLOSURE_CELL);
    if (value !== made && value.kind === 'class') cx.journal.note(classInfo(value), CLASS_CELL);
    value = applyDecorator(cx, node, value);
  }
  return value;
}

function applyDecorator(cx: Evaluator, node: Expression, value: Value): Value {
  const accessor = cx.language === 'python' ? undefined : scriptAccessor(cx, node, value);
  if (accessor) return accessor;
  const decorator = evaluate(cx, node);
  if (decorator.kind === 'function') {
    const result = callValue(cx, decorator, { positional: [{ value, span: node.span }] }, node);
    return result.kind === 'unknown' ? value : result;
  }
  const path =
    decorator.kind === 'library' || decorator.kind === 'module'
      ? decorator.path
      : decorator.kind === 'object'
        ? decorator.path
        : undefined;
  if (value.kind === 'function') mark(value, path, node);
  if (value.kind === 'class' && path !== undefined && /(^|\.)dataclass$/.test(path))
    classInfo(value).isDataclass = true;
  return value;
}

/** JavaScript's `get` and `set`: reading goes to the one, and the other must not stand in its place. */
function scriptAccessor(cx: Evaluator, node: Expression, value: Value): Value | undefined {
  if (value.kind !== 'function') return undefined;
  if (node.kind === 'name' && node.name === 'property') {
    closureOf(value).binding = 'property';
    return value;
  }
  const isSetter = node.kind === 'attribute' && node.name === 'setter' && node.object.kind === 'name';
  return isSetter && cx.scope.kind === 'class' ? (cx.scope.variables.get(value.name) ?? value) : undefined;
}

function mark(fn: FunctionValue, path: string | undefined, node: Expression): void {
  const name = path?.split('.').at(-1) ?? (node.kind === 'attribute' ? node.name : undefined);
  const code = closureOf(fn);
  if (name === 'staticmethod') code.binding = 'static';
  else if (name === 'classmethod') code.binding = 'class';
  else if (name === 'property' || name === 'cached_property' || name === 'getter') code.binding = 'property';
}
