// Two hundred steps of every model family, eager and compiled from the same weights and seeds, with dropout and noise:
// the same losses on their own ways, and from one and the same state the same gradients.
import assert from 'node:assert/strict';
import type * as tfjs from '@tensorflow/tfjs';
import type { Compiler, CompilerOptions, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import type { Family } from './families';
import { families } from './families';
import { distance, loadNative, startFromSeed, taken } from './native';

const STEPS = 200;
const BATCHES = 4;
const LEARNING_RATE = 2e-3;
/** Every so many steps gradients are compared. */
const GRADIENTS_EVERY = 10;

interface Stepped {
  loss: number;
  gradients: Float32Array[];
}

/** Everything a training loop needs: one step, one evaluation. */
function trainer(
  tf: Tf,
  model: tfjs.LayersModel,
  loss: Family['loss'],
  options: CompilerOptions = {},
): {
  compiler: Compiler;
  train: (x: tfjs.Tensor, y: tfjs.Tensor[], iteration: number) => Stepped;
  evaluate: (x: tfjs.Tensor, y: tfjs.Tensor[]) => number;
  modes: () => string[];
} {
  const compiler = createCompiler(tf, { seed: 5, ...options });
  const optimizer = createOptimizer(tf, { class: 'Adam' });
  const weights = model.trainableWeights.map(weight => (weight as unknown as { val: tfjs.Variable }).val);
  const lossOf = (inputs: Record<string, unknown>, training: boolean): tfjs.Scalar => {
    const outputs = model.apply(inputs.x as tfjs.Tensor, { training }) as tfjs.Tensor | tfjs.Tensor[];
    const each = (Array.isArray(outputs) ? outputs : [outputs]).map((output, i) => {
      const target = inputs[`y${i}`] as tfjs.Tensor;
      return loss === 'meanSquared'
        ? tf.mean(tf.squaredDifference(target, output))
        : tf.neg(tf.mean(tf.sum(tf.mul(target, tf.log(tf.add(output, 1e-7))), -1)));
    });
    return (each.length === 1 ? each[0] : tf.addN(each)) as tfjs.Scalar;
  };
  const step = compiler.step('train', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
    const { value, grads } = tf.variableGrads(() => lossOf(inputs, true), weights);
    optimizer.apply(grads, inputs);
    return { loss: value, ...Object.fromEntries(weights.map(({ name }, i) => [`gradient ${i}`, grads[name]!])) };
  });
  const evaluation = compiler.pure('evaluate', (inputs: Record<string, tfjs.Tensor>) => ({
    loss: lossOf(inputs, false),
  }));
  const named = (x: tfjs.Tensor, y: tfjs.Tensor[]): Record<string, tfjs.Tensor> =>
    Object.fromEntries([['x', x], ...y.map((target, i) => [`y${i}`, target])] as [string, tfjs.Tensor][]);
  return {
    compiler,
    train: (x, y, iteration) => {
      const learningRate = LEARNING_RATE * 0.99 ** iteration;
      const outputs = step({ ...named(x, y), ...optimizer.inputs({ iteration, learningRate }) });
      const [loss, ...gradients] = Object.values(outputs).map(taken);
      return { loss: loss![0]!, gradients };
    },
    evaluate: (x, y) => taken(evaluation(named(x, y)).loss)[0]!,
    modes: () => [step.mode, evaluation.mode].map(mode => (mode.kind === 'eager' ? mode.reason : mode.kind)),
  };
}

describe('model families', function () {
  this.timeout(300_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  for (const family of families) {
    it(`${family.name}: ${STEPS} steps compiled are ${STEPS} steps eager`, () => {
      const batches = Array.from({ length: BATCHES }, (_, i) => family.batch(tf, i + 1));
      const [one, other, beside] = [family.build(tf), family.build(tf), family.build(tf)];
      startFromSeed(tf, one, 11);
      other.setWeights(one.getWeights());
      const compiled = trainer(tf, one, family.loss);
      const eager = trainer(tf, other, family.loss, { eager: 'for comparison' });
      const reference = trainer(tf, beside, family.loss, { eager: 'for comparison' });
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const { x, y } = batches[i % BATCHES]!;
        const compareGradients = i % GRADIENTS_EVERY === 0;
        if (compareGradients) beside.setWeights(one.getWeights());
        const [ours, expected] = [compiled.train(x, y, i), eager.train(x, y, i)];
        assert.ok(Math.abs(ours.loss - expected.loss) <= 1e-5, `step ${i}: ${ours.loss} and ${expected.loss}`);
        losses.push(ours.loss);
        if (compareGradients) {
          reference.compiler.counter = i;
          for (const [k, gradient] of reference.train(x, y, i).gradients.entries()) {
            const apart = distance(ours.gradients[k]!, gradient);
            assert.ok(apart <= 1e-6, `gradient ${k} of step ${i} is ${apart} apart`);
          }
        }
        if (i % 50 < 4) {
          const [a, b] = [compiled.evaluate(x, y), eager.evaluate(x, y)];
          assert.ok(Math.abs(a - b) <= 1e-5, `evaluation after step ${i}: ${a} and ${b}`);
        }
      }
      assert.deepEqual(compiled.modes(), ['compiled', 'compiled']);
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(mean(losses.slice(-20)) < mean(losses.slice(0, 20)), 'it learns');
      const predictions = [one, other].map(model =>
        [model.predict(batches[0]!.x)]
          .flat()
          .map(y => [...y.dataSync()])
          .flat(),
      );
      assert.ok(distance(predictions[0]!, predictions[1]!) < 1e-4);
      for (const { compiler } of [compiled, eager, reference]) compiler.dispose();
      for (const model of [one, other, beside]) model.dispose();
    });
  }
});
