// The real tasks through the command as users run it, without other options than those that name files and the target.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { needsTables, skipsTables, SPLITS, tables } from "../support/realTables.ts";

const program = join(import.meta.dirname, "../../build/cli.js");
const folder = mkdtempSync(join(tmpdir(), "wasmgrad-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Scores = Readonly<Record<string, number>>;

interface Parts {
  readonly train: Scores;
  readonly validation: Scores | null;
  readonly test: Scores | null;
}

/** What `train --json` prints, as far as it is looked at. */
interface Trained {
  readonly task: string;
  readonly metrics: Parts;
  readonly baselines: readonly { readonly name: string; readonly metrics: Parts }[];
  readonly fingerprint: string;
}

/** What `evaluate --json` prints, as far as it is looked at. */
interface Evaluated {
  readonly task: string;
  readonly metrics: { readonly test: Scores };
}

const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "" };

/** One JSON document on the output, nothing on the other one. */
function json<T>(...args: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, ...args, "--json"],
      { env, cwd: folder, maxBuffer: 2 ** 26 },
      (error, out, err) => {
        if (error || err !== "") reject(new Error(`${args.join(" ")}\n${err}${out}`, { cause: error }));
        else resolve(JSON.parse(out) as T);
      },
    );
  });
}

const file = (name: string): string => join(tables, `${name}.csv`);
const modelFile = (name: string): string => join(folder, `${name}.safetensors`);

/** Trains on one file and scores on another, by two commands. */
async function trainThenEvaluate(part: string, target: string): Promise<[Trained, Scores]> {
  const model = modelFile(part);
  const trained = await json<Trained>(
    "train",
    file(`${part}-train`),
    "--target",
    target,
    "--seed",
    "1",
    "--out",
    model,
  );
  const { metrics } = await json<Evaluated>("evaluate", model, file(`${part}-test`));
  return [trained, metrics.test];
}

/** The same by one command, which scores the baselines, too. */
async function trainWithTest(
  part: string,
  target: string,
  ...more: readonly string[]
): Promise<{ own: Scores; of(name: string): Scores }> {
  const args = ["train", file(`${part}-train`), "--target", target, "--test", file(`${part}-test`), "--seed", "1"];
  const { metrics, baselines } = await json<Trained>(...args, "--out", modelFile(part), ...more);
  const of = (name: string) => {
    const found = baselines.find((baseline) => baseline.name === name)?.metrics.test;
    if (!found)
      throw new Error(`no baseline ${name}; there are ${baselines.map((baseline) => baseline.name).join(", ")}`);
    return found;
  };
  return { own: metrics.test!, of };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(skipsTables)(`real tasks${needsTables}`, () => {
  test("riders 14 days ahead: as good as ridge on the same columns", { timeout: 300_000 }, async () => {
    const [trained, scores] = await trainThenEvaluate("chicago", "ridership");
    expect(trained.task).toBe("regression");
    const { of } = await trainWithTest("chicago", "ridership");
    expect(scores["r2"]).toBeGreaterThan(of("linear")["r2"]! - 0.01);
    // scikit-learn on the last 365 days: ridge 0.853, MLP (64, 32) 0.851, with month and day of the month as words 0.867 and 0.879
    expect(scores["r2"]).toBeGreaterThan(0.85);
  });

  test("riders with the column of holidays: R2 0.94", { timeout: 300_000 }, async () => {
    const [, scores] = await trainThenEvaluate("chicago-holidays", "ridership");
    expect(scores["r2"]).toBeGreaterThan(0.94); // scikit-learn: ridge 0.943, MLP 0.945
  });

  test("who repays, credit data: mean AUC of five splits", { timeout: 300_000 }, async () => {
    const areas: number[] = [];
    const lines: number[] = [];
    for (const seed of SPLITS) {
      const { own, of } = await trainWithTest(`credit-${seed}`, "Status");
      areas.push(own["rocAuc"]!);
      lines.push(of("logistic")["rocAuc"]!);
      expect(own["accuracy"]).toBeGreaterThan(of("majority")["accuracy"]!);
    }
    expect(mean(areas)).toBeGreaterThan(0.835); // scikit-learn: logistic 0.840, MLP (64, 32) 0.843, trees 0.842
    expect(mean(lines)).toBeGreaterThan(0.83);
  });

  test("who repays, credit data: evaluate says what train --test says", { timeout: 300_000 }, async () => {
    const [, scores] = await trainThenEvaluate("credit-1", "Status");
    const { own } = await trainWithTest("credit-1", "Status");
    expect(scores["rocAuc"]).toBe(own["rocAuc"]);
    expect(scores["logLoss"]).toBe(own["logLoss"]);
  });

  test("who repays, German credit: mean AUC of five splits", { timeout: 300_000 }, async () => {
    const areas: number[] = [];
    const lines: number[] = [];
    for (const seed of SPLITS) {
      const { own, of } = await trainWithTest(`german-${seed}`, "class");
      areas.push(own["rocAuc"]!);
      lines.push(of("logistic")["rocAuc"]!);
    }
    // scikit-learn: logistic 0.783, trees 0.788, MLPs 0.68 to 0.72: 700 rows are few
    expect(mean(areas)).toBeGreaterThan(0.77);
    expect(mean(areas)).toBeGreaterThan(mean(lines) - 0.01);
  });

  test("sales of alcohol one month ahead: better than the same month a year before", { timeout: 300_000 }, async () => {
    const { own, of } = await trainWithTest("alcohol", "sales", "--task", "series");
    expect(own["mae"]).toBeLessThan(of("seasonal")["mae"]!);
    expect(own["r2"]).toBeGreaterThan(of("seasonal")["r2"]!);
    // scikit-learn on 13 lags and the month: ridge 0.931, MLP (64, 32) 0.867, the same month a year before 0.756
    expect(own["r2"]).toBeGreaterThan(0.85);
  });
});
