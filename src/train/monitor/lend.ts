/**
 * Lends the script TensorFlow.js where it has none: a package of TensorFlow.js that cannot be resolved from the script
 * is taken from Modelwright's runtime. What the script can find itself stays its own.
 */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const LENT = [
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-data',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-cpu',
];

/** Who lacks these is lent tfjs-node, which has all their names, computes natively, and may be all that a runtime has. */
const IN_TFJS_NODE = new Set([
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-converter',
]);

type ResolveFilename = (request: string, ...rest: unknown[]) => string;
type Resolved = { url: string };
type NextResolve = (specifier: string, context: unknown) => Resolved;

/** The parts of `node:module` that are not in every release, or not in its types. */
const loader = Module as unknown as {
  _resolveFilename: ResolveFilename;
  register(specifier: string, options: { data: unknown }): void;
  registerHooks?(hooks: { resolve(specifier: string, context: unknown, next: NextResolve): Resolved }): void;
};

/** Runs in the thread of Node's loader where hooks cannot run in the script's own (before Node 22.15). */
const HOOKS = `
let lent;
export const initialize = data => { lent = data; };
export const resolve = async (specifier, context, next) => {
  try { return await next(specifier, context); }
  catch (error) {
    if (error?.code === 'ERR_MODULE_NOT_FOUND' && lent[specifier]) return next(lent[specifier], context);
    throw error;
  }
};`;

/** Call it before the script is loaded. `tell` hears the name of each package that is lent, once. */
export function lendTensorFlow(script: string, runtime: string, tell: (name: string) => void): void {
  const own = createRequire(script);
  const ours = createRequire(path.join(runtime, 'package.json'));
  const native = resolved(ours, '@tensorflow/tfjs-node');
  const lent = new Map<string, string>();
  for (const name of LENT) {
    if (resolved(own, name) !== null) continue;
    const file = (IN_TFJS_NODE.has(name) ? native : null) ?? resolved(ours, name);
    if (file !== null) lent.set(name, file);
  }
  if (lent.size === 0) return;
  const said = new Set<string>();
  const say = (name: string): void => {
    if (!said.has(name)) tell(name);
    said.add(name);
  };

  const original = loader._resolveFilename;
  loader._resolveFilename = function (request, ...rest) {
    try {
      return original.call(this, request, ...rest);
    } catch (error) {
      const file = lent.get(request);
      if (file === undefined || (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
      say(request);
      return file;
    }
  };
  const urls = new Map([...lent].map(([name, file]) => [name, pathToFileURL(file).href]));
  if (!loader.registerHooks) {
    loader.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: Object.fromEntries(urls) });
    return;
  }
  loader.registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        const url = urls.get(specifier);
        const { code } = error as NodeJS.ErrnoException;
        if (url === undefined || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) throw error;
        say(specifier);
        return next(url, context);
      }
    },
  });
}

function resolved(from: NodeJS.Require, name: string): string | null {
  try {
    return from.resolve(name);
  } catch {
    return null;
  }
}
