# Arrays of NumPy: `write FOLDER` writes files of every type, order and kind of archive, and said.json with their numbers as text; `read FOLDER`
# loads ours and prints the same of them.
import io
import json
import sys
import zipfile

import numpy as np

todo, folder = sys.argv[1:]
floats = [0.0, -0.0, 1.5, -2.25, 6e-8, 65504, np.inf, -np.inf, np.nan]
arrays = {
    **{f"f{8 * n}": np.array(floats, f"f{n}") for n in (2, 4, 8)},
    **{kind: np.array([0, 1, np.iinfo(kind).min, np.iinfo(kind).max], kind) for kind in "int8 uint8 int16 uint16 int32 uint32 int64 uint64".split()},
    "bool": np.array([[True, False, True]]),
    "fortran": np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)),
    "fortranBig": np.asfortranarray(np.arange(6, dtype=">i4").reshape(3, 2)),
    "bigHalf": np.array(floats, ">f2"),
    "bigDouble": np.array(floats, ">f8"),
    "strided": np.arange(20, dtype="f4").reshape(4, 5)[::2, 1::2].T,
    "scalar": np.array(2.5),
    "scalarBool": np.array(True),
    "empty": np.zeros((0, 3), "f2"),
    "emptyBetween": np.zeros((2, 0, 3), "i8"),
    "many": np.arange(64, dtype="u1").reshape((2,) * 6),
    "folder/dense1.weight": np.ones((2, 2), "f4"),
    "漢字": np.ones(1, "f4"),
}  # fmt: skip


def said(array):
    text = lambda value: repr(float(value)) if array.dtype.kind == "f" else str(int(value))
    return [array.dtype.name, list(array.shape), [text(value) for value in array.flatten(order="C")]]


if todo == "write":
    np.savez(f"{folder}/savez.npz", **arrays)
    np.savez_compressed(f"{folder}/compressed.npz", **arrays)

    class Pipe(io.RawIOBase):
        """What can't be gone back in: sizes are behind the numbers then."""

        def __init__(self, path):
            self.file = open(path, "wb")

        def writable(self):
            return True

        def write(self, data):
            return self.file.write(data)

    for name, method in (("streamed", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)):
        pipe = Pipe(f"{folder}/{name}.npz")
        with zipfile.ZipFile(pipe, "w", method) as archive:
            for key, array in arrays.items():
                data = io.BytesIO()
                np.lib.format.write_array(data, array, version=(2, 0))
                with archive.open(f"{key}.npy", "w", force_zip64=name == "stored") as entry:
                    entry.write(data.getvalue())
        pipe.file.close()
    json.dump({key: said(array) for key, array in arrays.items()}, open(f"{folder}/said.json", "w"))

    class Payload:
        def __reduce__(self):
            import os

            return os.system, (f"touch {folder}/was-run",)

    np.savez(f"{folder}/pickle.npz", fine=np.ones(2), x=np.array([Payload()], object))
    np.save(f"{folder}/pickle.npy", np.array([Payload()], object))
else:
    loaded = {}
    for name in ("ours", "compressed"):
        with np.load(f"{folder}/{name}.npz", allow_pickle=False) as file:
            loaded[name] = {key: said(file[key]) for key in file.files}
    loaded["alone"] = said(np.load(f"{folder}/alone.npy", allow_pickle=False))
    print(json.dumps(loaded))
