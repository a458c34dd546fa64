"""A recurrent network that learns to write: given some characters, it predicts the next one.

Run it with Keras:       python rnn.py --text ../../LICENSE
Train it without Python: rnn.modelwright.json gives build_model its two sizes and the text.

The model's sizes depend on the text, so nothing in this file says what they are. The shapes in the editor keep
their names: (None, sequence_length, 128).
"""
import argparse
from pathlib import Path

import keras
import numpy as np
from keras.layers import LSTM, Dense, Input


def build_model(sequence_length, vocab_size):
    model = keras.Sequential([
        Input(shape=(sequence_length, vocab_size)),
        # return_sequences passes all steps on, because the next LSTM reads a sequence too.
        LSTM(128, return_sequences=True),
        # The second one returns its last state only: a summary of the whole window.
        LSTM(128),
        # One probability per character of the vocabulary.
        Dense(vocab_size, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def read_text(path, sequence_length, step=3):
    """Windows x of a text, shape (n, sequence_length, vocab_size), and the characters y, shape (n,), that follow."""
    text = Path(path).read_text(encoding="utf-8")
    vocabulary = sorted(set(text))
    tokens = np.array([vocabulary.index(character) for character in text])
    starts = range(0, len(tokens) - sequence_length, step)
    windows = np.stack([tokens[start:start + sequence_length] for start in starts])
    x = np.eye(len(vocabulary), dtype="float32")[windows]
    y = tokens[[start + sequence_length for start in starts]]
    return x, y, vocabulary


def main():
    parser = argparse.ArgumentParser(description="Train a character-level language model on a text.")
    parser.add_argument("--text", default=Path(__file__).resolve().parents[2] / "LICENSE")
    parser.add_argument("--sequence-length", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()

    x, y, vocabulary = read_text(options.text, options.sequence_length)
    model = build_model(options.sequence_length, len(vocabulary))
    model.summary()
    model.fit(x, y, batch_size=128, epochs=options.epochs, validation_split=0.1)


if __name__ == "__main__":
    main()
