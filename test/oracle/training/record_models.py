"""Records the outputs of real Keras models with branches, masks, shared and nested layers, for test/training/models.test.ts.

    KERAS_BACKEND=tensorflow python record_models.py        # writes models.json beside this file
"""
import json
import pathlib

import keras
import numpy as np
from keras import Input, Model, Sequential
from keras import layers as L

from record_layers import floats, pack, randomize, tokens

padded = np.array([[3, 1, 4, 0, 0, 0], [1, 5, 9, 2, 6, 0], [5, 3, 0, 0, 0, 0]], "int32")


def masked_lstm():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    h = L.LSTM(3, return_sequences=True)(h)
    h = L.Dropout(0.5)(h)
    return Model(x, L.Dense(2, activation="softmax")(L.GRU(3)(h))), [padded]


def masked_bidirectional():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    h = L.Bidirectional(L.LSTM(3, return_sequences=True))(h)
    h = L.Bidirectional(L.SimpleRNN(2), merge_mode="mul")(h)
    return Model(x, h), [padded]


def masked_zero_output():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    return Model(x, L.GRU(3, return_sequences=True, zero_output_for_mask=True, go_backwards=True)(h)), [padded]


def masked_average():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    return Model(x, L.GlobalAveragePooling1D()(L.Dense(3)(h))), [padded]


def masked_steps():
    x = Input((5, 3))
    h = L.Masking()(x)
    values = floats(2, 5, 3)
    values[0, 3:] = 0
    values[1, :2] = 0
    return Model(x, L.LSTM(4)(h)), [values]


def masked_attention():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    y = L.MultiHeadAttention(2, 3)(h, h)
    y = L.LayerNormalization()(L.Add()([h, y]))
    return Model(x, L.GlobalAveragePooling1D()(y)), [padded]


def masked_normalization():
    x = Input((6,))
    h = L.Embedding(10, 4, mask_zero=True)(x)
    return Model(x, L.Attention()([L.BatchNormalization()(h), h])), [padded]


def encoder_decoder():
    source, target = Input((5, 3), name="source"), Input((4, 2), name="target")
    _, h, c = L.LSTM(4, return_state=True)(source)
    y = L.LSTM(4, return_sequences=True)(target, initial_state=[h, c])
    return Model([source, target], L.Dense(3)(y)), [floats(2, 5, 3), floats(2, 4, 2)]


def residual():
    x = Input((8, 8, 3))
    h = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    h = L.ReLU()(L.BatchNormalization()(h))
    y = L.Conv2D(4, 3, padding="same", strides=1)(h)
    y = L.Add()([h, y])
    y = L.GlobalAveragePooling2D()(L.Activation("relu")(y))
    return Model(x, L.Dense(3, activation="softmax")(y)), [floats(2, 8, 8, 3)]


def siamese():
    a, b = Input((5,), name="a"), Input((5,), name="b")
    shared = L.Dense(4, activation="tanh")
    difference = L.Subtract()([shared(a), shared(b)])
    return Model([a, b], [L.Dense(1, name="score")(difference), L.Dot(axes=1)([shared(a), shared(b)])]), [floats(3, 5), floats(3, 5)]


def nested():
    inner = Sequential([Input((4,)), L.Dense(3, activation="relu"), L.BatchNormalization(), L.Dense(2)], name="inner")
    x = Input((4,))
    twice = L.Concatenate()([inner(x), inner(L.Dense(4)(x))])
    return Model(x, L.Dense(1)(twice)), [floats(3, 4)]


def unet():
    x = Input((8, 8, 2))
    a = L.Conv2D(3, 3, padding="same", activation="relu")(x)
    b = L.Conv2D(4, 3, padding="same", activation="relu")(L.MaxPooling2D()(a))
    up = L.Conv2DTranspose(3, 2, strides=2)(b)
    y = L.Concatenate()([up, a])
    return Model(x, L.Conv2D(1, 1, activation="sigmoid")(y)), [floats(2, 8, 8, 2)]


def text_cnn():
    x = Input((9,))
    h = L.Embedding(10, 5)(x)
    branches = [L.GlobalMaxPooling1D()(L.Conv1D(4, k, activation="relu")(h)) for k in (2, 3)]
    return Model(x, L.Dense(2)(L.Concatenate()(branches))), [tokens(2, 9)]


MODELS = [masked_lstm, masked_bidirectional, masked_zero_output, masked_average, masked_steps, masked_attention, masked_normalization,
          encoder_decoder, residual, siamese, nested, unet, text_cnn]

if __name__ == "__main__":
    out = []
    for make in MODELS:
        keras.utils.set_random_seed(5)
        model, inputs = make()
        randomize(model)
        outputs = model(inputs if len(inputs) > 1 else inputs[0])
        out.append({
            "name": make.__name__, "model": json.loads(model.to_json())["config"], "inputs": [pack(x) for x in inputs],
            "weights": [{"path": w.path, **pack(w.numpy())} for w in model.weights],
            "outputs": [pack(y.numpy()) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])],
        })
    path = pathlib.Path(__file__).with_name("models.json")
    path.write_text("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in out) + "]\n")
    print(len(out), "models", path.stat().st_size, "bytes")
