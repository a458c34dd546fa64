// Two hundred steps of every model family, eager and compiled from the same weights and seeds, with dropout and
// noise: the same
// losses, the same weights.
import assert from 'node:assert/strict';
import type * as tfjs from '@tensorflow/tfjs';
import type { Compiler, CompilerOptions, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import type { Family } from './families';
import { families } from './families';
import { distance, loadNative } from './native';

const STEPS = 200;
const BATCHES = 4;
const LEARNING_RATE = 2e-3;

/** Everything a training loop needs: one step, one evaluation. */
export function trainer(
  tf: Tf,
  model: tfjs.LayersModel,
  loss: Family['loss'],
  options: CompilerOptions = {},
): {
  compiler: Compiler;
  train: (x: tfjs.Tensor, y: tfjs.Tensor[], iteration: number) => number;
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
    return { loss: value };
  });
  const evaluation = compiler.pure('evaluate', (inputs: Record<string, tfjs.Tensor>) => ({
    loss: lossOf(inputs, false),
  }));
  const named = (x: tfjs.Tensor, y: tfjs.Tensor[]): Record<string, tfjs.Tensor> =>
    Object.fromEntries([['x', x], ...y.map((target, i) => [`y${i}`, target])] as [string, tfjs.Tensor][]);
  const number = ({ loss: tensor }: { loss: tfjs.Tensor }): number => {
    const value = tensor.dataSync()[0]!;
    tensor.dispose();
    return value;
  };
  return {
    compiler,
    train: (x, y, iteration) =>
      number(
        step({ ...named(x, y), ...optimizer.inputs({ iteration, learningRate: LEARNING_RATE * 0.99 ** iteration }) }),
      ),
    evaluate: (x, y) => number(evaluation(named(x, y))),
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
      const [one, other] = [family.build(tf), family.build(tf)];
      other.setWeights(one.getWeights());
      const compiled = trainer(tf, one, family.loss);
      const eager = trainer(tf, other, family.loss, { eager: 'for comparison' });
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const { x, y } = batches[i % BATCHES]!;
        const [ours, expected] = [compiled.train(x, y, i), eager.train(x, y, i)];
        assert.ok(Math.abs(ours - expected) <= 1e-5, `step ${i}: ${ours} and ${expected}`);
        losses.push(ours);
        if (i % 50 < 4) {
          const [a, b] = [compiled.evaluate(x, y), eager.evaluate(x, y)];
          assert.ok(Math.abs(a - b) <= 1e-5, `evaluation after step ${i}: ${a} and ${b}`);
        }
      }
      assert.deepEqual(compiled.modes(), ['compiled', 'compiled']);
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(mean(losses.slice(-20)) < mean(losses.slice(0, 20)), 'it learns');
      // Weights before a normalisation have a gradient of zero and drift by rounding, so predictions are compared.
      const predictions = [one, other].map(model =>
        [model.predict(batches[0]!.x)]
          .flat()
          .map(y => [...y.dataSync()])
          .flat(),
      );
      assert.ok(distance(predictions[0]!, predictions[1]!) < 1e-4);
      compiled.compiler.dispose();
      eager.compiler.dispose();
      one.dispose();
      other.dispose();
    });
  }
});
