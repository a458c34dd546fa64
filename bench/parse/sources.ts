// Model files of any length: what tutorials are made of, over and over, each section with names of its own.

const python = (i: number) => `
def block_${i}(x, filters, kernel_size=3, strides=1, use_bn=True):
    """Convolution, normalisation, activation."""
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=not use_bn)(x)
    if use_bn:
        x = layers.BatchNormalization(name=f"bn_{filters}_${i}")(x)
    return layers.Activation("relu")(x)


class Attention${i}(layers.Layer):
    def __init__(self, width, heads=4, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(heads, width // heads)

    def call(self, inputs):
        return inputs + self.attention(inputs, inputs)  # residual


(x_train_${i}, y_train_${i}), _ = keras.datasets.mnist.load_data()
x_train_${i} = x_train_${i}[..., np.newaxis].astype("float32") / 255.
model_${i} = keras.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.Flatten(),
    *[layers.Dense(units) for units in (64, 32) if units > ${i}],
    layers.Dense(10, activation="softmax"),
])
model_${i}.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model_${i}.fit(x_train_${i}, y_train_${i}, epochs=5, batch_size=128, validation_split=0.1)
`;

const typescript = (i: number) => `
export function block${i}(x: tf.SymbolicTensor, {filters, kernelSize = 3}: {filters: number; kernelSize?: number}): tf.SymbolicTensor {
  const conv = tf.layers.conv2d({filters, kernelSize, padding: 'same', useBias: false});
  const normed = tf.layers.batchNormalization({name: \`bn_\${filters}_${i}\`}).apply(conv.apply(x)) as tf.SymbolicTensor;
  return tf.layers.activation({activation: 'relu'}).apply(normed) as tf.SymbolicTensor;
}

class Scale${i} extends tf.layers.Layer {
  static className = 'Scale${i}';
  constructor(private readonly factor = ${i}) {
    super({});
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => (Array.isArray(inputs) ? inputs[0]! : inputs).mul(this.factor)); // scaled
  }
}

const model${i} = tf.sequential({
  layers: [
    tf.layers.conv2d({inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu'}),
    tf.layers.flatten(),
    ...[64, 32].map(units => tf.layers.dense({units})),
    tf.layers.dense({units: 10, activation: 'softmax'}),
  ],
});
model${i}.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
await model${i}.fit(xs, ys, {
  epochs: 5,
  callbacks: {onEpochEnd: async (epoch, logs) => console.log(epoch, logs?.loss ?? 0)},
});
`;

function repeated(head: string, section: (i: number) => string, lines: number): string {
  let text = head;
  for (let i = 0; text.split('\n').length < lines; i++) text += section(i);
  return text;
}

export const pythonLines = (lines: number) =>
  repeated('import keras\nimport numpy as np\nfrom keras import layers\n', python, lines);
export const typescriptLines = (lines: number) =>
  repeated("import * as tf from '@tensorflow/tfjs';\n", typescript, lines);
