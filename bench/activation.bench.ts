// Activation in the real VS Code, and the first hint after it; sizes of what each loads.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const ROUNDS = 5;
const AIM = { activation: 50, bundle: 300_000 };
const root = path.resolve(import.meta.dirname, '..');

/** Milliseconds by the clock, and of the extension host's processor time, which a busy machine does not stretch. */
interface Took {
  clock: number;
  processor: number;
}

interface Round {
  /** From `activate()` to its promise, of an extension that does nothing. */
  empty: Took;
  ours: Took;
  /** From the opened document to its first inlay hint: loads the engine and the grammar. */
  firstHint: Took;
}

/** Installs a copy of the empty extension under a name of its own. */
function addEmptyExtension(extensions: string, name: string): void {
  const target = path.join(extensions, `modelwright-bench.${name}-0.0.1`);
  fs.cpSync(path.join(root, 'bench/activation/empty'), target, { recursive: true });
  const manifest = path.join(target, 'package.json');
  fs.writeFileSync(manifest, fs.readFileSync(manifest, 'utf8').replace('"empty"', `"${name}"`));
}

function round(): Round {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-bench-'));
  try {
    const workspace = path.join(folder, 'workspace');
    fs.mkdirSync(workspace);
    fs.copyFileSync(path.join(root, 'examples/keras/cnn.py'), path.join(workspace, 'model.py'));
    const extensions = path.join(folder, 'extensions');
    for (const name of ['warm', 'empty']) addEmptyExtension(extensions, name);
    const result = path.join(folder, 'result.json');
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        path.join(root, 'test/host/code.mjs'),
        workspace,
        `--extensionDevelopmentPath=${root}`,
        `--extensions-dir=${extensions}`,
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
const medianOf = (part: keyof Round, kind: keyof Took): number => median(rounds.map(r => r[part][kind]));
const row = (part: keyof Round, aim?: number): Record<string, string> => ({
  'clock ms': medianOf(part, 'clock').toFixed(1),
  'processor ms': medianOf(part, 'processor').toFixed(1),
  aim: aim === undefined ? '–' : `${aim} ms`,
  'processor to aim': aim === undefined ? '–' : (medianOf(part, 'processor') / aim).toFixed(2),
});
console.table({
  'an extension that does nothing': row('empty'),
  activation: row('ours', AIM.activation),
  'first hint (engine and grammar)': row('firstHint'),
});
console.table(
  Object.fromEntries(
    ['extension.js', 'engine.js', 'training.js'].map(file => [
      file,
      {
        kB: (bytes(file) / 1000).toFixed(1),
        loaded: file === 'extension.js' ? 'at activation' : 'when first needed',
        'ratio to 300 kB': (bytes(file) / AIM.bundle).toFixed(2),
      },
    ]),
  ),
);
