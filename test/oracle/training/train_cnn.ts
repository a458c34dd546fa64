/**
 * Trains a small CNN in a real child and writes its weights, some images and our predictions to trained_cnn.json, for
 * record_trained_cnn.py to add those of real Keras. Both together:
 *
 *     MODELWRIGHT_RUNTIME=… npx tsx test/oracle/training/train_cnn.ts && python
 * test/oracle/training/record_trained_cnn.py
 */
import fs from 'node:fs';
import path from 'node:path';
import { watchRun } from '../../../src/runs';
import { decodeSafetensors } from '../../../src/data/safetensors';
import { randomBits, uniform } from '../../../src/data/random';
import { writeImages } from '../../training/data';
import { CNN, modelFacts } from '../../training/facts';
import { plan, start, temporaryFolder } from '../../training/runs';

/** The CNN of the examples with fewer units, so that its weights fit into a file of this size. */
const SMALL: Readonly<Record<string, object>> = {
  conv2d: { filters: 6 },
  conv2d_1: { filters: 8 },
  dense: { units: 16 },
};
const layers = CNN.map(layer => ({ ...layer, config: { ...layer.config, ...SMALL[layer.name ?? ''] } }));

const pack = (data: Float32Array | Int32Array, shape: readonly number[]) => ({
  shape,
  dtype: 'float32',
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
});

async function main(): Promise<void> {
  const workspace = temporaryFolder();
  writeImages(workspace, 1200, { classes: 10, side: 28 });
  const run = await start(
    workspace,
    plan(modelFacts(layers), workspace, { fit: { epochs: 6, batchSize: 32, shuffle: true, classWeight: null } }),
  );
  const state = await (await watchRun(run.folder)).done;
  if (state.status !== 'ended') throw new Error(JSON.stringify(state.story.end));
  const weights = decodeSafetensors(fs.readFileSync(path.join(run.folder, 'model/weights.safetensors')));
  const random = uniform(randomBits(99));
  const images = Float32Array.from({ length: 8 * 784 }, random);
  fs.writeFileSync(
    path.join(__dirname, 'trained_cnn.json'),
    JSON.stringify({
      layers,
      accuracy: state.story.latestEpoch.val_accuracy,
      images: pack(images, [8, 28, 28, 1]),
      weights: Object.entries(weights).map(([name, { data, shape }]) => ({ path: name, ...pack(data, shape) })),
    }),
  );
  fs.rmSync(workspace, { recursive: true });
}

void main();
