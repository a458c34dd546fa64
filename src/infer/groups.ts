/**
 * Which names of the module may share an object that changes. Nothing says which objects a statement looks at, but it
 * can only reach them through the names it reads; so names that were ever brought together by one statement form a
 * group, and whatever changes something through one of them gives all of them a new version.
 */
import { type Value } from '../ir/value';
import { classInfo } from './class-info';
import { closureOf } from './functions';
import type { Scope } from './scope';

interface Group {
  version: number;
  readonly names: Set<string>;
}

export class Groups {
  private readonly of = new Map<string, Group>();

  version(name: string): number | undefined {
    return this.of.get(name)?.version;
  }

  /** What a statement did: `assigned` says of each name whether it may now lead to an object that changes. */
  note(read: Iterable<string>, assigned: ReadonlyMap<string, boolean>, version: number, changes: boolean): void {
    const met = new Set<Group>();
    for (const name of read) {
      const group = this.of.get(name);
      if (group) met.add(group);
    }
    let links = false;
    for (const [name, isLinked] of assigned) {
      this.of.get(name)?.names.delete(name);
      this.of.delete(name);
      links ||= isLinked;
    }
    if (!links && !changes) return;
    const merged = largest(met) ?? { version, names: new Set() };
    merged.version = version;
    for (const group of met) if (group !== merged) for (const name of group.names) this.join(name, merged);
    for (const [name, isLinked] of assigned) if (isLinked) this.join(name, merged);
  }

  private join(name: string, group: Group): void {
    group.names.add(name);
    this.of.set(name, group);
  }
}

function largest(groups: ReadonlySet<Group>): Group | undefined {
  let found: Group | undefined;
  for (const group of groups) if (!found || group.names.size > found.names.size) found = group;
  return found;
}

/** Nesting beyond this is taken for something that changes. */
const MAX_DEPTH = 8;

/**
 * True for a value behind which nothing changes: numbers, libraries, data, and the functions and classes of the module
 * itself, which reach what changes through names alone.
 */
export function isPlain(value: Value, module: Scope, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  const plain = (inner: Value | undefined): boolean => inner === undefined || isPlain(inner, module, depth + 1);
  switch (value.kind) {
    case 'number':
    case 'size':
    case 'string':
    case 'boolean':
    case 'none':
    case 'range':
    case 'module':
    case 'library':
      return true;
    case 'unknown':
      return value.either === undefined;
    case 'tuple':
      return value.items.length < MOST_ITEMS && value.items.every(plain) && plain(value.rest);
    case 'slice':
      return plain(value.lower) && plain(value.upper) && plain(value.step);
    case 'tensor':
      return (
        value.node === undefined && (value.elements ?? []).length < MOST_ITEMS && !value.elements?.some(v => !plain(v))
      );
    case 'object':
      return [...value.args.values()].every(plain) && plain(value.element);
    case 'function': {
      const code = closureOf(value);
      return isOfModule(code.scope, module) && code.file === undefined && [...code.defaults.values()].every(plain);
    }
    case 'class': {
      const info = classInfo(value);
      return (
        isOfModule(info.scope, module) && info.bases.every(plain) && [...info.scope.variables.values()].every(plain)
      );
    }
    default:
      return false;
  }
}

const MOST_ITEMS = 100;

function isOfModule(scope: Scope, module: Scope): boolean {
  return scope === module || (scope.kind === 'class' && scope.parent === module);
}
