// Logits, hidden states and attention of all families and tasks are those of PyTorch.
import assert from 'node:assert/strict';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { FAMILIES, type Task } from '../../../src/bert/config';
import type { Tf } from '../../../src/train/compile';
import { createCompiler } from '../../../src/train/compile';
import { native } from '../tensorflow';
import { distance, expected, model, RECORDED, tensor } from './recorded';

const TASKS = ['sequence-classification', 'token-classification', 'question-answering', 'masked-lm'] as const;
const TOLERANCE = 1e-5;

describe('the encoder and its heads', () => {
  let tf: Tf;

  before(async function () {
    ({ tf } = await native(this));
  });

  for (const family of FAMILIES) {
    for (const task of TASKS) {
      it(`${family}, ${task}: logits as PyTorch's`, async () => {
        await compare(family, task);
      });
    }
  }

  async function compare(family: string, task: Task): Promise<void> {
    const folder = path.join(RECORDED, 'models', `${family}-${task}`);
    const want = expected(folder);
    const bert = await model(tf, folder, task);
    const hidden: Float32Array[] = [];
    const attention: Float32Array[] = [];
    tf.tidy(() => {
      const [ids, types, mask] = [want.ids!, want.types!, want.mask!].map(values => tensor(tf, values));
      const logits = bert.apply(
        { ids: ids!, types: types!, mask: mask! },
        {
          training: false,
          onHidden: x => hidden.push(x.dataSync() as Float32Array),
          onAttention: x => attention.push(x.dataSync() as Float32Array),
        },
      );
      assert.deepEqual(logits.shape, want.logits!.shape);
      assert.ok(distance(logits.dataSync(), want.logits!.data) <= TOLERANCE);
    });
    if (task === 'sequence-classification') {
      const layers = Object.keys(want).filter(name => name.startsWith('hidden_')).length;
      assert.equal(hidden.length, layers);
      hidden.forEach((values, i) =>
        assert.ok(distance(values, want[`hidden_${i}`]!.data) <= TOLERANCE, `hidden state ${i}`),
      );
      assert.equal(attention.length, Object.keys(want).filter(name => name.startsWith('attention_')).length);
      attention.forEach((values, i) =>
        assert.ok(distance(values, want[`attention_${i}`]!.data) <= TOLERANCE, `attention ${i}`),
      );
    }
    bert.dispose();
  }

  it('gives the same logits from one compiled graph', async () => {
    const folder = path.join(RECORDED, 'models', 'bert-sequence-classification');
    const want = expected(folder);
    const bert = await model(tf, folder, 'sequence-classification');
    const compiler = createCompiler(tf);
    const predict = compiler.pure('predict', (inputs: Record<'ids' | 'types' | 'mask', tfjs.Tensor>) => ({
      logits: bert.apply(inputs, { training: false }),
    }));
    const [ids, types, mask] = [want.ids!, want.types!, want.mask!].map(values => tensor(tf, values));
    const inputs = { ids: ids!, types: types!, mask: mask! };
    for (let i = 0; i < 5; i++) {
      const { logits } = predict(inputs);
      assert.ok(distance(logits.dataSync(), want.logits!.data) <= TOLERANCE);
      logits.dispose();
    }
    assert.equal(predict.mode.kind, 'compiled', JSON.stringify(predict.mode));
    compiler.dispose();
    bert.dispose();
    tf.dispose(inputs);
  });
});
