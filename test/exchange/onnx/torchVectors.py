"""Networks of plain vectors, activations and norms."""

import torch
from torch import nn
from torch.nn import functional as F


class Of(nn.Module):
    """Modules, and a function of the input and them."""

    def __init__(self, function, **modules):
        super().__init__()
        self.function = function
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, *inputs):
        return self.function(self, *inputs)


def mlp():
    return nn.Sequential(
        nn.Linear(7, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 5, bias=False), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(1)
    )


def mlp_steps():
    """Linear on [rows, steps, features]: MatMul and Add."""
    return nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 4), nn.LogSoftmax(-1))


def residual_mlp():
    def run(m, x):
        x = m.a(x)
        for block in m.blocks:
            x = x + block(x)
        return m.b(F.relu(x))

    block = lambda: nn.Sequential(nn.LayerNorm(10), nn.Linear(10, 20), nn.GELU(), nn.Linear(20, 10))
    return Of(run, a=nn.Linear(6, 10), blocks=nn.ModuleList([block(), block()]), b=nn.Linear(10, 2))


def scaled():
    def run(m, x):
        x = x / 255 * 2 - 1
        x = 0.5 + m.b(torch.tanh(m.a((x - 0.1307) / 0.3081)))
        return 1 - torch.sigmoid(-x) * 3.0

    return Of(run, a=nn.Linear(5, 8), b=nn.Linear(8, 3))


def standardised():
    """Means and deviations of the columns as buffers."""

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", torch.randn(5))
            self.register_buffer("deviation", torch.rand(5) + 0.5)
            self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 1)

        def forward(self, x):
            return self.b(F.elu(self.a((x - self.mean) / self.deviation))) * 12.5 + 3

    return Scaled()


def two_inputs():
    def run(m, x, y):
        return m.c(torch.cat([F.relu(m.a(x)), torch.tanh(m.b(y))], 1))

    return Of(run, a=nn.Linear(4, 6), b=nn.Linear(3, 5), c=nn.Linear(11, 2))


def two_outputs():
    def run(m, x):
        h = F.relu(m.trunk(x))
        return m.policy(h), torch.tanh(m.value(h))

    return Of(run, trunk=nn.Linear(6, 16), policy=nn.Linear(16, 4), value=nn.Linear(16, 1))


def dueling():
    """value + advantage - mean of the advantages"""

    def run(m, x):
        h = F.relu(m.trunk(x))
        advantage = m.advantage(h)
        return m.value(h) + advantage - advantage.mean(dim=1, keepdim=True)

    return Of(run, trunk=nn.Linear(6, 12), advantage=nn.Linear(12, 4), value=nn.Linear(12, 1))


def gated():
    """A highway: gate * x + (1 - gate) * new."""

    def run(m, x):
        gate = torch.sigmoid(m.gate(x))
        return m.out(gate * x + (1 - gate) * F.relu(m.new(x)))

    return Of(run, gate=nn.Linear(8, 8), new=nn.Linear(8, 8), out=nn.Linear(8, 3))


def bilinear():
    """Two towers and the cosine between them."""

    def run(m, x, y):
        a, b = m.a(x), m.b(y)
        return (a * b).sum(dim=1, keepdim=True) / 4 + m.bias(torch.abs(a - b))

    return Of(run, a=nn.Linear(5, 6), b=nn.Linear(7, 6), bias=nn.Linear(6, 1))


def variational():
    """What remains of a variational autoencoder for its mean: two heads, one exponential."""

    def run(m, x):
        h = F.relu(m.a(x))
        mean, log = m.mean(h), m.log(h)
        return torch.sigmoid(m.b(mean)), mean, torch.exp(0.5 * log)

    return Of(run, a=nn.Linear(9, 12), mean=nn.Linear(12, 3), log=nn.Linear(12, 3), b=nn.Linear(3, 9))


def autoregressive():
    """One Linear used twice, and a matrix used as it is and transposed."""

    def run(m, x):
        h = torch.tanh(m.a(x))
        h = torch.tanh(m.b(h))
        h = torch.tanh(m.b(h))
        return F.linear(h, m.a.weight.t())

    return Of(run, a=nn.Linear(6, 5), b=nn.Linear(5, 5))


def soft_by_hand():
    def run(m, x):
        z = m.a(x)
        e = torch.exp(z - z.max(dim=1, keepdim=True)[0])
        return e / e.sum(dim=1, keepdim=True)

    return Of(run, a=nn.Linear(6, 5))


def log_soft_by_hand():
    return Of(lambda m, x: m.a(x) - m.a(x).exp().sum(-1, keepdim=True).log(), a=nn.Linear(6, 5))


def squares():
    """Powers, roots and quotients."""

    def run(m, x):
        z = m.a(x)
        z = z / torch.sqrt((z * z).sum(-1, keepdim=True) + 1e-6)
        return m.b(z ** 2) + m.c(z.abs()) - torch.exp(-z[:, :3])

    return Of(run, a=nn.Linear(6, 5), b=nn.Linear(5, 3), c=nn.Linear(5, 3, bias=False))


ACTIVATIONS = {
    "gelu": nn.GELU(),
    "geluTanh": nn.GELU("tanh"),
    "silu": nn.SiLU(),
    "mish": nn.Mish(),
    "hardswish": nn.Hardswish(),
    "hardsigmoid": nn.Hardsigmoid(),
    "hardtanh": nn.Hardtanh(-0.5, 0.75),
    "relu6": nn.ReLU6(),
    "elu": nn.ELU(0.7),
    "celu": nn.CELU(1.3),
    "selu": nn.SELU(),
    "leaky": nn.LeakyReLU(0.2),
    "softplus": nn.Softplus(),
    "softsign": nn.Softsign(),
    "logSigmoid": nn.LogSigmoid(),
    "tanhshrink": nn.Tanhshrink(),
    "softshrink": nn.Softshrink(0.3),
    "hardshrink": nn.Hardshrink(0.4),
    "logSoftmax": nn.LogSoftmax(1),
    "softmin": nn.Softmin(1),
    "clampLow": Of(lambda m, x: x.clamp(min=-0.2)),
    "clampHigh": Of(lambda m, x: x.clamp(max=0.3)),
    "swishByHand": Of(lambda m, x: x * torch.sigmoid(1.702 * x)),
    "geluByHand": Of(lambda m, x: 0.5 * x * (1 + torch.erf(x / 2 ** 0.5))),
    "geluNew": Of(lambda m, x: 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * torch.pow(x, 3))))),
    "geluCube": Of(lambda m, x: 0.5 * x * (1 + torch.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x)))),
    "softplusByHand": Of(lambda m, x: torch.log(1 + torch.exp(x))),
    "reluByMax": Of(lambda m, x: torch.maximum(x, torch.zeros(1))),
    "squaredRelu": Of(lambda m, x: F.relu(x) ** 2),
}


def activation(of):
    return lambda: nn.Sequential(nn.Linear(6, 8), of, nn.Linear(8, 3))


def prelu_one():
    return nn.Sequential(nn.Linear(6, 8), nn.PReLU(), nn.Linear(8, 8), nn.PReLU(8), nn.Linear(8, 2))


def glu():
    return nn.Sequential(nn.Linear(6, 16), nn.GLU(), nn.Linear(8, 3))


def swiglu():
    def run(m, x):
        return m.down(F.silu(m.gate(x)) * m.up(x))

    return Of(run, gate=nn.Linear(6, 10, bias=False), up=nn.Linear(6, 10, bias=False), down=nn.Linear(10, 6, bias=False))


class RMSNorm(nn.Module):
    """As written in many places: `style` is the order of the factors."""

    def __init__(self, size, style, eps=1e-5):
        super().__init__()
        self.weight, self.style, self.eps = nn.Parameter(torch.ones(size)), style, eps

    def forward(self, x):
        if self.style == "rsqrt":
            return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))
        if self.style == "divided":
            return x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.eps) * self.weight
        return x * torch.rsqrt(self.eps + torch.mean(x ** 2, dim=-1, keepdim=True)) * self.weight


class HandLayerNorm(nn.Module):
    """The layer norms of tutorials, with the variance by n."""

    def __init__(self, size, style):
        super().__init__()
        self.gain, self.bias, self.style = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size)), style

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        if self.style == "var":
            variance = x.var(-1, unbiased=False, keepdim=True)
            return self.gain * (x - mean) / torch.sqrt(variance + 1e-5) + self.bias
        if self.style == "twice":
            variance = ((x - mean) ** 2).mean(-1, keepdim=True)
            return self.bias + (x - mean) * torch.rsqrt(variance + 1e-6) * self.gain
        d = x - mean
        return self.gain * (d / torch.sqrt((d * d).mean(dim=-1, keepdim=True) + 1e-5)) + self.bias


def norm(make, size=8):
    return lambda: nn.Sequential(nn.Linear(6, size), make(), nn.Linear(size, 3))


def batch_norms():
    return nn.Sequential(
        nn.Linear(6, 10), nn.BatchNorm1d(10), nn.ReLU(), nn.Linear(10, 8, bias=False), nn.BatchNorm1d(8, eps=1e-3, affine=False), nn.Tanh(), nn.Linear(8, 2)
    )


ROW = [("float", [None, 6])]
STEPS = [("float", [None, 5, 6])]

NETWORKS = [
    ("mlp", mlp, [("float", [None, 7])], "11s 13d 16s 17du 13s1", {}),
    ("mlpSteps", mlp_steps, STEPS, "11d 13s 13du 17s 13s1", {}),
    ("residualMlp", residual_mlp, ROW, "11s 13d 16du 17s 17s1", {}),
    ("residualMlpAsNew", residual_mlp, ROW, "13s", {"shake": False}),
    ("scaled", scaled, [("float", [None, 5])], "11d 13s 17du", {}),
    ("standardised", standardised, [("float", [None, 5])], "13d 16s", {}),
    ("twoInputs", two_inputs, [("float", [None, 4]), ("float", [None, 3])], "11s 13d 17s 13s1", {}),
    ("twoOutputs", two_outputs, ROW, "11d 13s 17d", {}),
    ("dueling", dueling, ROW, "13d 17s 13s1", {}),
    ("gated", gated, [("float", [None, 8])], "13s 16d", {}),
    ("twoTowers", bilinear, [("float", [None, 5]), ("float", [None, 7])], "13d 17s", {}),
    ("variational", variational, [("float", [None, 9])], "13s 16d", {}),
    ("sharedWeights", autoregressive, ROW, "13s 17d", {}),
    ("softmaxByHand", soft_by_hand, ROW, "13d 17s", {}),
    ("logSoftmaxByHand", log_soft_by_hand, ROW, "13d", {}),
    ("squares", squares, ROW, "11s 13d", {}),
    ("prelu", prelu_one, ROW, "11s 13d 17s", {}),
    ("glu", glu, ROW, "11d 13s 17d 13s1", {}),
    ("swiglu", swiglu, STEPS, "13d 17s 13s1", {}),
    ("batchNorm1d", batch_norms, ROW, "11d 13s", {}),
    ("batchNorm1dKept", batch_norms, ROW, "13d 16s", {"preserve": True}),
    ("layerNorm", norm(lambda: nn.LayerNorm(8)), ROW, "11s 13du 16s 17d", {}),
    ("layerNormPlain", norm(lambda: nn.LayerNorm(8, elementwise_affine=False, eps=1e-3)), ROW, "13d 16s", {}),  # at 17 its own export is wrong
    ("rmsNormRsqrt", norm(lambda: RMSNorm(8, "rsqrt")), STEPS, "13s 17d", {}),
    ("rmsNormDivided", norm(lambda: RMSNorm(8, "divided", 1e-6)), ROW, "13d", {}),
    ("rmsNormEps", norm(lambda: RMSNorm(8, "eps")), STEPS, "11d 16s", {}),
    ("layerNormVar", norm(lambda: HandLayerNorm(8, "var")), STEPS, "13d 17s 13s1", {}),
    ("layerNormTwice", norm(lambda: HandLayerNorm(8, "twice")), STEPS, "13d", {}),
    ("layerNormSquares", norm(lambda: HandLayerNorm(8, "squares")), ROW, "11s 13d", {}),
]
OPSETS = ["11s", "13d", "16s", "17d", "13s", "11d", "17s"]
for i, (name, of) in enumerate(ACTIVATIONS.items()):
    settings = f"{OPSETS[i % 7]} {OPSETS[(i + 3) % 7]}"
    NETWORKS.append((name, activation(of), ROW, "12s 17d" if name == "celu" else settings, {}))
