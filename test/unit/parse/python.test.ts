// Python as programs, printed compactly.
import assert from 'node:assert/strict';
import { parserOf } from './parsers';
import { print } from './print';

/** Source, and the lines of the printed program. */
const TABLE: Readonly<Record<string, readonly [source: string, printed: string][]>> = {
  numbers: [
    ['1_000; 0xff; 0b101; 0o17', '1000\n255\n5\n15'],
    ['1.; .5; 1e3; 1./255', '1.0\n0.5\n1000.0\n(1.0 / 255)'],
    ['3j', '<a complex number>'],
  ],
  strings: [
    ['"a" \'b\' """c"""', '"abc"'],
    ['r"\\n" "\\n" b"x"', '"\\\\n\\nx"'],
    ['b"x" b"y"', 'b"xy"'],
    ['"\\x41\\u0042\\101\\q\\\n"', '"ABA\\\\q"'],
    ['f"a{b}c" "d{e}" f"{{x}}"', 'f["a" {b} "cd{e}{x}"]'],
    ['f"{x!r:>{width}.2f}"', 'f[{x!r:>{width}.2f}]'],
    ['f"{x = }"', 'f["x = " {x!r}]'],
    ['f"{f"{x}"}"', 'f[{f[{x}]}]'],
  ],
  operators: [
    ['-x**2', '(-(x ** 2))'],
    ['2**-1', '(2 ** (-1))'],
    ['a ** b ** c', '(a ** (b ** c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a // b % c @ d', '(((a // b) % c) @ d)'],
    ['a < b <= c is not d not in e', '(a < b <= c is not d not in e)'],
    ['not a and b or c', '(((not a) and b) or c)'],
    ['x if a else y if b else z', '(a ? x : (b ? y : z))'],
    ['(n := 10) + n', '((n := 10) + n)'],
    ['await f() + 1', '(await f() + 1)'],
  ],
  targets: [
    ['a = b = c', 'a = b = c'],
    ['a, *b = c', '(a, *b) = c'],
    ['[a, (b, c)] = d', '[a, (b, c)] = d'],
    ['x.y, z[0] = 1, 2', '(x.y, z[0]) = (1, 2)'],
    ['x: int = 3', 'x: int = 3'],
    ['x: List[int]', 'x: List[int]'],
    ['x //= 2', 'x //= 2'],
    ['x = (yield y)', 'x = yield y'],
    ['del a, b[0]', 'del a, b[0]'],
  ],
  subscripts: [
    ['x[1:2, ..., None, ::-1]', 'x[1:2, ..., None, ::(-1)]'],
    ['x[(1, 2)]', 'x[1, 2]'],
    ['x[1,]', 'x[1,]'],
    ['x[:]', 'x[:]'],
    ['x[a:][:b]', 'x[a:][:b]'],
  ],
  calls: [
    ['f(1, *a, k=2, **b)', 'f(1, *a, k=2, **b)'],
    ['f(x for x in y)', 'f(generator(x for x in y))'],
    ['f(x := 1)', 'f((x := 1))'],
    ['layers.Dense(10)(x)', 'layers.Dense(10)(x)'],
  ],
  collections: [
    ['[*a, 1], {**b, "k": v}, {1, *c}, (1,), ()', '([*a, 1], {**b, "k": v}, set{1, *c}, (1,), ())'],
    ['{k: v for k, v in z if k if v for q in r}', 'dict(k: v for (k, v) in z if k if v for q in r)'],
    ['{x for x in y}', 'set(x for x in y)'],
  ],
  functions: [
    [
      'def f(a, /, b: int = 1, *args, c, d=2, **kw) -> int: pass',
      'def f(/a, b: int = 1, *args, $c, $d = 2, **kw):\n  pass',
    ],
    ['def f(*, a): return', 'def f($a):\n  return'],
    ['lambda x, y=1, *z: x', 'fn(x, y = 1, *z){return x}'],
    ['@a.b(1)\n@c\ndef f():\n  yield 1', '@a.b(1)\n@c\ndef* f():\n  yield 1'],
    ['async def f():\n  async with a as b: await c', 'async def f():\n  with a as b:\n    await c'],
    [
      'def f():\n  def g(): yield\n  global x\n  nonlocal y',
      'def f():\n  def* g():\n    yield\n  global x\n  nonlocal y',
    ],
  ],
  classes: [
    [
      'class A(B, metaclass=M):\n  x = 1\n  @staticmethod\n  def f(): ...',
      'class A(B, metaclass=M) static f:\n  x = 1\n  @staticmethod\n  def f():\n    ...',
    ],
    ['class A: pass', 'class A():\n  pass'],
  ],
  flow: [
    ['if a: b\nelif c: d\nelse: e', 'if a:\n  b\nelse:\n  if c:\n    d\n  else:\n    e'],
    ['for i, j in x: break\nelse: y', 'for (i, j) in x:\n  break\nelse:\n  y'],
    ['while x: continue', 'while x:\n  continue'],
    ['with a as b, c as (d, e): f', 'with a as b, c as (d, e):\n  f'],
    ['with (a as b, c): f', 'with a as b, c:\n  f'],
    [
      'try: a\nexcept (B, C) as e: d\nexcept: f\nelse: g\nfinally: h',
      'try:\n  a\nexcept (B, C) as e:\n  d\nexcept:\n  f\nelse:\n  g\nfinally:\n  h',
    ],
    ['assert x, "no"', 'if (not x):\n  raise AssertionError("no")'],
    ['raise A from b', 'raise A'],
    [
      'match p:\n  case [1, x, *r] if x: a\n  case P(x=0, y=_) | None as q: b\n  case {"k": v, **rest}: c\n  case -1: d\n  case _: e',
      'match p:\n  case [1, x, *r] if x:\n    a\n  case (q := (P(x=0, y=_) | None)):\n    b\n  case {"k": v, **rest}:\n    c\n' +
        '  case (-1):\n    d\n  case _:\n    e',
    ],
  ],
  imports: [
    ['import a.b, c as d', 'import a.b\nimport c as d'],
    ['from a import (b as c, d,)', 'from a import b as c, d'],
    ['from ..a import b', 'from ..a import b'],
    ['from . import *', 'from . import *'],
    ['from __future__ import annotations', 'from __future__ import annotations'],
    ['try:\n  import a\nexcept ImportError:\n  a = None', 'try:\n  import a\nexcept ImportError:\n  a = None'],
  ],
  'soft keywords': [
    ['print("x")', 'print("x")'],
    ['print = match = type = 1', 'print = match = type = 1'],
    ['print "a", b', 'print("a", b)'],
  ],
};

describe('the Python front end', () => {
  for (const [topic, rows] of Object.entries(TABLE)) {
    describe(topic, () => {
      for (const [source, printed] of rows) {
        it(source, async () => {
          const program = (await parserOf('python')).parse(source);
          assert.deepEqual(program.syntaxErrors, []);
          assert.equal(print(program), printed);
        });
      }
    });
  }

  it('keeps the comments with their places', async () => {
    const source = '# one\nx = f(  # two\n  1)\n';
    const { comments } = (await parserOf('python')).parse(source);
    assert.deepEqual(
      comments.map(({ span, text }) => [text, source.slice(span.start, span.end)]),
      [
        ['one', '# one'],
        ['two', '# two'],
      ],
    );
  });
});
