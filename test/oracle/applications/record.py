"""Asks real Keras for the output shape and the weights of every model of keras.applications, and what its builders refuse.

    KERAS_BACKEND=tensorflow python test/oracle/applications/record.py           # completes answers.json and layers.json.gz
    KERAS_BACKEND=tensorflow python test/oracle/applications/record.py --afresh  # asks for everything again

Weights get their shapes but no values, so that the largest models take no memory. Rows of answers.json: [builder, arguments,
answer] with {"out": shape, "trainable": n, "nonTrainable": n}, {"error": text}, and for several sizes of the input
{"outs": [[input, output], …]}. layers.json.gz has for each builder the layers of its default model:
[name, class, output shape (or shapes), parameters].
"""

import gzip
import inspect
import json
import math
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import applications  # noqa: E402
from keras.src.backend.tensorflow import core  # noqa: E402

warnings.filterwarnings("ignore")


def hollow(variable, _):
    """Small weights get zeros; for a large one a single number stands in, its shape is kept beside it."""
    dtype = variable._dtype if "float" in variable._dtype else "float32"
    variable._value = tf.Variable(tf.zeros(variable._shape if math.prod(variable._shape) <= 4096 else (), dtype))


core.Variable._initialize_with_initializer = hollow

BUILDERS = sorted(n for n, o in vars(applications).items() if inspect.isfunction(o))
SIZES = [(224, 224), (331, 331), (96, 128), (75, 97), (150, 161), (71, 83), (33, 47), (64, 64), (299, 299)]
HERE = Path(__file__).parent


def count(weights):
    return sum(math.prod(w.shape) for w in weights)


def build(name, **options):
    keras.backend.clear_session()
    return getattr(applications, name)(weights=options.pop("weights", None), **options)


def totals(model):
    return {"out": list(model.output_shape), "trainable": count(model.trainable_weights), "nonTrainable": count(model.non_trainable_weights)}


def answer(name, options):
    try:
        return totals(build(name, **options))
    except Exception as e:  # noqa: BLE001: the exception is the answer
        return {"error": f"{type(e).__name__}: {str(e)[:110]}".replace("\n", " ")}


def open_sizes(name):
    """The model without its head for open sizes, and its outputs for several inputs."""
    model = build(name, include_top=False, input_shape=(None, None, 3))
    outs = []
    for height, width in SIZES:
        try:
            outs.append([[height, width], list(model.compute_output_shape((None, height, width, 3)))])
        except Exception as e:  # noqa: BLE001
            outs.append([[height, width], f"{type(e).__name__}: {str(e)[:80]}".replace("\n", " ")])
    return {**totals(model), "outs": outs}


def plain(shape):
    return [plain(s) for s in shape] if shape and isinstance(shape[0], (list, tuple)) else list(shape)


def layers(model):
    return [[layer.name, type(layer).__name__, plain(layer.output.shape) if not isinstance(layer.output, list) else [list(t.shape) for t in layer.output], layer.count_params()] for layer in model.layers]


def rows_of(name):
    rows = [[name, {"include_top": False, "input_shape": [None, None, 3]}, open_sizes(name)]]
    several = [{"classes": 7}, {"include_top": False, "input_shape": [96, 96, 1], "pooling": "avg"}, {"include_top": False, "input_shape": [20, 20, 3]}]
    if name in ("VGG16", "MobileNet"):
        several += [{}, {"input_shape": [128, 96, 3], "classes": 5}]
    # What a builder refuses before it builds anything; what it takes would be a download.
    refused = [{"weights": "imagenet", "classes": 10}, {"weights": "imagenet", "input_shape": [128, 128, 3]},
               {"weights": "imagenet", "include_top": False, "input_shape": [128, 128, 1]}, {"weights": "foo"}]
    for options in several + refused:
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        found = answer(name, given)
        if "error" in found and "URL fetch failure" in found["error"]:
            continue
        rows.append([name, options, found])
    return rows


def main():
    target, layer_target = HERE / "answers.json", HERE / "layers.json.gz"
    rows, models = [], {}
    if "--afresh" not in sys.argv:
        rows = json.loads(target.read_text())["rows"] if target.exists() else []
        models = json.loads(gzip.decompress(layer_target.read_bytes())) if layer_target.exists() else {}
    for name in BUILDERS:
        if name not in models:
            model = build(name)
            models[name] = {**totals(model), "layers": layers(model)}
            layer_target.write_bytes(gzip.compress(json.dumps(models, separators=(",", ":")).encode(), mtime=0))
        print(name, file=sys.stderr, flush=True)
    for name in BUILDERS:
        if not any(row[0] == name for row in rows):
            rows += rows_of(name)
            rows.sort(key=lambda row: row[0])
            body = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
            target.write_text(f'{{"keras":"{keras.__version__}","rows":[\n{body}\n]}}\n')
        print(name, file=sys.stderr, flush=True)
    print(f"{len(rows)} rows of {len(BUILDERS)} builders")


main()
