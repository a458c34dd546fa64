"""Records vocabularies trained by Python's BertWordPieceTokenizer: test/oracle/tokenizers/trained.json.gz.

Characters inside words ("##a") get their ids from a hash table, in another order in every run, which decides between
equally frequent pairs. Given as special tokens their order is fixed, and with it everything else.

    python test/oracle/tokenizers/record_training.py
"""
import gzip
import json
import pathlib
import random
from tokenizers import BertWordPieceTokenizer

HERE = pathlib.Path(__file__).parent
rng = random.Random(11)
lines = (HERE.parents[2] / "src/README.md").read_text(encoding="utf-8").split("\n")
lines += ["Ångström naïve CAFÉ 日本語 テスト 😀😀 \u00a0 don't", "aaaa aaaaa aaaaaaaa abababab banana bananas"] * 3
syllables = ["ka", "to", "mi", "ra", "ne", "so", "lu", "fi", "ste", "bro", "qu", "x"]
for _ in range(400):
    lines.append(" ".join("".join(rng.choices(syllables, k=rng.randint(1, 5))) for _ in range(rng.randint(3, 12))))

cases = []
for lowercase, size, frequency, limit in ((True, 700, 2, 1000), (False, 900, 1, 1000), (True, 300, 5, 30), (True, 5000, 2, 1000)):
    plain = BertWordPieceTokenizer(lowercase=lowercase)
    plain.train_from_iterator(lines, vocab_size=size, min_frequency=frequency, limit_alphabet=limit, show_progress=False)
    inside = sorted((t for t in plain.get_vocab() if t.startswith("##") and len(t) == 3))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *inside]
    t = BertWordPieceTokenizer(lowercase=lowercase)
    t.train_from_iterator(lines, vocab_size=size, min_frequency=frequency, limit_alphabet=limit, special_tokens=special,
                          show_progress=False)
    vocabulary = [token for token, _ in sorted(t.get_vocab().items(), key=lambda item: item[1])]
    cases.append(dict(lowercase=lowercase, size=size, frequency=frequency, alphabet=limit, special=special,
                      vocabulary=vocabulary))
    print(len(vocabulary), "tokens")

path = HERE / "trained.json.gz"
with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
    out.write(json.dumps({"lines": lines, "cases": cases}, ensure_ascii=False, separators=(",", ":")).encode())
print(path.stat().st_size, "bytes")
