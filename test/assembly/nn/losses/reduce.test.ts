// Weighting, summing and scaling, which all losses share, where the losses' own tests don't look.
import { beforeEach, describe, expect, test } from "vitest";
import type { Loss } from "../../../../src/nn/losses/loss.ts";
import { meanSquaredError } from "../../../../src/nn/losses/meanSquaredError.ts";
import { negativeLogLikelihood } from "../../../../src/nn/losses/negativeLogLikelihood.ts";
import { softmaxCrossEntropy } from "../../../../src/nn/losses/softmaxCrossEntropy.ts";
import { type LossBatch, runLoss } from "../../../support/losses.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

test("by hand: weights, mean and gradient of two rows", () => {
  const batch = {
    x: Float32Array.of(1, 2, 3, 4),
    target: Float32Array.of(0, 4, 3, 1),
    n: 2,
    rows: 2,
    weights: Float32Array.of(0.5, 2),
  };
  const { each, dx, total, divisor } = runLoss(bench, meanSquaredError(), batch);
  expect([...each]).toEqual([0.5, 2, 0, 18]);
  expect([total, divisor]).toEqual([20.5, 5]);
  expect([...dx]).toEqual([0.5 * 2, 0.5 * -4, 0, 2 * 6].map((d) => Math.fround(d * Math.fround(1 / 5))));
});

test("the sum is taken in float64: small losses beside a large one are not lost", () => {
  const n = 1001;
  const x = new Float32Array(n).fill(2 ** -6).with(0, 2 ** 10); // squares: 2^-12 and 2^20
  const { total } = runLoss(bench, meanSquaredError(), { x, target: new Float32Array(n), n, rows: 1 });
  expect(total).toBe(2 ** 20 + 1000 * 2 ** -12);
});

test("weights of 1 give the bits of no weights, and doubled weights a doubled sum", () => {
  const batch = { x: Float32Array.of(1, -2, 0.5), target: new Float32Array(3), n: 1, rows: 3 };
  const plain = runLoss(bench, meanSquaredError(), batch);
  expect(runLoss(bench, meanSquaredError(), { ...batch, weights: new Float32Array(3).fill(1) })).toEqual(plain);
  const doubled = runLoss(bench, meanSquaredError(), { ...batch, weights: new Float32Array(3).fill(2) });
  expect([doubled.total, doubled.divisor]).toEqual([2 * plain.total, 2 * plain.divisor]);
});

describe("a batch without weight has loss 0 and gradient 0", () => {
  const zeros = new Float32Array(2);
  const elements = { x: Float32Array.of(1, 2, 3, 4), target: new Float32Array(4), n: 2, rows: 2 };
  const rows = { x: Float32Array.of(-1, -2, -3, -4), target: Int32Array.of(1, 1), n: 2, rows: 2 };

  function expectNothing(loss: Loss, batch: LossBatch): void {
    const { dx, total } = runLoss(bench, loss, batch);
    expect(Math.abs(total)).toBe(0);
    expect([...dx].map(Math.abs)).toEqual([0, 0, 0, 0]);
  }

  test.each(["mean", "sum", "batchMean"] as const)("every row weighs 0, element-wise loss, %s", (reduction) => {
    expectNothing(meanSquaredError(), { ...elements, reduction, weights: zeros });
  });

  test.each(["mean", "sum"] as const)("every row weighs 0, class loss, %s", (reduction) => {
    expectNothing(negativeLogLikelihood(), { ...rows, reduction, weights: zeros });
    expectNothing(softmaxCrossEntropy(), { ...rows, reduction, weights: zeros });
  });

  test.each(["mean", "sum"] as const)("every row's class weighs 0, %s", (reduction) => {
    expectNothing(negativeLogLikelihood({ classWeights: [1, 0] }), { ...rows, reduction });
    expectNothing(softmaxCrossEntropy({ classWeights: [1, 0] }), { ...rows, reduction });
  });
});
