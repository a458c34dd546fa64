// Whether what `train` is pointed at is a training script to run, rather than a file with a model to train.
import fs from 'node:fs/promises';
import path from 'node:path';
import { trainsByItself } from '../ide/training-script';
import { readConfiguration, SCRIPT_FILES, type ScriptRequest } from '../runs';
import type { Context } from './command';
import { splitTarget } from './target';
import type { TrainingOptions } from './training-request';
import { UsageError } from './usage-error';

/**
 * A JavaScript or TypeScript file that calls `fit`, `fitDataset` or `trainOnBatch`, or whose arguments are given, and
 * that nothing asks to train a model of. Null for everything else.
 * @throws {UsageError} for arguments of something that is no script
 */
export async function scriptOf(
  target: string,
  { data, epochs, 'batch-size': batchSize, set }: TrainingOptions,
  args: readonly string[] | undefined,
  { folder }: Context,
): Promise<Pick<ScriptRequest, 'file' | 'args'> | null> {
  const { path: written, model } = splitTarget(target);
  const file = path.resolve(folder, written);
  const aboutModel = model !== undefined || data !== undefined || epochs !== undefined || batchSize !== undefined;
  const isScript = SCRIPT_FILES.test(file) && !aboutModel && set.length === 0;
  if (args !== undefined) {
    if (isScript && (await fs.stat(file).catch(() => null))?.isFile()) return { file, args };
    if (isScript) throw new UsageError(`There is no script ${target}. Check its path.`);
    throw new UsageError(`What stands behind -- are the arguments of a script, and ${target} is not run as one.`);
  }
  if (!isScript || (await isConfigured(file))) return null;
  const text = await fs.readFile(file, 'utf8').catch(() => null);
  return text !== null && trainsByItself(text) ? { file, args: [] } : null;
}

/** A training configuration beside the file names a model of it. */
async function isConfigured(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  const names = await fs.readdir(folder).catch(() => [] as string[]);
  for (const name of names.filter(each => each.endsWith('.modelwright.json'))) {
    const configuration = await readConfiguration(path.join(folder, name)).catch(() => null);
    const [source] = (configuration?.model ?? '').split('#');
    if (source && path.resolve(folder, source) === file) return true;
  }
  return false;
}
