# A training loop written out, with data sets, metrics and a loss object.
import keras
import numpy as np
import tensorflow as tf

images = np.random.randint(0, 255, (24, 14, 14)).astype("float32") / 255.0
images = images[..., np.newaxis]
labels = np.random.randint(0, 4, 24)
train = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(24).batch(8)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv1 = keras.layers.Conv2D(6, 3, activation="relu")
        self.pool = keras.layers.MaxPool2D(2)
        self.flatten = keras.layers.Flatten()
        self.hidden = keras.layers.Dense(12, activation="relu")
        self.out = keras.layers.Dense(4)

    def call(self, x):
        x = self.pool(self.conv1(x))
        return self.out(self.hidden(self.flatten(x)))


model = Net()
loss_object = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.SGD()
train_accuracy = keras.metrics.SparseCategoricalAccuracy()


def train_step(pictures, targets):
    with tf.GradientTape() as tape:
        predictions = model(pictures, training=True)
        loss = loss_object(targets, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_accuracy.update_state(targets, predictions)
    return loss


for epoch in range(1):
    for pictures, targets in train:
        train_step(pictures, targets)
total = tf.reduce_sum(model(images[:3]), axis=1)
