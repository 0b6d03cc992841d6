// Dropout as users meet it: how much is dropped, when, and the same in every run.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { expectSameBits } from "../../support/bits.ts";

const N = 10_000;
const ONES = new Float32Array(N).fill(1);
const layerOf = (rate: number, seed = 0): Promise<w.Model> => w.sequential({ input: N, seed }, w.dropout(rate));

describe("dropout", () => {
  for (const rate of [0.1, 0.5, 0.9]) {
    test(`${rate}: that share is 0, the rest is divided by 1 - rate`, async () => {
      const y = (await layerOf(rate)).forward(ONES);
      const kept = 1 / Math.fround(1 - rate);
      expect([...new Set(y)].toSorted()).toEqual([0, Math.fround(kept)]);
      const dropped = y.filter((v) => v === 0).length;
      // binomial: five deviations
      expect(Math.abs(dropped - rate * N)).toBeLessThan(5 * Math.sqrt(N * rate * (1 - rate)));
    });
  }

  test("0 drops nothing", async () => {
    expectSameBits((await layerOf(0)).forward(ONES), ONES);
  });

  test("masks are decided by the seed, the pass and the layer", async () => {
    const [a, b, c] = [await layerOf(0.5, 1), await layerOf(0.5, 1), await layerOf(0.5, 2)];
    const first = a.forward(ONES);
    expectSameBits(b.forward(ONES), first);
    expect(c.forward(ONES)).not.toEqual(first);
    const second = a.forward(ONES);
    expect(second).not.toEqual(first);
    expectSameBits(b.forward(ONES), second);
    const two = await w.sequential({ input: N, seed: 1 }, w.dropout(0.5), w.dropout(0.5));
    // equal masks would keep half of the numbers; independent ones a quarter
    const left = two.forward(ONES).filter((v) => v !== 0).length;
    expect(Math.abs(left - N / 4)).toBeLessThan(5 * Math.sqrt((N * 3) / 16));
  });

  test("is not there in predict, evaluate and validation", async () => {
    const model = await w.sequential({ input: 4, seed: 1 }, w.dropout(0.5), w.dense(1));
    const plain = await w.sequential({ input: 4, seed: 1 }, w.dense(1));
    plain.parameters().forEach((p, i) => p.set(model.parameters()[i]!.get()));
    const x = [[1, 2, 3, 4]];
    expectSameBits(model.predict(x), plain.predict(x));
    const figures = [model, plain].map((m) =>
      new w.Trainer(m, { loss: w.meanSquaredError(), optimizer: w.sgd() }).evaluate({ x, y: [1] }),
    );
    expect(await figures[0]).toEqual(await figures[1]);
  });

  test("every pass of training has a new mask, also across fits and steps", async () => {
    // no bias, rate 1 and a gradient of 1: each weight tells how often its input was kept
    const layers = [w.dropout(0.5), w.dense(1, { useBias: false, kernelInitializer: w.zeros() })];
    const model = await w.sequential({ input: 64, seed: 3 }, ...layers);
    const trainer = new w.Trainer(model, { loss: w.meanAbsoluteError(), optimizer: w.sgd({ learningRate: 1 }) });
    const x = new Float32Array(64).fill(1);
    const seen: string[] = [];
    let before = model.parameters()[0]!.get();
    const note = (): void => {
      const now = model.parameters()[0]!.get();
      seen.push([...now].map((v, i) => (v === before[i] ? 0 : 1)).join(""));
      before = now;
    };
    for (let i = 0; i < 3; i++) {
      trainer.step(x, [1e6]);
      note();
      await trainer.fit({ x, y: [1e6] });
      note();
    }
    expect(new Set(seen).size).toBe(6);
    for (const mask of seen) expect(mask).toMatch(/^(?=.*0)(?=.*1)/);
  });
});
