"""Records how Python's own `ast` reads the snippets of `snippets.txt`, into `snippets.json`.

    python test/oracle/parse/record.py
"""

import json
import pathlib
import sys

from python_print import print_program

HERE = pathlib.Path(__file__).parent


def main():
    snippets = HERE.joinpath("snippets.txt").read_text(encoding="utf-8").split("\n----\n")
    rows = [{"source": source, "printed": print_program(source)} for source in (each.strip("\n") for each in snippets)]
    recorded = {"python": sys.version.split()[0], "rows": rows}
    HERE.joinpath("snippets.json").write_text(json.dumps(recorded, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    print(f"{len(rows)} snippets")


main()
