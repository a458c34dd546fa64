/** Where runs lie: `.modelwright/runs/<id>/` in the workspace, with an id a person can read out. */
import { randomInt } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

const ADJECTIVES = [
  'amber',
  'bold',
  'brave',
  'bright',
  'brisk',
  'calm',
  'clever',
  'cosy',
  'crisp',
  'deft',
  'eager',
  'fair',
  'fleet',
  'gentle',
  'glad',
  'golden',
  'grand',
  'happy',
  'hardy',
  'honest',
  'jolly',
  'keen',
  'kind',
  'lively',
  'lucky',
  'mellow',
  'merry',
  'mild',
  'neat',
  'nimble',
  'noble',
  'patient',
  'plucky',
  'proud',
  'quick',
  'quiet',
  'rapid',
  'ready',
  'silver',
  'smart',
  'snug',
  'steady',
  'still',
  'sunny',
  'swift',
  'tidy',
  'warm',
  'wise',
];
const ANIMALS = [
  'badger',
  'beaver',
  'bison',
  'crane',
  'deer',
  'dolphin',
  'dove',
  'eagle',
  'falcon',
  'ferret',
  'finch',
  'fox',
  'gecko',
  'goose',
  'hare',
  'hawk',
  'hedgehog',
  'heron',
  'ibex',
  'jay',
  'kestrel',
  'kiwi',
  'koala',
  'lark',
  'lemur',
  'lynx',
  'marten',
  'mole',
  'moose',
  'newt',
  'otter',
  'owl',
  'panda',
  'puffin',
  'quail',
  'raven',
  'robin',
  'salmon',
  'seal',
  'shrew',
  'stork',
  'swan',
  'tapir',
  'tern',
  'toucan',
  'trout',
  'turtle',
  'vole',
  'walrus',
  'weasel',
  'wombat',
  'wren',
  'yak',
];

export const modelwrightFolder = (workspace: string): string => path.join(workspace, '.modelwright');
export const runsFolder = (workspace: string): string => path.join(modelwrightFolder(workspace), 'runs');
export const runFolder = (workspace: string, id: string): string => path.join(runsFolder(workspace), id);

/** Ids become folder names: nothing but lower-case letters, digits and dashes,
  so that no id leads out of the folder. */
export const isRunId = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,99}$/.test(text);

/** `2026-11-23-cnn-brave-otter`: local date, what was trained, and two words to tell it from its neighbours. */
function readableId(title: string, now: Date, attempt: number): string {
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, '0')).join('-');
  const stem = title
    .replace(/\.[A-Za-z]+\b/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30);
  const words = [stem || 'run', ADJECTIVES[randomInt(ADJECTIVES.length)], ANIMALS[randomInt(ANIMALS.length)]];
  return [date, ...words, ...(attempt > 0 ? [attempt + 1] : [])].join('-').replace(/-+/g, '-');
}

/** Makes a new run folder; two starts at the same moment never share one. @throws the file system's error. */
export async function createRunFolder(
  workspace: string,
  title: string,
  now: Date,
): Promise<{ id: string; folder: string }> {
  await fs.mkdir(runsFolder(workspace), { recursive: true });
  await keepOutOfGit(workspace);
  for (let attempt = 0; ; attempt++) {
    const id = readableId(title, now, attempt);
    const folder = runFolder(workspace, id);
    try {
      await fs.mkdir(folder);
      return { id, folder };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 20) throw error;
    }
  }
}

/** Runs are large and belong to one machine; an existing `.gitignore` is the user's and stays. */
async function keepOutOfGit(workspace: string): Promise<void> {
  const file = path.join(modelwrightFolder(workspace), '.gitignore');
  await fs.writeFile(file, '*\n', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
