# Two branches that share one encoder.
import keras
import numpy as np
from keras import layers, ops


def make_encoder(input_dim, code_dim):
    inp = keras.Input((input_dim,))
    h = layers.Dense(20, activation="tanh")(inp)
    return keras.Model(inp, layers.Dense(code_dim)(h), name="encoder")


encoder = make_encoder(10, 6)
left = keras.Input((10,), name="left")
right = keras.Input((10,), name="right")
a = encoder(left)
b = encoder(right)
similarity = layers.Dot(axes=1, normalize=True)([a, b])
distance = ops.sum(ops.square(a - b), axis=1, keepdims=True)
merged = layers.Concatenate(axis=-1)([similarity, distance])
score = layers.Dense(1, activation="sigmoid")(merged)
model = keras.Model([left, right], score)
model.compile(loss="binary_crossentropy", optimizer="adam")
pairs = [np.random.rand(8, 10), np.random.rand(8, 10)]
model.fit(pairs, np.random.randint(0, 2, size=8), epochs=1, verbose=0)
