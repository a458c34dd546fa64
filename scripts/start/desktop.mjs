// Finds the desktop VS Code, or downloads one.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from '../setup/terminal.mjs';

/** Where the `code` command lies when it is not on the PATH. */
const PLACES = {
  linux: ['/usr/bin/code', '/snap/bin/code'],
  darwin: ['/Applications', path.join(os.homedir(), 'Applications')].map(folder =>
    path.join(folder, 'Visual Studio Code.app/Contents/Resources/app/bin/code'),
  ),
  win32: [process.env.LOCALAPPDATA && path.join(process.env.LOCALAPPDATA, 'Programs'), process.env.PROGRAMFILES]
    .filter(Boolean)
    .map(folder => path.join(folder, 'Microsoft VS Code/bin/code.cmd')),
};

/** VS Code's desktop application refuses to run as root. */
export function hasScreen() {
  if (process.platform !== 'linux') return true;
  return process.getuid() !== 0 && Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** @returns {string | undefined} the `code` command */
export function findDesktop() {
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const onPath = folders.flatMap(folder => names.map(name => path.join(folder, name)));
  return [...onPath, ...(PLACES[process.platform] ?? [])].find(file => fs.existsSync(file));
}

/** @returns {Promise<string | undefined>} the downloaded executable; on Linux nothing when the download fails */
export async function downloadDesktop(update) {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  const reporter = { report: ({ stage }) => update(`downloading: ${stage}`), error: () => {} };
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', reporter });
  } catch (error) {
    if (process.platform === 'linux') return undefined; // VS Code from npm will be served instead.
    throw new SetupError(
      `there is no VS Code and it cannot be downloaded (${error.message}): get it from https://code.visualstudio.com`,
    );
  }
}
