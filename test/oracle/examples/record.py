"""Runs the Keras examples in real Keras and records what their models are, and what the broken ones raise.

    python test/oracle/examples/record.py

needs keras with TensorFlow; writes recorded.json beside this file. bert.py needs transformers 4.57 and tf-keras as well
and is recorded as not run where they are missing.

Statements are run one by one, and a failing one does not stop the file: that is how a checker sees it. Training is
replaced by one batch, because shapes, names and errors are the same after one batch as after all.
"""
import ast
import importlib.util
import json
import os
import re
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

root = Path(__file__).resolve().parents[3]
examples = root / "examples" / "keras"


def shape_of(tensors):
    if isinstance(tensors, (list, tuple)):
        return [shape_of(tensor) for tensor in tensors]
    if isinstance(tensors, dict):
        return {name: shape_of(tensor) for name, tensor in tensors.items()}
    return list(tensors.shape)


def model_facts(model):
    """What model.summary() shows, as data."""
    return {
        "name": model.name,
        "inputs": shape_of(model.inputs),
        "outputs": shape_of(model.outputs),
        "layers": [
            {
                "name": layer.name, "class": type(layer).__name__, "outputShape": shape_of(layer.output),
                "params": layer.count_params(),
            }
            for layer in model.layers
        ],
        "params": {
            "total": model.count_params(),
            "trainable": int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
            "nonTrainable": int(sum(np.prod(weight.shape) for weight in model.non_trainable_weights)),
        },
        "compiled": {"loss": str(model.loss), "optimizer": type(model.optimizer).__name__} if model.compiled else None,
    }


def load_data(*_, **__):
    """Arrays with the shapes and types of MNIST, few and random: no shape depends on the values."""
    rng = np.random.default_rng(0)
    part = lambda count: (rng.integers(0, 256, (count, 28, 28), dtype=np.uint8), np.arange(count, dtype=np.uint8) % 10)
    return part(256), part(128)


keras.datasets.mnist.load_data = load_data
real_fit = keras.Model.fit


def short_fit(self, *args, **kwargs):
    kwargs.update(epochs=1, verbose=0, steps_per_epoch=1)
    return real_fit(self, *args, **kwargs)


keras.Model.fit = short_fit


def line_in(path, error):
    """The last line of the file itself in the traceback, 1-based."""
    line, frame = None, error.__traceback__
    while frame:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def run(path):
    """Executes a file statement by statement; returns its names and the errors that were raised."""
    keras.backend.clear_session()
    names = {"__name__": "example", "__file__": str(path)}
    lost, errors = set(), []
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        used = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        bound = {node.id for node in used if isinstance(node.ctx, ast.Store)}
        code = compile(ast.Module([statement], []), str(path), "exec")
        try:
            exec(code, names)
        except NameError as error:
            # A consequence of a statement that failed before, not a mistake of its own.
            if error.name not in lost:
                raise
            lost |= bound
        except Exception as error:
            lost |= bound
            target = next(iter(bound), None)
            if target is None and isinstance(statement, ast.Expr):
                target = statement.value.func.value.id  # model.fit(...)
            errors.append({
                "model": target, "line": line_in(path, error), "statement": [statement.lineno, statement.end_lineno],
                "type": type(error).__name__, "message": str(error).split("\n\n")[0],
            })
    return names, errors


def models_of(names):
    return {name: model_facts(value) for name, value in names.items() if isinstance(value, keras.Model) and value.built}


record = {"versions": {"keras": keras.__version__, "numpy": np.__version__}, "files": {}}

names, errors = run(examples / "cnn.py")
record["files"]["cnn.py"] = {"models": models_of(names), "errors": errors}

# build_model has no sizes of its own: two sets of values show what depends on which.
spec = importlib.util.spec_from_file_location("rnn", examples / "rnn.py")
rnn = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rnn)
variants = []
for arguments in ({"sequence_length": 40, "vocab_size": 76}, {"sequence_length": 7, "vocab_size": 11}):
    keras.backend.clear_session()
    variants.append({"args": arguments, "model": model_facts(rnn.build_model(**arguments))})
x, y, vocabulary = rnn.read_text(root / "LICENSE", 40)
data = {"x": list(x.shape), "y": list(y.shape), "vocabulary": len(vocabulary)}
record["files"]["rnn.py"] = {"function": "build_model", "variants": variants, "data": data}

names, errors = run(examples / "broken_cnn.py")
record["files"]["broken_cnn.py"] = {"models": models_of(names), "errors": errors}

try:
    import tf_keras  # noqa: F401
    import transformers

    if not hasattr(transformers, "TFBertForSequenceClassification"):
        raise ImportError(f"transformers {transformers.__version__} has no TensorFlow classes")
    build = transformers.TFBertForSequenceClassification
    small = {"num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}
    build.from_pretrained = classmethod(lambda cls, _, **options: cls(transformers.BertConfig(**small, **options)))
    names, errors = run(examples / "bert.py")
    record["files"]["bert.py"] = {"errors": errors}
except ImportError as error:
    record["files"]["bert.py"] = {"notRun": str(error)}

# The mistake of bert.py in plain Keras: probabilities are expected, logits given. Nothing is raised, the loss is wrong.
logits, labels = np.array([[3.0, -1.0], [-2.0, 0.5]], dtype="float32"), np.array([0, 1])
by_string = keras.losses.get("sparse_categorical_crossentropy")
record["logitsAsProbabilities"] = {
    "logits": logits.tolist(), "labels": labels.tolist(),
    "stringLoss": [float(v) for v in np.asarray(by_string(labels, logits))],
    "fromLogits": [float(v) for v in np.asarray(by_string(labels, logits, from_logits=True))],
}

target = Path(__file__).with_name("recorded.json")
text = json.dumps(record, indent=1, ensure_ascii=False)
# A shape on one line reads better than one number a line.
text = re.sub(r"\[[^\[\]{}\"]*\]", lambda found: f"[{' '.join(found[0][1:-1].split())}]", text)
target.write_text(text + "\n", encoding="utf-8")
for error in record["files"]["broken_cnn.py"]["errors"]:
    print(f"{error['model']}, line {error['line']}: {error['type']}: {error['message'][:110]}")
