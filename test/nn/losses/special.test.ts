// Losses of special tasks, by the public API: what they are for, and what they refuse.
import { expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { refuses } from "../../support/refusals.ts";

test("quantiles of the targets are what a constant learns", async () => {
  const y = Float32Array.from({ length: 101 }, (_, i) => i);
  const model = await w.sequential({ input: 1 }, w.dense(3));
  const loss = w.quantile({ quantile: [0.1, 0.5, 0.9] });
  const trainer = new w.Trainer(model, { loss, optimizer: w.adam({ learningRate: 0.5 }) });
  const x = new Float32Array(y.length);
  for (let i = 0; i < 400; i++) trainer.step(x, y);
  [10, 50, 90].forEach((right, i) => expect(Math.abs(model.predict([[0]])[i]! - right)).toBeLessThan(2));
});

const trainerOf = async (loss: w.Loss, outputs: number): Promise<w.Trainer> =>
  new w.Trainer(await w.sequential({ input: 1 }, w.dense(outputs)), { loss, optimizer: w.sgd() });

refuses([
  [() => w.poisson({ logInput: 1 as never }), TypeError, /^poisson: logInput must be true or false, got /],
  [
    async () => (await trainerOf(w.poisson(), 1)).step([[1]], [-1]),
    RangeError,
    "step: poisson needs targets that are 0 or more, but y at row 0, column 0 is -1",
  ],
  [() => w.quantile({ quantile: 1 }), RangeError, "quantile: quantile must be above 0 and below 1, got 1"],
  [() => w.quantile({ quantile: [0.1, 0] }), RangeError, "quantile: quantile[1] must be above 0 and below 1, got 0"],
  [() => w.quantile({ quantile: [] }), RangeError, "quantile: the list of quantiles is empty; at least one is needed"],
  [
    () => trainerOf(w.quantile({ quantile: [0.1, 0.9] }), 3),
    RangeError,
    "Trainer: quantile needs as many numbers in the output's last axis as quantiles, 2, got 3",
  ],
  [() => w.focal({ gamma: -1 }), RangeError, "focal: gamma must be 0 or more, got -1"],
  [() => w.focal({ alpha: 2 }), RangeError, "focal: alpha must be from 0 to 1, got 2"],
  [
    async () => (await trainerOf(w.focal(), 1)).step([[1]], [2]),
    RangeError,
    "step: focal needs targets that are from 0 to 1, but y at row 0, column 0 is 2",
  ],
  [() => w.dice({ smooth: 0 }), RangeError, "dice: smooth must be above 0, got 0"],
  [() => w.tripletMargin({ margin: 0 }), RangeError, "tripletMargin: margin must be above 0, got 0"],
  [() => w.tripletMargin({ p: 3 as never }), RangeError, "tripletMargin: p must be 1 or 2, got 3"],
  [
    () => trainerOf(w.tripletMargin(), 4),
    RangeError,
    "Trainer: tripletMargin needs three embeddings of one size in a row of the output, [3 size] or [3, size], got 4",
  ],
]);
