# Forecasting with dilated convolutions in a loop.
import keras
import numpy as np
from keras import layers, ops

window, features, horizon = 24, 3, 4
history = np.random.normal(size=(30, window, features))
future = np.random.normal(size=(30, horizon))

inputs = keras.Input((window, features))
x = inputs
for rate in (1, 2, 4):
    x = layers.Conv1D(8, 2, padding="causal", dilation_rate=rate, activation="relu")(x)
x = layers.Conv1D(4, 3, strides=2)(x)
x = layers.Flatten()(x)
x = layers.Dense(horizon)(x)
outputs = ops.multiply(x, 2.0)
model = keras.Model(inputs, outputs)
model.compile(optimizer="rmsprop", loss="mse")
model.fit(history, future, batch_size=10, epochs=1, verbose=0)
