"""Records what Python `tokenizers` makes of hard texts: test/oracle/tokenizers/recorded.json.gz.

Four small tokenizers are trained on the texts of this repository and kept in the record as tokenizer.json, since no
published vocabulary is part of it: WordPiece lower-case and cased (BERT), byte-level BPE (RoBERTa), Unigram (ALBERT).

    python test/oracle/tokenizers/record.py
"""
import gzip
import json
import pathlib
import random
import struct
import sys
import base64
import tokenizers
from tokenizers import (AddedToken, BertWordPieceTokenizer, ByteLevelBPETokenizer, Regex, Tokenizer, decoders, models,
                        normalizers, pre_tokenizers, processors, trainers)

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
rng = random.Random(20240607)

corpus = []
for pattern in ("docs/**/*.md", "src/**/*.ts", "test/spec/*.md", "examples/**/*.py", "README.md", "LICENSE"):
    for path in sorted(ROOT.glob(pattern)):
        if "src/bert" not in str(path):
            corpus += path.read_text(encoding="utf-8").split("\n")
corpus = [line for line in corpus if line.strip()][:12000]

# ---- Texts: every script, emoji, marks, control characters, white space, long words, markup, special tokens ----
SCRIPTS = [(0x0020, 0x007E), (0x00A0, 0x00FF), (0x0100, 0x024F), (0x0250, 0x02AF), (0x02B0, 0x036F), (0x0370, 0x03FF),
           (0x0400, 0x052F), (0x0530, 0x058F), (0x0590, 0x05FF), (0x0600, 0x06FF), (0x0700, 0x074F), (0x0780, 0x07BF),
           (0x0900, 0x097F), (0x0980, 0x09FF), (0x0A00, 0x0A7F), (0x0B80, 0x0BFF), (0x0C00, 0x0C7F), (0x0D00, 0x0D7F),
           (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x0F00, 0x0FFF), (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
           (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1400, 0x167F), (0x1680, 0x169F), (0x1780, 0x17FF), (0x1800, 0x18AF),
           (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20CF), (0x20D0, 0x20FF), (0x2100, 0x218F),
           (0x2190, 0x23FF), (0x2460, 0x25FF), (0x2600, 0x27BF), (0x2E00, 0x2E7F), (0x3000, 0x303F), (0x3040, 0x30FF),
           (0x3130, 0x318F), (0x31F0, 0x32FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA640, 0xA69F),
           (0xA720, 0xA7FF), (0xA800, 0xABFF), (0xAC00, 0xD7AF), (0xE000, 0xE0FF), (0xF900, 0xFAFF), (0xFB00, 0xFDFF),
           (0xFE00, 0xFE6F), (0xFE70, 0xFEFF), (0xFF00, 0xFFFD), (0x10000, 0x1007F), (0x10300, 0x1034F),
           (0x10400, 0x1044F), (0x11000, 0x1107F), (0x12000, 0x120FF), (0x16F00, 0x16F9F), (0x1D100, 0x1D1FF),
           (0x1D400, 0x1D7FF), (0x1E900, 0x1E95F), (0x1F000, 0x1F02F), (0x1F1E6, 0x1F1FF), (0x1F300, 0x1F64F),
           (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x2A6DF), (0x2B700, 0x2B93F), (0x2F800, 0x2FA1F),
           (0xE0000, 0xE007F), (0xE0100, 0xE01EF)]
MARKS = [chr(c) for c in (*range(0x300, 0x370), 0x483, 0x591, 0x5B0, 0x5B4, 0x64B, 0x651, 0x93C, 0x94D, 0xE38, 0xF71,
                          0x3099, 0x20DD, 0xFE0F, 0x1D165)]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u2009", "\u3000", "\u200b", "\u2028", "\u202f",
          "\x0b", "\x0c", "\x85", "\ufeff", "\u1680", "   "]
CONTROL = [chr(c) for c in (0, 1, 7, 8, 0x1B, 0x7F, 0x80, 0x9F, 0xAD, 0x200C, 0x200D, 0x200E, 0x202E, 0x2060, 0xFFFD,
                            0xFFFE, 0xE000, 0xF8FF, 0x10FFFF)]
EMOJI = ["\U0001F468\u200d\U0001F469\u200d\U0001F467", "\U0001F44D\U0001F3FD", "\u2764\ufe0f", "\U0001F1E9\U0001F1EA",
         "1\ufe0f\u20e3", "\U0001F3F4\U000E0067\U000E0062\U000E007F", "\U0001F600", "\u263a"]
SPECIAL = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<mask>", "<pad>", "<unk>", "[mask]", "[CLS",
           "newtoken", "NewToken", "[E1]", "[MASK][MASK]", "##ing", "▁a", "``", "''"]
words = sorted({w for line in corpus[:4000] for w in line.split() if len(w) < 30})
PHRASES = ["don't can't I'm we've they'll he'd it's 'tis o'clock 'S 'LL", "3.14159 1,000,000 0x1F 1e-5 ½ ² Ⅷ ٣ 三",
           "İstanbul ISTANBUL ıI ß ẞ ŒUVRE ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ ǅ Ǆ", "naïve café résumé Ångström Å Å ﬁ ﬃ ſ",
           "https://example.org/a_b?c=d&e=%20#f user@example.org", "C++ C# .NET (f∘g)(x)=f(g(x)) ∑∫√", "한국어 조선말 각",
           "\u1100\u1161\u11a8 \u0344 \u0958 \ufb2c \U0001d15e", "日本語テスト。カタカナ、ひらがな！", "中文混合English和123",
           "हिन्दी वाक्य நன்றி ไทยไม่มีช่องว่าง ລາວ བོད", "العَرَبِيَّة עִבְרִית فارسی‌نویسی", "a" * 99, "a" * 100, "a" * 101,
           "é" * 100, "é" * 101, "\U0001F600" * 101, "x" * 512, "", " ", "\n", "\u0301", "\u0301a", "a\u0301\u0323\u0327",
           "a\u0323\u0301 \u1e69 s\u0307\u0323", "---___---", "....!!!???", "\u200d", "\ufeff", "\x00", "a\x00b", "\ufffd"]


def of_script():
    first, last = rng.choice(SCRIPTS)
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 8)))


def any_character():
    while True:
        c = rng.choice([rng.randint(0, 0xFFFF), rng.randint(0, 0x2FFFF), rng.randint(0, 0x10FFFF)])
        if not 0xD800 <= c <= 0xDFFF:
            return chr(c)


PARTS = [lambda: rng.choice(words), lambda: rng.choice(words), of_script, of_script, lambda: rng.choice(EMOJI),
         lambda: rng.choice(CONTROL), lambda: rng.choice(words)[:6] + rng.choice(MARKS) + rng.choice(MARKS),
         lambda: rng.choice(SPECIAL), lambda: rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
         lambda: str(rng.randint(0, 10 ** rng.randint(1, 9))), any_character, lambda: rng.choice(words).upper()]


def hard_text():
    out = ""
    for _ in range(rng.randint(1, 9)):
        out += rng.choice(PARTS)() + rng.choice(["", " ", " ", " ", rng.choice(SPACES)])
    return out


texts = PHRASES + rng.sample([line for line in corpus if len(line) < 160], 300)
for first, last in SCRIPTS:
    texts.append("".join(chr(c) for c in range(first, min(last + 1, first + 64)) if not 0xD800 <= c <= 0xDFFF))
while len(texts) < 3100:
    texts.append(hard_text())
pairs = [(rng.choice(texts)[:120], rng.choice(texts)[:120]) for _ in range(300)]
split_words = [[w for w in (p() for p in rng.choices(PARTS, k=rng.randint(1, 8)))] for _ in range(150)]


# ---- Tokenizers ----
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert(lowercase):
    t = BertWordPieceTokenizer(lowercase=lowercase)
    t.train_from_iterator(corpus + texts[:600], vocab_size=3000, limit_alphabet=900, special_tokens=SPECIALS)
    t = Tokenizer.from_str(t.to_str())
    for token in SPECIALS:
        t.add_special_tokens([token])
    t.add_tokens(["NewToken", AddedToken("[E1]", lstrip=True, rstrip=True), AddedToken("word", single_word=True)])
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return t


def roberta():
    t = ByteLevelBPETokenizer()
    t.train_from_iterator(corpus + texts[:600], vocab_size=3000,
                          special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    t = Tokenizer.from_str(t.to_str())
    t.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return t


def charsmap(rules):
    """SentencePiece's precompiled map: a Darts double array over UTF-8 keys, here with first fit."""
    replacements, values = b"", {}
    for key, value in rules.items():
        values[key.encode()] = len(replacements)
        replacements += value.encode() + b"\0"
    trie = {}
    for key, value in values.items():
        node = trie
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = value
    units, used = [0] * 65536, {0}

    def place(node, position):
        labels = [(0 if k is None else k) for k in node]
        base = 1
        # The base is XORed into the position; leaves have label zero.
        while any((position ^ base ^ label) in used for label in labels):
            base += 1
        for label in labels:
            used.add(position ^ base ^ label)
        units[position] |= base << 10
        if None in node:
            units[position] |= 1 << 8
            units[position ^ base] = node[None] | (1 << 31)
        for label, child in node.items():
            if label is not None:
                units[position ^ base ^ label] = label
        for label, child in node.items():
            if label is not None:
                place(child, position ^ base ^ label)
    place(trie, 0)
    size = (max(used) // 256 + 1) * 256
    packed = struct.pack(f"<{size}I", *units[:size])
    return base64.b64encode(struct.pack("<I", len(packed)) + packed + replacements)


def albert():
    t = Tokenizer(models.Unigram())
    rules = {"\u00a0": " ", "\t": " ", "\n": " ", "\u3000": " ", "ﬁ": "fi", "½": "1/2", "Ⅷ": "VIII", "\u200b": "",
             "ａ": "a", "！": "!", "a\u0301": "á", "\U0001F600": ":-)", "…": "..."}
    t.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(),
        normalizers.Lowercase(), normalizers.Precompiled(base64.b64decode(charsmap(rules))),
        normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    t.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    trainer = trainers.UnigramTrainer(vocab_size=2000, special_tokens=["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"],
                                      unk_token="<unk>")
    t.train_from_iterator(corpus[:3000] + [x for x in texts[:400] if max(map(ord, x), default=0) < 0x500], trainer)
    t.add_special_tokens([AddedToken("[MASK]", lstrip=True)])
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t


# ---- Records: lists of numbers, offsets and ids as differences to compress well ----
def flat(encoding):
    deltas, last = [], 0
    for start, end in encoding.offsets:
        deltas += [start - last, end - start]
        last = end
    # -1 stands for no word.
    return [encoding.ids, deltas, [-1 if w is None else w for w in encoding.word_ids]]


def full(encoding):
    return [*flat(encoding), encoding.type_ids, encoding.attention_mask, encoding.special_tokens_mask]


STRATEGIES = ["longest_first", "only_first", "only_second"]
result = {"tokenizers": tokenizers.__version__, "texts": texts, "pairs": pairs, "words": split_words, "models": {}}
for name, make in {"bert-uncased": lambda: bert(True), "bert-cased": lambda: bert(False), "roberta": roberta,
                   "albert": albert}.items():
    t = make()
    entry = {"json": t.to_str(), "texts": [flat(t.encode(text)) for text in texts], "pairs": [], "words": []}
    entry["decoded"] = [t.decode(t.encode(text).ids) for text in texts[:400]]
    for index, (a, b) in enumerate(pairs):
        row = [full(t.encode(a, b))]
        maximum = 5 + index % 40
        for strategy in STRATEGIES:
            t.enable_truncation(maximum, strategy=strategy)
            try:
                row.append(full(t.encode(a, b)))
            except Exception:
                row.append(None)
        t.no_truncation()
        entry["pairs"].append([maximum, row])
    spaced = Tokenizer.from_str(t.to_str())
    if name == "roberta":
        spaced.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    entry["words"] = [flat(spaced.encode(each, is_pretokenized=True)) for each in split_words]
    # Encoding with a stride loses tokens in 0.23; cutting what was encoded whole does not.
    entry["windows"] = []
    for text in sorted(texts, key=len)[-80:]:
        body = t.encode(text, add_special_tokens=False)
        body.truncate(33, stride=6)
        entry["windows"].append([flat(x) for x in [body, *body.overflowing]])
    result["models"][name] = entry
    print(name, t.get_vocab_size(), "tokens;", sum(len(x[0]) for x in entry["texts"]), "in texts", file=sys.stderr)

path = HERE / "recorded.json.gz"
with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
    out.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())
print(path.stat().st_size, "bytes", file=sys.stderr)
