// Every layer that TensorFlow.js has something for is written, and read by TensorFlow.js itself: it predicts the same. Read again here, models
// have the same weights, to the bit.
import { describe, expect, test } from "vitest";
import type { Model } from "../../../src/index.ts";
import { fromLayersModel, toLayersModel } from "../../../src/tfjs.ts";
import { EVERY_LAYER } from "../everyLayer.ts";
import { predicted, tensorFlow } from "./tf.ts";

const ROWS = 3;

/** Rows of each input, of joined ones. */
function parts(model: Model, x: Float32Array): Float32Array[] {
  return model.inputs ? Object.values(model.inputs.split(x)) : [x];
}

function farthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
}

describe.each(EVERY_LAYER.map((each) => [each.name, each] as const))("%s", (_name, given) => {
  test("is read by TensorFlow.js", async () => {
    const tf = await tensorFlow();
    const model = await given.make();
    const x = given.x(ROWS);
    const wanted = model.predict(x);
    const written = toLayersModel(model);
    const theirs = await tf.loadLayersModel(tf.io.fromMemory(written));
    expect(farthest(predicted(tf, theirs, parts(model, x), ROWS), wanted)).toBeLessThan(1e-5);
    const again = await fromLayersModel(written.files);
    expect(farthest(again.predict(x), wanted)).toBeLessThan(1e-5);
  });
});
