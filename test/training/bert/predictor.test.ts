// What a page is given of a checkpoint: its facts, and attention packed small and without padding.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { evaluateCheckpoint } from '../../../src/bert/checkpoint-evaluation';
import { Predictor } from '../../../src/bert/predictor';
import type { Tf } from '../../../src/train/compile';
import { AttentionMaps } from '../../../webview/predict/attention';
import { native } from '../tensorflow';

const TINY = path.resolve('test/extension/fixtures/tiny-bert');

describe('a predictor', () => {
  let predictor: Predictor;

  before(async function () {
    const { tf } = await native(this);
    predictor = await Predictor.open(tf, TINY);
  });

  after(() => predictor?.dispose());

  it('tells what a page needs to know before it asks', () => {
    assert.deepEqual(predictor.facts, {
      task: 'sequence-classification',
      family: 'bert',
      labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'],
      layers: 2,
      heads: 2,
      hiddenSize: 16,
      parameters: 5683,
      maxTokens: 26,
      mask: '[MASK]',
    });
  });

  it('gives attention whose rows sum to one, the same alone as beside a longer text', () => {
    const short = { text: 'the film was good' };
    const long = { text: 'the story was quite dull in a very sad film' };
    const [first] = predictor.predict([short], 128);
    const [beside, other] = predictor.predict([short, long], 128);
    assert.equal(other!.attention!.tokens, other!.tokens.length);
    const [alone, padded] = [first!, beside!].map(({ attention }) => new AttentionMaps(attention!));
    for (let layer = 0; layer < 2; layer++) {
      for (const head of [0, 1, -1]) {
        const [a, b] = [alone!.map(layer, head), padded!.map(layer, head)];
        assert.equal(a.length, 36); // [CLS], four words, [SEP].
        a.forEach((value, i) => assert.ok(Math.abs(value - b[i]!) < 2e-5, `${layer}/${head}/${i}`));
        for (let from = 0; from < 6; from++) {
          const sum = a.subarray(6 * from, 6 * from + 6).reduce((all, value) => all + value, 0);
          assert.ok(Math.abs(sum - 1) < 1e-4, `${layer}/${head}/${from}: ${sum}`);
        }
      }
    }
  });

  it('gives the scores with attention as without it, and none of it beyond the limit', () => {
    const input = { text: 'a nice plot' };
    const [plain] = predictor.predict([input]);
    const [seen] = predictor.predict([input], 5);
    const [beyond] = predictor.predict([input], 4);
    assert.equal(plain!.attention, undefined);
    assert.equal(beyond!.attention, undefined);
    assert.ok(seen!.attention);
    plain!.logits.forEach((logit, i) => assert.ok(Math.abs((logit as number) - (seen!.logits[i] as number)) < 1e-5));
  });
});

describe('an evaluation of a checkpoint', () => {
  let tf: Tf;
  let folder = '';

  before(async function () {
    ({ tf } = await native(this));
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-evaluation-'));
  });

  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  function file(text: string): string {
    const name = path.join(folder, 'data.csv');
    fs.writeFileSync(name, text);
    return name;
  }

  it('counts what its own predictions get right, and shows the worst first', async () => {
    const texts = ['the film was good', 'a dull plot', 'very nice story', 'it was sad', 'quite fine', 'a poor film'];
    const predictor = await Predictor.open(tf, TINY);
    const predicted = predictor.predict(texts.map(text => ({ text })));
    predictor.dispose();
    // Every second example is given another label than the one predicted.
    const labels = predicted.map(({ label }, i) => (i % 2 === 0 ? label : `LABEL_${(Number(label.at(-1)) + 1) % 3}`));
    const data = file(`text,label\n${texts.map((text, i) => `${text},${labels[i]}`).join('\n')}\n`);
    const shares: number[] = [];
    const tensors = tf.memory().numTensors;
    const found = await evaluateCheckpoint(tf, TINY, { data, batchSize: 4, onProgress: share => shares.push(share) });
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(found.rows, 6);
    assert.equal(found.metrics.accuracy, 0.5);
    assert.deepEqual(shares, [4 / 6, 1]);
    assert.ok(found.worst.slice(0, 3).every(({ truth, predicted: said }) => truth !== said));
    const losses = found.worst.map(({ loss }) => loss!);
    assert.deepEqual(
      losses,
      [...losses].sort((a, b) => b - a),
    );
    assert.equal(
      found.confusion!.flat().reduce((sum, n) => sum + n),
      6,
    );
  });

  it('takes the names of the data where the checkpoint has none, and refuses labels it does not know', async () => {
    const named = await evaluateCheckpoint(tf, TINY, { data: file('text,label\ngood,x\nbad,y\nfilm,z\n') });
    assert.deepEqual(named.labels, ['x', 'y', 'z']);
    await assert.rejects(
      evaluateCheckpoint(tf, TINY, { data: file('text,label\ngood,x\nbad,y\n') }),
      /knows no label x, y; it knows LABEL_0, LABEL_1, LABEL_2/,
    );
  });
});
