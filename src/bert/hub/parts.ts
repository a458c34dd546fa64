/**
 * Files of the cache that are still on their way. Several processes may fetch the same one, ours and Python's: each
 * writes a part of its own, whole files are renamed into place, and what a process that is gone has left is taken over
 * by renaming too, which only one can win. So no locks are needed, and none can be left behind.
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const ENDING = '.incomplete';

/** What nobody has written to for so long belongs to no one: of Python's processes and of other machines no more is known. */
const ABANDONED_MS = 10 * 60_000;

let made = 0;

/** Of this process; its others have failed and may be gone on with. */
const active = new Set<string>();

/** A name for the part of a blob that nobody else writes to; a part that was left behind is its beginning. */
export async function ownPart(blob: string): Promise<string> {
  const own = `${blob}.${hostName()}.${process.pid}.${made++}${ENDING}`;
  active.add(own);
  for (const left of await leftBehind(blob)) {
    const won = await fs.rename(left, own).then(
      () => true,
      () => false, // Somebody was faster.
    );
    if (won) return own;
  }
  return own;
}

/** Lets the next one go on with what is there of a part. */
export function releasePart(part: string): void {
  active.delete(part);
}

/** The largest first. */
async function leftBehind(blob: string): Promise<string[]> {
  const [folder, name] = [path.dirname(blob), path.basename(blob)];
  const parts = (await fs.readdir(folder)).filter(one => one.startsWith(`${name}.`) && one.endsWith(ENDING));
  const found: { file: string; size: number }[] = [];
  for (const part of parts) {
    const file = path.join(folder, part);
    const entry = await fs.stat(file).catch(() => null);
    if (entry === null || active.has(file)) continue;
    if (!isAbandoned(part.slice(name.length + 1, -ENDING.length), entry.mtimeMs)) continue;
    found.push({ file, size: entry.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ file }) => file);
}

/** @param owner `host.pid.number`; empty for Python's */
function isAbandoned(owner: string, changed: number): boolean {
  const [, host, pid] = /^(.+)\.(\d+)\.\d+$/.exec(owner) ?? [];
  if (host === hostName()) return Number(pid) === process.pid || !isAlive(Number(pid));
  return Date.now() - changed > ABANDONED_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const hostName = (): string => os.hostname().replace(/[^\w-]/g, '-') || 'host';
