# Two branches that share their weights, and the distance between what they say.
import keras
import numpy as np
from keras import layers, ops

shape = (24, 24, 1)


def embedding():
    inputs = layers.Input(shape)
    x = layers.BatchNormalization()(inputs)
    x = layers.Conv2D(4, (5, 5), activation="tanh")(x)
    x = layers.AveragePooling2D(pool_size=(2, 2))(x)
    x = layers.Conv2D(8, (5, 5), activation="tanh")(x)
    x = layers.AveragePooling2D(pool_size=(2, 2))(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(10, activation="tanh")(x))


def euclidean(vectors):
    a, b = vectors
    total = ops.sum(ops.square(a - b), axis=1, keepdims=True)
    return ops.sqrt(ops.maximum(total, keras.backend.epsilon()))


network = embedding()
left, right = layers.Input(shape), layers.Input(shape)
distance = layers.Lambda(euclidean, output_shape=(1,))([network(left), network(right)])
output = layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(distance))
siamese = keras.Model(inputs=[left, right], outputs=output)
siamese.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
pairs = np.random.rand(10, 2, 24, 24, 1)
labels = np.random.randint(0, 2, 10).astype("float32")
siamese.fit([pairs[:, 0], pairs[:, 1]], labels, batch_size=5, epochs=1, verbose=0)
