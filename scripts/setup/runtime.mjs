// Makes sure the training child has a native TensorFlow, through the project's own runtime set-up.
import fs from 'node:fs';
import { run } from './processes.mjs';
import { SetupError } from './terminal.mjs';

const SCRIPT = 'scripts/setup-runtime.mjs';

/** @throws {SetupError} where only the embedded JavaScript fallback is left */
export async function installRuntime(update = () => {}) {
  if (!fs.existsSync(SCRIPT)) throw new SetupError(`${SCRIPT} does not exist`);
  let last = '';
  const onLine = line => update((last = line));
  const { code, output } = await run(process.execPath, [SCRIPT], { onLine });
  if (code !== 0) throw new SetupError(`no native TensorFlow: ${output.trim().split('\n').slice(-12).join('\n')}`);
  return last;
}
