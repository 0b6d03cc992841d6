// What the benchmark derives from its measurements: whether the work was the same, medians, ratios, and the reports.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Figure, figures } from "../bench/figures.ts";
import { chart } from "../bench/report/chart.ts";
import { documentOf, readmeBlock, readmeTable, type Report, speedBlock, speedTable } from "../bench/report/markdown.ts";
import { type Outcome, outcomes, ratio } from "../bench/results.ts";
import type { Line } from "../bench/rounds.ts";
import { OURS, REVECTORIZED, TWO_THREADS } from "../bench/runners.ts";
import { replaceBetween } from "../scripts/marks.ts";

const root = join(import.meta.dirname, "..");

const NAME = "W2 mnist-mlp";

const line = (runner: string, median: number, more: Partial<Line> = {}): Line => ({
  runner,
  workload: NAME,
  unit: "samples/s",
  median,
  min: median,
  max: median,
  n: 1,
  node: "",
  cpu: "",
  ...more,
});

/** Three rounds of ours: losses after one, two and three updates. */
const own = [90, 100, 80].map((median) =>
  line(OURS, median, { check: 0.5, checks: [2, 1, 0.5], fingerprint: "abcd" } as Partial<Line>),
);
const find = (all: readonly Outcome[], runner: string): Outcome => all.find((outcome) => outcome.runner === runner)!;

describe("outcomes", () => {
  test("the middle of the rounds counts, also if one of them failed", () => {
    const failed = line("jax-js", NaN, { error: "out of memory" });
    const all = outcomes([...own, line("jax-js", 30, { check: 0.5 }), failed, line("jax-js", 50, { check: 0.5 })]);
    expect(find(all, OURS).value).toBe(90);
    expect(find(all, "jax-js").value).toBe(40);
    expect(ratio(find(all, OURS), find(all, "jax-js"))).toBe(2.25);
  });

  test("another loss is other work, and in no ratio", () => {
    const all = outcomes([...own, line("jax-js", 30, { check: 0.502 })]);
    const { other, compared } = find(all, "jax-js");
    expect([other, compared]).toEqual(["other work: 0.502 in place of 0.5", false]);
    expect(ratio(find(all, OURS), find(all, "jax-js"))).toBeUndefined();
  });

  test("a loss after fewer updates is compared with ours after as many", () => {
    const all = outcomes([
      ...own,
      line("TF.js cpu", 1, { check: 1.0001, updates: 2 }),
      line("ConvNetJS", 1, { check: 0.5, updates: 2 }),
    ]);
    expect(find(all, "TF.js cpu").compared).toBe(true);
    expect(find(all, "ConvNetJS").compared).toBe(false);
  });

  test("who says that the work is other is compared, with the remark", () => {
    const { other, compared } = find(outcomes([...own, line("brain.js", 9, { check: 7, other: "one update per row" })]), "brain.js"); // prettier-ignore
    expect([other, compared]).toEqual(["one update per row", true]);
  });

  test("our variants must have the same bits", () => {
    const variants = [
      line(REVECTORIZED, 150, { fingerprint: "abcd" }),
      line(TWO_THREADS, 170, { fingerprint: "abce" }),
    ];
    const all = outcomes([...own, ...variants]);
    expect(find(all, REVECTORIZED).compared).toBe(true);
    expect([find(all, TWO_THREADS).other, find(all, TWO_THREADS).compared]).toEqual(["other bits than on one thread", false]); // prettier-ignore
  });

  test("what failed in all rounds has its error", () => {
    const all = outcomes([...own, line("TF.js wasm", NaN, { error: "Kernel not registered" })]);
    expect(find(all, "TF.js wasm")).toMatchObject({ error: "Kernel not registered", value: NaN, compared: false });
  });
});

test("a ratio says how many times as fast the first is, whatever the unit", () => {
  const outcome = (unit: string, value: number): Outcome => ({
    workload: "",
    runner: "",
    unit,
    value,
    best: value,
    rounds: [],
    compared: true,
  });
  expect(ratio(outcome("us", 5), outcome("us", 20))).toBe(4);
  expect(ratio(outcome("samples/s", 5), outcome("samples/s", 20))).toBe(0.25);
});

describe("reports", () => {
  const all = outcomes([
    ...own,
    line(TWO_THREADS, 180, { fingerprint: "abcd" }),
    line("PyTorch", 180, { check: 0.5 }),
    line("jax-js", 45, { check: 0.5 }),
    line("TF.js wasm", NaN, { error: "can't | train" }),
    line(OURS, 1, { workload: "W6 roof", unit: "GFLOP/s" }),
  ]);
  const report: Report = {
    machine: { cpu: "a processor", kind: "a kind", cores: 2, node: "24.21.0", rounds: 3, load: 1 },
    outcomes: all,
    figures: figures(all),
  };

  test("figures: measured against what is to be reached", () => {
    const of = (ours: string, against: string): Partial<Figure> =>
      report.figures.find((one) => one.ours === ours && one.against === against)!;
    expect(of(OURS, "PyTorch")).toMatchObject({ value: 0.5, target: 0.65, met: false });
    expect(of(OURS, "jax-js")).toMatchObject({ value: 2, target: 2, met: true });
    expect(of(TWO_THREADS, "one thread")).toMatchObject({ value: 2, target: 1.6, met: true });
    expect(of(TWO_THREADS, "PyTorch")).toMatchObject({ value: 1, target: 1.05, met: false });
    expect(of(OURS, "TF.js wasm").value).toBeUndefined();
    expect(of(OURS, "the roof").value).toBeCloseTo(90 * 0.409e-3, 10);
  });

  test("tables: a row a workload, and cells that can't break them", () => {
    expect(speedTable(report).split("\n")[2]).toBe(
      "| MNIST 784-128-10, batch 128 | 90/s |  | 180/s | 0.5x · 1.0x | can't | 2.0x jax-js | 4 % |",
    );
    expect(readmeTable(report).split("\n").slice(2)).toEqual([
      "| MNIST 784-128-10, batch 128 | 90/s | 180/s | 0.5x | can't | 2.0x jax-js |",
    ]);
    const rows = documentOf(report).split("\n").filter((row) => row.startsWith("|")); // prettier-ignore
    expect(rows.some((row) => row.includes("can't \\| train"))).toBe(true);
    for (const row of rows) expect([8, 10]).toContain(row.replaceAll("\\|", "").split("|").length);
  });

  test("the chart has a bar for each that was compared, the fastest as long as there is room", () => {
    const bars = [...chart(all).matchAll(/<rect class="(\w+)" x="146" y="\d+" width="([\d.]+)"/g)];
    expect(bars.map(([, kind, width]) => [kind, Number(width)])).toEqual([
      ["one", 94],
      ["two", 188],
      ["other", 188],
      ["other", 47],
    ]);
  });

  test.each([
    ["README.md", readmeBlock],
    ["README.zh.md", readmeBlock],
    ["docs/speed.md", speedBlock],
  ])("%s has the marks between which the table goes, and the links that it needs from there", (file, block) => {
    const text = readFileSync(join(root, file), "utf8");
    const mark = "speed: npm run bench -- --peers --readme";
    const written = replaceBetween(file, text, mark, "end of speed", block(report));
    expect(written).toContain("| MNIST 784-128-10, batch 128 | 90/s |");
    expect(() => replaceBetween(file, written.replaceAll(mark, ""), mark, "end of speed", "")).toThrow(
      `${file}: it needs`,
    );
    const links = [...block(report).matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => join(root, dirname(file), path!));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(existsSync(link), link).toBe(true);
  });
});
