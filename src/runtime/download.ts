// Downloads one file over connections that break: resumes where it was cut, goes through HTTP(S)_PROXY, and accepts
// the file only if its hash is right.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import type http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { get, ProxyAddressError, type RequestOptions } from '../net/http-request';
import { store } from '../net/store-response';
import { pause } from './pause';
import { explainFileError, RuntimeProblem, throwIfCancelled } from './problem';

export interface DownloadOptions extends RequestOptions {
  url: string;
  /** The finished file; until then its content grows in `<file>.part`. */
  file: string;
  /** Lower-case hexadecimal SHA-256. Where it is not known, the server's own hash (x-goog-hash) is required instead. */
  sha256?: string;
  onBytes?: (done: number, total: number | null) => void;
  /** How often in a row a connection may fail without bringing a byte, and the first pause between two. */
  attempts?: number;
  pauseMs?: number;
}

/** @throws {RuntimeProblem} no-network, hash-mismatch, disk-full, not-writable or cancelled */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, file, signal, attempts = 5, pauseMs = 500 } = options;
  const part = `${file}.part`;
  const state: Transfer = { etag: undefined, serverMd5: undefined };
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    let leftOver = (await sizeOf(part)) > 0;
    for (let failed = 0; ;) {
      const before = await sizeOf(part);
      try {
        if (!(await transfer(options, part, state))) continue;
        if (await hasRightHash(part, options, state.serverMd5)) break;
        // What an earlier attempt had left may have been of another file: once more, from the start.
        if (!leftOver) throw wrongHash(url);
        leftOver = false;
        await fs.rm(part);
      } catch (error) {
        throwIfCancelled(signal);
        if (error instanceof ProxyAddressError) throw wrongProxy(error);
        if (error instanceof RuntimeProblem || isFileError(error)) throw error;
        failed = (await sizeOf(part)) > before ? 1 : failed + 1;
        if (failed >= attempts) throw noNetwork(url, (error as Error).message);
        await pause(pauseMs * 2 ** (failed - 1), signal);
      }
    }
    await fs.rename(part, file);
  } catch (error) {
    const problem = explainFileError(error, path.dirname(file));
    // Only a broken connection leaves its part, to be resumed by the next attempt.
    if (!(problem instanceof RuntimeProblem && problem.code === 'no-network')) await fs.rm(part, { force: true });
    throw problem;
  }
}

interface Transfer {
  /** Of the first answer; a resumed one must be of the same file. */
  etag: string | undefined;
  serverMd5: string | undefined;
}

/** One connection. Returns whether the file is complete; throws where the connection was cut. */
async function transfer(options: DownloadOptions, part: string, state: Transfer): Promise<boolean> {
  const { url, onBytes, stallMs = 30_000 } = options;
  const have = await sizeOf(part);
  const headers: Record<string, string> = { 'user-agent': 'modelwright', 'accept-encoding': 'identity' };
  if (have > 0) {
    headers['range'] = `bytes=${have}-`;
    if (state.etag !== undefined) headers['if-range'] = state.etag;
  }
  const response = await get(url, headers, options);
  const { statusCode = 0 } = response;
  if (statusCode === 416 || (statusCode === 206 && rangeStart(response) !== have)) {
    response.destroy();
    await fs.rm(part, { force: true }); // What we have is not the beginning of this file.
    return have === 0 ? refuse(url, statusCode) : false;
  }
  if (statusCode !== 200 && statusCode !== 206) {
    response.destroy();
    if (statusCode >= 500 || statusCode === 429 || statusCode === 408)
      throw new Error(`the server answered ${statusCode}`);
    return refuse(url, statusCode);
  }
  state.etag ??= strongEtag(response);
  state.serverMd5 = googleMd5(response) ?? state.serverMd5;
  const start = statusCode === 206 ? have : 0;
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const total = Number.isFinite(length) ? start + length : null;
  let done = start;
  onBytes?.(done, total);
  response.setTimeout(stallMs, () => response.destroy(new Error(`nothing came for ${stallMs / 1000} s`)));
  await store(response, part, start, bytes => {
    done += bytes;
    onBytes?.(done, total);
  });
  // A server that closes politely in the middle is cut all the same.
  if (total !== null && done < total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
  return true;
}

function refuse(url: string, status: number): never {
  throw new RuntimeProblem(
    'no-network',
    `The server answered ${status} to ${url}.`,
    'Set TFJS_NODE_CDN_STORAGE to a mirror, or install TensorFlow for Python and run `modelwright doctor --fix --from python`.',
  );
}

function noNetwork(url: string, reason: string): RuntimeProblem {
  const { host } = new URL(url);
  return new RuntimeProblem(
    'no-network',
    `The server ${host} could not be reached: ${reason}.`,
    'Set HTTPS_PROXY if you are behind a proxy or TFJS_NODE_CDN_STORAGE to a mirror, and try again; what has arrived is kept.',
  );
}

function wrongProxy({ message }: ProxyAddressError): RuntimeProblem {
  return new RuntimeProblem('no-network', message, 'Correct HTTPS_PROXY or HTTP_PROXY.');
}

function rangeStart(response: http.IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Number.NaN);
}

function strongEtag(response: http.IncomingMessage): string | undefined {
  const { etag } = response.headers;
  return etag === undefined || etag.startsWith('W/') ? undefined : etag;
}

/** Google's storage announces the base64 MD5 of every object. */
function googleMd5(response: http.IncomingMessage): string | undefined {
  const value = response.headers['x-goog-hash'];
  return /md5=([A-Za-z0-9+/=]+)/.exec(Array.isArray(value) ? value.join() : (value ?? ''))?.[1];
}

async function hasRightHash(
  part: string,
  { url, sha256 }: DownloadOptions,
  serverMd5: string | undefined,
): Promise<boolean> {
  if (sha256 === undefined && serverMd5 === undefined) {
    throw new RuntimeProblem(
      'hash-mismatch',
      `The server of ${url} does not tell the file's hash, so it cannot be checked.`,
      'Use a mirror that passes on the x-goog-hash header, or install a C++ compiler, which makes this file unnecessary.',
    );
  }
  const hash = createHash(sha256 === undefined ? 'md5' : 'sha256');
  await pipeline(createReadStream(part), hash);
  return sha256 === undefined ? hash.digest('base64') === serverMd5 : hash.digest('hex') === sha256;
}

function wrongHash(url: string): RuntimeProblem {
  return new RuntimeProblem(
    'hash-mismatch',
    `What came from ${url} is not the file it should be: its hash is wrong.`,
    'Try again; if it stays so, a proxy or mirror changes the file: ask its operator, or unset TFJS_NODE_CDN_STORAGE.',
  );
}

function isFileError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EISDIR'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
}

async function sizeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
