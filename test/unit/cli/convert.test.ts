// `convert` on the command line: both directions, to standard output and to a file, and what it refuses in one sentence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { folderWith, modelwright, removeFolders } from './console';

const KERAS = `import keras
from keras import layers
model = keras.Sequential([keras.Input((8,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), loss="mse")
`;

const SCRIPT = `import * as tf from '@tensorflow/tfjs';
import { WIDTH } from './sizes.js';

export function buildModel(features) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: WIDTH, inputShape: [features] }));
  model.compile({ optimizer: tf.train.rmsprop(0.01, 0.8), loss: 'meanSquaredError' });
  return model;
}
`;

const FILES = {
  'net.py': KERAS,
  'net.ts': SCRIPT,
  'sizes.ts': 'export const WIDTH = 16;\n',
  'two.py': `${KERAS}other = keras.Sequential([keras.Input((8,)), layers.Dense(1)])\n`,
  'empty.py': 'x = 1\n',
  'own.py': `import keras
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
    def call(self, x):
        return self.dense(x)
model = Own()
`,
};

describe('modelwright convert', () => {
  after(removeFolders);

  it('writes Keras as TensorFlow.js', async () => {
    const { code, out, err } = await modelwright(['convert', 'net.py'], { folder: folderWith(FILES) });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^import \* as tf from "@tensorflow\/tfjs";\n/);
    assert.match(out, /tf\.layers\.dense\(\{\s*inputShape: \[8\],\s*units: 4,\s*activation: "relu"/);
    assert.match(out, /optimizer: tf\.train\.momentum\(0\.1, 0\.9, true\)/);
  });

  it('writes TypeScript as Keras, with a size of another file and a parameter of the function', async () => {
    const { code, out, err } = await modelwright(['convert', 'net.ts#buildModel'], { folder: folderWith(FILES) });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^def build_model\(features\):$/m);
    assert.match(out, /keras\.Input\(shape=\(features,\)\)/);
    assert.match(out, /layers\.Dense\(\s*units=16/);
    assert.match(out, /keras\.optimizers\.RMSprop\(\s*learning_rate=0\.01, rho=0\.8/);
  });

  it('writes to a file, and says so', async () => {
    const folder = folderWith(FILES);
    const { code, out } = await modelwright(['convert', 'net.py', '--output', 'net.js'], { folder });
    assert.deepEqual([code, out], [0, 'Wrote net.js\n']);
    const there = fs.readFileSync(path.join(folder, 'net.js'), 'utf8');
    assert.equal(there, (await modelwright(['convert', 'net.py'], { folder })).out);
  });

  const wrong: [string[], RegExp][] = [
    [['convert'], /needs FILE/],
    [['convert', 'missing.py'], /There is no file or folder missing\.py/],
    [['convert', 'empty.py'], /builds no Keras or TensorFlow\.js model/],
    [['convert', 'two.py'], /builds 2 models; name one with --model: model, other/],
    [['convert', 'net.py#modle'], /builds no model modle\. Did you mean model\?/],
    [['convert', 'net.py', '--to', 'keras'], /is a model of Keras already/],
    [['convert', 'net.py', '--to', 'torch'], /keras, tfjs|keras or tfjs/],
    [['convert', 'own.py'], /called in code that cannot be followed/],
    [['convert', 'net.py', '--output', 'net.py'], /is the file that is converted/],
    [['convert', 'net.py', '--output', 'none/net.js'], /cannot be written: there is no such folder/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: ${args.join(' ')}`, async () => {
      const { code, out, err } = await modelwright(args, { folder: folderWith(FILES) });
      assert.match(err, message);
      assert.match(err, /^error: [^\n]+\n$/);
      assert.deepEqual([code, out], [2, '']);
    });
  }
});
