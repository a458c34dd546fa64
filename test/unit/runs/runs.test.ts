// Runs are started, followed, resumed and listed against a child that speaks the protocol by hand.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PROTOCOL, type Json } from '../../../src/protocol/messages';
import { column, type RunState } from '../../../src/protocol/run-state';
import {
  compareRuns,
  deleteRun,
  findRun,
  listRuns,
  readEvents,
  readRun,
  resumeRun,
  RunNotFound,
  startRun,
  summarize,
  watchRun,
  type RunWatch,
  type StartedRun,
} from '../../../src/runs';
import { readChildRecord } from '../../../src/runs/connection';

const program = { script: path.resolve('test/unit/runs/fake-child.mjs') };
const runtime = { node: process.execPath, env: {}, tfjsNodeFolder: null };

describe('runs', function () {
  this.timeout(30_000);
  let workspace: string;
  const watches: RunWatch[] = [];
  beforeEach(() => {
    workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-runs-'));
  });
  afterEach(async () => {
    for (const watch of watches.splice(0)) {
      watch.send({ command: 'stop', keep: 'last' });
      watch.send({ command: 'resume' });
      await watch.done;
      watch.close();
    }
    fs.rmSync(workspace, { recursive: true, force: true });
  });

  const start = (
    plan: Readonly<Record<string, Json>>,
    extra: { title?: string; settings?: Readonly<Record<string, Json>> } = {},
  ): Promise<StartedRun> =>
    startRun({
      workspace,
      program,
      runtime,
      title: extra.title ?? 'cnn.py · model',
      task: 'fit',
      plan,
      settings: extra.settings,
    });
  const watch = async (run: StartedRun): Promise<RunWatch> => {
    const made = await watchRun(run.folder);
    watches.push(made);
    return made;
  };
  const reaching = async (made: RunWatch, test: (state: RunState) => boolean): Promise<RunState> => {
    while (!test(made.state)) await new Promise(resolve => setTimeout(resolve, 5));
    return made.state;
  };

  it('starts a run in a folder with a readable name, kept out of git, and follows it to its end', async () => {
    const run = await start({ steps: 30 });
    assert.match(run.id, /^\d{4}-\d\d-\d\d-cnn-model-[a-z]+-[a-z]+$/);
    assert.equal(fs.readFileSync(path.join(workspace, '.modelwright/.gitignore'), 'utf8'), '*\n');
    const state = await (await watch(run)).done;
    assert.equal(state.status, 'ended');
    assert.deepEqual(
      [...column(state.stepTable, 'step')],
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  });

  it('misses no point and doubles none, whenever somebody attaches', async () => {
    const run = await start({ steps: 60 });
    const early = await watch(run);
    await reaching(early, state => state.step >= 25);
    const late = await watch(run);
    assert.ok(late.state.step >= 25, 'what is recorded is there at once');
    const [a, b] = [await early.done, await late.done];
    assert.deepEqual(
      [...column(a.stepTable, 'step')],
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    assert.deepEqual([...column(b.stepTable, 'step')], [...column(a.stepTable, 'step')]);
    assert.equal(a.events, b.events);
    const again = await watchRun(run.folder);
    assert.deepEqual(await again.done, b);
  });

  it('sends commands', async () => {
    const made = await watch(await start({ steps: 100_000 }));
    await reaching(made, state => state.step > 3);
    assert.equal(made.send({ command: 'pause' }), true);
    const paused = await reaching(made, state => state.status === 'paused');
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.equal(made.state.step, paused.step);
    made.send({ command: 'resume' });
    await reaching(made, state => state.step > paused.step);
    made.send({ command: 'stop', keep: 'last' });
    const state = await made.done;
    assert.ok(state.story.end?.kind === 'ended' && state.story.end.reason === 'stopped');
    assert.equal(made.send({ command: 'pause' }), false);
  });

  it('tells a child that was killed, and lets another one go on from its checkpoint', async () => {
    const run = await start({ steps: 40 });
    const made = await watch(run);
    await reaching(made, state => state.step >= 20);
    process.kill((await readChildRecord(run.folder))!.pid, 'SIGKILL');
    const lost = await made.done;
    assert.equal(lost.status, 'lost');
    fs.appendFileSync(path.join(run.folder, 'events.jsonl'), '{"type":"st');
    assert.equal((await readRun(run.folder)).status, 'lost');
    const summary = await summarize(run.folder);
    assert.equal(summary?.status, 'lost');
    assert.equal(summary.resumable, true);

    await resumeRun(run.folder, program, runtime);
    const state = await (await watch(run)).done;
    assert.equal(state.status, 'ended');
    assert.deepEqual(
      [...column(state.stepTable, 'step')],
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });

  it('calls a run without a checkpoint lost for good', async () => {
    const run = await start({ steps: 100_000 });
    const made = await watch(run);
    process.kill((await readChildRecord(run.folder))!.pid, 'SIGKILL');
    const lost = await made.done;
    if (lost.step < 10) {
      assert.ok(lost.story.end?.kind === 'lost' && !lost.story.end.resumable);
      await assert.rejects(resumeRun(run.folder, program, runtime), /no checkpoint to resume from/);
    }
  });

  it('refuses a child of another protocol with words, and shows what it recorded', async () => {
    const run = await start({ steps: 40, protocol: PROTOCOL + 1 });
    let message = '';
    const made = await watchRun(run.folder, {
      onRefused: text => {
        message = text;
      },
    });
    await made.done;
    assert.match(message, /another version of Modelwright/);
    process.kill((await readChildRecord(run.folder))!.pid, 'SIGKILL');
  });

  it('is refused without the right token', async () => {
    const run = await start({ steps: 40, token: 'guessed' });
    let message = '';
    await (
      await watchRun(run.folder, {
        onRefused: text => {
          message = text;
        },
      })
    ).done;
    assert.equal(message, 'wrong token');
    process.kill((await readChildRecord(run.folder))!.pid, 'SIGKILL');
  });

  it('tells why a child could not be started', async () => {
    await assert.rejects(start({ dies: true }), /it ended with code 3[^]*fake child: cannot go on/);
    const missing = { ...runtime, node: path.join(workspace, 'no-node') };
    await assert.rejects(
      startRun({ workspace, program, runtime: missing, title: 'x', task: 'fit', plan: {} }),
      /ENOENT/,
    );
  });

  it('lists, finds, compares and deletes runs, whatever lies between them', async () => {
    const first = await start(
      { steps: 3 },
      { title: 'a.py', settings: { 'fit.epochs': 1, 'optimizer.class': 'Adam' } },
    );
    await (
      await watch(first)
    ).done;
    const second = await start(
      { steps: 3 },
      { title: 'b.py', settings: { 'fit.epochs': 2, 'optimizer.class': 'Adam' } },
    );
    await (
      await watch(second)
    ).done;
    const runsFolder = path.dirname(first.folder);
    fs.mkdirSync(path.join(runsFolder, 'garbage'));
    fs.writeFileSync(path.join(runsFolder, 'garbage', 'run.json'), '{"id": 3');
    fs.mkdirSync(path.join(runsFolder, 'Not An Id'));
    fs.writeFileSync(path.join(runsFolder, 'a-file'), '');

    const runs = await listRuns(workspace);
    assert.deepEqual(
      runs.map(run => run.id),
      [second.id, first.id],
    );
    assert.equal((await findRun(workspace, 'latest')).id, second.id);
    assert.equal((await findRun(workspace, '-a-')).id, first.id);
    await assert.rejects(findRun(workspace, 'nothing-like-it'), RunNotFound);
    await assert.rejects(findRun(workspace, '2'), /fits 2 runs/);

    const { settings } = compareRuns(runs);
    assert.deepEqual(settings, [
      { name: 'fit.epochs', values: [2, 1], differs: true },
      { name: 'optimizer.class', values: ['Adam', 'Adam'], differs: false },
    ]);
    await deleteRun(workspace, first.id);
    assert.deepEqual(
      (await listRuns(workspace)).map(run => run.id),
      [second.id],
    );
    assert.deepEqual(await listRuns(path.join(workspace, 'elsewhere')), []);
  });

  it('will not delete a run that goes on', async () => {
    const run = await start({ steps: 100_000 });
    await watch(run);
    await assert.rejects(deleteRun(workspace, run.id), /still going on/);
  });

  it('reads a log that is cut off anywhere', async () => {
    const run = await start({ steps: 10 });
    await (
      await watch(run)
    ).done;
    const file = path.join(run.folder, 'events.jsonl');
    const bytes = fs.readFileSync(file);
    for (let cut = bytes.length; cut > 0; cut -= 37) {
      fs.writeFileSync(file, bytes.subarray(0, cut));
      const lines = bytes.subarray(0, cut).toString().split('\n').length - 1;
      assert.equal((await readEvents(run.folder)).length, lines);
    }
    fs.writeFileSync(file, Buffer.concat([Buffer.from('garbage\n\0\0\n[1]\n'), bytes]));
    assert.equal((await readRun(run.folder)).stepTable.rows, 10);
  });
});
