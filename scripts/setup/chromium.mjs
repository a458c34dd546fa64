// Finds a Chromium or Chrome for the headless VS Code and the UI checks, or installs Debian's where that is possible.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { mustRun } from './processes.mjs';
import { SetupError } from './terminal.mjs';

const PLACES = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map(folder => path.join(folder, 'Google/Chrome/Application/chrome.exe')),
};

/** @returns {string | undefined} the executable of the first browser found; CHROMIUM_PATH goes before all */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  return (PLACES[os.platform()] ?? []).find(place => fs.existsSync(place));
}

/** @throws {SetupError} with what to install, where there is no browser and none can be installed from here */
export async function installChromium(update = () => {}) {
  const given = process.env.CHROMIUM_PATH;
  if (given && !fs.existsSync(given)) throw new SetupError(`CHROMIUM_PATH names ${given}, which does not exist`);
  if (findChromium()) return path.basename(findChromium());
  const root = process.getuid?.() === 0;
  if (root && fs.existsSync('/usr/bin/apt-get')) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await mustRun('apt-get', ['update'], { env, onLine: update });
    await mustRun('apt-get', ['install', '-y', 'chromium'], { env, onLine: update });
    if (findChromium()) return 'installed';
  }
  throw new SetupError(
    'no Chromium or Chrome was found: install one (Debian: `sudo apt-get install chromium`), or set CHROMIUM_PATH',
  );
}
