"""Training runs of a plain PyTorch loop (not the Trainer) at dropout 0, for test/oracle/bert/record.py."""

import json
import math

import torch
from safetensors.torch import save_file

BATCH, LENGTH = 4, 8

RUNS = {
    # name: family, task, labels, steps and what differs from the defaults
    "classification": dict(family="bert", task="sequence-classification", steps=60, rate=5e-4),
    "smoothing-weights-cosine": dict(
        family="distilbert", task="sequence-classification", steps=24, schedule="cosine", smoothing=0.1,
        class_weights=[0.5, 2.0, 1.0], accumulation=2,
    ),
    "multi-label": dict(family="roberta", task="sequence-classification", loss="multi-label", steps=24, schedule="constant"),
    "regression": dict(family="electra", task="sequence-classification", loss="regression", labels=1, steps=24, clip=0.05),
    "tokens": dict(family="albert", task="token-classification", steps=24),
    "answers": dict(family="bert", task="question-answering", steps=24, accumulation=3),
    "masked-lm": dict(family="bert", task="masked-lm", steps=8),
    "masked-lm-electra": dict(family="electra", task="masked-lm", steps=12),
    "partial-freeze": dict(family="bert", task="sequence-classification", steps=24, frozen=["embeddings.", "encoder.layer.0."]),
}
DEFAULTS = dict(
    labels=3, loss=None, schedule="linear", smoothing=0.0, class_weights=None, accumulation=1, clip=1.0, rate=1e-4,
    weight_decay=0.01, warmup=0.1, frozen=[],
)


def labels_of(run, config, ids, mask, generator):
    task, loss, classes = run["task"], run["loss"], run["labels"]
    rows = ids.shape[0]
    if task == "token-classification":
        labels = torch.randint(0, classes, ids.shape, generator=generator)
        labels[mask == 0] = -100
        labels[:, 0] = -100
        return labels
    if task == "question-answering":
        starts = torch.randint(0, 3, (rows,), generator=generator)
        return torch.stack([starts, starts + 1], dim=1)
    if task == "masked-lm":
        labels = torch.full_like(ids, -100)
        chosen = (torch.rand(ids.shape, generator=generator) < 0.3) & (mask == 1)
        chosen[:, 0] = True
        labels[chosen] = ids[chosen]
        ids[chosen] = 4
        return labels
    if loss == "multi-label":
        return torch.randint(0, 2, (rows, classes), generator=generator).float()
    if loss == "regression":
        return torch.randn((rows, 1), generator=generator)
    return torch.randint(0, classes, (rows,), generator=generator)


def loss_of(run, output, logits, labels):
    functional = torch.nn.functional
    weight = torch.tensor(run["class_weights"]) if run["class_weights"] else None
    if run["task"] == "question-answering":
        start = functional.cross_entropy(output.start_logits, labels[:, 0])
        return (start + functional.cross_entropy(output.end_logits, labels[:, 1])) / 2
    if run["loss"] == "multi-label":
        return functional.binary_cross_entropy_with_logits(logits, labels)
    if run["loss"] == "regression":
        return functional.mse_loss(logits, labels)
    flat = logits.reshape(-1, logits.shape[-1])
    return functional.cross_entropy(
        flat, labels.reshape(-1), weight=weight, label_smoothing=run["smoothing"], ignore_index=-100
    )


def factor(run, step, updates):
    warmup = math.ceil(run["warmup"] * updates)
    if step < warmup:
        return step / max(1, warmup)
    if run["schedule"] == "constant":
        return 1.0
    progress = (step - warmup) / max(1, updates - warmup)
    if run["schedule"] == "cosine":
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))
    return max(0.0, 1.0 - progress)


def record_run(folder, name, run, model_of, call, logits_of):
    # Question answering and others have dropouts outside the configuration's common ones; eval() turns all off.
    model = model_of(run["family"], run["task"], labels=run["labels"])
    config = model.config
    target = folder / name
    model.save_pretrained(target)
    (target / "generation_config.json").unlink(missing_ok=True)
    generator = torch.Generator().manual_seed(11)

    batches = []
    for _ in range(run["steps"]):
        ids = torch.randint(5, config.vocab_size, (BATCH, LENGTH), generator=generator)
        mask = torch.ones_like(ids)
        for row in range(BATCH):
            length = int(torch.randint(4, LENGTH + 1, (1,), generator=generator))
            ids[row, length:] = config.pad_token_id
            mask[row, length:] = 0
        types = torch.zeros_like(ids)
        if getattr(config, "type_vocab_size", 0) > 1:
            types[:, 3:] = 1
            types = types * mask
        batches.append((ids, types, mask, labels_of(run, config, ids, mask, generator)))

    for parameter_name, parameter in model.named_parameters():
        if any(part in parameter_name for part in run["frozen"]):
            parameter.requires_grad = False
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    decays = lambda n: not (n.endswith("bias") or "layernorm" in n.lower() or "layer_norm" in n.lower())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for n, p in trained if decays(n)], "weight_decay": run["weight_decay"]},
            {"params": [p for n, p in trained if not decays(n)], "weight_decay": 0.0},
        ],
        lr=run["rate"], betas=(0.9, 0.999), eps=1e-8, foreach=False,
    )
    updates = math.ceil(run["steps"] / run["accumulation"])
    losses = []
    for update in range(updates):
        part = batches[update * run["accumulation"] : (update + 1) * run["accumulation"]]
        for group in optimizer.param_groups:
            group["lr"] = run["rate"] * factor(run, update, updates)
        optimizer.zero_grad()
        for ids, types, mask, labels in part:
            output = call(model, ids, types, mask)
            loss = loss_of(run, output, logits_of(output), labels)
            losses.append(loss.item())
            (loss / len(part)).backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in trained], run["clip"])
        optimizer.step()

    ids, types, mask, _ = batches[0]
    with torch.no_grad():
        final = logits_of(call(model, ids, types, mask))
    stacked = [torch.stack(column) for column in zip(*batches)]
    tensors = {
        "ids": stacked[0].int(), "types": stacked[1].int(), "mask": stacked[2].int(),
        "labels": stacked[3] if stacked[3].is_floating_point() else stacked[3].int(),
        "logits": final, "losses": torch.tensor(losses),
    }
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, target / "expected.safetensors")
    (target / "run.json").write_text(json.dumps(run, indent=1))


def record_training(folder, model_of, call, logits_of):
    for name, changes in RUNS.items():
        record_run(folder, name, {**DEFAULTS, **changes}, model_of, call, logits_of)
