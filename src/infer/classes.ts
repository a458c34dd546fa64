/** The program's own classes: definition, inheritance, instances. What a library base class does is in `custom-layers.ts`. */
import type { ClassDef, Expression, Statement } from '../ir/program';
import { type ClassValue, type InstanceValue, NONE, unknownValue, type Value } from '../ir/value';
import type { CallArguments } from './call';
import { ClassInfo, classInfo } from './class-info';
import { initializeBase, layerForInstance } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { callFunction, type Closure, CLOSURE_CELL, closureOf } from './functions';
import { ModelObject } from './graph';
import { ATTRIBUTES_CELL } from './join';
import { Scope } from './scope';
import { runBlock, runStatement } from './statements';
import type { Span } from '../ir/span';

export function defineClass(cx: Evaluator, node: ClassDef): ClassValue {
  const bases = node.bases.filter(b => b.name === undefined).map(b => evaluate(cx, b.value));
  const scope = new Scope('class', cx.scope);
  const info = new ClassInfo(node.name, bases, scope);
  info.definition = node;
  info.staticNames = node.staticNames;
  info.file = cx.file;
  const outer = cx.scope;
  cx.scope = scope;
  try {
    if (cx.language === 'python') runBlock(cx, node.body);
    // The fields of an instance are made when it is.
    else for (const member of node.body) if (!fieldOf(info, member)) runStatement(cx, member, []);
  } finally {
    cx.scope = outer;
  }
  for (const member of scope.variables.values()) if (member.kind === 'function') own(cx, closureOf(member), info);
  return { kind: 'class', name: node.name, code: info };
}

/** A function that was made outside of the class body can be a method too. */
function own(cx: Evaluator, code: Closure, info: ClassInfo): void {
  if (code.scope !== info.scope) cx.journal.note(code, CLOSURE_CELL);
  code.owner ??= info;
}

export function instantiate(cx: Evaluator, cls: ClassValue, args: CallArguments, at: Span): Value {
  const info = classInfo(cls);
  const instance: InstanceValue = { kind: 'instance', of: cls, attributes: new Map() };
  const base = info.libraryBase();
  if (base !== undefined) layerForInstance(cx, instance, base, at);
  if (cx.language !== 'python') {
    cx.findings.called.add(info);
    return construct(cx, info, instance, args, at) === AFTER_FAULT ? AFTER_FAULT : instance;
  }
  const constructor = info.find('__init__');
  if (constructor?.value.kind === 'function') {
    cx.findings.called.add(info);
    const result = callFunction(cx, constructor.value, args, at, instance);
    if (result === AFTER_FAULT) return AFTER_FAULT;
  } else if (info.isDataclass) {
    fillDataclass(cx, info, instance, args);
  } else if (base !== undefined) {
    const failed = initializeBase(cx, instance, base, args, at);
    if (failed === AFTER_FAULT) return failed;
  }
  cx.findings.called.add(info);
  return instance;
}

/** JavaScript: the class's own constructor, or the one that the language puts in its place. */
function construct(cx: Evaluator, info: ClassInfo, instance: InstanceValue, args: CallArguments, at: Span): Value {
  const own = info.scope.variables.get('constructor');
  if (own?.kind !== 'function') return constructBase(cx, info, instance, args, at);
  if (info.bases.length === 0) setFields(cx, info, instance);
  return callFunction(cx, own, args, at, instance);
}

/** `super(…)` in a constructor of this class: the base class, then the fields of this one. */
function constructBase(cx: Evaluator, info: ClassInfo, instance: InstanceValue, args: CallArguments, at: Span): Value {
  const parent = info.bases.find(b => b.kind === 'class');
  const base = info.libraryBase();
  const result = parent
    ? construct(cx, classInfo(parent), instance, args, at)
    : base === undefined
      ? NONE
      : initializeBase(cx, instance, base, args, at);
  setFields(cx, info, instance);
  return result;
}

/** `super(…)` in the constructor that is running. */
export function superConstructor(cx: Evaluator, args: CallArguments, at: Span): Value {
  const found = implicitSuper(cx);
  return found.kind === 'super' ? constructBase(cx, classInfo(found.after), found.instance, args, at) : found;
}

/** The field `units = 3` of a class in JavaScript: what it is called, and its value. */
function fieldOf(
  info: ClassInfo,
  member: Statement,
): { readonly target: Expression & { kind: 'name' }; readonly value: Expression } | undefined {
  if (member.kind !== 'assign' || !member.value) return undefined;
  const [target] = member.targets;
  return target?.kind === 'name' && !info.staticNames.includes(target.name)
    ? { target, value: member.value }
    : undefined;
}

function setFields(cx: Evaluator, info: ClassInfo, instance: InstanceValue): void {
  const outer = { scope: cx.scope, file: cx.file };
  for (const member of info.definition?.body ?? []) {
    const field = fieldOf(info, member);
    if (!field) continue;
    cx.scope = new Scope('function', info.scope);
    cx.scope.variables.set('this', instance);
    cx.file = info.file;
    const value = evaluate(cx, field.value);
    const { name, span } = field.target;
    setInstanceAttribute(cx, instance, name, value.kind === 'unknown' ? cx.named(name, value) : value);
    noteModel(cx, instance, value, name, span, member.span);
    Object.assign(cx, outer);
  }
}

/** A model that a plain object of the program keeps in a field is one of the models of the file. */
export function noteModel(
  cx: Evaluator,
  instance: InstanceValue,
  value: Value,
  name: string,
  nameSpan: Span,
  statement: Span,
): void {
  const model = value.kind === 'model' ? value.model : value.kind === 'instance' ? value.layer : undefined;
  if (!(model instanceof ModelObject) || instance.layer || cx.file !== undefined) return;
  const { bindings } = cx.findings;
  if (!bindings.some(b => b.model === model)) bindings.push({ name, model, nameSpan, statement });
}

/** A dataclass takes its annotated names as parameters, with the class-level values as defaults. */
function fillDataclass(cx: Evaluator, info: ClassInfo, instance: InstanceValue, args: CallArguments): void {
  const positional = [...args.positional];
  for (const cls of [...info.lineage()].reverse()) {
    for (const name of fieldNames(cls.definition?.body ?? [])) {
      const given = positional.shift()?.value ?? args.keywords?.get(name)?.value ?? cls.scope.variables.get(name);
      const value =
        given?.kind === 'object' && given.path === 'dataclasses.field'
          ? (given.args.get('default') ?? unknownValue('the default is made anew each time'))
          : given;
      instance.attributes.set(name, value ?? cx.named(name, unknownValue(`\`${name}\` is not given`)));
    }
  }
}

function fieldNames(body: readonly Statement[]): string[] {
  return body.flatMap(s =>
    s.kind === 'assign' && s.annotation && s.targets[0]?.kind === 'name' ? [s.targets[0].name] : [],
  );
}

/** A member of a class as seen through an instance: a function becomes a method, a property its value. */
export function bindMember(cx: Evaluator, self: Value, member: Value, name: string, at: Span | undefined): Value {
  if (member.kind !== 'function') return member;
  const { binding } = closureOf(member);
  if (binding === 'static') return member;
  if (binding === 'property') return callFunction(cx, member, { positional: [] }, at, self);
  return { kind: 'method', self: binding === 'class' && self.kind === 'instance' ? self.of : self, name, of: member };
}

export function setInstanceAttribute(cx: Evaluator, instance: InstanceValue, name: string, value: Value): void {
  cx.journal.touch(instance.attributes, ATTRIBUTES_CELL);
  instance.attributes.set(name, value);
}

/**
 * `super()` where no arguments are given: the class that the running method belongs to, and its `self`. JavaScript's
 * `super` also stands in arrow functions inside of the method.
 */
export function implicitSuper(cx: Evaluator): Value {
  const isPython = cx.language === 'python';
  const frame = isPython ? cx.frames.at(-1) : [...cx.frames].reverse().find(f => f.owner !== undefined);
  const self = isPython ? [...cx.scope.variables.values()][0] : cx.scope.lookup('this');
  if (!frame || self?.kind !== 'instance' || !(frame.owner instanceof ClassInfo))
    return unknownValue('super() outside of a method');
  return { kind: 'super', instance: self, after: { kind: 'class', name: frame.owner.name, code: frame.owner } };
}
