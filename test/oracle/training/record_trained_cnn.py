"""Puts the weights that train_cnn.ts trained into the same model in real Keras and adds its predictions to trained_cnn.json."""
import base64
import json
import pathlib

import keras
import numpy as np

from record_layers import pack

path = pathlib.Path(__file__).with_name("trained_cnn.json")
recorded = json.loads(path.read_text())


def unpack(packed):
    return np.frombuffer(base64.b64decode(packed["data"]), "float32").reshape(packed["shape"])


model = keras.Sequential([keras.Input((28, 28, 1))] + [
    getattr(keras.layers, layer["className"])(name=layer["name"], **layer["config"]) for layer in recorded["layers"] if layer["className"] != "InputLayer"])
assert [w.path.split("/", 1)[-1] if w.path.startswith("sequential") else w.path for w in model.weights] == [w["path"] for w in recorded["weights"]]
model.set_weights([unpack(w) for w in recorded["weights"]])
recorded["predictions"] = pack(model.predict(unpack(recorded["images"]), verbose=0))
path.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
print(path.stat().st_size, "bytes, validation accuracy", recorded["accuracy"])
