# Patches mixed along places and along channels.
import keras
import numpy as np
from keras import layers, ops

image, patch, width = 24, 6, 20
count = (image // patch) ** 2


class Mixer(layers.Layer):
    def __init__(self, places, channels, rate):
        super().__init__()
        self.over_places = keras.Sequential([layers.Dense(places * 2, activation="gelu"), layers.Dense(places), layers.Dropout(rate)])
        self.over_channels = keras.Sequential([layers.Dense(channels * 2, activation="gelu"), layers.Dense(channels), layers.Dropout(rate)])
        self.normalize = layers.LayerNormalization(epsilon=1e-6)

    def call(self, inputs):
        x = self.normalize(inputs)
        x = ops.transpose(x, (0, 2, 1))
        x = self.over_places(x)
        x = ops.transpose(x, (0, 2, 1)) + inputs
        return x + self.over_channels(self.normalize(x))


inputs = keras.Input((image, image, 3))
patches = layers.Conv2D(width, patch, strides=patch)(inputs)
patches = layers.Reshape((count, width))(patches)
positions = layers.Embedding(count, width)(ops.arange(count))
x = patches + positions
for _ in range(2):
    x = Mixer(count, width, 0.1)(x)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(inputs, layers.Dense(10)(x))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(np.random.rand(4, image, image, 3), np.random.randint(0, 10, (4,)), epochs=1, verbose=0)
