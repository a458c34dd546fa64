"""Runs generated Keras models, and what comes back of them from TensorFlow.js, in real Keras; records what they are.

    npx tsx test/oracle/convert/generate.ts > generated.json
    python test/oracle/convert/record.py generated.json > test/oracle/convert/recorded.json

Needs keras 3 and a back end. Weights and inputs are numbers that the test computes in the same way, so that the
predictions of both frameworks can be compared without a file of weights.
"""

import json
import math
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np


def fill(shape, seed, positive):
    count = math.prod(shape)
    values = np.array([0.4 * math.sin(0.7 * i + seed) for i in range(count)])
    return (np.abs(values) + 0.5 if positive else values).reshape(shape)


def weighted(model):
    """Layers with weights, those of nested models included, in the order in which both frameworks can find them."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from weighted(layer)
        elif layer.weights:
            yield layer


def set_weights(model, by_name):
    layers = list(weighted(model))
    if by_name:
        layers.sort(key=lambda layer: layer.name)
    for at, layer in enumerate(layers):
        names = [weight.path.split("/")[-1] for weight in layer.weights]
        layer.set_weights(
            [
                fill(weight.shape, at + 3 * i, names[i] == "moving_variance")
                for i, weight in enumerate(layer.weights)
            ]
        )


def sample(tensor, seed):
    shape = [2, *tensor.shape[1:]]
    return np.array(
        [math.sin(1.3 * i + seed) for i in range(math.prod(shape))]
    ).reshape(shape)


def describe(source):
    keras.utils.clear_session()
    scope = {}
    exec(source, scope)
    model = scope["model"]
    sequential = isinstance(model, keras.Sequential)
    set_weights(model, not sequential)
    inputs = [sample(x, i) for i, x in enumerate(model.inputs)]
    if "Embedding" in source:
        inputs = [np.floor(np.abs(x) * 20) for x in inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    outputs = [np.array(keras.ops.convert_to_numpy(y), dtype="float64") for y in outputs]
    layers = [
        [layer.name, type(layer).__name__, layer.count_params()]
        for layer in model.layers
    ]
    return {
        "layers": layers,
        "shapes": [list(y.shape) for y in model.outputs],
        "predictions": [[float(f"{v:.8g}") for v in y.ravel()] for y in outputs],
    }


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        models = json.load(file)
    recorded = []
    for model in models:
        recorded.append(
            {
                "source": model["source"],
                "back": model["back"],
                "keras": describe(model["source"]),
                "again": describe(model["back"]),
            }
        )
    print(f'{{"keras": "{keras.__version__}", "models": [')
    print(",\n".join(json.dumps(each) for each in recorded))
    print("]}")


main()
