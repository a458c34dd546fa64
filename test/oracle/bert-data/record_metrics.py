"""Records metrics.json: scikit-learn's and SciPy's metrics, SQuAD's scores, and entities by seqeval's rules.

The rules of seqeval's default mode (get_entities, start_of_chunk, end_of_chunk) and of SQuAD's evaluation script are
written out here from their definition, in another way than in src/bert/metrics.

    python test/oracle/bert-data/record_metrics.py
"""
import collections
import json
import pathlib
import random
import re
import string
import warnings
import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")
rng = random.Random(7)
out = {"classes": [], "labels": [], "numbers": [], "entities": [], "answers": []}

for case in range(40):
    classes, n = rng.randint(2, 6), rng.randint(1, 40)
    truth = [rng.randrange(classes) for _ in range(n)]
    predicted = [t if rng.random() < 0.6 else rng.randrange(classes) for t in truth]
    out["classes"].append(dict(
        classes=classes, truth=truth, predicted=predicted, accuracy=metrics.accuracy_score(truth, predicted),
        macroF1=metrics.f1_score(truth, predicted, average="macro", zero_division=0),
        microF1=metrics.f1_score(truth, predicted, average="micro", zero_division=0),
        mcc=metrics.matthews_corrcoef(truth, predicted),
        confusion=metrics.confusion_matrix(truth, predicted, labels=range(classes)).tolist()))

for case in range(20):
    labels, n = rng.randint(1, 5), rng.randint(1, 30)
    truth = [[int(rng.random() < 0.4) for _ in range(labels)] for _ in range(n)]
    predicted = [[t if rng.random() < 0.7 else 1 - t for t in row] for row in truth]
    a, b = np.array(truth), np.array(predicted)
    scores = [2 * (x & y).sum() / (x.sum() + y.sum()) if x.sum() + y.sum() else 0.0 for x, y in zip(a.T, b.T)]
    out["labels"].append(dict(truth=truth, predicted=predicted, accuracy=metrics.accuracy_score(a, b),
                              macroF1=float(np.mean(scores)),
                              microF1=float(metrics.f1_score(a.ravel(), b.ravel(), zero_division=0))))

for case in range(20):
    n = rng.randint(3, 40)
    truth = [rng.choice([rng.gauss(0, 1), float(rng.randint(0, 4))]) for _ in range(n)]
    predicted = [t + rng.gauss(0, 0.7) if rng.random() < 0.8 else 1.0 for t in truth]
    out["numbers"].append(dict(truth=truth, predicted=predicted, mse=metrics.mean_squared_error(truth, predicted),
                               mae=metrics.mean_absolute_error(truth, predicted),
                               pearson=float(stats.pearsonr(truth, predicted)[0]),
                               spearman=float(stats.spearmanr(truth, predicted)[0])))


def begins(before, tag):
    (p, pt), (t, tt) = before, tag
    pairs = {("E", "E"), ("E", "I"), ("S", "E"), ("S", "I"), ("O", "E"), ("O", "I")}
    return t in ("B", "S") or (p, t) in pairs or (t not in ("O", ".") and pt != tt)


def finishes(before, tag):
    (p, pt), (t, tt) = before, tag
    pairs = {(x, y) for x in "BI" for y in "BSO"}
    return p in ("E", "S") or (p, t) in pairs or (p not in ("O", ".") and pt != tt)


def entities(tags):
    split = [(tag[0], tag[1:].split("-", maxsplit=1)[-1] or "_") for tag in tags] + [("O", "_")]
    before, start, found = ("O", ""), 0, []
    for i, tag in enumerate(split):
        if finishes(before, tag):
            found.append((before[1], start, i))
        if begins(before, tag):
            start = i
        before = tag
    return found


SCHEMES = [["O", "B-PER", "I-PER", "B-LOC", "I-LOC"], ["O", "I-PER", "I-LOC", "B-PER"],
           ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y"],
           ["O", "B-A", "I-A", "L-A", "U-A", "B-B-C", "I-B-C"], ["NN", "VB", "O"]]
for case in range(60):
    tags = SCHEMES[case % len(SCHEMES)]
    truth = [[rng.choice(tags) for _ in range(rng.randint(1, 12))] for _ in range(rng.randint(1, 8))]
    predicted = [[t if rng.random() < 0.7 else rng.choice(tags) for t in row] for row in truth]
    a = {(i, *e) for i, row in enumerate(truth) for e in entities(row)}
    b = {(i, *e) for i, row in enumerate(predicted) for e in entities(row)}
    right = len(a & b)
    precision, recall = right / len(b) if b else 0.0, right / len(a) if a else 0.0
    out["entities"].append(dict(
        truth=truth, predicted=predicted, precision=precision, recall=recall,
        f1=2 * right / (len(a) + len(b)) if a or b else 0.0, first=[list(e) for e in entities(truth[0])],
        types={t: 2 * len({e for e in a & b if e[1] == t}) / (len([e for e in a if e[1] == t]) + len([e for e in b if e[1] == t]))
               for t in sorted({e[1] for e in a | b})}))


def normalize(text):
    text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def score(text, answer):
    a, b = normalize(text).split(), normalize(answer).split()
    if not a or not b:
        return float(a == b)
    common = sum((collections.Counter(a) & collections.Counter(b)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(a), common / len(b)
    return 2 * precision * recall / (precision + recall)


WORDS = ["the", "The", "an", "a", "cat", "Cat's", "sat", "on", "mat.", "U.S.", "naïve", "théâtre", "1,000", "—", "\t", "", "and/or",
         "A-1", "Über", "中文", "a.", "“the”", "\u00a0the"]
for case in range(150):
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 6)))
    answers = [" ".join(rng.choice(WORDS) for _ in range(rng.randint(0, 6))) for _ in range(rng.randint(0, 3))]
    if answers and rng.random() < 0.3:
        text = answers[0].upper()
    sound = [x for x in answers if normalize(x)] or [""]
    out["answers"].append(dict(text=text, answers=answers, normal=normalize(text),
                               exact=max(float(normalize(text) == normalize(x)) for x in sound),
                               f1=max(score(text, x) for x in sound)))

path = pathlib.Path(__file__).parent / "metrics.json"
path.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
print(path.stat().st_size, "bytes")
