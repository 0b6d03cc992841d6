# Writes files of PyTorch into a folder: for each NAME.pt also NAME.npz, the numbers of its tensors as NumPy has them, and in types.json the
# types and all that is no tensor.
import collections
import json
import os
import sys

import numpy
import torch
from torch import nn

folder = sys.argv[1]
said = {}
torch.manual_seed(1)


def flat(value, name, tensors, values):
    if isinstance(value, torch.Tensor):
        tensors[name] = value.detach()
    elif isinstance(value, dict):
        for key, each in value.items():
            flat(each, f"{name}.{key}" if name else str(key), tensors, values)
    elif isinstance(value, (list, tuple)) and any(isinstance(each, (torch.Tensor, dict, list, tuple)) for each in value):
        for i, each in enumerate(value):
            flat(each, f"{name}.{i}" if name else str(i), tensors, values)
    else:
        values[name] = value


def save(name, value, **options):
    torch.save(value, os.path.join(folder, f"{name}.pt"), **options)
    tensors, values = {}, {}
    flat(value, "", tensors, values)
    arrays = {
        key or "(alone)": (each.float() if each.dtype in (torch.bfloat16, torch.float16) else each).contiguous().numpy()
        for key, each in tensors.items()
    }
    numpy.savez(os.path.join(folder, f"{name}.npz"), **arrays)
    types = {key: str(each.dtype).replace("torch.", "") for key, each in tensors.items()}
    said[name] = {"types": types, "values": values}


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 3, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(3)

    def forward(self, x):
        return torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))


class Embedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(11, 5)
        self.head = nn.Linear(5, 11)
        self.head.weight = self.embedding.weight  # tied

    def forward(self, x):
        return self.head(self.embedding(x))


networks = {
    "mlp": nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)),
    "lenet": nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Flatten(), nn.Linear(1024, 10)
    ),
    "residual": Residual(),
    "lstm": nn.ModuleDict({"rnn": nn.LSTM(3, 5, num_layers=2, bidirectional=True), "head": nn.Linear(10, 2)}),
    "gru": nn.ModuleDict({"rnn": nn.GRU(3, 5), "head": nn.Linear(5, 2)}),
    "transformer": nn.TransformerEncoderLayer(8, 2, 16),
    "embedding": Embedded(),
    "autoencoder": nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.ConvTranspose2d(4, 1, 3, stride=2, output_padding=1)
    ),
}
networks["residual"](torch.randn(2, 3, 5, 5))  # running statistics that aren't 0 and 1
for name, network in networks.items():
    save(name, network.state_dict())

x = torch.arange(24.0).reshape(2, 3, 4) / 8
special = torch.tensor([0.0, -0.0, 1.5, 6e-8, 65504.0, float("inf"), float("-inf"), float("nan")])
save(
    "types",
    {
        "float32": x,
        "float64": x.double() / 3,
        "float16": special.half(),
        "bfloat16": special.bfloat16(),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "int8": torch.tensor([-128, 127], dtype=torch.int8),
        "int16": torch.tensor([-32768, 32767], dtype=torch.int16),
        "int32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "int64": torch.tensor([-(2**53) + 1, -1, 0, 2**32 + 5, 2**53 - 1]),
        "wide": torch.tensor([2**53 + 1, -(2**63)]),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "columns": torch.zeros(3, 0),
    },
)
base = torch.randn(4, 6)
save(
    "views",
    {
        "base": base,
        "transposed": base.t(),
        "row": base[2],
        "column": base[:, 3],
        "steps": base[::2, 1::2],
        "permuted": x.permute(2, 0, 1),
        "half": base.half().t(),
        "expanded": torch.ones(1, 3).expand(5, 3),
        "channels_last": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "window": torch.arange(6.0).unfold(0, 3, 1),
        "long": torch.arange(6).reshape(2, 3).t(),
        "byte": torch.arange(6, dtype=torch.uint8).reshape(2, 3).t(),
    },
)
model = networks["mlp"]
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(5, 4)).sum().backward()
optimizer.step()
state = model.state_dict()
checkpoint = {
    "model": state,
    "best": state,
    "optimizer": optimizer.state_dict(),
    "epoch": 3,
    "loss": 0.125,
    "done": False,
    "note": "größer",
    "none": None,
    "size": torch.Size([2, 3]),
    "large": 2**40,
    "negative": -(2**40),
    "history": [0.5, 0.25],
    "nothing": [],
    "mixed": [1, [torch.ones(2), "x"], {"y": (2.5,)}],
    7: collections.OrderedDict(a=1),
}
save("checkpoint", checkpoint)
for protocol in (3, 4, 5):
    save(f"protocol{protocol}", checkpoint, pickle_protocol=protocol)
save("parameters", [nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.zeros(3), requires_grad=False)])
save("alone", torch.randn(3, 2))
save("many", {f"layer{i}.weight": torch.full((2,), float(i)) for i in range(1500)})

torch.save(state, os.path.join(folder, "old.pt"), _use_new_zipfile_serialization=False)
torch.save(model, os.path.join(folder, "whole.pt"))
torch.save({"x": numpy.float64(3)}, os.path.join(folder, "numpy.pt"))
torch.save(torch.eye(3).to_sparse(), os.path.join(folder, "sparse.pt"))
torch.save(torch.ones(2, dtype=torch.complex64), os.path.join(folder, "complex.pt"))
torch.save(torch.ones(2).storage(), os.path.join(folder, "storage.pt"))
torch.jit.script(nn.Linear(2, 2)).save(os.path.join(folder, "script.pt"))


class Command:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


torch.save({"weight": torch.ones(2), "x": Command(os.path.join(folder, "was-run"))}, os.path.join(folder, "command.pt"))
circle = {"weight": torch.ones(2)}
circle["self"] = circle
torch.save(circle, os.path.join(folder, "circle.pt"))
pair = ([],)
pair[0].append(pair)
torch.save(pair, os.path.join(folder, "pair.pt"))
with open(os.path.join(folder, "said.json"), "w") as file:
    json.dump(said, file)
