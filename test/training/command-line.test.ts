// The built command line trains a small model in the native runtime: to its end, stopped by Ctrl+C, and resumed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TrainEvent } from '../../src/protocol/messages';

const CLI = path.resolve('dist/cli.js');

const MODEL = `import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(2, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
`;

/** Two classes that a line parts. */
function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const [a, b] = [Math.sin(row * 12.9898), Math.cos(row * 78.233)];
    return `${a.toFixed(4)},${b.toFixed(4)},${a + b > 0 ? 1 : 0}`;
  });
  return ['a,b,label', ...lines, ''].join('\n');
}

interface Finished {
  code: number | null;
  events: TrainEvent[];
  err: string;
}

describe('modelwright train, for real', () => {
  let folder: string;
  before(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright train ü ')));
    fs.writeFileSync(path.join(folder, 'model.py'), MODEL);
    fs.writeFileSync(path.join(folder, 'data.csv'), table(256));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** `interruptAt`: sends Ctrl+C once this many epochs are complete. */
  function run(args: readonly string[], interruptAt?: number): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...args, '--json'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const events: TrainEvent[] = [];
      let rest = '';
      let err = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = JSON.parse(line) as TrainEvent;
          events.push(event);
          if (event.type === 'epoch' && event.epoch === interruptAt) child.kill('SIGINT');
        }
      });
      child.once('error', reject);
      child.once('close', code => resolve({ code, events, err }));
    });
  }

  const epochsOf = (events: readonly TrainEvent[]) =>
    events.flatMap(event => (event.type === 'epoch' ? [event.epoch] : []));

  it('prints one event a line and ends with 0 and `ended`', async () => {
    const { code, events, err } = await run([
      'train',
      'model.py',
      '--data',
      'data.csv',
      '--epochs',
      '2',
      '--batch-size',
      '64',
    ]);
    assert.equal(code, 0, err);
    assert.deepEqual(epochsOf(events), [1, 2]);
    const [ready] = events;
    assert.equal(ready?.type === 'ready' && ready.backend.kind, 'native');
    const last = events.at(-1);
    assert.ok(last?.type === 'ended' && last.reason === 'finished', JSON.stringify(last));
    assert.ok(typeof last.metrics['loss'] === 'number' && typeof last.metrics['accuracy'] === 'number');
  });

  it("trains the examples' language model as its configuration says", async () => {
    const configuration = path.resolve('examples/keras/rnn.modelwright.json');
    const fewer = ['--epochs', '2', '--set', 'data.step=40', '--set', 'fit.batchSize=32'];
    const { code, events, err } = await run(['train', configuration, ...fewer]);
    assert.equal(code, 0, err);
    const last = events.at(-1);
    assert.ok(last?.type === 'ended' && last.reason === 'finished', JSON.stringify(last));
    // Guessing among the 76 characters costs ln 76; two short epochs know the frequent ones already.
    assert.ok((last.metrics['val_loss'] ?? Infinity) < Math.log(76) - 0.5, JSON.stringify(last.metrics));
  });

  it('stops after the step on Ctrl+C with 3, and goes on from there with --resume', async () => {
    const stopped = await run(['train', 'model.py', '--data', 'data.csv', '--epochs', '400', '--batch-size', '2'], 2);
    assert.equal(stopped.code, 3, stopped.err);
    const end = stopped.events.at(-1);
    assert.ok(end?.type === 'ended' && end.reason === 'stopped' && end.epoch < 400, JSON.stringify(end));

    const resumed = await run(['train', '--resume', 'latest'], end.epoch + 1);
    assert.equal(resumed.code, 3, resumed.err);
    assert.equal(resumed.events[0]?.type, 'ready');
    const started = resumed.events.find(({ type }) => type === 'started');
    assert.ok(started?.type === 'started' && started.resumedFrom, JSON.stringify(started));
    assert.ok(Math.min(...epochsOf(resumed.events)) > 1, 'epochs that were complete are not run again');
  });
});
