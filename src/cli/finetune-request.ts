// What the commands for checkpoints make of their options: folders that exist, settings of the right kind.
import fs from 'node:fs';
import path from 'node:path';
import type { FinetunePlan } from '../protocol/finetune-plan';
import type { Json } from '../protocol/messages';
import { choice, integer, number, type SettingTable, settingsFrom, share } from './settings';
import { UsageError } from './usage-error';

/** `owner/name`, with a revision if wanted: a model of the Hugging Face hub. */
const HUB_ID = /^[\w][\w.-]*\/[\w][\w.-]*(@[\w./-]+)?$/;

/**
 * A folder as an absolute path, or an id of the hub as it is.
 * @throws UsageError where neither is
 */
export function checkpointOrId(given: string, folder: string): string {
  const place = path.resolve(folder, given);
  if (!fs.existsSync(place)) {
    if (HUB_ID.test(given)) return given;
    throw new UsageError(`There is no checkpoint folder ${given}. Name a folder with config.json, or owner/name.`);
  }
  if (!fs.existsSync(path.join(place, 'config.json'))) {
    throw new UsageError(`${given} has no config.json. Name the folder that config.json lies in.`);
  }
  return place;
}

export function existingFile(given: string, folder: string, option: string): string {
  const place = path.resolve(folder, given);
  if (fs.existsSync(place)) return place;
  throw new UsageError(`There is no file ${given} (${option}).`);
}

/**
 * Where a checkpoint goes: a new folder, or one that a checkpoint lies in already.
 * @throws UsageError for a folder with other files, which would be lost
 */
export function outputFolder(given: string | undefined, folder: string): string | undefined {
  if (given === undefined) return undefined;
  const place = path.resolve(folder, given);
  if (!fs.existsSync(place)) return place;
  if (!fs.statSync(place).isDirectory()) throw new UsageError(`${given} is a file; name a folder for --output.`);
  if (fs.readdirSync(place).length === 0 || fs.existsSync(path.join(place, 'config.json'))) return place;
  throw new UsageError(`${given} has other files in it; name a new folder for --output.`);
}

/** `embeddings`, `4`, `embeddings,4`, and `4` alone freezes the embeddings below the layers as well. */
export function freezeOf(text: string | undefined): Partial<FinetunePlan> {
  if (text === undefined) return {};
  let freezeLayers = 0;
  for (const part of text.split(',').map(one => one.trim())) {
    if (part === 'embeddings') continue;
    const layers = Number(part);
    if (part === '' || !Number.isInteger(layers) || layers < 1) {
      throw new UsageError(`--freeze takes "embeddings" and a number of layers, not "${part}".`);
    }
    freezeLayers = layers;
  }
  return { freezeEmbeddings: true, freezeLayers };
}

const SETTINGS: SettingTable = {
  accumulation: { read: integer(1), wants: 'a whole number from 1 on' },
  schedule: { read: choice('linear', 'constant', 'cosine'), wants: 'linear, constant or cosine' },
  clipNorm: { read: number(0), wants: 'a number from 0 on' },
  labelSmoothing: { read: share(), wants: 'a number from 0 to below 1' },
  classWeights: {
    read: text => {
      if (text === 'balanced') return text;
      const weights = text.split(',').map(Number);
      return weights.every(weight => weight > 0) ? weights : undefined;
    },
    wants: '"balanced", or one number above 0 for each class, divided by commas',
  },
  loraAlpha: { read: number(0), wants: 'a number from 0 on' },
  loraTargets: { read: choice('attention', 'all'), wants: 'attention or all' },
  patience: { read: integer(0), wants: 'a whole number of epochs' },
  maskShare: { read: share(), wants: 'a number from 0 to below 1' },
};

/** @throws UsageError for a key that does not exist, or a value of the wrong kind */
export function withSettings(plan: FinetunePlan, settings: readonly string[]): FinetunePlan {
  return { ...plan, ...settingsFrom(SETTINGS, settings) };
}

/** For tables of runs. */
export function settingsOf(plan: object): Record<string, Json> {
  return Object.fromEntries(Object.entries(plan).filter(([, value]) => value !== null));
}
