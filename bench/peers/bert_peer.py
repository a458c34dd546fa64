"""PyTorch's side of bench/bert.bench.ts: answers `train` and `infer` with milliseconds a step, one line each."""

import sys
import time

import torch
import transformers

layers, width, batch, length = map(int, sys.argv[1:5])
config = transformers.BertConfig(
    hidden_size=width, num_hidden_layers=layers, num_attention_heads=width // 64, intermediate_size=4 * width, num_labels=2
)
torch.manual_seed(1)
model = transformers.BertForSequenceClassification(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.01, fused=True)
ids = (1000 + (torch.arange(batch * length) * 7919) % 20000).reshape(batch, length)
inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids)}
labels = torch.arange(batch) % 2


def train():
    model.train()
    optimizer.zero_grad()
    loss = model(**inputs, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    loss.item()


def infer():
    model.eval()
    with torch.inference_mode():
        model(**inputs).logits.numpy()


for _ in range(3):
    train()
    infer()
print("ready", flush=True)
for line in sys.stdin:
    step, times = (train, 3) if line.strip() == "train" else (infer, 6)
    start = time.perf_counter()
    for _ in range(times):
        step()
    print((time.perf_counter() - start) * 1000 / times, flush=True)
