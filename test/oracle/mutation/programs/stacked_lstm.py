# Sentiment from words: an embedding and two recurrent layers.
import numpy as np
import keras
from keras.layers import LSTM, Bidirectional, Dense, Embedding

max_features = 50
maxlen = 12
x = np.random.randint(0, max_features, size=(20, maxlen))
y = np.random.randint(0, 2, size=(20, 1))

model = keras.Sequential()
model.add(keras.Input(shape=(maxlen,), dtype="int32"))
model.add(Embedding(max_features, 8))
model.add(Bidirectional(LSTM(6, return_sequences=True)))
model.add(Bidirectional(LSTM(4)))
model.add(Dense(1, activation="sigmoid"))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=10, epochs=1, verbose=0)
