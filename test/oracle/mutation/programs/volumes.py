# Volumes: convolutions over three axes.
import keras
import numpy as np
from keras import layers


def get_model(width=16, height=16, depth=8):
    inputs = keras.Input((width, height, depth, 1))
    x = layers.Conv3D(filters=4, kernel_size=3, activation="relu")(inputs)
    x = layers.MaxPool3D(pool_size=2)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv3D(filters=8, kernel_size=3, activation="relu")(x)
    x = layers.GlobalAveragePooling3D()(x)
    x = layers.Dense(units=16, activation="relu")(x)
    outputs = layers.Dense(units=1, activation="sigmoid")(x)
    return keras.Model(inputs, outputs, name="3dcnn")


model = get_model(width=16, height=16, depth=8)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["acc"])
scans = np.zeros((4, 16, 16, 8))
scans = np.expand_dims(scans, axis=4)
model.fit(scans, np.array([0, 1, 1, 0]), epochs=1, verbose=0)
