// Training runs are those of a plain PyTorch loop: the loss of every batch and the logits at the end.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import type { Task } from '../../../src/bert/config';
import { learningRateAt, type Schedule } from '../../../src/bert/schedule';
import { type BatchTensors, Trainer } from '../../../src/bert/trainer';
import type { NamedArray } from '../../../src/data/safetensors';
import { createCompiler, type Tf } from '../../../src/train/compile';
import { native } from '../tensorflow';
import { distance, expected, model, RECORDED } from './recorded';

const TOLERANCE = 1e-5;
const FOLDER = path.join(RECORDED, 'training');

/** `run.json` of a recorded run. */
interface Run {
  task: Task;
  loss: Task | null;
  labels: number;
  steps: number;
  schedule: Schedule;
  smoothing: number;
  class_weights: number[] | null;
  accumulation: number;
  clip: number;
  rate: number;
  weight_decay: number;
  warmup: number;
  frozen: string[];
}

describe('fine-tuning', () => {
  let tf: Tf;

  before(async function () {
    ({ tf } = await native(this));
  });

  for (const name of fs.readdirSync(FOLDER).sort()) {
    for (const eager of name === 'classification' ? [false, true] : [false]) {
      it(`${name}: losses and logits as PyTorch's, ${eager ? 'eager' : 'compiled'}`, async function () {
        this.timeout(120_000);
        await compare(path.join(FOLDER, name), eager);
      });
    }
  }

  async function compare(folder: string, eager: boolean): Promise<void> {
    const run = JSON.parse(fs.readFileSync(path.join(folder, 'run.json'), 'utf8')) as Run;
    const want = expected(folder);
    const task = run.loss ?? run.task;
    const bert = await model(tf, folder, task, run.labels);
    const compiler = createCompiler(tf, eager ? { eager: 'asked for' } : {});
    const trainer = new Trainer(tf, bert, compiler, {
      weightDecay: run.weight_decay,
      clipNorm: run.clip,
      dropout: 0,
      frozen: { embeddings: run.frozen.length > 0, layers: run.frozen.length > 0 ? 1 : 0 },
      labelSmoothing: run.smoothing,
      ...(run.class_weights && { classWeights: run.class_weights }),
    });
    const { losses } = want;
    const updates = Math.ceil(run.steps / run.accumulation);
    for (let update = 0; update < updates; update++) {
      const first = update * run.accumulation;
      const numbers = Array.from({ length: Math.min(run.accumulation, run.steps - first) }, (_, i) => first + i);
      const parts = numbers.map(i => batchOf(want, i, task, run));
      const { schedule, rate: learningRate, warmup } = run;
      const { loss } = trainer.step(parts, {
        update,
        learningRate: learningRateAt({ schedule, learningRate, warmup, updates }, update),
      });
      const mean = numbers.reduce((sum, i) => sum + losses!.data[i]!, 0) / numbers.length;
      assert.ok(Math.abs(loss - mean) <= TOLERANCE, `update ${update}: ${loss}, PyTorch ${mean}`);
      tf.dispose(parts as never);
    }
    const [batch] = [batchOf(want, 0, task, run)];
    const logits = tf.tidy(() => bert.apply(batch, { training: false }).dataSync());
    const final = want.logits!;
    const apart =
      task === 'question-answering'
        ? distance(centred(logits, final.shape), centred(final.data, final.shape))
        : distance(logits, final.data);
    assert.ok(apart <= TOLERANCE, `logits differ by ${apart}`);
    tf.dispose(batch as never);
    trainer.dispose();
    compiler.dispose();
    bert.dispose();
  }

  function batchOf(want: Record<string, NamedArray>, i: number, task: Task, run: Run): BatchTensors {
    const part = (name: string): tfjs.Tensor => {
      const { data, shape, dtype } = want[name]!;
      const size = data.length / shape[0]!;
      return tf.tensor(data.slice(i * size, (i + 1) * size), shape.slice(1), dtype);
    };
    const batch = { ids: part('ids'), types: part('types'), mask: part('mask') };
    const labels = part('labels');
    const rows = labels.shape[0];
    if (task === 'regression' || task === 'multi-label' || task === 'question-answering') {
      return { ...batch, labels, weights: tf.ones([rows]) };
    }
    const values = [...labels.dataSync()];
    labels.dispose();
    if (task === 'masked-lm') {
      // Two more than are asked for, so that rows without weight are held as well.
      const selected = [...values.keys()].filter(at => values[at] !== -100);
      const wanted = selected.map(at => values[at]!);
      return {
        ...batch,
        selected: tf.tensor1d([...selected, ...new Array<number>(20 - selected.length).fill(0)], 'int32'),
        labels: tf.tensor1d([...wanted, ...new Array<number>(20 - wanted.length).fill(0)], 'int32'),
        weights: tf.tensor1d(Array.from({ length: 20 }, (_, at) => (at < selected.length ? 1 : 0))),
      };
    }
    const weightOf = (label: number): number => (label === -100 ? 0 : (run.class_weights?.[label] ?? 1));
    return {
      ...batch,
      labels: tf.tensor1d(
        values.map(label => Math.max(0, label)),
        'int32',
      ),
      weights: tf.tensor1d(values.map(weightOf)),
    };
  }
});

/**
 * Scores of positions [B, L, 2] less their mean over the positions. The softmax over positions does not see a bias, so
 * its gradient is nothing but rounding, which Adam makes whole steps of, here as in PyTorch.
 */
function centred(logits: ArrayLike<number>, shape: readonly number[]): number[] {
  const [batch, length] = shape as [number, number, number];
  const values = Array.from(logits);
  for (let b = 0; b < batch; b++) {
    for (const side of [0, 1]) {
      const at = Array.from({ length }, (_, i) => (b * length + i) * 2 + side);
      const mean = at.reduce((sum, i) => sum + values[i]!, 0) / length;
      for (const i of at) values[i]! -= mean;
    }
  }
  return values;
}
