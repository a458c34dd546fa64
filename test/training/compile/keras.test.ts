// The optimisers and short trainings against what Keras and PyTorch gave (test/oracle/compile/record.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import type { OptimizerConfig, Tf } from '../../../src/train/compile';
import { createCompiler, createOptimizer } from '../../../src/train/compile';
import { batchNormalization, sparseSoftmaxCrossEntropy } from '../../../src/train/compile/kernels';
import { gru, lstm } from '../../../src/train/compile/recurrent';
import { distance, loadNative, taken } from './native';

interface Training {
  model: 'conv' | 'norm' | 'lstm' | 'gru';
  optimizer: OptimizerConfig;
  learningRate: number;
  x: number[];
  y: number[];
  weights: { path: string; shape: number[]; values: number[] }[];
  losses: number[];
  after: number[][];
}

interface Recorded {
  weight: number[];
  gradients: number[][];
  learningRates: number[];
  optimizers: { config: OptimizerConfig; weights: number[][]; average?: number[] }[];
  trainings: Training[];
}

const recorded = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../oracle/compile/recorded.json'), 'utf8'),
) as Recorded;

type Weights = tfjs.Variable[];
type Forward = (tf: Tf, x: tfjs.Tensor, weights: Weights) => tfjs.Tensor;

const dense = (tf: Tf, x: tfjs.Tensor, kernel: tfjs.Variable, bias: tfjs.Variable): tfjs.Tensor =>
  tf.add(tf.matMul(x as tfjs.Tensor2D, kernel as tfjs.Tensor as tfjs.Tensor2D), bias);

const models: Record<Training['model'], { shape: number[]; trainable: (i: number) => boolean; forward: Forward }> = {
  conv: {
    shape: [8, 8, 2],
    trainable: () => true,
    forward: (tf, x, [kernel, bias, kernel2, bias2]) => {
      const y = tf.relu(
        tf.add(tf.conv2d(x as tfjs.Tensor4D, kernel as tfjs.Tensor as tfjs.Tensor4D, 1, 'valid'), bias!),
      );
      return dense(tf, tf.reshape(tf.maxPool(y as tfjs.Tensor4D, 2, 2, 'valid'), [6, -1]), kernel2!, bias2!);
    },
  },
  norm: {
    shape: [8, 8, 2],
    trainable: i => i !== 3 && i !== 4,
    forward: (tf, x, [kernel, gamma, beta, mean, variance, kernel2, bias2]) => {
      const y = tf.conv2d(x as tfjs.Tensor4D, kernel as tfjs.Tensor as tfjs.Tensor4D, 1, 'valid');
      const normal = batchNormalization(tf, y, gamma!, beta!, 1e-3);
      mean!.assign(tf.add(tf.mul(mean!, 0.99), tf.mul(normal.mean, 0.01)));
      variance!.assign(tf.add(tf.mul(variance!, 0.99), tf.mul(normal.variance, 0.01)));
      return dense(tf, tf.mean(tf.relu(normal.y), [1, 2]), kernel2!, bias2!);
    },
  },
  lstm: {
    shape: [7, 4],
    trainable: () => true,
    forward: (tf, x, [kernel, recurrentKernel, bias, kernel2, bias2]) =>
      dense(
        tf,
        lstm(tf, {
          x: x as tfjs.Tensor3D,
          kernel: kernel as never,
          recurrentKernel: recurrentKernel as never,
          bias: bias as never,
          activation: 'tanh',
          recurrentActivation: 'sigmoid',
        }).last,
        kernel2!,
        bias2!,
      ),
  },
  gru: {
    shape: [7, 4],
    trainable: () => true,
    forward: (tf, x, [kernel, recurrentKernel, bias, kernel2, bias2]) => {
      const [inputBias, recurrentBias] = tf.unstack(bias!);
      return dense(
        tf,
        gru(
          tf,
          {
            x: x as tfjs.Tensor3D,
            kernel: kernel as never,
            recurrentKernel: recurrentKernel as never,
            bias: inputBias as tfjs.Tensor1D,
            activation: 'tanh',
            recurrentActivation: 'sigmoid',
            goBackwards: true,
          },
          recurrentBias as tfjs.Tensor1D,
        ).last,
        kernel2!,
        bias2!,
      );
    },
  },
};

describe('against Keras and PyTorch', function () {
  this.timeout(300_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  for (const { config, weights, average } of recorded.optimizers) {
    for (const eager of [true, false]) {
      it(`${JSON.stringify(config)}: ${eager ? 'eager' : 'compiled'}`, () => {
        const variable = tf.tidy(() => tf.variable(tf.tensor1d(recorded.weight)));
        const compiler = createCompiler(tf, eager ? { eager: 'for comparison' } : {});
        const optimizer = createOptimizer(tf, config);
        const step = compiler.step('update', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
          optimizer.apply({ [variable.name]: inputs.gradient as unknown as tfjs.Tensor }, inputs);
          return { w: tf.clone(variable) };
        });
        for (const [iteration, row] of weights.entries()) {
          const gradient = tf.tensor1d(recorded.gradients[iteration]!);
          const inputs = optimizer.inputs({ iteration, learningRate: recorded.learningRates[iteration]! });
          const { w } = step({ gradient, ...inputs });
          assert.ok(distance(taken(w), row) < 3e-6, `update ${iteration}`);
          gradient.dispose();
        }
        assert.equal(step.mode.kind, eager ? 'eager' : 'compiled');
        if (average) assert.ok(distance(optimizer.averages()[variable.name]!.dataSync(), average) < 3e-6);
        compiler.dispose();
        optimizer.dispose();
        variable.dispose();
      });
    }
  }

  for (const training of recorded.trainings) {
    it(`${training.model} with ${training.optimizer.class}: the losses of 200 steps`, () => {
      const { shape, trainable, forward } = models[training.model];
      const variables = training.weights.map(({ shape: size, values }, i) =>
        tf.tidy(() => tf.variable(tf.tensor(values, size), trainable(i))),
      );
      const learned = variables.filter((_, i) => trainable(i));
      const size = training.x.length / 4;
      const batches = [0, 1, 2, 3].map(i => ({
        x: tf.tensor(training.x.slice(i * size, (i + 1) * size), [6, ...shape]),
        y: tf.tensor1d(training.y.slice(i * 6, i * 6 + 6), 'int32'),
      }));
      const compiler = createCompiler(tf);
      const optimizer = createOptimizer(tf, training.optimizer);
      const step = compiler.step('train', (inputs: Record<string, tfjs.Tensor | number | boolean>) => {
        const { value, grads } = tf.variableGrads(() => {
          const logits = forward(tf, inputs.x as tfjs.Tensor, variables) as tfjs.Tensor2D;
          return tf.mean(sparseSoftmaxCrossEntropy(tf, logits, inputs.y as tfjs.Tensor1D));
        }, learned);
        optimizer.apply(grads, inputs);
        return { loss: value };
      });
      for (const [iteration, loss] of training.losses.entries()) {
        const inputs = optimizer.inputs({ iteration, learningRate: training.learningRate });
        const ours = taken(step({ ...batches[iteration % 4]!, ...inputs }).loss)[0]!;
        assert.ok(Math.abs(ours - loss) < 1e-4, `step ${iteration}: ${ours}, Keras ${loss}`);
      }
      assert.equal(step.mode.kind, 'compiled');
      for (const [i, values] of training.after.entries()) {
        assert.ok(distance(variables[i]!.dataSync(), values) < 1e-3, training.weights[i]!.path);
      }
      compiler.dispose();
      optimizer.dispose();
      tf.dispose([variables, batches]);
    });
  }
});
