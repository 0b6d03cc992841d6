// No false alarms: what comes by chance isn't named, in fifty sets and as many splits.
import { expect, test } from "vitest";
import { type SplitOptions, split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import { qualityReport } from "../../src/tables/quality.ts";
import { generator } from "../support/seeded.ts";

/** Rows of many kinds of columns; both targets depend on some of them. */
function setOf(rows: number, seed: number) {
  const random = generator(seed);
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
  const list = Array.from({ length: rows }, () => {
    const [income, age] = [normal(), 18 + Math.floor(60 * random())];
    const risk = income + (age - 48) / 15 + normal();
    const amount = income * income * 1000;
    return {
      income,
      age,
      amount,
      waiting: 1 / (0.05 + random()),
      share: random(),
      children: Math.floor(random() * random() * 5),
      city: `city ${Math.floor(random() * random() * 25)}`,
      job: "abcdefg"[Math.floor(7 * random())],
      owner: random() < 0.2 ? "yes" : "no",
      since: new Date(Date.UTC(2000, 0, 1) + 86_400_000 * Math.floor(9000 * random())),
      balance: 20 * risk + 5 * normal(),
      repaid: risk > -0.8 ? "yes" : "no",
    };
  });
  return table(list).infer({ types: { city: "category" } });
}

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);

test.each([1000, 250])("sets of %i rows and their random splits", (rows) => {
  for (const seed of SEEDS) {
    const set = setOf(rows, seed);
    const ways: [SplitOptions, string][] = [
      [{ by: "stratified", target: "repaid", test: 0.2, validation: 0.1, seed }, "repaid"],
      [{ test: 0.3, seed }, "balance"],
    ];
    for (const [options, target] of ways) {
      // both are of the same risk: one tells the other
      const other = target === "repaid" ? "balance" : "repaid";
      const all = set.select(set.columns.map(({ name }) => name).filter((name) => name !== other));
      const { train, validation, test: last } = split(all, options);
      const { findings } = qualityReport(train, { target, ...(validation ? { validation } : {}), test: last! });
      expect(
        findings.filter(({ kind }) => kind !== "few-rows"),
        `seed ${seed}`,
      ).toEqual([]);
    }
  }
});

test("the same sets, once something is wrong with them", () => {
  for (const seed of SEEDS.slice(0, 10)) {
    const all = setOf(1000, seed);
    const order = Array.from({ length: 1000 }, (_, i) => i);
    const { values } = all.column("income");
    const sorted = order.toSorted((a, b) => values![a]! - values![b]!);
    const [train, last] = [all.take(sorted.slice(0, 800)), all.take(sorted.slice(800))];
    const { findings } = qualityReport(train, { target: "balance", test: last });
    const drifting = findings.filter(({ kind, severity }) => kind === "drift" && severity === "warning");
    expect(drifting.flatMap(({ column, columns }) => columns ?? [column!])).toEqual(
      expect.arrayContaining(["income", "balance"]),
    );
  }
});
