// Training on tables: the same bits every time, nothing of the rows to choose by or to test with in what is trained, known structures found.
import { describe, expect, test } from "vitest";
import { split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import type { Table } from "../../src/data/tableTypes.ts";
import type { ClassificationEvaluation } from "../../src/tables/results.ts";
import { trainTable, type TableStage, type TrainTableOptions } from "../../src/tables/trainTable.ts";
import {
  dayRows,
  groupRows,
  linearRows,
  meanOf,
  rareRows,
  type Row,
  typed,
  xorRows,
} from "../support/generatedTables.ts";
import { ridge, rSquared } from "../support/ridge.ts";

/** Little, so that it takes little time. */
const SMALL = { layers: [8], epochs: 6, learningRate: 0.01 } as const;

const numbersOf = (rows: Table, name: string): number[] => Array.from(rows.column(name).values!);
const wordsOf = (rows: Table, name: string): (string | undefined)[] => {
  const { codes, words } = rows.column(name);
  return Array.from(codes!, (code) => words![code]);
};

describe("the same bits", () => {
  const rows = typed(linearRows(120));
  const options: TrainTableOptions = { target: "y", ...SMALL, test: 0.2, kFold: 2, seed: 3 };

  test("of the same table, options and seed, whatever the order of the options and the threads", async () => {
    const first = await trainTable(rows, options);
    const second = await trainTable(rows, Object.fromEntries(Object.entries(options).toReversed()) as never);
    expect(second.report).toEqual(first.report);
    expect(first.report.fingerprint).toBe(first.tableModel.model.fingerprint());
    const third = await trainTable(rows, { ...options, threads: 2 });
    expect(third.report).toEqual(first.report);
    expect(third.tableModel.predict(rows)).toEqual(first.tableModel.predict(rows));
    const other = await trainTable(rows, { ...options, seed: 4 });
    expect(other.report.fingerprint).not.toBe(first.report.fingerprint);
    expect(other.report.rows.train).toBe(first.report.rows.train);
  });

  test("of a classification and a series", async () => {
    for (const [each, target, more] of [
      [typed(rareRows(200, 0.1)), "class", {}],
      [typed(dayRows(120)), "visitors", { task: "series" as const }],
    ] as const) {
      const given = { target, ...SMALL, epochs: 3, ...more };
      const first = await trainTable(each, given);
      const second = await trainTable(each, given);
      expect(second.report).toEqual(first.report);
    }
  });
});

describe("what the training doesn't see", () => {
  test("rows to test with change nothing that is trained or chosen", async () => {
    const rows = linearRows(150);
    const options: TrainTableOptions = { target: "y", ...SMALL, test: 0.2 };
    const { test: tested } = split(typed(rows), { validation: 0.2, test: 0.2 });
    const own = new Set(numbersOf(tested!, "a"));
    const changed = rows.map((row) =>
      own.has(row["a"] as number) ? { ...row, b: 1e6, colour: "none", y: -1e9 } : row,
    );
    const first = await trainTable(typed(rows), options);
    const second = await trainTable(typed(changed), options);
    expect(own.size).toBe(30);
    expect(second.report.fingerprint).toBe(first.report.fingerprint);
    expect(second.report.pipeline).toEqual(first.report.pipeline);
    expect(second.report.metrics.train).toEqual(first.report.metrics.train);
    expect(second.report.metrics.validation).toEqual(first.report.metrics.validation);
    expect(second.report.metrics.test).not.toEqual(first.report.metrics.test);
    expect(second.report.byRows).toEqual(first.report.byRows);
  });

  test("the last days of a series change nothing before them", async () => {
    const rows = dayRows(150);
    const options: TrainTableOptions = { target: "visitors", task: "series", ...SMALL, test: 20 };
    const changed = rows.map((row, i) => (i < 130 ? row : { ...row, visitors: 1e6, weather: -1e6 }));
    const first = await trainTable(typed(rows), options);
    const second = await trainTable(typed(changed), options);
    expect(second.report.fingerprint).toBe(first.report.fingerprint);
    expect(second.report.metrics.validation).toEqual(first.report.metrics.validation);
    expect(second.report.metrics.test).not.toEqual(first.report.metrics.test);
  });
});

describe("metrics", () => {
  test("of numbers are those of the predictions, in float64", async () => {
    const rows = typed(linearRows(200));
    const { report, tableModel } = await trainTable(rows, { target: "y", ...SMALL, test: 0.25, validation: 30 });
    const parts = split(rows, { validation: 30, test: 0.25 });
    for (const part of ["train", "validation", "test"] as const) {
      const actual = numbersOf(parts[part]!, "y");
      const { values, rows: predicted } = tableModel.predict(parts[part]!);
      expect(Array.from(predicted)).toEqual(actual.map((_, i) => i));
      const off = actual.map((value, i) => value - values![i]!);
      const metrics = report.metrics[part]!;
      // what is true is compared as the float32 that was trained on
      expect(metrics["r2"]).toBeCloseTo(rSquared(actual, values!), 6);
      expect(metrics["mae"]).toBeCloseTo(meanOf(off.map(Math.abs)), 6);
      expect(metrics["rmse"]).toBeCloseTo(Math.sqrt(meanOf(off.map((value) => value * value))), 6);
    }
    const mean = meanOf(numbersOf(parts.train, "y"));
    const ofMean = report.baselines.find(({ name }) => name === "mean")!;
    const actual = numbersOf(parts.test!, "y");
    expect(ofMean.metrics.test!["r2"]).toBeCloseTo(rSquared(actual, new Float64Array(actual.length).fill(mean)), 6);
    expect(ofMean.metrics.train["r2"]).toBeCloseTo(0, 12);
  });

  test("of classes are those of the predictions, and the majority is the most frequent one", async () => {
    const rows = typed(xorRows(160));
    const { report, tableModel } = await trainTable(rows, { target: "same", ...SMALL, test: 0.25 });
    const { test: tested, train } = split(rows, { by: "stratified", target: "same", validation: 0.2, test: 0.25 });
    const { classes } = tableModel.pipeline.target!;
    const actual = wordsOf(tested!, "same").map((word) => classes!.indexOf(word!));
    const { labels, probabilities } = tableModel.predict(tested!);
    const right = actual.filter((label, i) => label === labels![i]).length;
    expect(report.metrics.test!["accuracy"]).toBeCloseTo(right / actual.length, 12);
    const losses = actual.map((label, i) => -Math.log(probabilities![2 * i + label]!));
    expect(report.metrics.test!["logLoss"]).toBeCloseTo(meanOf(losses), 6);
    const pairs = actual.flatMap((label, i) =>
      label === 0
        ? []
        : actual.flatMap((other, j) => (other === 1 ? [] : [probabilities![2 * i + 1]! - probabilities![2 * j + 1]!])),
    );
    expect(report.metrics.test!["rocAuc"]).toBeCloseTo(
      meanOf(pairs.map((difference) => (difference > 0 ? 1 : difference === 0 ? 0.5 : 0))),
      12,
    );
    const known = wordsOf(train, "same");
    const most = classes!.toSorted(
      (a, b) => known.filter((word) => word === b).length - known.filter((word) => word === a).length,
    )[0]!;
    const share = actual.filter((label) => classes![label] === most).length / actual.length;
    expect(report.baselines[0]).toMatchObject({
      name: "majority",
      metrics: { test: { accuracy: share, rocAuc: 0.5 } },
    });
  });

  test("the seasonal baseline is the value a season before", async () => {
    const rows = dayRows(200);
    const { report } = await trainTable(typed(rows), { target: "visitors", task: "series", ...SMALL, test: 30 });
    const values = rows.map((row) => row["visitors"] as number);
    const seasonal = report.baselines.find(({ name }) => name === "seasonal")!;
    const actual = values.slice(-30);
    expect(seasonal.metrics.test!["mae"]).toBeCloseTo(
      meanOf(actual.map((value, i) => Math.abs(value - values[200 - 30 + i - 7]!))),
      6,
    );
  });
});

describe("structures that are known", () => {
  test("a line: as good as ridge, and so is the linear baseline", { timeout: 300_000 }, async () => {
    const rows = typed(linearRows(500));
    const { report, tableModel } = await trainTable(rows, {
      target: "y",
      layers: [16],
      learningRate: 0.01,
      epochs: 60,
      test: 0.3,
    });
    const parts = split(rows, { validation: 0.2, test: 0.3 });
    const x = (part: Table) => tableModel.pipeline.transform(part).x;
    const best = ridge(x(parts.train), numbersOf(parts.train, "y"), 1);
    const expected = rSquared(numbersOf(parts.test!, "y"), best.predict(x(parts.test!)));
    expect(expected).toBeGreaterThan(0.98);
    expect(report.metrics.test!["r2"]).toBeGreaterThan(expected - 0.01);
    const linear = report.baselines.find(({ name }) => name === "linear")!;
    expect(linear.metrics.test!["r2"]).toBeGreaterThan(expected - 0.01);
    // columns by their worth: 3, 2, the words, nothing
    expect(report.importance.map(({ column }) => column)).toEqual(["a", "b", "colour", "c"]);
    expect(report.importance[0]!.mean).toBeGreaterThan(0.5);
    expect(Math.abs(report.importance[3]!.mean)).toBeLessThan(0.01);
    for (const { low, mean, high } of report.importance) {
      expect(low).toBeLessThanOrEqual(mean);
      expect(mean).toBeLessThanOrEqual(high);
    }
    expect(report.byRows!.points.map(({ rows: count }) => count)).toEqual([25, 63, 125, 250]);
    expect(report.byRows!.points.at(-1)).toEqual({
      rows: 250,
      train: report.metrics.train["r2"],
      validation: report.metrics.validation!["r2"],
    });
  });

  test("xor: the network tells what no line does", { timeout: 300_000 }, async () => {
    const { report } = await trainTable(typed(xorRows(600)), {
      target: "same",
      layers: [16, 16],
      epochs: 60,
      learningRate: 0.01,
      test: 0.3,
    });
    expect(report.metrics.test!["rocAuc"]).toBeGreaterThan(0.97);
    expect(report.baselines.find(({ name }) => name === "logistic")!.metrics.test!["rocAuc"]).toBeLessThan(0.65);
    expect(report.model.notes).toEqual([]); // no class is rare
  });

  test("a step: better than a line", { timeout: 300_000 }, async () => {
    const rows = linearRows(500).map(({ a, b }) => ({ a: a!, b: b!, y: (a as number) > 0.3 ? 10 : 0 }));
    const { report } = await trainTable(typed(rows), {
      target: "y",
      task: "regression",
      layers: [32],
      epochs: 60,
      learningRate: 0.01,
      test: 0.3,
    });
    const line = report.baselines.find(({ name }) => name === "linear")!.metrics.test!["r2"]!;
    expect(report.metrics.test!["r2"]).toBeGreaterThan(line + 0.15);
  });

  test("several classes", { timeout: 300_000 }, async () => {
    const rows = typed(groupRows(450));
    const { report, tableModel } = await trainTable(rows, { target: "kind", ...SMALL, epochs: 30, test: 0.3 });
    expect(report.metrics.test!["accuracy"]).toBeGreaterThan(0.85);
    expect(report.metrics.test!["rocAuc"]).toBeGreaterThan(0.95);
    expect(tableModel.decisions).toEqual({});
    const { labels, probabilities } = tableModel.predict(rows);
    for (let row = 0; row < rows.rows; row++) {
      const own = probabilities!.subarray(3 * row, 3 * row + 3);
      expect(own[labels![row]!]).toBe(Math.max(...own));
      expect(own[0]! + own[1]! + own[2]!).toBeCloseTo(1, 6);
    }
  });

  test("a series: better than its mean and the last season", { timeout: 300_000 }, async () => {
    const { report } = await trainTable(typed(dayRows(500)), {
      target: "visitors",
      task: "series",
      ...SMALL,
      epochs: 60,
      test: 50,
    });
    const of = (name: string) => report.baselines.find((each) => each.name === name)!.metrics.test!;
    expect(report.metrics.test!["r2"]).toBeGreaterThan(0.95);
    expect(report.metrics.test!["rmse"]).toBeLessThan(of("seasonal")["rmse"]!);
    expect(report.evaluation.of).toMatchObject({ task: "series" });
    const { points } = report.evaluation.of as { points: readonly { time?: number }[] };
    expect(points[0]!.time).toBe(Date.UTC(2020, 0, 451));
  });
});

describe("rare classes", () => {
  const f1Of = (called: readonly boolean[], actual: readonly boolean[]): number => {
    const hits = called.filter((yes, i) => yes && actual[i]).length;
    return (2 * hits) / (called.filter(Boolean).length + actual.filter(Boolean).length);
  };

  test.each([
    [0.05, 1600, 1],
    [0.01, 4000, 1],
    [0.05, 1600, 0],
  ])(
    "%f of the rows: weights, calibrated probabilities, the best threshold",
    { timeout: 300_000 },
    async (share, count, place) => {
      const names = place === 1 ? ["no", "yes"] : ["zero", "a few"]; // the rare one is the second or the first by order
      const rows = typed(rareRows(count, share, 5, names));
      const options: TrainTableOptions = { target: "class", ...SMALL, epochs: 12, batchSize: 64, validation: 0.3 };
      const { report, tableModel } = await trainTable(rows, options);
      const { classes } = tableModel.pipeline.target!;
      const rare = classes!.indexOf(names[1]!);
      expect(rare).toBe(place);
      const parts = split(rows, { by: "stratified", target: "class", validation: 0.3 });
      const known = wordsOf(parts.train, "class");
      const few = known.filter((word) => word === names[1]).length;
      const weights = classes!.map((_, k) => (k === rare ? Math.min(20, (known.length - few) / few) : 1));
      expect(tableModel.decisions.weights).toEqual(weights);
      // probabilities are near the shares
      const all = tableModel.predict(rows);
      const mean = meanOf(Array.from({ length: count }, (_, row) => all.probabilities![2 * row + rare]!));
      const real = wordsOf(rows, "class").filter((word) => word === names[1]).length / count;
      expect(mean / real).toBeGreaterThan(0.7);
      expect(mean / real).toBeLessThan(1.4);
      // no threshold has a larger F1 on the rows to choose by
      const { probabilities, labels } = tableModel.predict(parts.validation!);
      const actual = wordsOf(parts.validation!, "class").map((word) => word === names[1]);
      const own = actual.map((_, row) => probabilities![2 * row + rare]!);
      const best = Math.max(
        ...own.map((threshold) =>
          f1Of(
            own.map((p) => p >= threshold),
            actual,
          ),
        ),
      );
      const called = Array.from(labels!, (label) => label === rare);
      expect(f1Of(called, actual)).toBeCloseTo(best, 12);
      const half = own.map((p) => p > 0.5);
      expect(best).toBeGreaterThan(f1Of(half, actual));
      const of = report.evaluation.of as ClassificationEvaluation;
      expect(of.perClass[rare]!.f1).toBeCloseTo(best, 12);
      expect(report.model.notes).toContainEqual(
        expect.stringMatching(/^rows of rare classes counted more: .*; probabilities are corrected for it$/),
      );
      expect(report.model.notes).toContainEqual(
        expect.stringMatching(/^a row is called .* from a probability of 0\.\d+ on, which makes F1 largest$/),
      );
    },
  );

  test("classWeights: false turns it off", async () => {
    const rows = typed(rareRows(600, 0.05));
    const { report, tableModel } = await trainTable(rows, { target: "class", ...SMALL, classWeights: false });
    expect(tableModel.decisions).toEqual({});
    expect(report.model.notes).toEqual([]);
    const { labels, probabilities } = tableModel.predict(rows);
    for (let row = 0; row < rows.rows; row++) expect(labels![row] === 1).toBe(probabilities![2 * row + 1]! > 0.5);
  });
});

describe("the report", () => {
  test("counts rows, and names the worst by their places in the table", async () => {
    const rows: (Row | { y: null })[] = linearRows(100);
    for (const place of [3, 50, 99]) rows[place] = { ...rows[place], y: null } as never;
    rows[42] = { ...rows[42], y: 1000 } as never;
    const given = table(rows).infer();
    const stages: TableStage[] = [];
    const { report } = await trainTable(given, {
      target: "y",
      ...SMALL,
      validation: 0.3,
      kFold: 2,
      onStage: (stage) => void stages.push(stage),
    });
    expect(report.rows).toEqual({
      total: 100,
      train: 68,
      validation: 29,
      test: 0,
      left: 3,
      how: '97 rows: 68 to train, 29 to validate; at random; 3 rows without "y" left out',
    });
    expect(stages).toEqual(["network", "baselines", "rows", "folds", "importance"]);
    expect(report.evaluation.part).toBe("validation");
    expect(report.metrics.test).toBeNull();
    for (const { row, values } of report.worst) {
      for (const name of ["a", "b", "c"])
        expect(Number(values[name])).toBeCloseTo(rows[row]![name as never] as number, 4);
      expect(values["colour"]).toBe(rows[row]!["colour" as never]);
    }
    expect(report.folds!.k).toBe(2);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test.each<TableStage>(["network", "baselines", "rows", "folds", "importance"])(
    "waits for what onStage returns before %s, and ends with what it throws",
    async (last) => {
      const told: string[] = [];
      const onStage = async (stage: TableStage): Promise<void> => {
        told.push(`${stage} comes`);
        await new Promise((done) => setTimeout(done, 5));
        told.push(`${stage} begins`);
        if (stage === last) throw new Error(`no ${stage}`);
      };
      const options = { target: "y", ...SMALL, epochs: 1, kFold: 2, onStage };
      await expect(trainTable(typed(linearRows(100)), options)).rejects.toThrow(`no ${last}`);
      const stages = ["network", "baselines", "rows", "folds", "importance"];
      const until = stages.slice(0, stages.indexOf(last) + 1);
      expect(told).toEqual(until.flatMap((stage) => [`${stage} comes`, `${stage} begins`]));
    },
  );

  test("of a series names places in the table, in any order of its rows", async () => {
    const rows = dayRows(120).toReversed();
    const { report } = await trainTable(typed(rows), { target: "visitors", task: "series", ...SMALL });
    for (const { row, values } of report.worst) expect(values["day"]).toBe(rows[row]!["day"]);
  });

  test("rows to test with may be another table, of types or not", async () => {
    const [own, others] = [linearRows(100), linearRows(40, 2)];
    const texts = others.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)])),
    );
    const options = { target: "y", ...SMALL, epochs: 2 };
    const reports = [];
    for (const given of [typed(others), table(others), others, table(texts), texts]) {
      const { report } = await trainTable(typed(own), { ...options, test: given as never });
      reports.push(report);
    }
    for (const report of reports) {
      expect(report).toEqual(reports[0]);
      expect(report.rows).toMatchObject({ train: 80, validation: 20, test: 40 });
    }
    expect(reports[0]!.worst.map(({ row }) => row).every((row) => row < 40)).toBe(true);
  });

  test("costs decide the threshold that is recommended", async () => {
    const { report } = await trainTable(typed(rareRows(300, 0.3)), {
      target: "class",
      ...SMALL,
      costs: { falseNegative: 10 },
    });
    const { threshold } = report.evaluation.of as ClassificationEvaluation;
    expect(threshold!.costs).toEqual({ falsePositive: 1, falseNegative: 10 });
    expect(threshold!.best).toBeLessThan(0.4);
  });
});

describe("what is measured against are the cells", () => {
  const rows = Array.from({ length: 90 }, (_, i) => ({ a: (i * 37) % 90, b: i % 4, y: i % 3 === 0 ? 0 : 1 / (i + 3) }));

  test.each([true, false])("of a regression, with log: %s: a 0 is 0, so that there is no MAPE", async (log) => {
    const { report } = await trainTable(table(rows).infer(), { target: "y", ...SMALL, test: 0.5, log });
    expect(report.metrics.test).toHaveProperty("mae");
    for (const metrics of [...Object.values(report.metrics), ...report.baselines.map((each) => each.metrics.test)]) {
      expect(metrics).not.toHaveProperty("mape");
    }
    const { of } = report.evaluation;
    const cells = new Set(rows.map(({ y }) => y));
    const points = of.task === "classification" ? [] : of.points;
    expect(points).toHaveLength(45);
    expect(points.filter(({ actual }) => !cells.has(actual))).toEqual([]);
    expect(points.some(({ actual }) => actual === 0)).toBe(true);
    for (const { row, actual } of report.worst) expect(Number(actual)).toBeCloseTo(rows[row]!.y, 6);
    expect(report.worst.every(({ row, actual }) => rows[row]!.y > 0 || actual === "0")).toBe(true);
  });

  test("of a series by years", async () => {
    const years = rows.map(({ y }, i) => ({ year: 1900 + i, y: i % 8 === 0 ? 0 : y + i }));
    const { report, tableModel } = await trainTable(table(years).infer(), {
      target: "y",
      task: "series",
      time: "year",
      ...SMALL,
      test: 0.2,
    });
    const { of } = report.evaluation;
    expect(of.task === "series" && of.points.map(({ actual }) => actual)).toEqual(years.slice(72).map(({ y }) => y));
    expect(report.rows.how).toContain('by "year", the last rows to test');
    expect(tableModel.pipeline.series).toEqual({ time: "year", horizon: 1 });
  });
});
