/** The real native runtime for tests; a suite that has none is skipped with the reason. */
import { loadBackend, type Backend } from '../../src/train/backend';

let loaded: Promise<Backend> | undefined;

/** Call in `before`: `const { tf } = await native(this)`. */
export async function native(context: Mocha.Context): Promise<Backend> {
  const folder = process.env.MODELWRIGHT_RUNTIME;
  if (!folder || folder === 'embedded') {
    context.skip(); // MODELWRIGHT_RUNTIME names no native runtime; `npm test` sets one up.
  }
  context.timeout(60_000);
  loaded ??= loadBackend(folder);
  const backend = await loaded;
  if (backend.info.kind !== 'native') throw new Error(`no native runtime: ${backend.info.because}`);
  return backend;
}
