/** Whole runs in real children on the native runtime: learning, pausing, dying, resuming, refusing. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TrainEvent } from '../../src/protocol/messages';
import { column, type RunState } from '../../src/protocol/run-state';
import { resumeRun, summarize, watchRun, type RunWatch, type StartedRun } from '../../src/runs';
import { childAnswers, readChildRecord } from '../../src/runs/connection';
import { decodeSafetensors } from '../../src/data/safetensors';
import { writeImages } from './data';
import { input, modelFacts } from './facts';
import { distance } from './recorded';
import { plan, program, runtime, start, temporaryFolder } from './runs';

/** Dropout and BatchNormalization, so that random numbers and moving averages must be restored too. */
const MODEL = modelFacts([
  input([12, 12, 1]),
  { className: 'Conv2D', name: 'conv', config: { filters: 8, kernel_size: [3, 3], activation: 'relu' } },
  { className: 'BatchNormalization', name: 'norm' },
  { className: 'MaxPooling2D', config: { pool_size: [2, 2] } },
  { className: 'Flatten' },
  { className: 'Dropout', config: { rate: 0.3 } },
  { className: 'Dense', name: 'out', config: { units: 4, activation: 'softmax' } },
]);

function weightsOf(run: StartedRun): Record<string, ArrayLike<number>> {
  const bytes = fs.readFileSync(path.join(run.folder, 'checkpoints/last/weights.safetensors'));
  return Object.fromEntries(Object.entries(decodeSafetensors(bytes)).map(([name, { data }]) => [name, data]));
}

function farthest(a: Record<string, ArrayLike<number>>, b: Record<string, ArrayLike<number>>): number {
  assert.deepEqual(Object.keys(a), Object.keys(b));
  return Math.max(...Object.keys(a).map(name => distance(a[name]!, b[name]!)));
}

/** The step that the run says it resumed from. A line that was cut short is no event. */
function resumePoint(run: StartedRun): number | undefined {
  const lines = fs.readFileSync(path.join(run.folder, 'events.jsonl'), 'utf8').split('\n');
  const started = lines.filter(line => line.includes('"type":"started"') && line.endsWith('}'));
  return started.flatMap(line => (JSON.parse(line) as { resumedFrom?: { step: number } }).resumedFrom ?? []).at(-1)
    ?.step;
}

const losses = (state: RunState): number[] => [...column(state.stepTable, 'loss')];

describe('training: runs', function () {
  this.timeout(120_000);
  let workspace: string;
  const watches: RunWatch[] = [];

  const watch = async (run: StartedRun, onEvent?: (event: TrainEvent, state: RunState) => void): Promise<RunWatch> => {
    const made = await watchRun(run.folder, { onEvent });
    watches.push(made);
    return made;
  };
  /** Resolves at the first event for which the test holds; fails when the run ends before. */
  const until = (run: StartedRun, test: (event: TrainEvent) => boolean): Promise<RunWatch> =>
    new Promise((resolve, reject) => {
      let made: RunWatch | undefined;
      let found = false;
      void watch(run, event => {
        if (found || !test(event)) return;
        found = true;
        if (made) resolve(made);
      }).then(it => {
        made = it;
        if (found) resolve(it);
        void it.done.then(state => {
          if (!found) reject(new Error(`the run ended: ${JSON.stringify(state.story.end)}`));
        });
      }, reject);
    });
  const config = () =>
    plan(MODEL, workspace, {
      data: { reader: 'idx', x: 'images.idx', y: 'labels.idx', scale: 1 / 255, validation: 0.2 },
      fit: { epochs: 6, batchSize: 16, shuffle: true, classWeight: null },
    });

  before(async function () {
    if (!(await runtime()).tfjsNodeFolder) this.skip(); // There is no native runtime: node scripts/setup/runtime.mjs makes one.
    workspace = temporaryFolder();
    writeImages(workspace, 1500);
  });
  after(async () => {
    for (const made of watches) {
      made.send({ command: 'stop-now' });
      made.close();
    }
    if (workspace) fs.rmSync(workspace, { recursive: true, force: true });
  });

  /** The uninterrupted run that others are held against; made once. */
  let reference: Promise<{ run: StartedRun; state: RunState }> | undefined;
  const whole = () =>
    (reference ??= (async () => {
      const run = await start(workspace, config());
      return { run, state: await (await watch(run)).done };
    })());

  it('trains a CNN on images, and its folder tells the whole story', async () => {
    const { run, state } = await whole();
    assert.equal(state.status, 'ended', JSON.stringify(state.story.end));
    assert.equal(state.setup.backend?.kind, 'native');
    assert.deepEqual(state.setup.execution, { mode: 'compiled' });
    assert.equal(state.stepTable.rows, 6 * 75);
    assert.ok(
      state.story.latestEpoch.val_accuracy! > 0.9,
      `validation accuracy ${state.story.latestEpoch.val_accuracy}`,
    );
    while (await childAnswers(run.folder)) await new Promise(resolve => setTimeout(resolve, 20));
    const files = fs.readdirSync(run.folder).sort();
    assert.deepEqual(files, [
      'checkpoints',
      'child.log',
      'events.jsonl',
      'model',
      'run.json',
      'start.json',
      'tensorboard',
    ]);
    const summary = await summarize(run.folder);
    assert.equal(summary?.status, 'ended');
    assert.equal(summary.resumable, false);
    assert.equal(summary.record.progress.metrics.val_loss, state.story.latestEpoch.val_loss);
    assert.match(run.id, /^\d{4}-\d\d-\d\d-test-[a-z]+-[a-z]+$/);
  });

  it('pauses and resumes between two steps without changing a bit', async () => {
    const run = await start(workspace, config());
    const paused = await until(run, event => event.type === 'step' && event.step >= 20);
    paused.send({ command: 'pause' });
    const second = await until(run, event => event.type === 'paused');
    const at = second.state.step;
    await new Promise(resolve => setTimeout(resolve, 150));
    assert.equal(second.state.step, at, 'nothing happens while paused');
    assert.equal(second.state.status, 'paused');
    second.send({ command: 'resume' });
    const state = await second.done;
    assert.equal(state.status, 'ended');
    const wanted = await whole();
    assert.deepEqual(losses(state), losses(wanted.state));
    assert.equal(farthest(weightsOf(run), weightsOf(wanted.run)), 0);
  });

  it('is killed in the middle, and resumed goes where an uninterrupted run goes', async () => {
    const run = await start(workspace, config());
    const before = await until(run, event => event.type === 'step' && event.step >= 40);
    const child = await readChildRecord(run.folder);
    // One checkpoint in the middle of an epoch, then the end without a last word some steps later.
    before.send({ command: 'pause' });
    await until(run, event => event.type === 'paused');
    const again = await until(run, event => event.type === 'checkpoint' && event.kind === 'last' && event.step >= 40);
    const at = again.state.step;
    again.send({ command: 'resume' });
    await until(run, event => event.type === 'step' && event.step >= at + 10);
    process.kill(child!.pid, 'SIGKILL');

    const lost = await again.done;
    assert.equal(lost.status, 'lost');
    assert.equal(lost.story.end?.kind === 'lost' && lost.story.end.resumable, true);
    const log = fs.readFileSync(path.join(run.folder, 'events.jsonl'), 'utf8').split('\n');
    log.slice(0, -1).forEach((line, i) => assert.doesNotThrow(() => JSON.parse(line), `line ${i + 1}`));
    assert.equal((await summarize(run.folder))?.status, 'lost');

    // A half-written last line, as a kill in the middle of a write leaves it.
    fs.appendFileSync(path.join(run.folder, 'events.jsonl'), '{"type":"step","ti');
    await resumeRun(run.folder, program(), await runtime());
    const state = await (await watch(run)).done;
    assert.equal(state.status, 'ended', JSON.stringify(state.story.end));
    assert.equal(state.stepTable.rows, 6 * 75);
    assert.deepEqual(state.setup.execution, { mode: 'compiled' });
    const wanted = await whole();
    const far = distance(losses(state), losses(wanted.state));
    assert.ok(far <= 1e-6, `losses differ by ${far}`);
    assert.ok(farthest(weightsOf(run), weightsOf(wanted.run)) <= 1e-6);
    // Rows are taken back if any step after the checkpoint had reached the log. The last quarter of a second may not have,
    // and where the end of an epoch came in between, the checkpoint is a later one than the one waited for.
    const from = resumePoint(run);
    assert.ok(from !== undefined && from >= at, `resumed from step ${from}`);
    const repeated = log.slice(0, -1).some(line => {
      const event = JSON.parse(line) as TrainEvent;
      return event.type === 'step' && event.step > from;
    });
    assert.equal(state.generation, repeated ? 1 : 0);
  });

  it('stops and keeps the best epoch; the learning rate and the epochs change live', async () => {
    const run = await start(
      workspace,
      plan(MODEL, workspace, { fit: { epochs: 500, batchSize: 16, shuffle: true, classWeight: null } }),
    );
    const first = await until(run, event => event.type === 'epoch' && event.epoch >= 2);
    first.send({ command: 'set', learningRate: 0.0005, epochs: 400 });
    const changed = await until(run, event => event.type === 'step' && event.learningRate === 0.0005);
    assert.equal(changed.state.setup.epochs, 400);
    changed.send({ command: 'stop', keep: 'best' });
    const state = await changed.done;
    assert.ok(state.story.end?.kind === 'ended');
    assert.equal(state.story.end.reason, 'stop-keep-best');
    assert.equal(state.story.end.metrics.val_loss, state.story.best?.value);
    const output = decodeSafetensors(fs.readFileSync(path.join(run.folder, 'model/weights.safetensors')));
    const best = decodeSafetensors(fs.readFileSync(path.join(run.folder, 'checkpoints/best/weights.safetensors')));
    assert.equal(distance(output['out/kernel']!.data, best['out/kernel']!.data), 0);
  });

  it('refuses bad data before training, with file and place', async () => {
    const folder = path.join(workspace, 'bad');
    writeImages(folder, 40);
    fs.truncateSync(path.join(folder, 'images.idx'), 1000);
    const run = await start(workspace, plan(MODEL, folder));
    const state = await (await watch(run)).done;
    assert.equal(state.status, 'failed');
    assert.ok(state.story.end?.kind === 'failed');
    assert.match(state.story.end.message, /images\.idx/);
    assert.notEqual(state.story.end.hint, '');
    assert.equal(state.stepTable.rows, 0);
  });

  it('refuses data of another shape and labels beyond the classes', async () => {
    const wide = path.join(workspace, 'wide');
    writeImages(wide, 40, { side: 14 });
    const many = path.join(workspace, 'many');
    writeImages(many, 60, { classes: 6 });
    const [shape, labels] = await Promise.all(
      [wide, many].map(
        async folder => (await (await watch(await start(workspace, plan(MODEL, folder)))).done).story.end,
      ),
    );
    assert.ok(shape?.kind === 'failed' && labels?.kind === 'failed');
    assert.match(shape.message, /wants samples of shape \(12, 12, 1\), but those of the data have shape \(14, 14, 1\)/);
    assert.match(
      labels.message,
      /label of sample \d+ in .*images\.idx is [45], but the model has 4 classes \(0 to 3\)/,
    );
  });

  it('names a layer it cannot train', async () => {
    const facts = modelFacts([
      input([12, 12, 1]),
      { className: 'Flatten' },
      { className: 'HashedCrossing', name: 'cross' },
    ]);
    const state = await (await watch(await start(workspace, plan(facts, workspace)))).done;
    assert.ok(state.story.end?.kind === 'failed');
    assert.match(state.story.end.message, /"cross" is a HashedCrossing/);
  });

  it('trains on the embedded TensorFlow.js too, and says so', async () => {
    const small = modelFacts([
      input([12, 12, 1]),
      { className: 'Flatten' },
      { className: 'Dense', name: 'hidden', config: { units: 16, activation: 'relu' } },
      { className: 'Dense', name: 'out', config: { units: 4, activation: 'softmax' } },
    ]);
    const run = await start(workspace, plan(small, workspace), { embedded: true });
    const state = await (await watch(run)).done;
    assert.equal(state.status, 'ended', JSON.stringify(state.story.end));
    assert.equal(state.setup.backend?.kind, 'embedded');
    assert.ok(state.story.alerts.some(alert => alert.kind === 'fallback'));
    assert.equal(state.setup.execution?.mode, 'eager');
    assert.ok(state.story.latestEpoch.accuracy! > 0.5);
  });
});
