// `bert new`: a checkpoint from text has sound weights and a tokenizer, learns its corpus, and goes on after a stop.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import { parametersOf } from '../../../src/bert/parameters';
import { openTokenizer } from '../../../src/bert/prepare';
import { PRETRAIN_DEFAULTS, type PretrainPlan } from '../../../src/protocol/pretrain-plan';
import type { TrainEvent } from '../../../src/protocol/messages';
import { resumeRun, startRun, watchRun } from '../../../src/runs';
import { program, runtime, temporaryFolder } from '../runs';
import { native } from '../tensorflow';
import { eventsOf, modelwright } from './cli';

/** Sentences in which the second word follows from the first: there is something to learn. */
function corpus(lines: number): string {
  const pairs = ['red rose', 'blue sky', 'green grass', 'white snow', 'black coal', 'grey stone'];
  const line = (i: number): string => {
    const [a, b, c] = [pairs[i % 6]!, pairs[(i * 7 + 1) % 6]!, pairs[(i * 5 + 2) % 6]!];
    return `The ${a} and the ${b} like the ${c}.`;
  };
  return `${Array.from({ length: lines }, (_, i) => line(i) + (i % 10 === 9 ? '\n' : '')).join('\n')}\n`;
}

describe('a checkpoint from text', function () {
  this.timeout(240_000);
  let folder: string;
  let plan: PretrainPlan;

  before(async function () {
    await native(this);
    folder = temporaryFolder();
    const file = path.join(folder, 'corpus.txt');
    fs.writeFileSync(file, corpus(160));
    const shape = { size: 'tiny', layers: 1, hiddenSize: 32, heads: 2, positions: 64 } as const;
    plan = { ...PRETRAIN_DEFAULTS, ...shape, corpus: [file], maxLength: 32, batchSize: 16, epochs: 8 };
  });

  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(changes: Partial<PretrainPlan>, eager = false): Promise<string> {
    const request = { workspace: folder, title: 'test', task: 'pretrain', plan: { ...plan, ...changes } as never };
    const started = await startRun({ ...request, program: program(), runtime: await runtime(), seed: 5, eager });
    return started.folder;
  }

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

  it('is made by the command line, with a vocabulary and weights as they should start', async () => {
    const settings = ['layers=2', 'hidden_size=64', 'vocab_size=150', 'max_position_embeddings=48'];
    const flags = ['--output', 'fresh', '--seed', '3', '--json', ...settings.flatMap(one => ['--set', one])];
    const done = await modelwright(folder, ['bert', 'new', '--corpus', 'corpus.txt', ...flags]);
    assert.equal(done.code, 0, done.err);
    const last = eventsOf(done).at(-1)!;
    assert.ok(last.type === 'ended' && last.reason === 'finished' && last.output === path.join(folder, 'fresh'));
    const checkpoint = await openCheckpoint(path.join(folder, 'fresh'));
    const { config } = checkpoint;
    assert.deepEqual([config.layers, config.hiddenSize, config.heads, config.positions], [2, 64, 1, 48]);
    const tokenizer = await openTokenizer(checkpoint);
    assert.equal(tokenizer.vocabSize, config.vocabSize);
    assert.ok(tokenizer.vocabSize <= 150 && tokenizer.modelMaxLength === 48);
    assert.deepEqual(tokenizer.encode('The green grass').tokens, ['[CLS]', 'the', 'green', 'grass', '[SEP]']);

    const { weights, missing } = readWeights(checkpoint, parametersOf(config, 'masked-lm', 0));
    assert.deepEqual(missing, []);
    const words = weights['embeddings/word']!.data;
    const rest = words.subarray(64);
    assert.ok(
      words.subarray(0, 64).every(value => value === 0),
      'the row of the padding',
    );
    const deviation = Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0) / rest.length);
    assert.ok(Math.abs(deviation - 0.02) < 0.001, `${deviation}`);
    assert.ok(weights['layer_1/output_norm/gamma']!.data.every(value => value === 1));
    assert.ok(weights['layer_1/qkv/bias']!.data.every(value => value === 0));
  });

  it('learns its corpus', async () => {
    const output = path.join(folder, 'learned');
    const events = await ended(await start({ output, epochs: 20, learningRate: 1e-2 }));
    const started = events.find(event => event.type === 'started');
    assert.ok(started?.type === 'started' && started.task === 'pretrain' && started.validationSamples > 0);
    assert.equal(started.monitor.metric, 'val_loss');
    const losses = events.flatMap(event => (event.type === 'epoch' ? [event.metrics.val_loss!] : []));
    assert.ok(losses.at(-1)! < losses[0]! / 2, losses.join(' '));
    assert.ok(fs.existsSync(path.join(output, 'tokenizer.json')));
  });

  it('goes on after a stop as if it had never been stopped', async () => {
    const whole = await start({ epochs: 3 }, true);
    await ended(whole);
    const parts = await start({ epochs: 3 }, true);
    const first = (await ended(parts, 2)).at(-1)!;
    assert.ok(first.type === 'ended' && first.reason === 'stopped', JSON.stringify(first));
    await resumeRun(parts, program(), await runtime());
    let end: TrainEvent = first;
    for (let i = 0; i < 100 && end === first; i++) {
      const events = await ended(parts);
      if (events.filter(({ type }) => type === 'ended').length === 2) end = events.at(-1)!;
      else await new Promise(resolve => setTimeout(resolve, 200));
    }
    assert.ok(end.type === 'ended' && end.reason === 'finished', JSON.stringify(end));
    const [a, b] = [whole, parts].map(run => fs.readFileSync(path.join(run, 'model/model.safetensors')));
    assert.ok(a!.equals(b!), 'the weights differ');
  });
});
