# Columns of a table, each prepared in its own way.
import keras
import numpy as np
import tensorflow as tf
from keras import layers

table = {
    "age": np.random.randint(18, 90, (40, 1)).astype("float32"),
    "income": np.random.rand(40, 1).astype("float32"),
    "region": np.random.randint(0, 5, (40, 1)),
}
target = np.random.randint(0, 2, (40,))
dataset = tf.data.Dataset.from_tensor_slices((table, target)).batch(10)

inputs, encoded = {}, []
for name in ["age", "income"]:
    inputs[name] = keras.Input((1,), name=name)
    encoded.append(layers.Dense(3, activation="relu")(inputs[name]))
inputs["region"] = keras.Input((1,), name="region", dtype="int64")
one_hot = layers.CategoryEncoding(num_tokens=5, output_mode="one_hot")(inputs["region"])
encoded.append(one_hot)
x = layers.concatenate(encoded)
x = layers.Dense(8, activation="relu")(x)
x = layers.Dropout(0.3)(x)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(dataset, epochs=1, verbose=0)
model.predict({name: values[:3] for name, values in table.items()}, verbose=0)
