# A convolutional network for each frame, a recurrent one over them.
from keras import Input, Model
from keras.layers import GRU, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, TimeDistributed
import numpy as np

FRAMES, HEIGHT, WIDTH = 5, 18, 18

video = Input(shape=(FRAMES, HEIGHT, WIDTH, 3))
x = TimeDistributed(Conv2D(4, (3, 3), activation="relu"))(video)
x = TimeDistributed(MaxPooling2D((2, 2)))(x)
x = TimeDistributed(Flatten())(x)
x = GRU(16, return_sequences=True)(x)
x = GRU(8)(x)
x = Dropout(0.4)(x)
classes = Dense(6, activation="softmax")(x)
model = Model(video, classes)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
clips = np.zeros((4, FRAMES, HEIGHT, WIDTH, 3))
labels = np.array([0, 5, 2, 3])
model.fit(clips, labels, validation_split=0.25, epochs=1, verbose=0)
one = np.expand_dims(clips[0], axis=0)
model.predict(one, verbose=0)
