"""The second golden set's losses, optimizers, schedules, metrics and initializers."""

import math

import numpy as np
import torch

import ops


def write(w):
    for part in (losses, optimizers, penalties, schedules, metrics, initializers):
        part(w)


# ---- losses -------------------------------------------------------------------------------------

def loss(w, op, name, config, x, y, run, weight=None):
    """run(x, y, weight): the loss of each element or row, and what a mean divides by."""
    given = {"input": ("input", x), "target": ("target", y), **({"class_weight": ("fixed", weight)} if weight is not None else {}),
             "grad_output": ("grad_output", np.float32(1))}

    def compute(t):
        t["input"].requires_grad_()
        each, count = run(t["input"], t["target"], t.get("class_weight"))
        value = each.sum() / (1 if config["reduction"] == "sum" else count)
        gradient, = torch.autograd.grad(value, t["input"])
        return {"output": ("output", value), "loss_unreduced": ("aux_output", each), "grad_input": ("grad_input", gradient)}

    w.add("loss", op, name, config, given, compute)


def losses(w):
    each = lambda f: lambda x, y, weight: (lambda l: (l, l.numel()))(f(x, y))
    for i, shape in enumerate([(1, 1), (7, 2), (40, 9), (3, 4, 5), (13,)]):
        for reduction in ("mean", "sum"):
            end = f"{i}_{reduction}"
            x, y = w.normal(*shape), w.normal(*shape)
            p, bits = w.uniform(*shape, low=0.02, high=0.98), w.choice([0, 1], *shape)
            loss(w, "mse", f"mse_{end}", {"reduction": reduction}, x, y, each(lambda x, y: (x - y) ** 2))
            loss(w, "mae", f"mae_{end}", {"reduction": reduction}, x, y, each(ops.mae))
            delta = [0.5, 1.0, 2.0, 0.1, 4.0][i]
            loss(w, "huber", f"huber_{end}", {"reduction": reduction, "delta": delta}, x, y, each(lambda x, y: ops.huber(x, y, delta)))
            margin = [1.0, 0.5, 2.0, 0.25, 1.0][i]
            signs = w.choice([-1, 1], *shape)
            loss(w, "hinge", f"hinge_{end}", {"reduction": reduction, "margin": margin}, x, signs, each(lambda x, y: ops.hinge(x, y, margin)))
            clamps = [{"kind": "none"}, {"kind": "prob", "low": 0.0625, "high": 0.9375}, {"kind": "log_min", "min": -100.0, "grad_denominator_min": 1e-12}]
            clamp = clamps[i % 3]
            loss(w, "binary_cross_entropy", f"bce_{end}", {"reduction": reduction, "clamp": clamp}, p, bits if i % 2 else w.uniform(*shape),
                 each(lambda x, y: ops.binary_cross_entropy(x, y, clamp)))
            weight = [1.0, 2.5, 0.3, 1.0, 4.0][i]
            config = {"reduction": reduction, **({"pos_weight": weight} if weight != 1 else {})}
            loss(w, "bce_with_logits", f"logits_{end}", config, w.normal(*shape, scale=3), bits, each(lambda x, y: ops.bce_with_logits(x, y, weight)))
    sharp = np.array([[0.0], [1.0], [0.0], [1.0], [1e-20]], np.float32)
    config = {"reduction": "sum", "clamp": {"kind": "log_min", "min": -100.0, "grad_denominator_min": 1e-12}}
    loss(w, "binary_cross_entropy", "bce_certain", config, sharp, np.array([[0], [1], [1], [0], [1]], np.float32),
         each(lambda x, y: ops.binary_cross_entropy(x, y, config["clamp"])))
    for i, (rows, classes) in enumerate([(1, 3), (9, 2), (40, 7), (5, 40)]):
        for reduction in ("mean", "sum"):
            x, labels = w.normal(rows, classes, scale=2), w.integers(classes, rows)
            soft = w.uniform(rows, classes, low=0.1)
            soft /= soft.sum(1, keepdims=True)
            weight = w.uniform(classes, low=0.2, high=3)
            for kind, y in (("labels", labels), ("probabilities", soft)):
                for weighted in (False, True):
                    for smoothing in (0.0, 0.2):
                        config = {"reduction": reduction, "target": kind, **({"class_weights": True} if weighted else {}),
                                  **({"label_smoothing": smoothing} if smoothing else {})}
                        run = lambda x, y, weight: ops.class_loss(torch.log_softmax(x, -1), y, weight, smoothing)
                        loss(w, "softmax_cross_entropy", f"ce_{i}_{reduction}_{kind}{'_w' if weighted else ''}{'_s' if smoothing else ''}", config,
                             x, y, run, weight if weighted else None)
            log_p = torch.log_softmax(torch.from_numpy(x), -1).numpy()
            for weighted in (False, True):
                config = {"reduction": reduction, **({"class_weights": True} if weighted else {})}
                loss(w, "nll", f"nll_{i}_{reduction}{'_w' if weighted else ''}", config, log_p, labels, lambda x, y, weight: ops.class_loss(x, y, weight),
                     weight if weighted else None)
        for reduction in ("mean", "sum", "batchmean"):
            target = soft.copy()
            target[0, 0] = 0
            run = lambda x, y, weight: (lambda l: (l, len(x) if reduction == "batchmean" else l.numel()))(ops.kl_divergence(x, y))
            loss(w, "kl_divergence", f"kl_{i}_{reduction}", {"reduction": reduction}, log_p, target, run)


# ---- optimizers -----------------------------------------------------------------------------------

OPTIMIZERS = [
    {"type": "sgd", "lr": 0.03}, {"type": "sgd", "lr": 0.02, "momentum": 0.7, "weight_decay": 0.01, "nesterov": True},
    {"type": "sgd", "lr": 0.1, "momentum": 0.5}, {"type": "rmsprop", "lr": 0.005, "rho": 0.8, "eps": 1e-6},
    {"type": "rmsprop", "lr": 0.01, "rho": 0.95, "eps": 1e-3, "centered": True, "momentum": 0.3},
    {"type": "rmsprop", "lr": 0.01, "rho": 0.9, "eps": 1e-7, "momentum": 0.9, "weight_decay": 0.02},
    {"type": "adagrad", "lr": 0.05, "eps": 1e-8, "weight_decay": 0.1}, {"type": "adagrad", "lr": 0.2, "eps": 1e-5, "initial_accumulator": 0.5},
    {"type": "adadelta", "lr": 0.5, "rho": 0.8, "eps": 1e-5}, {"type": "adadelta", "lr": 1.0, "rho": 0.95, "eps": 1e-4, "weight_decay": 0.05},
    {"type": "adam", "lr": 0.02, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6}, {"type": "adam", "lr": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 1e-4, "amsgrad": True},
    {"type": "adam", "lr": 0.003, "weight_decay": 0.2, "beta1": 0.5, "beta2": 0.9, "eps": 1e-8},
    {"type": "adamw", "lr": 0.02, "weight_decay": 0.3, "beta1": 0.9, "beta2": 0.95, "eps": 1e-7},
    {"type": "adamw", "lr": 0.01, "weight_decay": 0.05, "beta1": 0.7, "beta2": 0.99, "eps": 1e-8, "amsgrad": True},
    {"type": "amsgrad", "lr": 0.05, "beta1": 0.9, "beta2": 0.9, "eps": 1e-5, "weight_decay": 0.01},
]
CLIPS = [None, {"kind": "value", "clip_value": 0.4}, {"kind": "global_norm", "max_norm": 1.5}, {"kind": "norm_per_tensor", "max_norm": 0.7}]


def clip_options(clip):
    """As keyword arguments of ops.clip_gradients."""
    return {} if clip is None else {{"value": "clip_value"}.get(clip["kind"], f"clip_{'norm' if 'tensor' in clip['kind'] else 'global_norm'}"):
                                    clip.get("clip_value", clip.get("max_norm"))}


def run_optimizer(config, steps, parameters, gradients_of, clip=None, l1=0.0):
    """gradients_of(step): a list. Returns the parameters after each step, and the norms that were clipped."""
    options = {**config, "kind": config["type"]}
    del options["type"]
    optimizer = ops.optimizer(parameters, **options)
    history, norms = [], []
    for step in range(steps):
        for p, g in zip(parameters, gradients_of(step)):
            p.grad = g.clone()
        ops.add_l1(parameters, l1)  # of the loss: before clipping
        norm = ops.clip_gradients(parameters, **clip_options(clip))
        norms += [] if norm is None else [norm]
        optimizer.step()
        history.append([p.detach().clone() for p in parameters])
    return history, norms


def optimizers(w):
    shapes = [{"w": (2, 3), "b": (3,)}, {"kernel": (3, 2, 1, 5), "bias": (5,), "gamma": (1,)}, {"w": (7, 9)}, {"p": (1,), "q": (11,), "r": (4, 4)}]
    count = 0
    for i, config in enumerate(OPTIMIZERS):
        for j in (i % 4, (i // 4 + 3 * i + 1) % 4):
            clip, l1, steps = CLIPS[j], [0.0, 0.02][(i + j) % 2], [10, 7, 15][(i + j) % 3]
            names = shapes[(i + j) % 4]
            given = {}
            for n, shape in names.items():
                given[n] = ("param", w.normal(*shape))
                given[f"grads_{n}"] = ("grads", w.normal(steps, *shape))
            given[[*names][0]][1].flat[0] = 0

            def compute(t):
                history, norms = run_optimizer(config, steps, [t[n] for n in names], lambda s: [t[f"grads_{n}"][s] for n in names], clip, l1)
                out = {f"params_{n}": ("expected", torch.stack([h[k] for h in history])) for k, n in enumerate(names)}
                return out | ({"grad_norms": ("aux_output", torch.stack(norms))} if norms else {})

            options = {"steps": steps, "optimizer": config, **({"clip": clip} if clip else {}), **({"l1": l1} if l1 else {})}
            w.add("optimizer", config["type"], f"{config['type']}_run_{count}", options, given, compute)
            count += 1


def penalties(w):
    for op, power in (("l1_penalty", 1), ("l2_penalty", 2)):
        for shape, strength in [((1,), 0.5), ((7, 5), 0.003), ((3, 3, 2, 9), 0.1)]:
            weight = w.normal(*shape)

            def compute(t):
                p = t["weight"].requires_grad_()
                value = strength * (p.abs() ** power).sum()
                return {"output": ("output", value), "grad_weight": ("grad_param", torch.autograd.grad(value, p)[0])}

            w.add("optimizer", op, f"{op}_{len(shape)}", {"lambda": strength, "formula": "lambda * sum"}, {"weight": ("param", weight)}, compute)


# ---- schedules --------------------------------------------------------------------------------------

SCHEDULES = [
    ("step", {"base_lr": 0.3, "step_size": 7, "gamma": 0.5}), ("step", {"base_lr": 0.01, "step_size": 1, "gamma": 0.9}),
    ("exponential", {"base_lr": 0.02, "gamma": 0.8}), ("cosine", {"base_lr": 0.2, "t_max": 49, "eta_min": 0.01}),
    ("cosine", {"base_lr": 0.05, "t_max": 60, "eta_min": 0.0}), ("cosine_warm_restarts", {"base_lr": 0.3, "t_0": 7, "t_mult": 1, "eta_min": 0.0}),
    ("cosine_warm_restarts", {"base_lr": 0.1, "t_0": 3, "t_mult": 3, "eta_min": 0.02}),
    ("linear_warmup", {"base_lr": 0.4, "start_factor": 0.25, "end_factor": 1.0, "total_iters": 17}),
    ("linear_warmup", {"base_lr": 0.4, "start_factor": 0.5, "end_factor": 0.9, "total_iters": 60}),
    ("one_cycle", {"max_lr": 0.5, "total_steps": 50, "pct_start": 0.2, "anneal": "cos", "div_factor": 10.0, "final_div_factor": 100.0, "base_lr": 0.05}),
    ("one_cycle", {"max_lr": 0.1, "total_steps": 80, "pct_start": 0.5, "anneal": "linear", "div_factor": 5.0, "final_div_factor": 50.0, "base_lr": 0.02}),
    ("reduce_on_plateau", {"base_lr": 0.2, "mode": "min", "factor": 0.3, "patience": 1, "threshold": 0.01, "threshold_mode": "abs", "cooldown": 0, "min_lr": 0.001, "eps": 1e-8}),
    ("reduce_on_plateau", {"base_lr": 0.2, "mode": "max", "factor": 0.7, "patience": 2, "threshold": 0.05, "threshold_mode": "rel", "cooldown": 3, "min_lr": 0.0, "eps": 1e-8}),
    ("reduce_on_plateau", {"base_lr": 1e-6, "mode": "min", "factor": 0.1, "patience": 0, "threshold": 0.1, "threshold_mode": "rel", "cooldown": 1, "min_lr": 0.0, "eps": 1e-8}),
]


def torch_schedule(kind, c, steps, metric):
    """PyTorch's own, the rate of each step."""
    lrs = torch.optim.lr_scheduler
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], c["base_lr"], momentum=0.9)
    schedule = {
        "step": lambda: lrs.StepLR(sgd, c["step_size"], c["gamma"]), "exponential": lambda: lrs.ExponentialLR(sgd, c["gamma"]),
        "cosine": lambda: lrs.CosineAnnealingLR(sgd, c["t_max"], c["eta_min"]),
        "cosine_warm_restarts": lambda: lrs.CosineAnnealingWarmRestarts(sgd, c["t_0"], c["t_mult"], c["eta_min"]),
        "linear_warmup": lambda: lrs.LinearLR(sgd, c["start_factor"], c["end_factor"], c["total_iters"]),
        "one_cycle": lambda: lrs.OneCycleLR(sgd, c["max_lr"], total_steps=c["total_steps"], pct_start=c["pct_start"], anneal_strategy=c["anneal"],
                                            div_factor=c["div_factor"], final_div_factor=c["final_div_factor"], cycle_momentum=False),
        "reduce_on_plateau": lambda: lrs.ReduceLROnPlateau(sgd, c["mode"], c["factor"], c["patience"], c["threshold"], c["threshold_mode"],
                                                           c["cooldown"], c["min_lr"], c["eps"]),
    }[kind]()
    rates = []
    for t in range(steps):
        rates.append(sgd.param_groups[0]["lr"])
        sgd.step()
        if metric is not None:
            schedule.step(float(metric[t]))
        elif t < steps - 1:
            schedule.step()
    return np.array(rates)


def schedules(w):
    for i, (kind, config) in enumerate(SCHEDULES):
        metric = None
        if kind == "reduce_on_plateau":
            trend = np.exp(-np.arange(50) / 9) + 0.05 * w.uniform(50)
            metric = (trend if config["mode"] == "min" else 2 - trend).astype(np.float32)
        rates = torch_schedule(kind, config, 50, metric)
        given = {} if metric is None else {"metric": ("input", metric)}
        w.add("scheduler", kind, f"rates_{i}_{kind}", {"steps": 50, "type": kind, **config}, given, lambda t: {"lr": ("expected", rates)}, ladder=[(1e-5, 1e-9)])


# ---- metrics -----------------------------------------------------------------------------------------

def metric(w, op, name, config, given, out):
    roles = {n: ("target" if n == "target" else "input", a) for n, a in given.items()}
    w.add("metric", op, name, config, roles, lambda t: {n: ("output" if n == "output" else "aux_output", np.float64(v) if np.ndim(v) == 0 else v) for n, v in out.items()})


def counts(y, p, classes):
    return np.array([[((p == k) & (y == k)).sum(), ((p == k) & (y != k)).sum(), ((p != k) & (y == k)).sum()] for k in classes], float)


def metrics(w):
    ratio = lambda a, b: np.divide(a, b, out=np.zeros_like(a), where=b > 0)
    for rows, classes in [(1, 2), (7, 3), (40, 2), (33, 9), (200, 5)]:
        y, p = w.integers(classes, rows), w.integers(classes, rows)
        given = {"prediction": p, "target": y}
        metric(w, "accuracy", f"right_{rows}_{classes}", {}, given, {"output": np.mean(y == p)})
        matrix = np.zeros((classes, classes))
        np.add.at(matrix, (y, p), 1)
        metric(w, "confusion_matrix", f"confusion_{rows}_{classes}", {"num_classes": classes}, given, {"output": matrix})
        for average in ["binary", "macro", "micro"] if classes == 2 else ["macro", "micro"]:
            n = max(y.max(), p.max()) + 1
            tp, fp, fn = counts(y, p, [1] if average == "binary" else range(n)).T
            if average == "micro":
                tp, fp, fn = (v.sum(keepdims=True) for v in (tp, fp, fn))
            out = {"precision": ratio(tp, tp + fp).mean(), "recall": ratio(tp, tp + fn).mean(), "f1": ratio(2 * tp, 2 * tp + fp + fn).mean()}
            metric(w, "precision_recall_f1", f"prf_{rows}_{classes}_{average}", {"average": average, "positive_label": 1, "zero_division": 0}, given, out)
        score = w.normal(rows, classes) if rows % 2 else w.choice([-1, 0, 0.5, 2], rows, classes)
        for k in range(1, classes):
            order = np.argsort(-score, 1, kind="stable")[:, :k]
            metric(w, "top_k_accuracy", f"top{k}_{rows}_{classes}", {"k": k}, {"score": score, "target": y}, {"output": np.mean((order == y[:, None]).any(1))})
        q = w.uniform(rows, classes, low=0.05)
        q = (q / q.sum(1, keepdims=True)).astype(np.float32)
        wide = q.astype(np.float64)
        if classes > 2:
            own = (wide / wide.sum(1, keepdims=True))[np.arange(rows), y]
            metric(w, "log_loss", f"log_loss_{rows}_{classes}", {"num_classes": classes}, {"probability": q, "target": y}, {"output": -np.log(own).mean()})
        else:
            own = np.where(y == 1, wide[:, 0], 1 - wide[:, 0])
            metric(w, "log_loss", f"log_loss_{rows}_2", {"num_classes": 2}, {"probability": q[:, 0].copy(), "target": y}, {"output": -np.log(own).mean()})
    for rows, values in [(5, None), (40, [0, 0.25, 1]), (111, None)]:
        y = np.concatenate([[0, 1], w.integers(2, rows - 2)]).astype(np.int32)
        score = w.normal(rows) if values is None else w.choice(values, rows)
        d = score[y == 1][:, None] - score[y == 0][None]
        metric(w, "roc_auc", f"auc_{rows}", {}, {"score": score, "target": y}, {"output": np.mean((d > 0) + 0.5 * (d == 0))})
    for rows in (2, 17, 90):
        y = w.normal(rows, scale=3) + np.float32(1)
        p = y + w.normal(rows)
        d, t = p.astype(float) - y.astype(float), y.astype(float)
        values = {"mae": abs(d).mean(), "rmse": math.sqrt((d ** 2).mean()), "r2": 1 - (d ** 2).sum() / ((t - t.mean()) ** 2).sum()}
        for op, value in values.items():
            metric(w, op, f"{op}_{rows}", {}, {"prediction": p, "target": y}, {"output": value})


# ---- initializers --------------------------------------------------------------------------------------

def initializers(w):
    shapes = [[2, 7], [1, 40], [129, 5], [3, 2, 4, 9], [5, 3, 8], [40, 40]]
    for op, scale, mode in [("glorot", 1.0, "fan_avg"), ("he", 2.0, "fan_in"), ("lecun", 1.0, "fan_in")]:
        for distribution in ("uniform", "normal"):
            window = [math.prod(s[:-2]) for s in shapes]
            fan_in = np.array([k * s[-2] for k, s in zip(window, shapes)], np.int32)
            fan_out = np.array([k * s[-1] for k, s in zip(window, shapes)], np.int32)
            variance = scale / ((fan_in + fan_out) / 2 if mode == "fan_avg" else fan_in)
            out = {"std": np.sqrt(variance), **({"limit": np.sqrt(3 * variance)} if distribution == "uniform" else {})}
            config = {"shapes": shapes, "distribution": distribution, "scale": scale, "mode": mode, "mean": 0.0}
            given = {"fan_in": ("input", fan_in), "fan_out": ("input", fan_out)}
            w.add("init", f"{op}_{distribution}", f"start_{op}_{distribution}", config, given, lambda t: {n: ("expected", v) for n, v in out.items()},
                  ladder=[(1e-6, 0.0)])
    shapes = [[1, 1], [2, 9], [11, 4], [2, 3, 4, 5], [17, 17]]
    sizes = np.array([min(math.prod(s[:-1]), s[-1]) for s in shapes], np.int32)
    for gain in (1.0, 0.5, 2.0):
        w.add("init", "orthogonal", f"start_orthogonal_{gain}", {"gain": gain, "shapes": shapes, "property": "W^T W or W W^T = gain^2 I"},
              {"gram_size": ("input", sizes)}, lambda t: {f"gram_{i}": ("expected", gain ** 2 * np.eye(n)) for i, n in enumerate(sizes)}, ladder=[(1e-5, 1e-5)])
