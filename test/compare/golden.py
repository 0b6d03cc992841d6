#!/usr/bin/python3
"""Writes a golden set of other names, shapes and values than the one in test/golden, in the same format.

    /usr/bin/python3 test/compare/golden.py [folder] [--seed 1]
    GOLDEN_DIR=build/test/golden2 npx vitest run test/golden.test.ts

Computed in float64 from float32-exact numbers and rounded once; the tolerances are those of the ladder with which PyTorch's own
float32 stays 8 times inside. test/golden/README.md has the format and the formulas.
"""

import argparse
import json
import math
import pathlib
import struct

import numpy as np
import torch

import golden_models
import golden_scalars
import ops

LADDER = [(1e-5, 1e-6), (1e-5, 3e-6), (1e-5, 1e-5), (3e-5, 3e-5), (1e-4, 1e-4), (3e-4, 3e-4), (1e-3, 1e-3)]
MODEL_LADDER = [(1e-4, 3e-5), (1e-4, 1e-4), (3e-4, 3e-4), (1e-3, 1e-3), (3e-3, 3e-3)]
DTYPES = {"float32": "F32", "int32": "I32", "uint8": "U8"}
GIVEN = ("input", "target", "param", "fixed", "buffer", "mask", "batches", "grads", "grad_output")


def stored(value):
    """An array as it is written: numbers as float32, rounded once."""
    array = np.asarray(value.detach().numpy() if isinstance(value, torch.Tensor) else value)
    return array.astype(np.float32) if array.dtype.kind == "f" else array


class Writer:
    def __init__(self, folder, seed):
        self.folder, self.seed, self.cases = folder, seed, []
        self.random = np.random.default_rng(seed)
        (folder / "cases").mkdir(parents=True, exist_ok=True)
        for old in (folder / "cases").glob("*.safetensors"):
            old.unlink()

    # numbers

    def normal(self, *shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def uniform(self, *shape, low=0.0, high=1.0):
        return self.random.uniform(low, high, shape).astype(np.float32)

    def integers(self, below, *shape):
        return self.random.integers(0, below, shape).astype(np.int32)

    def choice(self, values, *shape):
        return self.random.choice(values, shape).astype(np.float32)

    # cases

    def add(self, kind, op, name, config, given, compute, ladder=LADDER, exact=False, note=None):
        """given: {name: (role, array)}; compute(tensors): {name: (role, tensor)}, where tensors have the precision it is to work in."""
        wide = compute(self.tensors(given, torch.float64))
        tolerance, error = ((0.0, 0.0), None) if exact else self.tolerance(wide, compute(self.tensors(given, torch.float32)), ladder)
        every = {**given, **wide}
        arrays = {n: stored(value) for n, (_, value) in every.items()}
        for n, array in arrays.items():
            assert np.isfinite(array).all(), (name, n)
        file = f"cases/{name}.safetensors"
        entry = {
            "name": name, "kind": kind, "op": op, "config": config, "file": file,
            "tensors": {n: {"role": every[n][0], "dtype": DTYPES[a.dtype.name], "shape": list(a.shape)} for n, a in arrays.items()},
            "tolerance": {"rtol": tolerance[0], "atol": tolerance[1]},
            **({"float32_error": error} if error else {}), "precision": "float64", **({"note": note} if note else {}),
        }
        assert name not in {case["name"] for case in self.cases}, name
        self.cases.append(entry)
        self.save(entry, arrays)

    @staticmethod
    def tensors(given, dtype):
        out = {}
        for name, (_, array) in given.items():
            tensor = torch.tensor(array)  # a copy: optimizers change parameters in place
            out[name] = tensor.to(dtype) if array.dtype.kind == "f" else tensor
        return out

    @staticmethod
    def tolerance(wide, narrow, ladder):
        """The first of the ladder with which float32 is 8 times inside, and how far inside it is."""
        for rtol, atol in ladder:
            worst, largest = 0.0, 0.0
            for name, (_, value) in wide.items():
                expected, actual = (np.asarray(torch.as_tensor(v).detach().double()) for v in (value, narrow[name][1]))
                off = np.abs(expected - actual)
                if off.size:
                    largest = max(largest, off.max())
                    worst = max(worst, (off / (atol + rtol * np.abs(expected))).max())
            if worst <= 1 / 8:
                break
        return (rtol, atol), {"max_abs": float(largest), "of_tolerance": float(worst)}

    def save(self, entry, arrays):
        header, at = {"__metadata__": {k: str(entry[k]) for k in ("name", "kind", "op")} | {
            "set": "second", "seed": str(self.seed), "config": json.dumps(entry["config"])}}, 0
        body = b""
        for name, array in sorted(arrays.items(), key=lambda pair: -pair[1].dtype.itemsize):  # bytes last: nothing is misaligned
            data = array.tobytes()
            header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
            body, at = body + data, at + len(data)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        (self.folder / entry["file"]).write_bytes(struct.pack("<Q", len(text)) + text + body)

    def finish(self):
        versions = {"torch": torch.__version__, "numpy": np.__version__}
        index = {"format": "golden-index/1", "set": "second", "seed": self.seed, "count": len(self.cases),
                 "generator": versions, "cases": self.cases}
        (self.folder / "index.json").write_text(json.dumps(index))

    # one layer

    def layer(self, op, name, config, run, inputs=None, params=None, fixed=None, kind="layer", dy=None, **how):
        """run(tensors): {"output": ..., auxiliary ones}. Gradients of float inputs and parameters follow."""
        given = {n: ("input", a) for n, a in (inputs or {}).items()}
        given |= {n: ("param", a) for n, a in (params or {}).items()}
        given |= {n: ("fixed", a) for n, a in (fixed or {}).items()}
        shape = run(self.tensors(given, torch.float64))["output"].shape
        given["grad_output"] = ("grad_output", self.normal(*shape) if dy is None else dy(shape))

        def compute(t):
            asked = [n for n in {**(inputs or {}), **(params or {})} if t[n].is_floating_point()]
            for n in asked:
                t[n].requires_grad_()
            made = run(t)
            gradients = torch.autograd.grad((made["output"] * t["grad_output"]).sum(), [t[n] for n in asked])
            out = {n: ("output" if n == "output" else "aux_output", value) for n, value in made.items()}
            roles = {n: "grad_input" if n in (inputs or {}) else "grad_param" for n in asked}
            return {**out, **{f"grad_{n}": (roles[n], g) for n, g in zip(asked, gradients)}}

        self.add(kind, op, name, config, given, compute, **how)


def text(shape):
    return "x".join(map(str, shape))


# ---- layers ------------------------------------------------------------------------------------

def dense(w):
    for shape, out, bias in [((1, 2), 1, True), ((2, 1), 5, True), ((3, 11), 13, True), ((7, 19), 6, False), ((40, 37), 21, True),
                             ((4, 5, 9), 7, True), ((2, 3, 2, 5), 4, True), ((17, 65), 33, True), ((5, 130), 3, False)]:
        n = shape[-1]
        params = {"weight": w.normal(n, out, scale=n ** -0.5), **({"bias": w.normal(out)} if bias else {})}
        config = {"in_features": n, "out_features": out, "use_bias": bias}
        w.layer("dense", f"dense_{text(shape)}_o{out}{'' if bias else '_nobias'}", config,
                lambda t: {"output": t["input"] @ t["weight"] + t.get("bias", 0)}, {"input": w.normal(*shape)}, params)


def convolution_config(x, kernel, stride, dilation, padding, bias, layout):
    sizes, window = x[1:3], kernel[:2]
    return {"kernel_size": list(window), "stride": list(stride), "dilation": list(dilation), "padding": padding, "use_bias": bias,
            "pads": [list(p) for p in ops.pads_of(sizes, window, stride, dilation, padding)], "kernel_layout": layout}


def convolutions(w):
    for x, (kh, kw), out, stride, dilation, padding, groups, bias in [
            ((1, 4, 5, 2), (3, 2), 3, (1, 1), (1, 1), "valid", 1, True), ((3, 6, 9, 4), (2, 3), 6, (2, 1), (1, 1), "same", 2, True),
            ((2, 11, 8, 3), (3, 3), 5, (2, 3), (1, 1), "same", 1, True), ((5, 7, 7, 6), (3, 3), 9, (1, 1), (1, 1), "same", 3, True),
            ((2, 10, 9, 2), (3, 4), 3, (1, 1), (2, 1), "valid", 1, False), ((7, 9, 6, 5), (1, 1), 4, (1, 1), (1, 1), "same", 1, True),
            ((1, 13, 12, 1), (5, 4), 2, (3, 3), (1, 1), "valid", 1, True), ((33, 5, 5, 3), (3, 3), 7, (1, 1), (1, 1), "same", 1, True),
            ((2, 9, 11, 4), (3, 3), 8, (1, 1), (2, 3), "same", 4, True), ((6, 8, 8, 8), (4, 4), 8, (2, 2), (1, 1), "same", 1, False),
            ((2, 6, 6, 3), (2, 2), 2, (3, 3), (1, 1), "same", 1, True), ((1, 17, 15, 3), (7, 7), 12, (2, 2), (1, 1), "same", 1, True)]:
        kernel = (kh, kw, x[3] // groups, out)
        config = {**convolution_config(x, kernel, stride, dilation, padding, bias, "HWIO"), "groups": groups, "filters": out}
        params = {"kernel": w.normal(*kernel, scale=(kh * kw * kernel[2]) ** -0.5), **({"bias": w.normal(out)} if bias else {})}
        w.layer("conv2d", f"conv2d_{text(x)}_o{out}_k{kh}{kw}_s{text(stride)}_d{text(dilation)}_{padding}_g{groups}", config,
                lambda t: {"output": ops.conv2d(t["input"], t["kernel"], t.get("bias"), stride, padding, dilation, groups)},
                {"input": w.normal(*x)}, params)
    for x, (kh, kw), m, stride, dilation, padding, bias in [
            ((2, 6, 5, 2), (2, 3), 1, (1, 1), (1, 1), "valid", True), ((5, 7, 8, 3), (3, 3), 2, (2, 2), (1, 1), "same", True),
            ((1, 9, 9, 7), (3, 2), 3, (1, 2), (1, 1), "same", False), ((9, 8, 7, 4), (3, 3), 1, (1, 1), (2, 2), "same", True),
            ((3, 12, 11, 9), (5, 5), 1, (2, 1), (1, 1), "valid", True)]:
        kernel = (kh, kw, x[3], m)
        config = {**convolution_config(x, kernel, stride, dilation, padding, bias, "HWIM"), "groups": x[3], "depth_multiplier": m}
        params = {"kernel": w.normal(*kernel, scale=(kh * kw) ** -0.5), **({"bias": w.normal(x[3] * m)} if bias else {})}
        w.layer("depthwise_conv2d", f"depthwise_{text(x)}_m{m}_k{kh}{kw}_s{text(stride)}_d{text(dilation)}_{padding}", config,
                lambda t: {"output": ops.depthwise_conv2d(t["input"], t["kernel"], t.get("bias"), stride, padding, dilation)},
                {"input": w.normal(*x)}, params)
    for x, k, out, stride, dilation, padding, groups, bias in [
            ((1, 4, 2), 2, 3, 1, 1, "valid", 1, True), ((6, 13, 5), 3, 7, 2, 1, "same", 1, True), ((3, 10, 4), 4, 6, 1, 2, "same", 2, True),
            ((11, 9, 3), 1, 5, 1, 1, "valid", 1, False), ((2, 20, 6), 5, 9, 3, 1, "valid", 3, True), ((37, 7, 2), 3, 4, 1, 3, "same", 1, True)]:
        config = {"kernel_size": k, "stride": stride, "dilation": dilation, "padding": padding, "use_bias": bias, "filters": out,
                  "groups": groups, "pads": list(ops.pads_of(x[1:2], [k], [stride], [dilation], padding)[0]), "kernel_layout": "WIO"}
        kernel = (k, x[2] // groups, out)
        params = {"kernel": w.normal(*kernel, scale=(k * kernel[1]) ** -0.5), **({"bias": w.normal(out)} if bias else {})}
        w.layer("conv1d", f"conv1d_{text(x)}_o{out}_k{k}_s{stride}_d{dilation}_{padding}_g{groups}", config,
                lambda t: {"output": ops.conv1d(t["input"], t["kernel"], t.get("bias"), stride, padding, dilation, groups)},
                {"input": w.normal(*x)}, params)
    for x, (kh, kw), out, stride, padding, bias in [
            ((2, 3, 2, 3), (2, 2), 1, (2, 2), "valid", True), ((5, 4, 5, 2), (3, 4), 3, (1, 2), "same", True),
            ((1, 5, 3, 4), (5, 3), 2, (3, 2), "same", True), ((6, 3, 3, 5), (4, 4), 7, (2, 2), "same", False),
            ((3, 4, 4, 2), (3, 2), 5, (2, 3), "valid", True), ((2, 3, 4, 3), (1, 2), 2, (2, 3), "same", True)]:
        config = {"kernel_size": [kh, kw], "stride": list(stride), "padding": padding, "use_bias": bias, "filters": out, "kernel_layout": "HWOI"}
        params = {"kernel": w.normal(kh, kw, out, x[3], scale=x[3] ** -0.5), **({"bias": w.normal(out)} if bias else {})}
        w.layer("conv2d_transpose", f"transposed_{text(x)}_o{out}_k{kh}{kw}_s{text(stride)}_{padding}", config,
                lambda t: {"output": ops.conv2d_transpose(t["input"], t["kernel"], t.get("bias"), stride, padding)},
                {"input": w.normal(*x)}, params)


def pooling(w):
    for op, pool in (("max_pool2d", ops.max_pool2d), ("avg_pool2d", ops.avg_pool2d)):
        for x, size, stride, padding in [
                ((1, 3, 5, 1), (2, 2), (2, 2), "valid"), ((6, 9, 7, 2), (3, 2), (2, 2), "same"), ((3, 5, 6, 5), (2, 3), (1, 2), "valid"),
                ((2, 8, 8, 4), (4, 4), (4, 4), "valid"), ((9, 6, 5, 3), (3, 3), (1, 1), "same"), ((2, 7, 7, 3), (2, 2), (3, 3), "same")]:
            config = {"pool_size": list(size), "stride": list(stride), "padding": padding,
                      "pads": [list(p) for p in ops.pads_of(x[1:3], size, stride, (1, 1), padding)]}
            w.layer(op, f"{op}_{text(x)}_k{text(size)}_s{text(stride)}_{padding}", config,
                    lambda t: {"output": pool(t["input"], size, stride, padding)}, {"input": w.normal(*x)})
    ties = (w.integers(3, 3, 5, 4, 3) - 1).astype(np.float32)
    w.layer("max_pool2d", "max_pool2d_3x5x4x3_some_ties", {"pool_size": [3, 2], "stride": [1, 2], "padding": "valid", "pads": [[0, 0], [0, 0]]},
            lambda t: {"output": ops.max_pool2d(t["input"], (3, 2), (1, 2))}, {"input": ties})
    for shape in [(1, 4, 3), (13, 9, 6)]:
        w.layer("global_avg_pool1d", f"mean_{text(shape)}", {}, lambda t: {"output": t["input"].mean(1)}, {"input": w.normal(*shape)})
    for shape in [(1, 2, 7, 3), (7, 6, 5, 9)]:
        w.layer("global_avg_pool2d", f"mean_{text(shape)}", {}, lambda t: {"output": t["input"].mean((1, 2))}, {"input": w.normal(*shape)})
    for shape in [(3, 4), (6, 2, 5), (5, 3, 2, 7), (2, 3, 4, 2, 3)]:
        w.layer("flatten", f"flat_{text(shape)}", {}, lambda t: {"output": t["input"].flatten(1)}, {"input": w.normal(*shape)}, exact=True)
    for shape, factor in [((3, 3, 2, 5), 2), ((1, 4, 5, 2), 3), ((6, 1, 3, 4), 2), ((2, 2, 2, 1), 4)]:
        w.layer("upsample2d", f"upsample_{text(shape)}_by_{factor}", {"factor": factor, "mode": "nearest"},
                lambda t: {"output": ops.upsample2d(t["input"], factor)}, {"input": w.normal(*shape)})


def merges(w):
    for shape, count in [((5, 7), 2), ((9, 2, 3), 3), ((1, 3, 4, 5), 2), ((6,), 2)]:
        # the order of more than two summands isn't fixed: small integers add exactly
        inputs = {f"input_{i}": (w.integers(200, *shape) - 100).astype(np.float32) for i in range(count)}
        w.layer("add", f"sum_{count}_{text(shape)}", {}, lambda t: {"output": sum(t[n] for n in inputs)}, inputs, exact=True)
    for shapes, axis in [([(4, 1), (4, 6), (4, 3)], 1), ([(6, 2, 3), (6, 5, 3)], 1), ([(2, 2, 3, 4), (2, 2, 1, 4)], -2),
                         ([(7, 3, 5), (7, 3, 2)], 2), ([(1, 2)] * 11, -1)]:
        inputs = {f"input_{i}": w.normal(*shape) for i, shape in enumerate(shapes)}
        w.layer("concat", f"join_{len(shapes)}_{text(shapes[0])}_axis{axis}", {"axis": axis},
                lambda t: {"output": torch.cat([t[n] for n in inputs], axis)}, inputs, exact=True)


def norms(w):
    for shape, eps, momentum in [((2, 3), 1e-5, 0.1), ((40, 7), 1e-3, 0.2), ((5, 6, 9), 1e-5, 0.05), ((3, 4, 5, 2), 1e-4, 0.5),
                                 ((7, 3, 3, 33), 1e-5, 0.1)]:
        for training in (True, False):
            n = shape[-1]
            config = {"training": training, "momentum": momentum, "eps": eps, "axis": -1}
            fixed = {"running_mean": w.normal(n), "running_var": w.uniform(n, low=0.5, high=2)}

            def run(t):
                mean, variance = t["running_mean"].clone(), t["running_var"].clone()
                y = ops.batch_norm(t["input"], t["gamma"], t["beta"], mean, variance, momentum, eps, training)
                flat = t["input"].detach().reshape(-1, n)
                biased = (1 - momentum) * t["running_var"] + momentum * flat.var(0, unbiased=False)
                extra = {"new_running_mean": mean, "new_running_var": variance, "new_running_var_biased": biased}
                return {"output": y, **(extra if training else {})}

            w.layer("batch_norm", f"bn_{text(shape)}_{'train' if training else 'eval'}", config, run,
                    {"input": w.normal(*shape) + np.float32(0.5)}, {"gamma": w.normal(n), "beta": w.normal(n)}, fixed)
    for shape, eps in [((2, 2), 1e-5), ((9, 5), 1e-3), ((5, 3, 13), 1e-6), ((3, 2, 4, 6), 1e-5), ((6, 100), 1e-5)]:
        n = shape[-1]
        w.layer("layer_norm", f"ln_{text(shape)}_{eps}", {"eps": eps, "axis": -1},
                lambda t: {"output": ops.layer_norm(t["input"], t["gamma"], t["beta"], eps)},
                {"input": w.normal(*shape)}, {"gamma": w.normal(n), "beta": w.normal(n)})


def dropout(w):
    for shape, rate in [((1, 6), 0.3), ((5, 9), 0.5), ((8, 4, 3), 0.75), ((33, 7), 0.1), ((40, 65), 0.4), ((6, 5, 4, 3), 0.25), ((7,), 0.5)]:
        mask = (w.uniform(*shape) >= rate).astype(np.uint8)
        w.layer("dropout", f"drop_{text(shape)}_{rate}", {"rate": rate},
                lambda t: {"output": t["input"] * t["mask"].to(t["input"].dtype) / (1 - rate)}, {"input": w.normal(*shape)}, fixed={"mask": mask})


def embedding(w):
    for vocabulary, width, shape in [(3, 5, (7,)), (9, 1, (2, 4)), (70, 33, (5, 11)), (4, 6, (6, 3, 2))]:
        w.layer("embedding", f"lookup_{vocabulary}x{width}_{text(shape)}", {"vocab_size": vocabulary, "dim": width},
                lambda t: {"output": t["weight"][t["input"].long()]}, {"input": w.integers(vocabulary, *shape)},
                {"weight": w.normal(vocabulary, width)})


CELLS = {"simple_rnn": (1, ["bias"]), "lstm": (4, ["bias"]), "gru": (3, ["bias_ih", "bias_hh"])}


def cell_params(w, op, features, units, prefix=""):
    gates, biases = CELLS[op]
    shapes = {"weight_ih": (features, gates * units), "weight_hh": (units, gates * units), **{b: (gates * units,) for b in biases}}
    return {prefix + n: w.normal(*s, scale=units ** -0.5 if len(s) > 1 else 0.5) for n, s in shapes.items()}


def recurrents(w):
    for op in ("simple_rnn", "lstm", "gru", "bidirectional_lstm"):
        for (rows, steps, features), units, sequences, state, lengths in [
                ((1, 2, 3), 2, True, False, False), ((5, 4, 2), 3, False, False, False), ((7, 6, 5), 9, True, True, False),
                ((6, 5, 3), 4, True, False, True), ((3, 7, 4), 5, False, False, True), ((9, 3, 6), 17, False, True, True),
                ((40, 3, 2), 6, True, True, True)]:
            both = op[0] == "b"
            if both and state:
                state = False
            kind = "lstm" if both else op
            prefixes = ["fwd_", "bwd_"] if both else [""]
            params = {k: v for p in prefixes for k, v in cell_params(w, kind, features, units, p).items()}
            inputs = {"input": w.normal(rows, steps, features)}
            if state:
                inputs |= {s: w.normal(rows, units, scale=0.5) for s in (["h0", "c0"] if op == "lstm" else ["h0"])}
            fixed = {"lengths": (w.integers(steps, rows) + 1).astype(np.int32)} if lengths else {}
            config = {"units": units, "return_sequences": sequences, "initial_state": "given" if state else "zero", "lengths": lengths}
            config |= {"activation": "tanh"} if op == "simple_rnn" else {"gate_order": "rzn" if op == "gru" else "ifgo"}
            config |= {"reset_after": True} if op == "gru" else {}

            def run(t):
                made = []
                for i, p in enumerate(prefixes):
                    weights = [t[p + n] for n in ("weight_ih", "weight_hh", *CELLS[kind][1])]
                    made.append(ops.recurrent(kind, t["input"], weights, t.get("h0"), t.get("c0"), t.get("lengths"), i == 1))
                out, h, c = (torch.cat(parts, -1) for parts in zip(*made))
                extra = {"c_last": c} if kind == "lstm" else {}
                return {"output": out, "h_last": h, **extra} if sequences else {"output": h, "sequence": out, **extra}

            def dy(shape):
                g = w.normal(*shape)
                if lengths and sequences:
                    g[np.arange(steps)[None] >= fixed["lengths"][:, None]] = 0
                return g

            name = f"{op}_{rows}x{steps}x{features}_u{units}{'_all' if sequences else ''}{'_from' if state else ''}{'_short' if lengths else ''}"
            w.layer(op, name, config, run, inputs, params, fixed, dy=dy)


def self_attention(w):
    for (rows, steps, width), heads, causal, masked in [
            ((1, 3, 4), 2, False, False), ((5, 1, 6), 3, True, False), ((3, 9, 10), 5, True, True), ((6, 4, 3), 1, False, True),
            ((7, 12, 8), 2, True, False), ((2, 33, 16), 4, False, False), ((33, 5, 12), 4, True, True)]:
        params = {f"{kind}_{n}": w.normal(width, width, scale=width ** -0.5) if kind == "weight" else w.normal(width, scale=0.3)
                  for n in "qkvo" for kind in ("weight", "bias")}
        mask = (w.uniform(rows, steps) < 0.6).astype(np.uint8)
        mask[:, 0] = 1  # each position sees one

        def run(t):
            y, a = ops.attention(t["input"], t, heads, causal, t.get("key_mask"))
            return {"output": y, "attention_weights": a}

        config = {"num_heads": heads, "model_dim": width, "head_dim": width // heads, "causal": causal, "key_mask": masked}
        w.layer("self_attention", f"attend_{rows}x{steps}x{width}_h{heads}{'_causal' if causal else ''}{'_masked' if masked else ''}", config,
                run, {"input": w.normal(rows, steps, width)}, params, {"key_mask": mask} if masked else {})


# ---- activations --------------------------------------------------------------------------------

ACTIVATIONS = [
    ("sigmoid", {}, torch.sigmoid), ("tanh", {}, torch.tanh), ("relu", {}, torch.relu),
    ("leaky_relu", {"negative_slope": 0.3}, lambda x: torch.nn.functional.leaky_relu(x, 0.3)),
    ("leaky_relu", {"negative_slope": 0.05}, lambda x: torch.nn.functional.leaky_relu(x, 0.05)),
    ("elu", {"alpha": 1.7}, lambda x: ops.elu(x, 1.7)), ("elu", {"alpha": 0.25}, lambda x: ops.elu(x, 0.25)),
    ("gelu", {"approximate": "none"}, torch.nn.functional.gelu),
    ("gelu", {"approximate": "tanh"}, lambda x: torch.nn.functional.gelu(x, approximate="tanh")),
    ("silu", {}, torch.nn.functional.silu), ("softplus", {}, lambda x: torch.nn.functional.softplus(x, threshold=1e9)),
    ("hard_sigmoid", {"variant": "x/6+0.5"}, lambda x: ops.hard_sigmoid(x, 1 / 6)),
    ("hard_sigmoid", {"variant": "0.2x+0.5"}, lambda x: ops.hard_sigmoid(x, 0.2)),
    ("softmax", {"axis": -1}, lambda x: torch.softmax(x, -1)), ("log_softmax", {"axis": -1}, lambda x: torch.log_softmax(x, -1)),
]


def activations(w):
    for i, (op, config, run) in enumerate(ACTIVATIONS):
        shapes = [(5, 7), (1, 3), (6, 2, 5), (40, 9)] + ([] if "softmax" in op else [(11,)])
        for shape in shapes:
            w.layer(op, f"{op}_{i}_{text(shape)}", config, lambda t: {"output": run(t["input"])}, {"input": w.normal(*shape, scale=2)}, kind="activation")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", nargs="?", default="build/test/golden2", type=pathlib.Path)
    arguments.add_argument("--seed", default=1, type=int)
    given = arguments.parse_args()
    torch.set_num_threads(1)
    writer = Writer(given.folder, given.seed)
    for write in (dense, convolutions, pooling, merges, norms, dropout, embedding, recurrents, self_attention, activations):
        write(writer)
    golden_scalars.write(writer)
    golden_models.write(writer, MODEL_LADDER)
    writer.finish()
    print(f"{len(writer.cases)} cases in {given.folder}")


if __name__ == "__main__":
    main()
