/** Writes files and folders so that a reader sees the old one or the whole new one, never something between. */
import fs from 'node:fs';
import path from 'node:path';

/** What is written through; tests put failures here. */
export interface Disk {
  writeFileSync(file: string, data: string | Uint8Array): void;
}

export const realDisk: Disk = {
  writeFileSync(file, data) {
    const fd = fs.openSync(file, 'w');
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
};

/** For what is only a summary of something safer: whole after a kill, perhaps old after a power cut. */
export const unsynced: Disk = { writeFileSync: (file, data) => fs.writeFileSync(file, data) };

/** @throws the file system's error; the old file is untouched then. */
export function replaceFile(file: string, data: string | Uint8Array, disk: Disk = realDisk): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    disk.writeFileSync(temporary, data);
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a folder of files beside the old one, syncs it, and swaps the two. A crash between the two renames leaves the
 * old one under `<folder>.old`, which `recoverFolder` brings back.
 * @returns its size in bytes. @throws the file system's error; the old folder is whole then.
 */
export function replaceFolder(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  disk: Disk = realDisk,
): number {
  recoverFolder(folder);
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  fs.rmSync(fresh, { recursive: true, force: true });
  let bytes = 0;
  try {
    fs.mkdirSync(fresh, { recursive: true });
    for (const [name, data] of Object.entries(files)) {
      disk.writeFileSync(path.join(fresh, name), data);
      bytes += typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
    }
    syncFolder(fresh);
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  if (fs.existsSync(folder)) fs.renameSync(folder, old);
  fs.renameSync(fresh, folder);
  syncFolder(path.dirname(folder));
  fs.rmSync(old, { recursive: true, force: true });
  return bytes;
}

/** Mends what a crash in the middle of `replaceFolder` left. */
export function recoverFolder(folder: string): void {
  const old = `${folder}.old`;
  if (!fs.existsSync(old)) return;
  if (fs.existsSync(folder)) fs.rmSync(old, { recursive: true, force: true });
  else fs.renameSync(old, folder);
}

/** Makes names in a folder durable; Windows knows no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
