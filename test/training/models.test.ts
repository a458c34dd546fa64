// Whole models with branches, masks, shared and nested layers give real Keras's outputs, as recorded.
import assert from 'node:assert/strict';
import { buildModel } from '../../src/train/build';
import { ModelError } from '../../src/train/build/config';
import type { Tf } from '../../src/train/compile';
import { input, type LayerSource, modelFacts } from './facts';
import { fromKerasModel, type KerasModel } from './keras-model';
import { assertClose, type Packed, readRecording, toTensor } from './recorded';
import { native } from './tensorflow';

interface Case {
  readonly name: string;
  readonly model: KerasModel;
  readonly inputs: readonly Packed[];
  readonly weights: readonly (Packed & { path: string })[];
  readonly outputs: readonly Packed[];
}

describe('training: models against Keras', function () {
  this.timeout(60_000);
  let tf: Tf;
  before(async function () {
    ({ tf } = await native(this));
  });

  for (const it_ of readRecording<Case[]>('models.json')) {
    it(it_.name.replace(/_/g, ' '), () => {
      const model = buildModel(tf, fromKerasModel(it_.model), {
        seed: 1,
        sampleShapes: it_.inputs.map(x => x.shape.slice(1)),
        batchSize: 2,
      });
      tf.tidy(() => {
        assert.deepEqual(
          model.weights.map(weight => weight.path),
          it_.weights.map(weight => weight.path),
        );
        model.weights.forEach((weight, i) => weight.variable.assign(toTensor(tf, it_.weights[i]!)));
        const { outputs } = model.call(
          it_.inputs.map(x => toTensor(tf, x)),
          false,
        );
        assert.equal(outputs.length, it_.outputs.length);
        outputs.forEach((y, i) => assertClose(y, it_.outputs[i]!, 1e-5, `output ${i}`));
      });
      model.dispose();
    });
  }

  it('predicts with weights trained here what real Keras predicts with them', () => {
    const trained = readRecording<{ layers: LayerSource[]; images: Packed; weights: Packed[]; predictions: Packed }>(
      'trained_cnn.json',
    );
    const model = buildModel(tf, modelFacts(trained.layers), { seed: 1, sampleShapes: [[28, 28, 1]] });
    tf.tidy(() => {
      model.weights.forEach((weight, i) => weight.variable.assign(toTensor(tf, trained.weights[i]!)));
      assertClose(
        model.call([toTensor(tf, trained.images)], false).outputs[0]!,
        trained.predictions,
        1e-5,
        'predictions',
      );
    });
    model.dispose();
  });

  it('binds sizes that the source leaves open to the data, or to what the configuration says', () => {
    const unknown = (symbol: string) => ({ unknown: 'nothing defines it', symbol });
    const facts = modelFacts([
      input(['sequence_length', 'features']),
      { className: 'LSTM', config: { units: unknown('units') } },
    ]);
    const model = buildModel(tf, facts, { seed: 1, sampleShapes: [[7, 3]], args: { units: 5 } });
    assert.deepEqual(model.outputShapes, [[5]]);
    assert.deepEqual(model.weights[0]!.variable.shape, [3, 20]);
    model.dispose();
    assert.throws(
      () => buildModel(tf, facts, { seed: 1, sampleShapes: [[7, 3]] }),
      (error: ModelError) =>
        error instanceof ModelError &&
        /needs a value for "units"/.test(error.message) &&
        /"args": \{ "units": … \}/.test(error.hint),
    );
    assert.throws(
      () => buildModel(tf, facts, { seed: 1, sampleShapes: [[7, 3]], args: { units: 5, features: 4 } }),
      /wants samples of shape \(sequence_length, features\)/,
    );
  });

  it('builds a Sequential without an input layer from its data, as Keras does', () => {
    const { layers, ...rest } = modelFacts([
      input([4]),
      { className: 'Dense', config: { units: 3 } },
      { className: 'Dense', config: { units: 2 } },
    ]);
    const open = layers.slice(1).map(layer => ({ ...layer, calls: [] }));
    const model = buildModel(
      tf,
      {
        ...rest,
        className: 'Sequential',
        layers: open,
        inputs: [],
        outputs: [],
        inputShapes: [],
        gaps: ['the shape of the input is not known'],
      },
      { seed: 1, sampleShapes: [[4]] },
    );
    assert.deepEqual(model.outputShapes, [[2]]);
    model.dispose();
  });

  it('draws the same weights for the same seed, and others for another', () => {
    const facts = modelFacts([
      input([4]),
      { className: 'Dense', name: 'd', config: { units: 3, kernel_initializer: 'orthogonal' } },
    ]);
    const draw = (seed: number): number[] => {
      const model = buildModel(tf, facts, { seed, sampleShapes: [[4]] });
      const values = Array.from(model.weights[0]!.variable.dataSync());
      model.dispose();
      return values;
    };
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
    const columns = [0, 1, 2].map(c => [0, 1, 2, 3].map(r => draw(3)[r * 3 + c]!));
    const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    assert.ok(
      Math.abs(dot(columns[0]!, columns[0]!) - 1) < 1e-6 && Math.abs(dot(columns[0]!, columns[1]!)) < 1e-6,
      'orthonormal',
    );
  });
});
