/**
 * Appends events to `events.jsonl` from the training loop's own thread: whole lines, in few writes, at least once a
 * second, and without losing one when the disk is full.
 */
import fs from 'node:fs';
import type { TrainEvent } from '../protocol/messages';

const FLUSH_MS = 250;

export interface FileSystem {
  openSync(path: string, flags: string): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number): number;
  closeSync(fd: number): void;
}

export class EventLog {
  private readonly fd: number;
  /** Complete lines in the file, whether or not this process wrote them. */
  private written: number;
  private pending: string[] = [];
  /** Bytes of a flush that the disk took only in part; they must come before anything else. */
  private remainder: Uint8Array | null = null;
  private lastFlush = 0;
  /** The disk refused the last flush. What it refused is kept and tried again with every flush. */
  diskFull = false;

  /** Opens a log, cutting off a last line that a killed child left half-written. */
  constructor(
    file: string,
    private readonly system: FileSystem = fs,
  ) {
    this.written = repair(file);
    this.fd = system.openSync(file, 'a');
  }

  /** Number of the next event. */
  get next(): number {
    return this.written + this.pending.length;
  }

  /** Number of the first event that is not in the file yet, and those events' lines. */
  get unwritten(): { readonly from: number; readonly lines: readonly string[] } {
    return { from: this.written, lines: this.pending };
  }

  /**
   * Takes an event; it is in the file at the latest with the next event a quarter of a second later, and at once when
   * the events come more slowly than that.
   * @returns its line.
   */
  append(event: TrainEvent): string {
    const line = JSON.stringify(event);
    this.pending.push(line);
    if (event.type !== 'step' || event.time - this.lastFlush >= FLUSH_MS) this.flush(event.time);
    return line;
  }

  /** Writes what is pending. @returns false when the disk is full; what is pending stays pending. */
  flush(now = Date.now()): boolean {
    this.lastFlush = now;
    if (this.pending.length === 0) return true;
    const bytes = this.remainder ?? Buffer.from(`${this.pending.join('\n')}\n`);
    const lines = this.remainder ? this.remainderLines : this.pending.length;
    let at = 0;
    try {
      while (at < bytes.length) at += this.system.writeSync(this.fd, bytes, at);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.remainder = bytes.subarray(at);
      this.remainderLines = lines;
      this.diskFull = true;
      return false;
    }
    this.remainder = null;
    this.diskFull = false;
    this.written += lines;
    this.pending.splice(0, lines);
    return this.pending.length === 0 || this.flush(now);
  }

  private remainderLines = 0;

  close(): void {
    this.flush();
    this.system.closeSync(this.fd);
  }
}

/** True for "no space left", "quota exceeded" and "file too large". */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

/** Cuts the file after its last newline and counts its lines. */
function repair(file: string): number {
  let fd: number;
  try {
    fd = fs.openSync(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  try {
    const chunk = Buffer.allocUnsafe(1 << 20);
    let lines = 0;
    let end = 0;
    for (let position = 0; ;) {
      const bytes = fs.readSync(fd, chunk, 0, chunk.length, position);
      if (bytes === 0) break;
      for (let i = chunk.indexOf(10); i >= 0 && i < bytes; i = chunk.indexOf(10, i + 1)) {
        lines++;
        end = position + i + 1;
      }
      position += bytes;
    }
    fs.ftruncateSync(fd, end);
    return lines;
  } finally {
    fs.closeSync(fd);
  }
}
