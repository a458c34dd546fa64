/** Exported models, loaded by the programs they are for. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { loadData } from '../../src/data/readers';
import { encodeSafetensors } from '../../src/data/safetensors';
import { exportModel, ExportError } from '../../src/runs/export';
import { buildModel } from '../../src/train/build';
import type { Tf } from '../../src/train/compile';
import { input, type LayerSource, modelFacts } from './facts';
import { distance } from './recorded';
import { native } from './tensorflow';

const images: LayerSource[] = [
  input([8, 8, 2]),
  {
    className: 'Conv2D',
    name: 'a',
    config: { filters: 4, kernel_size: [3, 3], padding: 'same', activation: 'relu', kernel_regularizer: 'l2' },
  },
  { className: 'BatchNormalization', name: 'b' },
  { className: 'DepthwiseConv2D', name: 'c', config: { kernel_size: [3, 3] } },
  { className: 'LeakyReLU', name: 'd', config: { negative_slope: 0.2 } },
  { className: 'Add', name: 'e', inputs: ['c', 'd'] },
  { className: 'GlobalAveragePooling2D', name: 'f' },
  { className: 'Dropout', name: 'g', config: { rate: 0.5 } },
  { className: 'Dense', name: 'h', config: { units: 3, activation: 'softmax' } },
];
const lstm = {
  layer: {
    className: 'LSTM',
    name: 'lstm',
    config: { units: 3, activation: 'tanh', recurrent_activation: 'sigmoid', return_sequences: true },
  },
};
const sequences: LayerSource[] = [
  input([6]),
  { className: 'Embedding', name: 'a', config: { input_dim: 12, output_dim: 4 } },
  { className: 'Bidirectional', name: 'b', config: { layer: lstm, merge_mode: 'concat' } },
  { className: 'LayerNormalization', name: 'n', config: { epsilon: 0.001 } },
  { className: 'SimpleRNN', name: 'c', config: { units: 5, activation: 'tanh' } },
  { className: 'Dense', name: 'd', config: { units: 2 } },
];

describe('training: export', function () {
  this.timeout(60_000);
  let tf: Tf;
  let folder: string;
  before(async function () {
    ({ tf } = await native(this));
  });
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'modelwright-export-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** A model folder as a run leaves it, and what the model predicts. */
  function trained(layers: readonly LayerSource[], x: tfjs.Tensor, extra = {}): ArrayLike<number> {
    const facts = modelFacts(layers, extra);
    const model = buildModel(tf, facts, { seed: 3, sampleShapes: [x.shape.slice(1)] });
    const weights = Object.fromEntries(
      model.weights.map(({ path: name, variable }) => [
        name,
        { shape: variable.shape, dtype: 'float32' as const, data: variable.dataSync().slice() as Float32Array },
      ]),
    );
    fs.writeFileSync(path.join(folder, 'weights.safetensors'), encodeSafetensors(weights));
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ version: 1, facts }));
    const y = tf.tidy(() => model.call([x], false).outputs[0]!.dataSync());
    model.dispose();
    return y;
  }

  const cases: [string, () => tfjs.Tensor, readonly LayerSource[], object][] = [
    ['a functional model of images', () => tf.randomNormal([3, 8, 8, 2], 0, 1, 'float32', 5), images, {}],
    [
      'a model of sequences',
      () =>
        tf.tensor2d([
          [1, 2, 3, 4, 5, 6],
          [7, 8, 9, 10, 11, 0],
        ]),
      sequences,
      {},
    ],
    [
      'a Sequential',
      () => tf.randomNormal([3, 4], 0, 1, 'float32', 5),
      [
        input([4]),
        { className: 'Dense', name: 'x', config: { units: 3, activation: 'relu' } },
        { className: 'Dense', name: 'y', config: { units: 2 } },
      ],
      { className: 'Sequential' },
    ],
  ];
  for (const [what, make, layers, extra] of cases) {
    it(`${what}: stock TensorFlow.js loads it and predicts the same`, async () => {
      const x = make();
      const wanted = trained(layers, x, extra);
      const { files } = await exportModel(folder, 'tfjs', path.join(folder, 'out'));
      const model = await tf.loadLayersModel(`file://${files[0]}`);
      const y = model.predict(x) as tfjs.Tensor;
      assert.ok(distance(y.dataSync(), wanted) < 1e-6, `off by ${distance(y.dataSync(), wanted)}`);
      model.dispose();
      tf.dispose([x, y]);
    });
  }

  it('names the layer that TensorFlow.js does not have, or has with another meaning', async () => {
    const x = tf.zeros([1, 4, 3]);
    for (const [layer, message] of [
      [
        {
          className: 'GRU',
          name: 'gate',
          config: { units: 2, activation: 'tanh', recurrent_activation: 'sigmoid', reset_after: true },
        },
        /"gate".*reset_after/,
      ],
      [{ className: 'RMSNormalization', name: 'norm' }, /"norm".*RMSNormalization/],
      [{ className: 'Dense', name: 'dense', config: { units: 2, activation: 'hard_silu' } }, /"dense".*hard_silu/],
    ] as const) {
      trained([input([4, 3]), layer], x);
      await assert.rejects(
        exportModel(folder, 'tfjs', path.join(folder, 'out')),
        (error: Error) => error instanceof ExportError && message.test(error.message),
      );
    }
    x.dispose();
  });

  it("writes an archive that numpy's format describes, in the order of Keras's weights", async () => {
    const x = tf.zeros([1, 4]);
    trained([input([4]), { className: 'Dense', name: 'x', config: { units: 3 } }], x);
    x.dispose();
    await exportModel(folder, 'keras', path.join(folder, 'weights.npz'));
    const { train } = await loadData(
      { reader: 'npz', file: 'weights.npz', x: 'x/kernel', validation: false },
      { folder },
    );
    assert.deepEqual(train.x.shape, [4, 3]);
    const { files, usage } = await exportModel(folder, 'safetensors', path.join(folder, 'copy.safetensors'));
    assert.deepEqual(fs.readFileSync(files[0]!), fs.readFileSync(path.join(folder, 'weights.safetensors')));
    assert.match(usage, /load_file/);
  });

  it('says when there is nothing to export', async () => {
    await assert.rejects(exportModel(folder, 'keras', path.join(folder, 'x.npz')), /holds no trained weights/);
  });
});
