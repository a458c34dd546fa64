/** Training configurations (`*.modelwright.json`): read with comments, checked key by key, changed by `--set`. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { DataConfig } from '../data/readers';
import type { Json } from '../protocol/messages';
import { withoutComments } from './json-comments';

/** A class and its arguments,
  in camel case as in the file: `{"class": "Adam", "learningRate": 0.001}`; or its name alone. */
export type ConfiguredObject = string | { readonly class: string; readonly [argument: string]: Json };

export interface TrainingConfiguration {
  /** `cnn.py#model`: a file relative to the configuration's folder, then a variable, function or class of it. */
  readonly model?: string;
  /** Values of parameters and of sizes that the source leaves open. */
  readonly args?: Readonly<Record<string, Json>>;
  readonly data?: DataConfig;
  readonly compile?: {
    readonly optimizer?: ConfiguredObject;
    readonly loss?: ConfiguredObject | readonly ConfiguredObject[];
    readonly metrics?: readonly ConfiguredObject[];
  };
  readonly fit?: {
    readonly epochs?: number;
    readonly batchSize?: number;
    readonly shuffle?: boolean;
    readonly seed?: number;
    /** Class index → weight in the loss. */
    readonly classWeight?: Readonly<Record<string, number>>;
  };
  readonly callbacks?: Readonly<Record<string, boolean | Readonly<Record<string, Json>>>>;
}

/** A configuration that cannot be used; the message is one sentence that names the file and the way out. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** `earlyStopping` in the file is Keras's class `EarlyStopping`. */
export const CALLBACKS = {
  earlyStopping: 'EarlyStopping',
  reduceLROnPlateau: 'ReduceLROnPlateau',
  checkpoint: 'ModelCheckpoint',
  terminateOnNaN: 'TerminateOnNaN',
} as const;

type Check = (value: Json) => boolean;

const isObject: Check = v => typeof v === 'object' && v !== null && !Array.isArray(v);
const isPositive: Check = v => typeof v === 'number' && Number.isInteger(v) && v > 0;
const isNamed: Check = v => typeof v === 'string' || (isObject(v) && typeof (v as { class?: Json }).class === 'string');

/** Every key with what its value must be, in words and as a check. */
const KEYS: Readonly<Record<string, readonly [words: string, check: Check]>> = {
  $schema: ['a string', v => typeof v === 'string'],
  model: ['a string such as "cnn.py#model"', v => typeof v === 'string'],
  args: ['an object of values by name', isObject],
  data: ['an object with a "reader"', v => isObject(v) && typeof (v as { reader?: Json }).reader === 'string'],
  compile: ['an object', isObject],
  'compile.optimizer': ['a name or an object with a "class"', isNamed],
  'compile.loss': [
    'a name or an object with a "class", or a list of them',
    v => isNamed(v) || (Array.isArray(v) && v.every(isNamed)),
  ],
  'compile.metrics': ['a list of names or of objects with a "class"', v => Array.isArray(v) && v.every(isNamed)],
  fit: ['an object', isObject],
  'fit.epochs': ['a positive integer', isPositive],
  'fit.batchSize': ['a positive integer', isPositive],
  'fit.shuffle': ['true or false', v => typeof v === 'boolean'],
  'fit.seed': ['an integer', v => Number.isInteger(v)],
  'fit.classWeight': [
    'an object of numbers by class index',
    v => isObject(v) && Object.values(v as object).every(n => typeof n === 'number'),
  ],
  callbacks: ['an object', isObject],
  ...Object.fromEntries(
    Object.keys(CALLBACKS).map(name => [
      `callbacks.${name}`,
      ['true, false or an object of arguments', (v: Json) => typeof v === 'boolean' || isObject(v)],
    ]),
  ),
};

/** Sections whose keys are listed above; the keys of the others belong to whoever reads them. */
const SECTIONS = ['compile', 'fit', 'callbacks'];

/** @throws ConfigurationError */
export async function readConfiguration(file: string): Promise<TrainingConfiguration> {
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(
      error.code === 'ENOENT'
        ? `There is no training configuration ${file}. Check the path.`
        : `${file} cannot be read (${error.code ?? error.message}). Check its permissions.`,
    );
  });
  let value: Json;
  try {
    value = JSON.parse(withoutComments(text)) as Json;
  } catch (error) {
    throw new ConfigurationError(`${file} is not valid JSON: ${(error as Error).message}.`);
  }
  return checked(value, path.basename(file));
}

/** @throws ConfigurationError that names the first key that is unknown or of the wrong kind. */
export function checked(value: Json, name: string): TrainingConfiguration {
  if (!isObject(value))
    throw new ConfigurationError(`${name} holds no object. Write {"model": "cnn.py#model", "data": {…}}.`);
  const look = (key: string, at: Json): void => {
    const rule = KEYS[key];
    if (!rule) {
      const section = key.includes('.') ? key.slice(0, key.indexOf('.') + 1) : '';
      const known = Object.keys(KEYS).filter(
        k => k.startsWith(section) && !k.slice(section.length).includes('.') && k !== '$schema',
      );
      throw new ConfigurationError(`${name}: "${key}" is not known here. Known are: ${known.join(', ')}.`);
    }
    if (!rule[1](at))
      throw new ConfigurationError(`${name}: "${key}" must be ${rule[0]}, and is ${JSON.stringify(at)}.`);
  };
  for (const [key, at] of Object.entries(value as Readonly<Record<string, Json>>)) {
    look(key, at);
    if (SECTIONS.includes(key))
      for (const [inner, below] of Object.entries(at as Readonly<Record<string, Json>>)) look(`${key}.${inner}`, below);
  }
  return value as unknown as TrainingConfiguration;
}

/**
 * `--set fit.epochs=3`, `--set compile.optimizer.learningRate=1e-4`: the value is JSON where it reads as such, else
 * text.
 * @throws ConfigurationError
 */
export function withSettings(
  configuration: TrainingConfiguration,
  assignments: readonly string[],
): TrainingConfiguration {
  const copy = structuredClone(configuration) as Record<string, Json>;
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    const keys = assignment.slice(0, Math.max(0, at)).split('.');
    if (at <= 0 || keys.some(k => k === '' || k === '__proto__')) {
      throw new ConfigurationError(`"${assignment}" sets nothing. Write it as key=value, such as fit.epochs=3.`);
    }
    const last = keys.pop()!;
    let target = copy;
    for (const key of keys) {
      const below = target[key];
      const next =
        typeof below === 'string' && key === 'optimizer'
          ? { class: below }
          : isObject(below ?? null)
            ? { ...(below as object) }
            : {};
      target[key] = next as Json;
      target = next as Record<string, Json>;
    }
    target[last] = parsed(assignment.slice(at + 1));
  }
  return checked(copy, '--set');
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
