// Random stacks of layers, optimisers and batch sizes: the compiled step never disagrees with the eager one.
//
// MODELWRIGHT_STACKS says how many models, MODELWRIGHT_SEED which ones (test/fixed-seed.mjs).
//
// What divides by a root has a large epsilon here, for random stacks hold many numbers that are exactly zero but for
// rounding: the gradient of a bias before a normalisation or of a unit that is off, the deviation of a column that is
// constant. Adam with Keras's 1e-7 moves such weights by whole learning rates in the direction of a rounding error, and
// three normalisations in a row magnify one 30,000 times. Keras's own epsilons are held in families.test.ts and
// keras.test.ts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as tfjs from '@tensorflow/tfjs';
import type { CompilerOptions, OptimizerConfig, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import { distance, loadNative, startFromSeed } from './native';

const MODELS = Number(process.env.MODELWRIGHT_STACKS ?? 100);
const STEPS = 6;
/** As a share of the largest number in a result, or of 1. */
const TOLERANCE = 5e-6;

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
  fc.constant<Described>(['batchNormalization', { epsilon: 0.1 }]),
  fc.constant<Described>(['layerNormalization', { epsilon: 0.1 }]),
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

const epsilon = 1e-3;

const optimizer: fc.Arbitrary<OptimizerConfig> = fc.oneof(
  fc.constant<OptimizerConfig>({ class: 'SGD' }),
  fc.record({ class: fc.constant('SGD' as const), momentum: fc.constant(0.9), nesterov: fc.boolean() }),
  fc.constant<OptimizerConfig>({ class: 'Adam', epsilon, globalClipnorm: 1 }),
  fc.constant<OptimizerConfig>({ class: 'AdamW', epsilon, clipnorm: 0.5 }),
  fc.constant<OptimizerConfig>({ class: 'AdamW', form: 'torch', epsilon, excludeFromWeightDecay: ['bias'] }),
  fc.constant<OptimizerConfig>({ class: 'RMSprop', momentum: 0.5, centered: true }),
  fc.constant<OptimizerConfig>({ class: 'Adagrad', clipvalue: 0.1 }),
  fc.constant<OptimizerConfig>({ class: 'Adadelta' }),
  fc.constant<OptimizerConfig>({ class: 'Adamax', epsilon, gradientAccumulationSteps: 2 }),
  fc.constant<OptimizerConfig>({ class: 'Nadam', epsilon, useEma: true }),
);

interface Trainer {
  /** Weights, moving averages and the optimiser's slots, by names that depend on the stack alone. */
  state: () => Record<string, tfjs.Variable>;
  /** Loss and gradients; after some steps a prediction as well. */
  step: (x: tfjs.Tensor, y: tfjs.Tensor, iteration: number) => Record<string, tfjs.Tensor>;
  dispose: () => void;
}

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

/** TensorFlow.js itself cannot differentiate a recurrent layer over one step (`tf.unstack` into a single tensor). */
function hasRecurrentLayerOfOneStep(model: tfjs.LayersModel): boolean {
  return model.layers.some(
    layer =>
      ['LSTM', 'GRU', 'SimpleRNN'].includes(layer.getClassName()) &&
      (layer.input as tfjs.SymbolicTensor).shape[1] === 1,
  );
}

describe('random stacks of layers', function () {
  this.timeout(3_600_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  /** A model in training: its compiler, and what one step and one prediction give. */
  function trainer(model: tfjs.LayersModel, stack: Stack, options: CompilerOptions): Trainer {
    const compiler = createCompiler(tf, { seed: stack.seed, ...options });
    const update = createOptimizer(tf, stack.optimizer);
    const weights = model.trainableWeights.map(weight => (weight as unknown as { val: tfjs.Variable }).val);
    update.build(weights);
    const train = compiler.step('train', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
      const { value, grads } = tf.variableGrads(() => {
        const output = model.apply(inputs.x as tfjs.Tensor, { training: true }) as tfjs.Tensor;
        return tf.mean(tf.squaredDifference(output, inputs.y as tfjs.Tensor));
      }, weights);
      update.apply(grads, inputs);
      return { loss: value, ...Object.fromEntries(weights.map(({ name }, i) => [`gradient ${i}`, grads[name]!])) };
    });
    const predict = compiler.pure('predict', ({ x }: { x: tfjs.Tensor }) => ({ y: model.apply(x) as tfjs.Tensor }));
    return {
      state: () => {
        const own = model.weights.map(weight => (weight as unknown as { val: tfjs.Variable }).val);
        const all = [...own, ...Object.values(update.state())];
        return Object.fromEntries(all.map((variable, i) => [`variable ${i}`, variable]));
      },
      step: (x, y, iteration) => ({
        ...train({ x, y, ...update.inputs({ iteration, learningRate: 1e-3 }) }),
        ...(iteration > 2 ? { prediction: predict({ x }).y } : {}),
      }),
      dispose: () => {
        compiler.dispose();
        update.dispose();
        model.dispose();
      },
    };
  }

  /** Nothing, or the first result of some steps that differs; each step starts from the state of the compiled one. */
  function disagreement(stack: Stack): string | undefined {
    const reasons: string[] = [];
    const model = build(tf, stack);
    fc.pre(!hasRecurrentLayerOfOneStep(model));
    startFromSeed(tf, model, stack.seed);
    const compiled = trainer(model, stack, {
      onMode: (_name, _signature, mode) => {
        if (mode.kind === 'eager') reasons.push(mode.reason);
      },
    });
    const eager = trainer(build(tf, stack), stack, { eager: 'for comparison' });
    try {
      for (let i = 0; i < STEPS; i++) {
        const found = tf.tidy(() => {
          const x = tf.randomNormal([stack.batch, ...stack.input], 0, 1, 'float32', stack.seed + i);
          const y = tf.randomNormal([stack.batch, 2], 0, 1, 'float32', stack.seed + 1000 + i);
          const from = compiled.state();
          for (const [name, variable] of Object.entries(eager.state())) variable.assign(tf.clone(from[name]!));
          return different(
            { ...compiled.step(x, y, i), ...compiled.state() },
            { ...eager.step(x, y, i), ...eager.state() },
          );
        });
        if (found) return `step ${i}: ${found}`;
      }
      return reasons[0];
    } finally {
      compiled.dispose();
      eager.dispose();
    }
  }

  function different(ours: Record<string, tfjs.Tensor>, expected: Record<string, tfjs.Tensor>): string | undefined {
    for (const name in expected) {
      const [a, b] = [ours[name]!.dataSync(), expected[name]!.dataSync()];
      const scale = Math.max(1, distance(b, new Float32Array(b.length)));
      if (!(distance(a, b) <= TOLERANCE * scale)) return `${name} is ${[...a].join()} and ${[...b].join()}`;
    }
    return undefined;
  }

  it(`${MODELS} of them: losses, gradients, new weights and predictions are the same`, () => {
    fc.assert(
      fc.property(stack, candidate => {
        assert.equal(disagreement(candidate), undefined);
      }),
      { numRuns: MODELS, endOnFailure: true, verbose: true },
    );
  });
});
