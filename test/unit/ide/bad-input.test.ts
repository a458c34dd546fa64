/** Texts that would stop a weaker tool: each ends, and the healthy model in the same file still gets its hints. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer } from '../../../src/ide/analysis';
import { inlayHints } from '../../../src/ide/inlay-hints';
import { ENGINE_FILE } from '../../../src/parse/grammar';

const modules = path.join(__dirname, '../../../node_modules');

const readWasm = (file: string): Promise<Uint8Array> =>
  fs.promises.readFile(
    path.join(modules, file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
  );

const IMPORTS = 'import keras\nfrom keras import layers\n';
const HEALTHY = `inputs = keras.Input((28, 28, 1))
features = layers.Conv2D(8, 3)(inputs)
model = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(features)))
`;
const HINTS = ['(None, 26, 26, 8) · 80', '(None, 5408)', '(None, 3) · 16,227'];

/** What is wrong comes before the healthy model. */
const BEFORE: readonly (readonly [name: string, text: string])[] = [
  ['a half-typed line', 'x = layers.Dense(10, activation=\n'],
  ['an unclosed bracket', 'stack = keras.Sequential([\n    layers.Dense(3),\n'],
  ['an unclosed string', 'name = "model\n'],
  ['tabs and spaces mixed', 'if inputs_wanted:\n\ta = 1\n        b = 2\n'],
  ['recursion without end', 'def build(x):\n    return build(layers.Dense(4)(x))\nbuild(keras.Input((4,)))\n'],
  ['two functions that call each other', 'def f(n):\n    return g(n)\ndef g(n):\n    return f(n + 1)\nf(0)\n'],
  ['a loop of 10**9 steps', 'total = 0\nfor i in range(10 ** 9):\n    total += i\n'],
  ['a loop that never ends', 'n = 1\nwhile n:\n    n = n + 1\n'],
  ['a huge list', `data = [${'1.5, '.repeat(100_000)}]\n`],
  ['a list that doubles', 'xs = [1]\nfor _ in range(60):\n    xs = xs + xs\n'],
  ['a text that doubles', 's = "ab"\nfor _ in range(60):\n    s = s + s\n'],
  ['powers of powers', 'n = 9 ** 9 ** 9 ** 9\n'],
  ['a class that is its own base', 'class A(A):\n    pass\nA()\n'],
  ['a model inside itself', 'm = keras.Sequential()\nm.add(m)\n'],
  ['replacement characters of another encoding', '# R\ufffdsum\ufffd: \ufffd\ufffd\nr\ufffd = 1\n'],
  ['null bytes', 'a = 1\0\n'],
];

describe('bad input', () => {
  const analyzer = new Analyzer(readWasm);

  for (const [name, text] of BEFORE) {
    it(`${name}: the rest of the file keeps its hints`, async () => {
      const analysis = await analyzer.analyze('model.py', `${IMPORTS}${text}${HEALTHY}`);
      assert.ok(analysis);
      const from = analysis.text.length - HEALTHY.length;
      const hints = inlayHints(analysis.facts).filter(hint => hint.offset > from);
      for (const wanted of HINTS)
        assert.ok(
          hints.some(h => h.text === wanted),
          hints.map(h => h.text).join('; '),
        );
    }).timeout(60_000);
  }

  it('a generated file of 1 MB gets an answer', async () => {
    const line = 'row = dict(name="abc", values=[1, 2, 3], more=(4, 5), other={"a": 1})\n';
    const text = `${IMPORTS}${HEALTHY}${line.repeat(Math.ceil(1_000_000 / line.length))}`;
    const analysis = await analyzer.analyze('generated.py', text);
    assert.ok(analysis);
    assert.ok(inlayHints(analysis.facts).some(h => h.text === HINTS[0]));
  }).timeout(120_000);

  it('imports in a circle see what is there so far', async () => {
    const texts: Readonly<Record<string, string>> = {
      a: `from b import width\n${IMPORTS}head = layers.Dense(width)\n`,
      b: 'from a import head\nwidth = 6\n',
    };
    const circular = new Analyzer(readWasm, {
      resolveModule: module => {
        const text = texts[module];
        return text === undefined ? undefined : { file: `${module}.py`, text };
      },
    });
    const analysis = await circular.analyze('main.py', `${IMPORTS}from a import head\nx = head(keras.Input((2,)))\n`);
    assert.deepEqual(analysis?.diagnostics, []);
    assert.ok(inlayHints(analysis.facts).some(h => h.text === '(None, 6) · 18'));
  });
});
