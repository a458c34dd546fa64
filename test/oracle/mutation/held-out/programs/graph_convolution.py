# Messages between the nodes of a graph by a matrix of its edges.
import keras
import numpy as np
from keras import layers, ops


class GraphConvolution(layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)
        self.activation = keras.activations.get(activation)

    def call(self, inputs):
        features, adjacency = inputs
        messages = ops.matmul(adjacency, features)
        return self.activation(self.dense(messages))


NODES, FEATURES = 7, 4
features = keras.Input((NODES, FEATURES))
adjacency = keras.Input((NODES, NODES))
h = GraphConvolution(16, "relu")([features, adjacency])
h = layers.Dropout(0.2)(h)
h = GraphConvolution(8, "relu")([h, adjacency])
pooled = ops.mean(h, axis=1)
score = layers.Dense(1, activation="sigmoid")(pooled)
model = keras.Model([features, adjacency], score)
model.compile(optimizer="adam", loss="binary_crossentropy")
edges = np.random.randint(0, 2, (9, NODES, NODES)).astype("float32")
edges = edges + np.transpose(edges, (0, 2, 1))
model.fit([np.random.rand(9, NODES, FEATURES), edges], np.random.randint(0, 2, (9, 1)), epochs=1, verbose=0)
