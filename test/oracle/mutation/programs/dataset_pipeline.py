# Data by way of tf.data.
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

features = np.random.rand(32, 10, 10, 1).astype("float32")
labels = np.random.randint(0, 5, size=32)
dataset = tf.data.Dataset.from_tensor_slices((features, labels))
dataset = dataset.map(lambda x, y: (x / 2.0, tf.one_hot(y, 5)))
dataset = dataset.shuffle(32).batch(8)

model = keras.Sequential([
    keras.Input((10, 10, 1)),
    layers.SeparableConv2D(6, 3),
    layers.DepthwiseConv2D(3, depth_multiplier=2),
    layers.GlobalMaxPooling2D(),
    layers.Dense(5, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy")
model.fit(dataset, epochs=1, verbose=0)
