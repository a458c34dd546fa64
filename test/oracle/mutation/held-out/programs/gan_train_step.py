# A conditional GAN with a train_step of its own.
import keras
import numpy as np
import tensorflow as tf
from keras import layers

CLASSES, NOISE, SIZE = 3, 8, 12

discriminator = keras.Sequential(
    [
        keras.Input((SIZE, SIZE, 1 + CLASSES)),
        layers.Conv2D(8, 3, strides=2, padding="same"),
        layers.LeakyReLU(negative_slope=0.2),
        layers.GlobalMaxPooling2D(),
        layers.Dense(1),
    ]
)
generator = keras.Sequential(
    [
        keras.Input((NOISE + CLASSES,)),
        layers.Dense(3 * 3 * 6),
        layers.Reshape((3, 3, 6)),
        layers.Conv2DTranspose(6, 4, strides=2, padding="same"),
        layers.Conv2DTranspose(6, 4, strides=2, padding="same"),
        layers.Conv2D(1, 5, padding="same", activation="sigmoid"),
    ]
)


class ConditionalGAN(keras.Model):
    def __init__(self, discriminator, generator):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def train_step(self, data):
        images, one_hot = data
        batch = tf.shape(images)[0]
        planes = tf.repeat(one_hot[:, None, None, :], repeats=SIZE, axis=1)
        planes = tf.repeat(planes, repeats=SIZE, axis=2)
        noise = tf.random.normal((batch, NOISE))
        fakes = self.generator(tf.concat([noise, one_hot], axis=1))
        both = tf.concat([tf.concat([fakes, planes], -1), tf.concat([images, planes], -1)], axis=0)
        labels = tf.concat([tf.ones((batch, 1)), tf.zeros((batch, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(both))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        return {"d_loss": d_loss}


gan = ConditionalGAN(discriminator, generator)
gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(from_logits=True))
pictures = np.random.rand(8, SIZE, SIZE, 1).astype("float32")
kinds = keras.utils.to_categorical(np.random.randint(0, CLASSES, 8), CLASSES).astype("float32")
gan.fit(tf.data.Dataset.from_tensor_slices((pictures, kinds)).batch(4), epochs=1, verbose=0)
