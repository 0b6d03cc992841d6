# Networks of PyTorch: `write FOLDER` saves for each NAME.pt also NAME.torch.safetensors and NAME.npz with an input x and the output y (channels
# last), `read FOLDER` loads each NAME.TYPE.safetensors into the network and prints how far its output is off y of NAME.TYPE.npz.
import json
import os
import struct
import sys

import numpy
import torch
from torch import nn

todo, folder = sys.argv[1:]
torch.manual_seed(3)


class Last(nn.Module):
    """The last step of a recurrent layer, then a linear one."""

    def __init__(self, rnn, outputs):
        super().__init__()
        self.rnn = rnn
        self.head = nn.Linear(rnn.hidden_size, outputs)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0])


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 3, 3, padding=1, groups=1)
        self.bn2 = nn.BatchNorm2d(3)
        self.fc = nn.Linear(3 * 4 * 5, 2)

    def forward(self, x):
        x = torch.relu(x + self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))
        return self.fc(torch.flatten(x, 1))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0)

    def forward(self, x):
        return self.layer(x)


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.head = nn.Linear(6, 11)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.embedding(x.long()))


class Block(nn.Module):
    """A block of a ResNet with a projection in its shortcut."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=2, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.downsample(x))


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(11, 6, mode="mean")
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.bag(x.long()))


class Sequences(nn.Module):
    """Channels first, as PyTorch's convolutions of sequences are."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(3, 4, 2), nn.PReLU(4), nn.ConvTranspose1d(4, 5, 2), nn.BatchNorm1d(5))
        self.fc = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(25), nn.Linear(25, 2))

    def forward(self, x):
        return self.fc(self.body(x.transpose(1, 2)))


pictures = lambda *shape: torch.randn(2, *shape)
networks = {
    "mlp": (nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.LayerNorm(3)), torch.randn(2, 4)),
    "lenet": (
        nn.Sequential(
            nn.Conv2d(1, 6, 3), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3, groups=2), nn.Flatten(), nn.Dropout(0.1), nn.Linear(48, 10)
        ),
        pictures(1, 12, 10),
    ),
    "residual": (Residual(), pictures(3, 4, 5)),
    "rnn": (Last(nn.RNN(3, 4, batch_first=True), 2), torch.randn(2, 5, 3)),
    "gru": (Last(nn.GRU(3, 4, batch_first=True), 2), torch.randn(2, 5, 3)),
    "lstm": (Both(), torch.randn(2, 5, 3)),
    "encoder": (Encoder(), torch.randn(2, 5, 8)),
    "words": (Words(), torch.randint(0, 11, (2, 5)).float()),
    "decoder": (
        nn.Sequential(
            nn.Linear(4, 60), nn.BatchNorm1d(60), nn.ReLU(), nn.Unflatten(1, (3, 4, 5)), nn.ConvTranspose2d(3, 2, 3, stride=2)
        ),
        torch.randn(2, 4),
    ),
    "resnet": (
        nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(4, 6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2)
        ),
        pictures(3, 12, 12),
    ),
    "autoencoder": (
        nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.ConvTranspose2d(4, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid()
        ),
        pictures(1, 8, 8),
    ),
    "encoders": (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0, norm_first=True), 2, norm=nn.LayerNorm(8)),
        torch.randn(2, 5, 8),
    ),
    "bag": (Bag(), torch.randint(0, 11, (2, 5)).float()),
    "depthwise": (
        nn.ModuleDict({"depthwise": nn.Conv2d(3, 6, 3, groups=3), "pointwise": nn.Conv2d(6, 2, 1)}),
        pictures(3, 6, 5),
    ),
    "separable": (
        nn.ModuleDict({"depthwise": nn.Conv2d(3, 6, 2, groups=3, bias=False), "pointwise": nn.Conv2d(6, 4, 1)}),
        pictures(3, 6, 5),
    ),
    "sequences": (Sequences(), torch.randn(2, 5, 3)),
    "groups": (nn.Sequential(nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.Conv2d(4, 8, 2, groups=4)), pictures(4, 5, 6)),
}
for name in ("depthwise", "separable"):
    networks[name][0].forward = lambda x, own=networks[name][0]: own["pointwise"](own["depthwise"](x))


def last(x):
    return (x.movedim(1, -1) if x.dim() == 4 else x).numpy()


KINDS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


def save(path, tensors):
    header, body = {}, b""
    for name, tensor in tensors.items():
        data = tensor.contiguous().numpy().tobytes()
        dtype = next(key for key, kind in KINDS.items() if kind == tensor.dtype)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    part = lambda entry: bytearray(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]])
    read = lambda entry: torch.frombuffer(part(entry), dtype=KINDS[entry["dtype"]]).reshape(entry["shape"])
    return {name: read(entry) for name, entry in header.items()}


off = {}
for name, (network, x) in networks.items():
    if todo == "write":
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
            for key, buffer in network.named_buffers():
                if "running" in key:
                    buffer.add_(0.5 * torch.rand_like(buffer))
            y = network.eval()(x)
        torch.save(network.state_dict(), os.path.join(folder, f"{name}.pt"))
        save(os.path.join(folder, f"{name}.torch.safetensors"), network.state_dict())
        numpy.savez(os.path.join(folder, f"{name}.npz"), x=last(x), y=last(y))
        continue
    for kind in ("F32", "F16", "BF16"):
        network.load_state_dict(load(os.path.join(folder, f"{name}.{kind}.safetensors")), strict=True)
        given = numpy.load(os.path.join(folder, f"{name}.{kind}.npz"))
        x = torch.from_numpy(given["x"])
        with torch.no_grad():
            y = network.eval()(x.movedim(-1, 1) if x.dim() == 4 else x)
        off[f"{name}.{kind}"] = float(numpy.abs(last(y) - given["y"]).max())
print(json.dumps(off))
