# Layers that make their own weights, in loops over dictionaries.
import keras
import numpy as np
from keras import ops


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b


class Mixer(keras.layers.Layer):
    def __init__(self, tokens, channels, **kwargs):
        super().__init__(**kwargs)
        self.token_mixing = Linear(tokens)
        self.channel_mixing = Linear(channels)

    def call(self, x):
        mixed = ops.swapaxes(self.token_mixing(ops.swapaxes(x, 1, 2)), 1, 2)
        return x + self.channel_mixing(x + mixed)


inputs = keras.Input((9, 5))
x = inputs
for name, (tokens, channels) in {"first": (9, 5), "second": (9, 5)}.items():
    x = Mixer(tokens, channels, name=name)(x)
x = keras.layers.Flatten()(x)
model = keras.Model(inputs, Linear(2)(x))
model.compile(loss="mse", optimizer="adam")
model.fit(np.zeros((4, 9, 5)), np.zeros((4, 2)), epochs=1, verbose=0)
