// Installs the packages of package-lock.json when node_modules lacks them or holds other versions.
import fs from 'node:fs';
import { npm } from './processes.mjs';
import { SetupError } from './terminal.mjs';

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 11)) return;
  throw new SetupError(
    `Modelwright needs Node.js 20.11 or later; this is ${process.version}. Install one from https://nodejs.org.`,
  );
}

export async function installDependencies(update = () => {}) {
  if (dependenciesAreCurrent()) return 'ready';
  update('npm ci …');
  await npm(['ci', '--no-audit', '--no-fund'], { onLine: update });
  return 'installed';
}

/**
 * npm records what it has put into node_modules in a hidden lockfile; it is compared package by package, so that
 * a node_modules made by `npm install` counts as well as one made here. Optional packages (other platforms' binaries)
 * may be absent, but not of another version.
 */
export function dependenciesAreCurrent() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([place, { version, optional }]) => {
    if (place === '') return true;
    if (!installed[place]) return optional === true;
    return installed[place].version === version && fs.existsSync(place);
  });
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(fs.readFileSync(lockfile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
