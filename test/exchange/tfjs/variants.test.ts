// What other writers put into model.json: TensorFlow's converter from Keras 2, Keras 3, packed weights, weights in several files.
import { describe, expect, test } from "vitest";
import { sequential, dense, relu, type Model } from "../../../src/index.ts";
import { fromLayersModel, toLayersModel } from "../../../src/tfjs.ts";
import { foreignReader } from "../../support/foreignReaders.ts";
import { uniform } from "../../support/seeded.ts";
import { farthest } from "./same.ts";
import { predicted, saved, tensorFlow, type Tensor } from "./tf.ts";

type Json = Record<string, unknown>;

const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Files of a model.json and weights as float32. */
function filesOf(
  modelTopology: object,
  weights: readonly (readonly [name: string, shape: readonly number[], data: Float32Array])[],
) {
  const specs = weights.map(([name, shape]) => ({ name, shape, dtype: "float32" }));
  const all = Float32Array.from(weights.flatMap(([, , data]) => [...data]));
  const json = { format: "layers-model", modelTopology, weightsManifest: [{ paths: ["w.bin"], weights: specs }] };
  return { "model.json": utf8(json), "w.bin": new Uint8Array(all.buffer) };
}

const numbers = (count: number, seed: number): Float32Array => uniform(count, { seed, low: -0.5, high: 0.5 });

describe("Keras 2", () => {
  const layer = (class_name: string, config: Json, inbound: unknown): Json => ({
    class_name,
    config: { trainable: true, dtype: "float32", ...config },
    name: config["name"],
    inbound_nodes: inbound,
  });

  test("a functional model, as the converter writes it, with the names of its cells", async () => {
    const model_config = {
      class_name: "Functional",
      config: {
        name: "functional_1",
        layers: [
          layer("InputLayer", { batch_input_shape: [null, null, 3], sparse: false, ragged: false, name: "steps" }, []),
          layer(
            "GRU",
            {
              name: "gru",
              units: 2,
              activation: "tanh",
              recurrent_activation: "sigmoid",
              use_bias: true,
              return_sequences: false,
              time_major: false,
              reset_after: true,
            },
            [[["steps", 0, 0, {}]]],
          ),
          layer("Dense", { name: "head", units: 2, activation: "softmax", use_bias: true }, [
            [["gru", 0, 0, { training: null }]],
          ]),
        ],
        input_layers: [["steps", 0, 0]],
        output_layers: [["head", 0, 0]],
      },
    };
    const weights = [
      ["gru/gru_cell/kernel", [3, 6], numbers(18, 1)],
      ["gru/gru_cell/recurrent_kernel", [2, 6], numbers(12, 2)],
      ["gru/gru_cell/bias", [2, 6], numbers(12, 3)],
      ["head/kernel", [2, 2], numbers(4, 4)],
      ["head/bias", [2], numbers(2, 5)],
    ] as const;
    const files = filesOf(
      { keras_version: "2.11.0", backend: "tensorflow", model_config, training_config: { loss: "mse" } },
      weights,
    );
    await expect(fromLayersModel(files)).rejects.toThrow(
      'fromLayersModel: layer "steps": it leaves sizes open, [null,null,3]; give its shape in the option input: { input: [28, 28, 1] }',
    );
    const model = await fromLayersModel(files, { input: [4, 3] });
    const x = numbers(2 * 12, 6);
    expect(farthest(model.predict(x), kerasGru(x, 2, 4, weights))).toBeLessThan(1e-6);
    const named = await fromLayersModel(files, { input: { steps: [4, 3] } });
    expect(named.fingerprint()).toBe(model.fingerprint());
  });

  test("a Sequential whose layers are its config, and whose batch norm works on the rows of an image", async () => {
    const batchNorm = (axis: number) => ({
      class_name: "BatchNormalization",
      config: {
        name: "bn",
        axis: [axis],
        momentum: 0.9,
        epsilon: 0.01,
        center: true,
        scale: true,
        batch_input_shape: [null, 3, 4],
      },
    });
    const weights = (["gamma", "beta", "moving_mean", "moving_variance"] as const).map(
      (name, i) => [`bn/${name}:0`, [3], Float32Array.from(numbers(3, 7 + i), Math.abs)] as const,
    );
    const model = await fromLayersModel(filesOf({ class_name: "Sequential", config: [batchNorm(1)] }, weights));
    const x = numbers(12, 12);
    const [gamma, beta, mean, variance] = weights.map(([, , data]) => data) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const wanted = x.map((value, i) => {
      const row = Math.floor(i / 4);
      return (gamma[row]! * (value - mean[row]!)) / Math.sqrt(variance[row]! + 0.01) + beta[row]!;
    });
    expect(farthest(model.predict(x), wanted)).toBeLessThan(1e-6);
  });

  /** By Keras' definition, in float64. */
  function kerasGru(
    x: Float32Array,
    rows: number,
    steps: number,
    weights: readonly (readonly [string, readonly number[], Float32Array])[],
  ): Float32Array {
    const [kernel, recurrent, bias, headKernel, headBias] = weights.map(([, , data]) => data) as Float32Array[];
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    const product = (vector: readonly number[], matrix: Float32Array, columns: number, from: number): number =>
      vector.reduce((sum, value, i) => sum + value * matrix[i * columns + from]!, 0);
    return Float32Array.from(
      Array.from({ length: rows }).flatMap((_, row) => {
        let h = [0, 0];
        for (let t = 0; t < steps; t++) {
          const input = [...x.subarray((row * steps + t) * 3, (row * steps + t + 1) * 3)];
          const gate = (g: number, i: number): number => product(input, kernel!, 6, 2 * g + i) + bias![2 * g + i]!;
          const inner = (g: number, i: number): number => product(h, recurrent!, 6, 2 * g + i) + bias![6 + 2 * g + i]!;
          h = [0, 1].map((i) => {
            const z = sigmoid(gate(0, i) + inner(0, i));
            const r = sigmoid(gate(1, i) + inner(1, i));
            return z * h[i]! + (1 - z) * Math.tanh(gate(2, i) + r * inner(2, i));
          });
        }
        const scores = [0, 1].map((i) => Math.exp(product(h, headKernel!, 2, i) + headBias![i]!));
        return scores.map((score) => score / (scores[0]! + scores[1]!));
      }),
    );
  }
});

test("Keras 3: shapes, types, calls and the names of weights", async () => {
  const object = (class_name: string, config: Json): Json => ({
    module: "keras",
    class_name,
    config,
    registered_name: null,
  });
  const dtype = object("DTypePolicy", { name: "float32" });
  const read = (layer: string): Json => ({
    args: [
      { class_name: "__keras_tensor__", config: { shape: [null, 4], dtype: "float32", keras_history: [layer, 0, 0] } },
    ],
    kwargs: { training: null },
  });
  const dense3 = (name: string, units: number, from: string): Json => ({
    ...object("Dense", {
      name,
      trainable: true,
      dtype,
      units,
      activation: "relu",
      use_bias: true,
      kernel_initializer: object("GlorotUniform", { seed: null }),
      bias_initializer: object("Zeros", {}),
      quantization_config: null,
    }),
    build_config: { input_shape: [null, 4] },
    name,
    inbound_nodes: [read(from)],
  });
  const topology = {
    keras_version: "3.3.3",
    backend: "tensorflow",
    model_config: {
      ...object("Functional", {
        name: "functional",
        trainable: true,
        layers: [
          {
            ...object("InputLayer", { batch_shape: [null, 4], dtype: "float32", sparse: false, name: "x" }),
            name: "x",
            inbound_nodes: [],
          },
          dense3("dense", 3, "x"),
          dense3("dense_1", 2, "dense"),
        ],
        input_layers: ["x", 0, 0],
        output_layers: ["dense_1", 0, 0],
      }),
    },
  };
  const weights = [
    ["_layer_checkpoint_dependencies/dense/vars/0", [4, 3], numbers(12, 1)],
    ["_layer_checkpoint_dependencies/dense/vars/1", [3], numbers(3, 2)],
    ["_layer_checkpoint_dependencies/dense_1/vars/0", [3, 2], numbers(6, 3)],
    ["_layer_checkpoint_dependencies/dense_1/vars/1", [2], numbers(2, 4)],
  ] as const;
  const model = await fromLayersModel(filesOf(topology, weights));
  const same = await sequential({ input: 4 }, dense(3), relu(), dense(2), relu());
  same.parameters().forEach((parameter, i) => parameter.set(weights[i]![2]));
  const x = numbers(8, 5);
  expect(model.predict(x)).toEqual(same.predict(x));
});

test.each(["uint8", "uint16", "float16"] as const)(
  "weights packed as %s are those that TensorFlow.js reads",
  async (dtype) => {
    const tf = await tensorFlow();
    const { io } = foreignReader<{
      io: { decodeWeights(data: ArrayBuffer, specs: readonly object[]): Record<string, Tensor> };
    }>("@tensorflow/tfjs");
    const size = dtype === "uint8" ? 1 : 2;
    // float16 from 0.5 to 2, of either sign
    const packed = Uint8Array.from({ length: 8 * size }, (_, i) =>
      dtype === "float16" && i % 2 === 1 ? [0x38, 0x3c, 0xb9][i % 3]! : (i * 37) % 256,
    );
    const specs = [
      {
        name: "d/kernel",
        shape: [3, 2],
        dtype: "float32",
        quantization: { dtype, scale: 0.0123, min: -0.5, original_dtype: "float32" },
      },
      { name: "d/bias", shape: [2], dtype: "float32", quantization: { dtype, scale: 0.5, min: 0.25 } },
    ];
    const modelTopology = {
      class_name: "Sequential",
      config: {
        name: "s",
        layers: [
          {
            class_name: "Dense",
            config: { name: "d", units: 2, activation: "linear", use_bias: true, batch_input_shape: [null, 3] },
          },
        ],
      },
    };
    const model = await fromLayersModel({ modelTopology, weightSpecs: specs, weightData: packed.buffer });
    const decoded = io.decodeWeights(packed.buffer, specs);
    expect(model.parameters().map(({ get }) => get())).toEqual([
      decoded["d/kernel"]!.dataSync(),
      decoded["d/bias"]!.dataSync(),
    ]);
    void tf;
  },
);

test("weights of int32 are numbers as well", async () => {
  const modelTopology = {
    class_name: "Sequential",
    config: {
      layers: [{ class_name: "Dense", config: { name: "d", units: 1, use_bias: false, batch_input_shape: [null, 3] } }],
    },
  };
  const weightSpecs = [{ name: "d/kernel", shape: [3, 1], dtype: "int32" }];
  const model = await fromLayersModel({ modelTopology, weightSpecs, weightData: Int32Array.of(3, -2, 7).buffer });
  expect([...model.parameters()[0]!.get()]).toEqual([3, -2, 7]);
});

describe("sources", () => {
  const make = (): Promise<Model> => sequential({ input: 3, seed: 4 }, dense(5), relu(), dense(2));

  test("files by name, a function that reads them, in time or later, and what save handlers get", async () => {
    const model = await make();
    const written = toLayersModel(model);
    const { files } = written;
    const asked: string[] = [];
    const later = async (path: string): Promise<ArrayBuffer> => {
      asked.push(path);
      return Uint8Array.from(files[path]!).buffer;
    };
    const sources = [
      files,
      (path: string) => files[path]!,
      later,
      written,
      { ...written, weightData: [written.weightData.slice(0, 10), written.weightData.slice(10)] },
    ];
    for (const source of sources) {
      expect((await fromLayersModel(source)).fingerprint()).toBe(model.fingerprint());
    }
    expect(asked).toEqual(["model.json", "group1-shard1of1.bin"]);
  });

  test("weights of several groups, in pieces that end within a number", async () => {
    const model = await make();
    const { modelTopology, weightSpecs, weightData } = toLayersModel(model);
    const bytes = new Uint8Array(weightData);
    const first = 4 * (15 + 5);
    const weightsManifest = [
      { paths: ["a/1.bin", "a/2.bin", "a/3.bin"], weights: weightSpecs.slice(0, 2) },
      { paths: ["b.bin"], weights: weightSpecs.slice(2) },
    ];
    const files = {
      "other.json": utf8({ modelTopology, weightsManifest }),
      "a/1.bin": bytes.subarray(0, 7),
      "a/2.bin": bytes.subarray(7, 61),
      "a/3.bin": bytes.subarray(61, first),
      "b.bin": bytes.subarray(first),
    };
    expect((await fromLayersModel(files, { name: "other.json" })).fingerprint()).toBe(model.fingerprint());
  });

  test("not to be trained, and with the memory of another model", async () => {
    const model = await make();
    const again = await fromLayersModel(toLayersModel(model).files, { trainable: false, core: model.core });
    expect(again.core).toBe(model.core);
    expect(again.parameters().map(({ trained }) => trained)).toEqual([false, false, false, false]);
    expect(again.fingerprint()).toBe(model.fingerprint());
  });
});

test("penalties and constraints go on", async () => {
  const tf = await tensorFlow();
  const { layers, regularizers, constraints } = tf;
  const theirs = tf.sequential({
    layers: [
      layers["dense"]!({
        inputShape: [3],
        units: 2,
        kernelRegularizer: regularizers.l2({ l2: 0.5 }),
        biasRegularizer: regularizers.l1({ l1: 0.25 }),
        kernelConstraint: constraints.maxNorm({ maxValue: 3, axis: 0 }),
        biasConstraint: constraints.nonNeg(),
      }),
      layers["dense"]!({ units: 1, trainable: false }),
    ],
  });
  const model = await fromLayersModel(await saved(tf, theirs));
  const specs = model.nodes.flatMap((node) => node.specs);
  expect(specs.map(({ regularizer }) => regularizer?.options.lambda)).toEqual([0.5, 0.25, undefined, undefined]);
  expect(specs.map(({ constraint }) => constraint?.options)).toEqual([{ limit: 3, axis: 0 }, {}, undefined, undefined]);
  expect(model.parameters().map(({ trained }) => trained)).toEqual([true, true, false, false]);
  const x = numbers(6, 1);
  expect(farthest(model.predict(x), predicted(tf, theirs, [x], 2))).toBeLessThan(1e-6);
});
