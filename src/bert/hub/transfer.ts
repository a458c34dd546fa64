/** One file of the hub into Python's cache: resumed where the connection was cut, kept only if its hash is right. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import type http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { get, ProxyAddressError, request, type RequestOptions } from '../../net/http-request';
import { store } from '../../net/store-response';
import { CheckpointError } from '../checkpoint-error';
import { ownPart, releasePart } from './parts';
import type { HubSettings } from './settings';

export interface TransferOptions {
  readonly settings: HubSettings;
  readonly signal?: AbortSignal;
  /** Bytes of this file that are here, and how many there will be; null where the server does not say. */
  readonly onBytes?: (done: number, total: number | null) => void;
  /** How often in a row a connection may fail without bringing a byte, and the first pause between two. */
  readonly attempts?: number;
  readonly pauseMs?: number;
  readonly stallMs?: number;
}

/** What the hub says of a file before it is fetched. */
interface FileFacts {
  /** SHA-256 of large files, git's hash of small ones; also the name of the blob. */
  readonly etag: string;
  readonly size: number | null;
}

/** Answers that trying again will not change. */
export class HubRefusal extends Error {
  constructor(
    readonly status: number,
    /** The hub's own code, such as GatedRepo. */
    readonly code: string,
  ) {
    super(`the hub answered ${status}`);
  }
}

/**
 * Fetches `url` and links it as `pointer`.
 * @throws CheckpointError for a wrong hash or a full disk; HubRefusal; any other Error where the hub is not reached
 */
export async function fetchFile(url: string, blobs: string, pointer: string, options: TransferOptions): Promise<void> {
  const { etag, size } = await repeatedly(options, () => factsOf(url, options));
  if (!/^[\w.-]+$/.test(etag)) throw new Error(`the hub names ${url} by "${etag}", which is no hash`);
  const blob = path.join(blobs, etag);
  await fs.mkdir(blobs, { recursive: true });
  if (!(await exists(blob))) {
    await fetchBlob(url, blob, size, { etag, options });
  } else {
    options.onBytes?.(size ?? 0, size);
  }
  await link(blob, pointer);
}

async function fetchBlob(
  url: string,
  blob: string,
  size: number | null,
  { etag, options }: { readonly etag: string; readonly options: TransferOptions },
): Promise<void> {
  const part = await ownPart(blob);
  try {
    let leftOver = (await sizeOf(part)) > 0;
    for (;;) {
      await receive(url, part, size, options);
      if (await hasHash(part, etag)) break;
      await fs.rm(part, { force: true });
      // What an earlier attempt had left may have been damaged: once more, from the start.
      if (!leftOver) throw wrongHash(url);
      leftOver = false;
    }
    await fs.rename(part, blob).catch(async (error: unknown) => {
      // Windows replaces no file that another process reads; the same contents are there already.
      if (!(await exists(blob))) throw error;
      await fs.rm(part, { force: true });
    });
  } finally {
    releasePart(part);
  }
}

/** The headers of the first answer; large files redirect to another host, which knows nothing of git. */
async function factsOf(url: string, options: TransferOptions): Promise<FileFacts> {
  let at = new URL(url);
  for (let redirects = 0; redirects < 5; redirects++) {
    const response = await request(at, headersOf(options), requestOptions(options, 'HEAD'));
    response.destroy();
    const { statusCode = 0, headers } = response;
    if (statusCode >= 400) throw refusalOf(response);
    const etag = headerOf(headers['x-linked-etag']) ?? headerOf(headers.etag);
    const location = headerOf(headers.location);
    // A renamed repository redirects within the hub, without a hash.
    if (etag === undefined && location !== undefined) {
      const next = new URL(location, at);
      if (next.host !== at.host) break;
      at = next;
      continue;
    }
    if (etag === undefined) break;
    const size = Number(headerOf(headers['x-linked-size']) ?? headerOf(headers['content-length']) ?? NaN);
    return { etag: etag.replace(/^W\//, '').replaceAll('"', ''), size: Number.isFinite(size) ? size : null };
  }
  throw new CheckpointError(
    `The server of ${url} does not tell the file's hash, so it cannot be checked.`,
    'Use a mirror that passes on the ETag header, or give a local folder.',
  );
}

/** Until the part is whole, over as many connections as it takes. */
async function receive(url: string, part: string, size: number | null, options: TransferOptions): Promise<void> {
  await repeatedly(
    options,
    async () => {
      const have = await sizeOf(part);
      if (size !== null && have === size) return options.onBytes?.(have, size);
      if (size !== null && have > size) await fs.rm(part, { force: true });
      await receiveOnce(url, part, size, options);
    },
    () => sizeOf(part),
  );
}

async function receiveOnce(url: string, part: string, size: number | null, options: TransferOptions): Promise<void> {
  const have = await sizeOf(part);
  const range = have > 0 ? { range: `bytes=${have}-` } : undefined;
  const response = await get(url, { ...headersOf(options), ...range }, requestOptions(options, 'GET'));
  const { statusCode = 0, headers } = response;
  if (statusCode === 416) {
    response.destroy();
    await fs.rm(part, { force: true }); // What we have is not the beginning of this file.
    throw new Error('the server has no more of the file');
  }
  if (statusCode !== 200 && statusCode !== 206) {
    response.destroy();
    throw refusalOf(response);
  }
  const begin = Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? NaN);
  if (statusCode === 206 && begin !== have) {
    response.destroy();
    await fs.rm(part, { force: true });
    throw new Error('the server sent another part of the file');
  }
  const start = statusCode === 206 ? have : 0;
  const length = Number(headers['content-length'] ?? NaN);
  const total = size ?? (Number.isFinite(length) ? start + length : null);
  let done = start;
  options.onBytes?.(done, total);
  const stall = options.stallMs ?? 30_000;
  response.setTimeout(stall, () => response.destroy(new Error(`nothing came for ${stall / 1000} s`)));
  await store(response, part, start, bytes => {
    done += bytes;
    options.onBytes?.(done, total);
  });
  // A server that closes politely in the middle is cut all the same.
  if (total !== null && done < total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
}

/** @param progress something that grows while the work gets on; then a failure does not count as a repeated one */
export async function repeatedly<T>(
  { attempts = 5, pauseMs = 500, signal }: TransferOptions,
  work: () => Promise<T>,
  progress: () => Promise<number> = () => Promise.resolve(0),
): Promise<T> {
  for (let failed = 0; ;) {
    const before = await progress();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (isFinal(error)) throw error;
      failed = (await progress()) > before ? 1 : failed + 1;
      if (failed >= attempts) throw error;
      await pause(pauseMs * 2 ** (failed - 1), undefined, { signal });
    }
  }
}

const fileErrors = ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EISDIR'];

function isFinal(error: unknown): boolean {
  if (error instanceof CheckpointError || error instanceof ProxyAddressError) return true;
  if (error instanceof HubRefusal) return error.status < 500 && error.status !== 429 && error.status !== 408;
  return fileErrors.includes((error as NodeJS.ErrnoException).code ?? '');
}

export function refusalOf({ statusCode = 0, headers }: http.IncomingMessage): HubRefusal {
  return new HubRefusal(statusCode, headerOf(headers['x-error-code']) ?? '');
}

export function headersOf({ settings: { token } }: TransferOptions): Record<string, string> {
  const headers = { 'user-agent': 'modelwright', 'accept-encoding': 'identity' };
  return token === null ? headers : { ...headers, authorization: `Bearer ${token}` };
}

export function requestOptions(options: TransferOptions, method: 'GET' | 'HEAD'): RequestOptions {
  const { settings, signal, stallMs } = options;
  return {
    variables: settings.variables,
    method,
    ...(signal && { signal }),
    ...(stallMs !== undefined && { stallMs }),
  };
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** 64 digits are the file's SHA-256, 40 git's SHA-1 of it; of any other ETag nothing is known but its size. */
async function hasHash(file: string, etag: string): Promise<boolean> {
  const expected = etag.toLowerCase();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(expected)) return true;
  const hash = createHash(expected.length === 64 ? 'sha256' : 'sha1');
  if (expected.length === 40) hash.update(`blob ${await sizeOf(file)}\0`);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex') === expected;
}

function wrongHash(url: string): CheckpointError {
  return new CheckpointError(
    `What came from ${url} is not the file it should be: its hash is wrong.`,
    'Try again; if it stays so, a proxy or mirror changes the file: ask its operator, or give a local folder.',
  );
}

/** A relative link, as Python makes it, so that the cache can be moved; where links are not allowed, the file itself. */
async function link(blob: string, pointer: string): Promise<void> {
  await fs.mkdir(path.dirname(pointer), { recursive: true });
  if (await exists(pointer)) return;
  await fs.rm(pointer, { force: true }); // A link that leads nowhere.
  try {
    await fs.symlink(path.relative(path.dirname(pointer), blob), pointer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await exists(pointer))) return; // Another process did.
    if (process.platform !== 'win32') throw error;
    await fs.rename(blob, pointer);
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.stat(file).then(
    () => true,
    () => false,
  );
}

async function sizeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
