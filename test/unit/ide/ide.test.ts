// What the editor and the command line are given: hints, hovers, lenses, fixes, completion, summaries, reports,
// built models.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Analyzer, type Analysis } from '../../../src/ide/analysis';
import { fileReport } from '../../../src/ide/check-report';
import { codeActions } from '../../../src/ide/code-actions';
import { codeLenses } from '../../../src/ide/code-lens';
import { completionsAt } from '../../../src/ide/completion';
import { hoverAt } from '../../../src/ide/hover';
import { inlayHints } from '../../../src/ide/inlay-hints';
import { LineMap } from '../../../src/ide/lines';
import { activationCount, memoryOf } from '../../../src/ide/summary';
import { applyEdits } from '../../../src/ir/span';
import { ENGINE_FILE } from '../../../src/parse/grammar';

const ROOT = path.join(__dirname, '../../..');
const analyzer = new Analyzer(file =>
  fs.promises.readFile(
    path.join(ROOT, 'node_modules', file === ENGINE_FILE ? 'web-tree-sitter' : '@vscode/tree-sitter-wasm/wasm', file),
  ),
);

const example = (name: string): string => fs.readFileSync(path.join(ROOT, 'examples/keras', name), 'utf8');

async function analysisOf(text: string, file = 'model.py'): Promise<Analysis> {
  const analysis = await analyzer.analyze(file, text);
  assert.ok(analysis);
  return analysis;
}

/** The hint of each line that has one. */
async function hintsOf(text: string): Promise<Record<number, string>> {
  const { facts, lines } = await analysisOf(text);
  return Object.fromEntries(inlayHints(facts).map(h => [lines.position(h.offset).line + 1, h.text]));
}

describe('inlay hints', () => {
  it('stand behind every layer of the convolutional example', async () => {
    const text = example('cnn.py');
    const { facts, lines } = await analysisOf(text);
    const hints = inlayHints(facts);
    assert.deepEqual(
      hints.map(h => h.text),
      [
        '(None, 28, 28, 1)',
        '(None, 26, 26, 32) · 320',
        '(None, 13, 13, 32)',
        '(None, 11, 11, 64) · 18,496',
        '(None, 5, 5, 64)',
        '(None, 1600)',
        '(None, 128) · 204,928',
        '(None, 10) · 1,290',
      ],
    );
    for (const h of hints)
      assert.match(
        lines.line(lines.position(h.offset).line).slice(lines.position(h.offset).character),
        /^,/,
        'the hint stands before the comma',
      );
  });

  it('keep the names of sizes that are not known', async () => {
    const texts = Object.values(await hintsOf(example('rnn.py')));
    assert.deepEqual(texts, [
      '(None, sequence_length, vocab_size)',
      '(None, sequence_length, 128) · 512*vocab_size + 66048',
      '(None, 128) · 131,584',
      '(None, vocab_size) · 129*vocab_size',
    ]);
  });

  it('keep those of the healthy lines in a file with syntax errors', async () => {
    const hints = await hintsOf(
      'import keras\nx = keras.Input((4,))\ny = keras.layers.Dense(\nz = keras.layers.Dense(2)(x)\n',
    );
    assert.equal(hints[4], '(None, 2) · 10');
  });

  it('leave the parameters out when asked to', async () => {
    const { facts } = await analysisOf(example('cnn.py'));
    assert.ok(inlayHints(facts, { parameters: false }).every(h => !h.text.includes('·')));
  });
});

describe('hover', () => {
  it('shows the arithmetic behind shape and parameters', async () => {
    const text = example('cnn.py');
    const { facts } = await analysisOf(text);
    const hover = hoverAt(facts, text.indexOf('Conv2D(32') + 2);
    assert.ok(hover);
    for (const part of [
      'conv2d',
      '(None, 28, 28, 1) → (None, 26, 26, 32)',
      'floor((28 − 3) / 1) + 1 = 26',
      '3·3·1·32 + 32 = 320',
      '(3, 3, 1, 32)',
    ]) {
      assert.ok(hover.markdown.includes(part), `${part} is missing in\n${hover.markdown}`);
    }
  });

  it('says why something is not known', async () => {
    const text = 'import keras\nx = load_something()\ny = keras.layers.Dense(3)(x)\n';
    const { facts } = await analysisOf(text);
    assert.match(
      hoverAt(facts, text.indexOf('Dense'))?.markdown ?? '',
      /Not known: what `load_something` returns is not known/,
    );
  });

  it('describes a model at its name', async () => {
    const text = example('cnn.py');
    const { facts } = await analysisOf(text);
    assert.match(hoverAt(facts, text.indexOf('model = ') + 1)?.markdown ?? '', /Sequential.*225,034 parameters/s);
  });
});

describe('code lenses', () => {
  it('offer training and the summary above each model', async () => {
    const text = example('cnn.py');
    const lenses = codeLenses((await analysisOf(text)).facts);
    assert.deepEqual(
      lenses.map(l => [l.action, l.model, text.slice(l.offset, l.offset + 5)]),
      [
        ['train', 'model', 'model'],
        ['summary', 'model', 'model'],
      ],
    );
  });

  it('stand above a function that builds a model', async () => {
    const text = example('rnn.py');
    const lenses = codeLenses((await analysisOf(text)).facts);
    assert.deepEqual(
      lenses.map(l => l.model),
      ['build_model', 'build_model'],
    );
    assert.ok(text.slice(lenses[0]!.offset).startsWith('def build_model'));
  });
});

describe('quick fixes', () => {
  it('repair every mistake of the broken example but one, each leaving one finding less', async () => {
    const text = example('broken_cnn.py');
    const { diagnostics } = await analysisOf(text);
    assert.equal(diagnostics.length, 5);
    for (const d of diagnostics) {
      const actions = codeActions(diagnostics, d.span);
      assert.ok(actions.length > 0, `no fix for ${d.message}`);
      const fixed = await analysisOf(applyEdits(text, actions[0]!.fix.edits));
      assert.equal(
        fixed.diagnostics.length,
        4,
        `${actions[0]!.fix.title}:\n${fixed.diagnostics.map(x => x.message).join('\n')}`,
      );
    }
  });

  it('import a layer that the file does not know yet', async () => {
    const text =
      'from keras import Sequential, Input\nfrom keras.layers import Conv2D, Dense\nimport numpy as np\n' +
      'model = Sequential()\nmodel.add(Input((8, 8, 1)))\nmodel.add(Conv2D(4, 3))\nmodel.add(Dense(3, activation="softmax"))\n' +
      'model.compile("adam", "categorical_crossentropy")\nmodel.fit(np.zeros((9, 8, 8, 1)), np.zeros((9, 3)))\n';
    const { diagnostics } = await analysisOf(text);
    const fixed = applyEdits(text, diagnostics[0]!.fixes[0]!.edits);
    assert.match(fixed, /import Conv2D, Dense, Flatten\n/);
    assert.match(fixed, /model\.add\(Flatten\(\)\)\nmodel\.add\(Dense\(3/);
    assert.deepEqual((await analysisOf(fixed)).diagnostics, []);
  });
});

describe('completion', () => {
  const at = async (text: string): Promise<string[]> => {
    const offset = text.indexOf('|');
    return completionsAt(await analysisOf(text.replace('|', '')), offset).map(i => i.label);
  };

  it('offers the arguments that are still free', async () => {
    const labels = await at('from keras import layers\nx = layers.Dense(8, activation="relu", |)\n');
    assert.ok(labels.includes('use_bias=') && labels.includes('name='), labels.join(' '));
    assert.ok(!labels.includes('activation=') && !labels.includes('units='));
  });

  it('offers the values of an argument', async () => {
    assert.deepEqual(await at('from tensorflow import keras\nx = keras.layers.Conv2D(8, 3, padding="|")\n'), [
      'valid',
      'same',
    ]);
    assert.ok((await at('from keras.layers import *\nx = Dense(8, activation="|")\n')).includes('gelu'));
  });

  it('stays out of other calls', async () => {
    assert.deepEqual(await at('print(|)\n'), []);
  });
});

describe('report', () => {
  it('is what the contract says, for the convolutional example', async () => {
    const report = fileReport(await analysisOf(example('cnn.py')));
    assert.deepEqual(report.diagnostics, []);
    const [model] = report.models;
    assert.equal(report.models.length, 1);
    assert.deepEqual(
      { ...model, layers: model!.layers.map(l => [l.name, l.class, l.outputShape, l.params]), range: undefined },
      {
        name: 'model',
        range: undefined,
        inputs: [[null, 28, 28, 1]],
        outputs: [[null, 10]],
        params: { total: 225034, trainable: 225034, nonTrainable: 0 },
        flops: model!.flops,
        layers: [
          ['conv2d', 'Conv2D', [null, 26, 26, 32], 320],
          ['max_pooling2d', 'MaxPooling2D', [null, 13, 13, 32], 0],
          ['conv2d_1', 'Conv2D', [null, 11, 11, 64], 18496],
          ['max_pooling2d_1', 'MaxPooling2D', [null, 5, 5, 64], 0],
          ['flatten', 'Flatten', [null, 1600], 0],
          ['dense', 'Dense', [null, 128], 204928],
          ['dense_1', 'Dense', [null, 10], 1290],
        ],
      },
    );
    // Multiply-adds count two, and a pooling compares each of its four values.
    const products = 26 * 26 * 32 * 9 + 11 * 11 * 64 * 288 + 1600 * 128 + 128 * 10;
    assert.equal(model!.flops, 2 * products + 4 * (13 * 13 * 32 + 5 * 5 * 64));
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report, 'plain JSON');
  });

  it('counts lines and characters as editors do', async () => {
    const text = example('broken_cnn.py');
    const { diagnostics } = fileReport(await analysisOf(text));
    const at = (needle: string): number => text.slice(0, text.indexOf(needle)).split('\n').length - 1;
    assert.equal(diagnostics[0]!.range.start.line, at('layers.Conv2D(32, (3, 3)'));
    assert.deepEqual(
      diagnostics.map(d => d.code),
      ['rank-mismatch', 'window-too-large', 'label-mismatch', 'label-mismatch', 'rank-mismatch'],
    );
    assert.ok(diagnostics.every(d => d.related.length > 0 && d.fixes.length > 0));
  });
});

describe('a model for training', () => {
  it('is built with the sizes that a configuration gives', async () => {
    const text = example('rnn.py');
    const model = await analyzer.model('rnn.py', text, 'build_model', { sequence_length: 40, vocab_size: 77 });
    assert.deepEqual(model?.inputShapes, [[null, 40, 77]]);
    assert.deepEqual(model?.outputShapes, [[null, 77]]);
    assert.equal(model?.params.total, 77 * 512 + 128 * 512 + 512 + 128 * 512 * 2 + 512 + 128 * 77 + 77);
    assert.deepEqual(model?.compile?.loss, 'sparse_categorical_crossentropy');
    assert.deepEqual(
      model?.layers.map(l => l.name),
      ['input_layer', 'lstm', 'lstm_1', 'dense'],
    );
    assert.equal(model?.fit?.batchSize, 128, 'from the call of fit on the model that this function built');
  });

  it('is the variable of that name, with what the code says of compile, fit and data', async () => {
    const model = await analyzer.model('cnn.py', example('cnn.py'), 'model');
    assert.deepEqual([model?.compile?.optimizer, model?.compile?.metrics], ['adam', ['accuracy']]);
    const { epochs, batchSize, dataset, scale } = model!.fit!;
    assert.deepEqual(
      { epochs, batchSize, dataset, scale },
      { epochs: 5, batchSize: 128, dataset: 'keras.datasets.mnist', scale: 1 / 255 },
    );
    assert.deepEqual(JSON.parse(JSON.stringify(model)), model, 'plain JSON');
  });

  it('takes names that nothing defines from the arguments too', async () => {
    const text = 'import keras\nmodel = keras.Sequential([keras.Input((n,)), keras.layers.Dense(k)])\n';
    const model = await analyzer.model('a.py', text, 'model', { n: 5, k: 2 });
    assert.equal(model?.params.total, 12);
  });

  it('is undefined where there is none of that name', async () => {
    assert.equal(await analyzer.model('cnn.py', example('cnn.py'), 'nothing'), undefined);
  });
});

describe('memory', () => {
  it('adds up weights, gradients, moments and activations', async () => {
    const [bound] = (await analysisOf(example('cnn.py'))).facts.models;
    const rows = Object.fromEntries(memoryOf(bound!.facts).map(r => [r.name, r.bytes]));
    const activations = 28 * 28 + 26 * 26 * 32 + 13 * 13 * 32 + 11 * 11 * 64 + 5 * 5 * 64 + 1600 + 128 + 10;
    assert.equal(activationCount(bound!.facts), activations);
    assert.deepEqual(rows, {
      weights: 225034 * 4,
      gradients: 225034 * 4,
      'optimizer state': 225034 * 8,
      'activations per example': activations * 4,
    });
  });
});

describe('open documents', () => {
  it('give the same analysis as a fresh one after every edit', async () => {
    const open = (await analyzer.open('model.py'))!;
    const text = example('cnn.py');
    const told = (a: Analysis): unknown => [
      a.diagnostics,
      inlayHints(a.facts).map(h => [h.offset, h.text]),
      fileReport(a),
    ];
    for (const edited of [
      text,
      text.replace('32, (3, 3)', '48, (3, 3)'),
      text.replace('(2, 2)', '(9, 9)'),
      text.slice(0, 700),
      text.replace('import keras', 'import keras '),
      text,
    ]) {
      assert.deepEqual(told(open.update(edited)), told(await analysisOf(edited)));
      assert.equal(open.update(edited), open.update(edited), 'the same text is the same analysis');
    }
    open.close();
  });

  it('are not opened for other languages', async () => {
    assert.equal(await analyzer.open('notes.txt'), undefined);
  });
});

describe('line map', () => {
  it('goes there and back for every offset, whatever the line ends', () => {
    const text = 'a\nbc\r\n\rdé𝄞\n\n';
    const map = new LineMap(text);
    for (let offset = 0; offset <= text.length; offset++) {
      // The second half of a line break has no place of its own.
      if (text.slice(offset - 1, offset + 1) === '\r\n') continue;
      assert.equal(map.offset(map.position(offset)), offset);
    }
    assert.equal(map.lineCount, 6);
    assert.equal(map.line(1), 'bc');
    assert.deepEqual(map.position(1000), map.position(text.length));
  });
});
