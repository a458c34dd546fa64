// The evaluator never throws, always ends, and gives the same answer for the same text: on healthy code, on damaged
// code, and on code that tries to run for ever.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BUDGET } from '../../../src/infer/evaluator';
import { interpret } from '../../../src/infer/interpret';
import { diagnose } from '../../../src/rules';
import { parserOf } from '../parse/parsers';
import { digest, factsOf, shapesOf, stock } from './programs';

const TOKENS = [
  '(',
  ')',
  '[',
  ']',
  ':',
  ',',
  '=',
  '\n',
  '    ',
  'for x in y:',
  'if n:',
  'else:',
  'return',
  'None',
  '-1',
  '0',
  '10 ** 9',
  'self',
  'lambda x: x',
  '*args',
  '**k',
  'super()',
  'while True:',
  'def f(x):',
  'class A(A):',
  'yield',
  'x[..., None]',
  'break',
  'try:',
  'del x',
  'global n',
  'keras',
  'model.add(model)',
  'x = [x]',
  'f(f)',
];

/** A program with a few pieces cut out, doubled, moved or put in. */
const damaged = fc
  .tuple(
    fc.constantFrom(...stock()),
    fc.array(fc.tuple(fc.nat(3), fc.nat(10_000), fc.nat(60), fc.constantFrom(...TOKENS)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((t, [how, at, length, token]) => {
      const start = at % (t.length + 1);
      const piece = t.slice(start, start + length);
      switch (how) {
        case 0:
          return t.slice(0, start) + t.slice(start + length);
        case 1:
          return t.slice(0, start) + token + t.slice(start);
        case 2:
          return t.slice(0, start) + piece + t.slice(start);
        default:
          return t.slice(0, start) + t.slice(start + length) + piece;
      }
    }, text),
  );

describe('evaluator', function () {
  this.timeout(60_000);

  it('never throws, and says the same twice, on damaged programs', async () => {
    const parser = await parserOf('python');
    fc.assert(
      fc.property(damaged, text => {
        const program = parser.parse(text);
        const facts = interpret(program);
        assert.equal(digest(facts), digest(interpret(program)));
        diagnose({ text, language: 'python', program, facts });
      }),
      { numRuns: 250 },
    );
  });

  /** Each ends, and what stands behind it is still seen. */
  const ENDLESS: readonly (readonly [string, string])[] = [
    ['a loop over 10**9', 'for i in range(10 ** 9):\n    x = i'],
    [
      'loops inside loops',
      'n = 0\nfor i in range(5000):\n    for j in range(5000):\n        for k in range(5000):\n            n += 1',
    ],
    ['a loop without end', 'n = 0\nwhile True:\n    n += 1'],
    ['recursion without end', 'def f(n):\n    return f(n + 1)\nf(0)'],
    ['two functions that call each other', 'def f(n):\n    return g(n)\ndef g(n):\n    return f(n) + f(n - 1)\nf(0)'],
    ['a doubling recursion', 'def f(n):\n    return f(n - 1) + f(n - 2) if n > unknown else n\nf(100)'],
    ['a list that holds itself', 'a = []\na.append(a)\nb = a\nfor x in a:\n    b = [b, x]\nc = a == b'],
    ['a dict that holds itself', 'd = {}\nd["d"] = d\nprint(d)\ne = {**d, "x": d}'],
    ['a list that grows while it is walked', 'a = [1]\nfor x in a:\n    a.append(x)'],
    ['a text that doubles', 's = "x"\nfor i in range(100):\n    s = s + s'],
    ['a list that doubles', 'a = [1, 2]\nfor i in range(100):\n    a = a + a'],
    ['a repetition of 10**9', 'a = [0] * 10 ** 9\ns = "x" * 10 ** 9'],
    ['a huge power', 'n = 10 ** 10 ** 10'],
    ['a comprehension over 10**9', 'a = [x * y for x in range(10 ** 9) for y in range(10 ** 9)]'],
    [
      'a class that derives from itself',
      'class A(A):\n    pass\nclass A(A):\n    def __init__(self):\n        super().__init__()\na = A()',
    ],
    [
      'a layer that calls itself',
      'class L(keras.layers.Layer):\n    def call(self, x):\n        return self(x)\nL()(keras.Input((3,)))',
    ],
    [
      'a layer that makes itself',
      'class L(keras.layers.Layer):\n    def __init__(self):\n        super().__init__()\n        self.inner = L()\nL()',
    ],
    ['a property that reads itself', 'class C:\n    @property\n    def p(self):\n        return self.p\nC().p'],
    [
      'branches without end',
      'def f(n):\n    if unknown:\n        return f(n)\n    if other:\n        return f(n)\n    return n\nf(1)',
    ],
    [
      'a model that holds itself',
      'm = keras.Sequential()\nm.add(m)\nm.add(keras.layers.Dense(2))\nm.build((None, 3))\nm.summary()',
    ],
    ['a very long sum', `x = ${new Array(3000).fill('1').join(' + ')}`],
    ['very deep brackets', `x = ${'['.repeat(400)}1${']'.repeat(400)}`],
    ['a very long chain of calls', `x = f${'(1)'.repeat(300)}`],
    ['a thousand branches', new Array(1000).fill('if unknown:\n    x = 1\nelse:\n    x = 2').join('\n')],
  ];

  for (const [what, code] of ENDLESS) {
    it(`ends after ${what}, and goes on`, async () => {
      const shapes = await shapesOf(`import keras\n${code}\nlast = keras.layers.Dense(4)(keras.Input((3,)))\n`);
      assert.equal(shapes.at(-1), '(None, 4)');
    });
  }

  it('keeps to its budget', async () => {
    const parser = await parserOf('python');
    const program = parser.parse('n = 0\nfor i in range(10 ** 9):\n    n = n + i\n'.repeat(50));
    const facts = interpret(program, { budget: { ...BUDGET, steps: 20_000, statementSteps: 5_000 } });
    assert.deepEqual(facts.faults, []);
  });

  it('does not know what happens behind the end of its budget, rather than being wrong', async () => {
    const facts = await factsOf(
      'import keras\nn = 0\nfor i in range(100):\n    n += 1\nx = keras.layers.Dense(n)(keras.Input((n,)))',
      { budget: { steps: 40 } },
    );
    assert.deepEqual(facts.faults, []);
  });
});
