// Activation in the real VS Code, and the first hint after it; sizes of what each loads.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const ROUNDS = 5;
const AIM = { activation: 50, bundle: 300_000 };
const root = path.resolve(import.meta.dirname, '..');

interface Round {
  /** Milliseconds from `activate()` to its promise. */
  activation: number;
  /** Milliseconds from the opened document to its first inlay hint: loads the engine and the grammar. */
  firstHint: number;
}

function round(): Round {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  try {
    const workspace = path.join(folder, 'workspace');
    fs.mkdirSync(workspace);
    fs.copyFileSync(path.join(root, 'examples/keras/cnn.py'), path.join(workspace, 'model.py'));
    const result = path.join(folder, 'result.json');
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        path.join(root, 'test/host/code.mjs'),
        workspace,
        `--extensionDevelopmentPath=${root}`,
        `--extensionTestsPath=${path.join(root, 'bench/activation/suite.cjs')}`,
        `--user-data-dir=${path.join(folder, 'user')}`,
      ],
      { env: { ...process.env, MODELWRIGHT_BENCH_RESULT: result }, encoding: 'utf8' },
    );
    if (status !== 0)
      throw new Error(
        `VS Code ended with ${status}:\n${stderr}\nRun npm test once, so that the test host is installed.`,
      );
    return JSON.parse(fs.readFileSync(result, 'utf8')) as Round;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
const bytes = (file: string): number => fs.statSync(path.join(root, 'dist', file)).size;

const rounds = Array.from({ length: ROUNDS }, round);
const activation = median(rounds.map(r => r.activation));
const firstHint = median(rounds.map(r => r.firstHint));
console.table({
  activation: {
    'median ms': activation.toFixed(1),
    aim: `${AIM.activation} ms`,
    'ratio to aim': (activation / AIM.activation).toFixed(2),
  },
  'first hint (engine and grammar)': { 'median ms': firstHint.toFixed(1), aim: '–', 'ratio to aim': '–' },
});
console.table(
  Object.fromEntries(
    ['extension.js', 'engine.js', 'train-command.js'].map(file => [
      file,
      {
        kB: (bytes(file) / 1000).toFixed(1),
        loaded: file === 'extension.js' ? 'at activation' : 'when first needed',
        'ratio to 300 kB': (bytes(file) / AIM.bundle).toFixed(2),
      },
    ]),
  ),
);
