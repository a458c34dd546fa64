/**
 * Where names live. A scope is one call of a function, one class body, one module; a closure keeps the scope it was
 * made in.
 */
import type { Value } from '../ir/value';
import type { CellKind } from './journal';
import { joinMaps } from './join';
import { WatchedMap } from './watched';

export type ScopeKind = 'module' | 'function' | 'class' | 'block';

export class Scope {
  /** Python's `global` and `nonlocal` declarations: where such a name is really kept. */
  private redirected: Map<string, Scope> | undefined;

  constructor(
    readonly kind: ScopeKind,
    readonly parent?: Scope,
    readonly variables: Map<string, Value> = new Map(),
  ) {}

  get module(): Scope {
    return this.parent ? this.parent.module : this;
  }

  /** Reads a name. The names of a class body are seen from that body alone. */
  lookup(name: string): Value | undefined {
    const own = (this.redirected?.get(name) ?? this).variables.get(name);
    if (own !== undefined) return own;
    for (let scope = this.parent; scope; scope = scope.parent) {
      if (scope.kind === 'class') continue;
      const found = scope.variables.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The scope that an assignment to `name` changes, in Python: this one, unless declared otherwise. */
  target(name: string): Scope {
    const redirected = this.redirected?.get(name);
    if (redirected) return redirected;
    return this.kind === 'block' && this.parent ? this.parent.target(name) : this;
  }

  /** The scope that an assignment changes in JavaScript: the nearest one that declares the name, else this one. */
  declaring(name: string): Scope {
    return this.variables.has(name) ? this : (this.parent?.holding(name) ?? this);
  }

  private holding(name: string): Scope | undefined {
    return this.variables.has(name) ? this : this.parent?.holding(name);
  }

  redirect(name: string, to: Scope): void {
    this.redirected ??= new Map();
    this.redirected.set(name, to);
  }

  /** The nearest scope around this one, below the module, that has the name: what `nonlocal` means. */
  enclosing(name: string): Scope | undefined {
    for (let scope = this.parent; scope; scope = scope.parent) {
      if (scope.kind === 'function' && scope.variables.has(name)) return scope;
    }
    return undefined;
  }
}

export const SCOPE_CELL: CellKind<Scope, ReadonlyMap<string, Value>> = {
  capture: ({ variables }) => (variables instanceof WatchedMap ? variables.copy() : new Map(variables)),
  restore: ({ variables }, state) => {
    if (variables instanceof WatchedMap) variables.become(state);
    else replace(variables, state);
  },
  join: (a, b, why) => joinMaps(a, b, why),
  isWatched: ({ variables }) => variables instanceof WatchedMap,
};

/** Makes the one map equal to the other without changing its identity. */
export function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}
