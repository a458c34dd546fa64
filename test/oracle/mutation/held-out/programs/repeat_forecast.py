# Encoder and decoder of LSTMs around a repeated vector.
import numpy as np
from tensorflow.keras.layers import LSTM, Dense, RepeatVector, TimeDistributed
from tensorflow.keras.models import Sequential

n_in, n_out, n_features = 12, 4, 3
X = np.random.random((20, n_in, n_features))
Y = np.random.random((20, n_out, 1))

model = Sequential(
    [
        LSTM(10, activation="tanh", input_shape=(n_in, n_features)),
        RepeatVector(n_out),
        LSTM(10, activation="tanh", return_sequences=True),
        TimeDistributed(Dense(6, activation="relu")),
        TimeDistributed(Dense(1)),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy" if n_features > 9 else "mse")
model.fit(X, Y, epochs=1, verbose=0)
prediction = model.predict(X[0].reshape((1, n_in, n_features)), verbose=0)
assert prediction.shape == (1, n_out, 1)
