"""A convolutional network that reads handwritten digits.

Run it with Keras:       python cnn.py
Train it without Python: open it in VS Code and choose "Train" above the model.
"""
import keras
from keras import layers

# 28×28 grey levels from 0 to 255, and the digit each image shows.
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

# Networks learn best from small numbers, and Conv2D wants a channel axis: (n, 28, 28) becomes (n, 28, 28, 1).
x_train = x_train.astype("float32")[..., None] / 255
x_test = x_test.astype("float32")[..., None] / 255

model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    # 32 small windows slide over the image; without padding each side loses 2 pixels.
    layers.Conv2D(32, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    layers.Conv2D(64, (3, 3), activation="relu"),
    layers.MaxPooling2D((2, 2)),
    # The dense layers want one row of numbers per image: 5 * 5 * 64 = 1600.
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    # One probability per digit.
    layers.Dense(10, activation="softmax"),
])

# The labels are plain digits, not one-hot rows: hence the "sparse" loss.
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary()

model.fit(x_train, y_train, batch_size=128, epochs=5, validation_data=(x_test, y_test))

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"{accuracy:.1%} of the test digits are read correctly")
