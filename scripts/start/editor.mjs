// Opens VS Code with this extension on examples/: the desktop one where there is a screen and one is found or can be
// downloaded, else one served to a browser of this machine.
import path from 'node:path';
import { installHost } from '../../test/host/install.mjs';
import { start } from '../setup/processes.mjs';
import { bold } from '../setup/terminal.mjs';
import { downloadDesktop, findDesktop, hasScreen } from './desktop.mjs';
import { serve } from './served.mjs';

const FOLDER = path.resolve('examples');
const FILE = path.join(FOLDER, 'keras/cnn.py');

/** @returns {Promise<{ name: string, command?: string, flags?: string[] }>} without `command` it will be served */
export async function prepareEditor({ serve: wantsServed }, update) {
  if (!wantsServed && hasScreen()) {
    const command = findDesktop();
    if (command) return { name: command, command };
    const downloaded = await downloadDesktop(update);
    // As test-electron does: the sandbox of an unpacked VS Code wants a file owned by root.
    const flags = process.platform === 'linux' ? ['--no-sandbox'] : [];
    if (downloaded) return { name: downloaded, command: downloaded, flags };
  }
  await installHost({ update });
  return { name: 'to be served to a browser' };
}

/** Returns when a desktop window was opened; a served VS Code runs until Ctrl+C. */
export async function openEditor({ command, flags = [] }, { port }, closers) {
  console.log(`\n${bold('VS Code')}`);
  if (command) {
    const args = [...flags, `--extensionDevelopmentPath=${process.cwd()}`, FOLDER, FILE];
    const shell = /\.cmd$/i.test(command);
    const quote = text => (shell ? `"${text}"` : text);
    const child = start(quote(command), args.map(quote), { stdio: 'ignore', shell });
    console.log('A window with the extension opens on examples/. Ctrl+C ends what was started here.');
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
    return;
  }
  const { url, ended, close } = await serve({ folder: FOLDER, file: FILE, port });
  closers.push(close);
  console.log(`Open this address in a browser on this machine:\n\n  ${url}\n\nCtrl+C ends it.`);
  await ended;
}
