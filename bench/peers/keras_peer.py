# Trains one of the benchmark's models in Keras 3 on TensorFlow, compiled as `fit` does it; see bench/compiled-step.bench.ts.
# Speaks lines: prints {"ready"}, then for every line "N" read from stdin trains N steps and prints what they took.
import json
import os
import resource
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import keras
from keras import layers
import tensorflow as tf

threads = int(os.environ.get("BENCH_THREADS", "0"))
if threads:
    tf.config.threading.set_intra_op_parallelism_threads(threads)


def classifier(inputs, x, classes):
    return keras.Model(inputs, layers.Dense(classes)(x)), "sparse_categorical_crossentropy", classes


def cnn():
    inputs = layers.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    return classifier(inputs, x, 10)


def resnet20():
    def block(x, filters, stride):
        y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
        y = layers.Activation("relu")(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
        if stride != 1 or x.shape[-1] != filters:
            x = layers.Conv2D(filters, 1, strides=stride, padding="same", use_bias=False)(x)
        return layers.Activation("relu")(layers.Add()([x, y]))

    inputs = layers.Input((32, 32, 3))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    for filters, stride in [(16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)]:
        x = block(x, filters, stride)
    return classifier(inputs, layers.GlobalAveragePooling2D()(x), 10)


def lstm(steps):
    inputs = layers.Input((steps, 64))
    x = layers.LSTM(128, return_sequences=True)(inputs)
    return classifier(inputs, layers.LSTM(128)(x), 10)


def bigru():
    inputs = layers.Input((64, 64))
    return classifier(inputs, layers.Bidirectional(layers.GRU(64))(inputs), 10)


def transformer():
    inputs = layers.Input((64, 128))
    x = inputs
    for _ in range(4):
        attention = layers.MultiHeadAttention(4, 32)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, attention]))
        hidden = layers.Dense(128)(layers.Dense(512, activation="gelu")(x))
        x = layers.LayerNormalization()(layers.Add()([x, hidden]))
    return classifier(inputs, layers.GlobalAveragePooling1D()(x), 10)


def mlp():
    inputs = layers.Input((20,))
    x = layers.Dense(64, activation="relu")(inputs)
    x = layers.Dense(64, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1)(x)), "mean_squared_error", 0


MODELS = {
    "cnn": cnn, "resnet20": resnet20, "lstm32": lambda: lstm(32), "lstm128": lambda: lstm(128),
    "bigru": bigru, "transformer": transformer, "mlp": mlp,
}


def main():
    name, batch = sys.argv[1], int(sys.argv[2])
    model, loss, classes = MODELS[name]()
    if classes:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    rng = np.random.default_rng(0)
    batches = 4
    x = rng.random((batches * batch, *model.input_shape[1:]), dtype=np.float32)
    y = rng.integers(0, classes, batches * batch) if classes else rng.random((batches * batch, 1), dtype=np.float32)
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch).repeat().prefetch(2)
    start = time.perf_counter()
    model.fit(data, steps_per_epoch=2, epochs=1, verbose=0)
    compiled = time.perf_counter() - start
    model.fit(data, steps_per_epoch=3, epochs=1, verbose=0)
    print(json.dumps({"ready": True, "compile": compiled}), flush=True)
    for line in sys.stdin:
        steps = int(line)
        cpu = time.process_time()
        start = time.perf_counter()
        model.fit(data, steps_per_epoch=steps, epochs=1, verbose=0)
        wall = time.perf_counter() - start
        print(json.dumps({
            "wall": wall / steps, "cpu": (time.process_time() - cpu) / steps,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }), flush=True)


main()
