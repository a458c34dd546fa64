"""Changes correct programs in one place each, runs every one in real Keras and writes down what came of it.

    KERAS_BACKEND=tensorflow python test/oracle/mutation/record.py [program …]     # writes answers.json beside this file
    KERAS_BACKEND=tensorflow python test/oracle/mutation/record.py --held-out [program …]     # those of held-out/; --fresh likewise

A mutant is one edit of a program in programs/: a number, an axis, a text, a truth value, an item of a tuple, a keyword argument
or a whole layer. Rows: {"program", "what", "at": [start, end], "by": text, "verdict"}; the verdict is null for a program that runs,
else {"type", "message", "statements": [[first line, last line], …]}: the statements of the program on the way to the exception,
the innermost last, lines from 1. "values": true stands where numbers in the data were refused, not shapes.
"""

import ast
import json
import os
import random
import re
import sys
import traceback
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent / next((name for name in ("held-out", "fresh") if f"--{name}" in sys.argv), "")
MOST = 24
"""Mutants of one program at most."""

WORDS = {
    "same": ["valid"],
    "valid": ["same"],
    "categorical_crossentropy": ["sparse_categorical_crossentropy"],
    "sparse_categorical_crossentropy": ["categorical_crossentropy"],
    "binary_crossentropy": ["categorical_crossentropy", "sparse_categorical_crossentropy"],
    "mse": ["sparse_categorical_crossentropy"],
}
"""Texts that a beginner confuses. What no one would write is left out."""


def offsets(source):
    """From ast's line and UTF-8 column to an offset; the programs are ASCII."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return lambda line, column: starts[line - 1] + column


def mutations(source):
    tree = ast.parse(source)
    offset = offsets(source)
    found = []

    def edit(node, by, what):
        start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
        if source[start:end] != by:
            found.append((what, start, end, by))

    def remove_item(items, item):
        """The item with the comma and the space that part it from the next one or the one before."""
        i = items.index(item)
        start, end = offset(item.lineno, item.col_offset), offset(item.end_lineno, item.end_col_offset)
        if i + 1 < len(items):
            end = offset(items[i + 1].lineno, items[i + 1].col_offset)
        elif i > 0:
            start = offset(items[i - 1].end_lineno, items[i - 1].end_col_offset)
        return start, end

    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            for value in {node.value + 1, node.value - 1, node.value * 2, node.value // 2}:
                if 0 <= value != node.value:
                    edit(node, str(value), "number")
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            edit(node, str(not node.value), "truth")
        elif isinstance(node, ast.Constant) and node.value in WORDS:
            for word in WORDS[node.value]:
                edit(node, json.dumps(word), "text")
        if isinstance(node, ast.Tuple) and len(node.elts) > 1 and all(isinstance(e, (ast.Constant, ast.Name)) for e in node.elts) and isinstance(node.ctx, ast.Load):
            for item in node.elts:
                start, end = remove_item(node.elts, item)
                comma = "," if len(node.elts) == 2 else ""
                found.append(("axis", start, end, comma if item is node.elts[-1] else ""))
        if isinstance(node, ast.List) and len(node.elts) > 1 and all(isinstance(e, ast.Call) for e in node.elts):
            for item in node.elts:
                found.append(("layer", *remove_item(node.elts, item), ""))
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                everything = [*node.args, *node.keywords]
                if keyword.arg and keyword.arg not in ("epochs", "verbose", "name", "metrics", "batch_size"):
                    found.append(("argument", *remove_item(everything, keyword), ""))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func).endswith(".add"):
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            found.append(("layer", start, end, "pass"))
        # x = Layer(…)(x) without the layer.
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Call) and len(node.value.args) == 1:
            edit(node.value, ast.unparse(node.value.args[0]), "layer")
    return sorted(set(found), key=lambda m: (m[1], m[2], m[3]))


def chosen(name, source):
    """A fair share of each kind of change, always the same one."""
    draw = random.Random(name)
    kinds = {}
    for mutation in mutations(source):
        kinds.setdefault(mutation[0], []).append(mutation)
    for rows in kinds.values():
        draw.shuffle(rows)
    picked = []
    while len(picked) < MOST and any(kinds.values()):
        for rows in kinds.values():
            if rows and len(picked) < MOST:
                picked.append(rows.pop())
    return sorted(picked, key=lambda m: (m[1], m[2], m[3]))


def statements_of(source):
    """For each line the innermost statement on it; of one with a body only the head."""
    spans = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno
        for line in range(node.lineno, max(node.lineno, last) + 1):
            if line not in spans or spans[line][1] - spans[line][0] >= last - node.lineno:
                spans[line] = [node.lineno, max(node.lineno, last)]
    return spans


VALUES = re.compile(r"indices\[|label value|outside the valid range|is out of bounds for axis|out of bounds")


def run(source):
    keras.backend.clear_session(free_memory=False)
    keras.utils.set_random_seed(1)
    np.random.seed(1)
    try:
        exec(compile(source, "program.py", "exec"), {"__name__": "__main__"})
        return None
    except Exception as error:  # noqa: BLE001: the exception is the answer
        spans = statements_of(source)
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "program.py"]
        text = re.sub(r"\s+", " ", str(error))
        verdict = {"type": type(error).__name__, "message": text[:160], "statements": [spans.get(line, [line, line]) for line in lines]}
        if VALUES.search(text):
            verdict["values"] = True
        return verdict


def main():
    keras.config.disable_traceback_filtering()
    keras.config.disable_interactive_logging()
    tf.config.run_functions_eagerly(True)
    target = HERE / "answers.json"
    rows = json.loads(target.read_text())["rows"] if target.exists() else []
    wanted = [name for name in sys.argv[1:] if not name.startswith("--")] or [p.stem for p in sorted((HERE / "programs").glob("*.py"))]
    for name in wanted:
        source = (HERE / "programs" / f"{name}.py").read_text()
        rows = [row for row in rows if row["program"] != name]
        assert run(source) is None, f"{name} does not run: {run(source)}"
        for what, start, end, by in chosen(name, source):
            mutant = source[:start] + by + source[end:]
            try:
                ast.parse(mutant)
            except SyntaxError:
                continue
            verdict = run(mutant)
            if verdict and "URL fetch failure" in verdict["message"]:
                continue  # What Keras takes here would be a download.
            rows.append({"program": name, "what": what, "at": [start, end], "by": by, "verdict": verdict})
        rows.sort(key=lambda row: (row["program"], row["at"], row["by"]))
        body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        target.write_text(f'{{"keras":"{keras.__version__}","rows":[\n{body}\n]}}\n')
        print(name, len(rows), file=sys.stderr, flush=True)


main()
