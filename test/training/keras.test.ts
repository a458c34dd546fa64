/** Losses, metrics, optimisers, schedules, callbacks and a whole small training against recorded Keras numbers. */
import assert from 'node:assert/strict';
import type * as tfjs from '@tensorflow/tfjs';
import type { ConfigValue } from '../../src/ir/model';
import type { Json, Metrics } from '../../src/protocol/messages';
import { type CallbackHost, createCallbacks } from '../../src/train/callbacks';
import { buildModel } from '../../src/train/build';
import { createCompiler, createOptimizer, type StepInput, type Tf } from '../../src/train/compile';
import { reducedLoss } from '../../src/train/losses';
import { createMetric } from '../../src/train/metrics';
import { createObjective } from '../../src/train/objective';
import { optimizerPlan } from '../../src/train/optimizer';
import { fromKeras, input, type LayerSource, modelFacts } from './facts';
import { assertClose, distance, type Packed, readRecording, toTensor, unpack } from './recorded';
import { native } from './tensorflow';

type Config = Record<string, Json>;
interface Recording {
  losses: { class: string; config: Config; truth: Packed; predicted: Packed; value: number; gradient: Packed }[];
  metrics: { class: string; config: Config; name: string; batches: [Packed, Packed][]; value: number }[];
  optimizers: { class: string; config: Config; start: Packed[]; gradients: Packed[][]; after: Packed[][] }[];
  schedules: { class: string; config: Config; values: number[] }[];
  logs: Record<string, number[]>;
  callbacks: {
    class: string;
    config: Config;
    logs: string;
    rates: number[];
    stopped: number | null;
    weights_of_epoch: number;
  }[];
  cnn: {
    model: { layers: { class_name: string; config: Config }[] };
    x: Packed;
    y: Packed;
    start: Packed[];
    weights: Packed[];
    paths: string[];
    history: Record<string, number[]>;
    predictions: Packed;
  };
}

const recording = readRecording<Recording>('training.json');
const words = (config: Config): string => JSON.stringify(config).replace(/["{}]/g, '').slice(0, 100);

describe("training: Keras's numbers", function () {
  this.timeout(60_000);
  let tf: Tf;
  before(async function () {
    ({ tf } = await native(this));
  });

  describe('losses', () => {
    recording.losses.forEach((it_, i) =>
      it(`${i + 1}. ${it_.class} ${words(it_.config)}`, () =>
        tf.tidy(() => {
          const loss = { class: it_.class, config: it_.config };
          const truth = toTensor(tf, it_.truth);
          const { value, grad } = tf.valueAndGrad(
            (x: tfjs.Tensor) => reducedLoss(tf, loss, truth, x, null, null) as tfjs.Scalar,
          )(toTensor(tf, it_.predicted));
          assert.ok(
            Math.abs(value.dataSync()[0]! - it_.value) <= 1e-5 * Math.max(1, Math.abs(it_.value)),
            `${value.dataSync()[0]} ≠ ${it_.value}`,
          );
          assertClose(grad, it_.gradient, 1e-4, 'gradient');
        })),
    );
  });

  describe('metrics', () => {
    recording.metrics.forEach((it_, i) =>
      it(`${i + 1}. ${it_.class} ${words(it_.config)}`, () =>
        tf.tidy(() => {
          const [first] = it_.batches;
          const metric = createMetric(tf, { class: it_.class, config: it_.config }, first![0].shape, first![1].shape);
          assert.equal(metric.name, it_.name);
          const sums = it_.batches.map(([truth, predicted]) =>
            metric.sums(toTensor(tf, truth), toTensor(tf, predicted), null).dataSync(),
          );
          const total = Array.from(sums[0]!, (_, k) => sums.reduce((sum, batch) => sum + batch[k]!, 0));
          const value = metric.result(total);
          assert.ok(Math.abs(value - it_.value) <= 1e-5 * Math.max(1, Math.abs(it_.value)), `${value} ≠ ${it_.value}`);
        })),
    );
  });

  describe('optimizers over ten updates', () => {
    recording.optimizers.forEach((it_, i) =>
      it(`${i + 1}. ${it_.class} ${words(it_.config)}`, () => {
        const plan = optimizerPlan({ class: it_.class, config: it_.config });
        const optimizer = createOptimizer(tf, plan.config);
        const variables = it_.start.map((start, k) =>
          tf.variable(toTensor(tf, start), true, `optimizer_test_${i}/${k}`),
        );
        it_.gradients.forEach((gradients, step) =>
          tf.tidy(() => {
            const inputs = optimizer.inputs({ iteration: step, learningRate: plan.schedule(step) });
            const received = Object.fromEntries(
              Object.entries(inputs).map(([name, value]) => [
                name,
                typeof value === 'number' ? tf.scalar(value) : value,
              ]),
            );
            optimizer.apply(
              Object.fromEntries(variables.map((variable, k) => [variable.name, toTensor(tf, gradients[k]!)])),
              received,
            );
            variables.forEach((variable, k) =>
              assertClose(variable, it_.after[step]![k]!, 2e-5, `variable ${k} after step ${step + 1}`),
            );
          }),
        );
        optimizer.dispose();
        for (const variable of variables) variable.dispose();
      }),
    );
  });

  it('learning-rate schedules', () => {
    for (const { class: name, config, values } of recording.schedules) {
      const { schedule } = optimizerPlan({ class: 'SGD', config: { learning_rate: { class: name, config } } });
      assert.ok(
        distance(
          values.map((_, step) => schedule(step)),
          values,
        ) < 1e-6,
        `${name} ${words(config)}`,
      );
    }
  });

  describe('callbacks', () => {
    recording.callbacks.forEach((it_, i) =>
      it(`${i + 1}. ${it_.class} ${words(it_.config)} when the loss ${it_.logs}`, () => {
        // Saved and loaded again between all epochs, as a run that is resumed each time would do it.
        let saved: Json = null;
        let epochOfWeights = 0;
        let kept: number | null = null;
        let rate = 0.1;
        let stopped: number | null = null;
        let now = 0;
        const host: CallbackHost = {
          get learningRate() {
            return rate;
          },
          setLearningRate(value) {
            rate = value;
            return true;
          },
          stop() {
            stopped = now;
          },
          keepWeights() {
            kept = epochOfWeights;
          },
          restoreWeights() {
            if (kept !== null) epochOfWeights = kept;
            return kept !== null;
          },
          direction: metric => (metric === 'accuracy' ? 'max' : 'min'),
          log() {},
        };
        const make = () => {
          const [callback] = createCallbacks([{ class: it_.class, config: it_.config }], () => {});
          if (saved !== null) callback!.load(saved);
          return callback!;
        };
        const rates: number[] = [];
        for (const [epoch, value] of recording.logs[it_.logs]!.entries()) {
          now = epoch;
          epochOfWeights = epoch;
          const callback = make();
          const logs: Metrics = { loss: value, val_loss: value, val_accuracy: 1.5 - value };
          callback.epochEnd?.(epoch, logs, host);
          saved = JSON.parse(JSON.stringify(callback.save())) as Json;
          rates.push(rate);
          if (stopped !== null) break;
        }
        make().trainEnd?.(host);
        assert.equal(stopped, it_.stopped);
        assert.ok(distance(rates, it_.rates) < 1e-6, `${rates.join()} ≠ ${it_.rates.join()}`);
        assert.equal(epochOfWeights, it_.weights_of_epoch);
      }),
    );
  });

  for (const eager of [true, false]) {
    it(`a CNN with BatchNormalization and L2 over five epochs, ${eager ? 'eager' : 'compiled'}`, () =>
      trainCnn(tf, eager)).timeout(60_000);
  }
});

function trainCnn(tf: Tf, eager: boolean): void {
  const { cnn } = recording;
  const layers = cnn.model.layers
    .filter(layer => layer.class_name !== 'InputLayer')
    .map((layer): LayerSource => ({
      className: layer.class_name,
      name: layer.config.name as string,
      config: fromKeras(layer.config) as Record<string, ConfigValue>,
    }));
  const model = buildModel(tf, modelFacts([input([14, 14, 1]), ...layers]), { seed: 0, sampleShapes: [[14, 14, 1]] });
  assert.deepEqual(
    model.weights.map(weight => weight.path.split('/').at(-1)),
    cnn.paths.map(path => path.split('/').at(-1)),
  );
  const objective = createObjective(
    tf,
    {
      loss: { class: 'sparse_categorical_crossentropy', config: {} },
      lossWeights: null,
      metrics: [{ class: 'accuracy', config: {} }],
    },
    ['out'],
    [[24]],
    [[24, 5]],
  );
  const rate = optimizerPlan({ class: 'Adam', config: { learning_rate: 0.01 } });
  const optimizer = createOptimizer(tf, rate.config);
  const compiler = createCompiler(tf, eager ? { eager: 'this test compares' } : {});
  const trained = model.weights.filter(weight => weight.trainable).map(weight => weight.variable);
  optimizer.build(trained);
  model.weights.forEach((weight, i) => tf.tidy(() => weight.variable.assign(toTensor(tf, cnn.start[i]!) as never)));

  const train = compiler.step<Record<string, StepInput>, { sums: tfjs.Tensor }>('train', inputs => {
    let sums: tfjs.Tensor | undefined;
    const { grads } = tf.variableGrads(() => {
      const computed = objective.compute(
        model.call([inputs.x as tfjs.Tensor], true),
        [inputs.y as tfjs.Tensor],
        model.penalty(),
        null,
      );
      sums = tf.keep(computed.sums);
      return computed.total as tfjs.Scalar;
    }, trained);
    optimizer.apply(grads, inputs);
    return { sums: sums! };
  });
  const evaluate = (from: number, to: number): number[] =>
    tf.tidy(() => {
      const [x, y] = [
        tf.slice(toTensor(tf, cnn.x), [from], [to - from]),
        tf.slice(toTensor(tf, cnn.y), [from], [to - from]),
      ];
      return Array.from(objective.compute(model.call([x], false), [y], model.penalty(), null).sums.dataSync());
    });

  let iteration = 0;
  for (let epoch = 0; epoch < 5; epoch++) {
    const total = [0, 0, 0, 0];
    for (const [from, to] of [
      [0, 24],
      [24, 48],
      [48, 64],
    ] as const) {
      tf.tidy(() => {
        const inputs = {
          x: tf.slice(toTensor(tf, cnn.x), [from], [to - from]),
          y: tf.slice(toTensor(tf, cnn.y), [from], [to - from]),
          ...optimizer.inputs({ iteration: iteration++, learningRate: rate.schedule(iteration) }),
        };
        train(inputs)
          .sums.dataSync()
          .forEach((value, i) => {
            total[i]! += value;
          });
      });
    }
    const logs = {
      ...objective.results(total),
      ...Object.fromEntries(Object.entries(objective.results(evaluate(0, 20))).map(([k, v]) => [`val_${k}`, v])),
    };
    for (const [name, values] of Object.entries(cnn.history)) {
      assert.ok(
        Math.abs(logs[name as 'loss']! - values[epoch]!) <= 1e-4,
        `${name} after epoch ${epoch + 1}: ${logs[name as 'loss']} ≠ ${values[epoch]}`,
      );
    }
  }
  if (!eager) assert.equal(train.mode.kind, 'compiled', JSON.stringify(train.mode));
  model.weights.forEach((weight, i) => {
    const far = distance(weight.variable.dataSync(), unpack(cnn.weights[i]!));
    assert.ok(far <= 1e-3, `${weight.path} off by ${far}`);
  });
  model.weights.forEach((weight, i) => tf.tidy(() => weight.variable.assign(toTensor(tf, cnn.weights[i]!) as never)));
  tf.tidy(() =>
    assertClose(
      model.call([toTensor(tf, cnn.x)], false).outputs[0]!,
      cnn.predictions,
      1e-5,
      "predictions with Keras's weights",
    ),
  );
  compiler.dispose();
  optimizer.dispose();
  model.dispose();
}
