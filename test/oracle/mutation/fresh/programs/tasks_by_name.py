# Two answers by name: where something is and what it is.
import keras
import numpy as np
from keras import layers

inputs = keras.Input(shape=(16, 16, 3), name="picture")
x = layers.Conv2D(8, 3, activation="relu")(inputs)
x = layers.MaxPooling2D()(x)
x = layers.Conv2D(12, 3, activation="relu")(x)
x = layers.Flatten()(x)
shared = layers.Dense(20, activation="relu")(x)
box = layers.Dense(4, name="box")(shared)
kind = layers.Dense(5, activation="softmax", name="kind")(shared)
model = keras.Model(inputs=inputs, outputs={"box": box, "kind": kind})
model.compile(
    optimizer="adam",
    loss={"box": "mse", "kind": "categorical_crossentropy"},
    loss_weights={"box": 0.5, "kind": 1.0},
)
pictures = np.zeros((9, 16, 16, 3), dtype="float32")
boxes = np.random.rand(9, 4)
kinds = np.eye(5)[np.arange(9) % 5]
model.fit({"picture": pictures}, {"box": boxes, "kind": kinds}, epochs=1, verbose=0)
answer = model.predict(pictures, verbose=0)
corners = answer["box"].reshape(9, 2, 2)
