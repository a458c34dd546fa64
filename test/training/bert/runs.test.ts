// A fine-tuning is a run: it ends with a checkpoint that predicts, and one that was stopped goes on bit by bit.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { checkpointFiles, openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import { parametersOf } from '../../../src/bert/parameters';
import { Predictor } from '../../../src/bert/predictor';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../../../src/protocol/finetune-plan';
import type { TrainEvent } from '../../../src/protocol/messages';
import { resumeRun, startRun, watchRun } from '../../../src/runs';
import { program, runtime, temporaryFolder } from '../runs';
import { native } from '../tensorflow';
import { RECORDED } from './recorded';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const GOOD = ['good', 'great', 'fine', 'lovely', 'nice'];
const BAD = ['bad', 'awful', 'sad', 'poor', 'dull'];
const OTHER = ['the', 'a', 'film', 'plot', 'was', 'very', 'quite', 'story', 'in', 'it'];

/** The recorded model with a vocabulary of sixty words. */
async function checkpoint(folder: string): Promise<string> {
  const target = path.join(folder, 'checkpoint');
  fs.mkdirSync(target);
  const source = await openCheckpoint(path.join(RECORDED, 'models/bert-sequence-classification'));
  const { weights } = readWeights(source, parametersOf(source.config, 'sequence-classification', 3));
  const files = checkpointFiles(source, 'sequence-classification', ['a', 'b', 'c'], weights);
  for (const [name, data] of Object.entries(files)) fs.writeFileSync(path.join(target, name), data);
  const words = [...SPECIAL, ...GOOD, ...BAD, ...OTHER];
  const rest = Array.from({ length: 60 - words.length }, (_, i) => `[unused${i}]`);
  fs.writeFileSync(path.join(target, 'vocab.txt'), `${[...words, ...rest].join('\n')}\n`);
  return target;
}

/** Sentences with one word that decides; the same ones at each call. */
function sentences(folder: string, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 2 + (i % 7) }, (__, k) => OTHER[(i * 7 + k * 3) % OTHER.length]!);
    const word = (i % 2 === 0 ? GOOD : BAD)[(i >> 1) % 5]!;
    words.splice(i % (words.length + 1), 0, word);
    return `${words.join(' ')},${i % 2 === 0 ? 'positive' : 'negative'}`;
  });
  const file = path.join(folder, 'sentences.csv');
  fs.writeFileSync(file, `text,label\n${lines.join('\n')}\n`);
  return file;
}

describe('fine-tuning runs', function () {
  this.timeout(240_000);
  let folder: string;
  let plan: FinetunePlan;

  before(async function () {
    await native(this);
    folder = temporaryFolder();
    plan = {
      ...FINETUNE_DEFAULTS,
      checkpoint: await checkpoint(folder),
      data: sentences(folder, 160),
      learningRate: 5e-3,
      epochs: 4,
    };
  });

  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  async function start(changes: Partial<FinetunePlan>, eager = false): Promise<string> {
    const started = await startRun({
      workspace: folder,
      program: program(),
      runtime: await runtime(),
      title: 'test',
      task: 'finetune',
      plan: { ...plan, ...changes },
      seed: 5,
      eager,
    });
    return started.folder;
  }

  /** Events until the run ends; `onEvent` may send commands. */
  async function ended(run: string, stopAt?: number): Promise<TrainEvent[]> {
    const events: TrainEvent[] = [];
    const watch = await watchRun(run, {
      onEvent: event => {
        events.push(event);
        if (event.type === 'step' && event.step === stopAt) watch.send({ command: 'stop', keep: 'last' });
      },
    });
    await watch.done;
    watch.close();
    return events;
  }

  const last = (events: readonly TrainEvent[]): TrainEvent => events.at(-1)!;

  it('learns, keeps the best epoch and writes a checkpoint that predicts', async function () {
    const output = path.join(folder, 'trained');
    const events = await ended(await start({ output }));
    const end = last(events);
    assert.equal(end.type, 'ended', JSON.stringify(end));
    assert.ok(end.type === 'ended' && end.metrics.val_accuracy === 1, JSON.stringify(end));
    const started = events.find(event => event.type === 'started');
    assert.ok(started?.type === 'started' && started.task === 'finetune' && started.samples === 144);
    assert.equal(started.monitor.metric, 'val_accuracy');
    assert.ok(events.some(event => event.type === 'log' && /of memory: weights/.test(event.message)));
    const evaluations = events.filter(event => event.type === 'evaluation');
    assert.deepEqual(
      evaluations.map(({ epoch }) => epoch),
      [1, 2, 3, 4],
    );
    const { labels, confusion, worst, metrics } = evaluations[3]!;
    assert.deepEqual(labels, ['negative', 'positive']);
    assert.equal(
      confusion!.flat().reduce((sum, n) => sum + n),
      started.validationSamples,
    );
    assert.equal(metrics.accuracy, 1);
    assert.ok(
      worst.length > 0 && worst.every(({ text, truth, row }) => text !== '' && labels.includes(truth) && row > 1),
    );

    const { tf } = await native(this);
    const predictor = await Predictor.open(tf, output);
    const [good, bad] = predictor.predict([{ text: 'the film was lovely' }, { text: 'a dull story' }]);
    assert.deepEqual([good!.label, bad!.label], ['positive', 'negative']);
    assert.ok(Math.abs(good!.scores.positive! + good!.scores.negative! - 1) < 1e-9);
    predictor.dispose();
  });

  it('goes on after a stop as if it had never been stopped', async () => {
    const changes = { accumulation: 2, epochs: 15, output: null, loraRank: 0 };
    const whole = await start(changes, true);
    await ended(whole);
    const parts = await start(changes, true);
    const first = last(await ended(parts, 2));
    assert.ok(first.type === 'ended' && first.reason === 'stopped', JSON.stringify(first));
    await resumeRun(parts, program(), await runtime());
    let end: TrainEvent = first;
    for (let i = 0; i < 100 && end === first; i++) {
      const events = await ended(parts);
      if (events.filter(({ type }) => type === 'ended').length === 2) end = last(events);
      else await new Promise(resolve => setTimeout(resolve, 200));
    }
    assert.ok(end.type === 'ended' && end.reason === 'finished', JSON.stringify(end));
    const weights = [whole, parts].map(run => fs.readFileSync(path.join(run, 'model/model.safetensors')));
    assert.ok(weights[0]!.equals(weights[1]!), 'the weights differ');
  });

  it('trains nothing but adapters and head with LoRA, and merges them', async () => {
    const output = path.join(folder, 'lora');
    const events = await ended(await start({ output, loraRank: 2, epochs: 1 }));
    const started = events.find(event => event.type === 'started');
    // Two layers of A [2, 16] and B [48, 2], the pooler 16 · 17, and two classes of 17.
    assert.ok(started?.type === 'started');
    assert.equal(started.trainableParams, 2 * (32 + 96) + 16 * 17 + 2 * 17);
    const before = await openCheckpoint(plan.checkpoint);
    const after = await openCheckpoint(output);
    const changed = [...after.tensors].filter(([name, tensor]) => {
      const old = before.tensors.get(name);
      return !old || Buffer.compare(Buffer.from(old.read().buffer), Buffer.from(tensor.read().buffer)) !== 0;
    });
    const names = changed.map(([name]) => name);
    assert.ok(
      names.every(name => /attention\.self\.(query|key|value)\.weight|pooler|classifier/.test(name)),
      names.join(', '),
    );
    assert.ok(names.some(name => name.includes('query')));
    assert.ok(after.tensors.size === before.tensors.size);
  });

  for (const [name, changes, message] of [
    ['a missing column', { labelColumn: 'stars' }, /there is no column "stars"/],
    ['too long a maximum', { maxLength: 27 }, /26 tokens at most, not 27/],
    ['more frozen layers than there are', { freezeLayers: 3 }, /has 2 layers; 3 of them/],
    ['class weights of another number', { classWeights: [1, 2, 3] }, /2 classes \(.*\) and 3 class weights/],
  ] as const) {
    it(`fails with words for ${name}, and writes nothing`, async () => {
      const output = path.join(folder, 'nothing');
      const end = last(await ended(await start({ ...changes, output })));
      assert.ok(end.type === 'failed' && message.test(end.message) && end.hint !== '', JSON.stringify(end));
      assert.equal(fs.existsSync(output), false);
    });
  }
});
