/** One connection to a running child: the handshake, events up, commands down. */
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {
  PROTOCOL,
  parseEvent,
  type FromChild,
  type ToChild,
  type TrainCommand,
  type TrainEvent,
} from '../protocol/messages';
import { RUN_FILES, type ChildRecord } from '../protocol/record';

/** The child's `child.json`, or null where no child runs (or is not up yet). */
export async function readChildRecord(folder: string): Promise<ChildRecord | null> {
  try {
    const value = JSON.parse(await fs.readFile(path.join(folder, RUN_FILES.child), 'utf8')) as Partial<ChildRecord>;
    const whole = typeof value.pid === 'number' && typeof value.address === 'string' && typeof value.token === 'string';
    return whole ? (value as ChildRecord) : null;
  } catch {
    return null;
  }
}

/**
 * Whether a child answers at its address. A process id alone proves nothing after a restart of the machine; a socket
 * with nobody behind it refuses at once, and one of a busy child accepts even while the child computes.
 */
export async function childAnswers(folder: string): Promise<boolean> {
  const record = await readChildRecord(folder);
  if (!record) return false;
  return new Promise(resolve => {
    const socket = net.connect(record.address);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

export interface ConnectionEvents {
  /** The events from number `next` on will come live; those before it are in the event log. */
  onHello(next: number): void;
  onEvent(event: TrainEvent, number: number): void;
  /** The child will not talk to us; the sentence says why. */
  onRefused(message: string): void;
  onClose(): void;
}

export class Connection {
  private readonly socket: net.Socket;
  private text = '';

  constructor(
    record: ChildRecord,
    private readonly events: ConnectionEvents,
  ) {
    this.socket = net.connect(record.address);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (data: string) => this.take(data));
    this.socket.on('error', () => {}); // `close` follows and says all there is to say.
    this.socket.on('close', () => this.events.onClose());
    if (record.protocol !== PROTOCOL) {
      this.events.onRefused(otherProtocol(record.protocol));
      this.socket.destroy();
      return;
    }
    this.write({ attach: { protocol: PROTOCOL, token: record.token } });
  }

  send(command: Exclude<TrainCommand, { command: 'start' }>): void {
    this.write(command);
  }

  close(): void {
    this.socket.destroy();
  }

  private write(message: ToChild): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  private take(data: string): void {
    const lines = (this.text + data).split('\n');
    this.text = lines.pop()!;
    for (const line of lines) this.hear(line);
  }

  private hear(line: string): void {
    let message: FromChild;
    try {
      message = JSON.parse(line) as FromChild;
    } catch {
      return;
    }
    if ('hello' in message) {
      if (message.hello.protocol === PROTOCOL) this.events.onHello(message.hello.next);
      else this.events.onRefused(otherProtocol(message.hello.protocol));
    } else if ('refused' in message) {
      this.events.onRefused(message.refused);
    } else {
      const event = parseEvent(JSON.stringify(message.event));
      if (event) this.events.onEvent(event, message.number);
    }
  }
}

function otherProtocol(number: number): string {
  return (
    `This run was started by another version of Modelwright (protocol ${number}, this one speaks ${PROTOCOL}). ` +
    'It trains on; follow it with the version that started it, or wait until it has ended.'
  );
}
