// Every layer that TensorFlow.js has something for is written, and read by TensorFlow.js itself: it predicts the same. What it saves again is
// read here, and has the same weights, to the bit.
import { describe, expect, test } from "vitest";
import {
  adam,
  add,
  average,
  bidirectional,
  chain,
  clip,
  dense,
  flatten,
  from,
  hardSigmoid,
  hardSwish,
  inputs,
  type Layer,
  lstm,
  meanSquaredError,
  type Model,
  relu,
  reshape,
  sequential,
  subtract,
  sum,
  timeDistributed,
  Trainer,
} from "../../../src/index.ts";
import { fromLayersModel, toLayersModel } from "../../../src/tfjs.ts";
import { uniform } from "../../support/seeded.ts";
import { EVERY_LAYER } from "../everyLayer.ts";
import { OURS } from "./ours.ts";
import { bitsOf, farthest, parts } from "./same.ts";
import { predicted, saved, tensorFlow } from "./tf.ts";

const ROWS = 3;

/** Layers of which nothing can be written. */
const REFUSED = [
  "attention",
  "celu",
  "divide",
  "groupNorm",
  "instanceNorm",
  "localResponseNorm",
  "positionalEmbedding",
  "rbf",
  "rmsNorm",
  "selfAttention",
  "shrink",
  "sinusoidalEmbedding",
  "tiedDense",
];

/** Writes a model, has TensorFlow.js read and save it, and reads that. Gives what TensorFlow.js' is. */
async function check(model: Model, x: Float32Array): Promise<Model> {
  const tf = await tensorFlow();
  const wanted = model.predict(x);
  const written = toLayersModel(model);
  const theirs = await tf.loadLayersModel(tf.io.fromMemory(written));
  expect(farthest(predicted(tf, theirs, parts(model, x), ROWS), wanted)).toBeLessThan(1e-5);
  const again = await fromLayersModel(await saved(tf, theirs));
  expect(farthest(again.predict(x), wanted)).toBeLessThan(1e-5);
  const fromFiles = await fromLayersModel(written.files);
  // TensorFlow.js applies constraints when it loads weights, too
  const constrained = model.nodes.some(({ specs }) => specs.some(({ constraint }) => constraint));
  if (!constrained) expect(fromFiles.fingerprint()).toBe(again.fingerprint());
  return again;
}

/** Are the parameters those of before? A layer that was written as another has others. */
function keepsWeights(model: Model, again: Model): boolean {
  const [before, after] = [bitsOf(model), bitsOf(again)];
  const same = before.size === after.size && [...before.keys()].every((name) => after.has(name));
  if (same) expect(after).toEqual(before);
  return same;
}

const written = new Set<string>();
const kept: boolean[] = [];

describe.each([...new Set(EVERY_LAYER.map(({ of }) => of))])("%s", (of) => {
  const all = EVERY_LAYER.filter((each) => each.of === of);
  test.each(all.map((each) => [each.name, each] as const))("%s", async (_name, given) => {
    const model = await given.make();
    let refusal: Error | undefined;
    try {
      toLayersModel(model);
    } catch (error) {
      refusal = error as Error;
    }
    if (refusal) {
      expect(refusal.name).toBe("RangeError");
      expect(refusal.message).toMatch(/^toLayersModel: \w+ \(layer \d+, ".+"\) .+; .+ (?:would work|writes? it)/);
      return;
    }
    written.add(of);
    kept.push(keepsWeights(model, await check(model, given.x(ROWS))));
  });
});

test("of each layer something is written, but of those that TensorFlow.js has nothing for", () => {
  const layers = new Set(EVERY_LAYER.map(({ of }) => of));
  expect([...layers].filter((of) => !written.has(of) && of !== "timeDistributed").toSorted()).toEqual(REFUSED);
});

test("most models come back with the parameters that they had, by name and bit", () => {
  expect(kept.filter(Boolean).length / kept.length).toBeGreaterThan(0.8);
});

test.each(Object.entries(OURS))("%s", async (_name, { input, layers }) => {
  const model = await sequential({ input, seed: 3 }, ...layers());
  const x = uniform(ROWS * model.inputShape.reduce((size, n) => size * n, 1), { seed: 2 });
  await check(model, x);
});

test("the files are model.json and pieces of 4 MB, as the converter of TensorFlow.js writes them", async () => {
  const model = await sequential(
    { input: OURS["weights of more than 4 MB"]!.input },
    ...OURS["weights of more than 4 MB"]!.layers(),
  );
  const { files, weightData } = toLayersModel(model);
  expect(Object.entries(files).map(([name, bytes]) => [name, name === "model.json" ? 0 : bytes.length])).toEqual([
    ["model.json", 0],
    ["group1-shard1of2.bin", 4 * 2 ** 20],
    ["group1-shard2of2.bin", weightData.byteLength - 4 * 2 ** 20],
  ]);
  const { modelTopology, weightsManifest, format } = JSON.parse(new TextDecoder().decode(files["model.json"])) as {
    readonly modelTopology: { readonly class_name: string };
    readonly weightsManifest: readonly { readonly paths: readonly string[] }[];
    readonly format: string;
  };
  expect(format).toBe("layers-model");
  expect(modelTopology.class_name).toBe("Sequential");
  expect(weightsManifest.map(({ paths }) => paths)).toEqual([["group1-shard1of2.bin", "group1-shard2of2.bin"]]);
});

test("a model that was frozen stays so, and goes on with its penalties and constraints", async () => {
  const { input, layers } = OURS["frozen, penalties, constraints"]!;
  const model = await sequential({ input }, ...layers());
  const again = await fromLayersModel(toLayersModel(model).files);
  expect(again.parameters().map(({ trained }) => trained)).toEqual([false, false, true, true, true, true]);
  const specs = again.nodes.flatMap((node) => node.specs);
  expect(specs.map(({ regularizer }) => regularizer?.options)).toEqual([
    undefined,
    undefined,
    { lambda: 0.01 },
    { lambda: 0.1 },
    undefined,
    undefined,
  ]);
  expect(specs.map(({ constraint }) => constraint?.constraint)).toEqual([
    undefined,
    undefined,
    "maxNorm",
    "nonNeg",
    "unitNorm",
    undefined,
  ]);
  expect(specs.map(({ initializer }) => initializer.initializer)).toEqual([
    "heNormal",
    "zeros",
    "glorotUniform",
    "zeros",
    "orthogonal",
    "constant",
  ]);
});

describe("names that TensorFlow.js doesn't take", () => {
  const NAMES = [
    "my layer",
    "é",
    "層",
    "_x",
    "-a",
    "a:b",
    "a(b",
    "😀",
    "__proto__",
    "two\nlines",
    ".dot",
    "layer_",
    "x y/z",
  ];

  test.each(NAMES.map((name) => [name]))("%j, of a layer in front and of one behind", async (name) => {
    for (const layers of [
      [dense(3, { name }), relu(), dense(2, { name: "my_layer" })],
      [dense(2, { name: "my_layer" }), dense(3, { name })],
    ]) {
      const model = await sequential({ input: 4, seed: 1 }, ...layers);
      const again = await check(model, uniform(ROWS * 4, { seed: 1 }));
      expect(bitsOf(again)).toEqual(bitsOf(model));
    }
  });

  test("all at once, of inputs, recurrent layers, and layers that become several", async () => {
    const all = NAMES.map((name) => dense(3, { name }));
    const model = await sequential(
      { input: inputs({ "c d": [4, 3], c_d: [4, 3] }), seed: 1 },
      add([[], [from("c_d")]]),
      lstm(2, { name: "l s", returnSequences: true }),
      lstm(2, { name: "b w", reverse: true, returnSequences: true }),
      bidirectional(lstm(2, { name: "b i", returnSequences: true })),
      timeDistributed(dense(2, { name: "e e" })),
      flatten(),
      ...all,
      hardSwish({ name: "h h" }),
    );
    const x = uniform(ROWS * 24, { seed: 2 });
    const again = await check(model, x);
    expect(Object.keys(again.inputs!.shapes)).toEqual(["c d", "c_d"]);
    const [before, after] = [bitsOf(model), bitsOf(again)];
    for (const name of ["my layer.weight", "層.bias", "__proto__.weight", "l s.weightIh"])
      expect(after.get(name), name).toEqual(before.get(name));
    const { userDefinedMetadata } = toLayersModel(model);
    expect(Object.values(userDefinedMetadata!.names)).toEqual(expect.arrayContaining(["c d", "l s", "h h", "層"]));
  });

  test("two that are spelled alike stay two, and names that it takes stay as they are", async () => {
    const model = await sequential(
      { input: 2 },
      dense(2, { name: "a b" }),
      dense(2, { name: "a_b" }),
      dense(2, { name: "a:b" }),
    );
    const { weightSpecs, userDefinedMetadata } = toLayersModel(model);
    const layers = new Set(weightSpecs.map(({ name }) => name.split("/")[0]));
    expect(layers.size).toBe(3);
    expect(layers).toContain("a_b");
    expect(Object.values(userDefinedMetadata!.names)).toEqual(["a b", "a:b"]);
    const plain = toLayersModel(await sequential({ input: 2 }, dense(2, { name: "a_b" })));
    expect(plain.userDefinedMetadata).toBeUndefined();
    expect(new TextDecoder().decode(plain.files["model.json"])).not.toContain("userDefinedMetadata");
  });

  test("metadata of others, whatever they are, are left alone", async () => {
    const { files } = toLayersModel(await sequential({ input: 2 }, dense(2, { name: "d" })));
    const json = JSON.parse(new TextDecoder().decode(files["model.json"])) as object;
    for (const userDefinedMetadata of [
      null,
      3,
      "x",
      [],
      { names: 5 },
      { names: [1] },
      { names: { d: 7, e: "f", g: {} } },
    ]) {
      const changed = new TextEncoder().encode(JSON.stringify({ ...json, userDefinedMetadata }));
      const again = await fromLayersModel({ ...files, "model.json": changed });
      expect(again.parameters().map(({ name }) => name)).toEqual(["d.weight", "d.bias"]);
    }
  });
});

test("what layers become several of come back frozen where the layer had no parameters: training goes as it would have", async () => {
  const behind: Readonly<Record<string, Layer>> = {
    subtract: subtract([[], [dense(3)]]),
    average: average([[], [dense(3)]]),
    sum: chain(reshape([3, 1]), sum({ axis: 0 })),
    hardSigmoid: hardSigmoid(),
    hardSwish: hardSwish(),
    clip: clip({ low: -0.5, high: 0.25 }),
  };
  const [x, y] = [uniform(32, { seed: 1 }), uniform(16, { seed: 2 })];
  for (const [name, layer] of Object.entries(behind)) {
    const model = await sequential({ input: 4, seed: 3 }, dense(3), layer, dense(2));
    const again = await fromLayersModel(toLayersModel(model).files);
    const start = model.predict(x);
    expect(again.parameters().length, name).toBe(model.parameters().length + (name === "clip" ? 8 : 4));
    for (const each of [model, again]) {
      const trainer = new Trainer(each, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.01 }) });
      for (let i = 0; i < 20; i++) trainer.step(x, y);
    }
    expect(farthest(model.predict(x), start), name).toBeGreaterThan(0.01);
    expect(farthest(again.predict(x), model.predict(x)), name).toBeLessThan(1e-5);
  }
});
