/**
 * Reading a file's bytes from front to back, plain or gzip-compressed, with errors that name the file and the way out.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { bytesText, DataError } from './data-error';
import type { ReadContext } from './reader';

/** Deflate cannot compress better than this (zlib, "Technical Details"): a header that claims more is wrong. */
export const deflateLimit = 1032;

export function resolvePath(path: string, context: Pick<ReadContext, 'folder'>): string {
  return isAbsolute(path) ? path : resolve(context.folder, path);
}

/** @returns the size in bytes of a readable, non-empty regular file; everything else is a DataError. */
export async function checkFile(path: string): Promise<number> {
  let info;
  try {
    info = await stat(path);
  } catch (error) {
    throw await asDataError(path, error);
  }
  if (info.isDirectory()) {
    throw new DataError(
      path,
      'this is a folder, not a file',
      'Name a file in it, or use "reader": "image-folder" for images.',
    );
  }
  if (info.isFile() && info.size === 0)
    throw new DataError(path, 'the file is empty', 'Check how it was written or downloaded.');
  try {
    await (await open(path, 'r')).close();
  } catch (error) {
    throw await asDataError(path, error);
  }
  return info.size;
}

/** Turns an error of the file system or of zlib into a DataError; other errors pass unchanged. */
export async function asDataError(path: string, error: unknown): Promise<Error> {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const near = await similarName(path);
      return new DataError(
        path,
        'there is no such file',
        near
          ? `Did you mean "${near}"?`
          : 'Check the path; relative paths start at the folder of the configuration file.',
      );
    }
    case 'EACCES':
    case 'EPERM':
      return new DataError(path, 'no permission to read the file', 'Change its permissions or use a copy you own.');
    case 'EISDIR':
      return new DataError(path, 'this is a folder, not a file', 'Name a file in it.');
    case 'Z_BUF_ERROR':
      return new DataError(
        path,
        'the compressed data ends too early',
        'The file is truncated: download or write it again.',
      );
    case 'Z_DATA_ERROR':
      return new DataError(path, `the compressed data is damaged (${message})`, 'Download or write the file again.');
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

/** A file beside `path` whose name differs by compression or letter case only. */
async function similarName(path: string): Promise<string | null> {
  const plain = (name: string): string =>
    name
      .toLowerCase()
      .replace(/\.gz$/, '')
      .replace(/[^a-z0-9]/g, '');
  try {
    const wanted = plain(basename(path));
    return (await readdir(dirname(path))).find(name => plain(name) === wanted) ?? null;
  } catch {
    return null;
  }
}

/** Sequential reader of bytes; always `close` it. */
export class ByteSource {
  private pending: Uint8Array = new Uint8Array(0);
  private iterator: AsyncIterator<Uint8Array>;
  /** Bytes handed out so far, in the uncompressed data. */
  offset = 0;

  /** @param bound upper bound of the uncompressed length, known without reading. */
  private constructor(
    readonly path: string,
    private readonly stream: Readable,
    readonly bound: number,
    readonly compressed: boolean,
  ) {
    // The iterator listens only from the first `pull` on, and reports an error that came earlier then; nobody else need
    // hear it.
    stream.on('error', () => {});
    this.iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  /** Opens a file; gzip is recognised by its magic number, not by the name. */
  static async open(path: string): Promise<ByteSource> {
    const size = await checkFile(path);
    const file = await open(path, 'r');
    const magic = new Uint8Array(2);
    try {
      await file.read(magic, 0, 2, 0);
    } finally {
      await file.close();
    }
    const compressed = magic[0] === 0x1f && magic[1] === 0x8b;
    const raw = createReadStream(path, { highWaterMark: 1 << 18 });
    if (!compressed) return new ByteSource(path, raw, size, false);
    const gunzip = createGunzip({ chunkSize: 1 << 18 });
    raw.on('error', error => gunzip.destroy(error));
    gunzip.on('close', () => raw.destroy());
    return new ByteSource(path, raw.pipe(gunzip), size * deflateLimit, true);
  }

  /** A source over any stream of bytes, such as a member of an archive. */
  static of(path: string, stream: Readable, bound: number, compressed: boolean): ByteSource {
    return new ByteSource(path, stream, bound, compressed);
  }

  /** Fills `target` as far as there is data and returns how many bytes there were. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      if (this.pending.length === 0 && !(await this.pull())) break;
      const part = this.pending.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.pending = this.pending.subarray(part.length);
    }
    this.offset += filled;
    return filled;
  }

  /** The next `length` bytes; a shorter file is an error that says what was being read. */
  async take(length: number, what: string): Promise<Uint8Array> {
    const target = new Uint8Array(length);
    const at = this.offset;
    const filled = await this.fill(target);
    if (filled < length) {
      throw new DataError(
        this.path,
        `the file ends inside ${what} (${length} bytes wanted, ${filled} found)`,
        'It is truncated: download or write it again.',
        { offset: at },
      );
    }
    return target;
  }

  async atEnd(): Promise<boolean> {
    return this.pending.length === 0 && !(await this.pull());
  }

  close(): void {
    this.stream.destroy();
  }

  private async pull(): Promise<boolean> {
    try {
      const next = await this.iterator.next();
      if (next.done) return false;
      this.pending = next.value;
      return next.value.length > 0 || this.pull();
    } catch (error) {
      throw await asDataError(this.path, error);
    }
  }
}

/** The first `length` bytes of the uncompressed data, fewer in a short file. Used to tell the kind of a file. */
export async function headOf(path: string, length = 512): Promise<Uint8Array> {
  const source = await ByteSource.open(path);
  try {
    const head = new Uint8Array(length);
    return head.subarray(0, await source.fill(head));
  } finally {
    source.close();
  }
}

export function memoryLimit(context: Pick<ReadContext, 'memoryLimit'>): number {
  return context.memoryLimit ?? Math.min(totalmem() / 2, 8 * 2 ** 30);
}

/**
 * Refuses an array before it is allocated. `bound` is the most the file can hold: a header that claims more is a lie,
 * and is
 * reported as such even where memory would do.
 */
export function checkSize(
  file: string,
  context: Pick<ReadContext, 'memoryLimit'>,
  bytes: number,
  hint = 'Set "limit" to read fewer samples.',
): void {
  const limit = memoryLimit(context);
  if (bytes <= limit && bytes < 2 ** 33) return;
  throw new DataError(
    file,
    `the data would take ${bytesText(bytes)} of memory, the limit is ${bytesText(limit)}`,
    hint,
  );
}
