/** The panel thins curves per pixel: no spike may be lost, no gap drawn over,
  and smoothing must not depend on chunks. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { envelope, lowerIndex, Smoothed } from '../../../webview/shared/decimate';

const series = (ys: readonly number[]): { x: Float64Array; y: Float64Array } => ({
  x: Float64Array.from(ys, (_, i) => i + 1),
  y: Float64Array.from(ys),
});

describe('envelope', () => {
  it('gives few points back as they are', () => {
    const { x, y } = series([3, 1, 2]);
    assert.deepEqual([...envelope(x, y, 1, 3, 100).y], [3, 1, 2]);
  });

  it('keeps the least and the greatest value of the view, whatever the width', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 50 }),
        (ys, columns) => {
          const { x, y } = series(ys);
          const drawn = envelope(x, y, 1, ys.length, columns);
          assert.equal(Math.max(...drawn.y), Math.max(...ys));
          assert.equal(Math.min(...drawn.y), Math.min(...ys));
          assert.ok(drawn.y.length <= Math.max(2 * columns, 1));
          for (let i = 1; i < drawn.x.length; i++) assert.ok(drawn.x[i]! > drawn.x[i - 1]!);
        },
      ),
    );
  });

  it('reaches one point beyond the view on each side, so that lines leave it', () => {
    const { x, y } = series([1, 2, 3, 4, 5, 6]);
    assert.deepEqual([...envelope(x, y, 3, 4, 100).x], [2, 3, 4]);
  });

  it('leaves gaps out', () => {
    const { x, y } = series([1, NaN, 3]);
    assert.deepEqual([...envelope(x, y, 1, 3, 100).x], [1, 3]);
  });

  it('thins a million points to the pixels of the page', () => {
    const { x, y } = series(Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i / 1000)));
    y[123_456] = 50;
    const drawn = envelope(x, y, 1, 1_000_000, 800);
    assert.ok(drawn.x.length <= 1600);
    assert.ok(drawn.y.includes(50));
  });
});

describe('lowerIndex', () => {
  it('finds the first value that is not below the limit', () => {
    assert.deepEqual(
      [0, 1, 1.5, 3, 9].map(limit => lowerIndex([1, 2, 3], limit)),
      [0, 0, 1, 2, 3],
    );
  });
});

describe('Smoothed', () => {
  it('is the same in pieces and at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 200 }),
        fc.nat(),
        (ys, cut) => {
          const y = Float64Array.from(ys);
          const pieces = new Smoothed(0.9);
          pieces.of(y.subarray(0, cut % (ys.length + 1)));
          assert.deepEqual([...pieces.of(y)], [...new Smoothed(0.9).of(y)]);
        },
      ),
    );
  });

  it('starts at the first value and stays on a constant', () => {
    assert.equal(new Smoothed(0.99).of(Float64Array.of(7))[0], 7);
    for (const value of new Smoothed(0.6).of(Float64Array.of(2, 2, 2, 2))) assert.ok(Math.abs(value - 2) < 1e-12);
  });

  it('passes over gaps without forgetting', () => {
    const smooth = new Smoothed(0.5).of(Float64Array.of(4, NaN, 4));
    assert.ok(Number.isNaN(smooth[1]!));
    assert.equal(smooth[2], 4);
  });
});
