# The next frame of a film.
import keras
import numpy as np
from keras import layers

inp = layers.Input(shape=(None, 8, 8, 1))
x = layers.ConvLSTM2D(filters=4, kernel_size=(3, 3), padding="same", return_sequences=True)(inp)
x = layers.BatchNormalization()(x)
x = layers.ConvLSTM2D(filters=4, kernel_size=(3, 3), padding="same", return_sequences=True)(x)
x = layers.Conv3D(filters=1, kernel_size=(3, 3, 3), activation="sigmoid", padding="same")(x)
model = keras.models.Model(inp, x)
model.compile(loss=keras.losses.BinaryCrossentropy(), optimizer=keras.optimizers.Adam())
films = np.random.rand(2, 6, 8, 8, 1)
model.fit(films[:, :-1], films[:, 1:], batch_size=2, epochs=1, verbose=0)
