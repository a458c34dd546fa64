// What is said before a fine-tuning: rows, lengths, updates, memory and what would make it fit.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cachedModels } from '../../../src/bert/hub/list';
import { parseConfig } from '../../../src/bert/config';
import { estimateMemory, memoryAdvice, memorySuggestions } from '../../../src/bert/memory';
import { previewRun } from '../../../src/bert/run-preview';
import { FINETUNE_DEFAULTS, type FinetunePlan } from '../../../src/protocol/finetune-plan';

const FIXTURES = path.resolve('test/extension/fixtures');
const plan: FinetunePlan = {
  ...FINETUNE_DEFAULTS,
  checkpoint: path.join(FIXTURES, 'tiny-bert'),
  data: path.join(FIXTURES, 'sentences.csv'),
};
const PLENTY = 2 ** 36;

describe('the preview of a fine-tuning', () => {
  it('tells task, rows, balance and lengths from the data', async () => {
    const preview = await previewRun(plan, 42, PLENTY);
    assert.equal(preview.task, 'sequence-classification');
    assert.deepEqual(preview.columns.classes, ['negative', 'positive']);
    assert.deepEqual(preview.examples, { train: 86, validation: 10 });
    assert.deepEqual(
      preview.balance.map(({ count }) => count),
      [43, 43],
    );
    assert.equal(
      preview.histogram.reduce((sum, { count }) => sum + count, 0),
      86,
    );
    assert.equal(preview.maxLength, 26); // All that this checkpoint takes.
    assert.equal(preview.updates, 3 * Math.ceil(86 / 16));
    assert.deepEqual(preview.suggestions, []);
  });

  it('says how many texts a short maximum cuts off', async () => {
    const preview = await previewRun({ ...plan, maxLength: 8 }, 42, PLENTY);
    assert.ok(preview.truncatedShare > 0.3 && preview.truncatedShare < 0.7, String(preview.truncatedShare));
    assert.match(preview.notes.join(' '), /longer than 8 tokens, the longest has 11/);
  });

  it('counts what LoRA and freezing leave to train', async () => {
    const whole = await previewRun(plan, 42, PLENTY);
    const lora = await previewRun({ ...plan, loraRank: 2 }, 42, PLENTY);
    // Two layers of A [2, 16] and B [48, 2], the pooler 16 · 17, and two classes of 17.
    assert.equal(lora.trainableParams, 2 * (32 + 96) + 16 * 17 + 2 * 17);
    const frozen = await previewRun({ ...plan, freezeEmbeddings: true, freezeLayers: 2 }, 42, PLENTY);
    assert.equal(frozen.trainableParams, 16 * 17 + 2 * 17);
    assert.ok(whole.trainableParams > lora.trainableParams);
  });

  it('refuses what the run would refuse', async () => {
    await assert.rejects(previewRun({ ...plan, maxLength: 27 }, 42, PLENTY), /26 tokens at most, not 27/);
    await assert.rejects(previewRun({ ...plan, labelColumn: 'stars' }, 42, PLENTY), /there is no column "stars"/);
  });
});

describe('suggestions for memory', () => {
  const config = parseConfig('{"model_type": "bert"}'); // BERT-base.
  const question = { config, batchSize: 32, length: 512, trained: 110_000_000 };

  it('name changes that would fit, in the names of the plan', () => {
    const free = 16 * 2 ** 30;
    const [first, second, ...rest] = memorySuggestions(question, free);
    const { batchSize = 0, accumulation = 0 } = first!.changes;
    assert.equal(batchSize * accumulation, 32);
    assert.ok(estimateMemory({ ...question, batchSize }).total <= free);
    assert.ok(estimateMemory({ ...question, batchSize: batchSize * 2 }).total > free);
    assert.ok(estimateMemory({ ...question, length: second!.changes.maxLength! }).total <= free);
    assert.deepEqual(rest.at(-1)!.changes, {});
  });

  it('say the flags on the command line', () => {
    assert.match(memoryAdvice(question, 16 * 2 ** 30)[0]!, /\(--batch-size \d+ --set accumulation=\d+\)\.$/);
    assert.deepEqual(memoryAdvice(question, 2 ** 40), []);
  });
});

describe("the list of Python's cache", () => {
  it('has every model whose snapshot is whole', async () => {
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-hub-'));
    const add = (folder: string, revision: string, files: readonly string[]): void => {
      const snapshot = path.join(cache, folder, 'snapshots', 'abc');
      fs.mkdirSync(snapshot, { recursive: true });
      fs.mkdirSync(path.join(cache, folder, 'refs'));
      fs.writeFileSync(path.join(cache, folder, 'refs', revision), 'abc');
      for (const name of files) fs.writeFileSync(path.join(snapshot, name), '');
    };
    add('models--google--mini-bert', 'main', ['config.json', 'vocab.txt', 'model.safetensors']);
    add('models--bert-base-uncased', 'v2', ['config.json', 'vocab.txt', 'pytorch_model.bin']);
    add('models--half--loaded', 'main', ['config.json', 'vocab.txt']);
    add('datasets--glue', 'main', []);
    assert.deepEqual(
      (await cachedModels(cache)).map(({ id }) => id),
      ['bert-base-uncased@v2', 'google/mini-bert'],
    );
    assert.deepEqual(await cachedModels(path.join(cache, 'none')), []);
    fs.rmSync(cache, { recursive: true });
  });
});
