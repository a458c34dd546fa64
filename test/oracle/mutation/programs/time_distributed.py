# Frames of a video, one by one, then a recurrent layer.
import keras
import numpy as np
from keras import layers

frames, height, width, channels = 5, 12, 12, 3
video = keras.Input(shape=(frames, height, width, channels))
cnn = keras.Sequential(
    [
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
    ]
)
x = layers.TimeDistributed(cnn)(video)
x = layers.GRU(6, return_sequences=True)(x)
x = layers.TimeDistributed(layers.Dense(3, activation="softmax"))(x)
model = keras.Model(video, x)
model.compile("adam", "categorical_crossentropy")
clips = np.zeros((3, frames, height, width, channels))
labels = np.zeros((3, frames, 3))
model.fit(clips, labels, epochs=1, verbose=0)
