# The next hours of several series from windows of the hours before.
import keras
import numpy as np
from keras import layers

past, future, columns = 24, 6, 5
series = np.cumsum(np.random.randn(200, columns), axis=0)
mean, std = series.mean(axis=0), series.std(axis=0)
series = (series - mean) / std

x = np.stack([series[i : i + past] for i in range(len(series) - past - future)])
y = np.stack([series[i + past : i + past + future, 0] for i in range(len(series) - past - future)])
split = int(0.8 * len(x))
x_train, x_val = x[:split], x[split:]
y_train, y_val = y[:split], y[split:]

model = keras.models.Sequential()
model.add(layers.Input(shape=(past, columns)))
model.add(layers.Conv1D(16, kernel_size=4, padding="causal", activation="relu"))
model.add(layers.LSTM(16, return_sequences=True))
model.add(layers.LSTM(8))
model.add(layers.Dense(future))
model.compile(loss=keras.losses.Huber(), optimizer=keras.optimizers.Adam(learning_rate=0.001), metrics=["mae"])
model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=1, batch_size=32, verbose=0)
