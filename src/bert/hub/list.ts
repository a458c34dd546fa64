/** What Python's cache of the hub holds: every model whose snapshot is whole. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { cachedSnapshot, parseHubId } from './cache';

export interface CachedModel {
  /** "owner/name", with the revision where it is not `main`. */
  readonly id: string;
  readonly folder: string;
}

/** Empty where there is no cache; a model that was downloaded in part is left out. */
export async function cachedModels(cache: string): Promise<CachedModel[]> {
  const names = await fs.readdir(cache).catch(() => []);
  const found = await Promise.all(
    names.filter(name => name.startsWith('models--')).map(name => snapshotsOf(cache, name)),
  );
  return found.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function snapshotsOf(cache: string, name: string): Promise<CachedModel[]> {
  const repository = name.slice('models--'.length).replaceAll('--', '/');
  const revisions = await fs.readdir(path.join(cache, name, 'refs')).catch(() => []);
  const models = await Promise.all(
    revisions.map(async (revision): Promise<CachedModel[]> => {
      const id = revision === 'main' ? repository : `${repository}@${revision}`;
      const parsed = parseHubId(id);
      const folder = parsed && (await cachedSnapshot(cache, parsed));
      return folder ? [{ id, folder }] : [];
    }),
  );
  return models.flat();
}
