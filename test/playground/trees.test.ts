// What the pages do with the library's formulas: a second computation that finds a wrong number, transposed formulas, shortened sums;
// and texts of links.
import { dense, type Expression, explain, meanSquaredError, sequential, sgd, sigmoid, trace, Trainer } from "wasmgrad";
import { describe, expect, test } from "vitest";
import { spoken, written } from "../../playground/src/steps/written.ts";
import {
  DATA,
  readHidden,
  firstRuns,
  readRuns,
  rowNumbers,
  rowsOf,
  withRun,
  writeHidden,
  writeRuns,
} from "../../playground/src/steps/nets.ts";
import { cellOf, indexOf, placeOf, shownOf } from "../../playground/src/steps/shown.ts";
import {
  asColumns,
  isSame,
  lettered,
  type LongSum,
  recompute,
  shortened,
  tensorsIn,
} from "../../playground/src/steps/trees.ts";

async function stepsOf(units = 3) {
  const model = await sequential({ input: 2, seed: 5 }, dense(units), sigmoid(), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
  return explain(trace(trainer, [[0, 0.5], [1, -2], [3, 1]], [0, 1, 1], { update: true })); // prettier-ignore
}

describe("a second computation", () => {
  test("agrees with each number, and finds each that is off by more than rounding", async () => {
    let numbers = 0;
    for (const step of await stepsOf()) {
      const size = step.tensor.values.length;
      for (let at = 0; at < size; at++) {
        const index = indexOf(step, at, false);
        const again = recompute(step.substituted(index)!);
        const value = step.value(index);
        expect(isSame(again, value), `${step.name}[${index}]`).toBe(true);
        if (value !== 0) expect(isSame(again, value * (1 + 1e-5)), `${step.name}[${index}]`).toBe(false);
        expect(isSame(again, NaN)).toBe(false);
        numbers++;
      }
    }
    expect(numbers).toBeGreaterThan(60);
  });
});

describe("samples in columns", () => {
  test("products turn round: dw1 = dZ1 xᵀ; what is number by number stays", async () => {
    const steps = await stepsOf();
    const names = (e: Expression): string[] =>
      tensorsIn(e).map(
        ({ name, transposed, index }) => `${name}${transposed && !index ? "T" : ""}${index ? `[${index.join()}]` : ""}`,
      );
    const of = (name: string) => steps.find((step) => step.name === name)!;
    expect(names(asColumns(of("dw1").expression!))).toEqual(["dZ1", "xT"]);
    expect(names(asColumns(of("Z1").expression!))).toEqual(["w1", "x", "b1"]);
    expect(names(asColumns(of("da1").expression!))).toEqual(["w2T", "dZ2"]);
    expect(names(asColumns(of("dZ1").expression!))).toEqual(names(of("dZ1").expression!));
    expect(names(asColumns(of("dw1").element([1, 1])!, true))).toEqual(["dZ1[1,i]", "x[1,i]"]);
    expect(names(asColumns(lettered(of("db1").expression!)))).toEqual(["dZ1[·,i]"]);
    // the value is the same
    for (const index of [
      [0, 0],
      [1, 2],
    ]) {
      const filled = of("dw1").substituted(index)!;
      expect(recompute(asColumns(filled, true)).value).toBeCloseTo(recompute(filled).value, 12);
    }
  });

  test("places go there and back", async () => {
    for (const step of await stepsOf())
      for (const columns of [false, true]) {
        const shown = shownOf(step.tensor, columns);
        for (let at = 0; at < shown.values.length; at++) {
          const index = indexOf(step, at, columns);
          expect(cellOf(step, index, columns)).toBe(at);
          expect(shown.values[at]).toBe(step.value(index));
          expect(placeOf(shown, columns && index.length === 2 ? index.toReversed() : index)).toBe(at);
        }
      }
  });
});

test("long sums have their ends, and the rest as one number", async () => {
  const step = (await stepsOf(12)).find(({ name }) => name === "Z2")!;
  const filled = step.substituted([0, 0])!;
  const found: LongSum[] = [];
  const short = shortened(
    filled,
    (count) => `${count} terms`,
    (sum) => found.push(sum),
  );
  expect(found).toHaveLength(1);
  expect(found[0]!.terms).toHaveLength(12);
  const sizes = found[0]!.largest.map(({ value }) => Math.abs(value));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(written(short).map(({ text }) => text).join("")).toMatch(/^[^…]+ · [^…]+ \+ [^…]+ \+ … 8 terms … \+ /); // prettier-ignore
  expect(recompute(short).value).toBeCloseTo(recompute(filled).value, 12);
});

test("signs are words where they are heard", async () => {
  const step = (await stepsOf()).find(({ name }) => name === "Z1")!;
  const line = written(step.substituted([1, 0])!);
  expect(spoken(line, "en")).toMatch(/^1 times .* plus minus 2 times .* plus 0$/);
  expect(spoken(line, "zh")).toMatch(/^1 乘 .* 加 负 2 乘 .* 加 0$/);
});

describe("links", () => {
  test.each(["3", "4-3", "3t-2r", "0", "64l"])("hidden layers %s", (text) => {
    expect(writeHidden(readHidden(text)!)).toBe(text);
  });
  test.each(["", "3q", "0-3", "65", "a", "3--2", "1-1-1-1-1-1-1", "3,2"])(
    "hidden layers %j are not understood",
    (text) => {
      expect(readHidden(text)).toBeUndefined();
    },
  );
  test.each(["0", "100", "1r0-1r1-100", "2rb1", "8rturn-3rbturn"])("updates %s", (text) => {
    expect(writeRuns(readRuns(text)!)).toBe(text);
  });
  test.each(["", "-1", "x", "1r", "1rturns", "1rall", "100001", "60000-60000", "1e3"])(
    "updates %j are not understood",
    (text) => {
      expect(readRuns(text)).toBeUndefined();
    },
  );
  test.each([
    [0, "0"],
    [2, "2"],
    [3, "3"],
    [4, "3-1r0"],
    [9, "3-1r0-2rb1"],
  ])("the first %d updates", (most, text) => {
    expect(writeRuns(firstRuns(readRuns("3-1r0-2rb1")!, most))).toBe(text);
  });
  test("updates with the same rows are counted together", () => {
    const runs = withRun(withRun([{ count: 1, rows: "0" }], { count: 2, rows: "0" }), { count: 1, rows: "all" });
    expect(writeRuns(runs)).toBe("3r0-1");
  });
  test("rows of a batch, of the last one, and one alone", () => {
    expect(rowNumbers("b0", 20)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(rowNumbers("b2", 20)).toEqual([16, 17, 18, 19]);
    expect(rowNumbers("5", 20)).toEqual([5]);
    expect(rowNumbers("all", 3)).toEqual([0, 1, 2]);
  });
  test("every data set has rows of numbers with their targets", () => {
    for (const data of DATA) {
      const { x, y } = rowsOf({ data, loss: "bce" });
      expect(x.length, data).toBe(y.length);
      expect(
        x.every((row) => row.length === (data === "not" ? 1 : 2) && row.every(Number.isFinite)),
        data,
      ).toBe(true);
    }
    expect(rowsOf({ data: "and", loss: "hinge" }).y).toEqual([-1, -1, -1, 1]);
  });
});
