// PyTorch's files: what torch.save writes is read as the numbers that NumPy has of them, and what is refused in which words.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayOfNpy } from "../../src/formats/npy.ts";
import { readTorchFile, type TorchTensor } from "../../src/formats/torchFile.ts";
import { readZip } from "../../src/formats/zip.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { archive, call, dict, four, global, joined, list, ordered, type Part, pickle, storage, tensor, text, tuple, whole } from "../support/torchFiles.ts"; // prettier-ignore
import { needsTorch, PYTHON, skipsTorch } from "../support/torch.ts";

const read = (file: Uint8Array) => readTorchFile(file, "model.pt");

describe.skipIf(skipsTorch)(`what PyTorch wrote${needsTorch}`, () => {
  let folder: string;
  let said: Record<string, { types: Record<string, string>; values: Record<string, unknown> }>;
  const fileOf = (name: string): Uint8Array => readFileSync(join(folder, name));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wasmgrad-torch-"));
    execFileSync(PYTHON, [join(import.meta.dirname, "torchFile.py"), folder], { stdio: ["ignore", "ignore", "pipe"] });
    said = JSON.parse(readFileSync(join(folder, "said.json"), "utf8")) as typeof said;
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ["mlp", 4],
    ["lenet", 6],
    ["residual", 12],
    ["lstm", 18],
    ["gru", 6],
    ["transformer", 12],
    ["embedding", 3],
    ["autoencoder", 4],
    ["types", 14],
    ["views", 12],
    ["checkpoint", 21],
    ["protocol3", 21],
    ["protocol4", 21],
    ["protocol5", 21],
    ["parameters", 2],
    ["alone", 1],
    ["many", 1500],
  ])("%s, of %i tensors", (name, count) => {
    const { tensors, values } = read(fileOf(`${name}.pt`));
    const arrays = readZip(Uint8Array.from(fileOf(`${name}.npz`)), name);
    const { types, values: others } = said[name]!;
    expect(tensors.size).toBe(count);
    expect(Object.fromEntries(Array.from(tensors, ([key, each]) => [key, each.dtype]))).toEqual(types);
    expect(Object.fromEntries(values)).toEqual(others);
    for (const [key, { shape, data, dtype }] of tensors) {
      const array = arrayOfNpy(arrays.get(`${key || "(alone)"}.npy`)!.bytes(), key, false);
      expect(shape, key).toEqual(array.shape);
      expect(data, key).toEqual(
        dtype === "int64" && key !== "wide" ? Float64Array.from(array.data, Number) : array.data,
      );
    }
  });

  test("the order is that of the file", () => {
    expect([...read(fileOf("residual.pt")).tensors.keys()].slice(0, 4)).toEqual([
      "conv1.weight",
      "bn1.weight",
      "bn1.bias",
      "bn1.running_mean",
    ]);
  });

  test("whole numbers that aren't exact as numbers stay bigints, and float16 and bfloat16 keep every bit", () => {
    const { tensors } = read(fileOf("types.pt"));
    expect(tensors.get("wide")!.data).toEqual(BigInt64Array.of(9007199254740993n, -9223372036854775808n));
    expect([...tensors.get("bfloat16")!.data].slice(0, 3)).toEqual([0, -0, 1.5]);
    expect([...tensors.get("float16")!.data].slice(4, 7)).toEqual([65504, Infinity, -Infinity]);
  });

  test("each tensor has memory of its own, also those that share a storage, and none of the file's", () => {
    const file = Uint8Array.from(fileOf("embedding.pt"));
    const { tensors } = read(file);
    const [tied, head] = ["embedding.weight", "head.weight"].map((name) => tensors.get(name)!);
    expect(head).toEqual(tied);
    const before = [...head!.data];
    (tied!.data as Float32Array).fill(0);
    file.fill(0);
    expect([...head!.data]).toEqual(before);
  });

  test("a command isn't run, and would be by PyTorch", async () => {
    const marker = join(folder, "was-run");
    const message =
      "model.pt has a data.pkl that, at byte X, asks for posix.system, which isn't known; nothing of a file is called. " +
      "Save tensors, numbers, texts, lists and dicts, such as model.state_dict()";
    const pattern = new RegExp(message.replaceAll(/[.()]/g, "\\$&").replace("byte X", "byte \\d+"));
    await expectRefusal(() => read(fileOf("command.pt")), Error, pattern);
    expect(existsSync(marker)).toBe(false);
    execFileSync(PYTHON, ["-c", "import sys, torch; torch.load(sys.argv[1])", join(folder, "command.pt")]);
    expect(existsSync(marker)).toBe(true);
  }, 300_000);

  test.each([
    [
      "old",
      /^model.pt is a pickle, as torch.save wrote before PyTorch 1.6 .*; read it with PyTorch, and save it again$/,
    ],
    [
      "whole",
      /asks for torch.nn.modules.container.Sequential, which is a whole model or an object of a class; save model.state_dict\(\)$/,
    ],
    [
      "numpy",
      /asks for numpy\.core\.multiarray\.scalar, which is a number or array of NumPy; save x.item\(\) or torch.tensor\(x\)$/,
    ],
    [
      "sparse",
      /asks for torch\._utils\._rebuild_sparse_tensor, which is a sparse or quantized tensor; save x.to_dense/,
    ],
    ["complex", /asks for torch.ComplexFloatStorage, which is numbers of a type that isn't read; save x.float\(\)$/],
    ["storage", /^model.pt has a storage as the value ""; save a tensor$/],
    [
      "script",
      /^model.pt is a program of TorchScript \(torch.jit.save\), which is never run; save model.state_dict\(\)$/,
    ],
    ["circle", /^model.pt has a dict in itself, at "self"; save one without circles$/],
    [
      "pair",
      /^model.pt has a data.pkl that, at byte \d+, makes a tuple that contains itself; save lists and dicts without circles$/,
    ],
  ])("%s is refused", async (name, message) => {
    await expectRefusal(() => read(fileOf(`${name}.pt`)), Error, message); // prettier-ignore
  });

  test("a file that is cut short is refused wherever it ends", async () => {
    const file = fileOf("mlp.pt");
    for (let length = 0; length < file.length; length += 13) {
      await expectRefusal(() => read(file.subarray(0, length)), Error, /^model\.pt (?:is|has) /);
    }
  });
});

const numbersOf = (file: Uint8Array): Record<string, number[]> =>
  Object.fromEntries(Array.from(read(file).tensors, ([name, { data }]) => [name, Array.from(data, Number)]));

describe("files made by hand", () => {
  test("are as PyTorch's", () => {
    const file = archive(pickle(ordered(["w", tensor()], ["b", tensor({ offset: 2, shape: [2] })])));
    expect(numbersOf(file)).toEqual({ w: [1, 2, 3, 4], b: [3, 4] });
    // at any place of its memory
    const moved = new Uint8Array(file.length + 3);
    moved.set(file, 3);
    expect(numbersOf(moved.subarray(3))).toEqual({ w: [1, 2, 3, 4], b: [3, 4] });
  });

  test("the highest byte of a number may be the first", () => {
    const storages = { 0: four().subarray(0, 4).toReversed() };
    const file = archive(pickle(tensor({ size: 1, shape: [] })), { storages, files: { "archive/byteorder": "big" } });
    expect(read(file).tensors.get("")).toEqual({ shape: [], data: Float32Array.of(1), dtype: "float32" });
  });

  test("classes of storages may be in torch.storage", () => {
    expect(numbersOf(archive(pickle(tensor({ type: "torch.storage.FloatStorage" }))))).toEqual({ "": [1, 2, 3, 4] });
  });

  test("the archive may be packed again, compressed", () => {
    const numbers = new Uint8Array(Float32Array.from({ length: 500 }, (_, i) => i % 40).buffer);
    const file = archive(pickle(tensor({ size: 500, shape: [500] })), { storages: { 0: numbers }, compress: true });
    expect(numbersOf(file)[""]).toHaveLength(500);
  });

  test("what newer versions of PyTorch put beside the numbers is left out", () => {
    const files = {
      byteorder: "little",
      ".format_version": "1",
      ".storage_alignment": "64",
      ".data/serialization_id": "7",
    };
    const named = Object.fromEntries(Object.entries(files).map(([name, content]) => [`archive/${name}`, content]));
    expect(numbersOf(archive(pickle(tensor()), { files: named }))).toEqual({ "": [1, 2, 3, 4] });
  });

  test("attributes of an OrderedDict are left out", () => {
    const file = archive(pickle(ordered(["w", tensor()]), dict(["_metadata", dict()]), "b"));
    expect(read(file).values.size).toBe(0);
  });

  test("names may be those of JavaScript's own", () => {
    const file = archive(
      pickle(dict(["__proto__", tensor()], ["constructor", whole(1)], ["toString", dict(["then", "N"])])),
    );
    const { tensors, values } = read(file);
    expect([...tensors.keys()]).toEqual(["__proto__"]);
    expect([...values]).toEqual([["constructor", 1], ["toString.then", null]]); // prettier-ignore
  });

  test("strides along axes of one number are of no account, and neither are those of no numbers", () => {
    const views = { a: { shape: [1, 4], strides: [99, 1] }, b: { shape: [0, 9], strides: [5, 1], offset: 4 } };
    const file = archive(pickle(dict(...Object.entries(views).map(([name, view]) => [name, tensor(view)] as const))));
    expect(numbersOf(file)).toEqual({ a: [1, 2, 3, 4], b: [] });
  });

  test("what is in two places is read twice", () => {
    const file = archive(pickle(joined("}(", text("a"), dict(["w", tensor()]), "q\x01", text("b"), "h\x01u")));
    expect(numbersOf(file)).toEqual({ "a.w": [1, 2, 3, 4], "b.w": [1, 2, 3, 4] });
  });
});

const of =
  (...parts: readonly Part[]) =>
  (): unknown =>
    read(archive(pickle(...parts)));
const files = (changed: Record<string, string | Uint8Array | undefined>) => (): unknown =>
  read(archive(pickle(tensor()), { files: changed }));

/** A list of lists, each twice in the next: 2^depth places. */
const doubled = (depth: number): string => {
  const kept = (i: number): string => String.fromCharCode(i);
  const levels = Array.from({ length: depth }, (_, i) => `](h${kept(i)}h${kept(i)}eq${kept(i + 1)}`);
  return `](]q${kept(0)}${levels.join("")}e`;
};

describe("refuses", () => {
  // prettier-ignore
  refuses([
    [() => read(Uint8Array.of(0, 1, 2, 3, 4)), Error, "model.pt is no file of torch.save; it must begin with 50 4b 03 04, but begins with 00 01 02 03"],
    [files({ "archive/data.pkl": undefined }), Error, "model.pt is a zip file, but none of torch.save, which has one data.pkl in a folder; it has 0"],
    [files({ "other/data.pkl": "" }), Error, "model.pt is a zip file, but none of torch.save, which has one data.pkl in a folder; it has 2"],
    [files({ "archive/version": undefined }), Error, "model.pt is damaged: it has no version, as torch.save writes it"],
    [files({ "archive/version": "11" }), Error, 'model.pt is of the archive\'s version "11"; 1 to 10 are read'],
    [files({ "archive/version": "3".repeat(21) }), Error, "model.pt is damaged: its version has 21 bytes"],
    [files({ "archive/byteorder": "middle" }), Error, 'model.pt is damaged: its byteorder is "middle"; it must be little or big'],
    [files({ "archive/data/0": undefined }), Error, /^model.pt has a data.pkl that, at byte 86, has numbers in the file "data\/0", which isn't in the archive$/],
    // names that lead elsewhere
    [of(tensor({ key: "../version" })), Error, /has numbers in the file "data\/\.\.\/version", which isn't in the archive$/],
    [of(tensor({ key: "/etc/passwd" })), Error, /has numbers in the file "data\/\/etc\/passwd", which isn't in the archive$/],
    // storages and views that lie
    [of(tensor({ size: 5 })), Error, /has a storage of another size than its file: 5 numbers of float32 take 20 bytes, but data\/0 has 16$/],
    [of(tensor({ size: 2 ** 52 })), Error, /: 4503599627370496 numbers of float32 take 18014398509481984 bytes, but data\/0 has 16$/],
    [of(tensor({ type: "torch.DoubleStorage" })), Error, /4 numbers of float64 take 32 bytes, but data\/0 has 16$/],
    [of(tensor({ shape: [5] })), Error, /has a tensor \(5\) that ends at number 5 of a storage of 4$/],
    [of(tensor({ offset: 1 })), Error, /has a tensor \(4\) that ends at number 5 of a storage of 4$/],
    [of(tensor({ shape: [2, 2], strides: [3, 1] })), Error, /has a tensor \(2 x 2\) that ends at number 5 of a storage of 4$/],
    [of(tensor({ shape: [2 ** 40, 2 ** 40] })), Error, /has a tensor \(1099511627776 x 1099511627776\) that ends at number 1\.2.*e\+24 of a storage of 4$/],
    [of(tensor({ shape: [2, 2], strides: [1] })), Error, /has a tensor of 2 axes and 1 strides; up to 64 are read$/],
    [of(tensor({ shape: Array.from({ length: 65 }, () => 1) })), Error, /has a tensor of 65 axes and 65 strides; up to 64 are read$/],
    [of(tensor({ shape: [2 ** 30], strides: [0] })), Error, /^model.pt has the tensor "" \(1073741824\) of 4294967296 bytes; with those before it that is more than 8 times the file's \d+\. Views can repeat few numbers \(expand\): save x\.clone\(\)$/],
    [of(tensor({ more: [dict(["neg", "\x88"])] })), Error, /has a tensor that stands for others \(a negative or conjugate view\); save x\.clone\(\)$/],
    [of(tensor({ more: ["N", "N"] })), Error, /calls torch\._utils\._rebuild_tensor_v2 with other arguments than torch\.save writes$/],
    [of(call("torch._utils._rebuild_tensor_v2", storage(), text("0"), tuple(), tuple(), "\x89", dict())), Error, /has a tensor without a storage, a place, a shape and strides of whole numbers of 0 or more$/],
    // names and calls
    [of(call("os.system", text("touch x"))), Error, /^model\.pt has a data\.pkl that, at byte 2, asks for os\.system, which isn't known; nothing of a file is called\. Save tensors/],
    [of(call("torch.hub.load", text("x"))), Error, /asks for torch\.hub\.load, which isn't known/],
    [of(call("torch.storage._load_from_bytes", text("x"))), Error, /asks for torch\.storage\._load_from_bytes, which isn't known/],
    [of(text("os"), text("system"), "\x93"), Error, /^model\.pt has a data\.pkl that, at byte 20, asks for os\.system/],
    [of(call("\u001b[2J.x")), Error, /asks for "\\u001b\[2J\.x", which isn't known/],
    [of(call("torch._utils._rebuild_parameter", text("x"), "\x88", "N")), Error, /calls torch\._utils\._rebuild_parameter with other arguments than torch\.save writes$/],
    [of(call("torch.FloatStorage", whole(3))), Error, /calls torch\.FloatStorage with other arguments than torch\.save writes$/],
    [of(text("x"), tuple(), "R"), Error, /calls "x", which is no function$/],
    [of(global("torch.Size"), list(), "R"), Error, /calls torch\.Size with a list, not a tuple$/],
    [of(global("torch.Size")), Error, 'model.pt has torch.Size as the value ""'],
    [of(dict(), dict(), "b"), Error, /sets attributes of a dict$/],
    [of("(ios\nsystem\n"), Error, /at byte 3, makes an object of a class; save numbers, texts, lists and dicts$/],
    [of(global("torch.Size"), tuple(), "\x81"), Error, /makes an object of a class/],
    [of(text("x"), "Q"), Error, /has an id that is none of a storage: its class, its file and its size$/],
    [of(dict([tuple(), "N"])), Error, 'model.pt has a dict with a tuple as a key, in ""; keys must be texts or numbers'],
    [of(dict(["a.b", "N"], ["a", dict(["b", "N"])])), Error, 'model.pt has two values of the name "a.b"'],
    // circles and bombs
    [of("]q\0h\0a"), Error, 'model.pt has a list in itself, at "0"; save one without circles'],
    [of("}q\0", text("x"), "]h\0as"), Error, 'model.pt has a dict in itself, at "x.0"; save one without circles'],
    [of("]".repeat(300), "N", "a".repeat(300)), Error, "model.pt has lists and dicts nested more than 200 deep"],
    [of(doubled(60)), Error, "model.pt has few lists and dicts in so many places that it can't be laid flat"],
  ]);

  test("a storage that inflates to more than its archive", async () => {
    const bomb = archive(pickle(tensor({ size: 2 ** 18, shape: [2 ** 18] })), {
      storages: { 0: new Uint8Array(2 ** 20) },
      compress: true,
    });
    expect(bomb.length).toBeLessThan(4000);
    const message = /^model\.pt inflates to \d+ bytes, more than 8 times its \d+; PyTorch stores without compression$/;
    await expectRefusal(() => read(bomb), Error, message);
  });

  test("a name in the archive that leads out of it", async () => {
    const file = archive(pickle(tensor()), { files: { "archive/xx/data": "" } });
    const changed = Buffer.from(file).toString("latin1").replaceAll("archive/xx/data", "archive/../data");
    const message =
      'model.pt has a file of the name "archive/../data"; names must be of files in it, without "..", "\\" or a drive';
    await expectRefusal(() => read(Uint8Array.from(Buffer.from(changed, "latin1"))), Error, message);
  });

  test("a storage whose bytes were changed", async () => {
    const file = archive(pickle(tensor()));
    const at = Buffer.from(file).indexOf(four());
    file[at]! ^= 1;
    await expectRefusal(
      () => read(file),
      Error,
      'model.pt is damaged: the checksum of "archive/data/0" isn\'t that of its bytes',
    );
  });

  test("one storage in many tensors, once they are more than 8 times the file", async () => {
    const numbers = new Float32Array(50_000);
    const many = (count: number): Uint8Array => {
      const one = tensor({ size: 50_000, shape: [50_000] });
      const pairs = Array.from({ length: count }, (_, i) => [`${i}`, one] as const);
      return archive(pickle(dict(...pairs)), { storages: { 0: new Uint8Array(numbers.buffer) } });
    };
    expect(read(many(8)).tensors.size).toBe(8);
    await expectRefusal(
      () => read(many(10)),
      Error,
      /^model\.pt has the tensor "8" \(50000\) of 200000 bytes; with those before it/,
    );
  });
});

test("a tensor's type says what its numbers are", () => {
  const { data, dtype }: TorchTensor = read(
    archive(pickle(tensor({ size: 16, type: "torch.ByteStorage", shape: [2, 2] }))),
  ).tensors.get("")!;
  expect([dtype, data]).toEqual(["uint8", Uint8Array.from(four().subarray(0, 4))]);
});
