// What `modelwright doctor` and the set-up command show: which runtime will be used and why, why the better ones are
// not, and what could be done about it.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findCompiler, prebuiltBinding, usableKit } from './binding';
import { chosenOf, findRuntimes, type Candidate, type FindOptions, type Runtime } from './find';
import { describeNode } from './node-executable';
import { ARCHIVES, OFFICIAL_BYTES, storageHost } from './official-build';
import { cacheFolder } from './places';
import { trainingSettings, type MeasuredSettings } from './settings';
import type { RuntimeProblem } from './problem';
import { findPythons } from './python';
import { WHEEL_BYTES } from './wheel';

/** One way to a native runtime that is not there yet. */
export interface Repair {
  from: 'python' | 'download';
  possible: boolean;
  /** What would be done, or why it cannot be, in one sentence. */
  detail: string;
  /** What makes it possible, where it is not. */
  wayOut?: string;
}

export interface Diagnosis {
  version: 1;
  native: boolean;
  runtime: Runtime;
  /** One sentence: why this runtime and not another. */
  why: string;
  candidates: Candidate[];
  /** Empty where a native runtime is there. */
  repairs: Repair[];
  system: {
    platform: string;
    processors: number;
    memoryBytes: number;
    /** How many threads TensorFlow uses within one operation; `default` is one per processor. */
    threads: string;
    oneDnn: string;
    /** What was measured for this runtime; null before the first run and for the embedded one. */
    measured: MeasuredSettings | null;
  };
  disk: { folder: string; freeBytes: number | null };
}

export interface DiagnoseOptions extends Omit<FindOptions, 'stopAtFirst'> {
  pythons?: readonly string[];
}

/** Tests every candidate anew unless `fresh` is false. Never fails: trouble is part of the answer. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { env, storageFolder } = options;
  const candidates = await findRuntimes({ fresh: true, ...options, stopAtFirst: false });
  const runtime = chosenOf(candidates);
  const folder = storageFolder ?? cacheFolder(env);
  const existing = await nearestExisting(folder);
  const { variables } = env;
  return {
    version: 1,
    native: runtime.kind === 'native',
    runtime,
    why: explainChoice(runtime, options),
    candidates,
    repairs:
      runtime.kind === 'native' ? [] : [await pythonRepair(options, existing), await downloadRepair(options, existing)],
    system: {
      platform: `${env.platform} ${env.arch}`,
      processors: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      threads: variables['TF_NUM_INTRAOP_THREADS'] || variables['OMP_NUM_THREADS'] || 'default',
      oneDnn: variables['TF_ENABLE_ONEDNN_OPTS'] === '0' ? 'off (TF_ENABLE_ONEDNN_OPTS=0)' : 'default',
      measured: runtime.kind === 'native' ? await trainingSettings(runtime, env, options.signal) : null,
    },
    disk: { folder, freeBytes: await env.freeBytes(existing) },
  };
}

function explainChoice(runtime: Runtime, { env }: DiagnoseOptions): string {
  const node = describeNode(runtime.node);
  switch (runtime.source) {
    case 'MODELWRIGHT_RUNTIME':
      return `The variable MODELWRIGHT_RUNTIME names it, and it passed its self-test under ${node}.`;
    case 'workspace':
      return `It is the workspace's own ${runtime.packageName}, and it passed its self-test under ${node}.`;
    case 'installed':
      return `Modelwright installed it, and it passed its self-test under ${node}.`;
    case 'embedded':
      return env.variables['MODELWRIGHT_RUNTIME'] === 'embedded'
        ? 'The variable MODELWRIGHT_RUNTIME asks for it.'
        : 'No native TensorFlow works here. The embedded one always does, but is many times slower.';
  }
}

async function pythonRepair(options: DiagnoseOptions, folder: string): Promise<Repair> {
  const { env, signal } = options;
  const from = 'python' as const;
  if (env.platform === 'win32') {
    return { from, possible: false, detail: 'TensorFlow for Python does not carry the C library on Windows.' };
  }
  if (!(await usableKit(env))) {
    return {
      from,
      possible: false,
      detail: 'This copy of Modelwright lacks its runtime kit.',
      wayOut: 'Install Modelwright again.',
    };
  }
  const noCompiler =
    (await prebuiltBinding(env)) === null
      ? await findCompiler(env).then(
          () => null,
          (error: RuntimeProblem) => error,
        )
      : null;
  if (noCompiler !== null) return { from, possible: false, detail: noCompiler.message, wayOut: noCompiler.wayOut };
  const pythons = await findPythons({ ...options, signal });
  const found = pythons.find(({ tensorflow }) => tensorflow !== null);
  if (found?.tensorflow) {
    return {
      from,
      possible: true,
      detail: `Build on TensorFlow ${found.tensorflow.version} of ${found.executable}; takes about 20 s and 20 MB.`,
    };
  }
  const withPip = pythons.find(({ hasPip }) => hasPip);
  if (withPip === undefined) {
    const detail =
      pythons.length === 0
        ? 'No Python was found.'
        : `The Python ${pythons[0]?.executable} has neither TensorFlow nor pip.`;
    return {
      from,
      possible: false,
      detail,
      wayOut: 'Install Python 3 with pip, or set MODELWRIGHT_PYTHON to a Python that has TensorFlow.',
    };
  }
  const space = await lacksSpace(WHEEL_BYTES, folder, options);
  if (space !== null) return { from, possible: false, ...space };
  return {
    from,
    possible: true,
    detail: `Download TensorFlow with pip of ${withPip.executable} (280 MB, 900 MB on disk) and build on it.`,
  };
}

async function downloadRepair(options: DiagnoseOptions, folder: string): Promise<Repair> {
  const { env } = options;
  const from = 'download' as const;
  const archive = ARCHIVES[`${env.platform}-${env.arch}`];
  if (archive === undefined) {
    return {
      from,
      possible: false,
      detail: `There is no official TensorFlow library for ${env.platform} on ${env.arch}.`,
    };
  }
  const space = await lacksSpace(OFFICIAL_BYTES, folder, options);
  if (space !== null) return { from, possible: false, ...space };
  return {
    from,
    possible: true,
    detail: `Download the official TensorFlow ${archive.tensorflow} from ${new URL(storageHost(env)).host}.`,
  };
}

async function lacksSpace(
  bytes: number,
  folder: string,
  { env }: DiagnoseOptions,
): Promise<{ detail: string; wayOut: string } | null> {
  const free = await env.freeBytes(folder);
  if (free === null || free >= bytes) return null;
  return {
    detail: `${(bytes / 1e9).toFixed(1)} GB are needed, and ${(free / 1e9).toFixed(1)} GB are free.`,
    wayOut: 'Free some space, or set MODELWRIGHT_HOME to a folder on another disk.',
  };
}

async function nearestExisting(folder: string): Promise<string> {
  const exists = await fs.access(folder).then(
    () => true,
    () => false,
  );
  const parent = path.dirname(folder);
  return exists || parent === folder ? folder : nearestExisting(parent);
}
