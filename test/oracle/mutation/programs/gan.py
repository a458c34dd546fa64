# A generator and a discriminator, stacked.
import keras
import numpy as np
from keras import layers

latent_dim = 16


def build_generator():
    model = keras.Sequential(name="generator")
    model.add(keras.Input((latent_dim,)))
    model.add(layers.Dense(7 * 7 * 8))
    model.add(layers.LeakyReLU(negative_slope=0.2))
    model.add(layers.Reshape((7, 7, 8)))
    model.add(layers.Conv2DTranspose(8, (4, 4), strides=(2, 2), padding="same"))
    model.add(layers.Conv2DTranspose(4, (4, 4), strides=(2, 2), padding="same"))
    model.add(layers.Conv2D(1, (7, 7), padding="same", activation="tanh"))
    return model


def build_discriminator(in_shape=(28, 28, 1)):
    model = keras.Sequential(name="discriminator")
    model.add(layers.Conv2D(4, (3, 3), strides=(2, 2), padding="same", input_shape=in_shape))
    model.add(layers.Dropout(0.4))
    model.add(layers.Flatten())
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


generator = build_generator()
discriminator = build_discriminator()
gan = keras.Sequential([generator, discriminator])
gan.compile(loss="binary_crossentropy", optimizer="adam")
noise = np.random.randn(6 * latent_dim).reshape(6, latent_dim)
fakes = generator.predict(noise, verbose=0)
discriminator.train_on_batch(fakes, np.zeros((6, 1)))
gan.train_on_batch(noise, np.ones((6, 1)))
