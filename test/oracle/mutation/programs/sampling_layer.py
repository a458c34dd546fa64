# The encoder of a variational autoencoder, with a layer that samples.
import keras
import numpy as np
from keras import layers, ops, random

latent_dim = 2


class Sampling(layers.Layer):
    def call(self, inputs):
        z_mean, z_log_var = inputs
        batch = ops.shape(z_mean)[0]
        dim = ops.shape(z_mean)[1]
        epsilon = random.normal(shape=(batch, dim))
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


inputs = keras.Input(shape=(16,))
x = layers.Dense(12, activation="relu")(inputs)
z_mean = layers.Dense(latent_dim, name="z_mean")(x)
z_log_var = layers.Dense(latent_dim, name="z_log_var")(x)
z = Sampling()([z_mean, z_log_var])
encoder = keras.Model(inputs, [z_mean, z_log_var, z], name="encoder")

latent_inputs = keras.Input(shape=(latent_dim,))
h = layers.Dense(12, activation="relu")(latent_inputs)
decoder = keras.Model(latent_inputs, layers.Dense(16)(h))

means, variances, codes = encoder.predict(np.random.rand(5, 16), verbose=0)
restored = decoder.predict(codes, verbose=0)
