// The names of losses, metrics and optimizers against those that Keras knows, and where it looks them up.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { LOSSES, METRICS, OPTIMIZERS } from '../../../src/catalogue/identifiers';
import { interpret } from '../../../src/infer/interpret';
import { diagnose } from '../../../src/rules';
import { parserOf } from '../../unit/parse/parsers';

const recorded = JSON.parse(fs.readFileSync(path.join(__dirname, 'names.json'), 'utf8')) as {
  readonly losses: readonly string[];
  readonly metrics: readonly string[];
  readonly optimizers: readonly string[];
  readonly when: Readonly<Record<string, 'compile' | 'fit' | null>>;
};

const HEAD = `import keras
import numpy as np
x, y = np.zeros((4, 3)), np.zeros((4, 2))
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation='softmax')])
`;

async function told(code: string): Promise<{ readonly message: string; readonly fixed: readonly string[] }[]> {
  const text = HEAD + code;
  const program = (await parserOf('python')).parse(text);
  return diagnose({ text, language: 'python', program, facts: interpret(program) })
    .filter(d => d.severity === 'error')
    .map(d => ({
      message: d.message,
      fixed: d.fixes.map(f =>
        f.edits
          .reduce((all, e) => all.slice(0, e.span.start) + e.newText + all.slice(e.span.end), text)
          .slice(HEAD.length),
      ),
    }));
}

describe('names of losses, metrics and optimizers', () => {
  it('are those that Keras knows', () => {
    assert.deepEqual([...LOSSES].sort(), recorded.losses);
    assert.deepEqual([...METRICS].sort(), recorded.metrics);
    assert.deepEqual([...OPTIMIZERS].sort(), recorded.optimizers);
  });

  const cases: readonly (readonly [what: string, code: string, fixed: string | undefined])[] = [
    ['loss', "model.compile(loss='categorical_crossentrophy')\nmodel.fit(x, y)", "'categorical_crossentropy'"],
    [
      'loss in a list',
      "model.compile(loss=['categorical_crossentrophy'])\nmodel.fit(x, y)",
      "['categorical_crossentropy']",
    ],
    ['metric', "model.compile(loss='mse', metrics=['mae', \"acuracy\"])\nmodel.fit(x, y)", '[\'mae\', "accuracy"]'],
    ['weighted metric', "model.compile(loss='mse', weighted_metrics=['acuracy'])\nmodel.fit(x, y)", "['accuracy']"],
    ['optimizer', "model.compile(optimizer='adan', loss='mse')", "optimizer='adam'"],
    ['metrics as a text', "model.compile(loss='mse', metrics='mae')", "metrics=['mae']"],
    [
      'loss, evaluated',
      "model.compile(loss='categorical_crossentrophy')\nmodel.evaluate(x, y)",
      "'categorical_crossentropy'",
    ],
    ['loss, predicted', "model.compile(loss='categorical_crossentrophy')\nmodel.predict(x)", undefined],
    ['custom metric', "model.compile(loss='mse', metrics=['own'])\nmodel.fit(x, y)", undefined],
  ];
  for (const [what, code, fixed] of cases) {
    it(`${what}: ${fixed === undefined ? 'nothing is said' : 'what was meant is offered'}`, async () => {
      assert.ok(what in recorded.when);
      const found = await told(code);
      if (fixed === undefined) {
        assert.deepEqual(found, []);
        return;
      }
      assert.notEqual(recorded.when[what], null, 'Keras raises');
      assert.equal(found.length, 1);
      assert.ok(
        found[0]!.fixed.some(text => text.includes(fixed)),
        found[0]!.fixed.join('\n'),
      );
    });
  }

  it('that are spelled as Keras spells them give no error', async () => {
    for (const loss of ['mse', 'MSE', 'kl_divergence', 'CategoricalCrossentropy', 'bce'])
      assert.deepEqual(
        await told(`model.compile(loss='${loss}', metrics=['acc', 'AUC', 'f1_score'])\nmodel.fit(x, y)`),
        [],
      );
  });

  it('predict_classes becomes what it did', async () => {
    const [found] = await told('classes = model.predict_classes(x, verbose=0)');
    assert.deepEqual(found?.fixed, [
      'classes = model.predict(x, verbose=0).argmax(axis=-1)',
      "classes = (model.predict(x, verbose=0) > 0.5).astype('int32')",
    ]);
  });

  it('np_utils is imported from where it lies now', async () => {
    const [found] = await told('from tensorflow.keras.utils import np_utils');
    assert.deepEqual(found?.fixed, ['from tensorflow.keras import utils as np_utils']);
    const [other] = await told('from keras.utils.np_utils import to_categorical');
    assert.deepEqual(other?.fixed, ['from keras.utils import to_categorical']);
  });
});
