"""One step of AlexNet in PyTorch, for alexnet.test.ts: prints the losses before and after it, and statistics of every gradient.

/usr/bin/python3 test/zoo/alexnet.torch.py > test/zoo/alexnet.torch.json

It computes in float64, so that what the test finds are wasmgrad's roundings alone. With the argument float32 they show
how far PyTorch's own float32 is off.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

ROWS = 8
CLASSES = 1000
RATE = 1e-4
PICKS = 16
DTYPE = torch.float32 if sys.argv[1:] == ["float32"] else torch.float64


def uniform(count, seed, bound):
    """float32 numbers in [-bound, bound): `uniform` of test/support/seeded.ts, all numbers at once."""
    state = np.arange(1, count + 1, dtype=np.uint32)
    state *= np.uint32(0x6D2B79F5)
    state += np.uint32(seed * 0x9E3779B1 & 0xFFFFFFFF)
    t = state ^ (state >> np.uint32(15))
    t *= state | np.uint32(1)
    t = (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))) ^ t
    t ^= t >> np.uint32(14)
    return (-bound + 2 * bound * (t / 2**32)).astype(np.float32)


# kernels [height, width, channels, filters], dense weights [inputs, outputs], as in wasmgrad
SHAPES = {
    "conv2d1": (11, 11, 3, 96),
    "conv2d2": (5, 5, 96, 256),
    "conv2d3": (3, 3, 256, 384),
    "conv2d4": (3, 3, 384, 384),
    "conv2d5": (3, 3, 384, 256),
    "dense1": (9216, 4096),
    "dense2": (4096, 4096),
    "dense3": (4096, CLASSES),
}

parameters = {}
for layer, shape in SHAPES.items():
    kernel = "kernel" if layer.startswith("conv") else "weight"
    fan_in = int(np.prod(shape[:-1]))
    bounds = {kernel: (shape, (3 / fan_in) ** 0.5), "bias": (shape[-1:], 0.1)}
    for name, (sizes, bound) in bounds.items():
        # seeds count up from 1
        values = uniform(int(np.prod(sizes)), len(parameters) + 1, bound)
        tensor = torch.from_numpy(values.reshape(sizes)).to(DTYPE)
        parameters[f"{layer}.{name}"] = tensor.requires_grad_()

# numbers as of pixels less their mean; at this size the normalisation makes a difference
x = torch.from_numpy(uniform(ROWS * 227 * 227 * 3, 102, 128.0)).to(DTYPE)
x = x.reshape(ROWS, 227, 227, 3).permute(0, 3, 1, 2)
y = torch.arange(ROWS) * 111


def conv(x, layer, **how):
    kernel = parameters[f"{layer}.kernel"].permute(3, 2, 0, 1)
    return F.relu(F.conv2d(x, kernel, parameters[f"{layer}.bias"], **how))


def norm(x):
    return F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)


def dense(x, layer):
    return x @ parameters[f"{layer}.weight"] + parameters[f"{layer}.bias"]


def loss():
    a = F.max_pool2d(norm(conv(x, "conv2d1", stride=4)), 3, 2)
    a = F.max_pool2d(norm(conv(a, "conv2d2", padding=2)), 3, 2)
    a = conv(a, "conv2d3", padding=1)
    a = conv(a, "conv2d4", padding=1)
    a = F.max_pool2d(conv(a, "conv2d5", padding=1), 3, 2)
    a = a.permute(0, 2, 3, 1).reshape(ROWS, -1)
    a = F.relu(dense(a, "dense1"))
    a = F.relu(dense(a, "dense2"))
    return F.cross_entropy(dense(a, "dense3"), y)


def figures(gradient):
    flat = gradient.double().reshape(-1)
    places = [i * len(flat) // PICKS for i in range(PICKS)]
    return {
        "norm": flat.norm().item(),
        "sum": flat.sum().item(),
        "picked": flat[places].tolist(),
    }


before = loss()
before.backward()
gradients = {name: figures(p.grad) for name, p in parameters.items()}
with torch.no_grad():
    for p in parameters.values():
        p -= RATE * p.grad
    after = loss()

print(json.dumps({"loss": before.item(), "lossAfter": after.item(), "gradients": gradients}, indent=2))
