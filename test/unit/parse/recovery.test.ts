/** Half-typed texts: what is read of them, and how much of the rest of the file survives a line that is cut short. */
import assert from 'node:assert/strict';
import type { Program, Statement } from '../../../src/ir/program';
import type { GrammarName, SourceParser } from '../../../src/parse/grammar';
import { parserOf } from './parsers';
import { lines, print } from './print';
import { JAVASCRIPT, PYTHON } from './sources';

/** A broken text, and what is read of it. */
const BROKEN: Readonly<Partial<Record<GrammarName, readonly (readonly [source: string, printed: string])[]>>> = {
  python: [
    ['model.add(Dense(10, \nmodel.add(Dense(20))', 'model.add(Dense(10))\nmodel.add(Dense(20))'],
    ['model.add(Dense(10, activation=\ny = 2', 'model.add(Dense(10, activation=<the expression is missing>))\ny = 2'],
    ['x =\ny = 2', 'x = <the expression is missing>\ny = 2'],
    ['x = layers.\ny = 2', 'x = <the name after the dot is missing>\ny = 2'],
    ['x = a +\ny = 2', 'x = (a + <the expression is missing>)\ny = 2'],
    ['def f(a, b\n    return a\ny = 2', 'def f(a, b):\n  return a\ny = 2'],
    ['def f(a:\n    return a\ny = 2', 'def f(a):\n  return a\ny = 2'],
    ['class A(B:\n    def f(self):\n        pass\ny = 2', 'class A(B):\n  def f(self):\n    pass\ny = 2'],
    ['if x\n    y = 1\nz = 2', 'if x:\n  y = 1\nz = 2'],
    ['for i in\nz = 2', 'for i in <the expression is missing>:\n  pass\nz = 2'],
    ['def f(x):\nz = 2', 'def f(x):\n  pass\nz = 2'],
    [
      'class A:\n    def f(self):\n\n    def g(self): return 1',
      'class A():\n  def f(self):\n    pass\n  def g(self):\n    return 1',
    ],
    ['from keras\nz = 2', 'from keras import \nz = 2'],
    ['w = "abc\nz = 2', 'w = "abc"\nz = 2'],
    ['v = 1)\nz = 2', 'v = 1\nz = 2'],
    ['m = [\n    Dense(1),\n    Dense(2\nz = 2', 'm = [Dense(1), Dense(2)]\nz = 2'],
    ['x = f(a b)\nz = 2', 'z = 2'],
    ['def f():\n    """Doc\n    x = 1\n    return x\ny = 2', 'def f():\n  "Doc"\n  x = 1\n  return x\ny = 2'],
    ['?\nz = 2', 'z = 2'],
  ],
  javascript: [
    ['model.add(tf.layers.dense({units: 10,\nmodel.add(x);', 'model.add(tf.layers.dense({"units": 10}))\nmodel.add(x)'],
    ['const x =\nconst y = 2;', 'const x = <the expression is missing>\nconst y = 2'],
    ['x = tf.\nconst y = 2;', 'x = <the name after the dot is missing>\nconst y = 2'],
    ['function f(a, b\n  return a;\n}\nconst y = 2;', 'def f(a, b):\n  return a\nconst y = 2'],
    ['if (a) {\n  b();\nconst y = 2;', 'if a:\n  b()\nconst y = 2'],
    ["const w = 'abc\nconst y = 2;", 'const w = "abc"\nconst y = 2'],
    ['const v = f(1));\nconst y = 2;', 'const v = f(1)\nconst y = 2'],
    ['for (const a of\nconst y = 2;', 'for a in <the expression is missing>:\n  const y = 2'],
  ],
};

/** Every statement with its place: simple ones whole, others by their head. */
function flat(statements: readonly Statement[], into: string[], offset: (at: number) => number): string[] {
  for (const statement of statements) {
    const bodies = bodiesOf(statement);
    const isCompound = bodies.length > 0 || COMPOUND.test(statement.kind);
    into.push(`${offset(statement.span.start)} ${isCompound ? statement.kind : lines(statement).join('; ')}`);
    for (const body of bodies) flat(body, into, offset);
  }
  return into;
}

const COMPOUND = /^(?:if|for|while|function|class|try|with|match|block)$/;

/** Also those of the cases of a match. */
function bodiesOf(statement: object): (readonly Statement[])[] {
  const parts: unknown[] = Object.values(statement);
  return parts.flatMap(value => {
    if (!isArray(value)) return [];
    if (isBody(value)) return [value];
    return value.flatMap(item =>
      typeof item === 'object' && item !== null && 'body' in item ? bodiesOf({ body: item.body }) : [],
    );
  });
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const STATEMENTS =
  /^(?:expression|assign|augmented-assign|declare|if|for|while|function|class|return|break|continue|import|import-from|raise|try|with|delete|scope-declaration|match|block|unsupported-statement)$/;

const isBody = (value: readonly unknown[]): value is readonly Statement[] =>
  value.length > 0 &&
  value.every(
    item => typeof item === 'object' && item !== null && 'kind' in item && STATEMENTS.test(String(item.kind)),
  );

const statementsOf = (program: Program, offset = (at: number) => at) => flat(program.body, [], offset);

/** The share of statements on other lines that are still read when one line is cut short, over lines and columns. */
function survival(parser: SourceParser, text: string): number {
  let healthy = 0;
  let saved = 0;
  const all = flat(parser.parse(text).body, [], at => at);
  for (let start = 0; start < text.length; start = text.indexOf('\n', start) + 1 || text.length) {
    const end = text.indexOf('\n', start);
    const indent = /^\s*/.exec(text.slice(start, end))![0].length;
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = start + indent + Math.ceil((end - start - indent) * share);
      if (cut >= end) continue;
      const others = all
        .filter(each => Number.parseInt(each, 10) < start || Number.parseInt(each, 10) > end)
        .filter(each => !crosses(each, text, start, end));
      const read = new Set(
        statementsOf(parser.parse(text.slice(0, cut) + text.slice(end)), at => (at > cut ? at + end - cut : at)),
      );
      healthy += others.length;
      saved += others.filter(each => read.has(each)).length;
    }
  }
  return saved / healthy;
}

/** A statement that begins before the line and goes on over it is not expected to stay what it was. */
function crosses(each: string, text: string, start: number, end: number): boolean {
  const from = Number.parseInt(each, 10);
  return (
    from < start &&
    !/ (?:if|for|while|function|class|with|try|match|block)$/.test(each) &&
    text.slice(from, end).split('\n').length > 1 &&
    openBrackets(text.slice(from, start)) > 0
  );
}

const openBrackets = (text: string) =>
  [...text].reduce((open, char) => open + ('([{'.includes(char) ? 1 : ')]}'.includes(char) ? -1 : 0), 0);

describe('a broken text', () => {
  for (const [grammar, rows] of Object.entries(BROKEN)) {
    for (const [source, printed] of rows) {
      it(source, async () => {
        const program = (await parserOf(grammar as GrammarName)).parse(source);
        const valid = print({ ...program, body: program.body.filter(({ kind }) => kind !== 'unsupported-statement') });
        assert.equal(valid, printed);
      });
    }
  }

  it('keeps 99 % of the Python statements around a line that is cut short', async () => {
    const share = survival(await parserOf('python'), PYTHON);
    assert.ok(share >= 0.99, `${(share * 100).toFixed(2)} %`);
  }).timeout(120_000);

  it('keeps 95 % of the JavaScript statements around a line that is cut short', async () => {
    const share = survival(await parserOf('javascript'), JAVASCRIPT);
    assert.ok(share >= 0.95, `${(share * 100).toFixed(2)} %`);
  }).timeout(120_000);
});
