// Fuzzes `modelFromBytes`: models of all layers, whose architecture, tensors or bytes are changed. What is read must be saved and read
// again as the same, and predict.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  modelFromBytes,
  modelToBytes,
  readSafetensors,
  type SafeTensor,
  type TensorData,
  writeSafetensors,
} from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { loadModel } from "../../src/web.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { ACTIVATIONS, around, INPUTS, INPUTS_OF, LAYERS } from "../support/cases.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften, changedText, changeJson, type Json, jsonText } from "./mutate.ts";

/** A model of composites of all kinds. */
function composed(): Promise<w.Model> {
  const step = w.shared(w.dense(4, { kernelRegularizer: w.l2(0.01), kernelConstraint: w.maxNorm(2) }));
  const block = w.shared(w.chain(step, w.residual(w.dense(4), w.leakyRelu({ slope: 0.1 })), w.batchNorm()));
  const ends = w.outputs({
    a: { shape: 2, loss: w.meanSquaredError() },
    b: { shape: 4, loss: w.huber() },
  });
  return w.sequential(
    { input: w.inputs({ words: [6, 4], lengths: 1, more: 4 }), seed: 1 },
    w.timeDistributed(w.dense(4), w.gelu(), w.layerNorm()),
    w.bidirectional(w.gru(2, { returnSequences: true })),
    w.selfAttention({ heads: 2 }),
    w.lstm(4, { lengths: "lengths", recurrentInitializer: w.orthogonal({ gain: 0.5 }) }),
    w.concat([[step, w.dropout(0.1)], w.from("more", block), [block, w.groupNorm({ groups: 2 })]]),
    w.frozen(w.dense(4, { kernelInitializer: w.uniform({ low: -1, high: 1 }), name: "last" })),
    w.add([[], w.reshape([4])]),
    ends.layer({ a: w.dense(2), b: [] }),
  );
}

/** Files of models with each layer, of composites, and of older versions. */
async function allFiles(): Promise<Uint8Array[]> {
  const files = [modelToBytes(await composed())];
  for (const [name, makers] of Object.entries({ ...LAYERS, ...ACTIVATIONS })) {
    const input = (INPUTS_OF[name] ?? INPUTS)[0]!;
    for (const make of makers) files.push(modelToBytes(await around(make([...input.slice(0, -1), 4]), input)));
  }
  const old = ["images", "sequences", "transfer"].map((name) =>
    readFileSync(join(import.meta.dirname, `../compatibility/0.1.0/${name}.safetensors`)),
  );
  return [...files, ...old];
}

let files: Promise<Uint8Array[]> | undefined;

const ODD: readonly Json[] = [
  "relu",
  "chain",
  "residual",
  "dense",
  "sigmoid",
  "softmax",
  { type: "dense", name: "d", options: { units: 2 } },
  { type: "dense", options: {} },
  { type: "chain", options: {}, inner: [] },
  { type: "residual", options: {}, inner: [{ type: "relu", name: "r", options: {} }] },
  { type: "timeDistributed", options: {}, inner: [{ type: "flatten", name: "f", options: {} }] },
  { type: "concat", options: { axis: 0 }, inner: [{ type: "relu", name: "r", options: {} }] },
  { initializer: "orthogonal" },
  { initializer: "constant", options: { value: 1e300 } },
  { regularizer: "l2", options: { lambda: {} } },
  { constraint: "maxNorm", options: { axis: [7] } },
  { shared: 0 },
  { shared: 1 },
];

const changedTensor = (draw: Draw, { shape, data }: SafeTensor): SafeTensor =>
  draw.call<SafeTensor>([
    () => {
      const changed = Float32Array.from(data);
      if (changed.length > 0) changed[draw.int(changed.length)] = draw.number();
      return { shape, data: changed };
    },
    () => ({ shape: shape.toReversed(), data }),
    () => ({ shape: [...shape, 1], data }),
    () => ({ shape: [data.length], data }),
    () => ({ shape, data: Int32Array.from(data) as TensorData }),
    () => ({ shape: [0], data: new Float32Array(0) }),
    () => ({ shape, data: Float32Array.from(data, (value) => value * 1e20) }),
    () => ({ shape, data: Float64Array.from(data) }),
    () => ({ shape, data: Float32Array.from(data), dtype: "BF16" as const }),
    () => ({ shape, data: Float64Array.from(data, (_, i) => i), dtype: draw.pick(["I64", "U64"] as const) }),
  ]);

/** A file that was changed in its architecture, its tensors, its texts, or its bytes. */
function changedFile(draw: Draw, file: Uint8Array): Uint8Array<ArrayBuffer> {
  if (draw.chance(0.1)) return changedOften(draw, Uint8Array.from(file), changedBytes);
  const { tensors, metadata } = readSafetensors(file);
  let list = [...tensors];
  const texts = { ...metadata };
  draw.call<void>([
    ...Array.from({ length: 7 }, () => () => {
      const architecture = JSON.parse(texts["model"]!) as Json;
      changeJson(draw, architecture, ODD);
      texts["model"] = jsonText(architecture).padEnd(draw.chance(0.1) ? 5000 : 0);
    }),
    () => void (texts["model"] = changedText(draw, texts["model"]!)),
    () => {
      const i = draw.int(list.length + 1);
      const entry = list[i];
      if (entry) list[i] = [entry[0], changedTensor(draw, entry[1])];
    },
    () => {
      const i = draw.int(list.length + 1);
      const entry = list[i];
      if (entry) list[i] = [draw.chance(0.5) ? changedText(draw, entry[0]) : draw.text(), entry[1]];
    },
    () => {
      if (draw.chance(0.5)) list = list.slice(1);
      else list.push([`more${draw.text()}`, { shape: [1], data: Float32Array.of(1) }]);
    },
    () => void (texts[draw.pick(["format", "version", "checksum", "model"])] = draw.text()),
  ]);
  try {
    return writeSafetensors(list, texts);
  } catch {
    return Uint8Array.from(file); // a name that can't be written
  }
}

/** Models whose use takes little. */
const isSmall = (model: w.Model): boolean =>
  model.nodes.every(({ output }) => sizeOf(output) < 1e5) && sizeOf(model.inputShape) < 1e5;

/** Reads; a model that was read predicts, and is saved and read as the same. */
async function attempt(draw: Draw, bytes: Uint8Array<ArrayBuffer>, core: w.Core): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const fromPage = draw.chance(0.02);
  const end = await endedReading(bytes.length, fromPage ? ["loadModel"] : ["f"], () =>
    fromPage ? loadModel(new Blob([bytes]), { core }) : modelFromBytes(bytes, { name: "f", core }),
  );
  if (end.fault !== undefined || end.error) return { fault: end.fault, refused: true, input };
  const model = end.value;
  const fault = (text: string): Tried => ({ fault: text, refused: false, input });
  const saved = await ended(["modelToBytes"], () => modelToBytes(model));
  if (saved.error) return fault(`can't be saved: ${saved.error.message}`);
  const again = await ended(["f"], () => modelFromBytes(saved.value, { name: "f", core }));
  if (again.error) return fault(`can't be read again: ${again.error.message}`);
  if (again.value.fingerprint() !== model.fingerprint()) return fault("has another fingerprint when it was saved");
  if (Buffer.compare(modelToBytes(again.value), saved.value) !== 0)
    return fault("is another file when it is saved again");
  if (!isSmall(model)) return { fault: undefined, refused: false, input };
  const x = new Float32Array(2 * sizeOf(model.inputShape)).fill(draw.pick([0, 1]));
  const one = await ended(["predict"], () => model.predict(x));
  if (one.fault !== undefined) return fault(one.fault);
  const two = await ended(["predict"], () => again.value.predict(x));
  const bits = ({ value, error }: typeof one): string => error?.message ?? Buffer.from(value!.buffer).toString("hex");
  return bits(one) === bits(two)
    ? { fault: undefined, refused: false, input }
    : fault("predicts otherwise when it was saved");
}

export const models: Fuzzer = {
  name: "models",
  what: "modelFromBytes, of models with changed architectures, tensors, texts and bytes",
  inTests: 1500,
  each: 100,
  async prepare() {
    const given = await (files ??= allFiles());
    const { core } = await w.sequential({ input: 1 }, w.dense(1)); // memory is shared: an engine has room for few
    return (draw) => attempt(draw, changedFile(draw, draw.pick(given)), core);
  },
};
