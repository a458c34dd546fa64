// The first experience, from nothing but a checkout: sets everything up, shows the main job in the terminal, then opens
// VS Code with the extension on examples/.
//
//   npm start                 all of it
//   npm start -- --no-open    stops after the terminal part
//   npm start -- --serve      serves VS Code to a browser even where there is a desktop one
//   npm start -- --port 8000  serves it there; by default on any free port
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll } from './setup/bundles.mjs';
import { checkNode, installDependencies } from './setup/dependencies.mjs';
import { endWithSignals } from './setup/processes.mjs';
import { installRuntime } from './setup/runtime.mjs';
import { bold, fail, SetupError, step, yellow } from './setup/terminal.mjs';
import { tour } from './start/tour.mjs';
import { openEditor, prepareEditor } from './start/editor.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));
const closers = [];
endWithSignals(() => Promise.all(closers.map(close => close())));

function readOptions() {
  try {
    const options = { 'no-open': { type: 'boolean' }, serve: { type: 'boolean' }, port: { type: 'string' } };
    const { values } = parseArgs({ options });
    const port = Number(values.port ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port} is not a port`);
    return { open: !values['no-open'], serve: values.serve ?? false, port };
  } catch (error) {
    throw new SetupError(`${error.message}. Options: --no-open, --serve, --port N`);
  }
}

async function main() {
  const options = readOptions();
  console.log(bold('Setting up'));
  checkNode();
  await step('Dependencies', installDependencies);
  await step('Build', () => buildAll());
  try {
    await step('TensorFlow', installRuntime);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(yellow(`  ${error.message}`));
    console.log(yellow('  Training will use the embedded JavaScript TensorFlow.js, which is slow.'));
  }
  let editor;
  if (options.open) await step('VS Code', async update => (editor = await prepareEditor(options, update)).name);

  await tour();
  if (editor) await openEditor(editor, options, closers);
}

await main().catch(fail);
