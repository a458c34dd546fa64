# Trains one of the benchmark's models in PyTorch, eagerly, with its fused Adam; see bench/compiled-step.bench.ts.
# Speaks lines: prints {"ready"}, then for every line "N" read from stdin trains N steps and prints what they took.
import json
import os
import resource
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

threads = int(os.environ.get("BENCH_THREADS", "0"))
if threads:
    torch.set_num_threads(threads)


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)), (1, 28, 28)


class Block(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, filters, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(filters)
        self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(filters)
        self.short = nn.Conv2d(inputs, filters, 1, stride, bias=False) if stride != 1 or inputs != filters else nn.Identity()

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.short(x) + self.second_norm(self.second(y)))


def resnet20():
    parts = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for filters, stride in [(16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)]:
        parts.append(Block(inputs, filters, stride))
        inputs = filters
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)), (3, 32, 32)


class Recurrent(nn.Module):
    def __init__(self, core, width):
        super().__init__()
        self.core = core
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        y, state = self.core(x)
        if self.core.bidirectional:
            return self.head(torch.cat([state[0], state[1]], -1))
        return self.head(y[:, -1])


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(128, 384)
        self.out = nn.Linear(128, 128)
        self.norm1 = nn.LayerNorm(128, eps=1e-3)
        self.wide = nn.Linear(128, 512)
        self.narrow = nn.Linear(512, 128)
        self.norm2 = nn.LayerNorm(128, eps=1e-3)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, 4, 32).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, 128)
        x = self.norm1(x + self.out(y))
        return self.norm2(x + self.narrow(F.gelu(self.wide(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[Layer() for _ in range(4)])
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.layers(x).mean(1))


def mlp():
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)), (20,)


MODELS = {
    "cnn": cnn, "resnet20": resnet20, "mlp": mlp,
    "lstm32": lambda: (Recurrent(nn.LSTM(64, 128, 2, batch_first=True), 128), (32, 64)),
    "lstm128": lambda: (Recurrent(nn.LSTM(64, 128, 2, batch_first=True), 128), (128, 64)),
    "bigru": lambda: (Recurrent(nn.GRU(64, 64, batch_first=True, bidirectional=True), 128), (64, 64)),
    "transformer": lambda: (Transformer(), (64, 128)),
}


def main():
    name, batch = sys.argv[1], int(sys.argv[2])
    model, shape = MODELS[name]()
    if len(shape) == 3:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, eps=1e-7, fused=True)
    torch.manual_seed(0)
    data = [(torch.rand(batch, *shape), torch.randint(0, 10, (batch,)) if name != "mlp" else torch.rand(batch, 1))
            for _ in range(4)]
    loss_of = F.mse_loss if name == "mlp" else F.cross_entropy
    taken = 0

    def train(steps):
        nonlocal taken
        for _ in range(steps):
            x, y = data[taken % 4]
            taken += 1
            if x.dim() == 4:
                x = x.contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()

    start = time.perf_counter()
    train(1)
    compiled = time.perf_counter() - start
    train(4)
    print(json.dumps({"ready": True, "compile": compiled}), flush=True)
    for line in sys.stdin:
        steps = int(line)
        cpu = time.process_time()
        start = time.perf_counter()
        train(steps)
        wall = time.perf_counter() - start
        print(json.dumps({
            "wall": wall / steps, "cpu": (time.process_time() - cpu) / steps,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }), flush=True)


main()
