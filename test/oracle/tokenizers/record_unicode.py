"""Writes src/bert/tokenizer/unicode-tables.ts: which characters Python `tokenizers` takes for what.

Its Rust crates carry Unicode tables of several older versions, and Node those of its own, so that a property escape
such as \\p{Mn} would give other tokens for a few thousand rare characters, and others again with another Node.

    python test/oracle/tokenizers/record_unicode.py
"""
import pathlib
import tokenizers
from tokenizers import normalizers, pre_tokenizers

CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def where(predicate):
    """Ranges as text: gaps and lengths in base 36; the first character after the end of the range before."""
    ranges, end = [], -1
    for c in CHARACTERS:
        if not predicate(chr(c)):
            continue
        if ranges and end == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
        end = c
    parts, previous = [], 0
    for first, last in ranges:
        parts.append(base36(first - previous) + ("-" + base36(last - first) if last > first else ""))
        previous = last
    return parts


def base36(n):
    digits = ""
    while True:
        n, d = divmod(n, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + digits
        if n == 0:
            return digits


def bert(**flags):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **flags}).normalize_str


def javascript_decomposes(c):
    """Python's own tables are younger than those of `tokenizers`; Node's are too."""
    import unicodedata
    return unicodedata.normalize("NFKD", c) != c


accents, marks, clean = bert(strip_accents=True), normalizers.StripAccents().normalize_str, bert(clean_text=True)
punctuation = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
bytes_of = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
nfkd = normalizers.NFKD().normalize_str
one_piece = lambda text: len(bytes_of(text)) == 1

TABLES = [
    ("nonspacing", "Marks that BertNormalizer drops with strip_accents.", lambda c: accents(c) == ""),
    ("combining", "Marks that StripAccents drops.", lambda c: marks(c) == ""),
    ("control", "Characters that BertNormalizer drops with clean_text.", lambda c: clean("a" + c + "b") == "ab"),
    ("punctuation", "Characters that BertPreTokenizer isolates.", lambda c: len(punctuation("a" + c + "b")) == 3),
    ("letter", r"\p{L} of the byte-level pre-tokenizer.", lambda c: one_piece("a" + c)),
    ("number", r"\p{N} of the byte-level pre-tokenizer.", lambda c: one_piece("1" + c)),
]

lines = [
    "/**",
    f" * Which characters Python `tokenizers` {tokenizers.__version__} takes for what, as recorded by",
    " * test/oracle/tokenizers/record_unicode.py. Ranges: distance from the end of the range before, a dash, further length;",
    " * in base 36.",
    " */",
]
def emit(name, comment, parts):
    lines.append(f"/** {comment} */")
    lines.append(f"export const {name} = `")
    line = ""
    for part in parts:
        if len(line) + len(part) > 118:
            lines.append(line)
            line = ""
        line += (" " if line else "") + part
    lines.append(line + "`;")
    lines.append("")


for name, comment, predicate in TABLES:
    emit(name, comment, where(predicate))
# Node knows every decomposition that Python's `unicodedata` knows, and some more: those of Unicode 14 and later.
young = lambda c: nfkd(c) == c and (javascript_decomposes(c) or ord(c) in YOUNGER)
YOUNGER = {0xA7F1, 0x105C9, 0x105E4, 0x11383, 0x11385, 0x1138E, 0x11391, 0x113C5, 0x113C7, 0x113C8,
           *range(0x16121, 0x16129), *range(0x16D68, 0x16D6B), *range(0x1CCD6, 0x1CCFA),
           *range(0x1E030, 0x1E06E)}
emit("undecomposed", "Characters whose decomposition is too young for `tokenizers`.", where(young))

path = pathlib.Path(__file__).parents[3] / "src/bert/tokenizer/unicode-tables.ts"
path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
print(path.stat().st_size, "bytes")
