// Models that TensorFlow.js makes and saves, read: they predict the same, and can be trained further.
import { expect, test } from "vitest";
import { adam, meanSquaredError, type Model, Trainer } from "../../../src/index.ts";
import { fromLayersModel } from "../../../src/tfjs.ts";
import { uniform } from "../../support/seeded.ts";
import { predicted, saved, tensorFlow, type TensorFlow, type TfModel } from "./tf.ts";
import { rowsFor, stir, THEIRS } from "./theirs.ts";

const ROWS = 6;

/** Rows of all inputs, one after another. */
export function joined(model: Model, inputs: readonly Float32Array[]): Float32Array {
  if (!model.inputs) return inputs[0]!;
  return model.inputs.join(Object.fromEntries(Object.keys(model.inputs.shapes).map((name, i) => [name, inputs[i]!])));
}

function farthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
}

/** Trains a copy for 20 steps: the loss falls. */
function checkTraining(model: Model, x: Float32Array): void {
  const size = model.outputShape.reduce((product, n) => product * n, 1);
  const y = uniform(ROWS * size, { seed: 5, low: 0, high: 1 });
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.003 }) });
  const before = trainer.step(x, y).loss;
  for (let i = 0; i < 19; i++) trainer.step(x, y);
  expect(trainer.step(x, y).loss).toBeLessThan(before);
}

async function check(tf: TensorFlow, theirs: TfModel, inputs: readonly Float32Array[]): Promise<Model> {
  const wanted = predicted(tf, theirs, inputs, ROWS);
  const model = await fromLayersModel(await saved(tf, theirs));
  expect(farthest(model.predict(joined(model, inputs)), wanted)).toBeLessThan(1e-5);
  return model;
}

test.each(Object.entries(THEIRS))("%s", async (_name, given) => {
  const tf = await tensorFlow();
  const theirs = stir(tf, given.make(tf));
  const inputs = rowsFor(theirs, given, ROWS);
  const model = await check(tf, theirs, inputs);
  if (!given.untrained) checkTraining(model, joined(model, inputs));
});
