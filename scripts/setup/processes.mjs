// Starts other programs so that none outlives the script: each gets a process group of its own, which ends with us.
import fs from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './terminal.mjs';

const windows = process.platform === 'win32';
const running = new Set();

/** In the environment of all that we start and of all that it starts, however detached. */
const MARK = `MODELWRIGHT_STARTED_BY=${process.pid}-${Date.now()}`;
process.env.MODELWRIGHT_STARTED_BY = MARK.split('=')[1];

/** How long a program may take to end by itself after Ctrl+C (a training run stops its child and closes its files). */
const GRACE_MS = 8000;

/**
 * Runs a program to its end.
 * @param {'inherit' | 'capture'} [options.output] to the terminal, or kept and shown only on failure (the default)
 * @param {(line: string) => void} [options.onLine] called with every line of captured output
 * @returns {Promise<{ code: number, output: string }>} a program ended by a signal has code 128 + 15
 */
export function run(command, args, { cwd, env, output = 'capture', onLine, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, {
      cwd,
      shell,
      env: { ...process.env, ...env },
      stdio: ['ignore', ...(output === 'inherit' ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', chunk => {
        text += chunk;
        for (const line of String(chunk).split(/[\r\n]+/)) if (line.trim()) onLine?.(line.trim());
      });
    }
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 143, output: text }));
  });
}

/** As `run`, but a failure is an error that shows the end of the program's output. */
export async function mustRun(command, args, options) {
  const { code, output } = await run(command, args, options).catch(error => ({ code: -1, output: error.message }));
  if (code === 0) return output;
  const tail = output.trim().split('\n').slice(-25).join('\n');
  throw new SetupError(`"${[command, ...args].join(' ')}" failed (exit ${code}).\n${tail}`);
}

/** Runs npm: the one that runs us, where there is one (no shell and no PATH needed then), else the one on the PATH. */
export function npm(args, options = {}) {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) return mustRun(process.execPath, [script, ...args], options);
  return mustRun('npm', args, { ...options, shell: windows });
}

/** Starts a program that ends, at the latest, when this script does. */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: !windows, windowsHide: true });
  running.add(child);
  child.once('close', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Asks a program and all it has started to end, and makes them end if they do not. */
export function stop(child, graceMs = GRACE_MS) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    const force = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    child.once('close', () => {
      clearTimeout(force);
      signalGroup(child, 'SIGKILL'); // What the program itself has left behind.
      resolve();
    });
    signalGroup(child, 'SIGINT');
  });
}

function signalGroup(child, signal) {
  if (!windows) kill(-child.pid, signal);
  else if (signal === 'SIGKILL') spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
  else child.kill(signal);
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/**
 * Ends what has left its process group: a training run is detached, so that it outlives the window it was started from,
 * but not the `npm start` around that window. Linux alone tells the environment of a process.
 */
async function endDetached() {
  if (process.platform !== 'linux') return;
  for (const [signal, patience] of [
    ['SIGTERM', 50],
    ['SIGKILL', 10],
  ]) {
    for (const pid of marked()) kill(pid, signal);
    for (let i = 0; i < patience && marked().length > 0; i++) await sleep(100);
  }
}

function marked() {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => {
      try {
        return fs.readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(MARK);
      } catch {
        return false; // Another user's, or ended.
      }
    })
    .map(Number);
}

/** Makes Ctrl+C, a closed terminal and `kill` end every program started here, then `cleanUp`, then this script. */
export function endWithSignals(cleanUp = () => {}) {
  let ending = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, async () => {
      if (ending) return;
      ending = true;
      await Promise.all([...running].map(child => stop(child)));
      await cleanUp();
      await endDetached();
      process.exit(code);
    });
  }
  process.on('exit', () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
  });
}
