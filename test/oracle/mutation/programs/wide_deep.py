# Numbers and categories side by side, the data cut by slices.
import keras
import numpy as np
from keras import layers

data = np.random.rand(40, 9)
x_all, y_all = data[:, :8], data[:, 8:]
x_train, x_test = x_all[:30], x_all[30:]
y_train, y_test = y_all[:30], y_all[30:]

inputs = layers.Input(shape=(8,))
wide = layers.Dense(4)(inputs[:, :3])
deep = layers.Dense(12, activation="relu")(inputs[:, 3:])
deep = layers.Dense(4, activation="relu")(deep)
combined = layers.Concatenate()([wide, deep])
gate = layers.Dense(8, activation="sigmoid")(combined)
gated = layers.Multiply()([combined, gate])
model = keras.Model(inputs, layers.Dense(1)(gated))
model.compile(optimizer="adam", loss="mae")
model.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=1, verbose=0)
print(model.evaluate(x_test, y_test, verbose=0))
