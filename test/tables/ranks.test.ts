// Trainings on tables by several ranks: all get the same, for any number of them.
import { describe, expect, test } from "vitest";
import { localGroups } from "../../src/distributed/localGroups.ts";
import { crossValidate } from "../../src/tables/crossValidate.ts";
import { trainTable, type TrainTableOptions } from "../../src/tables/trainTable.ts";
import { linearRows, rareRows, typed } from "../support/generatedTables.ts";
import { expectRefusal } from "../support/refusals.ts";

const SMALL = { target: "y", layers: [4], epochs: 3, learningRate: 0.01, accumulate: 4 } as const;
const numbers = typed(linearRows(90));

/** The reports of so many ranks. */
const reportsOf = async (size: number, given = numbers, options: TrainTableOptions = SMALL) => {
  const trainings = localGroups(size).map((ranks) => trainTable(given, { ...options, ranks }));
  return (await Promise.all(trainings)).map(({ report }) => report);
};

describe("ranks of a training on a table", () => {
  test("get the same report for any number of them: the network, simple models, fewer rows and folds", async () => {
    const options = { ...SMALL, kFold: 2 };
    const [one] = await reportsOf(1, numbers, options);
    expect(one!.folds!.each).toHaveLength(2);
    for (const size of [2, 3]) {
      for (const report of await reportsOf(size, numbers, options)) expect(report).toEqual(one);
    }
  });

  test("of classes, too", async () => {
    const rare = typed(rareRows(80, 0.3));
    const options = { ...SMALL, target: "class" };
    const [one] = await reportsOf(1, rare, options);
    for (const report of await reportsOf(3, rare, options)) expect(report).toEqual(one);
  });

  test("take passes of a part of an update's rows: as many in all", async () => {
    const of = async (more: Partial<TrainTableOptions>) => {
      const { report } = await trainTable(numbers, { ...SMALL, accumulate: 1, ...more });
      return report.epochs.validation.at(-1)!;
    };
    // 16 rows in 4 passes of 4: the mean of 4 means, but for the order of additions, and for the masks of dropout, which a linear model hasn't got
    const whole = await of({ layers: [] });
    expect(await of({ layers: [], accumulate: 4 })).toBeCloseTo(whole, 4);
    expect(await of({ layers: [], accumulate: 4, batchSize: 16 })).not.toBeCloseTo(whole, 4);
  });

  test("cross-validate together", async () => {
    const [one] = await Promise.all(localGroups(1).map((ranks) => crossValidate(numbers, 2, { ...SMALL, ranks })));
    const three = await Promise.all(localGroups(3).map((ranks) => crossValidate(numbers, 2, { ...SMALL, ranks })));
    expect(three).toEqual([one, one, one]);
  });

  test.each([
    [{ ranks: 2 }, TypeError, "ranks must be a group such as await mpi() of wasmgrad/mpi gives, got number 2"],
    [
      { ranks: localGroups(5)[0]! },
      RangeError,
      "accumulate is the number of passes that ranks share out, so it must be at least their number 5, got 4",
    ],
    [{ accumulate: 0 }, RangeError, "accumulate must be a whole number of 1 or more, got 0"],
  ] as const)("refuses %j", async (more, kind, text) => {
    const options = { ...SMALL, ...more } as unknown as TrainTableOptions;
    await expectRefusal(() => trainTable(numbers, options), kind as never, `trainTable: ${text}`);
    await expectRefusal(() => crossValidate(numbers, 2, options), kind as never, `crossValidate: ${text}`);
  });
});
