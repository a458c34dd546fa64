# Small pictures made large by moving channels into places.
import keras
import numpy as np
from keras import layers, ops

upscale = 3


class DepthToSpace(layers.Layer):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def call(self, x):
        batch, height, width, depth = ops.shape(x)
        channels = depth // self.block**2
        x = ops.reshape(x, (batch, height, width, self.block, self.block, channels))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (batch, height * self.block, width * self.block, channels))


arguments = {"activation": "relu", "kernel_initializer": "orthogonal", "padding": "same"}
inputs = keras.Input(shape=(10, 10, 1))
x = layers.Conv2D(16, 5, **arguments)(inputs)
x = layers.Conv2D(8, 3, **arguments)(x)
x = layers.Conv2D(upscale**2, 3, **arguments)(x)
outputs = DepthToSpace(upscale)(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="mse")
small = np.random.rand(4, 10, 10, 1)
large = np.repeat(np.repeat(small, 3, axis=1), 3, axis=2)
model.fit(small, large, epochs=1, verbose=0)
