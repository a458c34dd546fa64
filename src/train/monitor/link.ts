/**
 * The preload's end of the two pipes to the child. Reports are written synchronously and in few writes, so that none is
 * lost when the script calls `process.exit` or dies of an error; commands come in whenever the event loop turns.
 */
import fs from 'node:fs';
import net from 'node:net';
import type { TrainCommand } from '../../protocol/messages';
import { PIPES, type Report } from './report';

/** Reports of steps wait at most about this long. */
const FLUSH_MS = 100;

export class Link {
  private pending = '';
  private lastFlush = 0;
  private timer: NodeJS.Timeout | null = null;
  private lost = false;
  private readonly commands: net.Socket;

  /** `onCommand` is called for each command, `onLost` once when the child is gone. */
  constructor(
    onCommand: (command: TrainCommand) => void,
    private readonly onLost: () => void,
  ) {
    this.commands = new net.Socket({ fd: PIPES.down, readable: true, writable: false });
    let text = '';
    this.commands.setEncoding('utf8');
    this.commands.on('data', (data: string) => {
      const lines = (text + data).split('\n');
      text = lines.pop()!;
      for (const line of lines) onCommand(JSON.parse(line) as TrainCommand);
    });
    this.commands.on('error', () => {}); // `close` follows.
    this.commands.on('close', () => this.lose());
    // A script that has nothing left to do ends, monitored or not.
    this.commands.unref();
  }

  send(report: Report): void {
    this.pending += `${JSON.stringify(report)}\n`;
    const now = performance.now();
    if (report[0] !== 'step' || now - this.lastFlush >= FLUSH_MS) this.flush(now);
    else this.timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Keeps the process alive while it only waits for a command. */
  hold(on: boolean): void {
    if (on) this.commands.ref();
    else this.commands.unref();
  }

  flush(now = performance.now()): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.lastFlush = now;
    if (this.pending === '' || this.lost) return;
    const bytes = Buffer.from(this.pending);
    this.pending = '';
    for (let at = 0; at < bytes.length;) {
      try {
        at += fs.writeSync(PIPES.up, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return this.lose();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  }

  private lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.onLost();
  }
}
