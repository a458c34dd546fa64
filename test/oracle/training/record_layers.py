"""Records what real Keras layers compute, for test/training/layers.test.ts.

Every case is a layer with random weights on random inputs: its configuration, weights by path, output, and the gradient
of sum(output * cos(0, 1, 2, ...)) by each trainable weight and by the first floating-point input.

    KERAS_BACKEND=tensorflow python record_layers.py        # writes layers.json beside this file
"""
import base64
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

rng = np.random.default_rng(7)


def pack(array):
    array = np.asarray(array)
    kind = "int32" if np.issubdtype(array.dtype, np.integer) else "float32"
    data = np.ascontiguousarray(array.astype(kind))
    return {"shape": list(array.shape), "dtype": kind, "data": base64.b64encode(data.tobytes()).decode()}


def floats(*shape):
    return rng.normal(size=shape).astype("float32")


def tokens(*shape, below=10):
    return rng.integers(0, below, size=shape).astype("int32")


IMAGE, SEQUENCE, VOLUME = (2, 7, 6, 4), (2, 7, 5), (2, 5, 4, 6, 3)
r = "relu"
CASES = [
    # core
    (L.Dense(4, activation="tanh"), [floats(3, 5)]),
    (L.Dense(4, use_bias=False), [floats(2, 3, 5)]),
    (L.Dense(3, kernel_regularizer="l2", activity_regularizer="l1"), [floats(2, 5)]),
    (L.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d"), [floats(2, 3, 5)]),
    (L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de", activation="relu"), [floats(2, 3, 5)]),
    (L.Embedding(10, 4), [tokens(2, 6)]),
    (L.Flatten(), [floats(*IMAGE)]),
    (L.Flatten(data_format="channels_first"), [floats(*IMAGE)]),
    (L.Activation("gelu"), [floats(2, 5)]),
    (L.Softmax(), [floats(2, 5)]),
    (L.Softmax(axis=1), [floats(2, 5, 3)]),
    (L.PReLU(shared_axes=[1]), [floats(2, 5, 3)]),
    (L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2), [floats(2, 9)]),
    (L.ReLU(), [floats(2, 9)]),
    (L.LeakyReLU(negative_slope=0.25), [floats(2, 9)]),
    (L.LeakyReLU(), [floats(2, 9)]),
    (L.ELU(alpha=0.7), [floats(2, 9)]),
    (L.Identity(), [floats(2, 9)]),
    (L.Masking(), [floats(2, 4, 3)]),
    (L.ActivityRegularization(l1=0.1, l2=0.2), [floats(2, 9)]),
    # inference of what acts in training alone
    (L.Dropout(0.5), [floats(2, 9)]),
    (L.SpatialDropout1D(0.5), [floats(*SEQUENCE)]),
    (L.SpatialDropout2D(0.5), [floats(*IMAGE)]),
    (L.SpatialDropout3D(0.5), [floats(*VOLUME)]),
    (L.GaussianNoise(0.5), [floats(2, 9)]),
    (L.GaussianDropout(0.5), [floats(2, 9)]),
    (L.AlphaDropout(0.5), [floats(2, 9)]),
    # convolution
    (L.Conv1D(4, 3, activation=r), [floats(*SEQUENCE)]),
    (L.Conv1D(4, 3, padding="causal", dilation_rate=2), [floats(*SEQUENCE)]),
    (L.Conv1D(4, 3, padding="same", strides=2), [floats(*SEQUENCE)]),
    (L.Conv2D(5, 3), [floats(*IMAGE)]),
    (L.Conv2D(5, (3, 2), padding="same", strides=2, activation=r), [floats(*IMAGE)]),
    (L.Conv2D(5, 3, padding="same", strides=(2, 3)), [floats(*IMAGE)]),
    (L.Conv2D(5, 3, dilation_rate=2), [floats(*IMAGE)]),
    (L.Conv2D(5, 3, dilation_rate=(2, 1), padding="same"), [floats(*IMAGE)]),
    (L.Conv2D(6, 3, groups=2, use_bias=False), [floats(*IMAGE)]),
    (L.Conv2D(5, 3, data_format="channels_last", padding="same"), [floats(1, 28, 28, 1)]),
    (L.Conv3D(4, 2), [floats(*VOLUME)]),
    (L.Conv3D(4, 3, padding="same", strides=2), [floats(*VOLUME)]),
    (L.Conv1DTranspose(4, 3, strides=2), [floats(*SEQUENCE)]),
    (L.Conv1DTranspose(4, 3, strides=2, padding="same"), [floats(*SEQUENCE)]),
    (L.Conv2DTranspose(4, 3), [floats(*IMAGE)]),
    (L.Conv2DTranspose(4, 3, strides=2, padding="same", activation=r), [floats(*IMAGE)]),
    (L.Conv2DTranspose(4, 2, strides=3), [floats(*IMAGE)]),
    (L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1), [floats(*IMAGE)]),
    (L.Conv3DTranspose(3, 2, strides=2), [floats(*VOLUME)]),
    (L.DepthwiseConv1D(3, depth_multiplier=2), [floats(*SEQUENCE)]),
    (L.DepthwiseConv2D(3), [floats(*IMAGE)]),
    (L.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same"), [floats(*IMAGE)]),
    (L.DepthwiseConv2D(3, dilation_rate=2, padding="same"), [floats(*IMAGE)]),
    (L.SeparableConv1D(4, 3, depth_multiplier=2), [floats(*SEQUENCE)]),
    (L.SeparableConv2D(4, 3, padding="same", strides=2), [floats(*IMAGE)]),
    (L.SeparableConv2D(4, 3, dilation_rate=2), [floats(*IMAGE)]),
    # pooling
    (L.MaxPooling1D(3, strides=2, padding="same"), [floats(*SEQUENCE)]),
    (L.MaxPooling1D(), [floats(*SEQUENCE)]),
    (L.MaxPooling2D(), [floats(*IMAGE)]),
    (L.MaxPooling2D((3, 2), strides=(1, 2), padding="same"), [floats(*IMAGE)]),
    (L.MaxPooling3D(2), [floats(*VOLUME)]),
    (L.AveragePooling1D(2), [floats(*SEQUENCE)]),
    (L.AveragePooling2D(3, strides=2, padding="same"), [floats(*IMAGE)]),
    (L.AveragePooling3D(2), [floats(*VOLUME)]),
    (L.GlobalMaxPooling1D(), [floats(*SEQUENCE)]),
    (L.GlobalMaxPooling2D(keepdims=True), [floats(*IMAGE)]),
    (L.GlobalMaxPooling3D(), [floats(*VOLUME)]),
    (L.GlobalAveragePooling1D(), [floats(*SEQUENCE)]),
    (L.GlobalAveragePooling2D(), [floats(*IMAGE)]),
    (L.GlobalAveragePooling2D(data_format="channels_first"), [floats(*IMAGE)]),
    (L.GlobalAveragePooling3D(), [floats(*VOLUME)]),
    # normalisation
    (L.BatchNormalization(), [floats(4, 5)]),
    (L.BatchNormalization(axis=1, scale=False), [floats(4, 5, 3)]),
    (L.BatchNormalization(momentum=0.8, epsilon=0.01), [floats(*IMAGE)], {"training": True}),
    (L.BatchNormalization(axis=1), [floats(*IMAGE)], {"training": True}),
    (L.LayerNormalization(), [floats(2, 4, 5)]),
    (L.LayerNormalization(axis=[1, 2], center=False), [floats(2, 4, 5)]),
    (L.RMSNormalization(), [floats(2, 4, 5)]),
    (L.UnitNormalization(), [floats(2, 4, 5)]),
    (L.GroupNormalization(groups=2), [floats(*IMAGE)]),
    (L.GroupNormalization(groups=-1), [floats(*IMAGE)]),
    # recurrent
    (L.SimpleRNN(4), [floats(*SEQUENCE)]),
    (L.LSTM(4), [floats(*SEQUENCE)]),
    (L.LSTM(4, return_sequences=True, go_backwards=True), [floats(*SEQUENCE)]),
    (L.LSTM(4, return_state=True, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False), [floats(*SEQUENCE)]),
    (L.GRU(4), [floats(*SEQUENCE)]),
    (L.GRU(4, return_sequences=True), [floats(*SEQUENCE)]),
    (L.GRU(4, reset_after=False, return_state=True), [floats(*SEQUENCE)]),
    (L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True), [floats(*SEQUENCE)]),
    (L.RNN(L.SimpleRNNCell(4)), [floats(*SEQUENCE)]),
    (L.Bidirectional(L.LSTM(4)), [floats(*SEQUENCE)]),
    (L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode="ave"), [floats(*SEQUENCE)]),
    (L.Bidirectional(L.SimpleRNN(4, return_sequences=True), merge_mode="sum"), [floats(*SEQUENCE)]),
    (L.TimeDistributed(L.Dense(3, activation=r)), [floats(*SEQUENCE)]),
    (L.TimeDistributed(L.Conv2D(2, 3)), [floats(*VOLUME)]),
    (L.ConvLSTM1D(3, 3, padding="same"), [floats(2, 4, 6, 3)]),
    (L.ConvLSTM2D(3, 2, return_sequences=True), [floats(*VOLUME)]),
    # joining
    (L.Add(), [floats(2, 5), floats(2, 5), floats(2, 5)]),
    (L.Add(), [floats(2, 3, 5), floats(2, 5)]),
    (L.Subtract(), [floats(2, 5), floats(2, 5)]),
    (L.Multiply(), [floats(2, 5), floats(2, 5)]),
    (L.Average(), [floats(2, 5), floats(2, 5), floats(2, 5)]),
    (L.Maximum(), [floats(2, 5), floats(2, 5)]),
    (L.Minimum(), [floats(2, 5), floats(2, 5)]),
    (L.Concatenate(axis=1), [floats(2, 3, 5), floats(2, 4, 5)]),
    (L.Concatenate(), [floats(2, 3), floats(2, 4)]),
    (L.Dot(axes=1), [floats(2, 5), floats(2, 5)]),
    (L.Dot(axes=(2, 1), normalize=True), [floats(2, 3, 5), floats(2, 5, 4)]),
    # attention
    (L.Attention(), [floats(2, 3, 5), floats(2, 4, 5)]),
    (L.Attention(use_scale=True, score_mode="concat"), [floats(2, 3, 5), floats(2, 4, 5), floats(2, 4, 5)]),
    (L.Attention(), [floats(2, 4, 5), floats(2, 4, 5)], {"use_causal_mask": True}),
    (L.AdditiveAttention(), [floats(2, 3, 5), floats(2, 4, 5)]),
    (L.MultiHeadAttention(2, 3), [floats(2, 3, 5), floats(2, 4, 6)]),
    (L.MultiHeadAttention(2, 3, value_dim=4, output_shape=7), [floats(2, 3, 5), floats(2, 4, 6), floats(2, 4, 5)]),
    (L.MultiHeadAttention(3, 2, use_bias=False), [floats(2, 4, 5), floats(2, 4, 5)], {"use_causal_mask": True}),
    (L.GroupQueryAttention(3, 4, 2), [floats(2, 3, 5), floats(2, 4, 5)]),
    # reshaping
    (L.Reshape((3, -1)), [floats(2, 6, 2)]),
    (L.Permute((2, 1)), [floats(2, 3, 4)]),
    (L.RepeatVector(3), [floats(2, 4)]),
    (L.ZeroPadding1D((1, 2)), [floats(*SEQUENCE)]),
    (L.ZeroPadding2D(((1, 2), (0, 3))), [floats(*IMAGE)]),
    (L.ZeroPadding2D(2, data_format="channels_first"), [floats(*IMAGE)]),
    (L.ZeroPadding3D(1), [floats(*VOLUME)]),
    (L.Cropping1D(1), [floats(*SEQUENCE)]),
    (L.Cropping2D(((1, 0), (2, 1))), [floats(*IMAGE)]),
    (L.Cropping3D(1), [floats(*VOLUME)]),
    (L.UpSampling1D(2), [floats(*SEQUENCE)]),
    (L.UpSampling2D((2, 3)), [floats(*IMAGE)]),
    (L.UpSampling2D(2, interpolation="bilinear"), [floats(*IMAGE)]),
    (L.UpSampling3D(2), [floats(*VOLUME)]),
    # preprocessing
    (L.Rescaling(1 / 127.5, offset=-1), [floats(2, 5)]),
    (L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.25]), [floats(2, 3)]),
    (L.CategoryEncoding(10, output_mode="multi_hot"), [tokens(3, 4)]),
    (L.CategoryEncoding(10, output_mode="one_hot"), [tokens(3, 1)]),
    (L.Resizing(5, 9), [floats(*IMAGE)]),
    (L.CenterCrop(3, 4), [floats(*IMAGE)]),
]

ACTIVATIONS = ["celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
               "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax",
               "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh", "tanh_shrink"]
CASES += [(L.Activation(name), [3 * floats(3, 6)]) for name in ACTIVATIONS]


def randomize(layer):
    for weight in layer.weights:
        value = 0.5 * floats(*weight.shape)
        weight.assign(np.abs(value) + 0.2 if weight.path.endswith(("variance", "gamma")) else value)


def run(layer, inputs, call):
    if isinstance(layer, (L.MultiHeadAttention, L.GroupQueryAttention)):
        return layer(*inputs, **call)
    return layer(inputs[0] if len(inputs) == 1 else inputs, **call)


def record(layer, inputs, call=None):
    call = call or {}
    run(layer, [tf.constant(x) for x in inputs], {})
    randomize(layer)
    before = [pack(w.numpy()) for w in layer.weights]
    tensors = [tf.Variable(x) if x.dtype == np.float32 else tf.constant(x) for x in inputs]
    trained = list(layer.trainable_weights)
    with tf.GradientTape() as tape:
        outputs = run(layer, [tf.convert_to_tensor(t) for t in tensors], call)
        flat = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        total = tf.add_n([tf.reduce_sum(tf.cast(y, "float32") * tf.reshape(tf.cos(tf.range(tf.size(y), dtype="float32")), tf.shape(y))) for y in flat])
    sources = [w.value for w in trained] + [t for t in tensors[:1] if isinstance(t, tf.Variable)]
    gradients = tape.gradient(total, sources)
    dense = [tf.convert_to_tensor(g) if g is not None else None for g in gradients]
    return {
        "class": type(layer).__name__,
        "config": json.loads(json.dumps(keras.saving.serialize_keras_object(layer)["config"])),
        "call": call,
        "inputs": [pack(x) for x in inputs],
        "weights": [{"path": w.path, **value} for w, value in zip(layer.weights, before)],
        "after": [pack(w.numpy()) for w in layer.weights] if call.get("training") else None,
        "outputs": [pack(y.numpy()) for y in flat],
        "losses": [float(x) for x in layer.losses],
        "weight_gradients": {w.path: pack(g.numpy()) for w, g in zip(trained, dense) if g is not None},
        "input_gradient": pack(dense[-1].numpy()) if isinstance(tensors[0], tf.Variable) and dense[-1] is not None else None,
    }


if __name__ == "__main__":
    cases = []
    for case in CASES:
        try:
            cases.append(record(*case))
        except Exception as error:  # A case that Keras itself refuses on this back end is dropped, visibly.
            print("left out", type(case[0]).__name__, case[0].get_config(), str(error)[:200])
    out = {"keras": keras.__version__, "tensorflow": tf.__version__, "cases": cases}
    path = pathlib.Path(__file__).with_name("layers.json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('{"class"', '\n{"class"') + "\n")
    print(len(cases), "cases", path.stat().st_size, "bytes")
