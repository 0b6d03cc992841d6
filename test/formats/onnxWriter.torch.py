# Exports networks by PyTorch, and prints the same graphs as text, by the protobuf library in it; or checks files by ONNX's own checker.
#   python3 onnxWriter.torch.py export FOLDER
#   python3 onnxWriter.torch.py check FILE...
import json
import sys
import warnings

import torch
from torch import nn

TYPES = "float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool".split()


class Types(nn.Module):
    """Initializers of every type of PyTorch."""

    def __init__(self):
        super().__init__()
        for name in TYPES:
            numbers = torch.tensor([[0, 1, 100], [3, 2, 1]]) if name == "bool" else torch.tensor([[0, -1, 100], [-3, 2, 1]])
            self.register_buffer("of_" + name, numbers.to(getattr(torch, name)))

    def forward(self, x):
        return sum(buffer.to(torch.float32) for buffer in self.buffers()) + x


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 2, batch_first=True, bidirectional=True)
        self.layer = nn.TransformerEncoderLayer(4, 2, 5)

    def forward(self, x):
        return self.layer(self.lstm(x)[0][:, 1:])


class Bag(nn.Module):
    """A Loop, whose body is a graph in an attribute."""

    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(5, 2, mode="mean")

    def forward(self, x):
        return self.bag(x)


def image():
    upper = [nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.LeakyReLU(0.1), nn.MaxPool2d(2)]
    return nn.Sequential(*upper, nn.Upsample(scale_factor=2), nn.Flatten(), nn.Linear(32, 3))


def export(folder):
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    texts = []
    write = torch._C.Graph._export_onnx

    def write_both(graph, params, opset, axes, defer, kind, strip, keep, custom, names, *rest):
        texts.append(graph._pretty_print_onnx(params, opset, False, kind, True, keep, custom, names))
        return write(graph, params, opset, axes, defer, kind, strip, keep, custom, names, *rest)

    torch._C.Graph._export_onnx = write_both
    types = Types()
    steps = torch.randn(2, 4, 3)
    networks = {
        "types": (types, torch.zeros(2, 3), 13),
        "sequence11": (Sequence().eval(), steps, 11),
        "sequence17": (Sequence().eval(), steps, 17),
        "bag": (Bag().eval(), torch.zeros(2, 3, dtype=torch.long), 13),
        "image": (image().eval(), torch.randn(2, 1, 4, 4), 16),
    }
    for name, (network, x, opset) in networks.items():
        torch.onnx.export(
            network,
            x,
            f"{folder}/{name}.onnx",
            input_names=["x"],
            output_names=["y"],
            opset_version=opset,
            dynamic_axes={"x": {0: "x_dim_0"}},
            do_constant_folding=False,
        )
        with open(f"{folder}/{name}.txt", "w") as file:
            file.write(texts[-1])
    print(json.dumps({name: getattr(types, "of_" + name).double().flatten().tolist() for name in TYPES}))


def check(files):
    answers = []
    for name in files:
        with open(name, "rb") as file:
            try:
                torch._C._check_onnx_proto(file.read())
                answers.append("")
            except RuntimeError as error:
                answers.append(str(error))
    print(json.dumps(answers))


if sys.argv[1] == "export":
    export(sys.argv[2])
else:
    check(sys.argv[2:])
