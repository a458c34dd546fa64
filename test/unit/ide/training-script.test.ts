/** Which files count as training scripts. */
import assert from 'node:assert/strict';
import { firstTrainingCall, trainsByItself } from '../../../src/ide/training-script';

const IMPORT = "import * as tf from '@tensorflow/tfjs';\n";

describe('training scripts', () => {
  const trains = [
    'await model.fit(xs, ys, { epochs: 3 });',
    'model\n  .fitDataset(data, {});',
    'const loss = await gan.trainOnBatch(x, y);',
    "log('it’s'); /* not yet */ model.fit(x, y)",
  ];
  for (const code of trains) it(`runs: ${code.replace(/\n/g, ' ')}`, () => assert.ok(trainsByItself(IMPORT + code)));

  const others = [
    '// model.fit(xs, ys)',
    '/* await model.fit(\n xs) */',
    "console.log('call model.fit(xs, ys)');",
    'model.predict(xs); fit(1); map.fitBounds(b);',
  ];
  for (const code of others)
    it(`has nothing to run: ${code.replace(/\n/g, ' ')}`, () => assert.ok(!trainsByItself(IMPORT + code)));

  it('is about TensorFlow.js, not about other things that fit', () => {
    assert.ok(!trainsByItself('shirt.fit(person)'));
  });

  it('tells where the first call stands', () => {
    const text = `${IMPORT}// model.fit()\nawait model.fit(x, y);`;
    assert.equal(text.slice(firstTrainingCall(text)), '.fit(x, y);');
  });
});
