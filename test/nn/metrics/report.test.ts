// Reports from labels: every value counted by hand.
import { describe, expect, test } from "vitest";
import {
  accuracy,
  classificationReport,
  confusionMatrix,
  dense,
  f1,
  precision,
  recall,
  sequential,
  sgd,
  softmaxCrossEntropy,
  topKAccuracy,
  Trainer,
  zeros,
} from "../../../src/index.ts";
import { expectRefusal } from "../../support/refusals.ts";

const TARGETS = [0, 0, 0, 1, 1, 2, 2, 2, 2, 2];
const PREDICTED = [0, 0, 1, 1, 0, 2, 2, 2, 0, 1];

describe("confusionMatrix", () => {
  test("what is no row among rows is refused", () => {
    const with2 = (odd: unknown) => (): unknown => confusionMatrix([[0, 1], [0, 1]], [[0, 1], odd as never], 2); // prettier-ignore
    expect(with2({ 0: 1, length: 9_007_199_254_740_992 })).toThrow("predictions[2] must be a number, got an object");
    expect(with2("1")).toThrow('predictions[2] must be a number, got the string "1"');
    expect(with2(1)).toThrow("there are 4 targets but 3 predictions");
  });

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

describe("many classes", () => {
  const text = (where: string, classes: number): string =>
    `${where}: ${classes} classes make a matrix of ${8 * classes * classes} bytes; at most 11585 classes (1073741824 bytes) can be ` +
    "counted in pairs; the metrics precision, recall, f1 and accuracy of a trainer need no matrix";

  test("whose matrix would take more than 1 GiB are refused before it is made", async () => {
    for (const classes of [11_586, 1e5, 1e9]) {
      for (const count of [confusionMatrix, classificationReport])
        await expectRefusal(() => count([0], [0], classes), RangeError, text(count.name, classes));
    }
  });

  test("don't keep precision, recall and f1 of a model from being counted", async () => {
    const CLASSES = 100_000;
    const model = await sequential({ input: 1 }, dense(CLASSES, { kernelInitializer: zeros() }));
    const metrics = [precision(), recall(), f1(), accuracy(), topKAccuracy()];
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd(), metrics });
    // equal outputs: all are called class 0
    const figures = await trainer.evaluate({ x: [1, 1, 1, 1], y: [0, 0, 0, CLASSES - 1] });
    expect(figures["accuracy"]).toBe(3 / 4);
    expect(figures["precision"]).toBeCloseTo(3 / 4 / CLASSES, 15);
    expect(figures["recall"]).toBeCloseTo(1 / CLASSES, 15);
    expect(figures["f1"]).toBeCloseTo(6 / 7 / CLASSES, 15);
  });
});
