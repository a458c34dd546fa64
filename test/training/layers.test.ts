// Every layer the training child builds gives real Keras's outputs, gradients and weight names, as recorded.
import assert from 'node:assert/strict';
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue } from '../../src/ir/model';
import type { Tf } from '../../src/train/compile';
import { buildModel } from '../../src/train/build';
import { trainableLayers } from '../../src/train/build/kinds';
import { fromKeras, input, modelFacts } from './facts';
import { assertClose, readRecording, toTensor, type Packed } from './recorded';
import { native } from './tensorflow';

interface Case {
  readonly class: string;
  readonly config: Record<string, unknown>;
  readonly call: Record<string, unknown>;
  readonly inputs: readonly Packed[];
  readonly weights: readonly (Packed & { path: string })[];
  readonly after: readonly Packed[] | null;
  readonly outputs: readonly Packed[];
  readonly losses: readonly number[];
  readonly weight_gradients: Record<string, Packed>;
  readonly input_gradient: Packed | null;
}

const { cases } = readRecording<{ cases: Case[] }>('layers.json');

/** Layers whose effect in training is random, and those that need no recording. */
const RANDOM = [
  'RandomFlip',
  'RandomContrast',
  'RandomBrightness',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
];
const SAME_CODE = ['ThresholdedReLU', 'ConvLSTM3D', 'GroupQueryAttention'];

describe('training: layers against Keras', () => {
  let tf: Tf;
  before(async function () {
    ({ tf } = await native(this));
  });

  it('has a recording of every layer that can be trained', () => {
    const recorded = new Set(cases.map(c => c.class));
    assert.deepEqual(trainableLayers.filter(name => !recorded.has(name)).sort(), [...RANDOM, ...SAME_CODE].sort());
  });

  it("projects onto the simplex where Keras's sparsemax does not", () => {
    const facts = modelFacts([input([3]), { className: 'Activation', config: { activation: 'sparsemax' } }]);
    const model = buildModel(tf, facts, { seed: 1, sampleShapes: [[3]] });
    const y = model.call(
      [
        tf.tensor2d([
          [1, 0.8, -1],
          [5, 1, 0],
          [0.1, 0.1, 0.1],
        ]),
      ],
      false,
    ).outputs[0]!;
    const wanted = [0.6, 0.4, 0, 1, 0, 0, 1 / 3, 1 / 3, 1 / 3];
    assert.ok(y.dataSync().every((value, i) => Math.abs(value - wanted[i]!) < 1e-6));
    y.dispose();
  });

  for (const [index, it_] of cases.entries()) {
    const what = `${it_.class}(${brief(it_.config)})${Object.keys(it_.call).length ? ` ${JSON.stringify(it_.call)}` : ''}`;
    it(`${index + 1}. ${what}`, () => {
      const keep = tf.memory().numTensors;
      check(tf, it_);
      assert.equal(tf.memory().numTensors, keep, 'no tensor is left behind');
    });
  }
});

function brief(config: Record<string, unknown>): string {
  const skip = new Set(['name', 'trainable', 'dtype', 'data_format']);
  return Object.entries(config)
    .filter(([key, value]) => !skip.has(key) && value !== null && typeof value !== 'object' && value !== false)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ')
    .slice(0, 90);
}

function check(tf: Tf, it_: Case): void {
  const names = it_.inputs.map((_, i) => `in${i}`);
  const { training, ...call } = it_.call as Record<string, ConfigValue>;
  const config = fromKeras(it_.config) as Record<string, ConfigValue>;
  const name = config.name as string;
  const facts = modelFacts(
    [
      ...it_.inputs.map((x, i) => input(x.shape.slice(1), names[i], x.dtype)),
      { className: it_.class, name, config, inputs: names, call },
    ],
    { outputs: it_.outputs.map((_, output) => ({ layer: names.length, call: 0, output })) },
  );
  const model = buildModel(tf, facts, {
    seed: 1,
    sampleShapes: it_.inputs.map(x => x.shape.slice(1)),
    batchSize: it_.inputs[0]!.shape[0],
  });
  tf.tidy(() => {
    assert.deepEqual(
      model.weights.map(w => w.variable.shape),
      it_.weights.map(w => w.shape),
      'weight shapes in order',
    );
    assert.deepEqual(
      model.weights.map(w => w.path),
      it_.weights.map(w => w.path),
      'weight paths',
    );
    model.weights.forEach((weight, i) => weight.variable.assign(toTensor(tf, it_.weights[i]!)));

    const inputs = it_.inputs.map(x => toTensor(tf, x));
    const run = (first: tfjs.Tensor): { total: tfjs.Scalar; outputs: tfjs.Tensor[]; losses: tfjs.Tensor[] } => {
      const { outputs, losses } = model.call([first, ...inputs.slice(1)], training === true);
      const terms = outputs.map(y => tf.sum(tf.mul(tf.cast(y, 'float32').flatten(), tf.cos(tf.range(0, y.size)))));
      return { total: tf.addN(terms) as tfjs.Scalar, outputs, losses };
    };
    const { outputs, losses } = run(inputs[0]!);
    outputs.forEach((y, i) => assertClose(tf.cast(y, 'float32'), asFloat(it_.outputs[i]!), 2e-5, `output ${i}`));
    assert.equal(outputs.length, it_.outputs.length);
    // Regularisers of weights are recorded among the losses as well; those of activities come first in both.
    losses.forEach(loss => {
      const value = loss.dataSync()[0]!;
      assert.ok(
        it_.losses.some(wanted => Math.abs(wanted - value) < 1e-5 * Math.max(1, wanted)),
        `loss ${value} of ${it_.losses.join()}`,
      );
    });
    const penalty = model.penalty()?.dataSync()[0] ?? 0;
    const total = losses.reduce((sum, loss) => sum + loss.dataSync()[0]!, penalty);
    assert.ok(Math.abs(total - it_.losses.reduce((a, b) => a + b, 0)) < 1e-4, 'sum of losses');
    it_.after?.forEach((wanted, i) =>
      assertClose(model.weights[i]!.variable, wanted, 1e-5, `${model.weights[i]!.path} afterwards`),
    );

    for (const [path, wanted] of Object.entries(it_.weight_gradients)) {
      const { variable } = model.weights.find(weight => weight.path === path)!;
      const { grads } = tf.variableGrads(() => run(inputs[0]!).total, [variable]);
      assertClose(grads[variable.name]!, wanted, 2e-4, `gradient of ${path}`);
    }
    if (it_.input_gradient) {
      const gradient = tf.grad(x => run(x).total)(inputs[0]!);
      assertClose(gradient, it_.input_gradient, 2e-4, 'gradient of the input');
    }
  });
  model.dispose();
}

const asFloat = (packed: Packed): Packed =>
  packed.dtype === 'float32'
    ? packed
    : {
        ...packed,
        dtype: 'float32',
        data: Buffer.from(
          Float32Array.from(new Int32Array(Uint8Array.from(Buffer.from(packed.data, 'base64')).buffer)).buffer,
        ).toString('base64'),
      };
