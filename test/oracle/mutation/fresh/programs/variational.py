# A variational autoencoder that computes its own losses.
import keras
import tensorflow as tf
import numpy as np
from keras import layers

latent = 2
encoder_inputs = keras.Input(shape=(16, 16, 1))
x = layers.Conv2D(4, 3, activation="relu", strides=2, padding="same")(encoder_inputs)
x = layers.Conv2D(8, 3, activation="relu", strides=2, padding="same")(x)
x = layers.Flatten()(x)
x = layers.Dense(8, activation="relu")(x)
mean = layers.Dense(latent, name="mean")(x)
log_var = layers.Dense(latent, name="log_var")(x)
encoder = keras.Model(encoder_inputs, [mean, log_var], name="encoder")

latent_inputs = keras.Input(shape=(latent,))
x = layers.Dense(4 * 4 * 8, activation="relu")(latent_inputs)
x = layers.Reshape((4, 4, 8))(x)
x = layers.Conv2DTranspose(8, 3, activation="relu", strides=2, padding="same")(x)
x = layers.Conv2DTranspose(4, 3, activation="relu", strides=2, padding="same")(x)
decoder = keras.Model(latent_inputs, layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x), name="decoder")


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def train_step(self, data):
        with tf.GradientTape() as tape:
            mean, log_var = self.encoder(data)
            noise = tf.random.normal(shape=(tf.shape(mean)[0], latent))
            picture = self.decoder(mean + tf.exp(0.5 * log_var) * noise)
            error = keras.losses.binary_crossentropy(data, picture)
            reconstruction = tf.reduce_mean(tf.reduce_sum(error, axis=(1, 2)))
            kl = -0.5 * (1 + log_var - tf.square(mean) - tf.exp(log_var))
            total = reconstruction + tf.reduce_mean(tf.reduce_sum(kl, axis=1))
        grads = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.loss_tracker.update_state(total)
        return {"loss": self.loss_tracker.result()}


vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam())
vae.fit(np.random.rand(8, 16, 16, 1).astype("float32"), epochs=1, batch_size=4, verbose=0)
