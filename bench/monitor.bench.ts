// What monitoring costs a training script: the bare script against the same script followed, in turns.
//
// Each turn is a process of its own that trains a small CNN with `model.fit` in tfjs-node. "fit" is the time of the fit
// alone, by the script's own clock; "processor" is all the processor time of the run: the script, and the process that
// follows it with its event log, socket and TensorBoard files, start included.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseRuntime, launchOf, thisMachine } from '../src/runtime';
import { startScript, watchRun } from '../src/runs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const EPOCHS = Number(process.env.BENCH_EPOCHS ?? 2);
const AIM = 1.03;

const SCRIPT = `
const tf = require('@tensorflow/tfjs-node');
const fs = require('fs');
const model = tf.sequential();
model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: 'relu' }));
model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
const x = tf.randomNormal([6400, 28, 28, 1], 0, 1, 'float32', 1);
const y = tf.range(0, 6400).mod(10);
(async () => {
  await model.fit(x, y, { epochs: 1, batchSize: 64, verbose: 0 });
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await model.fit(x, y, { epochs: ${EPOCHS}, batchSize: 64, verbose: 0 });
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  fs.writeFileSync('fit.json', JSON.stringify({ wall, own: (user + system) / 1000 }));
})();
`;

interface Turn {
  /** Milliseconds: the fit by the clock, processor time of the script's process during it, and of the whole run. */
  readonly wall: number;
  readonly own: number;
  readonly processor: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** `times` of the shell: processor time of all processes that have ended, as `0m1.234s 0m0.567s` in the last line. */
function milliseconds(times: string): number {
  const last = times.trim().split('\n').at(-1)!;
  return [...last.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60e3 + Number(s) * 1e3, 0);
}

async function main(): Promise<void> {
  if (process.platform === 'win32') throw new Error('This benchmark reads processor times from a POSIX shell.');
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const runtime = launchOf(await chooseRuntime({ env, trusted: true }), env);
  if (!runtime.tfjsNodeFolder)
    throw new Error('This benchmark needs the native TensorFlow runtime: node scripts/setup/runtime.mjs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  const inFolder = (name: string): string => path.join(folder, name);
  try {
    fs.symlinkSync(path.join(runtime.tfjsNodeFolder, 'node_modules'), inFolder('node_modules'));
    fs.writeFileSync(inFolder('train.js'), SCRIPT);
    // Stands in for the Node executable and leaves the times of all that ran below it.
    fs.writeFileSync(inFolder('node.sh'), `#!/bin/bash\n"${runtime.node}" "$@"\ntimes > "${inFolder('times')}"\n`, {
      mode: 0o755,
    });
    const result = (): Turn => ({
      ...(JSON.parse(fs.readFileSync(inFolder('fit.json'), 'utf8')) as { wall: number; own: number }),
      processor: milliseconds(fs.readFileSync(inFolder('times'), 'utf8')),
    });
    const bare = (): Turn => {
      spawnSync(inFolder('node.sh'), ['train.js'], {
        cwd: folder,
        stdio: 'ignore',
        env: { ...process.env, ...runtime.env },
      });
      return result();
    };
    const followed = async (): Promise<Turn> => {
      fs.rmSync(inFolder('times'));
      const run = await startScript({
        workspace: folder,
        program: { script: path.resolve('dist/child.js') },
        runtime: { ...runtime, node: inFolder('node.sh') },
        file: inFolder('train.js'),
        args: [],
      });
      const state = await (await watchRun(run.folder)).done;
      if (state.status !== 'ended') throw new Error(`the monitored script failed: ${JSON.stringify(state.story.end)}`);
      while (!fs.existsSync(inFolder('times')) || fs.statSync(inFolder('times')).size === 0)
        await new Promise(resolve => setTimeout(resolve, 10));
      return result();
    };

    const turns: { bare: Turn; followed: Turn }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Who goes first changes, so that a machine that warms up or is disturbed favours nobody.
      if (round % 2 === 0) turns.push({ bare: bare(), followed: await followed() });
      else {
        const first = await followed();
        turns.push({ bare: bare(), followed: first });
      }
    }
    const steps = EPOCHS * 100;
    console.log(`${ROUNDS} turns of ${steps} steps each; medians of the turns, ratios turn by turn\n`);
    console.log('                                bare    followed   ratio (quartiles)');
    const rows = {
      'fit, wall': 'wall',
      'fit, processor of the script': 'own',
      'whole run, processor': 'processor',
    } as const;
    for (const [label, key] of Object.entries(rows)) {
      const ratios = turns.map(turn => turn.followed[key] / turn.bare[key]).sort((a, b) => a - b);
      const [low, high] = [ratios[Math.floor(ratios.length / 4)]!, ratios[Math.floor((ratios.length * 3) / 4)]!];
      const ms = (who: 'bare' | 'followed'): string => `${median(turns.map(turn => turn[who][key])).toFixed(0)} ms`;
      const ratio = median(ratios);
      console.log(
        `${label.padEnd(30)} ${ms('bare').padStart(9)} ${ms('followed').padStart(9)}   ${ratio.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`,
      );
    }
    console.log(`\naim for the fit: at most ${AIM}; the whole run adds the start of the process that follows it`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

void main();
