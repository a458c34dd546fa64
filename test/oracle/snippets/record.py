"""Expands every Python snippet with its defaults, runs it in real Keras, and records the model it makes.

    python test/oracle/snippets/record.py

needs keras with TensorFlow; writes recorded.json beside this file. The program that was run is recorded too, so that a
test notices when a snippet has changed since.
"""
import json
import os
import re
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

here = Path(__file__).resolve().parent
snippets = json.loads((here.parents[2] / "snippets" / "python.json").read_text(encoding="utf-8"))
contexts = json.loads((here / "contexts.json").read_text(encoding="utf-8"))


def expand(body):
    """Placeholders become their defaults: ${1:text}, ${1|first,second|}, and a repeated number its first text."""
    defaults = {}

    def replace(found):
        number, text, choices = found.group(1), found.group(2), found.group(3)
        value = text if text is not None else choices.split(",")[0]
        return defaults.setdefault(number, value)

    return re.sub(r"\$\{(\d+)(?::([^{}]*)|\|([^|]*)\|)\}", replace, "\n".join(body))


def program_of(prefix, body):
    context = contexts[prefix]
    text = expand(body)
    if "inputs" not in context:
        return "\n".join([*context.get("before", []), text, *context.get("after", [])]) + "\n"
    inputs = [f"keras.Input(shape={tuple(shape)})" for shape in context["inputs"]]
    lines = [
        "import keras", "from keras import layers", "",
        f"inputs = [{', '.join(inputs)}]" if len(inputs) > 1 else f"inputs = {inputs[0]}",
        f"outputs = {text}{context.get('call', '(inputs)')}", "model = keras.Model(inputs, outputs)",
    ]
    return "\n".join(lines) + "\n"


def few_digits(*_, **__):
    part = lambda count: (np.zeros((count, 28, 28), dtype="uint8"), np.arange(count, dtype="uint8") % 10)
    return part(128), part(128)


keras.datasets.mnist.load_data = few_digits
os.chdir(tempfile.gettempdir())  # ModelCheckpoint writes into the current folder.
record = {"versions": {"keras": keras.__version__}, "snippets": {}}
failed = 0
for snippet in snippets.values():
    prefix = snippet["prefix"]
    program = program_of(prefix, snippet["body"])
    facts = {"program": program}
    keras.backend.clear_session()
    names = {}
    try:
        exec(compile(program, prefix, "exec"), names)
        model = names["model"]
        facts["outputs"] = [list(tensor.shape) for tensor in model.outputs]
        facts["params"] = model.count_params()
        facts["layers"] = [layer.name for layer in model.layers]
    except ModuleNotFoundError as error:
        facts["notRun"] = str(error)
    except ImportError as error:
        facts["notRun"] = str(error).split("(")[0].strip()
    except Exception as error:
        failed += 1
        facts["error"] = f"{type(error).__name__}: {error}"
        print(f"{prefix}: {facts['error']}")
    record["snippets"][prefix] = facts

Path("best.keras").unlink(missing_ok=True)
text = json.dumps(record, indent=1, ensure_ascii=False)
# Lists of numbers and names on one line; programs, which contain brackets too, stay as they are.
text = re.sub(r'\[(?:\s*(?:null|\d+|"\w+"),?\s*)*\]', lambda found: f"[{' '.join(found[0][1:-1].split())}]", text)
(here / "recorded.json").write_text(text + "\n", encoding="utf-8")
print(f"{len(record['snippets'])} snippets, {failed} failed")
