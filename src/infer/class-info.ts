/** What is known of a class of the program: its bases, its members, the library class at its root. */
import type { ClassDef } from '../ir/program';
import type { ClassValue, Value } from '../ir/value';
import type { CellKind } from './journal';
import type { Scope } from './scope';

export class ClassInfo {
  isDataclass = false;
  staticNames: readonly string[] = [];
  definition: ClassDef | undefined;
  /** The file of the workspace in which it stands; undefined for the program itself. */
  file: string | undefined;

  constructor(
    readonly name: string,
    readonly bases: readonly Value[],
    readonly scope: Scope,
  ) {}

  /** This class and the program's classes it derives from, nearest first, each once. */
  lineage(seen = new Set<ClassInfo>()): ClassInfo[] {
    if (seen.has(this)) return [];
    seen.add(this);
    return [this, ...this.bases.flatMap(b => (b.kind === 'class' ? classInfo(b).lineage(seen) : []))];
  }

  /** The library class at the root: `keras.layers.Layer`, `keras.Model`. */
  libraryBase(): string | undefined {
    for (const info of this.lineage()) {
      for (const b of info.bases) if (b.kind === 'library' || b.kind === 'module') return b.path;
    }
    return undefined;
  }

  /** True where a base is not known: then any attribute may exist. */
  get isOpen(): boolean {
    return this.lineage().some(info => info.bases.some(b => b.kind !== 'class'));
  }

  find(name: string, after?: ClassInfo): { readonly value: Value; readonly owner: ClassInfo } | undefined {
    const lineage = this.lineage();
    for (const info of lineage.slice(after ? lineage.indexOf(after) + 1 : 0)) {
      const value = info.scope.variables.get(name);
      if (value !== undefined) return { value, owner: info };
    }
    return undefined;
  }
}

/** What a decorator fixes of a class after it was made. */
export const CLASS_CELL: CellKind<ClassInfo, Pick<ClassInfo, 'isDataclass'>> = {
  capture: ({ isDataclass }) => ({ isDataclass }),
  restore: (info, state) => void Object.assign(info, state),
  join: (_, now) => now,
};

export function classInfo(value: ClassValue): ClassInfo {
  return value.code as ClassInfo;
}
