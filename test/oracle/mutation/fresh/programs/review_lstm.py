# Reviews of unequal length, padded, read in both directions.
import keras
import numpy as np
from keras import layers

words, longest = 50, 14
reviews = [list(range(1, 3 + i % 9)) for i in range(12)]
x = keras.utils.pad_sequences(reviews, maxlen=longest)
y = np.array([i % 2 for i in range(12)])

model = keras.Sequential(
    [
        keras.Input(shape=(longest,)),
        layers.Embedding(words, 8, mask_zero=True),
        layers.Bidirectional(layers.LSTM(6, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(4)),
        layers.Dropout(0.3),
        layers.Dense(5, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=1, batch_size=4, verbose=0)
print(model.predict(x[:2], verbose=0).shape)
