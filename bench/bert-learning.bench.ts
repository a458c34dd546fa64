// Does pre-training help, and as much as in PyTorch? A small BERT made by `bert new` from text of this repository and of
// a generated language, pre-trained or not, fine-tuned on a generated sentiment set and on a pair task; the same recipe
// in PyTorch. Means and spreads over the seeds; all runs are the command line's own.
//
//   BENCH_PYTHON=python3 BENCH_SEEDS=5 npm run bench -- bert-learning
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packed, readCorpus } from '../src/bert/corpus';
import { openCheckpoint } from '../src/bert/checkpoint';
import { openTokenizer } from '../src/bert/prepare';
import { splitIndices } from '../src/data/split';
import type { TrainEvent } from '../src/protocol/messages';
import { corpus, pairs, sentiment } from './bert-learning/text';

const SEEDS = Number(process.env.BENCH_SEEDS ?? 5);
const CLI = path.resolve('dist/cli.js');
const SHAPE = { layers: 2, hiddenSize: 64, heads: 2, intermediateSize: 256, positions: 64, maxLength: 64 };
const PRETRAINING = { epochs: 30, batchSize: 32, learningRate: 2e-3, validation: 0.05 };
const TASKS = {
  sentiment: { epochs: 10, batchSize: 16, learningRate: 5e-4 },
  pairs: { epochs: 10, batchSize: 16, learningRate: 5e-4 },
} as const;

type Task = keyof typeof TASKS;
type Results = Record<string, number[]>;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-learning-'));
const at = (name: string): string => path.join(folder, name);

function prepareData(): void {
  fs.mkdirSync(at('text'));
  const documents = fs.readdirSync('docs', { recursive: true }).map(String);
  for (const file of documents
    .filter(name => name.endsWith('.md'))
    .sort()
    .slice(0, 20)) {
    fs.copyFileSync(path.join('docs', file), at(`text/${file.replace(/[\\/]/g, '-')}`));
  }
  fs.writeFileSync(at('text/generated.txt'), corpus(1500, 1));
  fs.writeFileSync(at('sentiment.csv'), sentiment(64, true, 2));
  fs.writeFileSync(at('sentiment-test.csv'), sentiment(400, false, 3));
  fs.writeFileSync(at('pairs.csv'), pairs(600, true, 4));
  fs.writeFileSync(at('pairs-test.csv'), pairs(400, false, 5));
}

/** One command; its events. */
function modelwright(...args: string[]): TrainEvent[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, ...args, '--json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`modelwright ${args.join(' ')}: exit ${status}\n${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as TrainEvent);
}

/** Of the last epoch, not of the best one: nothing is chosen on the test set. */
function lastEpoch(events: readonly TrainEvent[], metric: string): number {
  const epochs = events.flatMap(event => (event.type === 'epoch' ? [event.metrics[metric] ?? NaN] : []));
  return epochs.at(-1) ?? NaN;
}

const settings = (values: object): string[] =>
  Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${String(value)}`]);

function finetune(task: Task, checkpoint: string, seed: number): number {
  const { epochs, batchSize, learningRate } = TASKS[task];
  const files = ['--data', `${task}.csv`, '--validation', `${task}-test.csv`, '--checkpoint', checkpoint];
  const rate = ['--learning-rate', `${learningRate}`, '--max-length', '64', '--seed', `${seed}`];
  const sizes = ['--epochs', `${epochs}`, '--batch-size', `${batchSize}`];
  const events = modelwright('finetune', ...files, ...rate, ...sizes, '--output', 'tuned');
  return lastEpoch(events, 'val_accuracy');
}

function ours(): Results {
  const results: Results = {};
  const add = (name: string, value: number): void => void (results[name] ??= []).push(value);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const common = ['--corpus', 'text', '--seed', `${seed}`, ...settings(SHAPE)];
    modelwright('bert', 'new', ...common, '--output', 'fresh');
    const events = modelwright('bert', 'new', ...common, ...settings(PRETRAINING), '--output', 'pretrained');
    add('masked-lm loss', lastEpoch(events, 'val_loss'));
    for (const task of ['sentiment', 'pairs'] as const) {
      for (const from of ['fresh', 'pretrained']) add(`${task}, ${from}`, finetune(task, from, seed));
    }
    console.error(
      `seed ${seed}: ${Object.entries(results)
        .map(([k, v]) => `${k} ${v.at(-1)!.toFixed(3)}`)
        .join('  ')}`,
    );
  }
  return results;
}

/** The same examples, token by token, and the same recipe. */
async function theirs(): Promise<Results | null> {
  const checkpoint = await openCheckpoint(at('fresh'));
  const features = packed(await readCorpus([at('text')], null), await openTokenizer(checkpoint), SHAPE.maxLength);
  const { train, validation } = splitIndices(features.length, PRETRAINING.validation, 'shuffled', 1);
  const pick = (indices: Uint32Array): (readonly number[])[] => Array.from(indices, i => features[i]!.ids);
  const recipe = { seeds: SEEDS, pretraining: PRETRAINING, tasks: TASKS };
  fs.writeFileSync(at('recipe.json'), JSON.stringify({ ...recipe, train: pick(train), validation: pick(validation) }));
  const python = process.env.BENCH_PYTHON ?? 'python3';
  const done = spawnSync(python, [path.resolve('bench/peers/bert_learning_peer.py'), folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '' },
  });
  return done.status === 0 ? (JSON.parse(done.stdout.trim().split('\n').at(-1)!) as Results) : null;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / Math.max(1, values.length - 1));
const cell = (values: readonly number[] | undefined): string =>
  (values ? `${mean(values).toFixed(3)} ± ${deviation(values).toFixed(3)}` : '–').padStart(18);

async function main(): Promise<void> {
  try {
    prepareData();
    const [mine, peer] = [ours(), await theirs()];
    console.log(`${'last epoch, held-out data'.padEnd(28)}${'here'.padStart(18)}${'PyTorch'.padStart(18)}`);
    for (const [name, values] of Object.entries(mine)) {
      console.log(`${name.padEnd(28)}${cell(values)}${cell(peer?.[name])}`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

void main();
