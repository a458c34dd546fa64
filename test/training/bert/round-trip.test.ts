// Both ways between here and Python's transformers, 4.57 and 5: a checkpoint fine-tuned on one side means the same on the
// other, and training goes on there as if it had never moved. Recorded by test/oracle/bert/record_round_trip.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { openCheckpoint, readWeights } from '../../../src/bert/checkpoint';
import { BertModel } from '../../../src/bert/model';
import { parametersOf } from '../../../src/bert/parameters';
import { openTokenizer } from '../../../src/bert/prepare';
import { Predictor } from '../../../src/bert/predictor';
import { Trainer } from '../../../src/bert/trainer';
import { createCompiler, type Tf } from '../../../src/train/compile';
import { native } from '../tensorflow';
import { distance, RECORDED } from './recorded';
import { batchTensors, type RoundTrip, STEP } from './round-trip';

const FOLDER = path.join(RECORDED, 'round-trip');
const TOLERANCE = 1e-5;
const TASK = 'sequence-classification';

interface Predicted {
  readonly ids: number[];
  readonly types: number[];
  readonly mask: number[];
  readonly logits: number[];
  readonly label: string;
}

interface Recorded {
  readonly transformers: string;
  readonly here: { readonly labels: string[]; readonly predictions: Predicted[] };
  readonly there: { readonly predictions: Predicted[]; readonly losses: number[]; readonly after: Predicted[] };
}

const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));
const trip = read('trip.json') as RoundTrip;

/** Steps that Python has taken before it saved. */
const HALF = 10;

describe('the round trip', () => {
  let tf: Tf;

  before(async function () {
    ({ tf } = await native(this));
  });

  async function predictsAs(wanted: readonly Predicted[], folder: string): Promise<void> {
    const tokenizer = await openTokenizer(await openCheckpoint(folder));
    const predictor = await Predictor.open(tf, folder);
    const inputs = trip.texts.map(([text, pair]) => ({ text, ...(pair !== null && { pair }) }));
    predictor.predict(inputs).forEach(({ logits, label, text, pair }, i) => {
      const { ids, typeIds } = tokenizer.encode(text, pair ?? null, { maxLength: tokenizer.modelMaxLength });
      assert.deepEqual([ids, typeIds], [wanted[i]!.ids, wanted[i]!.types], text);
      assert.ok(wanted[i]!.mask.every(one => one === 1) && wanted[i]!.mask.length === ids.length);
      assert.equal(label, wanted[i]!.label, text);
      assert.ok(distance(logits as number[], wanted[i]!.logits) <= TOLERANCE, text);
    });
    predictor.dispose();
  }

  const versions = fs.readdirSync(FOLDER).filter(name => /^python-.*\.json$/.test(name));

  it('was recorded by both major versions of transformers', () => {
    const majors = versions.map(name => (read(name) as Recorded).transformers.split('.')[0]);
    assert.deepEqual(majors.sort(), ['4', '5']);
  });

  for (const name of versions) {
    const { transformers, here, there } = read(name) as Recorded;
    const saved = path.join(FOLDER, name.replace(/\.json$/, ''));

    it(`fine-tuned here: transformers ${transformers} gives the same ids, labels and logits`, async () => {
      const { config } = await openCheckpoint(path.join(FOLDER, 'here'));
      assert.deepEqual(config.labels, here.labels);
      await predictsAs(here.predictions, path.join(FOLDER, 'here'));
    });

    it(`fine-tuned by transformers ${transformers}: the same ids, labels and logits here`, () =>
      predictsAs(there.predictions, saved));

    it(`fine-tuned by transformers ${transformers} goes on here with the same losses`, async function () {
      this.timeout(60_000);
      const checkpoint = await openCheckpoint(saved);
      const { config } = checkpoint;
      const tokenizer = await openTokenizer(checkpoint);
      const { weights, missing } = readWeights(checkpoint, parametersOf(config, TASK, trip.labels.length));
      assert.deepEqual(missing, []);
      const bert = new BertModel(tf, { config, task: TASK, labels: trip.labels.length, weights, seed: 0 });
      // Lengths differ from step to step, and each would be a graph of its own.
      const compiler = createCompiler(tf, { seed: 1, eager: 'asked for' });
      const trainer = new Trainer(tf, bert, compiler, STEP);
      const losses = trip.batches.slice(HALF).map((batch, update) => {
        const tensors = batchTensors(tf, tokenizer, batch);
        const { loss } = trainer.step([tensors], { update, learningRate: 1e-3 });
        tf.dispose(tensors as never);
        return loss;
      });
      assert.ok(distance(losses, there.losses) <= TOLERANCE, `${losses.join(' ')}\n${there.losses.join(' ')}`);
      const { ids, types, logits } = there.after[0]!;
      const tensor = (values: number[]) => tf.tensor2d(values, [1, values.length], 'int32');
      const got = tf.tidy(() => {
        const inputs = { ids: tensor(ids), types: tensor(types), mask: tensor(ids.map(() => 1)) };
        return bert.apply(inputs, { training: false }).dataSync();
      });
      assert.ok(distance(got, logits) <= TOLERANCE);
      trainer.dispose();
      compiler.dispose();
      bert.dispose();
    });
  }
});
