/** Expressions to values. Every kind of expression has an answer; what is not known says why. */
import type { Expression, FormatString } from '../ir/program';
import { boolean, float, integer, NONE, type SequenceValue, text, unknownValue, type Value } from '../ir/value';
import { assign } from './assign';
import { getAttribute } from './attributes';
import { builtin } from './builtins';
import { evaluateCall } from './call';
import { defineClass, implicitSuper } from './classes';
import { comprehension } from './loops';
import { describe } from './describe';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { closure } from './functions';
import { joinValues } from './join';
import { branchValues } from './branches';
import { binary, compare, truthIn, unary } from './operators';
import { formatValue, keyOf, scriptKey, scriptText } from './strings';
import { itemsOf } from './sequences';
import { subscript } from './subscript';

export function evaluate(cx: Evaluator, node: Expression): Value {
  if (!cx.step()) return unknownValue('the program is too long to follow to its end');
  if (cx.depth >= cx.budget.depth) return unknownValue('the code is nested too deeply to follow');
  cx.depth++;
  try {
    return evaluateNode(cx, node);
  } finally {
    cx.depth--;
  }
}

function evaluateNode(cx: Evaluator, node: Expression): Value {
  switch (node.kind) {
    case 'name':
      return readName(cx, node.name);
    case 'number':
      return node.isInteger ? integer(node.value) : float(node.value);
    case 'string':
      return text(node.value);
    case 'boolean':
      return boolean(node.value);
    case 'none':
      return node.spelled === 'None' || node.spelled === 'null' ? NONE : { kind: 'none', spelled: node.spelled };
    case 'format-string':
      return formatString(cx, node);
    case 'list':
    case 'tuple':
    case 'set':
      return sequence(cx, node.kind, node.items);
    case 'dict':
      return dict(cx, node);
    case 'attribute':
      return attribute(cx, node);
    case 'subscript':
      return subscript(cx, node);
    case 'slice':
      return {
        kind: 'slice',
        lower: node.lower && evaluate(cx, node.lower),
        upper: node.upper && evaluate(cx, node.upper),
        step: node.step && evaluate(cx, node.step),
      };
    case 'call':
      return evaluateCall(cx, node);
    case 'unary':
      return unary(cx, node);
    case 'binary':
      return binary(cx, node.operator, evaluate(cx, node.left), evaluate(cx, node.right), node);
    case 'compare':
      return compare(cx, node);
    case 'logical':
      return logical(cx, node);
    case 'conditional':
      return conditional(cx, node);
    case 'function-expression':
      return closure(cx, node);
    case 'class-expression':
      return defineClass(cx, node.definition);
    case 'comprehension':
      return comprehension(cx, node);
    case 'spread':
      return evaluate(cx, node.value);
    case 'await':
      return evaluate(cx, node.value);
    case 'yield':
      return yielded(cx, node);
    case 'assign-expression':
      return assignExpression(cx, node);
    case 'unsupported':
      return unknownValue(node.why);
  }
}

export function readName(cx: Evaluator, name: string): Value {
  const found = cx.scope.lookup(name) ?? builtin(cx, name);
  if (found) return found;
  if (name === 'super' && cx.language !== 'python') return implicitSuper(cx);
  const given = cx.options.symbols?.get(name);
  if (given) return given;
  cx.findings.unbound.add(name);
  return unknownValue(`\`${name}\` is not defined in this file`, name);
}

/** `a?.b` of nothing is `undefined`. */
function attribute(cx: Evaluator, node: Expression & { kind: 'attribute' }): Value {
  const object = evaluate(cx, node.object);
  return node.optional && object.kind === 'none'
    ? { kind: 'none', spelled: 'undefined' }
    : getAttribute(cx, object, node.name, node);
}

function formatString(cx: Evaluator, node: FormatString): Value {
  let out = '';
  let unknown: string | undefined;
  for (const part of node.parts) {
    if (typeof part === 'string') {
      out += part;
      continue;
    }
    const value = evaluate(cx, part.value);
    const formatted = cx.language === 'python' ? formatValue(value, part.format, part.conversion) : scriptText(value);
    if (formatted === undefined) unknown ??= `\`${describe(part.value)}\` in the text is not known`;
    else out += formatted;
  }
  return unknown === undefined && out.length <= cx.budget.items
    ? text(out)
    : unknownValue(unknown ?? 'the text is too long');
}

function sequence(cx: Evaluator, kind: SequenceValue['kind'], nodes: readonly Expression[]): Value {
  const items: Value[] = [];
  let rest: Value | undefined;
  for (const node of nodes) {
    if (node.kind !== 'spread') {
      items.push(evaluate(cx, node));
      continue;
    }
    const spread = itemsOf(cx, evaluate(cx, node.value));
    items.push(...spread.items);
    rest ??= spread.rest;
  }
  // What stands behind a spread of unknown length has no index of its own any more.
  return rest === undefined
    ? { kind, items }
    : { kind, items: [], rest: items.reduce((a, b) => joinValues(a, b, 'one of several items'), rest) };
}

function dict(cx: Evaluator, node: Expression & { kind: 'dict' }): Value {
  const entries = new Map<string, Value>();
  let open: string | undefined;
  for (const entry of node.entries) {
    if (entry.kind === 'spread') {
      const spread = evaluate(cx, entry.value);
      if (spread.kind === 'dict') {
        for (const [key, value] of spread.entries) entries.set(key, value);
        open ??= spread.open;
      } else {
        open ??= `\`${describe(entry.value)}\` is not known`;
      }
      continue;
    }
    const name = evaluate(cx, entry.key);
    const key = cx.language === 'python' ? keyOf(name) : scriptKey(name);
    const value = evaluate(cx, entry.value);
    if (key === undefined) open ??= `the key \`${describe(entry.key)}\` is not known`;
    else entries.set(key, value);
  }
  return open === undefined ? { kind: 'dict', entries } : { kind: 'dict', entries, open };
}

function logical(cx: Evaluator, node: Expression & { kind: 'logical' }): Value {
  const left = evaluate(cx, node.left);
  if (node.operator === '??') {
    if (left.kind === 'unknown')
      return joinValues(left, evaluate(cx, node.right), `depends on \`${describe(node.left)}\``);
    return left.kind === 'none' ? evaluate(cx, node.right) : left;
  }
  const known = truthIn(cx, left);
  if (known === undefined) {
    const right = branchValues(
      cx,
      `depends on \`${describe(node.left)}\``,
      () => evaluate(cx, node.right),
      () => left,
    );
    return left === AFTER_FAULT ? left : right;
  }
  return known === (node.operator === 'and') ? evaluate(cx, node.right) : left;
}

function conditional(cx: Evaluator, node: Expression & { kind: 'conditional' }): Value {
  const test = evaluate(cx, node.test);
  const known = truthIn(cx, test);
  if (known !== undefined) return evaluate(cx, known ? node.whenTrue : node.whenFalse);
  return branchValues(
    cx,
    `depends on \`${describe(node.test)}\``,
    () => evaluate(cx, node.whenTrue),
    () => evaluate(cx, node.whenFalse),
  );
}

function yielded(cx: Evaluator, node: Expression & { kind: 'yield' }): Value {
  const value = node.value ? evaluate(cx, node.value) : NONE;
  cx.frames.at(-1)?.yields.push(node.from ? unknownValue('one of several items') : value);
  return unknownValue('what a generator is sent is not known');
}

function assignExpression(cx: Evaluator, node: Expression & { kind: 'assign-expression' }): Value {
  const value = evaluate(cx, node.value);
  assign(cx, node.target, value);
  return value;
}
