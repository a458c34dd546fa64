/**
 * Fine-tunes a recorded model by our own step and writes the checkpoint that record_round_trip.py opens in Python:
 * MODELWRIGHT_RUNTIME=<folder with tfjs-node> npx tsx test/oracle/bert/fine_tune.ts
 */
import fs from 'node:fs';
import path from 'node:path';
import { checkpointFiles, openCheckpoint } from '../../../src/bert/checkpoint';
import { Trainer } from '../../../src/bert/trainer';
import { loadBackend } from '../../../src/train/backend';
import { createCompiler } from '../../../src/train/compile';
import { expected, model, RECORDED } from '../../training/bert/recorded';

const STEPS = 20;
const source = path.join(RECORDED, 'training/classification');
const target = path.join(RECORDED, 'round-trip');

async function main(): Promise<void> {
  const { tf } = await loadBackend(process.env.MODELWRIGHT_RUNTIME ?? null);
  const bert = await model(tf, source, 'sequence-classification');
  const trainer = new Trainer(tf, bert, createCompiler(tf, { seed: 1 }), {
    weightDecay: 0.01,
    clipNorm: 1,
    frozen: { embeddings: false, layers: 0 },
  });
  const data = expected(source);
  for (let update = 0; update < STEPS; update++) {
    const part = (name: string) => {
      const { data: values, shape, dtype } = data[name]!;
      const size = values.length / shape[0]!;
      return tf.tensor(values.slice(update * size, (update + 1) * size), shape.slice(1), dtype);
    };
    const batch = { ids: part('ids'), types: part('types'), mask: part('mask'), labels: part('labels') };
    const { loss } = trainer.step([{ ...batch, weights: tf.ones([4]) }], { update, learningRate: 1e-3 });
    console.log(`step ${update + 1}  loss ${loss.toFixed(4)}`);
  }
  const labels = ['no', 'perhaps', 'yes'];
  const files = checkpointFiles(await openCheckpoint(source), 'sequence-classification', labels, bert.merged());
  fs.mkdirSync(target, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) fs.writeFileSync(path.join(target, name), bytes);
}

void main();
