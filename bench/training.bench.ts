// A training step of the CNN (batch 128) through our loop, against the bare step and against a bare tfjs-node script.
//
// All three run in this process in turns of one epoch, on the same data. "bare step": the compiled step and nothing
// else.
// "our loop": the same step with event log, socket and a watcher in another process, callbacks, alerts, checkpoints,
// TensorBoard files. "tf.layers": `model.trainOnBatch` of TensorFlow.js, as a script of one's own would do it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import type { DataSet } from '../src/data/dataset';
import { randomBits } from '../src/data/random';
import type { FitPlan } from '../src/protocol/fit-plan';
import type { Json } from '../src/protocol/messages';
import { chooseRuntime, launchOf, thisMachine } from '../src/runtime';
import { loadBackend } from '../src/train/backend';
import { createCallbacks } from '../src/train/callbacks';
import { FitWork } from '../src/train/fit-work';
import { type LoopState, runLoop } from '../src/train/loop';
import { Session } from '../src/train/session';
import { CNN, modelFacts } from '../test/training/facts';

const SAMPLES = 12_000;
const BATCH = 128;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const AIM = 1.03;

async function runtimeFolder(): Promise<string> {
  if (process.env.MODELWRIGHT_RUNTIME) return process.env.MODELWRIGHT_RUNTIME;
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const { tfjsNodeFolder } = launchOf(await chooseRuntime({ env, trusted: true }), env);
  if (!tfjsNodeFolder)
    throw new Error('This benchmark needs the native TensorFlow runtime: node scripts/setup/runtime.mjs');
  return tfjsNodeFolder;
}

/** Random images; what they show does not matter to the clock. */
function images(): DataSet {
  const bits = randomBits(1);
  const x = new Uint8Array(SAMPLES * 784).map(() => bits() & 255);
  const y = new Uint8Array(SAMPLES).map((_, i) => i % 10);
  return {
    x: { dtype: 'uint8', shape: [SAMPLES, 28, 28, 1], data: x },
    y: { dtype: 'uint8', shape: [SAMPLES], data: y },
    source: 'random',
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function main(): Promise<void> {
  const { tf, info } = await loadBackend(await runtimeFolder());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  const data = images();
  const plan: FitPlan = {
    model: modelFacts(CNN) as unknown as Json,
    args: {},
    data: { reader: 'none' },
    dataFolder: folder,
    workspace: [],
    optimizer: { class: 'Adam', config: {} },
    loss: { class: 'sparse_categorical_crossentropy', config: {} },
    lossWeights: null,
    metrics: [{ class: 'accuracy', config: {} }],
    fit: { epochs: 1, batchSize: BATCH, shuffle: true, classWeight: null },
    callbacks: [
      { class: 'EarlyStopping', config: { patience: 99 } },
      { class: 'ReduceLROnPlateau', config: { patience: 99 } },
    ],
  };
  fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ version: 1, id: 'bench' }));
  const session = new Session(folder);
  await session.open();
  const watcher = spawn(process.execPath, [path.resolve('bench/training/watcher.mjs'), folder], { stdio: 'inherit' });
  const { control, emit } = session;
  const context = {
    tf,
    backend: info,
    folder,
    plan: plan as unknown as Json,
    seed: 1,
    eager: false,
    resume: false,
    control,
    emit,
    logBlocked: () => false,
  };
  const work = await FitWork.make(context, plan, modelFacts(CNN), data, null, null);
  const callbacks = createCallbacks(plan.callbacks, () => {});
  const steps = work.stepsPerEpoch;

  let iteration = 0;
  const bareStep = async (): Promise<void> => {
    for (let index = 0; index < steps; index++) {
      work.step({ epoch: iteration, index, iteration: iteration++, learningRate: 0.001 });
      if (index % 8 === 7) await new Promise(resolve => setImmediate(resolve));
    }
  };
  let state: LoopState | null = null;
  const save = work.save.bind(work);
  work.save = (kind, saved) => {
    state = structuredClone(saved);
    return save(kind, saved);
  };
  const ourLoop = async (): Promise<void> => {
    const epochs = (state?.epoch ?? 0) + 1;
    await runLoop({
      work,
      epochs,
      monitor: { metric: 'loss', mode: 'min' },
      callbacks,
      control,
      emit,
      logBlocked: () => session.logBlocked(),
      resume: state ? { ...state, epochs } : null,
    });
  };

  const model = tf.sequential();
  model.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 128, activation: 'relu' }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const layers = async (): Promise<void> => {
    for (let index = 0; index + BATCH <= SAMPLES; index += BATCH) {
      const x = tf.tensor4d(Float32Array.from(data.x.data.subarray(index * 784, (index + BATCH) * 784)), [
        BATCH,
        28,
        28,
        1,
      ]);
      const y = tf.tensor2d(Float32Array.from(data.y!.data.subarray(index, index + BATCH)), [BATCH, 1]);
      await model.trainOnBatch(x, y);
      tf.dispose([x, y]);
    }
  };

  const variants = { 'bare step': bareStep, 'our loop': ourLoop, 'tf.layers': layers };
  const times: Record<string, number[]> = { 'bare step': [], 'our loop': [], 'tf.layers': [] };
  // Processor time is what remains comparable when something else runs on the machine.
  const processor: Record<string, number[]> = { 'bare step': [], 'our loop': [], 'tf.layers': [] };
  const ratios = { wall: [] as number[], processor: [] as number[] };
  for (const run of Object.values(variants)) await run(); // Compiling and warming up are not measured.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(variants)) {
      const [begun, used] = [performance.now(), process.cpuUsage()];
      await run();
      times[name]!.push((performance.now() - begun) / steps);
      const { user, system } = process.cpuUsage(used);
      processor[name]!.push((user + system) / 1000 / steps);
    }
    ratios.wall.push(times['our loop']!.at(-1)! / times['bare step']!.at(-1)!);
    ratios.processor.push(processor['our loop']!.at(-1)! / processor['bare step']!.at(-1)!);
  }
  await session.close();
  watcher.kill();
  work.dispose();
  fs.rmSync(folder, { recursive: true, force: true });

  const ours = median(times['our loop']!);
  console.log(
    `${info.name} ${JSON.stringify(info.versions)}, ${steps} steps of ${BATCH}, ${ROUNDS} rounds, step ${JSON.stringify(work.execution())}`,
  );
  console.table(
    Object.fromEntries(
      Object.entries(times).map(([name, values]) => [
        name,
        {
          'median ms a step': median(values).toFixed(2),
          'processor ms': median(processor[name]!).toFixed(2),
          'images a second': ((BATCH / median(values)) * 1000).toFixed(0),
          'our loop takes': `${(ours / median(values)).toFixed(3)} ×`,
        },
      ]),
    ),
  );
  const percent = (list: readonly number[]): string => `${((median(list) - 1) * 100).toFixed(1)} %`;
  console.log(
    `overhead of log, socket, callbacks and checkpoints: ${percent(ratios.wall)} of the step's time, ` +
      `${percent(ratios.processor)} of its processor time (medians of the rounds' ratios; aim ≤ ${((AIM - 1) * 100).toFixed(0)} %)`,
  );
}

void main().then(() => process.exit(0));
