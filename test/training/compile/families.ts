// Small models of every family, in plain tfjs-layers, with data they can learn: what the compiled step is tested on.
//
// No bias stands directly before a batch normalisation, which takes it out again: its exact gradient is zero, so Adam
// would divide rounding noise by itself and move it by whole learning rates, another way in every run.
import type * as tfjs from '@tensorflow/tfjs';
import type { Tf } from '../../../src/train/compile';

/** A model, and how a batch for it is made. `y` has one entry per output. */
export interface Family {
  name: string;
  build: (tf: Tf) => tfjs.LayersModel;
  batch: (tf: Tf, seed: number) => { x: tfjs.Tensor; y: tfjs.Tensor[] };
  loss: 'crossEntropy' | 'meanSquared';
}

const BATCH = 8;
const CLASSES = 3;

/** Labels that depend on the sign of parts of `x`, so that there is something to learn. */
function labels(tf: Tf, x: tfjs.Tensor): tfjs.Tensor {
  return tf.tidy(() => {
    const flat = tf.reshape(x, [x.shape[0], -1]);
    const parts = tf.split(tf.slice(flat, [0, 0], [-1, flat.shape[1]! - (flat.shape[1]! % CLASSES)]), CLASSES, 1);
    return tf.cast(
      tf.oneHot(
        tf.argMax(
          tf.stack(
            parts.map(part => tf.sum(part, 1)),
            1,
          ),
          1,
        ),
        CLASSES,
      ),
      'float32',
    );
  });
}

const images =
  (shape: number[]) =>
  (tf: Tf, seed: number): { x: tfjs.Tensor; y: tfjs.Tensor[] } => {
    const x = tf.randomNormal([BATCH, ...shape], 0, 1, 'float32', seed);
    return { x, y: [labels(tf, x)] };
  };

const tokens = (tf: Tf, seed: number): { x: tfjs.Tensor; y: tfjs.Tensor[] } => {
  const x = tf.randomUniform([BATCH, 6], 0, 12, 'int32', seed);
  return { x: tf.cast(x, 'float32'), y: [labels(tf, tf.sub(tf.cast(x, 'float32'), 6))] };
};

/** Self-attention with four heads, as a layer of its own: tfjs-layers exports none. */
function attentionLayer(tf: Tf, width: number): tfjs.layers.Layer {
  const heads = 4;
  class SelfAttention extends tf.layers.Layer {
    static className = 'TestSelfAttention';
    private weights4: tfjs.Variable[] = [];

    override build(): void {
      const glorot = tf.initializers.glorotUniform({ seed: 3 });
      const add = (name: string): tfjs.Variable =>
        (this.addWeight(name, [width, width], 'float32', glorot) as unknown as { val: tfjs.Variable }).val;
      this.weights4 = ['query', 'key', 'value', 'output'].map(add);
      super.build([null, null, width]);
    }

    override computeOutputShape(shape: tfjs.Shape): tfjs.Shape {
      return shape;
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return tf.tidy(() => {
        const x = Array.isArray(inputs) ? inputs[0]! : inputs;
        const [batch, steps] = x.shape as [number, number];
        const rows = tf.reshape(x, [-1, width]);
        const [query, key, value] = this.weights4
          .slice(0, 3)
          .map(weight =>
            tf.transpose(
              tf.reshape(tf.matMul(rows, weight as tfjs.Tensor2D), [batch, steps, heads, width / heads]),
              [0, 2, 1, 3],
            ),
          ) as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
        const scores = tf.softmax(tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width / heads)));
        const mixed = tf.reshape(tf.transpose(tf.matMul(scores, value), [0, 2, 1, 3]), [-1, width]);
        return tf.reshape(tf.matMul(mixed, this.weights4[3] as unknown as tfjs.Tensor2D), [batch, steps, width]);
      });
    }
  }
  return new SelfAttention({});
}

function sequential(tf: Tf, layers: tfjs.layers.Layer[]): tfjs.LayersModel {
  return tf.sequential({ layers });
}

export const families: Family[] = [
  {
    name: 'MLP',
    loss: 'crossEntropy',
    batch: images([9]),
    build: tf =>
      sequential(tf, [
        tf.layers.dense({ units: 16, activation: 'relu', inputShape: [9] }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.3 }),
        tf.layers.dense({ units: 16, activation: 'elu' }),
        tf.layers.gaussianNoise({ stddev: 0.1 }),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ]),
  },
  {
    name: 'CNN',
    loss: 'crossEntropy',
    batch: images([10, 10, 1]),
    build: tf =>
      sequential(tf, [
        tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [10, 10, 1] }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
        tf.layers.flatten(),
        tf.layers.dropout({ rate: 0.25 }),
        tf.layers.dense({ units: 16, activation: 'relu' }),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ]),
  },
  {
    name: 'ResNet',
    loss: 'crossEntropy',
    batch: images([8, 8, 3]),
    build: tf => {
      const input = tf.input({ shape: [8, 8, 3] });
      const conv = (x: tfjs.SymbolicTensor, filters: number, strides: number): tfjs.SymbolicTensor =>
        tf.layers
          .batchNormalization()
          .apply(
            tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false }).apply(x),
          ) as tfjs.SymbolicTensor;
      const relu = (x: tfjs.SymbolicTensor): tfjs.SymbolicTensor =>
        tf.layers.activation({ activation: 'relu' }).apply(x) as tfjs.SymbolicTensor;
      let x = relu(conv(input, 4, 1));
      for (const [filters, strides] of [
        [4, 1],
        [8, 2],
      ] as const) {
        const y = conv(relu(conv(x, filters, strides)), filters, 1);
        const short =
          strides === 1 ? x : (tf.layers.conv2d({ filters, kernelSize: 1, strides }).apply(x) as tfjs.SymbolicTensor);
        x = relu(tf.layers.add().apply([y, short]) as tfjs.SymbolicTensor);
      }
      const pooled = tf.layers.dropout({ rate: 0.2 }).apply(tf.layers.globalAveragePooling2d({}).apply(x));
      const output = tf.layers.dense({ units: CLASSES, activation: 'softmax' }).apply(pooled);
      return tf.model({ inputs: input, outputs: output as tfjs.SymbolicTensor });
    },
  },
  {
    name: 'U-Net',
    loss: 'meanSquared',
    batch: (tf, seed) => {
      const x = tf.randomUniform([4, 8, 8, 1], 0, 1, 'float32', seed);
      return { x, y: [tf.cast(tf.greater(x, 0.5), 'float32')] };
    },
    build: tf => {
      const input = tf.input({ shape: [8, 8, 1] });
      const conv = (x: tfjs.SymbolicTensor, filters: number): tfjs.SymbolicTensor =>
        tf.layers
          .conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' })
          .apply(x) as tfjs.SymbolicTensor;
      const wide = conv(input, 4);
      const narrow = tf.layers.maxPooling2d({ poolSize: 2 }).apply(wide) as tfjs.SymbolicTensor;
      const middle = tf.layers.dropout({ rate: 0.2 }).apply(conv(narrow, 8)) as tfjs.SymbolicTensor;
      const up = tf.layers
        .conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2, useBias: false })
        .apply(middle) as tfjs.SymbolicTensor;
      const grown = tf.layers.upSampling2d({}).apply(narrow) as tfjs.SymbolicTensor;
      const joined = tf.layers.concatenate().apply([wide, up, grown]) as tfjs.SymbolicTensor;
      const normal = tf.layers.batchNormalization().apply(joined) as tfjs.SymbolicTensor;
      const output = tf.layers.conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' }).apply(conv(normal, 4));
      return tf.model({ inputs: input, outputs: output as tfjs.SymbolicTensor });
    },
  },
  {
    name: 'LSTM',
    loss: 'crossEntropy',
    batch: images([5, 3]),
    build: tf =>
      sequential(tf, [
        tf.layers.lstm({
          units: 6,
          returnSequences: true,
          dropout: 0.2,
          recurrentInitializer: 'glorotUniform',
          inputShape: [5, 3],
        }),
        tf.layers.lstm({ units: 6, recurrentInitializer: 'glorotUniform' }),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ]),
  },
  {
    name: 'GRU',
    loss: 'crossEntropy',
    batch: images([5, 3]),
    build: tf =>
      sequential(tf, [
        tf.layers.gru({ units: 6, recurrentInitializer: 'glorotUniform', recurrentDropout: 0.2, inputShape: [5, 3] }),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ]),
  },
  {
    name: 'bidirectional LSTM',
    loss: 'crossEntropy',
    batch: images([4, 3]),
    build: tf =>
      sequential(tf, [
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 4, returnSequences: true, recurrentInitializer: 'glorotUniform' }),
          inputShape: [4, 3],
          mergeMode: 'concat',
        }),
        tf.layers.globalMaxPooling1d(),
        tf.layers.dropout({ rate: 0.2 }),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ]),
  },
  {
    name: 'Transformer encoder',
    loss: 'crossEntropy',
    batch: images([6, 8]),
    build: tf => {
      const input = tf.input({ shape: [6, 8] });
      let x = input;
      for (let i = 0; i < 2; i++) {
        const attention = tf.layers.dropout({ rate: 0.1 }).apply(attentionLayer(tf, 8).apply(x)) as tfjs.SymbolicTensor;
        x = tf.layers.layerNormalization().apply(tf.layers.add().apply([x, attention])) as tfjs.SymbolicTensor;
        const wide = tf.layers.dense({ units: 16, activation: 'gelu' }).apply(x);
        const narrow = tf.layers.dense({ units: 8 }).apply(wide) as tfjs.SymbolicTensor;
        x = tf.layers.layerNormalization().apply(tf.layers.add().apply([x, narrow])) as tfjs.SymbolicTensor;
      }
      const pooled = tf.layers.globalAveragePooling1d().apply(x);
      const output = tf.layers.dense({ units: CLASSES, activation: 'softmax' }).apply(pooled);
      return tf.model({ inputs: input, outputs: output as tfjs.SymbolicTensor });
    },
  },
  {
    name: 'autoencoder',
    loss: 'meanSquared',
    batch: (tf, seed) => {
      const x = tf.randomUniform([BATCH, 12], 0, 1, 'float32', seed);
      return { x, y: [x] };
    },
    build: tf =>
      sequential(tf, [
        tf.layers.gaussianDropout({ rate: 0.1, inputShape: [12] }),
        tf.layers.dense({ units: 6, activation: 'tanh' }),
        tf.layers.alphaDropout({ rate: 0.1 }),
        tf.layers.dense({ units: 12, activation: 'sigmoid' }),
      ]),
  },
  {
    name: 'two outputs',
    loss: 'crossEntropy',
    batch: (tf, seed) => {
      const { x, y } = images([9])(tf, seed);
      return { x, y: [...y, labels(tf, tf.reverse(x, 1))] };
    },
    build: tf => {
      const input = tf.input({ shape: [9] });
      const shared = tf.layers
        .dropout({ rate: 0.2 })
        .apply(tf.layers.dense({ units: 12, activation: 'selu' }).apply(input));
      const outputs = [1, 2].map(
        () => tf.layers.dense({ units: CLASSES, activation: 'softmax' }).apply(shared) as tfjs.SymbolicTensor,
      );
      return tf.model({ inputs: input, outputs });
    },
  },
  {
    name: 'embedding',
    loss: 'crossEntropy',
    batch: tokens,
    build: tf =>
      sequential(tf, [
        tf.layers.embedding({ inputDim: 12, outputDim: 6, inputLength: 6 }),
        tf.layers.dropout({ rate: 0.1, noiseShape: [8, 1, 6] }),
        tf.layers.conv1d({ filters: 6, kernelSize: 3, activation: 'relu' }),
        tf.layers.globalMaxPooling1d(),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ] as tfjs.layers.Layer[]),
  },
];
