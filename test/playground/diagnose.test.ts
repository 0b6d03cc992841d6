// What goes wrong in a net is found from its numbers: in made ones at the thresholds, and in real nets that were led astray.
import { describe, expect, test } from "vitest";
import { binsOf, round125 } from "../../playground/src/look/bins.ts";
import { diagnose, type Finding, type LayerLook, rms } from "../../playground/src/play/diagnose.ts";
import {
  adam,
  binaryCrossEntropyWithLogits,
  dense,
  type Optimizer,
  relu,
  sequential,
  sgd,
  sigmoid,
  tanh,
  trace,
  Trainer,
} from "../../src/index.ts";
import { uniform } from "../support/seeded.ts";

const layer = (patch: Partial<LayerLook>): LayerLook => ({
  activation: "tanh",
  activations: Float32Array.of(0.5, 0.5),
  units: 2,
  weights: Float32Array.of(1),
  gradients: Float32Array.of(1),
  ...patch,
});
const kinds = (...layers: LayerLook[]): string[] =>
  diagnose(layers).map(({ kind, layer: at, units }) => `${kind} ${at}: ${units.join(" ")}`);

describe("thresholds", () => {
  const output = layer({ activation: "linear" });

  test("a relu unit is dead when it is 0 on all rows, and not when it lives on one", () => {
    const activations = Float32Array.of(0, 0, 1, 0, 0, 2, 0, 3e-38, 0);
    expect(kinds(layer({ activation: "relu", activations, units: 3 }), output)).toEqual(["dead 0: 0"]);
    expect(kinds(layer({ activation: "tanh", activations: new Float32Array(6), units: 3 }), output)).toEqual([]);
    // the output's own units are none of it
    expect(kinds(layer({}), layer({ activation: "relu", activations: new Float32Array(4) }))).toEqual([]);
  });

  test("a tanh unit is saturated beyond 0.98 on more than 90 % of the rows", () => {
    const rows = (n: number, v: number): Float32Array =>
      Float32Array.from({ length: 100 }, (_, i) => (i < n ? (i % 2 ? v : -v) : 0));
    const of = (n: number, v: number): string[] => kinds(layer({ activations: rows(n, v), units: 1 }), output);
    expect(of(91, 0.981)).toEqual(["saturated 0: 0"]);
    expect(of(90, 0.981)).toEqual([]);
    expect(of(100, 0.979)).toEqual([]);
  });

  test("a sigmoid unit is saturated beyond 0.01 and 0.99", () => {
    const of = (v: number): string[] =>
      kinds(layer({ activation: "sigmoid", activations: new Float32Array(10).fill(v), units: 1 }), output);
    expect([0.995, 0.005].map(of)).toEqual([["saturated 0: 0"], ["saturated 0: 0"]]);
    expect([0.98, 0.5, 0.02].flatMap(of)).toEqual([]);
  });

  test("a gradient vanishes below a thousandth of the last layer's, explodes above a thousand times", () => {
    const of = (first: number, last: number): string[] =>
      kinds(layer({ gradients: Float32Array.of(first, -first) }), layer({ gradients: Float32Array.of(last) }));
    expect(of(0.99e-3, 1)).toEqual(["vanishing 0: "]);
    expect(of(1.01e-3, 1)).toEqual([]);
    expect(of(999, 1)).toEqual([]);
    expect(of(1001, 1)).toEqual(["exploding 0: "]);
    expect(of(0, 1)).toEqual(["vanishing 0: "]);
    expect(of(Number.NaN, 1)).toEqual(["exploding 0: "]);
    // at rest nothing vanishes
    expect(of(0, 0)).toEqual([]);
  });

  test("each finding says in both languages what it is and what to do, its units counted from 1", () => {
    const [dead] = diagnose([layer({ activation: "relu", activations: new Float32Array(16), units: 8 }), output]);
    expect(dead!.what.en).toContain("Layer 1: 8 of 8 units are dead (1, 2, 3, 4, 5, …).");
    expect(dead!.what.zh).toContain("8 个单元中有 8 个已死");
    const [vanishing] = diagnose([layer({ gradients: Float32Array.of(2e-5) }), output]);
    expect(vanishing!.what.en).toContain("1/50000 of that of the last layer");
    for (const { what, todo } of [dead!, vanishing!]) {
      expect(what.zh).toMatch(/[一-鿿]/);
      expect(todo.en).toMatch(/\.$/);
      expect(todo.zh).toMatch(/。$/);
    }
  });
});

describe("in real nets", () => {
  /** What is found in a net of layers of 8 after some updates. */
  async function found(
    activation: "relu" | "tanh" | "sigmoid",
    { depth, updates, optimizer }: { depth: number; updates: number; optimizer: Optimizer },
  ): Promise<readonly Finding[]> {
    const make = { relu, tanh, sigmoid }[activation];
    const model = await sequential(
      { input: 2, seed: 3 },
      ...Array.from({ length: depth }, () => [dense(8), make()]).flat(),
      dense(1),
    );
    const trainer = new Trainer(model, { loss: binaryCrossEntropyWithLogits(), optimizer });
    const x = uniform(128, { seed: 1 });
    const y = Float32Array.from({ length: 64 }, (_, i) => (x[2 * i]! * x[2 * i + 1]! > 0 ? 1 : 0));
    for (let i = 0; i < updates; i++) trainer.step(x, y);
    const parts = trace(trainer, x, y);
    const last = depth + 1;
    return diagnose(
      Array.from({ length: last }, (_, i) => i + 1).map((k) => ({
        activation: k === last ? "linear" : activation,
        units: k === last ? 1 : 8,
        activations: Float32Array.from(parts.get(k === last ? `Z${k}` : `a${k}`).values),
        weights: model.parameters()[2 * (k - 1)]!.get(),
        gradients: Float32Array.from(parts.get(`dw${k}`).values),
      })),
    );
  }

  test("one that learns as it should has none", async () => {
    expect(await found("tanh", { depth: 2, updates: 20, optimizer: adam({ learningRate: 0.01 }) })).toEqual([]);
  });

  test("steps that are far too large kill relu units", async () => {
    const findings = await found("relu", { depth: 2, updates: 30, optimizer: sgd({ learningRate: 20 }) });
    expect(findings[0]).toMatchObject({ kind: "dead" });
    expect(findings[0]!.units.length).toBeGreaterThan(2);
  });

  test("and saturate tanh units", async () => {
    const findings = await found("tanh", { depth: 2, updates: 30, optimizer: adam({ learningRate: 1 }) });
    expect(findings.map(({ kind }) => kind)).toContain("saturated");
  });

  test("in six layers of sigmoid the gradient vanishes at once", async () => {
    const findings = await found("sigmoid", { depth: 6, updates: 0, optimizer: sgd({ learningRate: 0.1 }) });
    expect(findings.map(({ kind }) => kind)).toEqual(["vanishing"]);
  });
});

describe("histograms", () => {
  test("ranges are 1, 2 or 5 times a power of ten, not less than the number", () => {
    expect([0.03, 0.9, 1, 1.01, 2, 4.2, 5, 7, 30, 999].map(round125)).toEqual([0.05, 1, 1, 2, 2, 5, 5, 10, 50, 1000]);
    expect([0, -1, Number.NaN, Number.POSITIVE_INFINITY].map(round125)).toEqual([1, 1, 1, 1]);
  });

  test("each number is counted once, zero at the middle", () => {
    const { counts, limit, total, mean, zeros, beyond } = binsOf(Float32Array.of(-1, -0.5, 0, 0, 0.5, 0.99, 1));
    expect([limit, total, zeros, beyond]).toEqual([1, 7, 2 / 7, 0]);
    expect(mean).toBeCloseTo(0.99 / 7, 6);
    expect(counts.length).toBe(40);
    expect([0, 10, 20, 30, 39].map((i) => counts[i])).toEqual([1, 1, 2, 1, 2]);
    expect(counts.reduce((a, b) => a + b)).toBe(7);
  });

  test("an outlier, and what is no number, lie beyond", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e6 : i === 1 ? Number.NaN : i / 1000));
    const { limit, beyond, spread } = binsOf(values);
    expect(limit).toBe(1);
    expect(beyond).toBe(2 / 1000);
    expect(spread).toBeGreaterThan(1000);
    expect(binsOf(new Float32Array(0))).toMatchObject({ total: 0, mean: 0, spread: 0, beyond: 0 });
  });

  test("root mean square", () => {
    expect(rms(Float32Array.of(3, -4, 0, 0))).toBe(2.5);
    expect(rms(new Float32Array(0))).toBe(0);
  });
});
