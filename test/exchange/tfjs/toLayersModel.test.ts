// Every layer that TensorFlow.js has something for is written, and read by TensorFlow.js itself: it predicts the same. What it saves again is
// read here, and has the same weights, to the bit.
import { describe, expect, test } from "vitest";
import { type Model, sequential } from "../../../src/index.ts";
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
