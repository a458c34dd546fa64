/** Imports: libraries become canonical paths, files of the workspace are evaluated once and read. */
import type { Import, ImportFrom } from '../ir/program';
import { type ClassValue, unknownValue, type Value } from '../ir/value';
import { ClassInfo } from './class-info';
import { canonicalPath } from '../catalogue';
import type { Evaluator } from './evaluator';
import { checkImport } from './keras-3';
import { Scope, SCOPE_CELL } from './scope';
import { runModule } from './statements';

/** Packages whose names the catalogue or the evaluator knows, or that at least are no file of the workspace. */
const LIBRARIES = new Set([
  'keras',
  'tensorflow',
  'numpy',
  'pandas',
  'sklearn',
  'scipy',
  'matplotlib',
  'torch',
  'transformers',
  'keras_hub',
  'keras_nlp',
  'keras_cv',
  'tensorflow_hub',
  'tensorflow_datasets',
  'tensorflow_addons',
  'tf_keras',
  'math',
  'os',
  'sys',
  'random',
  're',
  'json',
  'functools',
  'itertools',
  'collections',
  'typing',
  'dataclasses',
  'pathlib',
  'time',
  'datetime',
  'argparse',
  'glob',
  'shutil',
  'string',
  'copy',
  'abc',
  'enum',
  'operator',
  'warnings',
  'logging',
  'pickle',
  'csv',
  'io',
  'zipfile',
  'tarfile',
  'urllib',
  'requests',
  'PIL',
  'cv2',
  'seaborn',
  'tqdm',
  'jax',
  'pydot',
  'h5py',
  '__future__',
  'statistics',
  'contextlib',
  'types',
  'uuid',
  'hashlib',
  'subprocess',
  'threading',
  'multiprocessing',
  'imageio',
  'skimage',
]);

export function isLibraryImport(node: Import | ImportFrom): boolean {
  return !('level' in node && node.level > 0) && LIBRARIES.has(node.module.split('.')[0]!);
}

export function importModule(cx: Evaluator, node: Import): void {
  const [head] = node.module.split('.');
  const name = node.alias ?? head!;
  const scope = workspaceModule(cx, node.module, 0);
  if (scope) {
    bind(cx, name, moduleObject(scope));
    return;
  }
  bind(cx, name, { kind: 'module', path: canonicalPath(node.alias === undefined ? head! : node.module) });
}

export function importFrom(cx: Evaluator, node: ImportFrom): void {
  const scope = workspaceModule(cx, node.module, node.level);
  if (scope) {
    bindNames(cx, node, scope);
    return;
  }
  checkImport(cx, node);
  for (const { name, alias } of node.names) {
    if (name === '*') continue;
    const inner =
      node.level > 0 || !isLibraryImport(node) || cx.options.resolveModule
        ? workspaceModule(cx, node.module === '' ? name : `${node.module}.${name}`, node.level)
        : undefined;
    if (inner) {
      bind(cx, alias ?? name, moduleObject(inner));
      continue;
    }
    bind(
      cx,
      alias ?? name,
      node.level > 0
        ? unknownValue(`\`${name}\` comes from a file that was not found`, alias ?? name)
        : libraryName(`${node.module}.${name}`),
    );
  }
}

/** A name of a library by its canonical path. Whether it is a module does not matter: both are paths. */
export function libraryName(path: string): Value {
  return { kind: 'library', path: canonicalPath(path) };
}

function bindNames(cx: Evaluator, node: ImportFrom, scope: Scope): void {
  for (const { name, alias } of node.names) {
    if (name === '*') {
      for (const [key, value] of scope.variables) if (!key.startsWith('_')) bind(cx, key, value);
      continue;
    }
    const inner = scope.variables.get(name);
    const submodule = inner
      ? undefined
      : workspaceModule(cx, node.module === '' ? name : `${node.module}.${name}`, node.level);
    bind(
      cx,
      alias ?? name,
      inner ??
        (submodule ? moduleObject(submodule) : unknownValue(`\`${name}\` is not defined in \`${node.module}\``, name)),
    );
  }
}

function bind(cx: Evaluator, name: string, value: Value): void {
  const scope = cx.scope.target(name);
  cx.journal.touch(scope, SCOPE_CELL);
  scope.variables.set(name, value);
}

const MODULE: ClassValue = { kind: 'class', name: 'module', code: new ClassInfo('module', [], new Scope('class')) };

/** A file of the workspace as an object with its names as attributes. */
function moduleObject(scope: Scope): Value {
  return { kind: 'instance', of: MODULE, attributes: scope.variables };
}

/** Evaluates another file once; a cyclic import sees what is there so far, as in Python. */
function workspaceModule(cx: Evaluator, module: string, level: number): Scope | undefined {
  const found = cx.resolve(module, level);
  if (!found) return undefined;
  const known = cx.modules.get(found.file);
  if (known) return known;
  const scope = new Scope('module');
  cx.modules.set(found.file, scope);
  const outer = { scope: cx.scope, file: cx.file, statement: cx.statement, loops: cx.loops.splice(0) };
  cx.scope = scope;
  cx.file = found.file;
  cx.hidden++;
  try {
    runModule(cx, found.program.body);
  } finally {
    cx.hidden--;
    cx.scope = outer.scope;
    cx.file = outer.file;
    cx.statement = outer.statement;
    cx.loops.splice(0, cx.loops.length, ...outer.loops);
  }
  return scope;
}
