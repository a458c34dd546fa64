"""Writes small data files with real numpy, pandas and Keras, and records what those libraries read back from them.

    python test/oracle/data/record.py

needs numpy, pandas and keras (TensorFlow back end) and rewrites the files beside it.
`test/unit/data/recorded.test.ts` reads the same files with our readers and compares.
"""
import gzip
import json
import os
import struct
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

here = Path(__file__).parent
files = here / "files"
files.mkdir(exist_ok=True)
for old in files.iterdir():
    old.unlink()
rng = np.random.default_rng(11)
versions = {library.__name__: library.__version__ for library in (np, pd, keras, tf)}
record = {"versions": versions}


def array_facts(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "values": array.ravel().tolist()}


# One array per dtype and byte order, some of them in Fortran order.
record["npy"] = {}
dtypes = "|b1 |u1 |i1 <u2 >u2 <i2 >i4 <i4 <u4 <i8 >i8 <u8 <f2 >f2 <f4 >f4 <f8 >f8"
for i, dtype in enumerate(dtypes.split()):
    whole = np.dtype(dtype).kind in "bui"
    array = (rng.integers(0, 100, (3, 2, 2)) if whole else rng.normal(size=(3, 2, 2)) * 10).astype(dtype)
    if np.dtype(dtype).kind == "f":
        array.flat[0] = 6.1e-5  # subnormal in float16
    if i % 3 == 0:
        array = np.asfortranarray(array)
    name = f"{dtype.strip('|').replace('<', 'le-').replace('>', 'be-')}.npy"
    np.save(files / name, array)
    record["npy"][name] = array_facts(array.astype("float64"))
np.save(files / "text.npy", np.array(["oak", "ash", "oak", "bœuf"]))
record["npyText"] = ["oak", "ash", "oak", "bœuf"]
np.save(files / "bytes.npy", np.array([b"oak", b"ash", b"elm"]))
np.save(files / "objects.npy", np.array([[1, 2], [3]], dtype=object), allow_pickle=True)
np.save(files / "complex.npy", np.array([1 + 2j]))
np.save(files / "scalar.npy", np.float32(3))
np.save(files / "structured.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]))

x_train = rng.integers(0, 256, (6, 4, 4), dtype=np.uint8)
y_train = rng.integers(0, 3, 6)
arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_train[:2], "y_test": y_train[:2]}
np.savez(files / "stored.npz", **arrays)
np.savez_compressed(files / "compressed.npz", **arrays)
record["npz"] = {name: array_facts(array) for name, array in arrays.items()}

# IDX as MNIST has it; keras.datasets.fashion_mnist reads such files by skipping 16 and 8 bytes.
idx = struct.pack(">HBBIII", 0, 8, 3, *x_train.shape) + x_train.tobytes()
(files / "images.idx.gz").write_bytes(gzip.compress(idx, mtime=0))

# What pandas writes: index column, missing values, quotes, a semicolon variant with decimal commas.
frame = pd.DataFrame({
    "length": rng.normal(5, 1, 8).round(3),
    "count": rng.integers(0, 9, 8),
    "colour": ["red", "blue", "red", 'dark "sea" green', "blue", "red, pale", "blue", "red"],
    "kind": ["b", "a", "c", "a", "b", "c", "a", "a"],
})
frame.to_csv(files / "index.csv")
frame.to_csv(files / "plain.csv", index=False)
frame.to_csv(files / "semicolon.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
frame.to_csv(files / "table.tsv", index=False, sep="\t")
frame.to_csv(files / "table.csv.gz", index=False, compression={"method": "gzip", "mtime": 1})
frame.to_json(files / "table.jsonl", orient="records", lines=True)
record["table"] = {
    "length": frame["length"].tolist(),
    "count": frame["count"].tolist(),
    "colour": frame["colour"].astype("category").cat.codes.tolist(),
    "colourNames": frame["colour"].astype("category").cat.categories.tolist(),
    "kind": frame["kind"].astype("category").cat.codes.tolist(),
    "kindNames": frame["kind"].astype("category").cat.categories.tolist(),
    "oneHot": pd.get_dummies(frame[["colour"]], dtype=int).to_numpy().tolist(),
}
holes = frame[["length", "count", "kind"]].copy()
holes.loc[2, "length"] = np.nan
holes.loc[5, "length"] = np.nan
holes.to_csv(files / "holes.csv", index=False)
record["holes"] = {
    "mean": holes["length"].fillna(holes["length"].mean()).tolist(),
    "dropped": holes.dropna()["length"].tolist(),
}

# What Keras makes of the arrays: Normalization, to_categorical, validation_split.
features = rng.normal(3, 2, (20, 3)).astype("float32")
normalize = keras.layers.Normalization(axis=-1)
normalize.adapt(features)
np.save(files / "features.npy", features)
record["normalized"] = array_facts(np.asarray(normalize(features), dtype="float64"))
record["toCategorical"] = array_facts(keras.utils.to_categorical(y_train, 3))
samples = keras.src.trainers.data_adapters.array_slicing.train_validation_split((np.arange(10),), 0.25)[1]
record["validationSplit"] = {"samples": 10, "fraction": 0.25, "validation": np.asarray(samples[0]).tolist()}

# Resizing and the text windows of keras.utils.
image = rng.integers(0, 256, (5, 3, 2), dtype=np.uint8)
resized = tf.image.resize(image, (4, 7)).numpy()
record["resize"] = {"image": array_facts(image), "resized": array_facts(resized.astype("float64"))}
tokens = np.arange(23)
windows = keras.utils.timeseries_dataset_from_array(
    tokens[:-1], tokens[5:], sequence_length=5, sequence_stride=3, batch_size=None
)
pairs = [(x.numpy().tolist(), int(y)) for x, y in windows]
record["windows"] = {"tokens": 23, "length": 5, "step": 3, "x": [x for x, _ in pairs], "y": [y for _, y in pairs]}

# What keras.datasets.mnist.load_data makes of a local mnist.npz. It would refuse ours by its hash, so it is given the
# path instead.
np.savez(files / "mnist.npz", **arrays)
keras.src.datasets.mnist.get_file = lambda *_, **__: str(files / "mnist.npz")
(a, b), (c, d) = keras.datasets.mnist.load_data()
record["mnist"] = {"train": [array_facts(a), array_facts(b)], "test": [array_facts(c), array_facts(d)]}

(here / "recorded.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
print(f"recorded {len(list(files.iterdir()))} files")
