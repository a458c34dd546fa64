/** From what a person names — a folder, or a model of the hub — to a folder with a checkpoint, downloaded if need be. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { get, ProxyAddressError } from '../../net/http-request';
import { CheckpointError } from '../checkpoint-error';
import { cachedCommit, cachedSnapshot, neededFiles, parseHubId, partsOf, repositoryFolder, type HubId } from './cache';
import { hubSettings, type HubSettings } from './settings';
import {
  fetchFile,
  headersOf,
  HubRefusal,
  refusalOf,
  repeatedly,
  requestOptions,
  type TransferOptions,
} from './transfer';

export interface DownloadProgress {
  readonly file: string;
  /** Counted from 1. */
  readonly index: number;
  readonly files: number;
  /** Bytes of this file. */
  readonly done: number;
  readonly total: number | null;
}

export interface LocateOptions extends Partial<Omit<TransferOptions, 'onBytes'>> {
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export interface Located {
  readonly folder: string;
  readonly source: 'folder' | 'cache' | 'hub';
}

/**
 * A folder is taken as it is; of a model id the snapshot in Python's cache, and only what is missing is downloaded.
 * @throws CheckpointError with one sentence and the way out
 */
export async function locateCheckpoint(name: string, options: LocateOptions = {}): Promise<Located> {
  if (await isFolder(name)) return { folder: name, source: 'folder' };
  const id = parseHubId(name);
  if (id === null) {
    throw new CheckpointError(
      `There is no folder ${name}, and it cannot be a model of the Hugging Face hub.`,
      'Give a folder with config.json in it, or an id such as google-bert/bert-base-uncased.',
    );
  }
  const settings = options.settings ?? hubSettings();
  const snapshot = await cachedSnapshot(settings.cache, id);
  if (snapshot !== null) return { folder: snapshot, source: 'cache' };
  if (settings.offline) throw offline(id, settings, 'HF_HUB_OFFLINE is set');
  try {
    return { folder: await download(id, { ...options, settings }), source: 'hub' };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explain(error, id, settings);
  }
}

async function isFolder(name: string): Promise<boolean> {
  return fs.stat(name).then(
    entry => entry.isDirectory(),
    () => false,
  );
}

async function download(id: HubId, options: TransferOptions & LocateOptions): Promise<string> {
  const { settings } = options;
  const folder = repositoryFolder(settings.cache, id);
  const { commit, names } = await repeatedly(options, () => listFiles(id, options));
  const needed = neededFiles(names);
  if (!needed.includes('config.json') || !needed.some(name => /^(model|pytorch_model)\./.test(name))) {
    throw new CheckpointError(
      `${id.repository} has no ${needed.includes('config.json') ? 'weights in safetensors or PyTorch form' : 'config.json'}.`,
      'Choose a model of the BERT family saved by transformers.',
    );
  }
  const snapshot = path.join(folder, 'snapshots', commit);
  const queue = [...needed];
  for (let i = 0; i < queue.length; i++) {
    const file = queue[i]!;
    const url = `${settings.endpoint}/${id.repository}/resolve/${commit}/${file}`;
    const onBytes = (done: number, total: number | null): void =>
      options.onProgress?.({ file, index: i + 1, files: queue.length, done, total });
    await fetchFile(url, path.join(folder, 'blobs'), path.join(snapshot, file), { ...options, onBytes });
    if (/^(model|pytorch_model)\..*index\.json$/.test(file)) {
      const parts = partsOf(await fs.readFile(path.join(snapshot, file), 'utf8'));
      queue.push(...parts.filter(part => names.includes(part)));
    }
  }
  // Last, so that a branch never names a snapshot that is not whole.
  if (commit !== id.revision) await writeReference(folder, id.revision, commit);
  return snapshot;
}

async function writeReference(folder: string, revision: string, commit: string): Promise<void> {
  if ((await cachedCommit(folder, revision)) === commit) return;
  const file = path.join(folder, 'refs', revision);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(`${file}.${process.pid}`, commit);
  await fs.rename(`${file}.${process.pid}`, file);
}

/** The commit of a revision and the names of its files. */
async function listFiles(id: HubId, options: TransferOptions): Promise<{ commit: string; names: string[] }> {
  const revision = encodeURIComponent(id.revision);
  const url = `${options.settings.endpoint}/api/models/${id.repository}/revision/${revision}`;
  const response = await get(url, headersOf(options), requestOptions(options, 'GET'));
  if (response.statusCode !== 200) {
    response.destroy();
    throw refusalOf(response);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { sha, siblings } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    sha?: string;
    siblings?: { rfilename: string }[];
  };
  if (sha === undefined || !/^[\w.-]+$/.test(sha)) throw new Error('the hub names no commit');
  return { commit: sha, names: (siblings ?? []).map(({ rfilename }) => rfilename) };
}

function offline(id: HubId, { cache }: HubSettings, reason: string): CheckpointError {
  return new CheckpointError(
    `${id.repository} is not in the cache ${cache}, and the hub cannot be asked: ${reason}.`,
    'Give a local folder with the checkpoint, or fetch it where there is a network (hf download ' +
      `${id.repository}) and copy ${path.basename(repositoryFolder(cache, id))} into the cache.`,
  );
}

function explain(error: unknown, id: HubId, settings: HubSettings): Error {
  if (error instanceof CheckpointError) return error;
  if (error instanceof ProxyAddressError)
    return new CheckpointError(error.message, 'Correct HTTPS_PROXY or HTTP_PROXY.');
  if (error instanceof HubRefusal) return explainRefusal(error, id, settings);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CheckpointError(
      `The disk that holds ${settings.cache} is full.`,
      'Free some space, or set HF_HUB_CACHE to a folder on another disk; what has arrived is kept.',
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR') {
    return new CheckpointError(
      `The cache ${settings.cache} cannot be written to.`,
      'Set HF_HUB_CACHE to a folder you can write to.',
    );
  }
  return offline(id, settings, `${new URL(settings.endpoint).host} did not answer (${message || code || 'no reason'})`);
}

/** The hub answers 401 to names that do not exist as well, so as not to tell which private ones do. */
function explainRefusal({ status, code }: HubRefusal, { repository, revision }: HubId, { token }: HubSettings): Error {
  if (code === 'GatedRepo') {
    return new CheckpointError(
      `${repository} is given only to those who accepted its conditions.`,
      'Accept them on its page, and set HF_TOKEN to a token of that account.',
    );
  }
  if (status === 401 || status === 403) {
    return new CheckpointError(
      `The hub does not give ${repository} ${token === null ? 'without a token' : 'to this token'} (${status}).`,
      'Check the spelling; for a private model set HF_TOKEN, or log in with `hf auth login`.',
    );
  }
  if (status === 404) {
    return code === 'RevisionNotFound'
      ? new CheckpointError(`${repository} has no revision ${revision}.`, 'Choose a branch, tag or commit that it has.')
      : new CheckpointError(
          `The hub has no model ${repository} (404).`,
          'Check the spelling; ids look like google-bert/bert-base-uncased.',
        );
  }
  return new CheckpointError(
    `The hub answered ${status} for ${repository}.`,
    'Try again later, or give a local folder.',
  );
}
