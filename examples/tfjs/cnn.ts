/**
 * The convolutional network of ../keras/cnn.py in TensorFlow.js: the same layers, the same shapes, the same 225,034
 * parameters.
 *
 * Run it under Node with `npx tsx cnn.ts` after `node ../data/make-digits.mjs`. In a browser the import is
 * '@tensorflow/tfjs'.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-node';

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    // 5 * 5 * 64 = 1600 numbers per image.
    tf.layers.flatten(),
    tf.layers.dense({ units: 128, activation: 'relu' }),
    // One probability per digit.
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});

// The labels are plain digits, not one-hot rows: hence the "sparse" loss.
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
model.summary();

/**
 * Images as (count, 28, 28, 1) from 0 to 1, labels as (count, 1). An IDX header is 4 bytes and 4 more for each axis.
 */
function readDigits(part: 'train' | 'test', count: number): { x: tf.Tensor4D; y: tf.Tensor2D } {
  const bytes = (name: string): Uint8Array => readFileSync(join(__dirname, '..', 'data', `${part}-${name}.idx`));
  const images = bytes('images').slice(16, 16 + count * 28 * 28);
  const labels = bytes('labels').slice(8, 8 + count);
  const x = tf.tidy(() => tf.tensor4d(images, [count, 28, 28, 1], 'float32').div<tf.Tensor4D>(255));
  return { x, y: tf.tensor2d(labels, [count, 1], 'float32') };
}

async function main(): Promise<void> {
  const train = readDigits('train', 12000);
  const test = readDigits('test', 2000);
  await model.fit(train.x, train.y, {
    batchSize: 128,
    epochs: 3,
    validationData: [test.x, test.y],
  });
  const [, accuracy] = model.evaluate(test.x, test.y) as tf.Scalar[];
  console.log(`${(100 * accuracy!.dataSync()[0]!).toFixed(1)} % of the test digits are read correctly`);
}

void main();
