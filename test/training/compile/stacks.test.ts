// Random stacks of layers, optimisers and batch sizes: the compiled step never disagrees with the eager one.
//
// The number of models is 40; MODELWRIGHT_STACKS=300 tries more.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as tfjs from '@tensorflow/tfjs';
import type { OptimizerConfig, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import { loadNative } from './native';

const MODELS = Number(process.env.MODELWRIGHT_STACKS ?? 40);
const STEPS = 6;
const replay = process.env.MODELWRIGHT_SEED ? { seed: Number(process.env.MODELWRIGHT_SEED) } : {};

const activation = fc.constantFrom(
  'relu',
  'tanh',
  'sigmoid',
  'elu',
  'selu',
  'softplus',
  'linear',
  'relu6',
  'swish',
  'gelu',
);
const rate = fc.constantFrom(0.1, 0.5);
const units = fc.integer({ min: 2, max: 7 });

/** A layer as a name and its options, so that a failing model can be read. */
type Described = [name: string, options: Record<string, unknown>];

const anywhere: fc.Arbitrary<Described> = fc.oneof(
  rate.map((r): Described => ['dropout', { rate: r }]),
  rate.map((r): Described => ['gaussianDropout', { rate: r }]),
  rate.map((stddev): Described => ['gaussianNoise', { stddev }]),
  fc.constant<Described>(['batchNormalization', {}]),
  fc.constant<Described>(['layerNormalization', {}]),
  activation.map((a): Described => ['activation', { activation: a }]),
  fc.constant<Described>(['leakyReLU', { alpha: 0.2 }]),
  fc.constant<Described>(['prelu', {}]),
  fc.tuple(units, activation).map(([n, a]): Described => ['dense', { units: n, activation: a }]),
);

const onImages: fc.Arbitrary<Described> = fc.oneof(
  { weight: 2, arbitrary: anywhere },
  fc
    .record({
      filters: units,
      kernelSize: fc.integer({ min: 1, max: 3 }),
      strides: fc.integer({ min: 1, max: 2 }),
      activation,
      padding: fc.constant('same'),
      useBias: fc.boolean(),
    })
    .map((options): Described => ['conv2d', options]),
  fc
    .record({
      kernelSize: fc.constant(3),
      padding: fc.constant('same'),
      depthMultiplier: fc.integer({ min: 1, max: 2 }),
    })
    .map((options): Described => ['depthwiseConv2d', options]),
  fc.constant<Described>(['separableConv2d', { filters: 4, kernelSize: 3, padding: 'same' }]),
  fc.constant<Described>(['conv2dTranspose', { filters: 3, kernelSize: 2, strides: 1, padding: 'same' }]),
  fc.constant<Described>(['maxPooling2d', { poolSize: 2, padding: 'same' }]),
  fc.constant<Described>(['averagePooling2d', { poolSize: 2, padding: 'same' }]),
  fc.constant<Described>(['upSampling2d', { size: [2, 1] }]),
  fc.constant<Described>(['zeroPadding2d', { padding: 1 }]),
);

const onSequences: fc.Arbitrary<Described> = fc.oneof(
  { weight: 2, arbitrary: anywhere },
  fc
    .tuple(fc.constantFrom('lstm', 'gru', 'simpleRNN'), units, fc.boolean(), fc.constantFrom(0, 0.2))
    .map(([kind, n, goBackwards, dropout]): Described => [
      kind,
      { units: n, returnSequences: true, goBackwards, dropout, recurrentInitializer: 'glorotUniform' },
    ]),
  fc
    .record({ filters: units, kernelSize: fc.constantFrom(1, 3), padding: fc.constant('same'), activation })
    .map((options): Described => ['conv1d', options]),
  fc.constant<Described>(['averagePooling1d', { poolSize: 2, padding: 'same' }]),
  fc.constant<Described>(['permute', { dims: [2, 1] }]),
);

const optimizer: fc.Arbitrary<OptimizerConfig> = fc.oneof(
  fc.constant<OptimizerConfig>({ class: 'SGD' }),
  fc.record({ class: fc.constant('SGD' as const), momentum: fc.constant(0.9), nesterov: fc.boolean() }),
  fc.constant<OptimizerConfig>({ class: 'Adam', globalClipnorm: 1 }),
  fc.constant<OptimizerConfig>({ class: 'AdamW', clipnorm: 0.5 }),
  fc.constant<OptimizerConfig>({ class: 'AdamW', form: 'torch', excludeFromWeightDecay: ['bias'] }),
  fc.constant<OptimizerConfig>({ class: 'RMSprop', momentum: 0.5, centered: true }),
  fc.constant<OptimizerConfig>({ class: 'Adagrad', clipvalue: 0.1 }),
  fc.constant<OptimizerConfig>({ class: 'Adadelta' }),
  fc.constant<OptimizerConfig>({ class: 'Adamax', gradientAccumulationSteps: 2 }),
  fc.constant<OptimizerConfig>({ class: 'Nadam', useEma: true }),
);

interface Stack {
  input: number[];
  layers: Described[];
  optimizer: OptimizerConfig;
  batch: number;
  seed: number;
}

const stack: fc.Arbitrary<Stack> = fc
  .constantFrom<[number[], fc.Arbitrary<Described>]>([[5], anywhere], [[6, 6, 2], onImages], [[4, 3], onSequences])
  .chain(([input, layer]) =>
    fc.record({
      input: fc.constant(input),
      layers: fc.array(layer, { minLength: 1, maxLength: 5 }),
      optimizer,
      batch: fc.integer({ min: 1, max: 5 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    }),
  );

function build(tf: Tf, { input, layers }: Stack): tfjs.LayersModel {
  const model = tf.sequential();
  const factories = tf.layers as unknown as Record<string, (options: object) => tfjs.layers.Layer>;
  layers.forEach(([name, options], i) =>
    model.add(factories[name]!(i === 0 ? { ...options, inputShape: input } : options)),
  );
  if (model.outputs[0]!.shape.length > 2) model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 2 }));
  return model;
}

describe('random stacks of layers', function () {
  this.timeout(3_600_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  /** Losses of some steps and the last prediction. */
  function run(model: tfjs.LayersModel, stack: Stack, eager: boolean): { values: number[]; reasons: string[] } {
    const reasons: string[] = [];
    const compiler = createCompiler(tf, {
      seed: stack.seed,
      ...(eager ? { eager: 'for comparison' } : {}),
      onMode: (_name, _signature, mode) => {
        if (mode.kind === 'eager' && !eager) reasons.push(mode.reason);
      },
    });
    const update = createOptimizer(tf, stack.optimizer);
    const weights = model.trainableWeights.map(weight => (weight as unknown as { val: tfjs.Variable }).val);
    const train = compiler.step('train', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
      const { value, grads } = tf.variableGrads(() => {
        const output = model.apply(inputs.x as tfjs.Tensor, { training: true }) as tfjs.Tensor;
        return tf.mean(tf.squaredDifference(output, inputs.y as tfjs.Tensor));
      }, weights);
      update.apply(grads, inputs);
      return { loss: value };
    });
    const predict = compiler.pure('predict', ({ x }: { x: tfjs.Tensor }) => ({ y: model.apply(x) as tfjs.Tensor }));
    const values: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      tf.tidy(() => {
        const x = tf.randomNormal([stack.batch, ...stack.input], 0, 1, 'float32', stack.seed + i);
        const y = tf.randomNormal([stack.batch, 2], 0, 1, 'float32', stack.seed + 1000 + i);
        values.push(train({ x, y, ...update.inputs({ iteration: i, learningRate: 1e-3 }) }).loss.dataSync()[0]!);
        if (i > 2) values.push(...predict({ x }).y.dataSync());
      });
    }
    compiler.dispose();
    update.dispose();
    return { values, reasons };
  }

  it(`${MODELS} of them: losses and predictions are the same`, () => {
    fc.assert(
      fc.property(stack, candidate => {
        const [one, other] = [build(tf, candidate), build(tf, candidate)];
        other.setWeights(one.getWeights());
        const compiled = run(one, candidate, false);
        const eager = run(other, candidate, true);
        one.dispose();
        other.dispose();
        assert.deepEqual(compiled.reasons, []);
        for (const [i, value] of compiled.values.entries()) {
          const expected = eager.values[i]!;
          assert.ok(
            Math.abs(value - expected) <= 2e-5 * Math.max(1, Math.abs(expected)),
            `value ${i}: ${value}, ${expected}`,
          );
        }
      }),
      { numRuns: MODELS, endOnFailure: true, verbose: true, ...replay },
    );
  });
});
