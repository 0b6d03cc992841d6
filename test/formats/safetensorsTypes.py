# Files of safetensors: `write FOLDER` writes all.safetensors of every type, and all.npz with its numbers as float64 or integers; `read FOLDER`
# reads each NAME.ours and prints in how many numbers it differs from given.npz, rounded by NumPy and PyTorch.
import glob
import json
import os
import struct
import sys

import numpy
import torch

KINDS = {"F64": "f8", "F32": "f4", "F16": "f2", "BF16": "u2", "F8_E4M3": "u1", "F8_E5M2": "u1", "I8": "i1", "I16": "i2", "I32": "i4", "I64": "i8", "U8": "u1", "U16": "u2", "U32": "u4", "U64": "u8", "BOOL": "?"}  # fmt: skip


def save(path, tensors, metadata):
    header, body = {"__metadata__": metadata}, b""
    for name, (dtype, array) in tensors.items():
        data = array.astype("<" + KINDS[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + body)


def load(path):
    data = open(path, "rb").read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__")
    part = lambda entry: data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]]
    read = lambda entry: numpy.frombuffer(part(entry), "<" + KINDS[entry["dtype"]]).reshape(entry["shape"])
    return {name: (entry["dtype"], read(entry)) for name, entry in header.items()}, metadata


def float8(bits, digits, bias, infinite):
    """The number of 8 bits, from the definition of its parts."""
    sign, exponent, fraction = bits >> 7, (bits & 127) >> digits, bits & ((1 << digits) - 1)
    if infinite and exponent == (127 >> digits):
        value = float("nan") if fraction else float("inf")
    elif not infinite and bits & 127 == 127:
        value = float("nan")
    elif exponent == 0:
        value = fraction / (1 << digits) * 2.0 ** (1 - bias)
    else:
        value = (1 + fraction / (1 << digits)) * 2.0 ** (exponent - bias)
    return -value if sign else value


todo, folder = sys.argv[1:]
if todo == "write":
    special = [0.0, -0.0, 1.5, -2.25, 5e-324, -1e-310, 1.7976931348623157e308, numpy.inf, -numpy.inf, numpy.nan]
    small = [0.0, -0.0, 1.5, -2.25, 1e-45, -1.1754942e-38, 3.4028235e38, numpy.inf, -numpy.inf, numpy.nan]
    limits = lambda kind: numpy.array([0, 1, 7, numpy.iinfo(kind).min, numpy.iinfo(kind).max], kind)
    bits16, bits8 = numpy.arange(65536, dtype="u2").reshape(256, 256), numpy.arange(256, dtype="u1")
    tensors = {
        "flag": ("BOOL", numpy.array([[True, False, True]])),
        "f64": ("F64", numpy.array(special)),
        "f32": ("F32", numpy.array(small, "f4").reshape(5, 2)),
        "f16": ("F16", bits16.view("f2")),
        "bf16": ("BF16", bits16),
        "e4m3": ("F8_E4M3", bits8),
        "e5m2": ("F8_E5M2", bits8.reshape(16, 16)),
        **{name: (name.upper(), limits({"i": "int", "u": "uint"}[name[0]] + name[1:])) for name in "i8 i16 i32 i64 u8 u16 u32 u64".split()},
        "near": ("I64", numpy.array([2**53 - 1, -(2**53) + 1, 3])),
        "one": ("F16", numpy.array(0.5)),
        "none": ("I64", numpy.zeros((0, 3), "i8")),
    }  # fmt: skip
    save(f"{folder}/all.safetensors", tensors, {"made": "by hand", "Ä": "漢"})
    numbers = {name: array.astype("f8") if dtype[0] == "F" else array for name, (dtype, array) in tensors.items()}
    numbers["bf16"] = (bits16.astype("u4") << 16).view("f4").astype("f8")
    numbers["e4m3"] = numpy.array([float8(int(bits), 3, 7, False) for bits in bits8])
    numbers["e5m2"] = numpy.array([float8(int(bits), 2, 15, True) for bits in bits8]).reshape(16, 16)
    numpy.savez(f"{folder}/all.npz", **numbers)
else:
    given = numpy.load(f"{folder}/given.npz")
    said = {}
    for file in glob.glob(f"{folder}/*.ours"):
        tensors, metadata = load(file)
        off = {}
        for name, (dtype, array) in tensors.items():
            must = given[name.split(".")[0]]
            if dtype == "BF16":
                must = torch.from_numpy(must).to(torch.bfloat16).view(torch.int16).numpy().view("u2")
                differ = array != numpy.where((must & 0x7FFF) > 0x7F80, numpy.uint16(0x7FC0), must)
            else:
                must = must.astype(array.dtype)
                same = (array == must) & (numpy.signbit(array) == numpy.signbit(must))
                differ = ~(same | (array != array) & (must != must))
            off[name] = [dtype, list(array.shape), int(numpy.sum(differ))]
        said[os.path.basename(file)[:-5]] = {"off": off, "metadata": metadata}
    print(json.dumps(said))
