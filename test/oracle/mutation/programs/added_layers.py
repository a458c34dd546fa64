# The older style: layers added one by one, the first with the shape of the input.
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense, Flatten, ZeroPadding2D
import numpy as np

img_rows, img_cols = 20, 24
X_train = np.random.rand(10, img_rows, img_cols, 3)
Y_train = np.random.randint(0, 2, (10, 4))

model = Sequential()
model.add(ZeroPadding2D((2, 2), input_shape=(img_rows, img_cols, 3)))
model.add(Conv2D(6, (5, 5), padding="valid"))
model.add(BatchNormalization(axis=-1))
model.add(Activation("relu"))
model.add(AveragePooling2D(pool_size=(2, 2)))
model.add(Conv2D(8, (3, 3)))
model.add(Activation("relu"))
model.add(Flatten())
model.add(Dense(16, activation="relu"))
model.add(Dense(4, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="sgd")
model.fit(X_train, Y_train, epochs=1, verbose=0)
