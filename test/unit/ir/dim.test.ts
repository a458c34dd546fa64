// The algebra of lengths against brute force: whatever numbers the symbols stand for, both sides agree.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  axisLength,
  ceilDivide,
  type Dim,
  dimText,
  divideExactly,
  floorDivide,
  isKnown,
  known,
  less,
  lowerBound,
  modulo,
  multiply,
  OPEN,
  same,
  scale,
  substitute,
  subtract,
  symbol,
  symbolsOf,
  unknownDim,
} from '../../../src/ir/dim';

/** An expression over `a`, `b`, `c` together with what it is worth for given numbers. */
type Numbers = Readonly<Record<string, number>>;
interface Case {
  readonly dim: Dim;
  readonly text: string;
  readonly worth: (v: Numbers) => number;
}

const leaf: fc.Arbitrary<Case> = fc.oneof(
  fc.integer({ min: -9, max: 20 }).map(n => ({ dim: known(n), text: String(n), worth: () => n })),
  fc.constantFrom('a', 'b', 'c').map(name => ({ dim: symbol(name), text: name, worth: (v: Numbers) => v[name]! })),
);

const expression: fc.Arbitrary<Case> = fc.letrec<{ node: Case }>(tie => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(tie('node'), tie('node'))
      .map(([x, y]) => ({
        dim: add(x.dim, y.dim),
        text: `(${x.text} + ${y.text})`,
        worth: (v: Numbers) => x.worth(v) + y.worth(v),
      })),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([x, y]) => ({
        dim: subtract(x.dim, y.dim),
        text: `(${x.text} - ${y.text})`,
        worth: (v: Numbers) => x.worth(v) - y.worth(v),
      })),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([x, y]) => ({
        dim: multiply(x.dim, y.dim),
        text: `(${x.text} * ${y.text})`,
        worth: (v: Numbers) => x.worth(v) * y.worth(v),
      })),
    fc
      .tuple(tie('node'), fc.integer({ min: 1, max: 5 }))
      .map(([x, k]) => ({
        dim: floorDivide(x.dim, known(k)),
        text: `(${x.text} // ${k})`,
        worth: (v: Numbers) => Math.floor(x.worth(v) / k),
      })),
    fc
      .tuple(tie('node'), fc.integer({ min: 1, max: 5 }))
      .map(([x, k]) => ({
        dim: modulo(x.dim, known(k)),
        text: `(${x.text} % ${k})`,
        worth: (v: Numbers) => x.worth(v) - k * Math.floor(x.worth(v) / k),
      })),
  ),
})).node;

const numbers = fc.record({
  a: fc.integer({ min: 1, max: 12 }),
  b: fc.integer({ min: 1, max: 12 }),
  c: fc.integer({ min: 1, max: 12 }),
});

function value(dim: Dim, v: Numbers): number | undefined {
  const put = substitute(dim, new Map(Object.entries(v).map(([name, n]) => [name, known(n)])));
  return isKnown(put) ? put.value : undefined;
}

describe('dim', () => {
  it('is worth what the expression is worth, for every number', () => {
    fc.assert(
      fc.property(expression, numbers, (e, v) => {
        const got = value(e.dim, v);
        if (got !== undefined) assert.equal(got, e.worth(v) + 0, `${e.text} as ${dimText(e.dim)}`);
        else assert.equal(e.dim.kind, 'unknown', `${e.text} as ${dimText(e.dim)}`);
      }),
      { numRuns: 600 },
    );
  });

  it('never says yes or no against a counterexample', () => {
    fc.assert(
      fc.property(expression, expression, numbers, (x, y, v) => {
        const [p, q] = [x.worth(v), y.worth(v)];
        const told = `${dimText(x.dim)} and ${dimText(y.dim)} at ${JSON.stringify(v)}`;
        if (same(x.dim, y.dim) === 'yes') assert.ok(p === q, told);
        if (same(x.dim, y.dim) === 'no') assert.ok(p !== q, told);
        if (less(x.dim, y.dim) === 'yes') assert.ok(p < q, told);
        if (less(x.dim, y.dim) === 'no') assert.ok(p >= q, told);
        assert.ok(lowerBound(x.dim) <= p, told);
      }),
      { numRuns: 600 },
    );
  });

  it('has one text for equal lengths', () => {
    fc.assert(
      fc.property(expression, expression, (x, y) => {
        assert.equal(dimText(add(x.dim, y.dim)), dimText(add(y.dim, x.dim)));
        assert.equal(dimText(multiply(x.dim, y.dim)), dimText(multiply(y.dim, x.dim)));
      }),
    );
  });

  it('divides exactly or not at all', () => {
    fc.assert(
      fc.property(expression, expression, numbers, (x, y, v) => {
        const quotient = divideExactly(x.dim, y.dim);
        const got = quotient && value(quotient, v);
        if (got !== undefined)
          assert.ok(got * y.worth(v) === x.worth(v), `${dimText(x.dim)} / ${dimText(y.dim)} = ${dimText(quotient!)}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('is written as an author would write it', () => {
    const [h, d] = [symbol('h'), symbol('d')];
    const table: readonly (readonly [Dim, string])[] = [
      [floorDivide(h, known(2)), 'h // 2'],
      [floorDivide(floorDivide(h, known(2)), known(2)), 'h // 4'],
      [scale(d, 2), '2*d'],
      [add(scale(d, 2), known(1)), '2*d + 1'],
      [subtract(h, known(2)), 'h - 2'],
      [floorDivide(add(scale(h, 2), known(3)), known(2)), 'h + 1'],
      [ceilDivide(h, known(2)), '(h + 1) // 2'],
      [OPEN, 'None'],
      [unknownDim('some reason'), '?'],
      [known(7), '7'],
      [multiply(floorDivide(h, known(2)), d), 'd*(h // 2)'],
    ];
    for (const [dim, text] of table) assert.equal(dimText(dim), text);
  });

  it('gives up with a reason instead of being wrong', () => {
    assert.equal(floorDivide(symbol('n'), known(0)).kind, 'unknown');
    assert.equal(multiply(known(2 ** 40), known(2 ** 40)).kind, 'unknown');
    assert.deepEqual(multiply(unknownDim('why'), known(0)), known(0));
    assert.equal(same(OPEN, OPEN), 'maybe');
  });

  it('names its symbols in the order of their first appearance', () => {
    assert.deepEqual(symbolsOf(add(floorDivide(symbol('w'), known(2)), symbol('h'))).sort(), ['h', 'w']);
  });

  it('counts the items of a slice as JavaScript does by hand', () => {
    const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: null });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        bound,
        bound,
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
        (n, lower, upper, step) => {
          const all = Array.from({ length: n }, (_, i) => i)
            .slice(lower ?? 0, upper ?? n)
            .filter((_, i) => i % (step ?? 1) === 0);
          assert.equal(axisLength(n, lower, upper, step), all.length);
          // Backwards over everything.
          assert.equal(axisLength(n, null, null, -(step ?? 1)), Math.ceil(n / (step ?? 1)));
        },
      ),
    );
  });
});
