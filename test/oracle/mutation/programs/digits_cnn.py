# A convolutional classifier of small images, with integer labels.
import keras
import numpy as np
from keras import layers

x_train = np.random.rand(64, 28, 28).astype("float32")
y_train = np.random.randint(0, 10, size=(64,))
x_train = np.expand_dims(x_train, -1)

model = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(16, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=1, validation_split=0.25, verbose=0)
model.evaluate(x_train[:16], y_train[:16], verbose=0)
