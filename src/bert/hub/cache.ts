/** Python's cache of the hub: blobs by hash, a folder of links per commit, a file per branch that names its commit. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { tokenizerFileNames } from '../tokenizer/index';

export interface HubId {
  /** "owner/name", or a name alone for the oldest models. */
  readonly repository: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

/** "owner/name" or "owner/name@revision"; null for what cannot be an id. */
export function parseHubId(text: string): HubId | null {
  const match = /^((?:[\w.-]+\/)?[\w.-]+)(?:@([\w./-]+))?$/.exec(text);
  if (!match || /(^|\/)[.-]|\.\.|--|\.git$|[.-](\/|$)/.test(match[1]!) || match[2]?.includes('..')) return null;
  return { repository: match[1]!, revision: match[2] ?? 'main' };
}

export function repositoryFolder(cache: string, { repository }: HubId): string {
  return path.join(cache, ['models', ...repository.split('/')].join('--'));
}

/** The weights in the order we like them; those with an index come in parts. */
const weightFiles = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

/** What of a repository is needed. Of two kinds of weights only the better one. Parts are known from their index. */
export function neededFiles(names: readonly string[]): string[] {
  const weights = weightFiles.find(name => names.includes(name));
  const wanted = new Set<string>(['config.json', ...tokenizerFileNames, ...(weights ? [weights] : [])]);
  // With tokenizer.json the SentencePiece model adds nothing.
  if (names.includes('tokenizer.json')) wanted.delete('spiece.model');
  return names.filter(name => wanted.has(name));
}

/** Names of the parts in an index of weights, each once. */
export function partsOf(index: string): string[] {
  const { weight_map: map } = JSON.parse(index) as { weight_map?: Record<string, string> };
  // A path that leads elsewhere would be written elsewhere.
  return [...new Set(Object.values(map ?? {}))].filter(name => /^[\w.-]+$/.test(name) && !name.includes('..'));
}

/** The commit a revision stands for here; null when it was never fetched. */
export async function cachedCommit(folder: string, revision: string): Promise<string | null> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  return fs.readFile(path.join(folder, 'refs', revision), 'utf8').then(
    text => text.trim(),
    () => null,
  );
}

/** The snapshot's folder when everything a checkpoint needs is in it, else null. */
export async function cachedSnapshot(cache: string, id: HubId): Promise<string | null> {
  const folder = repositoryFolder(cache, id);
  const commit = await cachedCommit(folder, id.revision);
  if (commit === null || !/^[\w.-]+$/.test(commit)) return null;
  const snapshot = path.join(folder, 'snapshots', commit);
  return (await isComplete(snapshot)) ? snapshot : null;
}

export async function isComplete(snapshot: string): Promise<boolean> {
  // `stat` follows links: one that leads to no blob does not count.
  const has = (name: string): Promise<boolean> =>
    fs.stat(path.join(snapshot, name)).then(
      entry => entry.isFile(),
      () => false,
    );
  if (!(await has('config.json'))) return false;
  const tokenizers = await Promise.all(tokenizerFileNames.map(has));
  if (!tokenizers.some(Boolean)) return false;
  for (const name of weightFiles) {
    if (!(await has(name))) continue;
    if (!name.endsWith('.index.json')) return true;
    const parts = await fs
      .readFile(path.join(snapshot, name), 'utf8')
      .then(partsOf)
      .catch(() => []);
    if (parts.length > 0 && (await Promise.all(parts.map(has))).every(Boolean)) return true;
  }
  return false;
}
