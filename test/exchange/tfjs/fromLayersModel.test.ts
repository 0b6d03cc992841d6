// Models that TensorFlow.js makes and saves, read: they predict the same, are saved as files of ours, and can be trained further.
import { expect, test } from "vitest";
import { adam, meanSquaredError, type Model, Trainer } from "../../../src/index.ts";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import { fromLayersModel } from "../../../src/tfjs.ts";
import { uniform } from "../../support/seeded.ts";
import { farthest, joined } from "./same.ts";
import { predicted, saved, tensorFlow, type TensorFlow, type TfModel } from "./tf.ts";
import { rowsFor, stir } from "./make.ts";
import { THEIRS } from "./theirs.ts";

const ROWS = 6;

/** 20 updates lower the loss; where masks and noise are drawn, that without them. */
function checkTraining(model: Model, x: Float32Array): void {
  const size = model.outputShape.reduce((product, n) => product * n, 1);
  const y = uniform(ROWS * size, { seed: 5, low: 0, high: 1 });
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.003 }) });
  const draws = model.nodes.some(({ layer }) => layer.prepare);
  const predicting = (): number =>
    model.predict(x).reduce((sum, value, i) => sum + (value - y[i]!) * (value - y[i]!), 0);
  const before = draws ? predicting() : trainer.step(x, y).loss;
  for (let i = 0; i < 20; i++) trainer.step(x, y);
  expect(draws ? predicting() : trainer.step(x, y).loss).toBeLessThan(before);
}

async function check(tf: TensorFlow, theirs: TfModel, inputs: readonly Float32Array[]): Promise<Model> {
  const wanted = predicted(tf, theirs, inputs, ROWS);
  const model = await fromLayersModel(await saved(tf, theirs));
  expect(farthest(model.predict(joined(model, inputs)), wanted)).toBeLessThan(1e-5);
  const kept = await modelFromBytes(modelToBytes(model));
  expect(kept.predict(joined(model, inputs))).toEqual(model.predict(joined(model, inputs)));
  return model;
}

test.each(Object.entries(THEIRS))("%s", async (_name, given) => {
  const tf = await tensorFlow();
  const theirs = stir(tf, given.make(tf));
  const inputs = rowsFor(theirs, given, ROWS);
  const model = await check(tf, theirs, inputs);
  if (!given.untrained) checkTraining(model, joined(model, inputs));
});
