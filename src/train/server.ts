/** The child's local socket: watchers attach with the run's token, hear events live, and send commands. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PROTOCOL, type FromChild, type ToChild, type TrainCommand } from '../protocol/messages';
import { RUN_FILES, type ChildRecord } from '../protocol/record';
import type { EventLog } from './event-log';

export interface ServerOptions {
  readonly folder: string;
  readonly log: EventLog;
  onCommand(command: TrainCommand): void;
}

/** A watcher that does not read holds back nobody: beyond this many bytes it is let go and may attach again. */
const BACKLOG_BYTES = 64 << 20;

export class Server {
  private readonly token = randomBytes(24).toString('hex');
  private readonly address: string;
  private readonly watchers = new Set<net.Socket>();
  private readonly server: net.Server;
  private outgoing: string[] = [];
  private scheduled = false;

  constructor(private readonly options: ServerOptions) {
    this.address = socketAddress();
    this.server = net.createServer(socket => this.accept(socket));
  }

  /** Listens, then tells where in `child.json`, which only its owner may read. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.address, resolve);
    });
    const record: ChildRecord = { pid: process.pid, protocol: PROTOCOL, address: this.address, token: this.token };
    const file = path.join(this.options.folder, RUN_FILES.child);
    fs.writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
  }

  /** Sends an event's line; lines of one turn of the event loop leave in one write. */
  send(number: number, line: string): void {
    if (this.watchers.size === 0) return;
    this.outgoing.push(`{"number":${number},"event":${line}}\n`);
    if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.deliver());
    }
  }

  /** Delivers what is left and closes every connection. */
  async close(): Promise<void> {
    this.deliver();
    fs.rmSync(path.join(this.options.folder, RUN_FILES.child), { force: true });
    const ends = [...this.watchers].map(
      socket =>
        new Promise<void>(resolve => {
          socket.once('close', () => resolve());
          socket.end();
          setTimeout(() => socket.destroy(), 1000).unref();
        }),
    );
    this.server.close();
    await Promise.all(ends);
  }

  private deliver(): void {
    this.scheduled = false;
    const text = this.outgoing.join('');
    this.outgoing = [];
    if (!text) return;
    for (const socket of this.watchers) {
      socket.write(text);
      if (socket.writableLength > BACKLOG_BYTES) socket.destroy();
    }
  }

  private accept(socket: net.Socket): void {
    let text = '';
    let attached = false;
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.watchers.delete(socket));
    socket.on('data', (data: string) => {
      const lines = (text + data).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = parse(line);
        if (attached && message && 'command' in message) this.options.onCommand(message);
        else if (!attached) attached = this.attach(socket, message);
      }
    });
  }

  private attach(socket: net.Socket, message: ToChild | null): boolean {
    const request = message && 'attach' in message ? message.attach : null;
    const refusal =
      !request || !this.isToken(request.token)
        ? 'This run does not know the token that was given.'
        : request.protocol !== PROTOCOL
          ? `This run speaks protocol ${PROTOCOL}, not ${request.protocol}.`
          : null;
    if (refusal) {
      socket.end(`${JSON.stringify({ refused: refusal } satisfies FromChild)}\n`);
      return false;
    }
    this.deliver(); // What is under way belongs to those who were there before.
    const { log } = this.options;
    log.flush();
    const { from, lines } = log.unwritten;
    const hello: FromChild = {
      hello: { protocol: PROTOCOL, pid: process.pid, run: path.basename(this.options.folder), next: from },
    };
    socket.write(`${JSON.stringify(hello)}\n`);
    lines.forEach((line, i) => socket.write(`{"number":${from + i},"event":${line}}\n`));
    this.watchers.add(socket);
    return true;
  }

  private isToken(given: unknown): boolean {
    if (typeof given !== 'string') return false;
    const [a, b] = [Buffer.from(given), Buffer.from(this.token)];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}

function parse(line: string): ToChild | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as ToChild) : null;
  } catch {
    return null;
  }
}

/** Socket paths may be no longer than about 100 bytes, which a workspace's path can exceed: they lie in the temporary folder. */
function socketAddress(): string {
  const name = `modelwright-${process.pid}-${randomBytes(8).toString('hex')}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
}
