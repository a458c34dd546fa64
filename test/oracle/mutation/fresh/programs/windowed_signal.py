# A long signal cut into windows that overlap, by hand.
import keras
import numpy as np
from keras import layers


def windows(signal, size, step):
    parts, targets = [], []
    for start in range(0, len(signal) - size, step):
        parts.append(signal[start : start + size])
        targets.append(signal[start + size, 0])
    return np.array(parts), np.array(targets)


signal = np.random.rand(100, 3)
X, y = windows(signal, 12, 4)
encoder = keras.Sequential(
    [
        layers.Input((12, 3)),
        layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu"),
        layers.AveragePooling1D(2),
        layers.Conv1D(4, 3, padding="same"),
    ]
)
decoder = keras.Sequential([layers.Input((6, 4)), layers.UpSampling1D(2), layers.Conv1DTranspose(3, 3, padding="same")])
signal_in = keras.Input((12, 3))
code = encoder(signal_in)
auto = keras.Model(signal_in, decoder(code))
auto.compile("adam", "mse")
auto.fit(X, X, epochs=1, verbose=0)

summary = layers.GlobalAveragePooling1D()(code)
next_value = keras.Model(signal_in, layers.Dense(1)(layers.Permute((1,))(summary)))
next_value.compile("adam", "mae")
next_value.fit(X, y, epochs=1, batch_size=7, verbose=0)
errors = np.mean(np.abs(auto.predict(X, verbose=0) - X), axis=(1, 2))
