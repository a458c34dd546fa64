/**
 * Event files that TensorBoard opens: scalar summaries as protocol buffers in TFRecord framing. Formats: tensorflow's
 * `core/util/event.proto`, `core/framework/summary.proto`, and `core/lib/io/record_writer.cc` for the masked CRC32C.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDiskFull } from './event-log';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c >>> 0;
});

/** CRC-32C (Castagnoli). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** TFRecord stores checksums rotated and shifted, because a file may hold records that hold checksums. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + data.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return out;
}

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}

const bytesField = (field: number, bytes: Uint8Array | readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const textField = (field: number, text: string): number[] => bytesField(field, new TextEncoder().encode(text));

function doubleField(field: number, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...varint(field * 8 + 1), ...bytes];
}

function floatField(field: number, value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...varint(field * 8 + 5), ...bytes];
}

/** `Event{wall_time=1, step=2, file_version=3, summary=5}`, `Summary.Value{tag=1, simple_value=2}`. */
function event(seconds: number, step: number, values: Readonly<Record<string, number>>): Uint8Array {
  const summary = Object.entries(values).flatMap(([tag, value]) =>
    bytesField(1, [...textField(1, tag), ...floatField(2, value)]),
  );
  return Uint8Array.from([...doubleField(1, seconds), ...varint(16), ...varint(step), ...bytesField(5, summary)]);
}

/** One writer for each subfolder (`train`, `validation`), as Keras's TensorBoard callback lays them out. */
export class TensorBoardWriter {
  private readonly fd: number;
  private pending: Uint8Array[] = [];

  constructor(folder: string, now = Date.now()) {
    fs.mkdirSync(folder, { recursive: true });
    const name = `events.out.tfevents.${Math.floor(now / 1000)}.${os.hostname()}.${process.pid}.v2`;
    this.fd = fs.openSync(path.join(folder, name), 'a');
    this.pending.push(record(Uint8Array.from([...doubleField(1, now / 1000), ...textField(3, 'brain.Event:2')])));
  }

  /** Values that are not finite are left out: TensorBoard draws them at the edge. */
  add(step: number, values: Readonly<Record<string, number | null | undefined>>, now = Date.now()): void {
    const finite = Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    if (finite.length > 0) this.pending.push(record(event(now / 1000, step, Object.fromEntries(finite))));
  }

  /** A full disk loses nothing here either: what could not be written waits for the next flush. */
  flush(): void {
    try {
      while (this.pending.length > 0) {
        const bytes = this.pending[0]!;
        const written = fs.writeSync(this.fd, bytes);
        if (written < bytes.length) this.pending[0] = bytes.subarray(written);
        else this.pending.shift();
      }
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }

  close(): void {
    this.flush();
    fs.closeSync(this.fd);
  }
}
