// Shapes against brute force: broadcasting against index arithmetic, windows against sliding one by hand, reshapes
// against counting.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isKnown, known, OPEN, symbol, unknownDim } from '../../../src/ir/dim';
import {
  broadcast,
  elements,
  isBroadcastFailure,
  isRanked,
  ranked,
  reshape,
  sameShape,
  shape,
  shapeJson,
  shapeText,
  transposedWindowOutput,
  unranked,
  windowFails,
  windowOutput,
} from '../../../src/ir/shape';

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

describe('shape', () => {
  it('broadcasts as index arithmetic does', () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const rank = Math.max(a.length, b.length);
        const pad = (s: number[]): number[] => [...new Array<number>(rank - s.length).fill(1), ...s];
        const [x, y] = [pad(a), pad(b)];
        const fits = x.every((n, i) => n === y[i] || n === 1 || y[i] === 1);
        const got = broadcast(shape(...a), shape(...b));
        assert.equal(!isBroadcastFailure(got), fits);
        if (!isBroadcastFailure(got))
          assert.deepEqual(
            shapeJson(got),
            x.map((n, i) => Math.max(n, y[i]!)),
          );
      }),
    );
  });

  it('slides windows as one would by hand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        (n, size, stride, dilation) => {
          const w = { size: known(size), stride: known(stride), dilation: known(dilation), padding: 'valid' as const };
          let count = 0;
          for (let at = 0; at + (size - 1) * dilation + 1 <= n; at += stride) count++;
          assert.equal(windowFails(known(n), w), count === 0);
          if (count > 0) assert.deepEqual(windowOutput(known(n), w), known(count));
          assert.deepEqual(windowOutput(known(n), { ...w, padding: 'same' }), known(Math.ceil(n / stride)));
        },
      ),
    );
  });

  it('undoes a strided window by a transposed one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        (n, size, stride) => {
          const w = { size: known(size), stride: known(stride), dilation: known(1), padding: 'same' as const };
          assert.deepEqual(transposedWindowOutput(known(n), w), known(n * stride));
          assert.deepEqual(windowOutput(transposedWindowOutput(known(n), w), w), known(n));
        },
      ),
    );
  });

  it('keeps the number of elements in a reshape, and finds the −1', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(3), (from, to, at) => {
        const total = from.reduce((x, y) => x * y, 1);
        const plain = reshape(shape(...from).dims, shape(...to).dims);
        assert.equal(plain.kind === 'ok', to.reduce((x, y) => x * y, 1) === total);
        if (to.length === 0) return;
        const hole = at % to.length;
        const rest = to.filter((_, i) => i !== hole).reduce((x, y) => x * y, 1);
        const holed = reshape(
          shape(...from).dims,
          to.map((n, i) => known(i === hole ? -1 : n)),
        );
        assert.equal(holed.kind === 'ok', total % rest === 0);
        if (holed.kind === 'ok') assert.deepEqual(elements(ranked(holed.dims)), known(total));
      }),
    );
  });

  it('reads open, symbolic and unknown axes apart', () => {
    assert.equal(shapeText(shape(null, 3)), '(None, 3)');
    assert.equal(shapeText(ranked([OPEN, symbol('n'), unknownDim('some reason')])), '(None, n, ?)');
    assert.equal(shapeText(shape(5)), '(5,)');
    assert.equal(shapeText(unranked('some reason')), '(…)');
    assert.deepEqual(shapeJson(ranked([OPEN, symbol('n'), unknownDim('some reason'), known(2)])), [null, 'n', null, 2]);
  });

  it('compares for sure or not at all', () => {
    assert.equal(sameShape(shape(null, 3), shape(null, 3)), 'yes');
    assert.equal(sameShape(shape(null, 3), shape(null, 4)), 'no');
    assert.equal(sameShape(shape(3), shape(3, 1)), 'no');
    assert.equal(sameShape(ranked([symbol('n')]), shape(3)), 'maybe');
    assert.equal(sameShape(unranked('some reason'), shape(3)), 'maybe');
  });

  it('speaks of a failed broadcast only where no symbol could be 1', () => {
    const failure = broadcast(shape(null, 3), shape(null, 4));
    assert.ok(isBroadcastFailure(failure) && failure.axis === -1);
    const unsure = broadcast(ranked([symbol('n')]), shape(4));
    assert.ok(!isBroadcastFailure(unsure) && isRanked(unsure) && isKnown(unsure.dims[0]!));
  });
});
