"""Records the texts that Keras takes for a loss, a metric and an optimizer, and what it does with those it does not know.

    KERAS_BACKEND=tensorflow python test/oracle/names/record.py        # writes names.json beside this file
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras.src import losses, metrics, optimizers  # noqa: E402


def fit(call=None, registered=False, **options):
    """Where `compile` and `fit` of a small model raise: at compile, at fit, or nowhere."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    try:
        model.compile(**options)
    except Exception:  # noqa: BLE001
        return "compile"
    try:
        (call or (lambda m: m.fit(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0)))(model)
    except Exception:  # noqa: BLE001
        return "fit"
    return None


def own(y_true, y_pred):
    return keras.ops.mean(y_pred)


when = {
    "loss": fit(loss="categorical_crossentrophy"),
    "loss in a list": fit(loss=["categorical_crossentrophy"]),
    "metric": fit(loss="mse", metrics=["acuracy"]),
    "weighted metric": fit(loss="mse", weighted_metrics=["acuracy"]),
    "optimizer": fit(loss="mse", optimizer="admn"),
    "metrics as a text": fit(loss="mse", metrics="mae"),
    "loss, evaluated": fit(lambda m: m.evaluate(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0), loss="categorical_crossentrophy"),
    "loss, predicted": fit(lambda m: m.predict(np.zeros((4, 3)), verbose=0), loss="categorical_crossentrophy"),
}
with keras.saving.custom_object_scope({"own": own}):
    when["custom loss"] = fit(loss="own")
    when["custom metric"] = fit(loss="mse", metrics=["own"])
names = {
    "losses": sorted(losses.ALL_OBJECTS_DICT),
    "metrics": sorted({*metrics.ALL_OBJECTS_DICT, "accuracy", "acc", "crossentropy", "ce"}),
    "optimizers": sorted(optimizers.ALL_OBJECTS_DICT),
    "when": when,
}
Path(__file__).with_name("names.json").write_text(json.dumps({"keras": keras.__version__, **names}, indent=1) + "\n")
print(when)
