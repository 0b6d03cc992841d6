// The loss of a batch and of an epoch, from sums and divisors.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { batchLoss, LossSum, meanOf } from "../../src/training/lossSum.ts";

const MEAN = w.meanSquaredError();
const SUM = w.meanSquaredError({ reduction: "sum" });
const BATCH_MEAN = w.klDivergence();

test("a mean of nothing is 0", () => {
  expect([meanOf(6, 4), meanOf(6, 0), meanOf(0, 0)]).toEqual([1.5, 0, 0]);
});

test("a batch's loss is its mean or its sum, and its penalty once", () => {
  expect(batchLoss(MEAN, [6, 4, 0.25])).toBe(1.75);
  expect(batchLoss(BATCH_MEAN, [6, 4, 0.25])).toBe(1.75);
  expect(batchLoss(SUM, [6, 4, 0.25])).toBe(6.25);
});

test("rows that weigh nothing leave the penalty alone", () => {
  for (const loss of [MEAN, BATCH_MEAN]) expect(batchLoss(loss, [0, 0, 0.25])).toBe(0.25);
});

describe("an epoch", () => {
  const sumOf = (loss: w.Loss, ...batches: [total: number, divisor: number, penalty: number][]): number => {
    const sum = new LossSum(loss);
    for (const batch of batches) sum.add(batch, 0);
    return sum.value;
  };

  test("without batches has loss 0", () => {
    for (const loss of [MEAN, SUM, BATCH_MEAN]) expect(sumOf(loss)).toBe(0);
  });

  test("each batch counts by its divisor, not as one of so many batches", () => {
    // 8 over 4 and 6 over 1: 14 / 5, not the mean of 2 and 6
    for (const loss of [MEAN, BATCH_MEAN]) expect(sumOf(loss, [8, 4, 0], [6, 1, 0])).toBe(14 / 5);
    expect(sumOf(SUM, [8, 4, 0], [6, 1, 0])).toBe(14);
  });

  test("the penalty is the mean over the batches, whatever the reduction", () => {
    expect(sumOf(MEAN, [8, 4, 0.5], [6, 1, 1.5], [0, 0, 1])).toBe(14 / 5 + 1);
    expect(sumOf(SUM, [8, 4, 0.5], [6, 1, 1.5], [0, 0, 1])).toBe(14 + 1);
  });

  test("the value can be read in between, and is one batch's where there is one", () => {
    const sum = new LossSum(MEAN);
    sum.add([6, 4, 0.25], 0);
    expect(sum.value).toBe(batchLoss(MEAN, [6, 4, 0.25]));
    sum.add([2, 4, 0.75], 0);
    expect(sum.value).toBe(1 + 0.5);
  });
});
