# Dilated convolutions with skip connections over a signal.
import keras
import numpy as np
from keras import layers


def residual_block(x, filters, dilation):
    filtered = layers.Conv1D(filters, 2, dilation_rate=dilation, padding="causal", activation="tanh")(x)
    gate = layers.Conv1D(filters, 2, dilation_rate=dilation, padding="causal", activation="sigmoid")(x)
    z = layers.Multiply()([filtered, gate])
    z = layers.Conv1D(filters, 1)(z)
    return layers.Add()([z, x]), z


inputs = keras.Input((64, 1))
x = layers.Conv1D(8, 2, padding="causal")(inputs)
skips = []
for i in range(3):
    x, skip = residual_block(x, 8, 2**i)
    skips.append(skip)
x = layers.Activation("relu")(layers.Add()(skips))
x = layers.AveragePooling1D(4)(x)
x = layers.Permute((2, 1))(x)
x = layers.Dense(5, activation="relu")(x)
x = layers.Flatten()(x)
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
model.compile(loss="categorical_crossentropy", optimizer="sgd")
signal = np.sin(np.linspace(0, 50, 10 * 64)).reshape(10, 64, 1)
kinds = keras.utils.to_categorical(np.arange(10) % 3, num_classes=3)
model.fit(signal, kinds, epochs=1, verbose=0)
