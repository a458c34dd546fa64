# A recurrent cell of one's own.
import keras
import numpy as np
from keras import layers, ops


class MinimalCell(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent")

    def call(self, inputs, states):
        previous = states[0]
        output = ops.tanh(ops.matmul(inputs, self.kernel) + ops.matmul(previous, self.recurrent))
        return output, [output]


inputs = keras.Input((None, 5))
x = layers.RNN([MinimalCell(8), MinimalCell(6)], return_sequences=True)(inputs)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(inputs, layers.Dense(2)(x))
model.compile("adam", "mse")
model.fit(np.random.rand(6, 9, 5), np.random.rand(6, 2), epochs=1, verbose=0)
