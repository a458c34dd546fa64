// `check` and `summary` from the outside: exit codes, the contract's JSON, notebooks, imports, stdin, and bad input.
import assert from 'node:assert/strict';
import { folderWith, modelwright, removeFolders } from './console';

const GOOD = `import keras
from keras import layers
model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, 3),
    layers.Flatten(),
    layers.Dense(10),
])
`;
const BAD = GOOD.replace('(28, 28, 1)', '(28, 28)');

interface Report {
  version: number;
  files: {
    path: string;
    language: string;
    diagnostics: {
      code: string;
      severity: string;
      range: { start: { line: number; character: number }; end: object; cell?: number };
      related: { message: string; path?: string }[];
      fixes: { title: string; edits: object[] }[];
    }[];
    models: { name: string; inputs: unknown; outputs: unknown; layers: object[]; params: object; flops: number }[];
  }[];
}

async function checkJson(files: Record<string, string>, args = ['.']): Promise<Report & { code: number; err: string }> {
  const { code, out, err } = await modelwright(['check', '--json', ...args], { folder: folderWith(files) });
  return { ...(JSON.parse(out) as Report), code, err };
}

describe('modelwright check', () => {
  after(removeFolders);

  it('ends with 0 and a sentence where nothing is wrong', async () => {
    const { code, out, err } = await modelwright(['check', '.'], { folder: folderWith({ 'a.py': GOOD }) });
    assert.deepEqual({ code, out, err }, { code: 0, out: 'No mistakes found in 1 file with 1 model.\n', err: '' });
  });

  it('ends with 1 and the place, both facts and the fix where something is', async () => {
    const { code, out } = await modelwright(['check', 'a.py'], { folder: folderWith({ 'a.py': BAD }) });
    assert.equal(code, 1);
    assert.match(out, /^error\[rank-mismatch\]: /);
    assert.match(out, /--> a\.py:5:5\n/);
    assert.match(out, /4 \| +keras\.Input\(shape=\(28, 28\)\),\n +\| +-+ /);
    assert.match(out, /= fix: .*\n.*- +keras\.Input.*\n.*\+ +keras\.Input\(shape=\(28, 28, 1\)\)/);
    assert.match(out, /\n1 error in 1 file with \d models?\. 1 can be fixed/);
  });

  it('follows imports through the folder, also in a circle', async () => {
    const { files } = await checkJson({
      'blocks/__init__.py': '',
      'blocks/head.py': `from keras import layers
from .sizes import CLASSES

def head(x):
    return layers.Dense(CLASSES)(x)
`,
      'blocks/sizes.py': 'from . import head\nCLASSES = 7\n',
      'model.py': `import keras
from blocks.head import head
inputs = keras.Input((4,))
model = keras.Model(inputs, head(inputs))
`,
    });
    const models = files.find(file => file.path === 'model.py')?.models ?? [];
    assert.deepEqual(
      models.map(m => m.outputs),
      [[[null, 7]]],
    );
    assert.ok(files.every(file => file.diagnostics.length === 0));
  });

  it('holds the rules of the Keras that the project asks for', async () => {
    const old = `import tensorflow as tf
x = tf.keras.Input((4,))
y = tf.nn.relu(x)
`;
    const now = await checkJson({ 'a.py': old });
    assert.deepEqual(
      now.files[0]?.diagnostics.map(d => d.code),
      ['foreign-op'],
    );
    const then = await checkJson({ 'a.py': old, 'requirements.txt': 'tensorflow==2.12.0\n' });
    assert.deepEqual(then.files[0]?.diagnostics, []);
  });

  it('keeps the contract of --json', async () => {
    const { version, files, code } = await checkJson({ 'good.py': GOOD, 'bad.py': BAD });
    assert.equal(version, 1);
    assert.equal(code, 1);
    const [bad, good] = files;
    assert.deepEqual(Object.keys(bad ?? {}), ['path', 'language', 'diagnostics', 'models']);
    assert.deepEqual([bad?.path, bad?.language], ['bad.py', 'python']);
    const [diagnostic] = bad?.diagnostics ?? [];
    assert.deepEqual([diagnostic?.code, diagnostic?.severity], ['rank-mismatch', 'error']);
    assert.deepEqual(diagnostic?.range.start, { line: 4, character: 4 });
    const [model] = good?.models ?? [];
    assert.equal(model?.name, 'model');
    assert.deepEqual([model?.inputs, model?.outputs], [[[null, 28, 28, 1]], [[null, 10]]]);
    assert.deepEqual(model?.params, { total: 216_650, trainable: 216_650, nonTrainable: 0 });
    assert.deepEqual(model?.layers[0], {
      name: 'conv2d',
      class: 'Conv2D',
      outputShape: [null, 26, 26, 32],
      params: 320,
      range: { start: { line: 4, character: 4 }, end: { line: 4, character: 24 } },
    });
  });

  it('writes SARIF', async () => {
    const { code, out } = await modelwright(['check', '--sarif', '.'], { folder: folderWith({ 'a.py': BAD }) });
    const log = JSON.parse(out) as { runs: { results: { ruleId: string }[] }[] };
    assert.deepEqual([code, log.runs[0]?.results[0]?.ruleId], [1, 'rank-mismatch']);
  });

  it('reads stdin when told its language', async () => {
    const readStdin = async () => new TextEncoder().encode(BAD);
    const { code, out } = await modelwright(['check', '-', '--language', 'python'], { readStdin });
    assert.equal(code, 1);
    assert.match(out, /--> <stdin>\.py:5:5\n/);
  });

  it('finds places in the cells of a notebook, past magics and text', async () => {
    const cell = (type: string, source: string) => ({
      cell_type: type,
      source: source.split(/(?<=\n)/),
      metadata: {},
      outputs: [],
    });
    const notebook = JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { language: 'python', name: 'python3' } },
      cells: [
        cell('markdown', '# Title'),
        cell('code', '%matplotlib inline\n!pip install keras\nfiles = !ls\nimport keras\nfrom keras import layers'),
        cell('code', '%%bash\nls ('),
        cell('code', BAD.split('\n').slice(2).join('\n')),
      ],
    });
    const { files } = await checkJson({ 'a.ipynb': notebook });
    assert.equal(files[0]?.language, 'notebook');
    assert.deepEqual(
      files[0]?.diagnostics.map(({ code, range }) => [code, range.cell, range.start.line]),
      [['rank-mismatch', 3, 2]],
    );
    const { out } = await modelwright(['check', '.'], { folder: folderWith({ 'a.ipynb': notebook }) });
    assert.match(out, /--> a\.ipynb:cell 4:3:5\n/);
    assert.match(out, /3 \| +layers\.Conv2D\(32, 3\),\n/);
  });

  it('follows imports of the project', async () => {
    const { files } = await checkJson({
      'main.py':
        'import keras\nfrom parts.head import WIDTH\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(WIDTH)])\n',
      'parts/__init__.py': '',
      'parts/head.py': 'from .sizes import WIDTH\n',
      'parts/sizes.py': 'WIDTH = 7\n',
    });
    assert.deepEqual(files.find(({ path }) => path === 'main.py')?.models[0]?.outputs, [[null, 7]]);
  });

  it('counts warnings against --max-warnings', async () => {
    const text = `${GOOD}model.compile(loss="categorical_crossentropy", optimizer="adam")\n`.replace(
      'Dense(10)',
      'Dense(1, activation="softmax")',
    );
    const folder = folderWith({ 'a.py': text });
    const { out } = await modelwright(['check', '--json', 'a.py'], { folder });
    const severities = (JSON.parse(out) as Report).files[0]?.diagnostics.map(({ severity }) => severity) ?? [];
    assert.ok(severities.includes('warning') && !severities.includes('error'), severities.join());
    assert.equal((await modelwright(['check', 'a.py'], { folder })).code, 0);
    assert.equal((await modelwright(['check', '--max-warnings', '0', 'a.py'], { folder })).code, 1);
    assert.equal(
      (await modelwright(['check', '--max-warnings', String(severities.length), 'a.py'], { folder })).code,
      0,
    );
  });

  it('goes on past a broken notebook in a folder, with a note, and stops at one that was named', async () => {
    const { files, err, code } = await checkJson({ 'broken.ipynb': '{"cells": 3}', 'bad.py': BAD });
    assert.deepEqual([code, files.length], [1, 1]);
    assert.match(err, /^note: broken\.ipynb is no notebook\. Open it in Jupyter/);
    const named = await modelwright(['check', 'b.ipynb'], { folder: folderWith({ 'b.ipynb': 'nonsense' }) });
    assert.deepEqual([named.code, named.out], [2, '']);
  });

  it('survives anything that calls itself source', async () => {
    const files = {
      'empty.py': '',
      'nul.py': 'a\0b',
      'deep.py': `${'('.repeat(5000)}`,
      'half.py': 'import keras\nmodel = keras.Sequential([keras.layers.Den',
      'long.js': `const a = ${'1 +\n'.repeat(20_000)}1;`,
      'crlf.py': BAD.replaceAll('\n', '\r\n'),
      'folder.py/inner.py': 'x = 1\n',
      'importer.py': 'import keras\nimport folder\nx = folder.size\n',
    };
    const { code, files: reported } = await checkJson(files);
    assert.equal(code, 1);
    const crlf = reported.find(({ path }) => path === 'crlf.py');
    assert.deepEqual(
      crlf?.diagnostics.map(({ range }) => range.start.line),
      [4],
    );
    assert.equal(reported.length, Object.keys(files).length);
  });

  const wrong: [string[], RegExp][] = [
    [['check'], /needs PATH/],
    [['check', 'missing.py'], /There is no file or folder missing\.py/],
    [['check', '-'], /needs --language/],
    [['check', 'a.py', '--language', 'python'], /--language is for stdin/],
    [['check', 'a.py', '--json', '--sarif'], /exclude each other/],
    [['check', 'a.py', '--max-warnings', '-1'], /at least 0/],
    [['summary', 'a.py', '--model', 'modle'], /builds no model modle\. Did you mean model\?/],
    [['summary', 'none.py'], /none\.py builds no Keras or TensorFlow\.js model/],
    [['summary', 'a.py', '--set', 'units'], /"units" sets nothing/],
    [['summary', '.'], /is a folder; name one of its files/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: ${args.join(' ')}`, async () => {
      const { code, out, err } = await modelwright(args, {
        folder: folderWith({ 'a.py': GOOD, 'none.py': 'x = 1\n' }),
      });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.match(err, /^error: [^\n]+\n$/);
    });
  }
});

describe('modelwright summary', () => {
  after(removeFolders);

  it('prints the table of every model, or of the one that is named', async () => {
    const folder = folderWith({ 'a.py': `${GOOD}other = keras.Sequential([keras.Input((3,)), layers.Dense(2)])\n` });
    const both = await modelwright(['summary', 'a.py'], { folder });
    assert.match(both.out, /Model: "sequential" {2}\(model\)[^]*Model: "sequential_1" {2}\(other\)/);
    for (const args of [['a.py#other'], ['a.py', '--model', 'other']]) {
      const { out } = await modelwright(['summary', ...args], { folder });
      assert.match(out, /^Model: "sequential_1"/);
      assert.match(out, / Total params: 8 \(32\.00 B\)\n/);
    }
  });

  it('takes sizes that the code leaves open', async () => {
    const text =
      'import keras\ndef build(units):\n    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])\n';
    const folder = folderWith({ 'a.py': text });
    assert.match((await modelwright(['summary', 'a.py'], { folder })).out, /\(None, units\)/);
    const { out } = await modelwright(['summary', 'a.py', '--set', 'units=5', '--json'], { folder });
    const { models } = JSON.parse(out) as {
      models: { name: string; outputs: unknown; params: { total: number }; memory: object }[];
    };
    assert.deepEqual([models[0]?.name, models[0]?.outputs, models[0]?.params.total], ['build', [[null, 5]], 20]);
    assert.ok('weights' in (models[0]?.memory ?? {}));
  });
});
