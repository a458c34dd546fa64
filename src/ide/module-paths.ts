/** Where the module of an import may lie, as Python and bundlers look for it; paths with forward slashes. */

/** `level` counts the dots of `from ..x import y`; `here` is the folder of the importing file. */
export function pythonModulePaths(module: string, level: number, here: string, root: string): string[] {
  const name = module
    .replace(/^\.+/, '')
    .split('.')
    .filter(part => part !== '');
  const bases = level > 0 ? [joined(here, ...Array.from({ length: level - 1 }, () => '..'))] : [here, root];
  return [...new Set(bases)].flatMap(base => {
    const place = joined(base, ...name);
    return name.length === 0 ? [`${place}/__init__.py`] : [`${place}.py`, `${place}/__init__.py`];
  });
}

const SCRIPT_ENDINGS = ['', '.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.jsx', '/index.ts', '/index.js'];

/** `module` as it is written, `./x.js`. */
export function scriptModulePaths(module: string, here: string): string[] {
  const place = joined(here, ...module.split('/'));
  // TypeScript's own projects import `./x.js` for a file `x.ts`.
  const typed = place.replace(/\.([mc]?)js$/, '.$1ts');
  return [...SCRIPT_ENDINGS.map(ending => place + ending), ...(typed === place ? [] : [typed])];
}

/** Every place where the module that `from` imports may be, the likeliest first. */
export function modulePaths(module: string, level: number, from: string, root: string): string[] {
  const slashed = from.replace(/\\/g, '/');
  const here = slashed.slice(0, Math.max(0, slashed.lastIndexOf('/')));
  if (/\.(pyi?|ipynb)$/.test(from)) return pythonModulePaths(module, level, here, root.replace(/\\/g, '/'));
  return module.startsWith('.') ? scriptModulePaths(module, here) : [];
}

/** Text in columns; an editor watches files of these names. */
const DATA_ENDINGS = /\.(csv|tsv|txt|data|dat)$/;

/**
 * The places of a file of data that a program names: below its own folder, or below the root where it is started. A
 * path that leaves the root is not looked at, whatever the program would do.
 */
export function dataPaths(path: string, from: string, root: string): string[] {
  if (!DATA_ENDINGS.test(path)) return [];
  const slashed = path.replace(/\\/g, '/');
  const top = root.replace(/\\/g, '/').replace(/\/$/, '');
  const source = from.replace(/\\/g, '/');
  const here = source.slice(0, Math.max(0, source.lastIndexOf('/')));
  const isAbsolute = slashed.startsWith('/') || /^[a-z]:/i.test(slashed);
  const places = isAbsolute
    ? [joined(...splitRoot(slashed))]
    : [here, top].map(base => joined(base, ...slashed.split('/')));
  return [...new Set(places)].filter(place => place.startsWith(`${top}/`));
}

function splitRoot(path: string): [string, ...string[]] {
  const [first, ...others] = path.split('/');
  return [first!, ...others];
}

function joined(base: string, ...parts: readonly string[]): string {
  const all = base.split('/');
  for (const part of parts) {
    if (part === '..') all.pop();
    else if (part !== '' && part !== '.') all.push(part);
  }
  return all.join('/');
}
