"""Records what real Keras computes while training, for test/training/keras.test.ts: losses with their gradients, metrics over
three batches, optimisers over ten updates, learning-rate schedules, callbacks over made-up metrics, and thirty steps of a CNN.

    KERAS_BACKEND=tensorflow python record_training.py      # writes training.json beside this file
"""
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf

from record_layers import pack

rng = np.random.default_rng(11)


def floats(*shape):
    return rng.normal(size=shape).astype("float32")


def probabilities(*shape):
    return keras.ops.convert_to_numpy(keras.ops.softmax(keras.ops.convert_to_tensor(floats(*shape))))


def unit(*shape):
    return rng.uniform(0.02, 0.98, size=shape).astype("float32")


def one_hot(n, classes):
    return np.eye(classes, dtype="float32")[rng.integers(0, classes, n)]


L = keras.losses
LOSSES = [
    ("mse", L.MeanSquaredError(), floats(4, 3), floats(4, 3)),
    ("mse", L.MeanSquaredError(), floats(4), floats(4, 1)),
    ("mae", L.MeanAbsoluteError(), floats(4, 3), floats(4, 3)),
    ("mape", L.MeanAbsolutePercentageError(), floats(4, 3), floats(4, 3)),
    ("msle", L.MeanSquaredLogarithmicError(), unit(4, 3), unit(4, 3)),
    ("huber", L.Huber(delta=0.7), floats(4, 3), floats(4, 3)),
    ("log_cosh", L.LogCosh(), floats(4, 3), floats(4, 3)),
    ("cosine_similarity", L.CosineSimilarity(), floats(4, 3), floats(4, 3)),
    ("hinge", L.Hinge(), rng.integers(0, 2, (4, 3)).astype("float32"), floats(4, 3)),
    ("squared_hinge", L.SquaredHinge(), np.sign(floats(4, 3)), floats(4, 3)),
    ("categorical_hinge", L.CategoricalHinge(), one_hot(4, 3), floats(4, 3)),
    ("kl_divergence", L.KLDivergence(), probabilities(4, 3), probabilities(4, 3)),
    ("poisson", L.Poisson(), unit(4, 3), unit(4, 3)),
    ("binary_crossentropy", L.BinaryCrossentropy(), rng.integers(0, 2, (4, 1)).astype("float32"), unit(4, 1)),
    ("binary_crossentropy", L.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), rng.integers(0, 2, (4, 3)).astype("float32"), floats(4, 3)),
    ("binary_focal_crossentropy", L.BinaryFocalCrossentropy(apply_class_balancing=True), rng.integers(0, 2, (4, 1)).astype("float32"), unit(4, 1)),
    ("categorical_crossentropy", L.CategoricalCrossentropy(), one_hot(4, 3), probabilities(4, 3)),
    ("categorical_crossentropy", L.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2), one_hot(4, 3), floats(4, 3)),
    ("categorical_focal_crossentropy", L.CategoricalFocalCrossentropy(), one_hot(4, 3), probabilities(4, 3)),
    ("sparse_categorical_crossentropy", L.SparseCategoricalCrossentropy(), rng.integers(0, 3, 4), probabilities(4, 3)),
    ("sparse_categorical_crossentropy", L.SparseCategoricalCrossentropy(from_logits=True), rng.integers(0, 3, (4, 1)), floats(4, 3)),
    ("sparse_categorical_crossentropy", L.SparseCategoricalCrossentropy(from_logits=True), rng.integers(0, 3, (2, 5)), floats(2, 5, 3)),
    ("sparse_categorical_crossentropy", L.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1), rng.integers(0, 3, 6), floats(6, 3)),
    ("dice", L.Dice(), rng.integers(0, 2, (4, 3)).astype("float32"), unit(4, 3)),
    ("tversky", L.Tversky(alpha=0.3, beta=0.6), rng.integers(0, 2, (4, 3)).astype("float32"), unit(4, 3)),
]


def record_loss(name, loss, truth, predicted):
    x = tf.Variable(predicted)
    with tf.GradientTape() as tape:
        value = loss(truth, tf.convert_to_tensor(x))
    config = {k: v for k, v in {**loss.get_config(), **loss._fn_kwargs}.items() if k not in ("name", "reduction", "dtype", "fn") and v is not None}
    return {"class": name, "config": json.loads(json.dumps(config)), "truth": pack(truth), "predicted": pack(predicted),
            "value": float(value), "gradient": pack(tape.gradient(value, x).numpy())}


M = keras.metrics
binary = lambda: (rng.integers(0, 2, (8, 1)).astype("float32"), unit(8, 1))
classes = lambda: (rng.integers(0, 4, (8,)), probabilities(8, 4))
hot = lambda: (one_hot(8, 4), probabilities(8, 4))
real = lambda: (floats(8, 2), floats(8, 2))
METRICS = [
    (M.BinaryAccuracy(), binary), (M.BinaryAccuracy(threshold=0.7), binary), (M.CategoricalAccuracy(), hot),
    (M.SparseCategoricalAccuracy(), classes), (M.TopKCategoricalAccuracy(k=2), hot), (M.SparseTopKCategoricalAccuracy(k=2), classes),
    (M.Precision(), binary), (M.Recall(thresholds=0.3), binary), (M.Precision(class_id=1), hot), (M.AUC(), binary),
    (M.AUC(curve="PR"), binary), (M.AUC(num_thresholds=20, summation_method="minoring"), binary),
    (M.TruePositives(), binary), (M.FalseNegatives(), binary), (M.F1Score(average="macro"), hot), (M.F1Score(average="micro"), hot),
    (M.FBetaScore(beta=2.0, average="weighted", threshold=0.3), hot), (M.R2Score(), real), (M.RootMeanSquaredError(), real),
    (M.MeanSquaredError(), real), (M.MeanAbsoluteError(), real), (M.CosineSimilarity(), real), (M.KLDivergence(), lambda: (probabilities(8, 3), probabilities(8, 3))),
    (M.MeanIoU(num_classes=3), lambda: (rng.integers(0, 3, (8, 4)), rng.integers(0, 3, (8, 4)))), (M.LogCoshError(), real),
    (M.SparseCategoricalCrossentropy(), classes), (M.BinaryCrossentropy(), binary),
]


def record_metric(metric, make):
    batches = [make() for _ in range(3)]
    for truth, predicted in batches:
        metric.update_state(truth, predicted)
    config = {k: v for k, v in metric.get_config().items() if k not in ("dtype",) and v is not None}
    return {"class": type(metric).__name__, "config": json.loads(json.dumps(config)), "name": metric.name,
            "batches": [[pack(a), pack(b)] for a, b in batches], "value": float(metric.result())}


O = keras.optimizers
OPTIMIZERS = [
    O.SGD(0.1), O.SGD(0.1, momentum=0.9), O.SGD(0.1, momentum=0.9, nesterov=True), O.Adam(0.01), O.Adam(0.01, amsgrad=True),
    O.AdamW(0.01), O.AdamW(0.01, weight_decay=0.1), O.RMSprop(0.01), O.RMSprop(0.01, momentum=0.5, centered=True), O.Adagrad(0.1),
    O.Adadelta(1.0), O.Adamax(0.01), O.Nadam(0.01), O.Adam(0.01, clipnorm=0.5), O.Adam(0.01, global_clipnorm=0.5), O.SGD(0.1, clipvalue=0.2),
    O.Adam(O.schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True)), O.Adam(0.01, gradient_accumulation_steps=2),
]


def serialized(value):
    if isinstance(value, dict) and "class_name" in value:
        return {"class": value["class_name"], "config": {k: serialized(v) for k, v in value["config"].items() if k != "name"}}
    return value


def record_optimizer(optimizer):
    start = [floats(3, 2), floats(2)]
    gradients = [[floats(3, 2), floats(2)] for _ in range(10)]
    variables = [keras.Variable(v) for v in start]
    optimizer.build(variables)
    after = []
    for step in gradients:
        optimizer.apply([tf.convert_to_tensor(g) for g in step], variables)
        after.append([pack(v.numpy()) for v in variables])
    config = {k: serialized(v) for k, v in optimizer.get_config().items() if v is not None and k not in ("name", "loss_scale_factor")}
    return {"class": type(optimizer).__name__, "config": json.loads(json.dumps(config)), "start": [pack(v) for v in start],
            "gradients": [[pack(g) for g in step] for step in gradients], "after": after}


S = O.schedules
SCHEDULES = [
    S.ExponentialDecay(0.1, 10, 0.9), S.ExponentialDecay(0.1, 10, 0.9, staircase=True), S.InverseTimeDecay(0.1, 10, 0.5), S.PolynomialDecay(0.1, 20, power=2.0),
    S.PolynomialDecay(0.1, 7, cycle=True), S.PiecewiseConstantDecay([5, 12], [0.1, 0.05, 0.01]), S.CosineDecay(0.1, 20, alpha=0.1),
    S.CosineDecay(0.01, 20, warmup_target=0.1, warmup_steps=5), S.CosineDecayRestarts(0.1, 6), S.CosineDecayRestarts(0.1, 6, t_mul=1.0, m_mul=0.8, alpha=0.05),
]


def record_schedule(schedule):
    config = {k: v for k, v in schedule.get_config().items() if k != "name"}
    return {"class": type(schedule).__name__, "config": json.loads(json.dumps(config)), "values": [float(schedule(step)) for step in range(30)]}


C = keras.callbacks
LOGS = {
    "falls": [1.0, 0.8, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45],
    "turns": [1.0, 0.8, 0.6, 0.7, 0.8, 0.5, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4],
    "flat": [1.0, 0.99995, 0.9999, 0.99985, 0.9998, 0.9997, 0.9996, 0.9995, 0.9, 0.9, 0.9, 0.9],
    "worse": [1.0, 1.1, 1.2, 1.3, 1.4],
}
CALLBACKS = [
    lambda: C.EarlyStopping(), lambda: C.EarlyStopping(patience=2), lambda: C.EarlyStopping(patience=3, restore_best_weights=True), lambda: C.EarlyStopping(patience=2, min_delta=0.15),
    lambda: C.EarlyStopping(patience=1, start_from_epoch=4, restore_best_weights=True), lambda: C.EarlyStopping(patience=3, baseline=0.55),
    lambda: C.EarlyStopping(monitor="val_accuracy", patience=2, restore_best_weights=True),
    lambda: C.ReduceLROnPlateau(patience=2), lambda: C.ReduceLROnPlateau(patience=1, factor=0.5, cooldown=2), lambda: C.ReduceLROnPlateau(patience=0, factor=0.5, min_lr=0.02),
    lambda: C.ReduceLROnPlateau(patience=2, min_delta=0.1, mode="min"),
]


def record_callback(callback, name, values):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(O.SGD(0.1), "mse", metrics=["accuracy"])
    model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
    callback.set_model(model)
    callback.on_train_begin()
    rates, stopped = [], None
    for epoch, value in enumerate(values):
        model.layers[0].kernel.assign([[float(epoch)]])  # The weights tell which epoch they are of.
        callback.on_epoch_end(epoch, {"loss": value, "val_loss": value, "val_accuracy": 1.5 - value})
        rates.append(float(model.optimizer.learning_rate.numpy()))
        if model.stop_training:
            stopped = epoch
            break
    callback.on_train_end()
    keep = ("monitor", "patience", "min_delta", "mode", "baseline", "restore_best_weights", "start_from_epoch", "factor", "cooldown", "min_lr")
    config = {k: getattr(callback, k) for k in keep if hasattr(callback, k) and getattr(callback, k) is not None}
    config["min_delta"] = abs(config["min_delta"])  # Keras turns the sign for metrics that shrink.
    return {"class": type(callback).__name__, "config": json.loads(json.dumps(config)), "logs": name, "rates": rates, "stopped": stopped,
            "weights_of_epoch": float(model.layers[0].kernel.numpy()[0, 0])}


def record_cnn():
    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((14, 14, 1)), layers.Conv2D(4, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-3)), layers.MaxPooling2D(),
        layers.Conv2D(6, 3, activation="relu", padding="same"), layers.BatchNormalization(momentum=0.9), layers.Flatten(),
        layers.Dense(12, activation="relu"), layers.Dense(5, activation="softmax")])
    model.compile(O.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = unit(64, 14, 14, 1), rng.integers(0, 5, 64)
    start = [pack(w) for w in model.get_weights()]
    history = model.fit(x, y, batch_size=24, epochs=5, shuffle=False, validation_data=(x[:20], y[:20]), verbose=0).history
    return {"model": json.loads(model.to_json())["config"], "x": pack(x), "y": pack(y), "start": start, "history": history,
            "weights": [pack(w) for w in model.get_weights()], "paths": [w.path for w in model.weights], "predictions": pack(model.predict(x, verbose=0))}


if __name__ == "__main__":
    out = {
        "losses": [record_loss(*case) for case in LOSSES],
        "metrics": [record_metric(*case) for case in METRICS],
        "optimizers": [record_optimizer(case) for case in OPTIMIZERS],
        "schedules": [record_schedule(case) for case in SCHEDULES],
        "logs": LOGS,
        "callbacks": [record_callback(make(), name, values) for name, values in LOGS.items() for make in CALLBACKS],
        "cnn": record_cnn(),
    }
    path = pathlib.Path(__file__).with_name("training.json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('{"class"', '\n{"class"') + "\n")
    print({key: len(value) for key, value in out.items()}, path.stat().st_size, "bytes")
