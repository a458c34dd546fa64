// Starts the VS Code server of a host: the web workbench on a loopback port, behind a token, with real extension hosts.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { nodeOf, serverOf } from './versions.mjs';

const LISTEN_LIMIT_MS = 60_000;

/**
 * @typedef {object} Server
 * @property {number} port
 * @property {string} token what a request must carry, as `tkn` in its address or in a cookie
 * @property {import('node:child_process').ChildProcess} process
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} options.host folder of an installed host
 * @param {string} options.userData where settings and state are kept; made when missing
 * @param {string} options.extensions where extensions are installed
 * @param {string} options.temporary folder with a short path, for sockets and temporary files
 * @param {boolean} [options.testDriver] lets a page name an extension under development and its tests; hides toasts
 * @param {boolean} [options.autoShutdown] ends a server that no window has used for five minutes
 * @param {boolean} [options.workspaceTrust] asks before it trusts a folder, as the desktop does
 * @param {string} [options.log] file for the server's output
 * @returns {Promise<Server>} listening
 */
export async function startServer(options) {
  const { host, userData, extensions, temporary, port = 0, log, env, args = [] } = options;
  const token = randomBytes(16).toString('hex');
  const serverArgs = [
    serverOf(host),
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--connection-token',
    token,
    '--server-data-dir',
    path.join(userData, 'server'),
    '--user-data-dir',
    userData,
    '--extensions-dir',
    extensions,
    '--accept-server-license-terms',
    '--telemetry-level',
    'off',
    ...(options.autoShutdown ? ['--enable-remote-auto-shutdown'] : []),
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
    ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
    ...args,
  ];
  // setpriv (util-linux) makes the server end with us even when we are killed outright.
  const tied = fs.existsSync('/usr/bin/setpriv');
  const command = tied ? '/usr/bin/setpriv' : nodeOf(host);
  const commandArgs = tied ? ['--pdeathsig', 'TERM', nodeOf(host), ...serverArgs] : serverArgs;

  // No extension gallery: nothing is looked up on the network.
  const folders = { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary };
  const environment = { ...process.env, ...env, ...folders, EXTENSIONS_GALLERY: '{}' };
  for (const name of ['NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE', 'VSCODE_IPC_HOOK_CLI']) delete environment[name];

  const child = spawn(command, commandArgs, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: environment });
  try {
    return { port: await listening(child, log), token, process: child, close: () => endGroup(child) };
  } catch (error) {
    await endGroup(child);
    throw error;
  }
}

function listening(child, log) {
  const file = log && fs.createWriteStream(log);
  return new Promise((resolve, reject) => {
    let output = '';
    const read = chunk => {
      file?.write(chunk);
      if (output.length > 20_000) return;
      output += chunk;
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port) resolve(Number(port));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      file?.end();
      reject(new Error(`the VS Code server ended (${code ?? signal}) before it listened:\n${output.slice(-2000)}`));
    });
    const late = `the VS Code server did not start within ${LISTEN_LIMIT_MS / 1000} s`;
    setTimeout(() => reject(new Error(`${late}:\n${output}`)), LISTEN_LIMIT_MS).unref();
  });
}

/** Ends the server and what it has started (extension hosts, terminals), by force after three seconds. */
function endGroup(child) {
  const signal = name => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group has ended.
    }
  };
  if (child.exitCode !== null || child.signalCode !== null) {
    signal('SIGKILL');
    return Promise.resolve();
  }
  return new Promise(resolve => {
    const force = setTimeout(() => signal('SIGKILL'), 3000);
    child.once('exit', () => {
      clearTimeout(force);
      signal('SIGKILL');
      resolve();
    });
    signal('SIGTERM');
  });
}

/** A scratch folder of this process with a short path (it holds sockets); removes those of processes that have died. */
export function scratchFolder() {
  const base = os.tmpdir();
  for (const name of fs.readdirSync(base)) {
    const owner = /^vscode-host-(\d+)-/.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) fs.rmSync(path.join(base, name), { recursive: true, force: true });
  }
  return fs.mkdtempSync(path.join(base, `vscode-host-${process.pid}-`));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
