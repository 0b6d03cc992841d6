"""What PyTorch and NumPy have of one network: `convert.py make FOLDER` writes it, `convert.py check FOLDER` reads what came of it."""

import os
import sys
import warnings
from collections import OrderedDict

import numpy
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def network():
    return torch.nn.Sequential(
        OrderedDict(
            conv1=torch.nn.Conv2d(1, 4, 3),
            relu1=torch.nn.ReLU(),
            pool=torch.nn.MaxPool2d(2),
            flat=torch.nn.Flatten(),
            dense1=torch.nn.Linear(4 * 5 * 4, 6),
            tanh=torch.nn.Tanh(),
            dense2=torch.nn.Linear(6, 3),
        )
    )


class Sequence(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(11, 5)
        self.rnn = torch.nn.LSTM(5, 4, batch_first=True, bidirectional=True)
        self.norm = torch.nn.LayerNorm(8)
        self.end = torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.end(self.norm(self.rnn(self.words(x))[0])[:, -1])


def export(model, x, path, dynamic):
    axes = {"image": {0: "N"}, "scores": {0: "N"}} if dynamic else None
    torch.onnx.export(
        model, x, path, opset_version=13, input_names=["image"], output_names=["scores"], dynamic_axes=axes,
    )


def make():
    torch.manual_seed(1)
    net = network().eval()
    state = net.state_dict()
    torch.save(state, "net.pt")
    torch.save(
        {"model": state, "epoch": 3, "half": torch.tensor([0.1, 2.0]).half(), "brain": torch.tensor([[0.1]]).bfloat16(),
         "steps": torch.arange(4), "flags": torch.tensor([True, False])},
        "checkpoint.pth",
    )
    numpy.savez("weights.npz", **{name: each.numpy() for name, each in state.items()})
    x = torch.randn(7, 1, 12, 10)
    y = net(x).detach().numpy()
    last = x.permute(0, 2, 3, 1).contiguous().numpy()
    numpy.savez("last.npz", x=last, y=y)
    numpy.savez("first.npz", image=x.numpy(), scores=y)
    numpy.savez("wrong.npz", x=last, y=y + numpy.float32(0.001))
    export(net, x, "net.onnx", True)
    export(net, x, "fixed.onnx", False)
    words = torch.randint(0, 11, (5, 6))
    sequence = Sequence().eval()
    export(sequence, words, "sequence.onnx", True)
    numpy.savez("words.npz", image=words.numpy(), scores=sequence(words).detach().numpy())
    numpy.save("one.npy", last)


def check():
    """The state dict gives PyTorch's outputs again; the others have the same tensors."""
    from_npz = numpy.load("state.npz")
    net = network().eval()
    net.load_state_dict({name: torch.from_numpy(from_npz[name]) for name in from_npz})
    given = numpy.load("first.npz")
    found = net(torch.from_numpy(given["image"])).detach().numpy()
    assert numpy.array_equal(found, given["scores"]), numpy.abs(found - given["scores"]).max()
    everything = numpy.load("checkpoint.npz")
    saved = torch.load("checkpoint.pth")
    assert everything["half"].dtype == numpy.float16 and numpy.array_equal(everything["half"], saved["half"].numpy())
    assert everything["brain"].dtype == numpy.float32 and everything["brain"][0, 0] == saved["brain"].float()[0, 0]
    assert everything["steps"].dtype == numpy.int64 and everything["steps"].tolist() == [0, 1, 2, 3]
    assert everything["flags"].dtype == numpy.bool_ and everything["flags"].tolist() == [True, False]
    assert sorted(everything) == sorted(["model." + name for name in saved["model"]] + ["half", "brain", "steps", "flags"])
    print("read")


if __name__ == "__main__":
    os.chdir(sys.argv[2])
    {"make": make, "check": check}[sys.argv[1]]()
