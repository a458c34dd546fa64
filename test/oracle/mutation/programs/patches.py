# The patches of an image as a sequence, with operations between layers.
import keras
import numpy as np
from keras import layers, ops

image_size = 16
patch_size = 4
num_patches = (image_size // patch_size) ** 2
projection_dim = 12

inputs = keras.Input(shape=(image_size, image_size, 3))
x = ops.reshape(inputs, (-1, image_size // patch_size, patch_size, image_size // patch_size, patch_size, 3))
x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
x = ops.reshape(x, (-1, num_patches, patch_size * patch_size * 3))
x = layers.Dense(projection_dim)(x)
attention = layers.MultiHeadAttention(num_heads=3, key_dim=projection_dim // 3)(x, x)
x = layers.Add()([x, attention])
x = layers.LayerNormalization()(x)
x = ops.mean(x, axis=1)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(loss="categorical_crossentropy", optimizer="adamw")
y = keras.utils.to_categorical([0, 1, 2, 3], 4)
model.fit(np.random.rand(4, image_size, image_size, 3), y, epochs=1, verbose=0)
