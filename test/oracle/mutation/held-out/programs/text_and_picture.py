# Words and a picture decide together; two answers.
import keras
import numpy as np
from keras import layers

words = keras.Input(shape=(None,), name="words", dtype="int32")
picture = keras.Input(shape=(20, 20, 3), name="picture")
tags = keras.Input(shape=(6,), name="tags")

text = layers.Embedding(50, 16)(words)
text = layers.LSTM(12)(text)
image = layers.Rescaling(1.0 / 255)(picture)
image = layers.Conv2D(6, 3, activation="relu")(image)
image = layers.MaxPooling2D(3)(image)
image = layers.Flatten()(image)
image = layers.Dense(12, activation="relu")(image)
together = layers.concatenate([text, image, tags])
priority = layers.Dense(1, name="priority")(together)
department = layers.Dense(4, name="department", activation="softmax")(together)

model = keras.Model(inputs=[words, picture, tags], outputs={"priority": priority, "department": department})
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={"priority": "mse", "department": "categorical_crossentropy"},
    loss_weights={"priority": 1.0, "department": 0.2},
)
n = 8
model.fit(
    {"words": np.random.randint(50, size=(n, 10)), "picture": np.random.rand(n, 20, 20, 3), "tags": np.random.randint(2, size=(n, 6))},
    {"priority": np.random.random(size=(n, 1)), "department": np.eye(4)[np.random.randint(4, size=n)]},
    epochs=1,
    batch_size=4,
    verbose=0,
)
