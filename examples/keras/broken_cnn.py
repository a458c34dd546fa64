"""Five models, each with a mistake from practice. Open the file: every one is marked before anything runs.

Python stops at the first mistake; Modelwright shows all of them, with the facts that clash and a way out.
"""
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
images = x_train.astype("float32")[..., None] / 255


# 1. Grey images have a channel too: Conv2D wants (height, width, channels), this input has no third axis.
no_channel = keras.Sequential([
    keras.Input(shape=(28, 28)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])


# 2. Every convolution and pooling shrinks the image: 28, 26, 13, 11, 5, 3, 1. Then a 3×3 window no longer fits.
too_deep = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(16, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(64, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(128, (3, 3), activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])


# 3. Without Flatten the head answers for each of the 13×13 places; the one-hot labels have one answer per image.
no_flatten = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Dense(10, activation="softmax"),
])
no_flatten.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
no_flatten.fit(images, keras.utils.to_categorical(y_train, 10), batch_size=128, epochs=1)


# 4. The labels are the digits 0 to 9 themselves; categorical_crossentropy expects one-hot rows.
integer_labels = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10, activation="softmax"),
])
integer_labels.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
integer_labels.fit(images, y_train, batch_size=128, epochs=1)


# 5. Read row by row an image is a sequence. But the first LSTM returns its last state only; the second wants all steps.
stacked_lstm = keras.Sequential([
    keras.Input(shape=(28, 28)),
    layers.LSTM(64),
    layers.LSTM(64),
    layers.Dense(10, activation="softmax"),
])
