"""Asks keras.ops (symbolically), NumPy and TensorFlow (on zeros) for the shapes that ops give, or the exception.

    KERAS_BACKEND=tensorflow python test/oracle/ops/record.py        # writes answers.json.gz beside this file

Each case is an expression over tensors A, B, C of given shapes. Keras's are KerasTensors, where None is an open axis; the same
expression is asked of numpy and tensorflow where it is written for them. Format, read by ops.test.ts:

    {"cases": [{"path": "keras.ops.reshape", "args": [{"t": 0}, {"tuple": [3, 4]}], "kwargs": {}, "rows": [[[shape, …], answer], …]}]}

{"t": i} stands for the i-th tensor; the answer is {"out": shape}, {"several": [shape, …]} or {"sizes": […]} (with "runs": false
where data of such shapes then fails), or {"error": type, "message": text}.
"""

import gzip
import json
import os
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

warnings.filterwarnings("ignore")
N = None


class Tensor:
    """Stands in for the i-th tensor while a case is written down."""

    def __init__(self, index):
        self.index = index


A, B, C = Tensor(0), Tensor(1), Tensor(2)

# ------------------------------------------------------------------------------------------------------------- shapes

ONE = [(N, 8), (4, 6), (N, 3, 4), (2, 3, 4), (N, N, 4), (5,), (N, 16, 16, 3), (2, 1, 3, 1), (N, 1)]
PAIRS = [
    [(N, 8), (N, 8)], [(N, 8), (8,)], [(2, 3), (3,)], [(2, 3), (2, 1)], [(2, 3), (4,)], [(N, 3, 4), (N, 4, 5)], [(2, 3, 4), (2, 4, 5)], [(2, 3, 4), (4, 5)], [(3,), (3,)],
    [(4, 3), (3, 4)], [(N, 3, 4), (N, 3, 4)], [(2, 3), (2, 3)], [(N, 1), (N, 5)], [(N, N), (N, 8)], [(5, 1, 3), (4, 3)], [(2, 3), (3, 2)], [(6,), (2, 3)], [(1, 2, 3), (4, 1, 3)], [(4, 3), (3,)],
]
JOIN = [[(N, 8), (N, 8)], [(N, 8), (N, 4)], [(2, 3), (2, 3)], [(2, 3), (4, 3)], [(2, 3), (2, 5)], [(2, 3, 4), (2, 3, 4)], [(N, 3, 4), (N, 3, 5)], [(3,), (3,)], [(3,), (4,)], [(2, 3), (3,)],
        [(N, N, 4), (N, 3, 4)], [(2, 1, 3), (2, 2, 3)]]
MATRIX = [(3, 3), (2, 4, 4), (3, 4), (N, 3, 3), (5, 2)]

CASES = []


def case(paths, inputs, *args, **kwargs):
    """One call for each path and for each list of input shapes."""
    for path in paths.split():
        CASES.append((path, inputs, args, kwargs))


def one(paths, *args, inputs=ONE, **kwargs):
    case(paths, [[s] for s in inputs], A, *args, **kwargs)


def two(paths, *args, inputs=PAIRS, **kwargs):
    case(paths, inputs, A, B, *args, **kwargs)


def ops(names, prefixes="keras.ops numpy"):
    return " ".join(f"{p}.{n}" for p in prefixes.split() for n in names.split())


K, NP, T = "keras.ops", "numpy", "tensorflow"

# Elementwise
one(ops("abs exp sqrt square tanh sin floor negative sign", "keras.ops numpy tensorflow"), inputs=ONE[:4])
one("keras.ops.log1p numpy.log1p tensorflow.math.log1p tensorflow.math.log", inputs=ONE[:4])
one(ops("relu gelu softmax sigmoid silu", "keras.ops tensorflow.nn"), inputs=ONE[:3])
one(ops("isnan isfinite"), inputs=ONE[:3])
one(ops("cast", "keras.ops tensorflow"), "float32", inputs=ONE[:4])
one(ops("clip"), 0.0, 1.0, inputs=ONE[:4])
one("tensorflow.clip_by_value", 0.0, 1.0, inputs=ONE[:4])
two(ops("add subtract multiply divide maximum minimum power", "keras.ops numpy"))
two(ops("add subtract multiply divide maximum minimum", "tensorflow"))
two(ops("equal greater less_equal logical_and", "keras.ops numpy"), inputs=PAIRS[:8])
case(ops("where", "keras.ops numpy tensorflow"), [[p[0], *p] for p in PAIRS[:12]], A, B, C)
# Reductions
for axis in (None, 0, 1, -1, (1, 2), (0, -1), 5, [0, 1]):
    one(ops("sum mean max std any"), axis=tuple(axis) if isinstance(axis, list) else axis)
    one(ops("reduce_sum reduce_mean reduce_max", "tensorflow"), axis=axis)
    one(ops("mean logsumexp", "keras.ops"), axis=axis, keepdims=True)
one(ops("sum"), axis=1, keepdims=True)
one("tensorflow.reduce_sum", 1, True)
for axis in (None, 0, -1, 1, 4):
    one(ops("argmax argmin"), axis=axis)
    one("tensorflow.argmax", axis=axis)
    one(ops("cumsum sort argsort"), axis=axis)
for k in (1, 2):
    one("keras.ops.top_k tensorflow.math.top_k", k)
one("keras.ops.moments", axes=[0])
one("keras.ops.norm numpy.linalg.norm tensorflow.norm", axis=-1)
one(ops("quantile"), 0.5, axis=-1, inputs=ONE[:4])
one(ops("quantile"), [0.2, 0.5, 0.9], axis=0, inputs=ONE[:4])
one(ops("diff"), inputs=[(4, 6), (2, 3, 4), (5,)])
one(ops("median"), axis=1, inputs=ONE[:4])
# Reshaping
for shape in ((-1,), (-1, 4), (3, 4), (2, -1), (4, 6), (1, -1, 2), (-1, -1), (24,), (2, 12), (7, -1), (-1, 8), (2, 3, 2, 2), -1, 24):
    one(ops("reshape", "keras.ops numpy tensorflow"), shape)
one(ops("ravel"))
for axes in (None, (1, 0), (0, 2, 1), (2, 0, 1), (0, 1), (-1, 0, 1), (0, 0), (0, 3, 1, 2)):
    one(ops("transpose", "keras.ops numpy"), axes)
    one("tensorflow.transpose", axes)
for axis in (0, 1, -1, 2, (0, 1), 5, -3, (0, -1)):
    one(ops("expand_dims"), axis)
    if isinstance(axis, int):
        one("tensorflow.expand_dims", axis)
for axis in (None, 0, 1, -1, (1, 3), 2, [3]):
    one(ops("squeeze"), axis if not isinstance(axis, list) else tuple(axis), inputs=ONE + [(2, 1, 1), (N, 1, 4), (1, 5)])
    one("tensorflow.squeeze", axis, inputs=ONE + [(2, 1, 1), (N, 1, 4), (1, 5)])
for axis in (0, 1, -1, 2, -2, 4):
    case(ops("concatenate"), JOIN, [A, B], axis=axis)
    case("tensorflow.concat", JOIN, [A, B], axis)
    case(ops("stack", "keras.ops numpy tensorflow"), JOIN, [A, B], axis=axis)
case(ops("concatenate"), JOIN, [A, B])
case("numpy.concatenate", JOIN, [A, B], axis=None)
case(ops("vstack hstack"), JOIN, [A, B])
case(ops("dstack"), JOIN, [A, B])
case("numpy.column_stack", JOIN, [A, B])
case(ops("append"), JOIN, A, B)
case(ops("append"), JOIN, A, B, axis=0)
for sections in (2, 3, [1, 2], [2], 4):
    for axis in (0, 1, -1):
        one(ops("split"), sections, axis=axis, inputs=[(4, 6), (2, 3, 4), (N, 8), (N, N, 4), (6,)])
        if isinstance(sections, int):
            one(ops("array_split"), sections, axis=axis, inputs=[(4, 6), (2, 3, 4), (5, 7)])
            one("tensorflow.split", sections, axis, inputs=[(4, 6), (2, 3, 4), (6,)])
one("tensorflow.split", [1, 3], 0, inputs=[(4, 6), (4,), (3, 2)])
one("tensorflow.split", [2, -1], 1, inputs=[(4, 6), (3, 5, 2)])
for axis in (0, 1, -1):
    one("keras.ops.unstack tensorflow.unstack", axis=axis, inputs=[(4, 6), (2, 3, 4), (3,)])
for repeats in (2, (2, 3), (1, 2, 3), [2]):
    one(ops("tile"), repeats)
one("tensorflow.tile", [2, 3], inputs=[(4, 6), (N, 8)])
for axis in (None, 0, 1, -1, 3):
    one(ops("repeat"), 3, axis=axis)
    one("tensorflow.repeat", 3, axis, inputs=[(4, 6), (2, 3, 4)])
one(ops("repeat"), [1, 2, 3], axis=1, inputs=[(2, 3, 4), (N, 3, 4)])
for width in (1, ((1, 2),), ((0, 0), (1, 2)), ((0, 0), (1, 1), (2, 0)), (1, 2)):
    one(ops("pad"), width, inputs=ONE[:6])
one("tensorflow.pad", [[1, 2], [0, 3]], inputs=[(4, 6), (2, 3, 4)])
for shape in ((4, 6), (2, 4, 6), (3, 4, 4), (5, 5), (1,)):
    one(ops("broadcast_to", "keras.ops numpy tensorflow"), shape, inputs=[(4, 6), (4, 1), (5,), (1,), (3, 1, 4)])
for axis in (None, 0, 1, 3, (0, 1)):
    one(ops("flip"), axis=axis, inputs=ONE[:5])
one(ops("roll"), 2, inputs=ONE[:4])
one(ops("roll"), 2, axis=1, inputs=ONE)
for pair in ((0, 1), (1, -1), (0, 2), (1, 5)):
    one(ops("swapaxes"), *pair)
    one(ops("moveaxis"), *pair)
one(ops("moveaxis"), [0, 1], [-1, 0])
one(ops("tril triu"), inputs=[(4, 6), (N, 3, 4), (2, 3, 4)])
for axis in (None, 0, 1, -1):
    two(ops("take"), axis=axis, inputs=[[(4, 6), (3,)], [(4, 6), (2, 2)], [(N, 8), (3,)], [(2, 3, 4), ()], [(2, 3, 4), (5, 2)]])
two("tensorflow.gather", inputs=[[(4, 6), (3,)], [(4, 6), (2, 2)], [(2, 3, 4), (5, 2)]])
two("tensorflow.gather", axis=1, inputs=[[(4, 6), (3,)], [(4, 6), (2, 2)], [(2, 3, 4), (5, 2)]])
two("tensorflow.gather", axis=1, batch_dims=1, inputs=[[(2, 6), (2, 3)], [(2, 3, 4), (2, 5)]])
two("tensorflow.gather_nd", inputs=[[(4, 6), (3, 1)], [(4, 6), (3, 2)], [(2, 3, 4), (5, 7, 2)]])
two(ops("take_along_axis"), axis=1, inputs=[[(4, 6), (4, 2)], [(2, 3, 4), (2, 1, 4)], [(4, 6), (1, 2)]])
for depth in (3, 10):
    one("keras.ops.one_hot tensorflow.one_hot", depth, inputs=[(4,), (4, 6), (N, 8), (N, 1)])
    one("keras.ops.one_hot", depth, axis=0, inputs=[(4,), (4, 6), (N, 8)])
one("keras.ops.multi_hot", 5, inputs=[(4, 6), (N, 8), (N, 1)])
for k in (0, 1, -2):
    one(ops("diag"), k=k, inputs=[(4,), (4, 6), (N, 3), (6, 4), (2, 3, 4), (N,)])
    one(ops("diagonal"), offset=k, inputs=[(4, 6), (2, 3, 4), (6, 4), (5,), (N, 3, 4)])
one(ops("trace"), inputs=[(4, 6), (2, 3, 4)])
case(ops("meshgrid"), [[(3,), (4,)], [(2,), (5,)]], A, B)
case(ops("meshgrid"), [[(3,), (4,)]], A, B, indexing="ij")
one("keras.ops.slice", (0, 0), (2, 3), inputs=[(4, 6)])
one("tensorflow.slice", [0, 1], [2, -1], inputs=[(4, 6)])
one("keras.ops.shape numpy.shape", inputs=ONE)
one("numpy.atleast_1d numpy.atleast_2d", inputs=[(3,), (4, 6), ()])
one("keras.ops.space_to_depth", 2, inputs=[(N, 16, 16, 3), (2, 4, 6, 1)])
one("keras.ops.depth_to_space", 2, inputs=[(N, 16, 16, 4), (2, 4, 6, 8)])
one("keras.ops.extract_sequences", 4, 2, inputs=[(4, 16), (N, 20)])
# Products
two(ops("matmul", "keras.ops numpy"))
two("tensorflow.matmul", inputs=[p for p in PAIRS if len(p[0]) > 1 and len(p[1]) > 1])
two("tensorflow.matmul", transpose_b=True, inputs=[[(2, 3), (2, 3)], [(4, 3), (5, 3)], [(2, 3), (3, 2)]])
two(ops("dot"))
two(ops("outer inner"), inputs=PAIRS)
two(ops("kron"), inputs=[[(2, 3), (4, 5)], [(3,), (4,)]])
for axes in (1, 2, 0, [[1], [0]], [[1, 2], [0, 1]]):
    two(ops("tensordot"), axes=axes, inputs=[[(2, 3), (3, 4)], [(2, 3, 4), (3, 4, 5)], [(2, 3), (4, 5)], [(N, 3), (3, 4)], [(2, 3, 4), (4, 5)]])
for equation, inputs in {
    "ij,jk->ik": [[(2, 3), (3, 4)], [(N, 3), (3, 4)], [(2, 3), (4, 5)]], "bij,bjk->bik": [[(2, 3, 4), (2, 4, 5)], [(N, 3, 4), (N, 4, 5)], [(N, 3, 4), (N, 3, 4)]],
    "...i,ij->...j": [[(2, 3, 4), (4, 5)], [(N, 8), (8, 2)]], "bi,bi->b": [[(N, 8), (N, 8)], [(2, 3), (2, 3)]], "i,j->ij": [[(3,), (4,)]], "ij,jk": [[(2, 3), (3, 4)]],
    "bqhd,bkhd->bhqk": [[(N, 5, 2, 8), (N, 7, 2, 8)]],
}.items():
    case(ops("einsum", "keras.ops numpy tensorflow"), inputs, equation, A, B)
case(ops("einsum"), [[(2, 3, 4)], [(N, 3, 4)]], "bij->bji", A)
one("keras.ops.inv keras.ops.det keras.ops.cholesky", inputs=MATRIX)
one("numpy.linalg.qr keras.ops.qr", inputs=[(3, 3), (5, 2), (3, 4), (2, 5, 3)])
one("keras.ops.eigh", inputs=[(3, 3), (2, 4, 4)])
# Creation
for shape in ((2, 3), 5, (), [4, 1]):
    case(ops("zeros ones", "keras.ops numpy"), [[]], shape)
    case(ops("zeros ones", "tensorflow"), [[]], shape)
case(ops("full"), [[]], (2, 3), 7)
case("tensorflow.fill", [[]], [2, 3], 7)
for args in ((5,), (2, 9), (0, 10, 3), (1, 2, 0.25), (5, 2), (10, 0, -2)):
    case(ops("arange"), [[]], *args)
    case("tensorflow.range", [[]], *args)
case(ops("linspace"), [[]], 0, 1)
case(ops("linspace"), [[]], 0, 1, 11)
two(ops("linspace"), num=5, inputs=[[(3,), (3,)], [(2, 1), (3,)]])
for args in ((4,), (4, 6), (3, 2)):
    case(ops("eye"), [[]], *args)
case(ops("identity"), [[]], 4)
case(ops("array", "numpy keras.ops"), [[]], [[1, 2, 3], [4, 5, 6]])
case("numpy.array tensorflow.constant", [[]], [1.0, 2.0])
case("numpy.array", [[]], [[[1], [2]], [[3], [4]]])
case("numpy.array", [[]], 5)
case("numpy.array", [[(2, 3), (2, 3)]], [A, B])
one(ops("zeros_like ones_like", "keras.ops numpy tensorflow"), inputs=ONE[:5])
for args in ((2, 3), (5,), ()):
    case("numpy.random.rand numpy.random.randn", [[]], *args) if args else None
case("numpy.random.random numpy.random.standard_normal", [[]], (2, 3))
case("numpy.random.uniform numpy.random.normal", [[]], 0, 1, (4, 2))
case("numpy.random.uniform numpy.random.normal", [[]], size=(4, 2))
case("numpy.random.randint", [[]], 0, 10, (100,))
case("numpy.random.randint", [[]], 10, size=(5, 5))
case("numpy.random.randint", [[]], 2, size=7)
case("numpy.random.choice", [[]], 10, (3, 2))
case("numpy.random.choice", [[]], [0, 1, 2], size=6)
case("numpy.random.permutation", [[]], 9)
one("numpy.random.permutation", inputs=[(4, 6)])
case("tensorflow.random.normal tensorflow.random.uniform keras.random.normal keras.random.uniform", [[]], (2, 3))
case("keras.random.randint", [[]], (4, 2), 0, 10)
case("tensorflow.random.uniform", [[]], (4,), 0, 10, "int32")
# Neural functions and images
IMAGES = [(N, 16, 16, 3), (2, 7, 9, 4), (N, N, N, 3), (N, 2, 2, 4)]
for options in ({}, {"strides": 1}, {"padding": "same"}, {"strides": 2, "padding": "same"}):
    for size in (2, 3, (3, 2)):
        one("keras.ops.max_pool keras.ops.average_pool", size, inputs=IMAGES, **options)
for options in ({}, {"strides": 2}, {"padding": "same"}, {"dilation_rate": 2}):
    two("keras.ops.conv", inputs=[[(N, 16, 16, 3), (3, 3, 3, 8)], [(2, 7, 9, 4), (3, 3, 4, 2)], [(N, 10, 4), (3, 4, 8)], [(N, 16, 16, 3), (3, 3, 4, 8)], [(N, 2, 2, 3), (3, 3, 3, 8)]], **options)
    two("keras.ops.depthwise_conv", inputs=[[(N, 16, 16, 3), (3, 3, 3, 2)]], **options)
for options in ({}, {"strides": 2}, {"strides": 2, "padding": "same"}):
    two("keras.ops.conv_transpose", inputs=[[(N, 8, 8, 3), (3, 3, 5, 3)], [(N, 10, 4), (3, 8, 4)]], **options)
two("tensorflow.nn.conv2d", strides=1, padding="SAME", inputs=[[(2, 8, 8, 3), (3, 3, 3, 8)], [(2, 8, 8, 3), (3, 3, 4, 8)]])
two("tensorflow.nn.conv2d", strides=[1, 2, 2, 1], padding="VALID", inputs=[[(2, 8, 8, 3), (3, 3, 3, 8)]])
one("tensorflow.nn.max_pool2d", 2, 2, "VALID", inputs=[(2, 8, 8, 3), (1, 7, 7, 2)])
case("keras.ops.dot_product_attention", [[(N, 5, 2, 8), (N, 7, 2, 8), (N, 7, 2, 8)]], A, B, C)
two("keras.ops.categorical_crossentropy", inputs=[[(4, 3), (4, 3)], [(4, 3), (4, 2)]])
two("keras.ops.sparse_categorical_crossentropy", inputs=[[(4,), (4, 3)], [(4, 2), (4, 2, 3)]])
two("keras.ops.binary_crossentropy", inputs=[[(4, 3), (4, 3)], [(4, 1), (4, 3)]])
one("keras.ops.image.resize tensorflow.image.resize", (20, 10), inputs=[(2, 8, 8, 3), (8, 8, 3), (4, 6)])
one("keras.ops.image.resize", (20, 10), inputs=[(N, 8, 8, 3), (N, N, N, 1)])
one("tensorflow.image.rgb_to_grayscale keras.ops.image.rgb_to_grayscale", inputs=[(2, 8, 8, 3), (8, 8, 3)])
one("tensorflow.image.grayscale_to_rgb", inputs=[(2, 8, 8, 1), (8, 8, 1)])
one("tensorflow.image.random_flip_left_right", inputs=[(2, 8, 8, 3)])
one("tensorflow.image.random_crop", [5, 5, 3], inputs=[(8, 8, 3)])
one("tensorflow.image.crop_to_bounding_box", 1, 1, 4, 3, inputs=[(2, 8, 8, 3), (8, 8, 3)])
one("keras.ops.glu", inputs=[(4, 6), (N, 8)])
one("keras.ops.normalize", inputs=ONE[:3])
two("keras.ops.segment_sum", num_segments=5, inputs=[[(6,), (6,)], [(6, 3), (6,)]])
# The rarer ones
for k in (0, 1, 2):
    one(ops("rot90"), k, inputs=[(4, 6), (2, 3, 4)])
one(ops("diagflat"), inputs=[(3,), (2, 2)])
two("keras.ops.cdist", inputs=[[(5, 3), (4, 3)], [(5, 3), (4, 2)]])
one(ops("vander"), inputs=[(4,)])
one("keras.ops.rfft", inputs=[(4, 16), (N, 9)])
one("numpy.trapezoid keras.ops.trapezoid", inputs=[(4, 6), (5,)])
one("keras.ops.view_as_complex", inputs=[(4, 2)])
for pattern, inputs, lengths in (
    ("b h w c -> b (h w) c", [(N, 4, 6, 3), (2, 4, 6, 3), (2, 4, 6)], {}), ("b (h w) c -> b h w c", [(2, 24, 3)], {"h": 4}),
    ("b (h p1) (w p2) c -> b (h w) (p1 p2 c)", [(2, 8, 12, 3)], {"p1": 4, "p2": 4}), ("b n (heads d) -> b heads n d", [(2, 5, 16)], {"heads": 4}),
):
    one("keras.ops.rearrange", pattern, inputs=inputs, **lengths)
# Labels
for shape in ((4,), (4, 1), (4, 6)):
    case("keras.utils.to_categorical", [[shape]], A, 10)


# ---------------------------------------------------------------------------------------------------------- recording

ROOTS = {"keras": keras, "numpy": np, "tensorflow": tf}
INTEGER_SECOND = ("take", "gather", "gather_nd", "take_along_axis", "segment_sum", "sparse_categorical_crossentropy")
INTEGER_FIRST = ("one_hot", "multi_hot", "to_categorical", "sparse_categorical_crossentropy")
BOOL_FIRST = ("where",)


def function(path):
    value = ROOTS[path.split(".")[0]]
    for part in path.split(".")[1:]:
        value = getattr(value, part)
    return value


def tensor(path, index, shape):
    """Symbolic for Keras's ops, else an array of zeros."""
    name = path.split(".")[-1]
    integer = (index == 1 and name in INTEGER_SECOND) or (index == 0 and name in INTEGER_FIRST)
    dtype = "int32" if integer else "bool" if index == 0 and name in BOOL_FIRST else "float32"
    if name == "sparse_categorical_crossentropy":
        dtype = "int32" if index == 0 else "float32"
    if path.startswith("keras.ops"):
        return keras.KerasTensor(shape, dtype=dtype)
    if None in shape:
        return None
    array = np.zeros(shape, dtype)
    if name in ("logical_and",):
        array = array.astype(bool)
    return tf.constant(array) if path.startswith("tensorflow") else array


def replace(value, tensors):
    if isinstance(value, Tensor):
        return tensors[value.index]
    if isinstance(value, list):
        return [replace(v, tensors) for v in value]
    if isinstance(value, tuple):
        return tuple(replace(v, tensors) for v in value)
    return value


def plain(value):
    if isinstance(value, Tensor):
        return {"t": value.index}
    if isinstance(value, float) and value.is_integer():
        return {"float": value}
    if isinstance(value, tuple):
        return {"tuple": [plain(v) for v in value]}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def shapes(out):
    if isinstance(out, (list, tuple)) and not hasattr(out, "shape"):
        # A tuple of sizes (`ops.shape`) is an answer of its own.
        if all(o is None or isinstance(o, int) for o in out):
            return {"sizes": list(out)}
        return {"several": [shapes(o)["out"] for o in out]}
    return {"out": list(np.shape(out)) if not hasattr(out, "shape") else list(out.shape)}


def answer(path, inputs, args, kwargs):
    tensors = [tensor(path, i, s) for i, s in enumerate(inputs)]
    if any(t is None for t in tensors):
        return None
    try:
        found = shapes(function(path)(*replace(args, tensors), **{k: replace(v, tensors) for k, v in kwargs.items()}))
        if path == "keras.ops.einsum":
            # Its symbolic form does not compare lengths; data does.
            try:
                function(path)(*replace(args, [np.zeros([2 if d is None else d for d in s], "float32") for s in inputs]))
            except Exception:  # noqa: BLE001
                found["runs"] = False
        return found
    except Exception as e:  # noqa: BLE001: the exception is the answer
        return {"error": type(e).__name__, "message": str(e).replace("\n", " ")[:120]}


def main():
    out = []
    for path, several, args, kwargs in CASES:
        rows = [[[list(s) for s in inputs], found] for inputs in several if (found := answer(path, inputs, args, kwargs)) is not None]
        if rows:
            out.append({"path": path, "args": [plain(a) for a in args], "kwargs": {k: plain(v) for k, v in kwargs.items()}, "rows": rows})
    body = json.dumps({"keras": keras.__version__, "numpy": np.__version__, "tensorflow": tf.__version__, "cases": out}, separators=(",", ":"))
    target = Path(__file__).with_name("answers.json.gz")
    with gzip.GzipFile(target, "wb", mtime=0) as f:
        f.write(body.encode())
    total = sum(len(c["rows"]) for c in out)
    print(f"{total} rows ({sum('error' in r[1] for c in out for r in c['rows'])} exceptions), {len({c['path'] for c in out})} ops, {target.stat().st_size} bytes")


main()
