// Which oneDNN and thread settings train fastest on this machine: measured once for about a second each, then
// remembered. TensorFlow reads both when its library is loaded, so each is measured in a process of its own.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Environment } from './environment';
import { type Launch, launchOf, type Runtime } from './find';
import { cacheFolder, packageFolder } from './places';

export interface TrainingSettings {
  oneDnn: boolean;
  /** Threads within one operation; null: TensorFlow's own choice, one per processor. */
  threads: number | null;
}

export interface MeasuredSettings extends TrainingSettings {
  /** Training steps a second of the small convolution under each setting. */
  measured: (TrainingSettings & { stepsPerSecond: number })[];
}

/** Runs as `node -e SCRIPT <package folder>`: steps of a small convolution, forward and backward, for one second. */
const MEASURE_SCRIPT = `
const util = require('util');
util.isNullOrUndefined ??= value => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const x = tf.randomNormal([32, 28, 28, 8], 0, 1, 'float32', 1);
const kernel = tf.variable(tf.randomNormal([3, 3, 8, 32], 0, 0.1, 'float32', 2));
const dense = tf.variable(tf.randomNormal([26 * 26 * 32, 16], 0, 0.01, 'float32', 3));
const optimizer = tf.train.sgd(1e-6);
const step = () => optimizer.minimize(() =>
  tf.mean(tf.matMul(tf.relu(tf.conv2d(x, kernel, 1, 'valid')).reshape([32, -1]), dense).square()));
for (let i = 0; i < 3; i++) step();
const begun = performance.now();
let steps = 0;
while (performance.now() - begun < 1000) { step(); kernel.dataSync(); steps++; }
require('fs').writeSync(1, '\\nmeasured ' + steps / ((performance.now() - begun) / 1000) + '\\n');
`;

const TIMEOUT_MS = 60_000;
/** A setting must be this much faster than TensorFlow's own default to take its place; less is noise. */
const WORTH = 1.05;

/** How a child is started: as `launchOf`,
  with the settings measured for this runtime. What the user has set in the environment wins. */
export async function tunedLaunch(runtime: Runtime, env: Environment, signal?: AbortSignal): Promise<Launch> {
  const launch = launchOf(runtime, env);
  const settings = await trainingSettings(runtime, env, signal);
  if (settings === null) return launch;
  const { variables } = env;
  return {
    ...launch,
    env: {
      ...launch.env,
      ...(variables['TF_ENABLE_ONEDNN_OPTS'] ? {} : { TF_ENABLE_ONEDNN_OPTS: settings.oneDnn ? '1' : '0' }),
      ...(variables['TF_NUM_INTRAOP_THREADS'] || settings.threads === null
        ? {}
        : { TF_NUM_INTRAOP_THREADS: String(settings.threads) }),
    },
  };
}

/** The fastest settings, from memory or measured now; null for the embedded runtime, which has none. */
export async function trainingSettings(
  runtime: Runtime,
  env: Environment,
  signal?: AbortSignal,
): Promise<MeasuredSettings | null> {
  if (runtime.kind === 'embedded' || runtime.folder === null) return null;
  const known = await knownSettings(runtime, env);
  if (known) return known;
  const own: TrainingSettings = { oneDnn: true, threads: null };
  const measured = [];
  for (const settings of candidates(os.availableParallelism())) {
    const stepsPerSecond = await measure(runtime, settings, env, signal);
    if (stepsPerSecond !== null) measured.push({ ...settings, stepsPerSecond });
  }
  const result: MeasuredSettings = { ...fastest(measured, own), measured };
  if (measured.length > 0 && !signal?.aborted) await remember(runtime, env, result);
  return result;
}

/** What was measured before for this runtime on this machine; null where nothing was. */
export async function knownSettings(runtime: Runtime, env: Environment): Promise<MeasuredSettings | null> {
  const all = await readAll(settingsFile(env));
  return all[keyOf(runtime)] ?? null;
}

/** The first is the default that the others have to beat. Half of the processors is worth a try where two share a core. */
export function candidates(processors: number): TrainingSettings[] {
  const all: TrainingSettings[] = [
    { oneDnn: true, threads: null },
    { oneDnn: false, threads: null },
  ];
  if (processors >= 4) all.push({ oneDnn: true, threads: processors >> 1 });
  return all;
}

export function fastest(
  measured: readonly (TrainingSettings & { stepsPerSecond: number })[],
  own: TrainingSettings,
): TrainingSettings {
  let best: (TrainingSettings & { stepsPerSecond: number }) | undefined;
  for (const each of measured) if (!best || each.stepsPerSecond > best.stepsPerSecond * WORTH) best = each;
  return best ? { oneDnn: best.oneDnn, threads: best.threads } : own;
}

async function measure(
  runtime: Runtime,
  { oneDnn, threads }: TrainingSettings,
  env: Environment,
  signal?: AbortSignal,
): Promise<number | null> {
  const folder = packageFolder(runtime.folder!, runtime.packageName);
  const { stdout } = await env.run(runtime.node.path, ['-e', MEASURE_SCRIPT, folder], {
    timeoutMs: TIMEOUT_MS,
    signal,
    variables: {
      TF_CPP_MIN_LOG_LEVEL: '3',
      TF_ENABLE_ONEDNN_OPTS: oneDnn ? '1' : '0',
      TF_NUM_INTRAOP_THREADS: threads === null ? undefined : String(threads),
      NODE_OPTIONS: undefined,
      ELECTRON_RUN_AS_NODE: runtime.node.electron ? '1' : undefined,
    },
  });
  const said = /^measured ([\d.e+]+)$/m.exec(stdout)?.[1];
  return said === undefined ? null : Number(said);
}

function settingsFile(env: Environment): string {
  return path.join(cacheFolder(env), 'settings.json');
}

/** Another processor, another TensorFlow or another Node is measured anew. */
function keyOf({ folder, tensorflow, node }: Runtime): string {
  const machine = [os.cpus()[0]?.model, os.availableParallelism(), os.arch()];
  return createHash('sha256')
    .update(JSON.stringify([folder, tensorflow, node.version, machine]))
    .digest('hex')
    .slice(0, 32);
}

async function readAll(file: string): Promise<Record<string, MeasuredSettings>> {
  try {
    const content: unknown = JSON.parse(await fs.readFile(file, 'utf8'));
    return typeof content === 'object' && content !== null ? (content as Record<string, MeasuredSettings>) : {};
  } catch {
    return {};
  }
}

/** A folder that cannot be written costs a few seconds the next time, nothing else. */
async function remember(runtime: Runtime, env: Environment, settings: MeasuredSettings): Promise<void> {
  const file = settingsFile(env);
  const temporary = `${file}.${process.pid}`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(temporary, JSON.stringify({ ...(await readAll(file)), [keyOf(runtime)]: settings }, null, 1));
    await fs.rename(temporary, file);
  } catch {
    await fs.rm(temporary, { force: true }).catch(() => {});
  }
}
