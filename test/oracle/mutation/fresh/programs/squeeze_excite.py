# Convolutions whose channels are weighed by what the whole picture holds.
import keras
import numpy as np
from keras import layers, ops


def squeeze_excite(x, ratio=4):
    channels = x.shape[-1]
    weights = layers.GlobalAveragePooling2D()(x)
    weights = layers.Dense(channels // ratio, activation="relu")(weights)
    weights = layers.Dense(channels, activation="sigmoid")(weights)
    weights = layers.Reshape((1, 1, channels))(weights)
    return layers.Multiply()([x, weights])


def block(x, filters, strides=1):
    shortcut = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
    y = layers.DepthwiseConv2D(3, strides=strides, padding="same")(x)
    y = layers.Conv2D(filters, 1)(y)
    y = squeeze_excite(y)
    return layers.Add()([shortcut, y])


inputs = keras.Input((24, 20, 3))
x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
for filters, strides in [(8, 1), (16, 2), (16, 2)]:
    x = block(x, filters, strides)
x = ops.mean(x, axis=(1, 2))
outputs = layers.Dense(6, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
model.fit(np.random.rand(6, 24, 20, 3), np.arange(6), epochs=1, verbose=0)
