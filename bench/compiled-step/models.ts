// The benchmark's models, twice: as functions on variables, as the training child has them, and as tf.layers models.
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../../src/train/compile';
import {
  batchNormalization,
  gelu,
  layerNormalization,
  sparseSoftmaxCrossEntropy,
} from '../../src/train/compile/kernels';
import { gru, lstm } from '../../src/train/compile/recurrent';

type Tensor = tfjs.Tensor;

/** Makes weights as they are asked for the first time, by name. */
export class Weights {
  readonly made = new Map<string, tfjs.Variable>();

  constructor(private readonly tf: Tf) {}

  get(name: string, shape: number[], initial: 'glorot' | 'zeros' | 'ones' = 'glorot'): Tensor {
    let variable = this.made.get(name);
    if (!variable) {
      const { tf } = this;
      const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
      const limit = Math.sqrt(6 / (field * ((shape.at(-2) ?? 1) + shape.at(-1)!)));
      variable = tf.tidy(() =>
        tf.variable(
          initial === 'glorot'
            ? tf.randomUniform(shape, -limit, limit, 'float32', 1)
            : tf.fill(shape, initial === 'ones' ? 1 : 0),
          true,
          name,
        ),
      );
      this.made.set(name, variable);
    }
    return variable;
  }
}

export interface Model {
  /** Of one sample. */
  input: number[];
  /** 0 for regression of one number. */
  classes: number;
  forward: (tf: Tf, w: Weights, x: Tensor) => Tensor;
  /** With logits as output, for `fit`; absent where tfjs-layers has not the layers. */
  layers?: (tf: Tf) => tfjs.LayersModel;
}

const dense = (tf: Tf, w: Weights, name: string, x: Tensor, units: number): Tensor => {
  const inputs = x.shape.at(-1)!;
  const rows = tf.matMul(tf.reshape(x, [-1, inputs]), w.get(`${name}/kernel`, [inputs, units]));
  return tf.reshape(tf.add(rows, w.get(`${name}/bias`, [units], 'zeros')), [...x.shape.slice(0, -1), units]);
};

const conv = (
  tf: Tf,
  w: Weights,
  name: string,
  x: Tensor,
  filters: number,
  size: number,
  strides: number,
  pad: 'same' | 'valid',
): Tensor =>
  tf.conv2d(
    x as tfjs.Tensor4D,
    w.get(`${name}/kernel`, [size, size, x.shape[3]!, filters]) as tfjs.Tensor4D,
    strides,
    pad,
  );

const normal = (tf: Tf, w: Weights, name: string, x: Tensor): Tensor => {
  const channels = [x.shape.at(-1)!];
  const { y, mean, variance } = batchNormalization(
    tf,
    x,
    w.get(`${name}/gamma`, channels, 'ones'),
    w.get(`${name}/beta`, channels, 'zeros'),
    1e-3,
  );
  for (const [kind, now] of [
    ['mean', mean],
    ['variance', variance],
  ] as const) {
    const moving = w.get(`${name}/moving ${kind}`, channels, 'ones') as tfjs.Variable;
    moving.trainable = false;
    moving.assign(tf.add(tf.mul(moving, 0.99), tf.mul(now, 0.01)));
  }
  return y;
};

const blocks: [filters: number, stride: number][] = [
  [16, 1],
  [16, 1],
  [16, 1],
  [32, 2],
  [32, 1],
  [32, 1],
  [64, 2],
  [64, 1],
  [64, 1],
];

function stackedLstm(steps: number): Model {
  return {
    input: [steps, 64],
    classes: 10,
    forward: (tf, w, x) => {
      const layer = (name: string, input: Tensor): ReturnType<typeof lstm> =>
        lstm(tf, {
          x: input as tfjs.Tensor3D,
          kernel: w.get(`${name}/kernel`, [input.shape[2]!, 512]) as tfjs.Tensor2D,
          recurrentKernel: w.get(`${name}/recurrent`, [128, 512]) as tfjs.Tensor2D,
          bias: w.get(`${name}/bias`, [512], 'zeros') as tfjs.Tensor1D,
          activation: 'tanh',
          recurrentActivation: 'sigmoid',
        });
      return dense(tf, w, 'head', layer('second', layer('first', x).sequence).last, 10);
    },
    layers: tf =>
      tf.sequential({
        layers: [
          tf.layers.lstm({
            units: 128,
            recurrentActivation: 'sigmoid',
            returnSequences: true,
            inputShape: [steps, 64],
            recurrentInitializer: 'glorotUniform',
          }),
          tf.layers.lstm({ units: 128, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' }),
          tf.layers.dense({ units: 10 }),
        ],
      }),
  };
}

export const models: Record<string, Model> = {
  cnn: {
    input: [28, 28, 1],
    classes: 10,
    forward: (tf, w, x) => {
      const block = (name: string, input: Tensor, filters: number): Tensor =>
        tf.maxPool<tfjs.Tensor4D>(
          tf.relu<tfjs.Tensor4D>(
            tf.add(conv(tf, w, name, input, filters, 3, 1, 'valid'), w.get(`${name}/bias`, [filters], 'zeros')),
          ),
          2,
          2,
          'valid',
        );
      const features = block('conv2', block('conv1', x, 32), 64);
      return dense(tf, w, 'head', tf.relu(dense(tf, w, 'hidden', tf.reshape(features, [x.shape[0], -1]), 128)), 10);
    },
    layers: tf =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 128, activation: 'relu' }),
          tf.layers.dense({ units: 10 }),
        ],
      }),
  },
  resnet20: {
    input: [32, 32, 3],
    classes: 10,
    forward: (tf, w, input) => {
      let x = tf.relu(normal(tf, w, 'norm', conv(tf, w, 'conv', input, 16, 3, 1, 'same')));
      blocks.forEach(([filters, stride], i) => {
        const first = tf.relu(normal(tf, w, `${i}a/norm`, conv(tf, w, `${i}a`, x, filters, 3, stride, 'same')));
        const second = normal(tf, w, `${i}b/norm`, conv(tf, w, `${i}b`, first, filters, 3, 1, 'same'));
        const short = x.shape[3] === filters ? x : conv(tf, w, `${i}c`, x, filters, 1, stride, 'same');
        x = tf.relu(tf.add(short, second));
      });
      return dense(tf, w, 'head', tf.mean(x, [1, 2]), 10);
    },
    layers: tf => {
      type S = tfjs.SymbolicTensor;
      const convolution = (x: S, filters: number, kernelSize: number, strides: number): S =>
        tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x) as S;
      const normalise = (x: S): S => tf.layers.batchNormalization().apply(x) as S;
      const relu = (x: S): S => tf.layers.activation({ activation: 'relu' }).apply(x) as S;
      const input = tf.input({ shape: [32, 32, 3] });
      let x = relu(normalise(convolution(input, 16, 3, 1)));
      for (const [filters, stride] of blocks) {
        const y = normalise(convolution(relu(normalise(convolution(x, filters, 3, stride))), filters, 3, 1));
        const short = x.shape[3] === filters ? x : convolution(x, filters, 1, stride);
        x = relu(tf.layers.add().apply([short, y]) as S);
      }
      const pooled = tf.layers.globalAveragePooling2d({}).apply(x);
      return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 10 }).apply(pooled) as S });
    },
  },
  lstm32: stackedLstm(32),
  lstm128: stackedLstm(128),
  bigru: {
    input: [64, 64],
    classes: 10,
    forward: (tf, w, x) => {
      const direction = (name: string, goBackwards: boolean): Tensor =>
        gru(
          tf,
          {
            x: x as tfjs.Tensor3D,
            kernel: w.get(`${name}/kernel`, [64, 192]) as tfjs.Tensor2D,
            recurrentKernel: w.get(`${name}/recurrent`, [64, 192]) as tfjs.Tensor2D,
            bias: w.get(`${name}/bias`, [192], 'zeros') as tfjs.Tensor1D,
            activation: 'tanh',
            recurrentActivation: 'sigmoid',
            goBackwards,
          },
          w.get(`${name}/recurrent bias`, [192], 'zeros') as tfjs.Tensor1D,
        ).last;
      return dense(tf, w, 'head', tf.concat([direction('forward', false), direction('backward', true)], 1), 10);
    },
    layers: tf =>
      tf.sequential({
        layers: [
          tf.layers.bidirectional({
            layer: tf.layers.gru({ units: 64, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' }),
            inputShape: [64, 64],
            mergeMode: 'concat',
          }),
          tf.layers.dense({ units: 10 }),
        ],
      }),
  },
  transformer: {
    input: [64, 128],
    classes: 10,
    forward: (tf, w, input) => {
      const [batch] = input.shape as [number];
      const heads = (x: Tensor): Tensor => tf.transpose(tf.reshape(x, [batch, 64, 4, 32]), [0, 2, 1, 3]);
      const norm = (name: string, x: Tensor): Tensor =>
        layerNormalization(tf, x, w.get(`${name}/gamma`, [128], 'ones'), w.get(`${name}/beta`, [128], 'zeros'), 1e-3);
      let x = input;
      for (let i = 0; i < 4; i++) {
        const [q, k, v] = tf.split(dense(tf, w, `${i}/qkv`, x, 384), 3, 2).map(heads) as [Tensor, Tensor, Tensor];
        const scores = tf.softmax(tf.matMul(tf.mul(q, 1 / Math.sqrt(32)), k, false, true));
        const mixed = tf.reshape(tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]), [batch, 64, 128]);
        x = norm(`${i}/norm1`, tf.add(x, dense(tf, w, `${i}/out`, mixed, 128)));
        const hidden = dense(tf, w, `${i}/narrow`, gelu(tf, dense(tf, w, `${i}/wide`, x, 512)), 128);
        x = norm(`${i}/norm2`, tf.add(x, hidden));
      }
      return dense(tf, w, 'head', tf.mean(x, 1), 10);
    },
  },
  mlp: {
    input: [20],
    classes: 0,
    forward: (tf, w, x) =>
      dense(tf, w, 'out', tf.relu(dense(tf, w, 'second', tf.relu(dense(tf, w, 'first', x, 64)), 64)), 1),
    layers: tf =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 64, activation: 'relu', inputShape: [20] }),
          tf.layers.dense({ units: 64, activation: 'relu' }),
          tf.layers.dense({ units: 1 }),
        ],
      }),
  },
};

/** The mean loss of a batch. */
export function lossOf(tf: Tf, model: Model, output: Tensor, y: Tensor): tfjs.Scalar {
  return model.classes > 0
    ? tf.mean(sparseSoftmaxCrossEntropy(tf, output as tfjs.Tensor2D, y as tfjs.Tensor1D))
    : tf.mean(tf.squaredDifference(output, y));
}
