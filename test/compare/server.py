"""Computes what compare.ts asks for, in PyTorch: a JSON document per line in, one per line out.

In: layers, loss, optimizer and steps; each step has x, y, the parameters before it, and the gradients that the library updated
with. Out: for each step the output, the loss, the gradients, the layers' state, all in float64; how far PyTorch's own float32 is
off; the parameters after PyTorch's optimizer, and how far they move when gradients are rounded to float32. A new layer is a function in
LAYERS, a new loss one in LOSSES.
"""

import base64
import functools
import json
import math
import sys
import traceback

import numpy as np
import torch
import torch.nn.functional as F

import ops


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def window(o):
    """Strides, padding, dilation of two axes."""
    return pair(o["strides"]), padding(o), pair(o.get("dilation", 1))


def padding(o):
    """valid, same, or (before, after) of each axis: the library has top, bottom, left, right."""
    value = o["padding"]
    if isinstance(value, str):
        return value
    return [value] if len(value) == 2 else [value[:2], value[2:]]


def pool(kind):
    """One of images, or of sequences, which are images of height 1."""
    def run(x, o):
        size, strides, dilation = (pair(v) if x.dim() == 4 else (1, v) for v in (o["size"], o["strides"], o.get("dilation", 1)))
        pads = padding(o)
        if x.dim() == 3:
            return run_on(x[:, None], size, strides, pads, dilation, o)[:, 0]
        return run_on(x, size, strides, pads, dilation, o)

    def run_on(x, size, strides, pads, dilation, o):
        pads = [(0, 0), pads[0]] if isinstance(pads, list) and len(pads) == 1 else pads
        if kind == "max":
            return ops.max_pool2d(x, size, strides, pads, dilation, o.get("ceilMode", False))
        return ops.avg_pool2d(x, size, strides, pads, dilation, o.get("countPadding", False), o.get("ceilMode", False))
    return lambda x, _p, o, _: run(x, o)


def transposed(x, p, o, _):
    """Of images, or of sequences, which are images of height 1."""
    pads, groups = padding(o), o.get("groups", 1)
    if x.dim() == 4:
        how = pair(o.get("dilation", 1)), groups, pair(o.get("outputPadding", 0))
        return ops.conv2d_transpose(x, p["kernel"], p.get("bias"), pair(o["strides"]), pads, *how)
    pads = [(0, 0), pads[0]] if isinstance(pads, list) else pads
    how = (1, o.get("dilation", 1)), groups, (0, o.get("outputPadding", 0))
    return ops.conv2d_transpose(x[:, None], p["kernel"][None], p.get("bias"), (1, o["strides"]), pads, *how)[:, 0]


def upsample(x, _p, o, _):
    factor = pair(o.get("factor", 1))
    if "factor" in o and o["interpolation"] == "nearest":
        return ops.upsample2d(x, factor)
    size = o.get("size") or [n * f for n, f in zip(x.shape[1:3], factor)]
    return ops.resize2d(x, size, o["interpolation"], o.get("coordinates"))


def one_axis(o):
    value = padding(o)
    return value[0] if isinstance(value, list) else value


# ---- layers: (x, parameters by local name, options, all that the step has) -> y -------------------------

def batch_norm(x, p, o, _):
    mean, variance = p["runningMean"].clone(), p["runningVariance"].clone()
    y = ops.batch_norm(x, p["gamma"], p["beta"], mean, variance, o["momentum"], o["epsilon"])
    p.states = {"runningMean": mean, "runningVariance": variance}
    return y


def separable(x, p, o, _):
    deep = ops.depthwise_conv2d(x, p["depthwiseKernel"], None, *window(o))
    return ops.conv2d(deep, p["pointwiseKernel"], p.get("bias"))


def sinusoidal(x, _p, _o, _):
    steps, width = x.shape[1:]
    t = torch.arange(steps, dtype=torch.float64)[:, None]
    columns = torch.arange(width)
    angles = t * 10000.0 ** (-2.0 * (columns // 2) / width)
    return x + torch.where(columns % 2 == 0, torch.sin(angles), torch.cos(angles)).to(x.dtype)


def recurrent(kind, reverse=False):
    def run(x, p, o, step):
        biases = [p[n] for n in ("bias", "biasIh", "biasHh") if n in p]
        weights = [p["weightIh"], p["weightHh"], *biases]
        backward = reverse or o.get("reverse", False)
        lengths, *states = (step["given"].get(o.get(name)) for name in ("lengths", "initialState", "initialCell"))
        after = o.get("resetAfter", True)
        if after and lengths is None:
            out, h = ops.torch_recurrent(kind, x, weights, *states, reverse=backward)
        else:
            lengths = None if lengths is None else lengths[:, 0]
            out, h, _ = ops.recurrent(kind if after else "gru_before", x, weights, *states, lengths, backward)
        return out if o["returnSequences"] else h
    return run


def bidirectional(x, p, o, step):
    (cell,), = o["inner"]
    kind = {"simpleRnn": "simple_rnn"}.get(cell["type"], cell["type"])
    parts = [recurrent(kind, way == "backward")(x, p.below(way), cell["options"], step) for way in ("forward", "backward")]
    return torch.cat(parts, -1)


def attention(x, p, o, step):
    names = {f"{kind}_{s}": p.get(f"{kind}{s.upper()}") for s in "qkvo" for kind in ("weight", "bias")}
    given = {slot: step["given"].get(o.get(name)) for slot, name in
             {"key_mask": "keyMask", "memory": "memory", "mask": "mask", "score_bias": "scoreBias"}.items()}
    return ops.attention(x, {n: v for n, v in names.items() if v is not None}, o["heads"], o["causal"], **given)[0]


def crop(x, _p, o, _):
    top, bottom, left, right = o["border"]
    return x[:, top:x.shape[1] - bottom, left:x.shape[2] - right]


def zero_pad(x, _p, o, _):
    top, bottom, left, right = o["border"]
    return F.pad(x, (0, 0, left, right, top, bottom))


def residual(x, _p, o, step):
    return x + chain(x, o["inner"][0], step)


def concat(x, _p, o, step):
    axis = o.get("axis", -1)
    return torch.cat([chain(x, branch, step) for branch in o["inner"]], axis + 1 if axis >= 0 else axis)


def branches(x, o, step):
    return [chain(x, branch, step) for branch in o["inner"]]


def operator(function):
    """Of the branches, from the first to the last."""
    return lambda x, _p, o, step: functools.reduce(function, branches(x, o, step))


def average(x, _p, o, step):
    values = branches(x, o, step)
    return sum(values[1:], values[0]) / len(values)


def vectors(value):
    """What is left without its last axis: a number for the only one."""
    return value if value.dim() > 1 else value[:, None]


def dot(x, _p, o, step):
    a, b = branches(x, o, step)
    return vectors(F.cosine_similarity(a, b, -1) if o["normalize"] else (a * b).sum(-1))


def matmul(x, _p, o, step):
    a, b = branches(x, o, step)
    return (a.mT if o["transposeA"] else a) @ (b.mT if o["transposeB"] else b)


def reduction(function):
    """Along an axis of a row."""
    def run(x, _p, o, _):
        axis = o["axis"] + 1 if o["axis"] >= 0 else o["axis"]
        return function(x, axis, o["keepAxis"]) if x.dim() > 2 else function(x, axis, True)
    return run


def part(x, _p, o, _):
    axis = o["axis"] + 1
    start = o["from"] if o["from"] >= 0 else o["from"] + x.shape[axis]
    return x.narrow(axis, start, o["to"] - start)


def pick(x, _p, o, step):
    axis = o["axis"] + 1
    if o["index"] == "lastValid":
        lengths = step["given"].get(o["lengths"], torch.full((len(x),), x.shape[axis]))
        rows = [row.select(axis - 1, int(n) - 1) for row, n in zip(x, lengths.flatten())]
        return vectors(torch.stack(rows))
    return vectors(x.select(axis, o["index"]))


LAYERS = {
    "dense": lambda x, p, o, _: F.linear(x, p["weight"].t(), p.get("bias")),
    "conv1d": lambda x, p, o, _: ops.conv1d(x, p["kernel"], p.get("bias"), o["strides"], one_axis(o), o["dilation"], o["groups"]),
    "conv2d": lambda x, p, o, _: ops.conv2d(x, p["kernel"], p.get("bias"), *window(o), o["groups"]),
    "depthwiseConv2d": lambda x, p, o, _: ops.depthwise_conv2d(x, p["kernel"], p.get("bias"), *window(o)),
    "separableConv2d": separable,
    "conv2dTranspose": transposed,
    "conv1dTranspose": transposed,
    "maxPool1d": pool("max"),
    "maxPool2d": pool("max"),
    "avgPool1d": pool("avg"),
    "avgPool2d": pool("avg"),
    "globalMaxPool1d": lambda x, p, o, _: x.amax(1),
    "globalMaxPool2d": lambda x, p, o, _: x.amax((1, 2)),
    "globalAvgPool1d": lambda x, p, o, _: x.mean(1),
    "globalAvgPool2d": lambda x, p, o, _: x.mean((1, 2)),
    "upsample2d": upsample,
    "pad": lambda x, _p, o, _: ops.pad(x, o["before"], o["after"], o["mode"], o.get("value", 0.0)),
    "zeroPad2d": zero_pad,
    "crop2d": crop,
    "flatten": lambda x, p, o, _: x.flatten(1),
    "reshape": lambda x, p, o, _: x.reshape(len(x), *o["shape"]),
    "permute": lambda x, p, o, _: x.permute(0, *(axis + 1 for axis in o["order"])),
    "repeatVector": lambda x, p, o, _: x[:, None].expand(-1, o["times"], -1),
    "batchNorm": batch_norm,
    "layerNorm": lambda x, p, o, _: ops.layer_norm(x, p["gamma"], p["beta"], o["epsilon"]),
    "groupNorm": lambda x, p, o, _: ops.group_norm(x, o["groups"], p["gamma"], p["beta"], o["epsilon"]),
    "instanceNorm": lambda x, p, o, _: ops.group_norm(x, x.shape[-1], p["gamma"], p["beta"], o["epsilon"]),
    "rmsNorm": lambda x, p, o, _: ops.rms_norm(x, p["gamma"], o["epsilon"]),
    "localResponseNorm": lambda x, p, o, _: ops.local_response_norm(x, o["size"], o["alpha"], o["beta"], o["bias"]),
    "embedding": lambda x, p, o, _: F.embedding(x.long(), p["weight"]),
    "positionalEmbedding": lambda x, p, o, _: x + p["weight"],
    "sinusoidalEmbedding": sinusoidal,
    "prelu": lambda x, p, o, _: ops.prelu(x, p["slope"]),
    "simpleRnn": recurrent("simple_rnn"),
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
    "bidirectional": bidirectional,
    "attention": attention,
    "selfAttention": attention,
    "residual": residual,
    "concat": concat,
    "multiply": operator(torch.mul),
    "subtract": operator(torch.sub),
    "divide": operator(torch.div),
    "maximum": operator(torch.maximum),
    "average": average,
    "dot": dot,
    "matmul": matmul,
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "max": reduction(lambda x, axis, keep: x.max(axis, keepdim=keep).values),
    "slice": part,
    "pick": pick,
    "celu": lambda x, p, o, _: F.celu(x, o["alpha"]),
    "clip": lambda x, p, o, _: ops.clip(x, **{bound: o[bound] for bound in ("low", "high") if bound in o}),
    "elu": lambda x, p, o, _: ops.elu(x, o["alpha"]),
    "gelu": lambda x, p, o, _: F.gelu(x, approximate=o["approximate"]),
    "hardSigmoid": lambda x, p, o, _: ops.hard_sigmoid(x, o["slope"], o["offset"]),
    "hardSwish": lambda x, p, o, _: ops.hard_swish(x),
    "leakyRelu": lambda x, p, o, _: ops.leaky_relu(x, o["slope"]),
    "logSoftmax": lambda x, p, o, _: F.log_softmax(x, -1),
    "mish": lambda x, p, o, _: F.mish(x),
    "relu": lambda x, p, o, _: ops.relu(x),
    "relu6": lambda x, p, o, _: ops.relu6(x),
    "selu": lambda x, p, o, _: ops.selu(x, o["alpha"], o["scale"]),
    "shrink": lambda x, p, o, _: ops.shrink(x, o["threshold"], o["bias"]),
    "sigmoid": lambda x, p, o, _: torch.sigmoid(x),
    "silu": lambda x, p, o, _: F.silu(x),
    "softmax": lambda x, p, o, _: F.softmax(x, -1),
    "softplus": lambda x, p, o, _: F.softplus(x, threshold=1e9),
    "softsign": lambda x, p, o, _: F.softsign(x),
    "tanh": lambda x, p, o, _: torch.tanh(x),
    "thresholdedRelu": lambda x, p, o, _: ops.thresholded_relu(x, o["threshold"]),
}


# ---- losses: (x, y, options) -> each, and what a mean divides by where that isn't their number ---------------

def binary(x, y, o):
    clamp = o["clamp"]
    known = {"none": {"kind": "none"}, "log": {"kind": "log_min"}}
    return ops.binary_cross_entropy(x, y, known[clamp] if isinstance(clamp, str) else {"kind": "prob", "low": clamp[0], "high": clamp[1]})


def classes(x, y, o):
    weight = o.get("classWeights")
    weight = None if weight is None else torch.tensor(weight, dtype=x.dtype)
    each, _ = ops.class_loss(x, y, weight, o.get("labelSmoothing", 0.0))
    labelled = weight is not None and y.dim() < x.dim()
    return each, weight[y.long()] if labelled else torch.ones_like(each)


def quantile(x, y, o):
    q = torch.tensor(o["quantile"], dtype=x.dtype)
    d = (y.reshape(*x.shape[:-1], 1) if q.dim() else y) - x
    ops.kink(d.detach().abs(), x.detach())
    return torch.maximum(q * d, (q - 1) * d)


def focal(x, y, o):
    """torchvision's sigmoid_focal_loss."""
    p = torch.sigmoid(x)
    missed = 1 - (p * y + (1 - p) * (1 - y))
    each = F.binary_cross_entropy_with_logits(x, y, reduction="none") * missed ** o["gamma"]
    alpha = o.get("alpha")
    return each if alpha is None else (alpha * y + (1 - alpha) * (1 - y)) * each


def cosine_similarity(x, y, o):
    n = x.shape[-1]
    each = F.cosine_embedding_loss(x.reshape(-1, n), y.reshape(-1, n), torch.ones(x.numel() // n, dtype=x.dtype), reduction="none")
    return each.reshape(x.shape[:-1])


def dice(x, y, o):
    p, t = x.flatten(1), y.flatten(1)
    return 1 - (2 * (p * t).sum(1) + o["smooth"]) / (p.sum(1) + t.sum(1) + o["smooth"])


def triplet_margin(x, y, o):
    a, p, n = x.flatten(1).chunk(3, 1)
    distance = torch.nn.PairwiseDistance(o["p"])
    ops.kink((distance(a, p) - distance(a, n) + o["margin"]).detach().abs(), x.detach())
    if o["p"] == 1:
        ops.kink(torch.cat([a - p, a - n]).detach().abs(), x.detach())
    return F.triplet_margin_loss(a, p, n, o["margin"], o["p"], reduction="none")


def ctc(x, y, o):
    y = y.long()
    steps, labels = (y[:, 0], y[:, 1:]) if o["lengths"] else (torch.full((len(y),), x.shape[1]), y)
    counts = (labels >= 0).sum(1)
    logs = F.log_softmax(x, -1).transpose(0, 1)
    return F.ctc_loss(logs, labels.clamp(min=0), steps, counts, o["blank"], "none", o["zeroInfinity"])


LOSSES = {
    "meanSquaredError": lambda x, y, o: F.mse_loss(x, y, reduction="none"),
    "meanAbsoluteError": lambda x, y, o: ops.mae(x, y),
    "huber": lambda x, y, o: ops.huber(x, y, o["delta"]),
    "hinge": lambda x, y, o: ops.hinge(x, y, o["margin"]),
    "binaryCrossEntropy": binary,
    "binaryCrossEntropyWithLogits": lambda x, y, o: ops.bce_with_logits(x, y, o["positiveWeight"]),
    "klDivergence": lambda x, y, o: ops.kl_divergence(x, y),
    "softmaxCrossEntropy": lambda x, y, o: classes(F.log_softmax(x, -1), y, o),
    "negativeLogLikelihood": classes,
    "poisson": lambda x, y, o: F.poisson_nll_loss(x, y, o["logInput"], reduction="none"),
    "quantile": quantile,
    "cosineSimilarity": cosine_similarity,
    "focal": focal,
    "dice": dice,
    "tripletMargin": triplet_margin,
    "ctc": ctc,
    "sequenceCrossEntropy": lambda x, y, o: classes(F.log_softmax(x, -1), y, o),
}


def loss_of(loss, x, y, weights):
    made = LOSSES[loss["type"]](x, y, loss["options"])
    each, count = made if isinstance(made, tuple) else (made, torch.ones_like(made))
    rows = torch.ones(len(x), dtype=x.dtype) if weights is None else weights
    rows = rows.reshape(-1, *[1] * (each.dim() - 1))
    total = (each * rows).sum()
    reduction = loss["options"].get("reduction", "mean")
    return total if reduction == "sum" else total / (rows.sum() if reduction == "batchMean" else (count * rows).sum())


# ---- a case -------------------------------------------------------------------------------------------

class Scope(dict):
    """A layer's parameters by their local names; below("forward") are those of a layer inside."""

    def below(self, name):
        return Scope({k[len(name) + 1:]: v for k, v in self.items() if k.startswith(name + ".")})


def chain(x, layers, step):
    for layer in layers:
        prefix = layer["name"] + "."
        scope = Scope({n[len(prefix):]: v for n, v in step["tensors"].items() if n.startswith(prefix)})
        x = LAYERS[layer["type"]](x, scope, {**layer["options"], "inner": layer.get("inner")}, step)
        for name, value in getattr(scope, "states", {}).items():
            step["states"][prefix + name] = value.detach()
    return x


def decode(array):
    kind = {"f": "<f4", "i": "<i4"}[array["kind"]]
    return np.frombuffer(base64.b64decode(array["data"]), kind).reshape(array["shape"])


def encode(tensor):
    return base64.b64encode(tensor.detach().double().contiguous().numpy().tobytes()).decode()


def tensor(array, dtype):
    values = torch.tensor(decode(array))
    return values.to(dtype) if array["kind"] == "f" else values


def forward_and_backward(case, step, dtype):
    x = tensor(step["x"], dtype)
    if x.is_floating_point():
        x.requires_grad_()
    tensors = {n: tensor(a, dtype) for n, a in step["parameters"].items()}
    for name in step["trained"]:
        tensors[name].requires_grad_()
    (_, shape), *others = case["inputs"]
    parts = x.flatten(1).split([math.prod(size) for _, size in case["inputs"]], 1) if others else [x]
    given = {name: part.reshape(-1, *size) for (name, size), part in zip(others, parts[1:])}
    run = {"tensors": tensors, "states": {}, "given": given}
    output = chain(parts[0].reshape(-1, *shape), case["layers"], run)
    weights = tensor(step["weights"], dtype) if step.get("weights") else None
    value = loss_of(case["loss"], output, tensor(step["y"], dtype), weights)
    value.backward()
    zero = lambda p: torch.zeros_like(p) if p.grad is None else p.grad
    gradients = {n: zero(tensors[n]) for n in step["trained"]}
    return {"output": output, "loss": value.reshape(1), **{f"d {n}": g for n, g in gradients.items()}, **run["states"],
            **({"d x": zero(x)} if x.requires_grad else {})}


class Updates:
    """PyTorch's optimizer on parameters that are set before each step; `rounds`: on gradients as float32 has them."""

    def __init__(self, optimizer, rounds):
        names = {"learningRate": "lr", "weightDecay": "weight_decay", "epsilon": "eps", "initialAccumulator": "initial_accumulator"}
        o = optimizer["options"]
        self.kind, self.l1, self.rounds = optimizer["type"], o["l1"], rounds
        self.given = {names.get(k, k): v for k, v in o.items() if k not in ("l1", "clipValue", "clipNorm", "clipGlobalNorm")}
        self.clips = {"clip_value": o.get("clipValue"), "clip_norm": o.get("clipNorm"), "clip_global_norm": o.get("clipGlobalNorm")}
        self.parameters, self.update = None, None

    def round(self):
        if self.rounds:
            for p in self.parameters:
                p.grad = p.grad.float().double()

    def after(self, step):
        if self.update is None:
            self.parameters = [torch.zeros(decode(step["parameters"][n]).shape, dtype=torch.float64, requires_grad=True) for n in step["trained"]]
            self.update = ops.optimizer(self.parameters, self.kind, **self.given)
        for p, n in zip(self.parameters, step["trained"]):
            p.data.copy_(tensor(step["parameters"][n], torch.float64))
            p.grad = tensor(step["gradients"][n], torch.float64)
        ops.clip_gradients(self.parameters, **self.clips)
        self.round()
        ops.add_l1(self.parameters, float(np.float32(self.l1)) if self.rounds else self.l1)
        self.round()
        self.update.step()
        return {n: p.detach().clone() for p, n in zip(self.parameters, step["trained"])}


def most(values, others):
    """The largest difference of each tensor."""
    return {n: (others[n].detach().double() - v.detach()).abs().max().item() if v.numel() else 0.0 for n, v in values.items()}


def run(case):
    exact, rounded = (Updates(case["optimizer"], rounds) for rounds in (False, True))
    steps = []
    for step in case["steps"]:
        ops.kinks.clear()
        wide = forward_and_backward(case, step, torch.float64)
        nearest = min(ops.kinks + [1.0])  # infinite where windows have one cell
        narrow = forward_and_backward(case, step, torch.float32)
        updated = exact.after(step)
        unsure = most(updated, rounded.after(step))
        if not all(torch.isfinite(v).all() for made in (wide, narrow) for v in made.values()):
            nearest, narrow = 0.0, wide  # beyond what float32 can tell
        steps.append({"values": {n: encode(v) for n, v in wide.items()}, "noise": most(wide, narrow), "kink": nearest,
                      "updated": {n: encode(p) for n, p in updated.items()}, "unsure": unsure})
    return {"steps": steps}


def main():
    torch.set_num_threads(1)
    for line in sys.stdin:
        try:
            answer = json.dumps(run(json.loads(line)), allow_nan=False)
        except Exception:  # the other side reports it with the case
            answer = json.dumps({"error": traceback.format_exc()})
        print(answer, flush=True)


if __name__ == "__main__":
    main()
