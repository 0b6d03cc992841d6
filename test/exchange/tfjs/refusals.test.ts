// What isn't read: files that lie, lead away or are damaged, other kinds of models, and what can't be said. Each error names the place.
import { expect, test } from "vitest";
import { attention, dense, flatten, gru, inputs, sequential } from "../../../src/index.ts";
import { fromLayersModel, toLayersModel } from "../../../src/tfjs.ts";
import { files, type Files, groupOf, type Json, type Layer, layersOf, refused, utf8 } from "./refused.ts";

test.each([
  "../secret.bin",
  "/etc/passwd",
  "a/../../b.bin",
  "C:\\w.bin",
  "%2e%2e/w.bin",
  "https://elsewhere/w.bin",
  "file:w.bin",
  "w.bin?x",
  "data:,x",
  "",
])("weights at %j", async (path) => {
  const asked: string[] = [];
  const source = await files((json) => void (groupOf(json).paths = [path]));
  const read = (name: string): Uint8Array => {
    asked.push(name);
    return source[name]!;
  };
  await expect(fromLayersModel(read)).rejects.toThrow(
    /weightsManifest\[0\]: the path .* leads out of the folder of model\.json/,
  );
  expect(asked).toEqual(["model.json"]);
});

test("sizes that lie", async () => {
  const shape = (sizes: unknown) => files((json) => void (groupOf(json).weights[0]!["shape"] = sizes));
  await refused(
    await shape([3, 2 ** 29]),
    'layer "d" (Dense)',
    'its weight "d/kernel" must be 3x2, but it is 3x536870912',
  );
  await refused(
    await shape([2 ** 40, 2 ** 40]),
    "weightsManifest[0].weights[0]",
    /"d\/kernel" is larger than any file/,
  );
  await refused(await shape([-1, 2]), "weightsManifest[0].weights[0]", /must be a list of whole numbers/);
  const units = await files((json) => void (layersOf(json)[0]!.config["units"] = 2 ** 29));
  await refused(units, 'layer "d" (Dense)', 'its weight "d/kernel" must be 3x536870912, but it is 3x2');
  const short = { ...(await files()), "group1-shard1of1.bin": new Uint8Array(31) };
  await refused(short, "group1-shard1of1.bin", "the weights have 32 bytes, but there are 31");
  const long = { ...(await files()), "group1-shard1of1.bin": new Uint8Array(33) };
  await refused(long, "group1-shard1of1.bin", "the weights have 32 bytes, but there are 33");
});

test("JSON that is none, too deep, or something else", async () => {
  const only = (text: string): Files => ({ "model.json": utf8(text) });
  await refused(only("{"), "model.json", /^it is no JSON/);
  await refused(only("[1]"), "model.json", /must be an object with modelTopology and weightsManifest, got \[1\]/);
  await refused({ "model.json": Uint8Array.of(0xff, 0xfe) }, "model.json", /^it is no JSON/);
  await refused(
    only(`{"modelTopology":${"[".repeat(1000)}${"]".repeat(1000)}}`),
    "model.json",
    "its values may be nested up to 300 deep",
  );
  await refused({}, "model.json", "there is no such file; there are none");
});

test("graph models, which have operations in place of layers", async () => {
  const graph = /a graph model, made of a SavedModel.*--input_format=keras.*fromOnnx/;
  await refused(await files((json) => void (json["format"] = "graph-model")), "model.json", graph);
  await refused({ "model.json": utf8('{"modelTopology":{"node":[],"library":{}}}') }, "model.json", graph);
  await refused(
    { "model.json": utf8('{"modelTopology":{"class_name":"MyModel","config":{}}}') },
    "model.json: modelTopology",
    /class_name must be Sequential, Model or Functional, got "MyModel"/,
  );
});

test("layers and options that aren't known, by layer, key and value", async () => {
  const change = (made: (layer: Layer) => void) => files((json) => made(layersOf(json)[0]!));
  const at = 'layer "d" (Dense)';
  await refused(
    await change((layer) => void (layer.class_name = "Dence")),
    'layer "d" (Dence)',
    /unknown layer "Dence"; did you mean "Dense"\? Known: .*Conv2D/,
  );
  await refused(
    await change(({ config }) => void (config["lora_rank"] = 4)),
    at,
    '"lora_rank" isn\'t known here, got 4; set it to null if it changes nothing',
  );
  await refused(
    await change(({ config }) => void (config["activation"] = "cubic")),
    at,
    /activation must be one of linear, relu, .*, got "cubic"/,
  );
  await refused(
    await change(({ config }) => void (config["dtype"] = "float16")),
    at,
    /dtype must be float32, got "float16"/,
  );
  await refused(
    await change(({ config }) => void (config["units"] = 2.5)),
    at,
    /units must be a whole number from 1 to 2\^30, got 2\.5/,
  );
  await refused(
    await change(({ config }) => void (config["use_bias"] = "yes")),
    at,
    'use_bias must be true or false, got "yes"',
  );
  const penalty = { class_name: "L1L2", config: { l1: 0.1, l2: 0.1 } };
  await refused(
    await change(({ config }) => void (config["kernel_regularizer"] = penalty)),
    at,
    /kernel_regularizer may have l1 or l2 above 0, not both.*, got \{"class_name":"L1L2"/,
  );
  await refused(
    await change(({ config }) => void (config["kernel_constraint"] = { class_name: "MinMaxNorm", config: {} })),
    at,
    /kernel_constraint must be MaxNorm, UnitNorm or NonNeg, not "MinMaxNorm"/,
  );
  await refused(
    await change(
      (layer) =>
        void Object.assign(layer, { class_name: "Masking", config: { mask_value: 0, batch_input_shape: [null, 3] } }),
    ),
    'layer "Masking" (Masking)',
    /said by lengths here/,
  );
});

test("values that are no values", async () => {
  const converts = { toString: 1, valueOf: null };
  const reshaped = (made: (config: Json) => void) =>
    sequential({ input: [2, 3] }, flatten(), dense(2, { name: "d" })).then((model) =>
      files((json) => {
        const [layer] = layersOf(json);
        Object.assign(layer!, { class_name: "Reshape" });
        layer!.config["target_shape"] = [6];
        made(layer!.config);
        layersOf(json)[1]!.config["kernel_initializer"] = { class_name: "VarianceScaling", config: { mode: converts } };
      }, model),
    );
  expect((await fromLayersModel(await reshaped(() => {}))).outputShape).toEqual([2]);
  expect((await fromLayersModel(await reshaped((config) => void (config["target_shape"] = [-1])))).outputShape).toEqual(
    [2],
  );
  const odd = await reshaped((config) => void (config["target_shape"] = [converts]));
  await refused(
    odd,
    'layer "flatten1" (Reshape)',
    /target_shape must be a list of sizes, of which one may be left open, got/,
  );
});

test("weights that are missing, too many, twice, of strings, or no numbers", async () => {
  const manifest = (made: (weights: Json[]) => void) => files((json) => made(groupOf(json).weights));
  await refused(
    await manifest((weights) => void (weights[0]!["name"] = "other/kernel")),
    'layer "d" (Dense)',
    'its weight "d/kernel" is missing; there are bias',
  );
  await refused(
    await manifest((weights) => void weights.push({ name: "e/bias", shape: [0], dtype: "float32" })),
    "weightsManifest",
    'no layer of the model has the weight "e/bias"',
  );
  await refused(
    await manifest((weights) => void weights.push({ ...weights[0] })),
    "weightsManifest",
    'there are two weights called "d/kernel"',
  );
  await refused(
    await manifest((weights) => void (weights[0]!["dtype"] = "string")),
    "weightsManifest[0].weights[0]",
    /"d\/kernel" is of "string"; weights of float32, int32 and bool are read/,
  );
  await refused(
    await manifest((weights) => void (weights[0]!["quantization"] = { dtype: "uint4" })),
    "weightsManifest[0].weights[0]",
    /quantization must be uint8, uint16 or float16, got "uint4"/,
  );
  await refused(
    await manifest((weights) => void (weights[0]!["quantization"] = { dtype: "uint8", scale: "1" })),
    "weightsManifest[0].weights[0]",
    /needs finite numbers scale and min/,
  );
  const nan = new Float32Array(8);
  nan[3] = NaN;
  await refused(
    { ...(await files()), "group1-shard1of1.bin": new Uint8Array(nan.buffer) },
    'weight "d/kernel"',
    "value 3 must be a finite number, got NaN",
  );
});

test("what a reader of files gives", async () => {
  const given = await files();
  const later = (value: unknown) => () => Promise.resolve(value) as Promise<Uint8Array>;
  await expect(fromLayersModel(later(undefined))).rejects.toThrow("fromLayersModel: model.json: there is no such file");
  await expect(fromLayersModel(later("text"))).rejects.toThrow(
    'fromLayersModel: what is read as "model.json" must be a Uint8Array or an ArrayBuffer, got the string "text"',
  );
  const failing = (): never => {
    throw new Error("offline");
  };
  await expect(fromLayersModel(failing)).rejects.toThrow("fromLayersModel: model.json: it could not be read (offline)");
  await expect(fromLayersModel({ "model.json": given["model.json"]! })).rejects.toThrow(
    "fromLayersModel: group1-shard1of1.bin: there is no such file; there are model.json",
  );
  await expect(fromLayersModel(null as never)).rejects.toThrow(
    "fromLayersModel: the source must be a function that reads files",
  );
  await expect(fromLayersModel(given, { trainable: 1 as never })).rejects.toThrow(
    "fromLayersModel: trainable must be true or false, got number 1",
  );
  await expect(fromLayersModel(given, { layout: "file" } as never)).rejects.toThrow(
    'fromLayersModel: unknown option "layout"',
  );
  await expect(fromLayersModel(given, { input: [4] })).rejects.toThrow(
    'fromLayersModel: layer "d": the option input says [4], but the file [null,3]',
  );
});

test("what TensorFlow.js has nothing for", async () => {
  const reset = await sequential({ input: [4, 3] }, gru(2, { name: "g" }));
  expect(() => toLayersModel(reset)).toThrow(
    'toLayersModel: gru (layer 1, "g") resets the state after the product, which TensorFlow.js doesn\'t; gru(units, { resetAfter: false }) would work',
  );
  const heads = await sequential(
    { input: inputs({ x: [4, 3], memory: [5, 3] }) },
    attention({ memory: "memory", heads: 1 }),
    flatten(),
  );
  expect(() => toLayersModel(heads)).toThrow(
    /toLayersModel: attention \(layer 3, "attention1"\) has no counterpart among the layers of TensorFlow\.js; toOnnx writes it/,
  );
  expect(() => toLayersModel({} as never)).toThrow("toLayersModel: the argument must be a model");
});

test("what isn't an object is quoted shortly, however deep or long it is", async () => {
  const rule = "it must be an object with modelTopology and weightsManifest, got ";
  const deep = "[".repeat(5000) + "]".repeat(5000);
  await refused({ "model.json": utf8(deep) }, "model.json", `${rule}${"[".repeat(100)}...`);
  const long = `["${"x".repeat(1e6)}"]`;
  await refused({ "model.json": utf8(long) }, "model.json", `${rule}["${"x".repeat(98)}...`);
  const short = '[1,{"a":[null,"b"],"c":{}},[],true]';
  await refused({ "model.json": utf8(short) }, "model.json", rule + short);
});

test("each file of weights is read once, and none behind the bytes that the weights need", async () => {
  const twice = await files((json) => void (groupOf(json).paths = Array<string>(100_000).fill("sub/x.bin")));
  const asked: string[] = [];
  const counted = (source: Files, bytes: Uint8Array) => (path: string) => {
    asked.push(path);
    return path === "model.json" ? source[path]! : bytes;
  };
  await expect(fromLayersModel(counted(twice, new Uint8Array(32)))).rejects.toThrow(
    'weightsManifest[0]: the path "sub/x.bin" is there twice; each file is read once',
  );
  expect(asked).toEqual(["model.json"]);
  asked.length = 0;
  const paths = Array.from({ length: 1000 }, (_, i) => `${i}.bin`);
  const many = await files((json) => void (groupOf(json).paths = paths));
  // 3x2 and 2 numbers
  await expect(fromLayersModel(counted(many, new Uint8Array(20)))).rejects.toThrow(
    "the weights have 32 bytes, but there are 40 in the first files",
  );
  expect(asked).toEqual(["model.json", "0.bin", "1.bin"]);
});
