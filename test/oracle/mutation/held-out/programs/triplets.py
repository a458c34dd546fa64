# Anchors, matches and others; the model's own layers hold its loss.
import keras
import numpy as np
from keras import layers, ops


class Embedder(keras.Model):
    def __init__(self, sizes=(32, 16), out=8):
        super().__init__()
        self.hidden = [layers.Dense(size, activation="relu") for size in sizes]
        self.norm = layers.LayerNormalization()
        self.head = layers.Dense(out)

    def call(self, x, training=False):
        for layer in self.hidden:
            x = layer(x)
        return self.head(self.norm(x))


class Triplet(keras.Model):
    def __init__(self, embedder, margin=0.5):
        super().__init__()
        self.embedder = embedder
        self.margin = margin

    def call(self, inputs):
        anchor, match, other = (self.embedder(inputs[:, i]) for i in range(3))
        near = ops.sum(ops.square(anchor - match), -1)
        far = ops.sum(ops.square(anchor - other), -1)
        return ops.stack([near, far], axis=1)


def triplet_loss(y_true, distances):
    near, far = distances[:, 0], distances[:, 1]
    return ops.maximum(near - far + 0.5, 0.0)


model = Triplet(Embedder())
model.compile(optimizer="adam", loss=triplet_loss)
model.fit(np.random.rand(12, 3, 20), np.zeros((12, 2)), batch_size=4, epochs=1, verbose=0)
