/** The real native runtime for tests; a suite that finds none is skipped with the reason. */
import path from 'node:path';
import { chooseRuntime, launchOf, thisMachine } from '../../src/runtime';
import { loadBackend, type Backend } from '../../src/train/backend';

let folder: Promise<string | null> | undefined;
let loaded: Promise<Backend> | undefined;

/** MODELWRIGHT_RUNTIME, else what the project's set-up has made; null where there is none. */
export function runtimeFolder(): Promise<string | null> {
  folder ??= (async () => {
    const named = process.env.MODELWRIGHT_RUNTIME;
    if (named) return named === 'embedded' ? null : path.resolve(named);
    const env = thisMachine(path.resolve('dist/runtime-kit'));
    return launchOf(await chooseRuntime({ env, trusted: true }), env).tfjsNodeFolder;
  })();
  return folder;
}

/** Call in `before`: `const { tf } = await native(this)`. */
export async function native(context: Mocha.Context): Promise<Backend> {
  context.timeout(120_000);
  const found = await runtimeFolder();
  if (!found) context.skip(); // There is no native runtime: node scripts/setup/runtime.mjs makes one.
  loaded ??= loadBackend(found);
  const backend = await loaded;
  if (backend.info.kind !== 'native') throw new Error(`no native runtime: ${backend.info.because}`);
  return backend;
}
