# Sizes that come from a configuration.
from dataclasses import dataclass

import keras
import numpy as np


@dataclass
class Config:
    vocabulary: int = 60
    length: int = 14
    width: int = 8
    kernel_sizes: tuple = (2, 3, 4)
    classes: int = 3


def text_cnn(config):
    tokens = keras.layers.Input((config.length,), dtype="int64")
    embedded = keras.layers.Embedding(config.vocabulary, config.width)(tokens)
    pooled = []
    for size in config.kernel_sizes:
        conv = keras.layers.Conv1D(6, size, activation="relu")(embedded)
        pooled.append(keras.layers.MaxPooling1D(config.length - size + 1)(conv))
    features = keras.layers.Flatten()(keras.layers.Concatenate(axis=1)(pooled))
    return keras.Model(tokens, keras.layers.Dense(config.classes, "softmax")(features))


config = Config(length=10)
model = text_cnn(config)
model.compile("adam", "sparse_categorical_crossentropy")
batch = np.random.randint(0, config.vocabulary, (5, config.length))
model.fit(batch, np.array([0, 1, 2, 0, 1]), epochs=1, verbose=0)
