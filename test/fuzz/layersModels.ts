// Fuzzes `fromLayersModel`: models of many layers, whose model.json, manifest or weights are changed. What is read must predict, and be
// written and read again as the same.
import { fromLayersModel, toLayersModel } from "../../src/tfjs.ts";
import { type Core, dense, type Model, sequential } from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { EVERY_LAYER } from "../exchange/everyLayer.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften, changedText, changeJson, type Json, jsonText } from "./mutate.ts";

type Files = Readonly<Record<string, Uint8Array>>;

/** Files of every model that can be written. */
async function allFiles(): Promise<Files[]> {
  const all: Files[] = [];
  for (const { make } of EVERY_LAYER) {
    const model = await make();
    try {
      all.push(toLayersModel(model).files);
    } catch {
      // it can't be said
    }
  }
  return all;
}

let files: Promise<Files[]> | undefined;

const ODD: readonly Json[] = [
  "relu",
  "hard_sigmoid",
  "same",
  "causal",
  "channels_first",
  "Dense",
  "LSTM",
  "GRU",
  "Bidirectional",
  "TimeDistributed",
  "Sequential",
  "Model",
  "float16",
  "graph-model",
  [null, 4],
  [null, null, 3],
  [["dense1", 0, 0, {}]],
  [[["input", 0, 0, {}]]],
  { class_name: "L1L2", config: { l1: 0.1, l2: 0 } },
  { class_name: "MaxNorm", config: { max_value: 2, axis: 1 } },
  { dtype: "uint8", scale: 0.1, min: -1 },
  { dtype: "float16" },
  2 ** 30,
  0,
  -1,
];

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);

function changed(draw: Draw, given: Files): Files {
  const json = given["model.json"]!;
  const names = Object.keys(given).filter((name) => name !== "model.json");
  return draw.call<Files>([
    () => given,
    () => {
      const value = JSON.parse(text(json)) as Json;
      changeJson(draw, value, ODD);
      return { ...given, "model.json": utf8(jsonText(value)) };
    },
    () => {
      const value = JSON.parse(text(json)) as Json;
      changeJson(draw, (value as { modelTopology: Json }).modelTopology, ODD);
      return { ...given, "model.json": utf8(jsonText(value)) };
    },
    () => ({ ...given, "model.json": utf8(changedOften(draw, text(json), changedText)) }),
    () => ({ ...given, "model.json": changedOften(draw, json, changedBytes) }),
    () => {
      if (names.length === 0) return given;
      const name = draw.pick(names);
      return { ...given, [name]: changedOften(draw, given[name]!, changedBytes) };
    },
  ]);
}

/** What is wrong with a model that was read. */
async function faultIn(model: Model, core: Core): Promise<string | undefined> {
  const size = sizeOf(model.inputShape);
  if (size > 5000 || model.nodes.some(({ output }) => sizeOf(output) > 1e5)) return undefined;
  const rows = (value: number) => new Float32Array(2 * size).fill(value);
  const predicted = await ended(["predict"], () => model.predict(rows(1)));
  if (predicted.fault !== undefined || predicted.error) return predicted.fault;
  const again = await ended(["toLayersModel", "fromLayersModel"], async () =>
    fromLayersModel(toLayersModel(model), { core }),
  );
  if (again.error)
    return again.error.message.startsWith("toLayersModel") ? again.fault : (again.fault ?? again.error.message);
  const second = again.value.predict(rows(1));
  const far = second.findIndex(
    (value, i) =>
      !(Math.abs(value - predicted.value[i]!) <= 1e-3 * Math.max(1, Math.abs(value))) && value - value === 0,
  );
  return far < 0 ? undefined : `what is written again gives ${second[far]} in place of ${predicted.value[far]}`;
}

async function attempt(given: Files, core: Core): Promise<Tried> {
  const bytes = Object.values(given).reduce((sum, { length }) => sum + length, 0);
  const input = (): string =>
    `{ ${Object.entries(given)
      .map(([name, file]) => `${JSON.stringify(name)}: ${bytesText(file)}`)
      .join(", ")} }`;
  const end = await endedReading(bytes, ["fromLayersModel"], () => fromLayersModel(given, { core }));
  if (end.fault !== undefined || end.error) {
    const { name, where, reason } = (end.error ?? {}) as {
      readonly name?: string;
      readonly where?: string;
      readonly reason?: string;
    };
    const typed = name === "LayersModelError" && Boolean(where) && Boolean(reason);
    return { fault: end.fault ?? (typed ? undefined : `not an error of the kind: ${name}`), refused: true, input };
  }
  return { fault: await faultIn(end.value, core), refused: false, input };
}

export const layersModels: Fuzzer = {
  name: "layersModels",
  what: "fromLayersModel, of models with changed layers, manifests, weights and bytes",
  inTests: 2000,
  each: 100,
  prepare: async () => {
    const all = await (files ??= allFiles());
    const { core } = await sequential({ input: 1 }, dense(1)); // memory is shared: an engine has room for few
    return (draw) => attempt(changed(draw, draw.pick(all)), core);
  },
};
