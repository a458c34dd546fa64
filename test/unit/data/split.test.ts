/** The order of the samples, batches and the validation split: deterministic, complete, fair. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchCount, batches, gather } from '../../../src/data/batch';
import type { DataSet } from '../../../src/data/dataset';
import { permutation } from '../../../src/data/random';
import { splitIndices } from '../../../src/data/split';

const numbers = (length: number): DataSet => ({
  x: { dtype: 'uint8', shape: [length, 2], data: Uint8Array.from({ length: 2 * length }, (_, i) => i) },
  y: { dtype: 'int32', shape: [length], data: Int32Array.from({ length }, (_, i) => i) },
  source: 'numbers',
});

describe('order of the samples', () => {
  it('is a permutation that depends on seed and epoch alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), fc.nat(50), (length, seed, epoch) => {
        const order = permutation(length, seed, epoch);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length }, (_, i) => i),
        );
        assert.deepEqual(order, permutation(length, seed, epoch));
        if (length > 20) {
          assert.notDeepEqual(order, permutation(length, seed, epoch + 1));
          assert.notDeepEqual(order, permutation(length, seed + 1, epoch));
        }
      }),
    );
  });

  it('does not change between versions: runs started earlier must resume', () => {
    assert.deepEqual([...permutation(8, 42, 0)], [1, 6, 7, 5, 4, 3, 2, 0]);
    assert.deepEqual([...permutation(8, 42, 1)], [7, 3, 6, 0, 5, 4, 2, 1]);
  });

  it('puts every sample at every place equally often', () => {
    const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    const rounds = 5000;
    for (let epoch = 0; epoch < rounds; epoch++)
      permutation(5, 7, epoch).forEach((sample, place) => counts[place]![sample]!++);
    const chi = counts.flat().reduce((sum, count) => sum + (count - rounds / 5) ** 2 / (rounds / 5), 0);
    // Sixteen degrees of freedom; 45 is exceeded once in ten thousand fair shuffles, and the seed is fixed.
    assert.ok(chi < 45, `chi-squared ${chi}`);
  });
});

describe('batches', () => {
  it('cover an epoch exactly, keep samples and labels together, and widen bytes to float32', () => {
    const seen: number[] = [];
    for (const batch of batches(numbers(10), { batchSize: 4, seed: 3, epoch: 2 })) {
      assert.deepEqual(batch.x.shape, [batch.size, 2]);
      assert.ok(batch.x.data instanceof Float32Array && batch.y!.data instanceof Int32Array);
      batch.y!.data.forEach((label, i) =>
        assert.deepEqual([...batch.x.data.subarray(2 * i, 2 * i + 2)], [2 * label, 2 * label + 1]),
      );
      seen.push(...batch.y!.data);
    }
    assert.deepEqual(seen, [...permutation(10, 3, 2)]);
    assert.equal(batchCount(10, 4), 3);
  });

  it('resume in the middle of an epoch with the batches that were left', () => {
    const options = { batchSize: 3, seed: 1, epoch: 5 };
    const all = [...batches(numbers(11), options)];
    assert.deepEqual([...batches(numbers(11), { ...options, start: 2 })], all.slice(2));
    assert.deepEqual(
      [...batches(numbers(4), { batchSize: 4, shuffle: false })][0]!.y!.data,
      Int32Array.from([0, 1, 2, 3]),
    );
    assert.throws(() => [...batches(numbers(4), { batchSize: 0 })], /positive integer/);
  });

  it('gather samples of any width', () => {
    const data = Float32Array.from({ length: 60 }, (_, i) => i);
    const picked = gather({ dtype: 'float32', shape: [3, 4, 5], data }, Uint32Array.from([2, 0]));
    assert.deepEqual(picked.shape, [2, 4, 5]);
    assert.deepEqual([...picked.data], [...data.subarray(40, 60), ...data.subarray(0, 20)]);
  });
});

describe('validation split', () => {
  it('divides the samples without loss or overlap in every mode', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { minLength: 2, maxLength: 200 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.constantFrom('end', 'shuffled', 'stratified'),
        fc.nat(),
        (labels, fraction, mode, seed) => {
          const { train, validation } = splitIndices(labels.length, fraction, mode, seed, labels);
          assert.deepEqual(
            [...train, ...validation].sort((a, b) => a - b),
            labels.map((_, i) => i),
          );
          assert.deepEqual(splitIndices(labels.length, fraction, mode as 'end', seed, labels), { train, validation });
        },
      ),
    );
  });

  it('takes the same share of every class when stratified, also of small classes together', () => {
    const labels = Array.from({ length: 1000 }, (_, i) => Math.floor(i / 100));
    const { validation } = splitIndices(1000, 0.1, 'stratified', 5, labels);
    for (let label = 0; label < 10; label++) assert.equal([...validation].filter(i => labels[i] === label).length, 10);
    const few = Array.from({ length: 40 }, (_, i) => i % 10);
    assert.equal(splitIndices(40, 0.1, 'stratified', 5, few).validation.length, 4);
  });

  it("takes the last samples for Keras's validation_split", () => {
    assert.deepEqual([...splitIndices(10, 0.25, 'end').validation], [7, 8, 9]);
  });
});
