"""Both ways between Modelwright and Python's transformers, after round_trip.ts has written its two checkpoints.

    python test/oracle/bert/record_round_trip.py

Opens the one that was fine-tuned in JavaScript and records ids, labels and logits; fine-tunes the other one by a plain
PyTorch loop, saves it as Python does, and records what it predicts and the losses of the steps after that. Run it once
for every version of transformers that is to be held; each writes files of its own.
"""

import json
import pathlib

import torch
import transformers

FOLDER = pathlib.Path(__file__).parent / "recorded" / "round-trip"
HALF = 10

transformers.logging.set_verbosity_error()
trip = json.loads((FOLDER / "trip.json").read_text())


def opened(folder, **options):
    auto = transformers.AutoModelForSequenceClassification
    model, info = auto.from_pretrained(folder, output_loading_info=True, attn_implementation="eager", **options)
    return model, transformers.AutoTokenizer.from_pretrained(folder), info


def predicted(model, tokenizer):
    model.eval()
    out = []
    for text, pair in trip["texts"]:
        encoded = tokenizer(text, pair, truncation=True, return_tensors="pt")
        with torch.no_grad():
            logits = model(**encoded).logits[0]
        names = ("input_ids", "token_type_ids", "attention_mask")
        ids, types, mask = (encoded[name][0].tolist() for name in names)
        label = model.config.id2label[int(logits.argmax())]
        out.append({"ids": ids, "types": types, "mask": mask, "logits": logits.tolist(), "label": label})
    return out


def train(model, tokenizer, batches, updates):
    """AdamW of 1e-3 with two groups and clipping, dropout 0, in the order of the batches."""
    plain = [p for n, p in model.named_parameters() if n.endswith("bias") or "LayerNorm" in n]
    decaying = [p for n, p in model.named_parameters() if not (n.endswith("bias") or "LayerNorm" in n)]
    groups = [{"params": decaying, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, eps=1e-8)
    model.eval()  # Without dropout.
    losses = []
    for batch in batches[updates]:
        encoded = tokenizer(batch["texts"], padding=True, truncation=True, return_tensors="pt")
        loss = torch.nn.functional.cross_entropy(model(**encoded).logits, torch.tensor(batch["labels"]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.manual_seed(0)
    version = transformers.__version__
    model, tokenizer, info = opened(FOLDER / "here")
    assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
    here = {"labels": list(model.config.id2label.values()), "predictions": predicted(model, tokenizer)}

    labels = {"id2label": dict(enumerate(trip["labels"])), "label2id": {n: i for i, n in enumerate(trip["labels"])}}
    model, tokenizer, info = opened(FOLDER / "start", num_labels=3, **labels)
    assert set(info["missing_keys"]) == {f"{n}.{k}" for n in ("bert.pooler.dense", "classifier") for k in ("weight", "bias")}
    train(model, tokenizer, trip["batches"], slice(0, HALF))
    saved = FOLDER / f"python-{version}"
    model.save_pretrained(saved)
    tokenizer.save_pretrained(saved)
    there = {"predictions": predicted(model, tokenizer)}
    there["losses"] = train(model, tokenizer, trip["batches"], slice(HALF, None))
    there["after"] = predicted(model, tokenizer)
    text = json.dumps({"transformers": version, "torch": torch.__version__, "here": here, "there": there})
    (FOLDER / f"python-{version}.json").write_text(text + "\n")


main()
