"""Prints every Python file below the folders given, one JSON object a line: its path, and the print of its program.

    python test/oracle/parse/print_files.py FOLDER... | npx tsx test/oracle/parse/compare.ts
"""

import json
import pathlib
import sys

from python_print import print_program

sys.setrecursionlimit(10_000)

for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        try:
            source = path.read_bytes().decode("utf-8")
            printed = print_program(source)
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue  # What Python itself refuses is no measure.
        print(json.dumps({"path": str(path), "printed": printed}))
