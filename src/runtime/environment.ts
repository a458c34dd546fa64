// The machine as the runtime room sees it. Everything that differs between machines comes in through this object, so
// that tests can play another platform, a full disk or a missing compiler.
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';

export interface RunOptions {
  cwd?: string;
  /** Added to the environment's variables; `undefined` removes one. */
  variables?: Readonly<Record<string, string | undefined>>;
  timeoutMs?: number;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
}

export interface RunResult {
  /** The exit code; null where the program did not start or was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no exit code. */
  failure: 'missing' | 'timeout' | 'cancelled' | NodeJS.Signals | null;
}

export type Run = (command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

export interface Environment {
  platform: NodeJS.Platform;
  arch: string;
  variables: Readonly<Record<string, string | undefined>>;
  homeFolder: string;
  /** The program this code runs in: Node itself, or an Electron that can act as Node. */
  host: { path: string; version: string; electron: boolean };
  /** What Modelwright brings along to build a runtime from (`dist/runtime-kit`); null where it is not there. */
  kitFolder: string | null;
  /** Starts a program without a shell and waits for its end; never rejects. */
  run: Run;
  /** Bytes free for this user on the disk of an existing folder; null where the system does not tell. */
  freeBytes: (folder: string) => Promise<number | null>;
  symlink: (target: string, path: string) => Promise<void>;
}

/** The machine we really run on. `kitFolder` lies beside the bundle that calls this. */
export function thisMachine(kitFolder: string | null): Environment {
  return {
    platform: process.platform,
    arch: process.arch,
    variables: process.env,
    homeFolder: os.homedir(),
    host: {
      path: process.execPath,
      version: process.versions.node,
      electron: process.versions['electron'] !== undefined,
    },
    kitFolder,
    run: runProgram(process.env),
    freeBytes: async folder => {
      const { bavail, bsize } = await fs.statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
      return bsize === 0 ? null : bavail * bsize;
    },
    symlink: (target, path) => fs.symlink(target, path),
  };
}

/** How much of a program's output is kept; a chatty compiler must not fill the memory. */
const KEPT_OUTPUT = 1_000_000;

const running = new Set<number>();
let endsWithUs = false;

/** Programs get a process group of their own, so that ending one ends all it has started (a compiler's passes, pip). */
export function runProgram(base: Readonly<Record<string, string | undefined>>): Run {
  return (command, args, { cwd, variables, timeoutMs, signal, onLine } = {}) =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve({ code: null, stdout: '', stderr: '', failure: 'cancelled' });
      const group = process.platform !== 'win32';
      const child = spawn(command, args, {
        cwd,
        env: { ...base, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: group,
        windowsHide: true,
      });
      let failure: RunResult['failure'] = null;
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        let rest = '';
        child[stream].setEncoding('utf8').on('data', (chunk: string) => {
          output[stream] = (output[stream] + chunk).slice(-KEPT_OUTPUT);
          const lines = (rest + chunk).split(/\r?\n|\r/);
          rest = lines.pop() ?? '';
          for (const line of lines) onLine?.(line);
        });
      }
      const end = (reason: 'timeout' | 'cancelled') => {
        failure ??= reason;
        endGroup(child.pid, group);
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), timeoutMs);
      const onAbort = () => end('cancelled');
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (code: number | null) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (child.pid !== undefined) running.delete(child.pid);
        resolve({ code: failure === null ? code : null, ...output, failure });
      };
      child.once('error', (error: NodeJS.ErrnoException) => {
        failure ??= 'missing';
        output.stderr ||= error.message;
        settle(null);
      });
      child.once('close', (code, endedBy) => {
        if (code === null) failure ??= endedBy;
        settle(code);
      });
      if (child.pid !== undefined) track(child.pid, group);
    });
}

function track(pid: number, group: boolean): void {
  running.add(pid);
  if (endsWithUs) return;
  endsWithUs = true;
  process.once('exit', () => {
    for (const each of running) endGroup(each, group);
  });
}

function endGroup(pid: number | undefined, group: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(group ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
