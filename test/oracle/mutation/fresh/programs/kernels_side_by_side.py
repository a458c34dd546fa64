# A text read through windows of several widths at once.
import keras
import numpy as np
from keras import layers

config = {"words": 40, "length": 18, "size": 6, "filters": 5, "widths": (2, 3, 4), "classes": 3}


def build(config):
    inputs = layers.Input(shape=(config["length"],), dtype="int32")
    x = layers.Embedding(config["words"], config["size"])(inputs)
    x = layers.SpatialDropout1D(0.2)(x)
    branches = []
    for width in config["widths"]:
        branch = layers.Conv1D(config["filters"], width, activation="relu")(x)
        branch = layers.GlobalMaxPooling1D()(branch)
        branches.append(branch)
    x = layers.concatenate(branches)
    x = layers.Dense(8, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(config["classes"], activation="softmax")(x))


model = build(config)
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
texts = np.random.randint(0, config["words"], (10, config["length"]))
labels = keras.utils.to_categorical(np.random.randint(0, 3, 10), num_classes=config["classes"])
split = int(0.8 * len(texts))
model.fit(texts[:split], labels[:split], validation_data=(texts[split:], labels[split:]), epochs=1, verbose=0)
