// Reports of trainings on tables, as they may be: usual ones, and the strangest that the types allow.
import type {
  ClassificationEvaluation,
  Curve,
  Metrics,
  MetricsByPart,
  RegressionEvaluation,
  TableReport,
} from "../../src/tables/results.ts";

/** Numbers from 0 to 1 that look like noise. */
const noise = (i: number): number => ((i * 7919 + 104_729) % 1009) / 1009;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const curve = (area: number, falls = false): Curve => ({
  area,
  points: range(60).map((i) => {
    const x = i / 59;
    const bent = 1 - (1 - x) * (1 - x) * (1 - x);
    return { x, y: falls ? 1 - (1.6 - area) * x * x : area * bent + (1 - area) * x, threshold: 1 - x };
  }),
});

const parts = (train: Metrics, change: number): MetricsByPart => {
  const moved = (by: number): Metrics => Object.fromEntries(Object.entries(train).map(([name, value]) => [name, value - by])); // prettier-ignore
  return { train, validation: moved(change), test: moved(1.5 * change) };
};

/** What all have in common. */
function common(
  target: string,
  columns: readonly string[],
): Omit<TableReport, "task" | "metrics" | "baselines" | "evaluation"> {
  return {
    title: `${target} of loans.csv`,
    command: `npx wasmgrad train loans.csv --target ${target} --test 0.3 --report report.html`,
    version: "0.9.0",
    target,
    seed: 1,
    rows: {
      total: 4454,
      train: 2494,
      validation: 624,
      test: 1336,
      left: 0,
      how: "at random, each class in the same shares",
    },
    quality: {
      rows: 4454,
      columns: columns.map((name, i) => ({ name, type: i % 3 === 1 ? "category" : "number", missing: i % 4 === 0 ? 381 : 0, reason: "all cells are numbers" })), // prettier-ignore
      findings: [
        {
          kind: "missing",
          severity: "warning",
          column: columns[0] ?? "a",
          message: "381 of 4,454 cells are missing",
          figure: 0.09,
        },
        { kind: "duplicates", severity: "note", message: "3 rows are the same as others", figure: 3 },
      ],
    },
    pipeline: {
      columns: columns.map((name, i) => ({ name, type: i % 3 === 1 ? "category" : "number", steps: ["missing cells get the median", "minus the mean 79.8, divided by the standard deviation 8.17"], features: 1 + (i % 3) })), // prettier-ignore
      dropped: [{ name: "id", reason: "each row has another word" }],
      features: 2 * columns.length,
    },
    model: { layers: "29 -> 64 -> 32 -> 2", parameters: 4033, notes: ["class weights, since classes differ in size"] },
    epochs: {
      loss: "cross-entropy",
      train: range(40).map((i) => 0.2 + 0.4 / (1 + i / 4)),
      validation: range(40).map((i) => 0.42 + 0.2 / (1 + i) + 0.003 * i),
      best: 7,
    },
    byRows: { metric: "rocAuc", points: [1, 2, 4, 8].map((n) => ({ rows: 300 * n, train: 0.9 - 0.01 * n, validation: 0.7 + 0.015 * n })) }, // prettier-ignore
    importance: columns.map((column, i) => ({ column, mean: 0.08 / (i + 1) - 0.004, low: 0.07 / (i + 1) - 0.01, high: 0.1 / (i + 1) })), // prettier-ignore
    worst: range(5).map((i) => ({
      row: 12 + 97 * i,
      actual: "bad",
      predicted: "good (97 %)",
      loss: 4.3 - i / 3,
      values: Object.fromEntries(columns.map((name, c) => [name, c % 3 === 1 ? "rent" : String(100 + 13 * c + i)])),
    })),
    fingerprint: "9f3c51d2a7e04b18",
    files: { model: "loans.safetensors", report: "report.html" },
  };
}

const COLUMNS = ["Seniority", "Home", "Time", "Age", "Marital", "Records", "Job", "Income", "Amount"];

/** Of two classes or of more. */
export function classesReport(classes: readonly string[], columns: readonly string[] = COLUMNS): TableReport {
  const own = { rocAuc: 0.861, accuracy: 0.823, f1: 0.663, logLoss: 0.39, balancedAccuracy: 0.771 };
  const rows = (i: number): number => 40 * (classes.length - i) * (classes.length - i);
  const perClass = classes.map((name, i) => ({ name, precision: 0.8 - 0.02 * i, recall: 0.85 - 0.03 * i, f1: 0.82 - 0.025 * i, rows: rows(i) })); // prettier-ignore
  const all = perClass.reduce((sum, each) => sum + each.rows, 0);
  const two = classes.length === 2;
  const metrics = parts(own, 0.015);
  const of: ClassificationEvaluation = {
    task: "classification",
    classes,
    rows: all,
    metrics: metrics.test!,
    confusion: classes.map((_, i) => classes.map((__, j) => (i === j ? Math.round(0.8 * rows(i)) : Math.round((0.2 * rows(i)) / Math.max(1, classes.length - 1))))), // prettier-ignore
    perClass,
    ...(two
      ? {
          roc: curve(0.838),
          pr: curve(0.68, true),
          calibration: {
            bins: range(10).map((i) => ({ from: i / 10, to: (i + 1) / 10, predicted: i / 10 + 0.05, observed: Math.min(1, (i / 10) * 0.9 + 0.06), rows: 300 - 25 * i })), // prettier-ignore
            brier: 0.139,
            error: 0.026,
          },
          threshold: { best: 0.17, cost: 0.45, at: 0.636, costs: { falsePositive: 1, falseNegative: 5 }, curve: range(101).map((i) => ({ threshold: i / 100, cost: 0.45 + 1.4 * (i / 100 - 0.17) * (i / 100 - 0.17) })) }, // prettier-ignore
        }
      : { curves: classes.map((name, i) => ({ name, roc: curve(0.9 - 0.02 * i), pr: curve(0.8 - 0.05 * i, true) })) }),
  };
  const base = common("Status", columns);
  return {
    ...base,
    task: "classification",
    quality: { ...base.quality, classes: perClass.map(({ name, rows: n }) => ({ name, rows: n, share: n / all })) },
    metrics,
    baselines: [
      {
        name: "majority",
        metrics: parts({ rocAuc: 0.5, accuracy: 0.718, f1: 0, logLoss: 0.594, balancedAccuracy: 0.5 }, 0),
      },
      {
        name: "logistic",
        metrics: parts({ rocAuc: 0.846, accuracy: 0.81, f1: 0.62, logLoss: 0.42, balancedAccuracy: 0.742 }, 0.01),
      },
    ],
    evaluation: { part: "test", of },
  };
}

/** Of numbers about so large; a series if there are times. */
export function numbersReport(size: number, { series = false, columns = COLUMNS } = {}): TableReport {
  const own = { r2: 0.91, rmse: 0.11 * size, mae: 0.08 * size, mape: 0.0834 };
  const metrics: MetricsByPart = { train: own, validation: own, test: own };
  const of: RegressionEvaluation = {
    task: series ? "series" : "regression",
    rows: 365,
    metrics: own,
    residuals: {
      mean: 0.002 * size,
      sd: 0.11 * size,
      quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => ({ q, value: (q - 0.5) * 0.3 * size })),
      histogram: range(20).map((i) => ({ from: (i - 10) * 0.03 * size, to: (i - 9) * 0.03 * size, rows: 60 - Math.abs(i - 10) * 6 })), // prettier-ignore
    },
    points: range(200).map((i) => {
      const actual = size * (0.5 + noise(i));
      const predicted = actual + size * 0.2 * (noise(i + 500) - 0.5);
      return { actual, predicted, ...(series ? { time: Date.UTC(2016, 0, 1 + i) } : {}) };
    }),
  };
  const base = common("rides", columns);
  return {
    ...base,
    task: of.task,
    metrics,
    baselines: [
      { name: "mean", metrics: { train: { r2: 0, rmse: 0.35 * size, mae: 0.3 * size }, validation: null, test: { r2: -0.02, rmse: 0.36 * size, mae: 0.31 * size } } }, // prettier-ignore
      { name: "linear", metrics: { train: { ...own, r2: 0.88 }, validation: { ...own, r2: 0.88 }, test: { ...own, r2: 0.88 } } }, // prettier-ignore
      ...(series
        ? [{ name: "seasonal" as const, metrics: { train: own, validation: own, test: { ...own, r2: 0.7 } } }]
        : []),
    ],
    folds: { k: 3, mean: own, sd: { r2: 0.02, rmse: 0.01 * size, mae: 0.01 * size }, each: [own, own, own] },
    evaluation: { part: "test", of },
  };
}

/** Names that try to be more than text. */
export const HOSTILE = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "a & b &lt; &amp;",
  "</style></svg><h1>no",
  "pay \u202Etxt.exe\u202C now",
  "nul\u0000, tab\t, line\nbreak, half \uD800",
  "' onload='alert(1)",
  "${alert(1)} {{7*7}} datum.value",
  "",
  "   ",
  "javascript:alert(1)",
  "x".repeat(3000),
];

/** Every text of a report is one of those. */
export function hostileReport(): TableReport {
  const base = classesReport(HOSTILE.slice(0, 5), HOSTILE);
  const [script, image, entity] = HOSTILE as [string, string, string];
  return {
    ...base,
    title: script,
    command: `${image} ${entity}`,
    version: script,
    target: image,
    fingerprint: script,
    files: { [script]: image },
    rows: { ...base.rows, how: script },
    model: { layers: image, parameters: 1, notes: [script, image] },
    epochs: { ...base.epochs, loss: script },
    byRows: { metric: script, points: [{ rows: 1, train: 1, validation: 0 }] },
    metrics: { train: { [script]: 1, ...base.metrics.train }, validation: null, test: base.metrics.test },
    quality: {
      ...base.quality,
      findings: HOSTILE.map((name) => ({ kind: "leak", severity: "warning", column: name, message: name })),
    },
    pipeline: { features: 3, columns: HOSTILE.map((name) => ({ name, type: script, steps: [image, name], features: 1 })), dropped: [{ name: script, reason: image }] }, // prettier-ignore
    worst: [{ row: 1, actual: script, predicted: image, loss: 1, values: Object.fromEntries(HOSTILE.map((name) => [name, name])) }], // prettier-ignore
  };
}

/** As little as there may be. */
export function barestReport(): TableReport {
  const metrics: Metrics = { r2: Number.NaN, rmse: 0, mae: 0 };
  const base = numbersReport(1, { columns: ["x"] });
  const { byRows: _, folds: __, ...rest } = base;
  return {
    ...rest,
    rows: { total: 1, train: 1, validation: 0, test: 0, left: 0, how: "not at all" },
    quality: { rows: 1, columns: [], findings: [] },
    pipeline: { columns: [], dropped: [], features: 0 },
    model: { layers: "1 -> 1", parameters: 2, notes: [] },
    epochs: { loss: "mean squared error", train: [0.5], validation: [], best: 0 },
    metrics: { train: metrics, validation: null, test: null },
    baselines: [],
    evaluation: {
      part: "train",
      of: { task: "regression", rows: 1, metrics, residuals: { mean: 0, sd: 0, quantiles: [], histogram: [] }, points: [{ actual: 3, predicted: 3 }] }, // prettier-ignore
    },
    importance: [],
    worst: [],
    files: {},
  };
}

const LONG = ["人均可支配收入（元）", "客户是否按时偿还全部贷款本金与利息", "a column whose name somebody made of a whole sentence, with commas", "ÄÖÜ ß – Größenordnung", "сумма кредита", "مبلغ القرض", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "👨‍👩‍👧‍👦 family"]; // prettier-ignore

/** 60 columns, with names in several scripts. */
export const MANY = Array.from({ length: 60 }, (_, i) => `${LONG[i % LONG.length]!} ${i}`);

/** All of them by what is special about them. */
export const REPORTS: Readonly<Record<string, () => TableReport>> = {
  "two classes": () => classesReport(["good", "bad"]),
  "five classes, Chinese names, 60 columns": () =>
    classesReport(["猫", "狗", "兔子和其他小动物", "Fische", "птицы"], MANY),
  "25 classes": () => classesReport(range(25).map((i) => `class number ${i}`)),
  "one class": () => classesReport(["all the same"]),
  "numbers of eight digits": () => numbersReport(87_654_321),
  "huge numbers": () => numbersReport(3.2e140),
  "tiny numbers": () => numbersReport(4.7e-12),
  "a series": () => numbersReport(20, { series: true }),
  "hostile names": hostileReport,
  "one epoch, one row, nothing else": barestReport,
};
