"""The recipe of bench/bert-learning.bench.ts in PyTorch: pre-training by masked language modelling, then fine-tuning of a
fresh and of the pre-trained model. Called with the folder that the benchmark has prepared; prints results as JSON."""

import csv
import json
import math
import pathlib
import random
import sys

import torch
import transformers

FOLDER = pathlib.Path(sys.argv[1])
RECIPE = json.loads((FOLDER / "recipe.json").read_text())
transformers.logging.set_verbosity_error()
TOKENIZER = transformers.AutoTokenizer.from_pretrained(FOLDER / "fresh")
CONFIG = transformers.AutoConfig.from_pretrained(FOLDER / "fresh")


def optimizer_of(model, rate):
    def small(name):
        return name.endswith("bias") or "LayerNorm" in name

    named = list(model.named_parameters())
    groups = [
        {"params": [p for n, p in named if not small(n)], "weight_decay": 0.01},
        {"params": [p for n, p in named if small(n)], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, eps=1e-8)


def train(model, examples, batch_of, epochs, batchSize, learningRate, **_):
    """Linear schedule with a warm-up of a tenth, clipping to 1, a new order every epoch."""
    updates = epochs * math.ceil(len(examples) / batchSize)
    warmup = math.ceil(0.1 * updates)
    optimizer = optimizer_of(model, learningRate)
    update = 0
    model.train()
    for _ in range(epochs):
        order = random.sample(range(len(examples)), len(examples))
        for at in range(0, len(order), batchSize):
            share = update / warmup if update < warmup else (updates - update) / max(1, updates - warmup)
            for group in optimizer.param_groups:
                group["lr"] = learningRate * share
            loss = model(**batch_of([examples[i] for i in order[at : at + batchSize]])).loss
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            update += 1


def padded(rows, fill):
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])


def masked_batch(rows):
    ids = padded(rows, TOKENIZER.pad_token_id)
    mask = (ids != TOKENIZER.pad_token_id).long()
    special = torch.isin(ids, torch.tensor(TOKENIZER.all_special_ids))
    chosen = (torch.rand(ids.shape) < 0.15) & ~special
    labels = torch.where(chosen, ids, -100)
    how = torch.rand(ids.shape)
    ids = torch.where(chosen & (how < 0.8), TOKENIZER.mask_token_id, ids)
    anything = torch.randint(len(TOKENIZER), ids.shape)
    ids = torch.where(chosen & (how >= 0.8) & (how < 0.9), anything, ids)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


@torch.no_grad()
def masked_loss(model, rows):
    model.eval()
    total = count = 0
    for at in range(0, len(rows), 32):
        batch = masked_batch(rows[at : at + 32])
        hidden = int((batch["labels"] != -100).sum())
        if hidden:
            total += float(model(**batch).loss) * hidden
            count += hidden
    return total / count


def table(name):
    with open(FOLDER / name, newline="") as file:
        rows = list(csv.DictReader(file))
    labels = sorted({row["label"] for row in rows})
    texts = [(row.get("text") or row["sentence1"], row.get("sentence2")) for row in rows]
    return [(text, pair, labels.index(row["label"])) for (text, pair), row in zip(texts, rows)]


def labelled_batch(rows):
    first, second, labels = zip(*rows)
    pair = None if second[0] is None else list(second)
    encoded = TOKENIZER(list(first), pair, padding=True, truncation=True, max_length=64, return_tensors="pt")
    return {**encoded, "labels": torch.tensor(labels)}


@torch.no_grad()
def accuracy(model, rows):
    model.eval()
    right = 0
    for at in range(0, len(rows), 32):
        batch = labelled_batch(rows[at : at + 32])
        right += int((model(**batch).logits.argmax(-1) == batch["labels"]).sum())
    return right / len(rows)


def main():
    results = {}
    for seed in range(1, RECIPE["seeds"] + 1):
        random.seed(seed)
        torch.manual_seed(seed)
        fresh = transformers.BertForMaskedLM(CONFIG)
        fresh.save_pretrained(FOLDER / "torch-fresh")
        train(fresh, RECIPE["train"], masked_batch, **RECIPE["pretraining"])
        fresh.save_pretrained(FOLDER / "torch-pretrained")
        results.setdefault("masked-lm loss", []).append(masked_loss(fresh, RECIPE["validation"]))
        for task, recipe in RECIPE["tasks"].items():
            for start in ("fresh", "pretrained"):
                auto = transformers.BertForSequenceClassification
                model = auto.from_pretrained(FOLDER / f"torch-{start}", num_labels=2)
                train(model, table(f"{task}.csv"), labelled_batch, **recipe)
                results.setdefault(f"{task}, {start}", []).append(accuracy(model, table(f"{task}-test.csv")))
        words = "  ".join(f"{name} {values[-1]:.3f}" for name, values in results.items())
        print(f"PyTorch, seed {seed}: {words}", file=sys.stderr)
    print(json.dumps(results))


main()
