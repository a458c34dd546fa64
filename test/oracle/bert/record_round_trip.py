"""Opens the checkpoint that fine_tune.ts wrote in Python's transformers and records its logits and labels.

    python test/oracle/bert/record_round_trip.py
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import load_file, save_file

FOLDER = pathlib.Path(__file__).parent / "recorded" / "round-trip"

model, info = transformers.AutoModelForSequenceClassification.from_pretrained(
    FOLDER, output_loading_info=True, attn_implementation="eager"
)
assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
source = load_file(FOLDER.parent / "training" / "classification" / "expected.safetensors")
inputs = {name: source[name][:3].reshape(-1, source[name].shape[-1]) for name in ("ids", "types", "mask")}
with torch.no_grad():
    logits = model.eval()(
        input_ids=inputs["ids"].long(), token_type_ids=inputs["types"].long(), attention_mask=inputs["mask"].long()
    ).logits
save_file({**{n: t.contiguous() for n, t in inputs.items()}, "logits": logits}, FOLDER / "expected.safetensors")
(FOLDER / "python.json").write_text(
    json.dumps({"transformers": transformers.__version__, "labels": list(model.config.id2label.values())}) + "\n"
)
