"""Asks real Keras what its losses make of labels and predictions when a program calls them itself, as objects and as functions.

    KERAS_BACKEND=tensorflow python test/oracle/losses/record_calls.py        # writes calls.json beside this file

Rows: [class, "object" | "none" | "function", labels, predictions, shape of the result or null where it raises]; "none" is an
object with reduction=None.
"""

import json
import os
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras  # noqa: E402
import numpy as np  # noqa: E402

warnings.filterwarnings("ignore")
N = 8
PREDICTIONS = [(N, 1), (N, 4), (N, 5, 1), (N, 5, 4), (N, 6, 5, 4), (N,)]
LABELS = [(N,), (N, 1), (N, 4), (N, 3), (N, 5), (N, 5, 1), (N, 5, 4), (N, 1, 1), (N, 6, 5), (N, 6, 5, 4), (N, 5, 3), (4,), (3, 4)]
LOSSES = {
    "BinaryCrossentropy": "binary_crossentropy", "CategoricalCrossentropy": "categorical_crossentropy", "CategoricalHinge": "categorical_hinge", "CosineSimilarity": "cosine_similarity", "Hinge": "hinge",
    "Huber": "huber", "KLDivergence": "kl_divergence", "LogCosh": "log_cosh", "MeanAbsoluteError": "mean_absolute_error", "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredError": "mean_squared_error", "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error", "Poisson": "poisson",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy", "SquaredHinge": "squared_hinge", "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy", "Dice": "dice", "Tversky": "tversky",
}


def answer(call, labels, predictions):
    try:
        return list(call(np.zeros(labels, "float32"), np.full(predictions, 0.2, "float32")).shape)
    except Exception:  # noqa: BLE001: that it raises is the answer
        return None


rows = []
for name, function in LOSSES.items():
    make = getattr(keras.losses, name)
    calls = {"object": make(), "none": make(reduction=None), "function": getattr(keras.losses, function)}
    for how, call in calls.items():
        for labels in LABELS:
            for predictions in PREDICTIONS:
                rows.append([name, how, labels, predictions, answer(call, labels, predictions)])
body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
Path(__file__).with_name("calls.json").write_text(f'{{"keras":"{keras.__version__}","functions":{json.dumps(LOSSES)},"rows":[\n{body}\n]}}\n')
print(len(rows))
