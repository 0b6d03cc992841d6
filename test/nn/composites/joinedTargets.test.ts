// Rows of joined targets that were written by hand, or copied: each output's part is looked at.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";

describe("joined rows", () => {
  const ends = w.outputs({
    kind: { shape: 3, loss: w.softmaxCrossEntropy(), missing: true },
    size: { shape: 1, loss: w.meanSquaredError() },
    often: { shape: 1, loss: w.poisson() },
  });
  const make = async (): Promise<w.Trainer> => {
    const layers = ends.layer({ kind: w.dense(3), size: w.dense(1), often: w.dense(1) });
    const model = await w.sequential({ input: 2, seed: 1 }, layers);
    return new w.Trainer(model, { loss: ends.loss, optimizer: w.sgd({ learningRate: 0.1 }) });
  };
  const x = [[0, 1], [1, 0]]; // prettier-ignore
  const targets = (): Float32Array => ends.targets({ kind: [2, -1], size: [0.5, 1], often: [0, 3] });

  const SPOILT: readonly (readonly [name: string, spoil: (y: Float32Array) => void, part: string, rule: string])[] = [
    [
      "a class in place of its bits",
      (y: Float32Array) => void y.fill(1, 0, 1),
      "kind",
      "labels from 0 to 2, or missing",
    ],
    [
      "a label that is too large",
      (y: Float32Array) => void (new Int32Array(y.buffer)[0] = 3),
      "kind",
      "labels from 0 to 2",
    ],
    ["a large one", (y: Float32Array) => void (new Int32Array(y.buffer)[0] = 50_000), "kind", "labels from 0 to 2"],
    ["NaN where nothing may be missing", (y: Float32Array) => void (y[3] = NaN), "size", "finite"],
    ["a count below 0", (y: Float32Array) => void (y[4] = -1), "often", "0 or more"],
  ];
  test.each(SPOILT)("are looked at part by part: %s", async (_name, spoil, part, rule) => {
    const trainer = await make();
    const before = trainer.model.fingerprint();
    const y = targets();
    spoil(y);
    const message = new RegExp(`^step: ${part} needs targets that are ${rule}.*, but in row 0 of y it has`);
    expect(() => trainer.step(x, y)).toThrow(message);
    await expect(trainer.fit({ x, y }, { progress: false })).rejects.toThrow(/^fit: /);
    expect(trainer.model.fingerprint()).toBe(before);
  });

  test("are the same after copies, in which a missing label is another NaN", async () => {
    const [one, other] = [await make(), await make()];
    const y = Array.from(targets());
    one.step(x, targets());
    other.step(x, y);
    await other.fit({ x, y: Float64Array.from(y) }, { progress: false, epochs: 1, shuffle: false });
    await one.fit({ x, y: targets() }, { progress: false, epochs: 1, shuffle: false });
    expect(other.model.fingerprint()).toBe(one.model.fingerprint());
  });
});
