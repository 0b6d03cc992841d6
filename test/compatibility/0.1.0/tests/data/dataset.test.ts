// Data sets: copied into a memory once, used again and again.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { normal } from "../../support/seeded.ts";

const ROWS = 500;
const DATA = { x: normal(ROWS * 8, { seed: 1 }), y: normal(ROWS, { seed: 2 }) };

async function make(core?: w.Model["core"]): Promise<w.Trainer> {
  const model = await w.sequential({ input: 8, seed: 1, ...(core ? { core } : {}) }, w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
}

describe("dataset", () => {
  test("is its data, frozen", () => {
    const sampleWeights = [1, 2];
    const made = w.dataset({ x: [1, 2], y: [3, 4], sampleWeights });
    expect(made).toEqual({ x: [1, 2], y: [3, 4], sampleWeights });
    expect(Object.isFrozen(made)).toBe(true);
    expect(w.dataset({ x: [1], y: [2] }).sampleWeights).toBeUndefined();
  });

  test("serves as validation data", async () => {
    const set = w.dataset(DATA);
    const [a, b] = [await make(), await make()];
    const options = { epochs: 3, progress: false };
    expect(await a.fit(set, { ...options, validationData: set })).toEqual(
      await b.fit(DATA, { ...options, validationData: DATA }),
    );
  });

  test("serves models that want other targets", async () => {
    const set = w.dataset({ x: DATA.x, y: new Uint8Array(ROWS).fill(1) });
    const numbers = await make();
    const model = await w.sequential({ input: 8, core: numbers.model.core }, w.dense(3));
    const classes = new w.Trainer(model, {
      loss: w.softmaxCrossEntropy(),
      optimizer: w.sgd(),
      metrics: [w.accuracy()],
    });
    for (let i = 0; i < 2; i++) {
      await numbers.fit(set);
      const { loss } = await classes.fit(set);
      expect(loss[0]).toBeGreaterThan(0);
    }
    const right = [...model.classify(DATA.x)].filter((label) => label === 1).length;
    expect((await classes.evaluate(set))["accuracy"]).toBe(right / ROWS);
    const plain = await make();
    for (let i = 0; i < 2; i++) await plain.fit({ x: DATA.x, y: new Float32Array(ROWS).fill(1) });
    expect(numbers.model.fingerprint()).toBe(plain.model.fingerprint());
  });
});
