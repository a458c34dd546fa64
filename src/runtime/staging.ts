// All or nothing: an installation works in a folder of its own beside the final one, under a lock, and is moved into
// place by one rename. Whatever ends it before that leaves the old runtime as it was.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pause } from './pause';
import { explainFileError } from './problem';

const LOCK = 'runtime.lock';
const PARTIAL = 'runtime.partial-';
const OLD = 'runtime.old-';

/** The holder of the lock touches it this often; one untouched for STALE_MS was left by a process that was killed. */
const HEARTBEAT_MS = 15_000;
const STALE_MS = 90_000;
const POLL_MS = 250;

/** Holds the storage folder's lock while `work` runs; waits for another process that holds it. */
export async function withLock<T>(
  storageFolder: string,
  { signal, onWait }: { signal?: AbortSignal; onWait?: (holder: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const lock = path.join(storageFolder, LOCK);
  try {
    await fs.mkdir(storageFolder, { recursive: true });
    while (!(await take(lock))) {
      const holder = await holderOf(lock);
      if (holder === null) continue;
      onWait?.(holder);
      await pause(POLL_MS, signal);
    }
  } catch (error) {
    throw explainFileError(error, storageFolder);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    fs.utimes(lock, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await fs.rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await fs.writeFile(lock, JSON.stringify({ pid: process.pid, host: os.hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; null where it was released meanwhile or its holder is dead (it is then removed). */
async function holderOf(lock: string): Promise<number | null> {
  const stat = await fs.stat(lock).catch(() => null);
  const text = await fs.readFile(lock, 'utf8').catch(() => null);
  if (stat === null || text === null) return null;
  let held: { pid?: number; host?: string } = {};
  try {
    held = JSON.parse(text) as typeof held;
  } catch {
    // Its holder is between creating and writing it, or was killed there: its age decides.
  }
  const dead = held.pid !== undefined && held.host === os.hostname() && !isAlive(held.pid);
  if (!dead && Date.now() - stat.mtimeMs < STALE_MS) return held.pid ?? 0;
  // The rename lets exactly one of several waiting processes remove a lock, and never one that was taken just now.
  const aside = `${lock}.${process.pid}`;
  await fs.rename(lock, aside).then(
    () => fs.rm(aside, { force: true }),
    () => {},
  );
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Calls `fill` with an empty folder and puts that folder in the place of `target` when it is done. Call it under the
 * lock: it also removes what killed installations have left.
 */
export async function replaceFolder<T>(target: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const parent = path.dirname(target);
  const unique = `${process.pid}-${Date.now().toString(36)}`;
  const partial = path.join(parent, PARTIAL + unique);
  const old = path.join(parent, OLD + unique);
  try {
    for (const name of await fs.readdir(parent)) {
      if (name.startsWith(PARTIAL) || name.startsWith(OLD)) await remove(path.join(parent, name));
    }
    await fs.mkdir(partial);
    const result = await fill(partial);
    const hadOld = await fs.rename(target, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await fs.rename(partial, target);
    } catch (error) {
      if (hadOld) await fs.rename(old, target);
      throw error;
    }
    // On Windows a library that a running training still uses cannot be deleted; the next installation sweeps it.
    await remove(old).catch(() => {});
    return result;
  } catch (error) {
    await remove(partial).catch(() => {});
    throw explainFileError(error, parent);
  }
}

function remove(folder: string): Promise<void> {
  return fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
