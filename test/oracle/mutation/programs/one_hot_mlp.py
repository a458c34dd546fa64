# A functional multilayer perceptron on flattened images, with one-hot labels.
import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import Dense, Dropout, Input
from tensorflow.keras.models import Model
from tensorflow.keras.utils import to_categorical

num_classes = 6
images = np.random.rand(48, 12, 12)
labels = np.random.randint(num_classes, size=48)
x = images.reshape(48, 144).astype("float32") / 255
y = to_categorical(labels, num_classes)

inputs = Input(shape=(144,))
h = Dense(32, activation="relu")(inputs)
h = Dropout(0.2)(h)
h = Dense(16, activation="relu")(h)
outputs = Dense(num_classes, activation="softmax")(h)
model = Model(inputs=inputs, outputs=outputs)
model.compile(optimizer=keras.optimizers.SGD(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=16, epochs=1, verbose=0)
predictions = model.predict(x[:4], verbose=0)
