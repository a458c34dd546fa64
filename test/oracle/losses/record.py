"""Asks real Keras whether `fit` takes labels of one shape for an output of another, for every loss.

    KERAS_BACKEND=tensorflow python test/oracle/losses/record.py        # writes answers.json beside this file

A model that passes its input on takes one training step on 8 samples, eagerly. Rows: [loss, labels, output, error or null].
"""

import functools
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

OUTPUTS = [(N, 1), (N, 4), (N, 2), (N, 5, 1), (N, 5, 4), (N, 5, 5, 1), (N, 6, 5, 4), (N,)]
LABELS = [(N,), (N, 1), (N, 4), (N, 2), (N, 3), (N, 5), (N, 5, 1), (N, 5, 4), (N, 1, 1), (N, 5, 5), (N, 5, 5, 1), (N, 6, 5), (N, 6, 5, 1), (N, 6, 5, 4), (N, 5, 3)]
LOSSES = [
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "circle", "cosine_similarity", "ctc", "dice", "hinge", "huber",
    "kl_divergence", "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error", "poisson", "sparse_categorical_crossentropy",
    "squared_hinge", "tversky",
]


@functools.cache
def model_for(output):
    inputs = keras.Input(output[1:])
    return keras.Model(inputs, keras.layers.Rescaling(1.0)(inputs))


def answer(labels, output, **options):
    model = model_for(output)
    model.compile(optimizer="sgd", run_eagerly=True, **options)
    x = np.full(output, 0.25, "float32")
    y = np.zeros(labels, "float32")
    try:
        model.train_on_batch(x, y)
    except Exception as e:  # noqa: BLE001: the exception is the answer
        return f"{type(e).__name__}: {str(e)}"[:80].replace("\n", " ")
    return None


def main():
    rows = [[loss, list(y), list(p), answer(y, p, loss=loss)] for loss in LOSSES for p in OUTPUTS for y in LABELS]
    target = Path(__file__).with_name("answers.json")
    lines = lambda several: "[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in several) + "\n]"
    target.write_text(f'{{"keras":"{keras.__version__}","losses":{lines(rows)}}}\n')
    print(f"{len(rows)} rows of {len(LOSSES)} losses ({sum(r[3] is not None for r in rows)} exceptions)")


main()
