"""Networks of the usual kinds with sizes at random."""

import random

from torch import nn
from torch.nn import functional as F
import torch

import torchAttention
import torchSequences
from torchImages import Basic, Bottleneck
from torchVectors import Of, RMSNorm

POINTWISE = [
    nn.ReLU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.ELU, nn.Mish, nn.Hardswish, nn.Softplus, nn.LeakyReLU, nn.ReLU6, nn.SELU, nn.Softsign, nn.CELU,
    lambda: nn.GELU("tanh"), nn.Hardtanh, nn.Hardsigmoid, nn.PReLU, nn.Identity, lambda: nn.Dropout(0.2),
]


def mlp(r):
    widths = [r.randint(1, 12) for _ in range(r.randint(2, 5))]
    steps = r.choice([None, None, 1, 3])

    def make():
        layers = []
        for i, o in zip(widths, widths[1:]):
            layers.append(nn.Linear(i, o, bias=r.random() < 0.7))
            norm = r.randint(0, 5)
            if norm == 0 and steps is None and o > 1:
                layers.append(nn.BatchNorm1d(o, affine=r.random() < 0.8))
            elif norm == 1 and o > 1:
                layers.append(nn.LayerNorm(o, elementwise_affine=True))
            elif norm == 2 and o > 1:
                layers.append(RMSNorm(o, r.choice(["rsqrt", "divided", "eps"])))
            layers.append(r.choice(POINTWISE)())
        layers += r.choice([[], [nn.Softmax(-1)], [nn.LogSoftmax(-1)], [nn.Flatten()]])
        return nn.Sequential(*layers)

    return make, [("float", [None] + ([] if steps is None else [steps]) + [widths[0]])]


def cnn(r):
    h, w, channels = r.randint(7, 14), r.randint(7, 14), r.randint(1, 4)
    shape = [channels, h, w]

    def make():
        layers, (c, y, x) = [], shape
        for _ in range(r.randint(1, 4)):
            kind = r.choice(["conv", "conv", "conv", "depthwise", "pool", "norm", "act", "grouped", "pointwise"])
            k = (r.randint(1, min(5, y)), r.randint(1, min(5, x)))
            s, p = r.choice([1, 1, 2, (1, 2)]), r.choice([0, 0, 1, 2])
            p = min(p, k[0] // 2, k[1] // 2)
            bias = r.random() < 0.6
            if kind == "conv":
                o = r.randint(1, 8)
                layers.append(nn.Conv2d(c, o, k, s, p, bias=bias))
            elif kind == "depthwise":
                layers.append(nn.Conv2d(c, c, k, s, p, groups=c, bias=bias))
            elif kind == "grouped":
                layers.append(nn.Conv2d(c, 2 * c, k, s, p, groups=c, bias=bias))
            elif kind == "pointwise":
                layers.append(nn.Conv2d(c, r.randint(1, 6), 1, bias=bias))
            elif kind == "pool":
                pool = r.choice([nn.MaxPool2d, nn.AvgPool2d])
                more = {"ceil_mode": True} if r.random() < 0.3 else {}
                if pool is nn.AvgPool2d and p and r.random() < 0.5:
                    more = {"count_include_pad": False}
                layers.append(pool(k, s, p, **more))
            elif kind == "norm":
                groups = r.choice([g for g in range(1, c + 1) if c % g == 0])
                norm = r.choice(["batch", "group", "instance", "local"])
                if norm == "batch":
                    layers.append(nn.BatchNorm2d(c))
                elif y * x > 1:
                    layers.append({"group": nn.GroupNorm(groups, c), "instance": nn.InstanceNorm2d(c, affine=r.random() < 0.5), "local": nn.LocalResponseNorm(3)}[norm])
            layers.append(r.choice(POINTWISE)())
            with torch.no_grad():
                _, c, y, x = nn.Sequential(*layers).eval()(torch.zeros(1, *shape)).shape
            if min(y, x) < 2:
                break
        end = r.choice(["flat", "mean", "max", "none", "view", "flatten"])
        if end == "none":
            return nn.Sequential(*layers)
        if end in ("flat", "flatten", "view"):
            flat = {"flat": nn.Flatten(), "flatten": Of(lambda m, z: torch.flatten(z, 1)), "view": Of(lambda m, z: z.view(z.size(0), -1))}[end]
            if end == "view":
                flat = nn.Sequential(Of(lambda m, z: z.contiguous()), flat)
            return nn.Sequential(*layers, flat, nn.Linear(c * y * x, 3))
        pool = nn.AdaptiveAvgPool2d(1) if end == "mean" else nn.AdaptiveMaxPool2d(1)
        return nn.Sequential(*layers, pool, nn.Flatten(), nn.Linear(c, 3, bias=r.random() < 0.5))

    return make, [("float", [None] + shape)]


def resnet(r):
    width, blocks, h, w = 4 * r.randint(1, 3), r.randint(1, 3), r.randint(16, 36), r.randint(16, 36)

    def run(m, x):
        x = F.relu(m.bn(m.stem(x)))
        if m.pooled:
            x = F.max_pool2d(x, 3, 2, 1)
        return m.fc(torch.flatten(F.adaptive_avg_pool2d(m.blocks(x), 1), 1))

    def make():
        block, parts, i = r.choice([Basic, Bottleneck]), [], width
        for n in range(blocks):
            o = width * (1 if n == 0 else 2)
            parts.append(block(i, o, r.choice([1, 2])))
            i = o
        k = r.choice([3, 5, 7])
        model = Of(
            run, stem=nn.Conv2d(3, width, k, r.choice([1, 2]), k // 2, bias=False), bn=nn.BatchNorm2d(width), blocks=nn.Sequential(*parts), fc=nn.Linear(i, r.randint(1, 6)),
        )
        model.pooled = r.random() < 0.6
        return model

    return make, [("float", [None, 3, h, w])]


def autoencoder(r):
    c, h, w, a, b = r.randint(1, 3), 4 * r.randint(2, 4), 4 * r.randint(2, 4), r.randint(2, 6), r.randint(2, 6)
    k, p, op = r.choice([(3, 1, 1), (4, 1, 0), (2, 0, 0), (5, 2, 1)])

    def make():
        bias = r.random() < 0.5
        return nn.Sequential(
            nn.Conv2d(c, a, k, 2, p, bias=bias), r.choice(POINTWISE)(), nn.Conv2d(a, b, k, 2, p), nn.ReLU(), nn.ConvTranspose2d(b, a, k, 2, p, op, bias=bias),
            r.choice([nn.ReLU(), nn.BatchNorm2d(a), nn.LeakyReLU(0.2)]), nn.ConvTranspose2d(a, c, k, 2, p, op), r.choice([nn.Sigmoid(), nn.Tanh(), nn.Identity()]),
        )

    return make, [("float", [None, c, h, w])]


def recurrent(r):
    cell = r.choice([nn.LSTM, nn.LSTM, nn.GRU, nn.RNN])
    size, units, layers, double = r.randint(1, 6), r.randint(1, 7), r.randint(1, 3), r.random() < 0.4
    take = r.choice(["last", "last", "mean", "max", "all", "state", "flat"] + (["states"] if double else []))
    options = {"num_layers": layers, "bidirectional": double, "bias": r.random() < 0.8, "first": r.random() < 0.7}
    if take == "state":
        options["num_layers"] = layers
    make = torchSequences.recurrent(cell, take, size, units, r.randint(1, 4), **options)
    return make, [("float", [None, 6, size])]


def transformer(r):
    heads, depth = r.randint(1, 4), r.randint(1, 4)
    size = heads * depth
    options = {
        "layers": r.randint(1, 3), "pre": r.random() < 0.5, "gelu": r.random() < 0.5, "first": r.random() < 0.6, "final": r.random() < 0.4, "mean": r.random() < 0.6,
    }
    if size == 1:
        size = heads = 2
    return torchAttention.encoder(size, heads, r.randint(1, 20), **options), [("float", [None, r.randint(1, 7), size])]


def attention(r):
    heads, depth, steps = r.randint(1, 4), r.randint(1, 4), r.randint(1, 7)
    size = max(2, heads * depth)
    heads = heads if size == heads * depth else 1
    style = r.choice(["divide", "query", "both", "left", "nano", "single", "bigram"])
    if style == "nano":
        make = torchAttention.nano(size, heads, steps, r.randint(1, 2), r.random() < 0.6, r.choice([None, torchAttention.NewGelu(), nn.ReLU()]), False, r.random() < 0.3)
        return make, [("ids", [None, steps], 11)]
    if style == "single":
        return lambda: Of(lambda m, x: m.head(m.attention(x)), attention=torchAttention.Head(size, depth, steps), head=nn.Linear(depth, 3)), [("float", [None, steps, size])]
    if style == "bigram":
        return torchAttention.bigram, [("ids", [None, 6], 11)]
    bias, causal = r.random() < 0.6, r.random() < 0.6
    options = {"size": size, "steps": steps, "heads": heads, "bias": bias, "causal": causal, "width": r.choice([None, heads * r.randint(1, 5)])}
    return torchAttention.heads(style, **options), [("float", [None, steps, size])]


def text(r):
    words, size, steps = r.randint(3, 20), r.randint(1, 6), r.randint(4, 9)
    kind = r.choice(["mean", "sum", "max", "flat", "cnn", "bag", "lstm", "bagSum"])

    def run(m, ids):
        x = m.embedding(ids)
        if kind == "mean":
            return m.head(x.mean(1))
        if kind == "sum":
            return m.head(x.sum(dim=1))
        if kind == "max":
            return m.head(x.max(1)[0])
        if kind == "flat":
            return m.head(x.view(x.size(0), -1))
        if kind == "lstm":
            return m.head(m.cell(x)[0][:, -1])
        x = x.transpose(1, 2)
        return m.head(torch.cat([F.relu(conv(x)).max(-1)[0] for conv in m.convs], 1))

    def make():
        if kind in ("bag", "bagSum"):
            bag = nn.EmbeddingBag(words, size, mode="mean" if kind == "bag" else "sum")
            return Of(lambda m, ids: m.head(m.bag(ids)), bag=bag, head=nn.Linear(size, 3))
        if kind == "cnn":
            kernels = r.sample([1, 2, 3, 4], r.randint(1, 3))
            convs = nn.ModuleList([nn.Conv1d(size, 4, k, padding=r.choice([0, 1]) if k > 2 else 0, bias=r.random() < 0.6) for k in kernels])
            return Of(run, embedding=nn.Embedding(words, size), convs=convs, head=nn.Linear(4 * len(kernels), 2))
        width = {"flat": size * steps, "lstm": 5}.get(kind, size)
        return Of(run, embedding=nn.Embedding(words, size), cell=nn.LSTM(size, 5, batch_first=True), head=nn.Linear(width, 2))

    return make, [("ids", [None, steps], words)]


def signal(r):
    c, n = r.randint(1, 4), r.randint(12, 24)

    def make():
        layers, i = [], c
        for _ in range(r.randint(1, 3)):
            o, k = r.randint(1, 6), r.randint(1, 4)
            layers.append(nn.Conv1d(i, o, k, r.choice([1, 2]), r.choice([0, k // 2]), bias=r.random() < 0.6))
            layers.append(r.choice([nn.BatchNorm1d(o), nn.Identity(), nn.Dropout(0.1)]))
            layers.append(r.choice(POINTWISE)())
            if r.random() < 0.3:
                layers.append(r.choice([nn.MaxPool1d(2), nn.AvgPool1d(2), nn.MaxPool1d(3, 2, 1)]))
            i = o
        size = nn.Sequential(*layers).eval()(torch.zeros(1, c, n)).shape[2]
        end = r.choice([[nn.Flatten(), nn.Linear(i * size, 2)], [nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(i, 2)], []])
        return nn.Sequential(*layers, *end)

    return make, [("float", [None, c, n])]


KINDS = [mlp, cnn, cnn, resnet, autoencoder, recurrent, recurrent, transformer, transformer, attention, attention, text, signal]


def cases(seed, count):
    """As many networks as asked for: the same of the same seed."""
    for i in range(count):
        r = random.Random(seed * 100003 + i)
        kind = r.choice(KINDS)
        make, inputs = kind(r)
        # CELU from 12 on, triu from 14 on
        opset, dynamic = r.choice([12, 13, 14, 15, 16, 17] if kind is not attention else [14, 15, 16, 17]), r.random() < 0.5
        case = {"opset": opset, "dynamic": dynamic, "fold": r.random() < 0.8, "kind": kind.__name__, "make": make, "inputs": inputs}
        case["rows"] = r.choice([1, 2, 3, 5])
        case["other"] = r.choice([1, 2, 4])
        case["preserve"] = kind in (cnn, resnet, autoencoder) and r.random() < 0.4
        case["shake"] = r.random() < 0.8
        yield {"name": f"{kind.__name__}-{seed}-{i}", **case}
