// Graphs that aren't read: with a circle, without an end, or of more layers than their files may make.
import { expect, test } from "vitest";
import { lstm, sequential } from "../../../src/index.ts";
import { fromLayersModel } from "../../../src/tfjs.ts";
import { files, type Files, type Json, type Layer, layersOf, refused, utf8 } from "./refused.ts";

test("graphs with a circle, without an end, or of more layers than a file may make", async () => {
  const graph = async (change: (layers: Layer[], config: Json) => void): Promise<Files> => {
    const written = await files();
    const dense1 = (name: string, from: string): Layer => ({
      class_name: "Flatten",
      name,
      config: { name },
      inbound_nodes: [[[from, 0, 0, {}]]],
    });
    const layers: Layer[] = [
      {
        class_name: "InputLayer",
        name: "x",
        config: { batch_input_shape: [null, 2, 3], name: "x" },
        inbound_nodes: [],
      },
      dense1("one", "x"),
      dense1("two", "one"),
    ];
    const config: Json = { name: "m", layers, input_layers: [["x", 0, 0]], output_layers: [["two", 0, 0]] };
    change(layers, config);
    return {
      ...written,
      "model.json": utf8(JSON.stringify({ modelTopology: { class_name: "Model", config }, weightsManifest: [] })),
    };
  };
  expect((await fromLayersModel(await graph(() => {}))).outputShape).toEqual([6]);
  await refused(
    await graph((layers) => void (layers[1]!.inbound_nodes = [[["two", 0, 0]]])),
    'layer "one"',
    'it reads "two", which needs its output: the graph has a circle',
  );
  await refused(
    await graph((layers) => void (layers[1]!.inbound_nodes = [[["one", 0, 0]]])),
    'layer "one"',
    /the graph has a circle/,
  );
  await refused(
    await graph((layers) => void (layers[1]!.inbound_nodes = [[["three", 0, 0]]])),
    "model.json",
    /something reads layer "three", but there is none/,
  );
  await refused(
    await graph((layers) => void (layers[1]!.inbound_nodes = [[["x", 0, 1]]])),
    'layer "one"',
    /output 1 of layer "x" is read, but it has 1/,
  );
  await refused(
    await graph((layers) => void (layers[1]!.inbound_nodes = [[["x", 0, 0, { mask: 1 }]]])),
    'layer "one"',
    /the call's argument "mask" isn't known here, got 1/,
  );
  await refused(
    await graph((_, config) => void (config["output_layers"] = [])),
    "model.json",
    "a model needs an input and an output",
  );
  // a model of two of a model of two of ...
  const nested = (depth: number): Json => ({
    name: `m${depth}`,
    layers: [
      { class_name: "InputLayer", name: "x", config: { batch_input_shape: [null, 3], name: "x" }, inbound_nodes: [] },
      depth === 0
        ? { class_name: "ReLU", name: "in", config: { name: "in" }, inbound_nodes: [[["x", 0, 0]]] }
        : {
            class_name: "Model",
            name: "in",
            config: nested(depth - 1),
            inbound_nodes: [[["x", 0, 0]], [["in", 1, 0]]],
          },
    ],
    input_layers: [["x", 0, 0]],
    output_layers: [["in", depth === 0 ? 0 : 2, 0]],
  });
  const of = (depth: number): Files => ({
    "model.json": utf8(
      JSON.stringify({ modelTopology: { class_name: "Model", config: nested(depth) }, weightsManifest: [] }),
    ),
  });
  expect((await fromLayersModel(of(5))).nodes.length).toBe(32);
  await refused(of(25), 'layer "in" (ReLU)', /the model would have more than \d+ layers/);
  await refused(of(40), 'layer "in" (Model)', "models may be nested up to 30 deep");
});

test("steps that would be layers each, more than a file may make", async () => {
  const steps = (count: number): Promise<Files> =>
    sequential({ input: [3, 2] }, lstm(2, { name: "l" })).then((model) =>
      files((json) => {
        const [layer] = layersOf(json);
        layer!.config["batch_input_shape"] = [null, count, 2];
        layer!.config["recurrent_activation"] = "hard_sigmoid";
      }, model),
    );
  expect((await fromLayersModel(await steps(20))).outputShape).toEqual([2]);
  await refused(
    await steps(100_000),
    'layer "l" (LSTM)',
    /steps of recurrent layers with activations other than tanh and sigmoid count as layers each/,
  );
});
