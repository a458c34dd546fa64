/** The program's own classes: definition, inheritance, instances. What a library base class does is in `custom-layers.ts`. */
import type { ClassDef, Statement } from '../ir/program';
import { type ClassValue, type InstanceValue, unknownValue, type Value } from '../ir/value';
import type { CallArguments } from './call';
import { ClassInfo, classInfo } from './class-info';
import { initializeBase, layerForInstance } from './custom-layers';
import { AFTER_FAULT, type Evaluator } from './evaluator';
import { evaluate } from './expressions';
import { callFunction, type Closure, CLOSURE_CELL, closureOf } from './functions';
import { ATTRIBUTES_CELL } from './join';
import { Scope } from './scope';
import { runBlock } from './statements';
import type { Span } from '../ir/span';

export function defineClass(cx: Evaluator, node: ClassDef): ClassValue {
  const bases = node.bases.filter(b => b.name === undefined).map(b => evaluate(cx, b.value));
  const scope = new Scope('class', cx.scope);
  const info = new ClassInfo(node.name, bases, scope);
  info.definition = node;
  info.staticNames = node.staticNames;
  const outer = cx.scope;
  cx.scope = scope;
  try {
    runBlock(cx, node.body);
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
  const constructor = info.find('__init__') ?? info.find('constructor');
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

/** `super()` where no arguments are given: the class that the running method belongs to, and its `self`. */
export function implicitSuper(cx: Evaluator): Value {
  const frame = cx.frames.at(-1);
  const self = [...cx.scope.variables.values()][0];
  if (!frame || self?.kind !== 'instance' || !(frame.owner instanceof ClassInfo))
    return unknownValue('super() outside of a method');
  return { kind: 'super', instance: self, after: { kind: 'class', name: frame.owner.name, code: frame.owner } };
}
