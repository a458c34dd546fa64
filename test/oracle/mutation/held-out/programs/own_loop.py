# A training loop written out.
import keras
import numpy as np
import tensorflow as tf

x_train = np.random.rand(32, 28, 28).astype("float32")
x_train = np.reshape(x_train, (-1, 784))
y_train = np.random.randint(0, 10, (32,))
batches = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(buffer_size=32).batch(8)

inputs = keras.Input(shape=(784,), name="digits")
x = keras.layers.Dense(16, activation="relu", name="dense_1")(inputs)
x = keras.layers.Dense(16, activation="relu", name="dense_2")(x)
outputs = keras.layers.Dense(10, name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)

optimizer = keras.optimizers.SGD(learning_rate=1e-3)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
metric = keras.metrics.SparseCategoricalAccuracy()

for step, (x_batch, y_batch) in enumerate(batches):
    with tf.GradientTape() as tape:
        logits = model(x_batch, training=True)
        loss_value = loss_fn(y_batch, logits)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply(grads, model.trainable_weights)
    metric.update_state(y_batch, logits)
print(float(metric.result()))
