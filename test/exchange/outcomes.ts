// What becomes of a small model of every layer in each form that models leave in, and come back from. docs/exchange.md has the table.
import { exportModule, modelFromBytes, modelToBytes } from "../../src/files.ts";
import type { Model } from "../../src/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx.ts";
import { fromLayersModel, toLayersModel } from "../../src/tfjs.ts";
import { loadStateDict, stateDict } from "../../src/torch.ts";
import { EVERY_LAYER, type EveryCase } from "./everyLayer.ts";
import { imported } from "./module/imported.ts";

/** Models of one layer: how many there are, and of those that don't go this way the refusal. */
export interface Outcome {
  readonly of: number;
  readonly refused: Readonly<Record<string, string>>;
}

/** By layer, then by way. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, Outcome>>>>;

type Predict = (x: Float32Array) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Where models go, or come from: gives what predicts afterwards. */
export const WAYS: Readonly<Record<string, (model: Model, make: () => Promise<Model>) => Promise<Predict>>> = {
  "safetensors, there and back": async (model) => predictOf(await modelFromBytes(modelToBytes(model))),
  "to ONNX": async (model) => (toOnnx(model), predictOf(model)),
  "back from ONNX": async (model) => predictOf(await fromOnnx(toOnnx(model))),
  "to TensorFlow.js": async (model) => (toLayersModel(model), predictOf(model)),
  "back from TensorFlow.js": async (model) => predictOf(await fromLayersModel(toLayersModel(model).files)),
  "weights by PyTorch's names, there and back": async (model, make) => {
    const given = stateDict(model);
    const again = await make();
    for (const parameter of again.parameters()) parameter.set(new Float32Array(parameter.size).fill(0.25));
    loadStateDict(again, { tensors: new Map(given) });
    return predictOf(again);
  },
  "to a module": async (model) => (await imported(exportModule(model))).predict,
};

const predictOf =
  (model: Model): Predict =>
  (x) =>
    model.predict(x);

/** How far numbers are from others, in parts of the largest one or 1. */
function farthest(numbers: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (numbers.length !== wanted.length) return Infinity;
  const most = Array.from(wanted, Math.abs).reduce((a, b) => Math.max(a, b), 1);
  return Array.from(wanted, (n, i) => Math.abs(n - numbers[i]!) / most).reduce((a, b) => Math.max(a, b), 0);
}

/** Sends one model all ways. An outcome is undefined, or the refusal. Throws where a model arrives that predicts other numbers. */
export async function sent({ name, make, x }: EveryCase): Promise<Readonly<Record<string, string | undefined>>> {
  const outcomes: Record<string, string | undefined> = {};
  for (const [way, send] of Object.entries(WAYS)) {
    const model = await make();
    const wanted = model.predict(x(2));
    let predict: Predict | undefined;
    try {
      predict = await send(model, make);
    } catch (error) {
      outcomes[way] = (error as Error).message;
      continue;
    }
    outcomes[way] = undefined;
    const away = farthest(await predict(x(2)), wanted);
    if (!(away < 1e-5)) throw new Error(`${name}, ${way}: the numbers are ${away} away`);
  }
  return outcomes;
}

/** What was found of each model, by layer. */
export function gathered(found: ReadonlyMap<string, Readonly<Record<string, string | undefined>>>): Outcomes {
  const layers: Record<string, Record<string, { of: number; refused: Record<string, string> }>> = {};
  for (const { of, name } of EVERY_LAYER) {
    for (const [way, refusal] of Object.entries(found.get(name)!)) {
      const outcome = ((layers[of] ??= {})[way] ??= { of: 0, refused: {} });
      outcome.of++;
      if (refusal !== undefined) outcome.refused[name] = refusal;
    }
  }
  return layers;
}
