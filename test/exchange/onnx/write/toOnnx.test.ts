import { describe, expect, test } from "vitest";
import { readOnnx } from "../../../../src/formats/onnxFile.ts";
import { modelFromBytes, modelToBytes } from "../../../../src/files.ts";
import * as w from "../../../../src/index.ts";
import { alexnet, charRnn, lenet5, mlp, perceptron, seq2seq, tinyTransformer } from "../../../../src/models.ts";
import { toOnnx } from "../../../../src/onnx.ts";
import { sizeOf } from "../../../../src/util/shape.ts";
import { normal, uniform, wholes } from "../../../support/seeded.ts";
import { EVERY_LAYER } from "../../everyLayer.ts";
import { axesOf, feedsOf, graphOf, joinedOf, onnxRuntime, worst } from "../runtime.ts";

const operatorsOf = (bytes: Uint8Array): string[] => graphOf(bytes).nodes.map(({ operator }) => operator);
const madeOf = (name: string): Promise<w.Model> => EVERY_LAYER.find((each) => each.name === name)!.make();

/** Inputs and outputs by name, with their axes and the type of their numbers. */
function endsOf(bytes: Uint8Array): Record<string, string> {
  const { inputs, outputs } = graphOf(bytes);
  return Object.fromEntries(
    [...inputs, ...outputs].map(({ name, type }) => [
      name,
      `${type?.kind === "tensor" ? type.element : ""} ${axesOf(type).join(" ")}`,
    ]),
  );
}

async function away(model: w.Model, x: Float32Array, bytes = toOnnx(model)): Promise<number> {
  const runtime = onnxRuntime();
  const graph = graphOf(bytes);
  const session = await runtime.InferenceSession.create(bytes, {});
  const outputs = await session.run(feedsOf(runtime, graph, model, x, "channelsLast"));
  await session.release();
  const rows = x.length / sizeOf(model.inputShape);
  return worst(joinedOf(outputs, graph, rows, "channelsLast"), model.predict(x));
}

describe("the file", () => {
  test("says who wrote it, and the versions", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1));
    const versions = [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23].map((opset) => {
      const { irVersion, producer, opsets } = readOnnx(toOnnx(model, { opset }), "the file");
      expect(producer).toBe("wasmgrad");
      expect(opsets).toEqual([{ domain: "", version: opset }]);
      return irVersion;
    });
    expect(versions).toEqual([7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11]);
    expect(readOnnx(toOnnx(model), "the file").opsets[0]!.version).toBe(17);
  });

  test("has a batch of any size, and the names of inputs and outputs", async () => {
    const several = await madeOf("outputs, of several inputs");
    const ends = { image: "float N 4 4 1", words: "float N 3 2", digit: "float N 3", boxes: "float N 2 2" };
    expect(endsOf(toOnnx(several))).toEqual(ends);
    expect(endsOf(toOnnx(several, { layout: "channelsFirst" }))).toEqual({ ...ends, image: "float N 1 4 4" });
    // a model file keeps the names
    const again = await modelFromBytes(modelToBytes(several));
    expect(toOnnx(again)).toEqual(toOnnx(several));
    expect(endsOf(toOnnx(await madeOf("dense")))).toEqual({ input: "float N 5", output: "float N 3" });
    expect(endsOf(toOnnx(await madeOf("attention, masks of heads, scores"), { layout: "channelsFirst" }))).toEqual({
      x: "float N 6 4",
      text: "float N 5 3",
      keyMask: "float N 5",
      masks: "float N 2 6 5",
      output: "float N 6 4",
    });
  });

  test("has integers as int64: what is looked up, and numbers of steps", async () => {
    const words = await madeOf("embedding, one of several inputs, twice");
    expect(endsOf(toOnnx(words))).toEqual({ words: "int64 N 4", number: "float N 2", output: "float N 2" });
    const lengths = await madeOf("lstm, lengths");
    expect(endsOf(toOnnx(lengths))).toEqual({ x: "float N 6 4", lengths: "int64 N 1", output: "float N 3" });
  });

  test("has nodes called as layers, and weights as parameters", async () => {
    const layers = [w.conv2d(2, { kernelSize: 2 }), w.relu(), w.flatten(), w.dense(3, { name: "head" })];
    const model = await w.sequential({ input: [4, 4, 1] }, ...layers);
    const { nodes, initializers } = graphOf(toOnnx(model, { layout: "channelsFirst" }));
    expect(nodes.map(({ name }) => name)).toEqual(["conv2d1", "relu1", "head/Reshape", "head"]);
    const names = initializers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(model.parameters().map(({ name }) => name)));
    expect(initializers.find(({ name }) => name === "conv2d1.kernel")!.shape).toEqual([2, 1, 2, 2]);
  });

  test("keeps names apart: of layers called as inputs, outputs, weights and nodes are", async () => {
    const names = ["output", "dense1.weight", "dense1", "output/Identity", "N"];
    const named = names.map((name) => w.relu({ name }));
    const model = await w.sequential(
      { input: w.inputs({ input: 3, same: 3 }) },
      w.dense(3, { name: "a" }),
      ...named,
      w.add([[], w.from("same")]),
    );
    expect(await away(model, normal(12, { seed: 1 }))).toBeLessThan(1e-6);
  });

  test("takes any name, and memory that threads share", async () => {
    const layers = [w.dense(3), w.relu({ name: "a b" }), w.dense(2, { name: "\u7f51\u7edc" })];
    const model = await w.sequential(
      { input: w.inputs({ "": 4, other: 3 }), threads: 2 },
      ...layers,
      w.concat([[], w.from("other")]),
    );
    expect(await away(model, normal(14, { seed: 1 }))).toBeLessThan(1e-6);
  });

  test("is the same bytes each time", async () => {
    for (const name of ["residual, images", "selfAttention", "sinusoidalEmbedding"]) {
      expect(toOnnx(await madeOf(name))).toEqual(toOnnx(await madeOf(name)));
    }
  });

  test("has a weight once that several layers share", async () => {
    const floats = (bytes: Uint8Array): number =>
      graphOf(bytes).initializers.reduce((sum, { type, data }) => sum + (type === "float" ? data.length : 0), 0);
    for (const name of ["shared", "shared, towers", "tiedDense, a table, no bias", "modelLayer"]) {
      const model = await madeOf(name);
      expect(floats(toOnnx(model)), name).toBeLessThanOrEqual(model.parameterCount + 4);
    }
  });

  test("leaves out what acts in training alone", async () => {
    for (const name of ["dropout", "gaussianNoise", "activityPenalty"]) {
      expect(operatorsOf(toOnnx(await madeOf(name))), name).toEqual(["Gemm"]);
    }
    for (const name of ["dropout, alone", "augment2d", "spatialDropout1d", "identity"]) {
      expect(operatorsOf(toOnnx(await madeOf(name))), name).toEqual(["Identity"]);
    }
  });

  test("has one operator where the version has it", async () => {
    const of = async (name: string, opset: number): Promise<string[]> =>
      operatorsOf(toOnnx(await madeOf(name), { opset }));
    expect(await of("gelu", 20)).toEqual(["Gelu"]);
    expect(await of("gelu", 17)).toEqual(["Mul", "Erf", "Add", "Mul", "Mul"]);
    expect(await of("mish", 18)).toEqual(["Mish"]);
    expect(await of("mish", 17)).toEqual(["Softplus", "Tanh", "Mul"]);
    expect(await of("hardSwish", 14)).toEqual(["HardSwish"]);
    expect(await of("layerNorm", 17)).toEqual(["LayerNormalization"]);
    expect(await of("layerNorm", 16)).toContain("ReduceMean");
    expect(await of("groupNorm", 21)).toContain("InstanceNormalization"); // exact where GroupNormalization isn't
  });

  test("has rows with four axes", async () => {
    const layers = [
      w.batchNorm(),
      w.dense(3),
      w.batchNorm({ name: "second" }),
      w.softmax(),
      w.slice({ axis: 1, from: 1 }),
    ];
    const model = await w.sequential({ input: [2, 3, 4, 2] }, ...layers);
    for (const parameter of model.parameters()) parameter.set(uniform(parameter.size, { seed: 2, low: 0.5 }));
    expect(await away(model, normal(96, { seed: 1 }))).toBeLessThan(1e-5);
  });

  test.each([
    ["groupNorm", () => w.groupNorm(2)],
    ["instanceNorm", () => w.instanceNorm()],
    ["layerNorm", () => w.layerNorm()],
  ])("%s of numbers far from 0", async (_name, make) => {
    const model = await w.sequential({ input: [3, 4] }, make());
    const x = normal(60, { seed: 1 }).map((value) => value + 300);
    for (const opset of [13, 17, 21]) expect(await away(model, x, toOnnx(model, { opset }))).toBeLessThan(5e-4);
  });

  test("gives what predict gives, not probabilities that a loss would make of it", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd({ learningRate: 0.1 }) });
    trainer.step([[1, 2]], [1]);
    expect(await away(model, Float32Array.of(1, 2))).toBeLessThan(1e-6);
    expect(operatorsOf(toOnnx(model))).toEqual(["Gemm"]);
  });
});

describe("images", () => {
  const transposes = (bytes: Uint8Array): number => operatorsOf(bytes).filter((each) => each === "Transpose").length;

  test.each(["conv2d, LeNet", "residual, images", "globalAvgPool2d, behind a convolution", "cut"])(
    "%s: turned once in front, and never if it comes with its channels first",
    async (name) => {
      const model = await madeOf(name);
      expect(transposes(toOnnx(model))).toBe(1);
      expect(transposes(toOnnx(model, { layout: "channelsFirst" }))).toBe(0);
    },
  );

  test("turned back where they go out", async () => {
    const model = await madeOf("conv2d");
    expect(transposes(toOnnx(model))).toBe(2);
    expect(endsOf(toOnnx(model))["output"]).toBe("float N 5 4 4");
    expect(endsOf(toOnnx(model, { layout: "channelsFirst" }))["output"]).toBe("float N 4 5 4");
  });

  test("the steps of recurrent layers on each other stay in front of the batch", async () => {
    const all = { returnSequences: true };
    const model = await w.sequential(
      { input: [5, 3] },
      w.lstm(4, all),
      w.tanh(),
      w.bidirectional(w.gru(3, all)),
      w.lstm(2),
    );
    expect(transposes(toOnnx(model))).toBe(1);
    expect(await away(model, normal(45, { seed: 2 }))).toBeLessThan(1e-6);
  });
});

/** A network of the zoo, and how many integers it looks up, if it does. */
type Network = readonly [
  name: string,
  network: { readonly input: w.Shape | w.Inputs; readonly layers: readonly w.Layer[] },
  vocabulary: number,
];

describe("networks", () => {
  test.each<Network>([
    ["mlp", mlp({ input: 20, hidden: [16, 8], classes: 3 }), 0],
    ["perceptron", perceptron({ input: 4 }), 0],
    ["lenet5", lenet5(), 0],
    ["alexnet", alexnet({ classes: 5, input: [67, 67, 3], width: 0.25, groups: 2 }), 0],
    ["charRnn", charRnn({ vocabulary: 9, steps: 6 }), 9],
    ["tinyTransformer", tinyTransformer({ vocabulary: 9, steps: 8, width: 32 }), 9],
    ["seq2seq", seq2seq({ sourceVocabulary: 9, targetVocabulary: 9, sourceSteps: 5, targetSteps: 4 }), 9],
  ])("%s", async (_name, { input, layers }, vocabulary) => {
    const model = await w.sequential({ input, seed: 3 }, ...layers);
    const count = 2 * sizeOf(model.inputShape);
    const x = vocabulary > 0 ? wholes(count, { seed: 1, below: vocabulary }) : normal(count, { seed: 1 });
    for (const opset of [17, 21]) {
      expect(await away(model, Float32Array.from(x), toOnnx(model, { opset }))).toBeLessThan(1e-5);
    }
  });
});

describe("what can't be written", () => {
  const own = (): w.Layer => w.customLayer({ type: "twice", forward: () => {}, backward: () => {} });

  test.each<readonly [string, () => w.Layer, string]>([
    [
      "a layer of one's own",
      own,
      'toOnnx: twice (layer 2, "twice1") is a layer of your own, for which ONNX has no operator; make it of',
    ],
    [
      "a function",
      () =>
        w.lambda(
          (x) => x,
          (dy) => dy,
          { name: "odd" },
        ),
      'toOnnx: lambda (layer 2, "odd") is a layer of your own',
    ],
    [
      "one called as ours are",
      () => w.customLayer({ type: "dense", forward: () => {}, backward: () => {} }),
      "toOnnx: dense (layer 2",
    ],
  ])("%s", async (_name, make, text) => {
    const model = await w.sequential({ input: 3 }, w.dense(2), make());
    expect(() => toOnnx(model)).toThrow(text);
  });

  test("states that go on from batch to batch", async () => {
    const model = await w.sequential({ input: [4, 3] }, w.gru(2, { stateful: true }));
    expect(() => toOnnx(model)).toThrow(
      'toOnnx: gru (layer 1, "gru1") is stateful, but an ONNX file keeps nothing from one batch to the next; leave stateful out',
    );
  });

  test("parameters that aren't finite", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(2));
    const { address } = model.nodes[0]!.parameters[0]!;
    for (const value of [NaN, Infinity]) {
      model.core.arena.write(address + 8, Float32Array.of(value));
      expect(() => toOnnx(model)).toThrow(
        `toOnnx: parameters must be finite numbers, but value 2 of dense1.weight is ${value}`,
      );
    }
  });

  test("other versions of the operators, other layouts, other options, and what is no model", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(2));
    const given = (options: unknown) => () => toOnnx(model, options as never);
    const known = "13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23";
    expect(given({ opset: 12 })).toThrow(
      new RangeError(`toOnnx: opset must be one of ${known}, got 12; 17 is read almost everywhere`),
    );
    expect(given({ opset: 17.5 })).toThrow(RangeError);
    expect(given({ opset: "17" })).toThrow(
      new TypeError(`toOnnx: opset must be one of ${known}, got "17"; 17 is read almost everywhere`),
    );
    expect(given({ layout: "NCHW" })).toThrow('toOnnx: layout must be one of channelsLast, channelsFirst, got "NCHW"');
    expect(given({ version: 3 })).toThrow("toOnnx: unknown option");
    expect(() => toOnnx(modelToBytes(model) as never)).toThrow(TypeError);
  });
});
