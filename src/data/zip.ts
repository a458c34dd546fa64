/**
 * The directory and the members of a ZIP archive, stored or deflated, with the 64-bit extension that numpy writes for
 * big arrays.
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 */
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { asDataError, ByteSource, checkFile, deflateLimit } from './bytes';
import { DataError } from './data-error';

export interface ZipMember {
  name: string;
  method: number;
  crc: number;
  compressedSize: number;
  size: number;
  headerOffset: number;
  encrypted: boolean;
}

const again = 'The archive is truncated or damaged: write or download it again.';

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/** Reads the central directory at the end of the file. */
export async function zipMembers(path: string): Promise<ZipMember[]> {
  const size = await checkFile(path);
  const file = await open(path, 'r');
  try {
    const { count, offset, length } = await endOfDirectory(path, file, size);
    if (offset + length > size || length < 46 * count) {
      throw new DataError(path, "the archive's directory points outside the file", again, { offset });
    }
    const directory = await readAt(path, file, offset, length);
    const members: ZipMember[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
        throw new DataError(path, `entry ${i + 1} of the archive's directory is damaged`, again, {
          offset: offset + at,
        });
      }
      const nameLength = directory.readUInt16LE(at + 28);
      const extraLength = directory.readUInt16LE(at + 30);
      const extraAt = at + 46 + nameLength;
      const member: ZipMember = {
        name: directory.toString('utf8', at + 46, extraAt),
        encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        compressedSize: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        headerOffset: directory.readUInt32LE(at + 42),
      };
      widen(member, directory.subarray(extraAt, extraAt + extraLength));
      const most = member.method === 8 ? (member.compressedSize + 1) * deflateLimit : Infinity;
      if (member.headerOffset + member.compressedSize > size || member.size > most) {
        throw new DataError(`${path} (${member.name})`, 'the archive promises more data than the file can hold', again);
      }
      members.push(member);
      at = extraAt + extraLength + directory.readUInt16LE(at + 32);
    }
    return members;
  } finally {
    await file.close();
  }
}

async function endOfDirectory(
  path: string,
  file: FileHandle,
  size: number,
): Promise<{ count: number; offset: number; length: number }> {
  const tailLength = Math.min(size, 22 + 0xffff);
  const tail = await readAt(path, file, size - tailLength, tailLength);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== 0x06054b50) at--;
  if (at < 0) throw new DataError(path, 'the end of the archive is missing', again);
  const record = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const locatorAt = size - tailLength + at - 20;
  if (locatorAt < 0) return record;
  const locator = await readAt(path, file, locatorAt, 20);
  if (locator.readUInt32LE(0) !== 0x07064b50) return record;
  const wideAt = toNumber(locator.readBigUInt64LE(8));
  if (wideAt + 56 > size)
    throw new DataError(path, "the archive's 64-bit directory points outside the file", again, { offset: locatorAt });
  const wide = await readAt(path, file, wideAt, 56);
  if (wide.readUInt32LE(0) !== 0x06064b50)
    throw new DataError(path, "the archive's 64-bit directory is damaged", again, { offset: wideAt });
  return {
    count: toNumber(wide.readBigUInt64LE(32)),
    length: toNumber(wide.readBigUInt64LE(40)),
    offset: toNumber(wide.readBigUInt64LE(48)),
  };
}

/**
 * Sizes that do not fit 32 bits stand in the extra field 0x0001, in this order, each only if its short form is
 * 0xffffffff.
 */
function widen(member: ZipMember, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let from = at + 4;
    for (const key of ['size', 'compressedSize', 'headerOffset'] as const) {
      if (member[key] !== 0xffffffff || from + 8 > extra.length) continue;
      member[key] = toNumber(extra.readBigUInt64LE(from));
      from += 8;
    }
  }
}

/** Numbers beyond 2^53 stay huge: every use compares with the size of the file first. */
function toNumber(value: bigint): number {
  return Number(value);
}

async function readAt(path: string, file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  try {
    const { bytesRead } = await file.read(buffer, 0, length, position);
    if (bytesRead < length)
      throw new DataError(path, "the file ends inside the archive's directory", again, {
        offset: position + bytesRead,
      });
  } catch (error) {
    throw await asDataError(path, error);
  }
  return buffer;
}

/** The bytes of a member; reading to the end also checks its length and its CRC-32. */
export async function openMember(path: string, member: ZipMember): Promise<ByteSource> {
  const label = `${path} (${member.name})`;
  if (member.encrypted)
    throw new DataError(label, 'it is encrypted', 'Unpack the archive and pack it again without a password.');
  if (member.method !== 0 && member.method !== 8) {
    throw new DataError(
      label,
      `compression method ${member.method} is not supported`,
      'Write it with numpy.savez or numpy.savez_compressed.',
    );
  }
  const file = await open(path, 'r');
  let start: number;
  try {
    const header = await readAt(path, file, member.headerOffset, 30);
    if (header.readUInt32LE(0) !== 0x04034b50)
      throw new DataError(label, 'its header is damaged', again, { offset: member.headerOffset });
    start = member.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
  const raw =
    member.compressedSize === 0
      ? Readable.from([])
      : createReadStream(path, { start, end: start + member.compressedSize - 1, highWaterMark: 1 << 18 });
  if (member.method === 0) return ByteSource.of(label, Readable.from(checked(label, raw, member)), member.size, false);
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  raw.on('error', (error: Error) => inflate.destroy(error));
  return ByteSource.of(label, Readable.from(checked(label, raw.pipe(inflate), member)), member.size, false);
}

async function* checked(label: string, stream: Readable, member: ZipMember): AsyncGenerator<Uint8Array> {
  let crc = -1;
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    crc = crc32(chunk, crc);
    length += chunk.length;
    if (length > member.size)
      throw new DataError(label, `it unpacks to more than the ${member.size} bytes the archive promises`, again);
    yield chunk;
  }
  if (length < member.size) return;
  if ((crc ^ -1) >>> 0 !== member.crc) throw new DataError(label, 'its checksum (CRC-32) is wrong', again);
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Continues a CRC-32 (start with -1, finish with `^ -1`). Node's own `zlib.crc32` came only with 20.15. */
function crc32(bytes: Uint8Array, crc: number): number {
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}
