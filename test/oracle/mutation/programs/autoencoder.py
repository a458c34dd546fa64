# A convolutional autoencoder made of two models.
import keras
import numpy as np
from keras import layers

encoder = keras.Sequential(
    [
        layers.Input(shape=(28, 28, 1)),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(10),
    ],
    name="encoder",
)
decoder = keras.Sequential(
    [
        layers.Input(shape=(10,)),
        layers.Dense(7 * 7 * 4, activation="relu"),
        layers.Reshape((7, 7, 4)),
        layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
    ],
    name="decoder",
)
image = keras.Input((28, 28, 1))
autoencoder = keras.Model(image, decoder(encoder(image)))
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
data = np.random.rand(6, 28, 28, 1)
autoencoder.fit(data, data, epochs=1, verbose=0)
