// What `convert` refuses: one clear message, exit code 1, and nothing is written or replaced.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeNpy, writeNpz } from "../../src/data.ts";
import { modelToBytes, writeSafetensors } from "../../src/files.ts";
import { toOnnx } from "../../src/onnx.ts";
import { dense, sequential } from "../../src/index.ts";
import { call, dict, pickle, text } from "../support/torchFiles.ts";
import { writeZip } from "../../src/formats/zip.ts";
import { images, makePlace, network, putModel } from "../support/converting.ts";

const place = makePlace("convert-bad");
const { path, state, wasmgrad, output } = place;
const put = (name: string, content: string | Uint8Array): void => writeFileSync(path(name), content);

/** The message of a command that is refused: on its own, and all files are as they were. */
async function refusal(args: string): Promise<string> {
  const before = state();
  const { code, out, err } = await wasmgrad(args);
  expect([code, out]).toEqual([1, ""]);
  expect(state()).toEqual(before);
  expect(err).toMatch(/^(?:wasmgrad: convert: |error: )\S/);
  return err.replace(/^wasmgrad: convert: /, "").trimEnd();
}

beforeAll(async () => {
  await putModel(place);
  const model = await network();
  mkdirSync(path("empty-folder"));
  put("empty.onnx", "");
  put("what.dat", "hello, this is no model");
  put("keras.h5", Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0, 0, 0]));
  put("lite.tflite", Uint8Array.from([28, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33, 0, 0, 0, 0]));
  put("old.pt", pickle(dict(["a", text("b")])));
  put("calls.pt", writeZip([["calls/data.pkl", pickle(call("posix.system", text("touch called")))], ["calls/version", Buffer.from("3\n")]], false, "test")); // prettier-ignore
  put("rows.npy", await writeNpy({ shape: [1, 120], data: new Float32Array(120) }));
  put("state.pt", writeZip([["state/data.pkl", pickle(dict(["a", text("b")]))], ["state/version", Buffer.from("3\n")]], false, "test")); // prettier-ignore
  put("cut.onnx", toOnnx(model).subarray(0, 500));
  put("cut.safetensors", modelToBytes(model).subarray(0, 1000));
  put("weights.safetensors", writeSafetensors([["a", { shape: [2], data: Float32Array.of(1, 2) }]]));
  put("checkpoint.safetensors", writeSafetensors([], { format: "wasmgrad", checkpoint: "2", training: "{}" }));
  put("model.mjs", "export const predict = 1;");
  put("prefixed.npz", await writeNpz({ "net.conv1.weight": { shape: [4, 1, 3, 3], data: new Float32Array(36) } }));
  const square = await sequential({ input: 4 }, dense(4));
  put("square.safetensors", modelToBytes(square));
  put("square.npz", await writeNpz(new Map(square.parameters().map(({ name, shape, get }) => [name, { shape, data: get() }])))); // prettier-ignore
  put("nan.npz", await writeNpz({ x: { shape: [1, 12, 10, 1], data: images(1).fill(Number.NaN) } }));
  put("small.npz", await writeNpz({ x: { shape: [1, 4], data: new Float32Array(4) } }));
  const graph = {
    class_name: "Sequential",
    config: { name: "s", layers: [{ class_name: "Mystery", config: { name: "m", batch_input_shape: [null, 4] } }] },
  };
  const open = { class_name: "Dense", config: { name: "d", units: 2, batch_input_shape: [null, null] } };
  const opened = { class_name: "Sequential", config: { name: "s", layers: [open] } };
  put("open.json", JSON.stringify({ format: "layers-model", modelTopology: opened, weightsManifest: [] }));
  put("mystery.json", JSON.stringify({ format: "layers-model", modelTopology: graph, weightsManifest: [] }));
  const shards = { paths: ["../net.safetensors"], weights: [{ name: "d/kernel", shape: [1], dtype: "float32" }] };
  put("leaves.json", JSON.stringify({ format: "layers-model", modelTopology: graph, weightsManifest: [shards] }));
  symlinkSync("net.safetensors", path("link.onnx"));
});

describe("IN", () => {
  test.each([
    ["absent o.npz", "absent isn't there (ENOENT)"],
    ["neet.safetensors o.npz", 'neet.safetensors isn\'t there (ENOENT); did you mean "net.safetensors"?'],
    ["empty-folder o.npz", "empty-folder is a folder without a model.json, as TensorFlow.js has it; give a file"],
    ["what.dat o.npz", "it isn't known what what.dat is; it reads .onnx, .safetensors, .pt and .pth, .npz, and TensorFlow.js' model.json or the folder that it is in"],
    ["keras.h5 o.npz", "keras.h5 is HDF5, as Keras writes it; save it as ONNX (tf2onnx), or for TensorFlow.js (tensorflowjs_converter)"],
    ["lite.tflite o.npz", "lite.tflite is TensorFlow Lite, which is made for running alone; take the model that it was made of"],
    ["old.pt o.npz", "old.pt is a Python pickle, or a PyTorch file of before 1.6; load it there, and save its state_dict() by torch.save"],
    ["model.mjs o.npz", "model.mjs is a program, and models aren't read from these; give the file that it was made of"],
    ["checkpoint.safetensors o.onnx", "checkpoint.safetensors is a checkpoint of a training; give the file that the training wrote in the end, or saveModel"],
  ])("%s", async (args, message) => {
    expect(await refusal(args)).toBe(message);
  }); // prettier-ignore

  test.each([
    ["empty.onnx o.npz", /^empty\.onnx can't be read at byte 0: /],
    ["cut.onnx o.safetensors", /^cut\.onnx can't be read at byte \d+: .* are left/],
    ["cut.safetensors o.npz", /^cut\.safetensors.* cut short/],
    ["mystery.json o.onnx", /layer "m" \(Mystery\): /],
    ["open.json o.onnx", /; give it with --input, such as --input 28,28,1$/],
    ["open.json o.onnx --input 0", /It must be sizes of a row's axes, such as 28,28,1/],
    ["leaves.json o.onnx", /\.\.\/net\.safetensors/],
    ["calls.pt o.npz", /asks for posix\.system, which isn't known; nothing of a file is called/],
  ])("%s", async (args, message) => {
    expect(await refusal(args)).toMatch(message);
    expect(existsSync(path("called"))).toBe(false);
  });

  test("an opset that there isn't", async () => {
    expect(await refusal("net.safetensors o.onnx --opset 99")).toMatch(/^--opset must be one of 13, .*, got 99/);
  });
});

const WRITTEN =
  "it writes .onnx, .safetensors, .npz, .mjs and .js, and TensorFlow.js' model.json or a folder for it, " +
  'whose name ends with "/"; --to says it for other names';

describe("OUT", () => {
  test.each([
    ["net.safetensors out.xyz", `it isn't known what out.xyz is to be; ${WRITTEN}`],
    ["net.safetensors newfolder", `it isn't known what newfolder is to be; ${WRITTEN}`],
    ["net.safetensors out.pth --to state-dict", "out.pth: PyTorch's own files aren't written; OUT.safetensors with --to state-dict is what its load_state_dict takes by load_file of safetensors.torch"],
    ["net.safetensors out.onnx --to state-dict", "out.onnx: a state dict is written as .safetensors or .npz; give OUT such a name"],
    ["net.safetensors out.pt", "out.pt: PyTorch's own files aren't written; OUT.safetensors with --to state-dict is what its load_state_dict takes by load_file of safetensors.torch"],
    ["net.safetensors net.safetensors", "net.safetensors would replace net.safetensors; give another file"],
    ["net.safetensors ./link.onnx", "./link.onnx would replace net.safetensors; give another file"],
    ["net.safetensors in.npz --check in.npz --to npz", "in.npz would replace --check; give another file"],
    ["net.safetensors none/out.onnx", "none/out.onnx can't be written (ENOENT: there is no folder none)"],
    ["net.safetensors empty-folder --to onnx", "empty-folder is a folder, which --to onnx can't be; give a file's name"],
    ["net.safetensors none/web/", "none/web can't be written (ENOENT: there is no folder none)"],
  ])("%s", async (args, message) => {
    expect(await refusal(args)).toBe(message);
  }); // prettier-ignore
});

describe("options", () => {
  test.each([
    ["weights.safetensors out.onnx", "weights.safetensors has weights alone, and OUT is to be a model; --model FILE says which model takes them"],
    ["weights.safetensors out.npz --to state-dict", "weights.safetensors has weights alone, and a state dict is made of a model; --model FILE says which model takes them"],
    ["net.safetensors out.onnx --model other.safetensors", "net.safetensors is a model itself, which takes no --model; leave it out"],
    ["prefixed.npz out.onnx --model weights.safetensors", "--model weights.safetensors has weights alone; give the file of a model, such as saveModel and train write"],
    ["weights.safetensors out.npz --opset 17", "--opset is for ONNX that is written; leave it out"],
    ["net.safetensors out.mjs --layout channelsFirst", "--layout is for ONNX; leave it out"],
    ["net.safetensors out.onnx --dtype F16", "--dtype is for safetensors and npz that are written; leave it out"],
    ["net.safetensors out.onnx --weights int8", "--weights is for a JavaScript module that is written; leave it out"],
    ["net.safetensors out.onnx --prefix a.", "--prefix is for weights for --model, and --to state-dict; leave it out"],
    ["net.safetensors out.onnx --source torch", "--source is for weights for --model; leave it out"],
    [
      "net.safetensors out.onnx --input 4",
      "--input is for models of TensorFlow.js; leave it out",
    ],
    ["net.safetensors out.onnx --tolerance 1", "--tolerance is for --check; leave it out"],
    ["weights.safetensors out.npz --check in.npz", "--check is for models; weights alone compute nothing; leave it out"],
    ["weights.safetensors out.npz --dtype BF16", "NumPy has no type bfloat16; leave out --dtype BF16, or write safetensors"],
    ["square.npz out.onnx --model square.safetensors", "square.npz may have PyTorch's weights or our own, as names and shapes fit both, which are transposed; say it: --source torch or --source wasmgrad"],
    ["weights.safetensors out.onnx --model net.safetensors --source wasmgrad", 'weights.safetensors has "a", no parameters of the model; --leave-others leaves them out'],
    ["net.safetensors out.onnx --check nan.npz", "--check: nan.npz: x must hold finite numbers, but row 0, column 0 is NaN"],
    ["net.safetensors out.onnx --check small.npz", "--check: small.npz: x is 1x4, but must be rows x 12x10x1"],
    ["net.safetensors out.onnx --check absent", "absent isn't there (ENOENT)"],
  ])("%s", async (args, message) => {
    expect(await refusal(args)).toBe(message);
  }); // prettier-ignore

  test("a prefix that may be meant", async () => {
    const message = await refusal("prefixed.npz out.onnx --model net.safetensors");
    expect(message).toMatch(/^there is no tensor "conv1\.weight" \(4 x 1 x 3 x 3\)/);
    expect(message).toMatch(/--names LAYER=MODULE says which module a layer is; with --prefix net\. there is one$/);
  });

  test("a --check that is no npz", async () => {
    const wanted = / can't be read: \S.*; an npz of rows is needed, as np\.savez\("in\.npz", x=x\) writes it$/;
    for (const name of ["rows.npy", "state.pt", "cut.onnx", "weights.safetensors"]) {
      const message = await refusal(`net.safetensors out.onnx --check ${name}`);
      expect(message.slice(0, `--check: ${name}`.length)).toBe(`--check: ${name}`);
      expect(message).toMatch(wanted);
    }
  });

  test("words that aren't values", async () => {
    expect(await refusal("net.safetensors out.onnx --check in.npz --tolerance much")).toMatch(/It must be a number of 0 or more, such as 1e-4\.$/); // prettier-ignore
    expect(await refusal("prefixed.npz out.onnx --model net.safetensors --names dense1")).toMatch(/It must be a layer and the module that it is in PyTorch/); // prettier-ignore
    expect(await refusal("net.safetensors out.x --to onxx")).toMatch(/Allowed choices are onnx, safetensors, npz, tfjs, module, state-dict\./); // prettier-ignore
    expect(await refusal("net.safetensors")).toBe(
      "error: missing required argument 'out'\nnpx wasmgrad convert --help says what it takes",
    );
  });

  test("the same weights with their library said", async () => {
    await output("square.npz ours.safetensors --model square.safetensors --source wasmgrad");
    await output("square.npz torch.safetensors --model square.safetensors --source torch");
    const files = state();
    expect(files[join(place.folder, "ours.safetensors")]).toBe(files[join(place.folder, "square.safetensors")]);
    expect(files[join(place.folder, "torch.safetensors")]).not.toBe(files[join(place.folder, "square.safetensors")]);
  });
});
