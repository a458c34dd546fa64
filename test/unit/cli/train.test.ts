// What keeps `train` from starting is said in one line, before anything is written.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { splitTarget } from '../../../src/cli/target';
import { folderWith, modelwright, removeFolders } from './console';

const MODEL = `import keras
from keras import layers
model = keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
other = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
def build(units):
    made = keras.Sequential([keras.Input((2,)), layers.Dense(units)])
    made.compile(optimizer="adam", loss="mse")
    return made
`;

const FILES = {
  'a.py': MODEL,
  'wide.csv': 'a,b,c,label\n1,2,3,0\n4,5,6,1\n7,8,9,2\n',
  'good.csv': 'a,b,label\n1,2,0\n4,5,1\n7,8,2\n',
  'broken.modelwright.json': '{"model": "a.py#model",',
  'typo.modelwright.json': '{"model": "a.py#model", "fit": {"epoch": 3}}',
  'nameless.modelwright.json': '{"fit": {"epochs": 3}}',
};

describe('modelwright train', () => {
  after(removeFolders);

  const wrong: [string[], RegExp][] = [
    [['train'], /needs TARGET/],
    [['train', 'b.py'], /There is no file or folder b\.py\. Did you mean a\.py\?/],
    [['train', 'a.py'], /builds \d models; name one: a\.py#model, a\.py#other/],
    [['train', 'a.py#modle'], /builds no model modle\. Did you mean model\?/],
    [['train', 'a.py#model'], /trained on is not known/],
    [['train', 'a.py#model', '--data', 'missing.csv'], /missing\.csv/],
    [['train', 'a.py#model', '--data', 'wide.csv'], /The model takes samples of shape .*2.*, the data has .*3/],
    [['train', 'a.py#other', '--data', 'good.csv'], /has no loss/],
    [['train', 'a.py#build', '--data', 'good.csv'], /leaves units open; give it: --set args\.units=N/],
    [['train', 'a.py#model', '--data', 'good.csv', '--set', 'fit.epoch=3'], /"fit\.epoch" is not known here/],
    [['train', 'a.py#model', '--data', 'good.csv', '--set', 'epochs'], /sets nothing/],
    [['train', 'a.py#model', '--epochs', '0'], /at least 1/],
    [['train', 'broken.modelwright.json'], /broken\.modelwright\.json is not valid JSON/],
    [['train', 'typo.modelwright.json'], /"fit\.epoch" is not known here/],
    [['train', 'nameless.modelwright.json'], /names no model/],
    [['train', 'missing.modelwright.json'], /no training configuration/],
    [['train', '--resume', 'zebra'], /There is no run "zebra"/],
    [['train', 'a.py', '--resume', 'zebra'], /leave TARGET out/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: ${args.join(' ')}`, async () => {
      const folder = folderWith(FILES);
      const { code, out, err } = await modelwright(args, { folder });
      assert.match(err, message);
      assert.match(err, /^error: [^\n]+\n$/);
      assert.deepEqual([code, out], [2, '']);
      assert.ok(!fs.existsSync(path.join(folder, '.modelwright')), 'nothing is written');
    });
  }

  const targets: [string, string, string | undefined][] = [
    ['a.py', 'a.py', undefined],
    ['a.py#model', 'a.py', 'model'],
    ['a#b.py', 'a#b.py', undefined],
    ['x/ü.ts#größe', 'x/ü.ts', 'größe'],
    ['a.py#1', 'a.py#1', undefined],
  ];
  for (const [written, file, model] of targets) {
    it(`reads ${written} as a file${model === undefined ? '' : ' and a model'}`, () =>
      assert.deepEqual(splitTarget(written), { path: file, model }));
  }
});
