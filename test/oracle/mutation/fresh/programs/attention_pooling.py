# Sentences as the weighed sum of their words, written with keras.ops.
import keras
import numpy as np
from keras import layers, ops


class AttentionPooling(layers.Layer):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def build(self, input_shape):
        size = input_shape[-1]
        self.query = self.add_weight(shape=(self.heads, size), initializer="glorot_uniform")
        self.mix = self.add_weight(shape=(self.heads * size, size), initializer="glorot_uniform")

    def call(self, x):
        scores = ops.einsum("btd,hd->bht", x, self.query)
        weights = ops.softmax(scores, axis=-1)
        pooled = ops.matmul(weights, x)
        flat = ops.reshape(pooled, (-1, self.heads * x.shape[-1]))
        return ops.matmul(flat, self.mix)


class PositionalEmbedding(layers.Layer):
    def __init__(self, length, words, size):
        super().__init__()
        self.tokens = layers.Embedding(words, size)
        self.positions = layers.Embedding(length, size)
        self.length = length

    def call(self, x):
        return self.tokens(x) + self.positions(ops.arange(self.length))


inputs = keras.Input((15,), dtype="int64")
x = PositionalEmbedding(15, 60, 12)(inputs)
attended = layers.MultiHeadAttention(num_heads=3, key_dim=4)(x, x)
x = layers.LayerNormalization()(layers.add([x, attended]))
x = AttentionPooling(2)(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(np.random.randint(0, 60, (8, 15)), np.random.randint(0, 4, (8,)), epochs=1, verbose=0)
