# A small U-Net with helper functions.
import keras
import numpy as np
from keras import layers


def double_conv(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)


def down(x, filters):
    skip = double_conv(x, filters)
    return skip, layers.MaxPooling2D(2)(skip)


def up(x, skip, filters):
    x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
    x = layers.concatenate([x, skip])
    return double_conv(x, filters)


inputs = keras.Input(shape=(32, 32, 3))
s1, p1 = down(inputs, 4)
s2, p2 = down(p1, 8)
bottom = double_conv(p2, 16)
u2 = up(bottom, s2, 8)
u1 = up(u2, s1, 4)
outputs = layers.Conv2D(1, 1, activation="sigmoid")(u1)
unet = keras.Model(inputs, outputs, name="unet")
unet.compile(optimizer="adam", loss="binary_crossentropy")

images = np.zeros((4, 32, 32, 3), dtype="float32")
masks = np.zeros((4, 32, 32, 1), dtype="float32")
unet.fit(images, masks, epochs=1, verbose=0)
