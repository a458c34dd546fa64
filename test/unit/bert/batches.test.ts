/** Batches: every feature once, alike in length, the same with the same seed; masks as BERT's authors drew them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchOf, maskTokens, paddingShare, planBatches, type Feature } from '../../../src/bert/tasks/index';
import { smallTokenizer } from './vocabulary';

const feature = (ids: number[], labels: number[] = [0]): Feature => ({
  example: 0,
  ids,
  typeIds: ids.map(() => 0),
  labels,
  encoding: null,
  truncated: false,
});

describe('batches', () => {
  it('hold every feature exactly once, whatever the lengths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 17 }),
        fc.boolean(),
        fc.boolean(),
        (lengths, batchSize, shuffle, groupByLength) => {
          const plan = planBatches(lengths, { batchSize, seed: 5, epoch: 1, shuffle, groupByLength });
          assert.deepEqual(
            plan.flat().sort((a, b) => a - b),
            lengths.map((_, i) => i),
          );
          assert.equal(plan.length, Math.ceil(lengths.length / batchSize));
          assert.ok(plan.slice(0, -1).every(rows => rows.length > 0));
        },
      ),
    );
  });

  it('come in the same order with the same seed and epoch, so that a run resumes anywhere', () => {
    const lengths = Array.from({ length: 500 }, (_, i) => (i * 37) % 120);
    const plan = (seed: number, epoch: number): number[][] => planBatches(lengths, { batchSize: 16, seed, epoch });
    assert.deepEqual(plan(1, 0), plan(1, 0));
    assert.notDeepEqual(plan(1, 0), plan(1, 1));
    assert.notDeepEqual(plan(1, 0), plan(2, 0));
  });

  it('of like length fill up little', () => {
    const lengths = Array.from({ length: 2000 }, (_, i) => 8 + ((i * 7919) % 120));
    const share = (groupByLength: boolean): number =>
      paddingShare(lengths, planBatches(lengths, { batchSize: 16, seed: 1, epoch: 0, groupByLength }));
    assert.ok(share(true) < 0.1, `${share(true)} of the tokens only fill up`);
    assert.ok(share(false) > 0.35);
  });

  it('are filled up to a multiple of eight, never beyond the maximum', () => {
    const tokenizer = smallTokenizer();
    const all = [feature([2, 5, 3], [1]), feature([2, 5, 6, 7, 3], [0])];
    const batch = batchOf(all, [1, 0], { task: 'sequence-classification', tokenizer });
    assert.equal(batch.length, 8);
    assert.deepEqual([...batch.ids], [2, 5, 6, 7, 3, 0, 0, 0, 2, 5, 3, 0, 0, 0, 0, 0]);
    assert.deepEqual([...batch.attentionMask.subarray(8)], [1, 1, 1, 0, 0, 0, 0, 0]);
    assert.deepEqual([...batch.labels], [0, 1]);
    assert.equal(batchOf(all, [1], { task: 'sequence-classification', tokenizer, maxLength: 6 }).length, 6);
  });

  it('of words weigh only the tokens that have a label', () => {
    const all = [feature([2, 5, 6, 3], [-100, 4, -100, -100])];
    const { labels, weights, labelShape } = batchOf(all, [0], {
      task: 'token-classification',
      tokenizer: smallTokenizer(),
    });
    assert.deepEqual(labelShape, [8]);
    assert.deepEqual([...labels], [0, 4, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...weights], [0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('of a language model name the hidden tokens by their place in the batch', () => {
    const tokenizer = smallTokenizer();
    const all = [feature([2, 10, 11, 12, 3]), feature([2, 10, 3])];
    const batch = batchOf(all, [0, 1], { task: 'masked-lm', tokenizer, seed: 1, maskProbability: 1 });
    assert.deepEqual([...batch.selected!], [1, 2, 3, 9]);
    assert.deepEqual([...batch.labels], [10, 11, 12, 10]);
  });
});

describe('masking', () => {
  const tokenizer = smallTokenizer();
  const ids = [2, ...Array.from({ length: 20_000 }, (_, i) => 5 + (i % 20)), 3];

  it('hides 15 %: 80 % masked, 10 % random, 10 % left', () => {
    const { ids: masked, labels } = maskTokens(ids, tokenizer, 7, 0);
    const chosen = labels.flatMap((label, i) => (label === -100 ? [] : [i]));
    const share = (count: number): number => Math.round((100 * count) / chosen.length);
    assert.equal(Math.round((100 * chosen.length) / 20_000), 15);
    assert.ok(Math.abs(share(chosen.filter(i => masked[i] === tokenizer.special.mask).length) - 80) <= 2);
    assert.ok(Math.abs(share(chosen.filter(i => masked[i] === ids[i]).length) - 10) <= 2);
    assert.ok(chosen.every(i => labels[i] === ids[i]));
    assert.ok(masked.every((id, i) => id === ids[i] || labels[i] !== -100));
  });

  it('is the same for the same seed and position, and never touches special tokens', () => {
    assert.deepEqual(maskTokens(ids, tokenizer, 7, 3), maskTokens(ids, tokenizer, 7, 3));
    assert.notDeepEqual(maskTokens(ids, tokenizer, 7, 3).labels, maskTokens(ids, tokenizer, 7, 4).labels);
    const { ids: masked } = maskTokens(ids, tokenizer, 7, 0, 1);
    assert.equal(masked[0], 2);
    assert.equal(masked[masked.length - 1], 3);
  });

  it('hides at least one token of a short text, none of an empty one', () => {
    for (let position = 0; position < 20; position++) {
      assert.equal(maskTokens([2, 9, 3], tokenizer, 1, position).labels[1], 9);
    }
    assert.deepEqual(maskTokens([2, 3], tokenizer, 1, 0).labels, [-100, -100]);
  });
});
