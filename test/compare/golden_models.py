"""The second golden set's training runs: models of every kind of layer."""

import itertools

import numpy as np
import torch

import golden_scalars
import ops

OPTIMIZERS = [
    {"type": "sgd", "lr": 0.05, "momentum": 0.8}, {"type": "adam", "lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-3},
    {"type": "rmsprop", "lr": 0.003, "rho": 0.9, "eps": 1e-3}, {"type": "adamw", "lr": 0.01, "weight_decay": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
    {"type": "sgd", "lr": 0.1, "nesterov": True, "momentum": 0.5, "weight_decay": 0.01},
]
ACTIVATIONS = {"linear": lambda x, c: x, "sigmoid": lambda x, c: torch.sigmoid(x), "tanh": lambda x, c: torch.tanh(x), "relu": lambda x, c: torch.relu(x),
               "silu": lambda x, c: torch.nn.functional.silu(x), "gelu": lambda x, c: torch.nn.functional.gelu(x, approximate=c.get("approximate", "none")),
               "elu": lambda x, c: ops.elu(x, c["alpha"]), "leaky_relu": lambda x, c: torch.nn.functional.leaky_relu(x, c["negative_slope"]),
               "softplus": lambda x, c: torch.nn.functional.softplus(x), "softmax": lambda x, c: torch.softmax(x, -1), "log_softmax": lambda x, c: torch.log_softmax(x, -1)}


def forward(layers, x, t, training, masks=None):
    """t: tensors by name; running statistics are moved in training."""
    for c in layers:
        get = lambda key: t[c[key]] if key in c else None
        kind = c["type"]
        window = lambda: (get("kernel"), get("bias"), c.get("stride", 1), c.get("padding", "valid"))
        if kind == "dense":
            x = x @ get("weight") + (get("bias") if "bias" in c else 0)
        elif kind == "conv2d":
            x = ops.conv2d(x, *window(), c.get("dilation", (1, 1)), c.get("groups", 1))
        elif kind == "depthwise_conv2d":
            x = ops.depthwise_conv2d(x, *window(), c.get("dilation", (1, 1)))
        elif kind == "conv1d":
            x = ops.conv1d(x, *window(), c.get("dilation", 1))
        elif kind == "conv2d_transpose":
            x = ops.conv2d_transpose(x, *window())
        elif kind in ("max_pool2d", "avg_pool2d"):
            x = getattr(ops, kind)(x, c["pool_size"], c["stride"], c.get("padding", "valid"))
        elif kind.startswith("global_avg_pool"):
            x = x.mean(tuple(range(1, x.dim() - 1)))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "upsample2d":
            x = ops.upsample2d(x, c["factor"])
        elif kind == "batch_norm":
            x = ops.batch_norm(x, get("gamma"), get("beta"), get("running_mean"), get("running_var"), c["momentum"], c["eps"], training)
        elif kind == "layer_norm":
            x = ops.layer_norm(x, get("gamma"), get("beta"), c["eps"])
        elif kind == "dropout":
            x = x * masks[c["masks"]].to(x.dtype) / (1 - c["rate"]) if training else x
        elif kind == "embedding":
            x = get("weight")[x.long()]
        elif kind == "position":
            x = x + get("weight")
        elif kind == "residual":
            x = x + forward(c["layers"], x, t, training, masks)
        elif kind == "self_attention":
            x = ops.attention(x, {f"{a}_{b}": get(f"{a}_{b}") for a in ("weight", "bias") for b in "qkvo"}, c["num_heads"], c["causal"])[0]
        elif kind in ("simple_rnn", "lstm", "gru"):
            out, h, _ = ops.recurrent(kind, x, [get(k) for k in ("weight_ih", "weight_hh", "bias", "bias_ih", "bias_hh") if k in c])
            x = out if c["return_sequences"] else h
        elif kind == "bidirectional_lstm":
            both = [ops.recurrent("lstm", x, [get(p + k) for k in ("weight_ih", "weight_hh", "bias")], reverse=p[0] == "b") for p in ("fwd_", "bwd_")]
            x = torch.cat([b[0 if c["return_sequences"] else 1] for b in both], -1)
        elif kind == "activation":
            x = ACTIVATIONS[c["name"]](x, c)
        else:
            x = ACTIVATIONS[kind](x, c)
        if "activation" in c:
            x = ACTIVATIONS[c["activation"]](x, c)
    return x


def loss_of(c, x, y, weight=None):
    kind = c["type"]
    count = None
    if kind in ("softmax_cross_entropy", "nll"):
        each, count = ops.class_loss(torch.log_softmax(x, -1) if kind[0] == "s" else x, y, weight, c.get("label_smoothing", 0.0))
    else:
        each = {"mse": lambda: (x - y) ** 2, "mae": lambda: ops.mae(x, y), "huber": lambda: ops.huber(x, y, c["delta"]),
                "bce_with_logits": lambda: ops.bce_with_logits(x, y, c.get("pos_weight", 1.0)), "hinge": lambda: ops.hinge(x, y, c["margin"]),
                "kl_divergence": lambda: ops.kl_divergence(x, y), "binary_cross_entropy": lambda: ops.binary_cross_entropy(x, y, c["clamp"])}[kind]()
    divisor = 1 if c["reduction"] == "sum" else len(x) if c["reduction"] == "batchmean" else each.numel() if count is None else count
    return each.sum() / divisor


class Model:
    """Collects a model's layers and their parameters."""

    def __init__(self, w):
        self.w, self.given, self.number, self.masks = w, {}, itertools.count(1), {}

    def param(self, layer, key, *shape, low=None, role="param"):
        name = f"part{layer}.{key}" if layer % 2 else f"{key}_{layer}"
        fan = int(np.prod(shape[:-1])) if len(shape) > 1 else 4
        value = self.w.normal(*shape, scale=fan ** -0.5) if low is None else self.w.uniform(*shape, low=low, high=low + 1)
        self.given[name] = (role, value)
        return name

    def dense(self, n, units, bias=True, **more):
        i = next(self.number)
        return {"type": "dense", "units": units, "weight": self.param(i, "weight", n, units), **({"bias": self.param(i, "bias", units)} if bias else {}), **more}

    def kernel(self, kind, shape, outputs, bias=True, **more):
        i = next(self.number)
        return {"type": kind, "kernel_size": list(shape[:-2]) if len(shape) > 3 else shape[0], "kernel": self.param(i, "kernel", *shape),
                **({"bias": self.param(i, "bias", outputs)} if bias else {}), **more}

    def norm(self, kind, n, **more):
        i = next(self.number)
        out = {"type": kind, "gamma": self.param(i, "gamma", n, low=0.5), "beta": self.param(i, "beta", n), "eps": 1e-3, **more}
        if kind == "batch_norm":
            out |= {"momentum": 0.2, "running_mean": self.param(i, "running_mean", n, role="buffer"), "running_var": self.param(i, "running_var", n, low=0.5, role="buffer")}
        return out

    def cell(self, kind, n, units, sequences):
        i = next(self.number)
        gates = {"simple_rnn": 1, "gru": 3}.get(kind, 4)
        out = {"type": kind, "units": units, "return_sequences": sequences}
        for p in ("fwd_", "bwd_") if kind[0] == "b" else ("",):
            out[p + "weight_ih"] = self.param(i, p + "weight_ih", n, gates * units)
            out[p + "weight_hh"] = self.param(i, p + "weight_hh", units, gates * units)
            out |= {p + b: self.param(i, p + b, gates * units) for b in (("bias_ih", "bias_hh") if kind == "gru" else ("bias",))}
        return out

    def attention(self, n, heads, causal):
        i = next(self.number)
        out = {"type": "self_attention", "num_heads": heads, "causal": causal}
        for s in "qkvo":
            out |= {f"weight_{s}": self.param(i, f"weight_{s}", n, n), f"bias_{s}": self.param(i, f"bias_{s}", n)}
        return out

    def position(self, steps, n):
        i = next(self.number)
        return {"type": "position", "weight": self.param(i, "weight", steps, n)}

    def embedding(self, vocabulary, n):
        i = next(self.number)
        return {"type": "embedding", "weight": self.param(i, "weight", vocabulary, n), "vocab_size": vocabulary, "dim": n}

    def dropout(self, rate, *shape):
        name = f"keep{next(self.number)}"
        self.masks[name] = (rate, shape)
        return {"type": "dropout", "rate": rate, "masks": name}


def run(w, name, model, layers, data, loss, target, number, ladder, rows=None, size=None, steps=8, first=None, clip=None, weight=None):
    """size: rows of a batch; without it every batch is full."""
    count = len(data)
    optimizer = OPTIMIZERS[number % len(OPTIMIZERS)]
    given = {"data": ("input", data), "target": ("target", target), **model.given}
    if weight is not None:
        given["class_weight"] = ("fixed", weight)
    if size:
        given["batches"] = ("batches", np.stack([w.random.permutation(count)[:size] for _ in range(steps)]).astype(np.int32))
    for key, (rate, shape) in model.masks.items():
        given[key] = ("mask", (w.uniform(steps, size or count, *shape) >= rate).astype(np.uint8))
    names = [n for n, (role, _) in given.items() if role == "param"]
    buffers = [n for n, (role, _) in given.items() if role == "buffer"]
    evaluated = min(count, 7)

    def compute(t):
        t = {n: v.clone() for n, v in t.items()}
        for n in names:
            t[n].requires_grad_()
        parameters = [t[n] for n in names]
        options = {k: v for k, v in optimizer.items() if k != "type"}
        update = ops.optimizer(parameters, kind=optimizer["type"], **options)
        out, losses = {}, []
        for step in range(steps):
            chosen = t["batches"][step].long() if size else slice(None)
            masks = {n: t[n][step] for n in model.masks}
            y = forward(layers, t["data"][chosen], t, True, masks)
            value = loss_of(loss, y, t["target"][chosen], t.get("class_weight"))
            update.zero_grad()
            value.backward()
            losses.append(value.detach())
            if step == 0:
                out["output_step1"] = ("aux_output", y.detach())
                out |= {f"grad_step1.{n}": ("grad_param", t[n].grad.clone()) for n in names}
                if first:
                    out |= {f"step1.{n}": ("aux_output", v) for n, v in first(t, y, value).items()}
            ops.clip_gradients(parameters, **golden_scalars.clip_options(clip))
            update.step()
            if step == 0:
                out |= {f"after_step1.{n}": ("aux_output", t[n].detach().clone()) for n in names}
        out["losses"] = ("expected", torch.stack(losses))
        out |= {f"final.{n}": ("expected", t[n].detach()) for n in [*names, *buffers]}
        with torch.no_grad():
            out["eval_output"] = ("expected", forward(layers, t["data"][:evaluated], t, False))
        return out

    trained = sum(given[n][1].size for n in names)
    config = {"layers": layers, "loss": loss, "optimizer": optimizer, "steps": steps, "eval_rows": evaluated,
              "batch": {"indices": "batches", "size": size} if size else "full", "param_count": int(trained),
              **({"clip": clip} if clip else {})}
    op = "perceptron" if first and len(names) == 2 else "two_layer" if first else "mlp"
    w.add("model", op, name, config, given, compute, ladder)


def textbook(layers, loss, model):
    """The intermediates of the first step of dense layers with activations, under their textbook names."""
    def first(t, y, value):
        x, out, each = t["data"], {"loss": value.detach()}, []
        for i, c in enumerate(layers, 1):
            z = x @ t[c["weight"]].detach() + t[c["bias"]].detach()
            z = z.detach().requires_grad_() if i == 1 else z
            x = ACTIVATIONS[c["activation"]](z, c)
            each.append((i, z, x))
        score = loss_of(loss, x, t["target"])
        for i, z, a in each:
            dz, da = torch.autograd.grad(score, [z, a], retain_graph=True)
            out |= {f"Z{i}": z.detach(), f"a{i}": a.detach(), f"dZ{i}": dz, f"da{i}": da}
        return out | {f"d{n}": t[n].grad.clone() for n in model.given}
    return first


def write(w, ladder):
    classes = {"reduction": "mean", "type": "softmax_cross_entropy", "target": "labels"}
    number = itertools.count()
    for units, activation, rows in [(3, "tanh", 5), (7, "sigmoid", 9), (2, "relu", 40), (5, "silu", 1)]:
        m = Model(w)
        m.given = {"w1": ("param", w.normal(4, units)), "b1": ("param", w.normal(units)), "w2": ("param", w.normal(units, 2)), "b2": ("param", w.normal(2))}
        layers = [{"type": "dense", "units": units, "weight": "w1", "bias": "b1", "activation": activation},
                  {"type": "dense", "units": 2, "weight": "w2", "bias": "b2", "activation": "sigmoid"}]
        loss = {"reduction": "mean", "type": "mse"}
        run(w, f"two_layers_4-{units}-2_{activation}", m, layers, w.normal(rows, 4), loss, w.uniform(rows, 2), next(number), ladder, first=textbook(layers, loss, m))
    for rows in (3, 37):
        m = Model(w)
        m.given = {"w": ("param", w.normal(5, 1)), "b": ("param", w.normal(1))}
        layers = [{"type": "dense", "units": 1, "weight": "w", "bias": "b", "activation": "sigmoid"}]
        loss = {"reduction": "mean", "type": "binary_cross_entropy", "clamp": {"kind": "none"}}
        run(w, f"neuron_5_{rows}", m, layers, w.normal(rows, 5), loss, w.choice([0, 1], rows, 1), next(number), ladder, first=textbook(layers, loss, m))

    m = Model(w)
    layers = [m.dense(6, 9, activation="silu"), m.dropout(0.4, 9), m.dense(9, 8, bias=False), m.norm("batch_norm", 8), {"type": "activation", "name": "elu", "alpha": 0.5},
              m.dropout(0.2, 8), m.dense(8, 1, activation="linear")]
    run(w, "dense_dropout_huber", m, layers, w.normal(40, 6), {"reduction": "mean", "type": "huber", "delta": 0.7}, w.normal(40, 1), next(number), ladder, size=11)

    for i, (kind, sequences) in enumerate(itertools.product(("simple_rnn", "lstm", "gru", "bidirectional_lstm"), (True, False))):
        m = Model(w)
        n = 10 if kind[0] == "b" else 5
        layers = [m.cell(kind, 3, 5, sequences)] + ([m.dropout(0.3, 4, n), {"type": "flatten"}] if sequences else [])
        layers += [m.dense(4 * n if sequences else n, 6)]
        run(w, f"sequence_{kind}_{'all' if sequences else 'last'}", m, layers, w.normal(23, 4, 3), classes, w.integers(6, 23), next(number), ladder, size=7 if i % 2 else None)

    m = Model(w)
    layers = [m.embedding(13, 6), m.position(5, 6), m.cell("bidirectional_lstm", 6, 4, True), m.cell("gru", 8, 7, False), m.dense(7, 3), {"type": "activation", "name": "log_softmax"}]
    run(w, "tokens_both_ways", m, layers, w.integers(13, 19, 5), {"reduction": "mean", "type": "nll", "class_weights": True}, w.integers(3, 19), next(number), ladder,
        size=6, weight=w.uniform(3, low=0.5, high=2))

    m = Model(w)
    layers = [m.dense(5, 8), m.position(6, 8), {"type": "residual", "layers": [m.norm("layer_norm", 8), m.attention(8, 2, True), m.dropout(0.25, 6, 8)]},
              {"type": "residual", "layers": [m.norm("layer_norm", 8), m.dense(8, 12, activation="gelu", approximate="tanh"), m.dense(12, 8)]},
              {"type": "global_avg_pool1d"}, m.dense(8, 4)]
    run(w, "attention_causal_dropout", m, layers, w.normal(21, 6, 5), {**classes, "label_smoothing": 0.1}, w.integers(4, 21), next(number), ladder, size=9)

    m = Model(w)
    layers = [m.kernel("conv2d", (3, 3, 2, 4), 4, stride=[2, 1], padding="same", activation="relu"), m.kernel("depthwise_conv2d", (3, 2, 4, 2), 8, bias=False, stride=[1, 1], padding="valid"),
              m.norm("batch_norm", 8), {"type": "max_pool2d", "pool_size": [2, 2], "stride": [2, 2], "padding": "same"}, {"type": "upsample2d", "factor": 2},
              m.kernel("conv2d", (2, 2, 4, 6), 6, groups=2, dilation=[2, 2], padding="same", stride=[1, 1]), {"type": "global_avg_pool2d"}, m.dense(6, 3)]
    run(w, "images_every_window", m, layers, w.normal(14, 9, 7, 2), classes, w.integers(3, 14), next(number), ladder, size=5)

    m = Model(w)
    layers = [m.kernel("conv2d_transpose", (3, 3, 3, 2), 3, stride=[2, 2], padding="same", activation="tanh"), {"type": "avg_pool2d", "pool_size": [3, 2], "stride": [2, 2]},
              {"type": "flatten"}, m.dense(12, 2)]
    run(w, "images_transposed", m, layers, w.normal(6, 3, 2, 2), {"reduction": "sum", "type": "mse"}, w.normal(6, 2, scale=0.1), 1, ladder)

    m = Model(w)
    layers = [m.kernel("conv1d", (3, 3, 5), 5, stride=1, padding="same", dilation=2, activation="leaky_relu", negative_slope=0.1), m.cell("simple_rnn", 5, 4, False), m.dense(4, 1)]
    run(w, "signal_conv_rnn", m, layers, w.normal(33, 8, 3), {"reduction": "mean", "type": "bce_with_logits", "pos_weight": 2.0}, w.choice([0, 1], 33, 1), next(number), ladder,
        size=33, clip={"kind": "global_norm", "max_norm": 0.5})

    for loss in ({"reduction": "mean", "type": "mae"}, {"reduction": "mean", "type": "hinge", "margin": 1.0}, {"reduction": "batchmean", "type": "kl_divergence"}):
        m = Model(w)
        kl = loss["type"] == "kl_divergence"
        layers = [m.dense(7, 5, activation="softplus"), m.dense(5, 4), *([{"type": "log_softmax"}] if kl else [])]
        y = w.uniform(8, 4, low=0.1)
        target = y / y.sum(1, keepdims=True) if kl else w.choice([-1, 1], 8, 4) if loss["type"] == "hinge" else w.normal(8, 4)
        run(w, f"dense_{loss['type']}", m, layers, w.normal(8, 7), loss, target.astype(np.float32), next(number), ladder)
