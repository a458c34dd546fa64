// One fine-tuning in a process of its own: a few updates of random weights on random tokens, then the largest resident
// size it ever had. `measure.ts <layers> <width> <batch> <length> [lora]`; prints one JSON object.
import path from 'node:path';
import { parseConfig } from '../../src/bert/config';
import { estimateMemory } from '../../src/bert/memory';
import { BertModel } from '../../src/bert/model';
import { Trainer } from '../../src/bert/trainer';
import { chooseRuntime, launchOf, thisMachine } from '../../src/runtime';
import { loadBackend } from '../../src/train/backend';
import { createCompiler } from '../../src/train/compile';

const [layers = 2, width = 128, batch = 8, length = 128] = process.argv.slice(2, 6).map(Number);
const lora = process.argv[6] === 'lora';
/** The first ones are recorded and checked, and take more than the others. */
const UPDATES = 6;

async function main(): Promise<void> {
  const env = thisMachine(path.resolve('dist/runtime-kit'));
  const folder =
    process.env.MODELWRIGHT_RUNTIME ?? launchOf(await chooseRuntime({ env, trusted: true }), env).tfjsNodeFolder;
  const { tf } = await loadBackend(folder);
  const fixed = process.resourceUsage().maxRSS * 1024;
  const config = parseConfig(
    JSON.stringify({
      model_type: 'bert',
      hidden_size: width,
      num_hidden_layers: layers,
      num_attention_heads: width / 64,
      intermediate_size: 4 * width,
    }),
  );
  const adapter = { rank: 8, alpha: 16, targets: 'attention' } as const;
  const task = 'sequence-classification';
  const model = new BertModel(tf, { config, task, labels: 2, weights: {}, seed: 1, ...(lora && { adapter }) });
  const trainer = new Trainer(tf, model, createCompiler(tf, { seed: 1 }), {
    weightDecay: 0.01,
    clipNorm: 1,
    frozen: { embeddings: false, layers: 0 },
  });
  const shape: [number, number] = [batch, length];
  const ids = Int32Array.from({ length: batch * length }, (_, i) => 1000 + ((i * 7919) % 20_000));
  const data = {
    ids: tf.tensor2d(ids, shape, 'int32'),
    types: tf.zeros(shape, 'int32'),
    mask: tf.ones(shape, 'int32'),
    labels: tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 2),
      'int32',
    ),
    weights: tf.ones([batch]),
  };
  for (let update = 0; update < UPDATES; update++) trainer.step([data], { update, learningRate: 5e-5 });
  const trained = trainer.trained.reduce((sum, one) => sum + one.shape.reduce((a, b) => a * b, 1), 0);
  const peak = process.resourceUsage().maxRSS * 1024;
  const estimate = estimateMemory({ config, batchSize: batch, length, trained });
  console.log(JSON.stringify({ fixed, peak, resident: process.memoryUsage().rss, trained, estimate }));
}

void main();
