# Several inputs and outputs by name.
import keras
import numpy as np
from keras import layers

title = keras.Input(shape=(None,), name="title")
body = keras.Input(shape=(None,), name="body")
tags = keras.Input(shape=(5,), name="tags")
title_features = layers.LSTM(8)(layers.Embedding(30, 6)(title))
body_features = layers.LSTM(4)(layers.Embedding(30, 6)(body))
x = layers.concatenate([title_features, body_features, tags])
priority = layers.Dense(1, name="priority")(x)
department = layers.Dense(3, activation="softmax", name="department")(x)
model = keras.Model(inputs=[title, body, tags], outputs={"priority": priority, "department": department})
model.compile(
    optimizer="rmsprop",
    loss={"priority": "mse", "department": "categorical_crossentropy"},
)
title_data = np.random.randint(30, size=(16, 4))
body_data = np.random.randint(30, size=(16, 9))
tags_data = np.random.randint(2, size=(16, 5)).astype("float32")
priority_targets = np.random.random(size=(16, 1))
dept_targets = np.eye(3)[np.random.randint(3, size=16)]
model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": dept_targets},
    epochs=1,
    verbose=0,
)
