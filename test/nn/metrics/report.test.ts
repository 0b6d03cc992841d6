// Reports from labels: every value counted by hand.
import { describe, expect, test } from "vitest";
import { classificationReport, confusionMatrix } from "../../../src/index.ts";

const TARGETS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2];
const PREDICTED = [0, 0, 1, 1, 0, 2, 2, 2, 0, 1];

describe("confusionMatrix", () => {
  test("a row for each target class, a column for each predicted one", () => {
    expect(confusionMatrix(TARGETS, PREDICTED, 3)).toEqual([
      [2, 1, 0],
      [1, 1, 0],
      [1, 1, 3],
    ]);
    expect(confusionMatrix([0, 1, 1], [0, 1, 0], 2)).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  test("classes that don't occur have rows of zeros; typed arrays will do", () => {
    expect(confusionMatrix(Uint8Array.of(2), Int32Array.of(0), 4)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});

describe("classificationReport", () => {
  test("has accuracy, each class, the means, and the counts", () => {
    const figures = [
      { precision: 2 / 4, recall: 2 / 3, f1: 4 / 7, support: 3 },
      { precision: 1 / 3, recall: 1 / 2, f1: 2 / 5, support: 2 },
      { precision: 1, recall: 3 / 5, f1: 6 / 8, support: 5 },
    ];
    const report = classificationReport(TARGETS, PREDICTED, 3);
    expect(report.accuracy).toBe(6 / 10);
    expect(report.classes).toEqual(figures);
    for (const key of ["precision", "recall", "f1"] as const) {
      expect(report.macro[key]).toBeCloseTo(figures.reduce((sum, f) => sum + f[key], 0) / 3, 15);
    }
    expect(report.confusion).toEqual(confusionMatrix(TARGETS, PREDICTED, 3));
  });

  test("a class that nobody has and nobody was taken for has 0 in all figures", () => {
    const { classes, macro } = classificationReport([0, 0], [0, 0], 2);
    expect(classes).toEqual([
      { precision: 1, recall: 1, f1: 1, support: 2 },
      { precision: 0, recall: 0, f1: 0, support: 0 },
    ]);
    expect(macro).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
  });
});
