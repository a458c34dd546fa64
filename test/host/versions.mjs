// Which VS Code the host is, where it lies, and which Node.js it needs.
import fs from 'node:fs';
import path from 'node:path';

/** code-server 4.N.p carries VS Code 1.N.p. Tried: 4.139.1, 4.117.0, 4.100.3, 4.96.4 (the oldest VS Code supported). */
export const DEFAULT_VERSION = '4.139.1';

/** Where hosts are installed, one folder a version. Git-ignored. */
export const HOSTS = path.resolve(import.meta.dirname, '../../.vscode-test/host');

/** VSCODE_HOST_VERSION picks another than the default one. */
export const wantedVersion = () => process.env.VSCODE_HOST_VERSION || DEFAULT_VERSION;

export const minorOf = version => Number(version.split('.')[1]);

/** The major version of Node.js in the `engines` field of that code-server. */
export function nodeMajor(version) {
  if (minorOf(version) >= 133) return '24';
  return minorOf(version) >= 101 ? '22' : '20';
}

/** The file that is written last: a folder without it is a broken installation. */
export const markerOf = folder => path.join(folder, 'installed.json');

/** @returns {string} the folder of the host to use */
export function findHost(version = wantedVersion()) {
  const folder = path.join(HOSTS, version);
  if (fs.existsSync(markerOf(folder))) return folder;
  throw new Error(`no VS Code host ${version}: run \`node test/host/install.mjs --version ${version}\` first`);
}

export const nodeOf = host => path.join(host, 'node/node');
export const serverOf = host => path.join(host, 'vscode/out/server-main.js');
