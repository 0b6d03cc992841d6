// From the user's data to the core: every form of the same numbers trains to the same bits.
import { describe, expect, test } from "vitest";
import * as w from "../src/index.ts";
import { expectClose } from "./support/golden.ts";
import { normal, wholes } from "./support/seeded.ts";

/** float32 arithmetic on sums of some ten numbers of size 1. */
const FLOAT32 = { rtol: 3e-6, atol: 3e-7 };

describe("the same data in any form", () => {
  test("trains to the same bits", async () => {
    const rows = 20;
    const bytes = Uint8Array.from({ length: rows * 6 }, (_, i) => (i * 89) % 256);
    const values = Float32Array.from(bytes, (b) => b / 256);
    const labels = wholes(rows, { seed: 1, below: 3 });
    const nested = Array.from({ length: rows }, (_, r) =>
      [0, 1].map((a) => Array.from(values.subarray(6 * r + 3 * a, 6 * r + 3 * a + 3))),
    );
    const forms: Record<string, w.TrainingData> = {
      nested: { x: nested, y: [...labels] },
      flat: { x: [...values], y: [...labels].map((label) => [label]) },
      Float32Array: { x: values, y: labels },
      Float64Array: { x: Float64Array.from(values), y: Float32Array.from(labels) },
      "samples of float32": { x: w.samples(values, [2, 3]), y: Uint8Array.from(labels) },
      "samples of bytes": { x: w.samples(bytes, [2, 3], { scale: 1 / 256 }), y: labels },
      "samples of 16 bits": { x: w.samples(Int16Array.from(bytes), 6, { scale: 1 / 256 }), y: labels },
      dataset: w.dataset({ x: values, y: labels }),
      "dataset of bytes": w.dataset({ x: w.samples(bytes, [2, 3], { scale: 1 / 256 }), y: Uint8Array.from(labels) }),
      "weights of 1": { x: values, y: labels, sampleWeights: new Float32Array(rows).fill(1) },
    };
    const run = async (data: w.TrainingData): Promise<unknown> => {
      const model = await w.sequential({ input: [2, 3], seed: 4 }, w.dense(4), w.flatten(), w.relu(), w.dense(3));
      const trainer = new w.Trainer(model, {
        loss: w.softmaxCrossEntropy(),
        optimizer: w.adam({ learningRate: 0.01 }),
      });
      const history = await trainer.fit(data, { epochs: 4, batchSize: 6 });
      return { history, print: model.fingerprint(), evaluated: await trainer.evaluate(data) };
    };
    const expected = await run(forms["Float32Array"]!);
    for (const [name, data] of Object.entries(forms)) expect(await run(data), name).toEqual(expected);
  });

  test("targets of one-hot rows are labels", async () => {
    const labels = wholes(15, { seed: 1, below: 4 });
    const oneHot = Array.from(labels, (label) => [0, 1, 2, 3].map((c) => (c === label ? 1 : 0)));
    const x = normal(45, { seed: 2 });
    const run = async (y: w.Target): Promise<number[]> => {
      const model = await w.sequential({ input: 3, seed: 4 }, w.dense(4));
      const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
      return (await trainer.fit({ x, y }, { epochs: 3, batchSize: 4 })).loss;
    };
    const expected = await run(labels);
    // the same sums, with products by 0 and 1 in them
    for (const y of [oneHot, oneHot.flat(), Float32Array.from(oneHot.flat())]) {
      expectClose("losses", await run(y), expected, FLOAT32);
    }
  });
});
