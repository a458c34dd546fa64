// Builds dist/ in a process of its own, since esbuild may have been installed a moment ago.
import { mustRun } from './processes.mjs';

export async function buildAll({ production = false } = {}) {
  await mustRun(process.execPath, ['scripts/build.mjs', ...(production ? ['--production'] : [])]);
}
