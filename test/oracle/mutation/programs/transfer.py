# A model of keras.applications with another head.
import keras
import numpy as np
from keras import layers

base = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=1.0, include_top=False, weights=None)
base.trainable = False
inputs = keras.Input(shape=(32, 32, 3))
x = layers.Rescaling(scale=1 / 127.5, offset=-1)(inputs)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.predict(np.zeros((2, 32, 32, 3)), verbose=0)
