// The recurrent functions are tf.layers' LSTM, GRU and SimpleRNN to rounding, eager and in a graph, whatever the
// options.
import assert from 'node:assert/strict';
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../../../src/train/compile';
import type { LoopActivation, RecurrentInputs } from '../../../src/train/compile/recurrent';
import { gru, lstm, simpleRnn } from '../../../src/train/compile/recurrent';
import { distance, loadNative, taken, watched } from './native';

const BATCH = 3;
const STEPS = 5;
const FEATURES = 4;
const UNITS = 6;

interface Case {
  title: string;
  kind: 'lstm' | 'gru' | 'simpleRNN';
  activation?: LoopActivation;
  recurrentActivation?: LoopActivation;
  goBackwards?: boolean;
  masked?: boolean;
  useBias?: boolean;
  recurrentDropout?: boolean;
}

const cases: Case[] = [
  { title: 'LSTM as tf.layers makes it', kind: 'lstm', recurrentActivation: 'hardSigmoid' },
  { title: 'LSTM as Keras makes it', kind: 'lstm' },
  { title: 'LSTM backwards', kind: 'lstm', goBackwards: true },
  { title: 'LSTM with a mask', kind: 'lstm', masked: true },
  {
    title: 'LSTM backwards with a mask, relu, no bias',
    kind: 'lstm',
    activation: 'relu',
    goBackwards: true,
    masked: true,
    useBias: false,
  },
  { title: 'GRU as tf.layers makes it', kind: 'gru', recurrentActivation: 'hardSigmoid' },
  { title: 'GRU', kind: 'gru' },
  { title: 'GRU backwards with a mask', kind: 'gru', goBackwards: true, masked: true },
  { title: 'SimpleRNN', kind: 'simpleRNN' },
  { title: 'SimpleRNN, linear, with a mask', kind: 'simpleRNN', activation: 'linear', masked: true },
];

describe('recurrent functions', function () {
  this.timeout(60_000);
  let tf: Tf;
  before(async () => {
    tf = await loadNative();
  });

  /** Output and gradients of the sum of squares of all outputs, by tf.layers and by our function. */
  function both(test: Case): {
    layer: () => tfjs.Tensor[];
    ours: (x: tfjs.Tensor3D) => tfjs.Tensor[];
    x: tfjs.Tensor3D;
  } {
    const { kind, activation = 'tanh', recurrentActivation = 'sigmoid', goBackwards = false, useBias = true } = test;
    const layer = tf.layers[kind]({
      units: UNITS,
      activation,
      recurrentActivation,
      goBackwards,
      useBias,
      returnSequences: true,
      recurrentInitializer: 'glorotUniform',
      biasInitializer: 'randomNormal',
      inputShape: [STEPS, FEATURES],
    }) as unknown as {
      apply: (x: unknown, options?: object) => tfjs.Tensor;
      getWeights: () => tfjs.Tensor[];
      trainableWeights: { val: tfjs.Variable }[];
    };
    const x = tf.randomNormal<tfjs.Rank.R3>([BATCH, STEPS, FEATURES], 0, 1, 'float32', 7);
    const mask = test.masked
      ? tf.tensor2d(
          [
            [1, 1, 1, 0, 0],
            [1, 1, 1, 1, 1],
            [0, 1, 0, 1, 1],
          ],
          undefined,
          'bool',
        )
      : undefined;
    layer.apply(x);
    const variables = layer.trainableWeights.map(weight => weight.val);
    const results = (forward: (x: tfjs.Tensor3D) => tfjs.Tensor, input: tfjs.Tensor3D): tfjs.Tensor[] => {
      const output = forward(input);
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(forward(input))), variables);
      const dx = tf.grad((value: tfjs.Tensor) => tf.sum(tf.square(forward(value as tfjs.Tensor3D))))(input);
      return [output, dx, ...variables.map(variable => grads[variable.name]!)];
    };
    const function_ = { lstm, gru, simpleRNN: simpleRnn }[kind];
    const ours = (input: tfjs.Tensor3D): tfjs.Tensor[] =>
      results(value => {
        const [kernel, recurrentKernel, bias] = variables as unknown as [tfjs.Tensor2D, tfjs.Tensor2D, tfjs.Tensor1D];
        const inputs: RecurrentInputs = {
          x: value,
          kernel,
          recurrentKernel,
          activation,
          recurrentActivation,
          goBackwards,
          ...(useBias ? { bias } : {}),
          ...(mask ? { mask } : {}),
        };
        return function_(tf, inputs).sequence;
      }, input);
    return { layer: () => results(value => layer.apply(value, mask ? { mask } : {}), x), ours, x };
  }

  for (const test of cases) {
    it(`${test.title}: outputs and gradients are those of tf.layers`, () => {
      const { layer, ours, x } = both(test);
      const expected = layer();
      const actual = ours(x);
      assert.equal(actual.length, expected.length);
      for (const [i, tensor] of actual.entries()) {
        assert.deepEqual(tensor.shape, expected[i]!.shape);
        const values = expected[i]!.dataSync();
        assert.ok(distance(tensor.dataSync(), values) < 2e-6 * Math.max(1, ...values.map(Math.abs)), `result ${i}`);
      }
    });

    it(`${test.title}: the graph gives the same`, () => {
      const { ours, x } = both(test);
      const { compiler } = watched(tf);
      const run = compiler.pure('recurrent', ({ input }: { input: tfjs.Tensor }) =>
        Object.fromEntries(ours(input as tfjs.Tensor3D).map((tensor, i) => [`r${i}`, tensor])),
      );
      const expected = Object.values(run({ input: x })).map(taken);
      for (let i = 0; i < 3; i++) run({ input: x });
      assert.equal(run.mode.kind, 'compiled', JSON.stringify(run.mode));
      const actual = Object.values(run({ input: x })).map(taken);
      for (const [i, values] of actual.entries()) {
        assert.ok(distance(values, expected[i]!) < 2e-6 * Math.max(1, ...expected[i]!.map(Math.abs)), `result ${i}`);
      }
      compiler.dispose();
    });
  }

  it('a graph of 512 steps is no larger than one of 8', () => {
    const [kernel, recurrentKernel] = [FEATURES, UNITS].map(rows =>
      tf.tidy(() => tf.variable(tf.randomUniform([rows, 4 * UNITS], -0.3, 0.3, 'float32', rows))),
    ) as unknown as [tfjs.Tensor2D, tfjs.Tensor2D];
    const { compiler, modes } = watched(tf);
    const run = compiler.pure('gradients', ({ x }: { x: tfjs.Tensor }) => {
      const inputs = { kernel, recurrentKernel, activation: 'tanh', recurrentActivation: 'sigmoid' } as const;
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.square(lstm(tf, { x: x as tfjs.Tensor3D, ...inputs }).sequence)),
        [kernel, recurrentKernel] as unknown as tfjs.Variable[],
      );
      return { value, ...grads };
    });
    for (const length of [8, 512]) {
      const x = tf.randomNormal([BATCH, length, FEATURES], 0, 1, 'float32', length);
      for (let i = 0; i < 4; i++) tf.dispose(run({ x }));
      x.dispose();
    }
    const [short, long] = modes.map(mode => (mode.kind === 'compiled' ? mode.operations : NaN));
    assert.ok(Math.abs(short! - long!) <= 2, `${short} and ${long} operations`);
    compiler.dispose();
    tf.dispose([kernel, recurrentKernel]);
  });
});
