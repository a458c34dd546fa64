/** The training configurations of the examples: their data reads, and fits the models as real Keras builds them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matchModel } from '../../../src/data/match';
import type { DataConfig } from '../../../src/data/reader';
import { describeData, loadData, readerOf } from '../../../src/data/readers';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = join(root, 'examples', 'keras');

interface Configuration {
  model: string;
  args?: Record<string, number>;
  data: DataConfig;
}

interface RecordedModel {
  inputs: (number | null)[][];
  outputs: (number | null)[][];
  compiled: { loss: string };
}

const recorded = (
  JSON.parse(readFileSync(join(root, 'test', 'oracle', 'examples', 'recorded.json'), 'utf8')) as {
    files: {
      'cnn.py': { models: { model: RecordedModel } };
      'rnn.py': {
        variants: { args: Record<string, number>; model: RecordedModel }[];
        data: Record<'x' | 'y', number[]>;
      };
    };
  }
).files;

const configuration = (name: string): Configuration =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Configuration;

describe('training configurations of the examples', () => {
  it('name a file that exists and data keys that are valid', () => {
    const names = readdirSync(folder).filter(name => name.endsWith('.modelwright.json'));
    assert.deepEqual(names, ['cnn.modelwright.json', 'rnn.modelwright.json']);
    for (const name of names) {
      const { model, data } = configuration(name);
      assert.ok(readdirSync(folder).includes(model.split('#')[0]!));
      assert.equal(readerOf(data).id, data.reader);
    }
  });

  it('rnn: the sizes it gives the model are those of the text, and the windows are those rnn.py cuts', async () => {
    const { args, data } = configuration('rnn.modelwright.json');
    const variant = recorded['rnn.py'].variants[0]!;
    assert.deepEqual(args, variant.args);
    const description = await describeData(data, { folder });
    assert.deepEqual(description.x.shape, recorded['rnn.py'].data.x);
    const { inputs, outputs, compiled } = variant.model;
    assert.deepEqual(matchModel(description, { input: inputs[0]!, output: outputs[0]!, loss: compiled.loss }), []);
    const { train, validation } = await loadData(data, { folder });
    assert.equal(train.x.shape[0]! + validation!.x.shape[0]!, recorded['rnn.py'].data.x[0]);
    assert.equal(train.vocabulary!.length, args['vocab_size']);
  });

  it("cnn: digits of the generator's shape fit the model", () => {
    const { inputs, outputs, compiled } = recorded['cnn.py'].models.model;
    const digits = {
      reader: 'idx',
      files: [],
      samples: 12000,
      notes: [],
      x: { shape: [12000, 28, 28], dtype: 'float32' as const },
      y: { shape: [12000], dtype: 'uint8' as const, minimum: 0, maximum: 9 },
    };
    assert.deepEqual(matchModel(digits, { input: inputs[0]!, output: outputs[0]!, loss: compiled.loss }), []);
  });
});
