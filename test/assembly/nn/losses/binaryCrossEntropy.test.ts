import { describe, expect, test } from "vitest";
import { binaryCrossEntropy } from "../../../../src/nn/losses/binaryCrossEntropy.ts";
import { elementLossTests, runLoss } from "../../../support/losses.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const entropy = (lnP: number, lnQ: number, t: number): number =>
  -((t === 0 ? 0 : t * lnP) + (t === 1 ? 0 : (1 - t) * lnQ));

const inputs = (count: number, seed: number): Float32Array => uniform(count, { seed, low: 0.001, high: 0.999 });
// yes, no, and in between
const targets = (count: number, seed: number): Float32Array =>
  uniform(count, { seed, low: 0, high: 1 }).map((t, i) => (i % 3 === 0 ? Math.round(t) : t));

const shared = {
  inputs,
  targets,
  // the logarithms have 1 ulp; 1 - p is rounded by up to 2^-25, which counts fully where its logarithm is near 0
  forward: { rtol: 3e-7, atol: 1.2e-7 },
  // 1 - p, p - t, the product and the quotient: four roundings
  backward: { rtol: 3e-7, atol: 1e-7 },
};

elementLossTests("binaryCrossEntropy, logarithms cut at -100", {
  ...shared,
  loss: binaryCrossEntropy(),
  value: (p, t) => entropy(Math.max(Math.log(p), -100), Math.max(Math.log(1 - p), -100), t),
  slope: (p, t) => (p - t) / Math.max(p * (1 - p), Math.fround(1e-12)),
  special: [
    [0, 0], [0, 1], [0, 0.5], [1, 1], [1, 0], [1, 0.25], [1e-8, 0], [1e-8, 1], [1e-30, 1], [1e-45, 1], [1 - 2 ** -24, 0],
    [1 - 2 ** -24, 1], [0.5, 0.5], [0.25, 0.25],
  ],
}); // prettier-ignore

for (const [low, high] of [
  [1e-7, 1 - 1e-7],
  [0.01, 0.95],
] as const) {
  // prettier-ignore
  const [least, most] = [Math.fround(low), Math.fround(high)];
  const cut = (p: number): number => Math.min(Math.max(p, least), most);
  elementLossTests(`binaryCrossEntropy, probabilities cut to [${low}, ${high}]`, {
    ...shared,
    loss: binaryCrossEntropy({ clamp: { low, high } }),
    value: (p, t) => entropy(Math.log(cut(p)), Math.log(1 - cut(p)), t),
    slope: (p, t) => (cut(p) === p ? (p - t) / (p * (1 - p)) : 0),
    special: [
      [0, 0], [0, 1], [1, 1], [1, 0], [least, 1], [most, 0], [least / 2, 1], [least * 2, 1], [0.96, 0], [0.94, 0], [0.5, 0.5],
    ],
  }); // prettier-ignore
}

elementLossTests("binaryCrossEntropy, not cut", {
  ...shared,
  loss: binaryCrossEntropy({ clamp: "none" }),
  value: (p, t) => entropy(Math.log(p), Math.log(1 - p), t),
  slope: (p, t) => (p - t) / (p * (1 - p)),
  special: [[1e-8, 0], [1e-8, 1], [1e-30, 1], [1 - 2 ** -24, 0], [1 - 2 ** -24, 1], [0.5, 0.5]],
}); // prettier-ignore

describe("the edges", async () => {
  const bench = await Workbench.create();
  const run = (clamp: "log" | "none", p: number, t: number): number =>
    runLoss(bench, binaryCrossEntropy({ clamp }), { x: Float32Array.of(p), target: Float32Array.of(t), n: 1, rows: 1 })
      .total;

  test("a sure mistake costs 100 with the cut, and is infinite or NaN without it", () => {
    expect(run("log", 0, 1)).toBe(100);
    expect(run("log", 1, 0)).toBe(100);
    expect(Number.isFinite(run("none", 0, 1))).toBe(false);
    expect(Number.isFinite(run("none", 1, 0))).toBe(false);
  });

  test("a probability outside [0, 1] makes the loss NaN", () => {
    for (const p of [-0.1, 1.1]) for (const t of [0, 0.5, 1]) expect(run("log", p, t), `p ${p}, target ${t}`).toBeNaN();
  });

  test("without the cut, an impossible probability on the wrong side makes the loss infinite or NaN", () => {
    expect(Number.isFinite(run("none", -0.1, 1))).toBe(false);
    expect(Number.isFinite(run("none", 1.1, 0))).toBe(false);
  });
});
