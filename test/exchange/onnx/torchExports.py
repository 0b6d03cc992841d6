"""Networks as torch.onnx.export writes them: `torchExports.py FOLDER` makes NAME.onnx and NAME.npz for each, and index.json.

`torchExports.py FOLDER --random SEED COUNT` makes as many networks with sizes at random; other words choose networks by their names.

An .npz has x0, x1 ... and y0, y1 ..., with which the file was made, and bx0 ..., by0 ... for another number of rows.
"""

import copy
import io
import json
import os
import sys
import warnings

import numpy
import torch

import torchAttention
import torchImages
import torchRandom
import torchSequences
import torchTutorials
import torchVectors

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def drawn(spec, rows, generator):
    """Numbers of an input: ("float", axes), or ("ids", axes, how many); the axis of rows is None."""
    shape = [rows if size is None else size for size in spec[1]]
    if spec[0] == "ids":
        return torch.randint(0, spec[2], shape, generator=generator)
    return torch.randn(shape, generator=generator)


def shaken(model, generator):
    """Numbers as after some training where PyTorch begins with zeros and ones."""
    with torch.no_grad():
        for module in model.modules():
            scale = getattr(module, "weight", None)
            if isinstance(scale, torch.nn.Parameter) and scale.dim() == 1:
                scale.mul_(1 + 0.3 * torch.randn(scale.shape, generator=generator))
                if isinstance(getattr(module, "bias", None), torch.nn.Parameter):
                    module.bias.add_(0.3 * torch.randn(module.bias.shape, generator=generator))
            if getattr(module, "running_var", None) is not None:
                module.running_mean.add_(0.3 * torch.randn(module.running_mean.shape, generator=generator))
                module.running_var.mul_(0.5 + torch.rand(module.running_var.shape, generator=generator))
    return model


def without_fast_path(model):
    """PyTorch computes transformers without gradients by one operator that has no ONNX form."""
    for module in model.modules():
        if isinstance(module, torch.nn.TransformerEncoderLayer):
            module.activation_relu_or_gelu = 0
        if isinstance(module, torch.nn.MultiheadAttention):
            module.training = True  # dropout is 0: it changes nothing else
    return model


def export(case, folder, index):
    name, opset = case["name"], case["opset"]
    generator = torch.Generator().manual_seed(1000 + index)
    torch.manual_seed(index)
    model = case["make"]()
    if case.get("shake", True):
        model = shaken(model, generator)
    model = without_fast_path(model.eval())
    rows, other = case.get("rows", 2), case.get("other", 3)
    inputs = tuple(drawn(spec, rows, generator) for spec in case["inputs"])
    more = tuple(drawn(spec, other, generator) for spec in case["inputs"])
    arrays = {}
    for prefix, given in (("", inputs), ("b", more)):
        with torch.no_grad():
            outputs = model(*given)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        arrays.update({f"{prefix}x{i}": x.numpy().astype(numpy.float32) for i, x in enumerate(given)})
        arrays.update({f"{prefix}y{i}": y.numpy() for i, y in enumerate(outputs)})
    names = [f"x{i}" for i in range(len(inputs))]
    out = [f"y{i}" for i in range(len(outputs))]
    dynamic = {}
    if case["dynamic"]:
        dynamic = {n: {spec[1].index(None): "batch"} for n, spec in zip(names, case["inputs"])}
        dynamic.update({n: {0: "batch"} for n in out})
    preserve = case.get("preserve", False)
    mode = torch.onnx.TrainingMode.PRESERVE if preserve else torch.onnx.TrainingMode.EVAL
    file = io.BytesIO()
    torch.onnx.export(
        copy.deepcopy(model), inputs, file, opset_version=opset, input_names=names, output_names=out, dynamic_axes=dynamic,
        do_constant_folding=case["fold"] and not preserve, training=mode,
    )
    with open(os.path.join(folder, f"{name}.onnx"), "wb") as to:
        to.write(file.getvalue())
    numpy.savez(os.path.join(folder, f"{name}.npz"), **arrays)
    entry = {key: case[key] for key in ("name", "kind", "opset", "dynamic", "fold")}
    entry["inputs"] = [{"type": spec[0], "rows": spec[1].index(None)} for spec in case["inputs"]]
    entry["outputs"] = len(out)
    entry["preserve"] = preserve
    return entry


def cases():
    """Every network with its settings, named by kind, opset, s(tatic) or d(ynamic), u(nfolded), and 1 for a single row."""
    for kind, make, inputs, settings, options in (
        torchVectors.NETWORKS + torchImages.NETWORKS + torchSequences.NETWORKS + torchAttention.NETWORKS + torchTutorials.NETWORKS
    ):
        for setting in settings.split():
            opset = int(setting[:2])
            case = {"opset": opset, "dynamic": "d" in setting, "fold": "u" not in setting, "kind": kind}
            if setting.endswith("s1"):
                case["rows"] = 1
            yield {"name": f"{kind}-{setting}", "make": make, "inputs": inputs, **case, **options}


def main(folder, words):
    os.makedirs(folder, exist_ok=True)
    entries, failed = [], 0
    at_random = words[:1] == ["--random"]
    given = torchRandom.cases(int(words[1]), int(words[2])) if at_random else cases()
    for index, case in enumerate(given):
        if not at_random and words and not any(word in case["name"] for word in words):
            continue
        try:
            entries.append(export(case, folder, index))
        except Exception as error:  # all are tried before the first is told
            failed += 1
            print(f"{case['name']}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
    with open(os.path.join(folder, "index.json"), "w") as to:
        json.dump({"torch": torch.__version__, "files": entries}, to, indent=1)
    print(f"{len(entries)} files")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
