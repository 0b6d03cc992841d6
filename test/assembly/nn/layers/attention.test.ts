// Attention against float64 loops that know no blocks: every size around a vector, masks, a memory of another size.
import { beforeEach, describe, expect, test } from "vitest";
import { attention, selfAttention } from "../../../../src/nn/layers/attention.ts";
import type { Layer } from "../../../../src/graph/layer.ts";
import type { KernelArgs } from "../../../../src/runtime/record.ts";
import { type Shape, sizeOf } from "../../../../src/util/shape.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

interface Case {
  readonly steps: number;
  readonly width: number;
  readonly heads: number;
  /** [steps, width]; none: self-attention. */
  readonly memory?: readonly [number, number];
  readonly causal?: boolean;
  readonly masked?: boolean;
  readonly keyWidth?: number;
  readonly valueWidth?: number;
  /** A mask for each query, of all heads or of each. */
  readonly mask?: "all heads" | "each head";
  /** Numbers that are added to the scores. */
  readonly scoreBias?: "all heads" | "each head";
  readonly useBias?: boolean;
  readonly rows?: number;
}

const CASES: readonly Case[] = [
  { steps: 1, width: 1, heads: 1 },
  { steps: 1, width: 4, heads: 4, rows: 1 },
  { steps: 3, width: 2, heads: 1 },
  { steps: 4, width: 8, heads: 2, useBias: false },
  { steps: 5, width: 6, heads: 3, causal: true },
  { steps: 7, width: 12, heads: 3, masked: true },
  { steps: 8, width: 16, heads: 2, causal: true, masked: true },
  { steps: 9, width: 10, heads: 5, masked: true, rows: 1 },
  { steps: 13, width: 33, heads: 3 },
  { steps: 66, width: 10, heads: 2, causal: true },
  { steps: 131, width: 6, heads: 2 },
  { steps: 130, width: 5, heads: 1, causal: true, rows: 1 },
  { steps: 3, width: 6, heads: 2, memory: [1, 1] },
  { steps: 5, width: 8, heads: 2, memory: [7, 3] },
  { steps: 6, width: 9, heads: 3, memory: [4, 12], causal: true },
  { steps: 2, width: 4, heads: 1, memory: [9, 5], masked: true, useBias: false },
  { steps: 70, width: 4, heads: 2, memory: [5, 6], causal: true },
  { steps: 65, width: 4, heads: 2, memory: [70, 6], causal: true, masked: true },
  // widths of their own
  { steps: 1, width: 3, heads: 2, keyWidth: 2, valueWidth: 4 },
  { steps: 5, width: 6, heads: 3, valueWidth: 15 },
  { steps: 6, width: 7, heads: 2, keyWidth: 10, valueWidth: 2, causal: true, rows: 1 },
  { steps: 4, width: 5, heads: 3, keyWidth: 9, valueWidth: 9, useBias: false },
  { steps: 66, width: 5, heads: 2, keyWidth: 6, valueWidth: 34, memory: [67, 3], masked: true },
  { steps: 3, width: 20, heads: 1, keyWidth: 1, valueWidth: 130, memory: [9, 2] },
  // masks for each query
  { steps: 1, width: 1, heads: 1, mask: "all heads" },
  { steps: 5, width: 6, heads: 3, mask: "all heads" },
  { steps: 5, width: 6, heads: 3, mask: "each head", rows: 3 },
  { steps: 8, width: 4, heads: 2, mask: "each head", causal: true, masked: true },
  { steps: 66, width: 4, heads: 2, mask: "all heads", memory: [70, 6] },
  { steps: 130, width: 4, heads: 1, mask: "each head", causal: true, rows: 1 },
  // numbers that are added
  { steps: 1, width: 1, heads: 1, scoreBias: "each head" },
  { steps: 5, width: 6, heads: 3, scoreBias: "all heads" },
  { steps: 7, width: 6, heads: 3, scoreBias: "each head", rows: 3 },
  { steps: 6, width: 9, heads: 3, memory: [4, 12], scoreBias: "all heads", causal: true, masked: true },
  { steps: 70, width: 4, heads: 2, memory: [131, 6], scoreBias: "each head", causal: true },
  { steps: 67, width: 4, heads: 2, scoreBias: "all heads", causal: true, useBias: false },
  // all at once
  { steps: 9, width: 5, heads: 2, keyWidth: 4, valueWidth: 6, mask: "all heads", scoreBias: "each head", masked: true },
  // prettier-ignore
  { steps: 67, width: 5, heads: 2, keyWidth: 4, valueWidth: 6, memory: [9, 4], mask: "each head", scoreBias: "all heads", causal: true },
];

type Arrays = Readonly<Record<string, Float32Array>>;

const bench = await Workbench.create();

const layerOf = ({ heads, memory, causal = false, useBias = true, ...c }: Case): Layer => {
  const options = {
    heads,
    causal,
    useBias,
    ...(c.keyWidth && { keyWidth: c.keyWidth }),
    ...(c.valueWidth && { valueWidth: c.valueWidth }),
    ...(c.masked && { keyMask: "mask" }),
    ...(c.mask && { mask: "masks" }),
    ...(c.scoreBias && { scoreBias: "scores" }),
  };
  if (!memory) return selfAttention(options);
  // what the layer puts into a model's graph
  const graph = { find: () => 0, shape: () => memory, add: (layer: Layer) => layer };
  return attention({ ...options, memory: "memory" }).expand!(graph as never, 0) as unknown as Layer;
};

/** Masks that leave out every other position, and in the last row all of them. */
const maskOf = (rows: number, steps: number): Float32Array =>
  Float32Array.from({ length: rows * steps }, (_, i) => (rows > 1 && i >= (rows - 1) * steps ? 0 : (i * 7) % 3));

/** What a row has for its scores besides x and the memory. */
interface Given {
  readonly keyMask?: Float32Array | undefined;
  readonly mask?: Float32Array | undefined;
  readonly scoreBias?: Float32Array | undefined;
}

/** One row of the layer in float64: y, p, and the gradients of everything. */
function plain(c: Case, x: Float64Array, m: Float64Array, dy: Float64Array, p: Arrays, given: Given) {
  const { steps, width, heads, causal, keyWidth = width, valueWidth = width } = c;
  const [memorySteps, memoryWidth] = c.memory ?? [steps, width];
  const d = keyWidth / heads;
  const dv = valueWidth / heads;
  const f = 1 / Math.sqrt(d);
  /** Place of a score's number, which heads may share. */
  const placeOf = (which: Case["mask"], h: number, i: number, j: number): number =>
    ((which === "each head" ? h * steps : 0) + i) * memorySteps + j;
  const times = (a: Float64Array, w: Float32Array, b: Float32Array | undefined, from: number, to: number) => {
    const out = new Float64Array((a.length / from) * to);
    for (let i = 0; i < a.length / from; i++)
      for (let j = 0; j < to; j++) {
        let sum = b?.[j] ?? 0;
        for (let k = 0; k < from; k++) sum += a[i * from + k]! * w[k * to + j]!;
        out[i * to + j] = sum;
      }
    return out;
  };
  const gradients: Record<string, Float64Array> = {};
  const timesBack = (part: string, a: Float64Array, dOut: Float64Array, from: number, to: number) => {
    const w = p[`weight${part}`]!;
    const dw = (gradients[`weight${part}`] = new Float64Array(from * to));
    const db = (gradients[`bias${part}`] = new Float64Array(to));
    const da = new Float64Array(a.length);
    for (let i = 0; i < a.length / from; i++)
      for (let j = 0; j < to; j++) {
        const g = dOut[i * to + j]!;
        db[j]! += g;
        for (let k = 0; k < from; k++) {
          dw[k * to + j]! += a[i * from + k]! * g;
          da[i * from + k]! += w[k * to + j]! * g;
        }
      }
    return da;
  };
  const q = times(x, p["weightQ"]!, p["biasQ"], width, keyWidth);
  const k = times(m, p["weightK"]!, p["biasK"], memoryWidth, keyWidth);
  const v = times(m, p["weightV"]!, p["biasV"], memoryWidth, valueWidth);
  const found = new Float64Array(steps * valueWidth);
  const zeros = (a: ArrayLike<number>) => new Float64Array(a.length);
  const gradientOf = { q: zeros(q), k: zeros(k), v: zeros(v) };
  const dScoreBias = zeros(given.scoreBias ?? []);
  const probabilities = new Float64Array(heads * steps * memorySteps);
  const each = (visit: (h: number, i: number, at: number) => void): void => {
    for (let h = 0; h < heads; h++) for (let i = 0; i < steps; i++) visit(h, i, (h * steps + i) * memorySteps);
  };
  each((h, i, at) => {
    const scores = Array.from({ length: memorySteps }, (_, j) => {
      if ((causal && j > i) || given.keyMask?.[j] === 0) return -Infinity;
      if (given.mask?.[placeOf(c.mask, h, i, j)] === 0) return -Infinity;
      let sum = 0;
      for (let e = h * d; e < (h + 1) * d; e++) sum += q[i * keyWidth + e]! * k[j * keyWidth + e]!;
      return f * sum + (given.scoreBias?.[placeOf(c.scoreBias, h, i, j)] ?? 0);
    });
    const top = Math.max(...scores);
    const terms = scores.map((s) => (s === -Infinity ? 0 : Math.exp(s - top)));
    const total = terms.reduce((a, b) => a + b, 0);
    terms.forEach((t, j) => {
      const share = (probabilities[at + j] = total === 0 ? 0 : t / total);
      for (let e = h * dv; e < (h + 1) * dv; e++) found[i * valueWidth + e]! += share * v[j * valueWidth + e]!;
    });
  });
  const y = times(found, p["weightO"]!, p["biasO"], valueWidth, width);
  const g = timesBack("O", found, dy, valueWidth, width);
  each((h, i, at) => {
    const dp = Array.from({ length: memorySteps }, (_, j) => {
      let sum = 0;
      for (let e = h * dv; e < (h + 1) * dv; e++) sum += g[i * valueWidth + e]! * v[j * valueWidth + e]!;
      return sum;
    });
    const level = dp.reduce((sum, a, j) => sum + a * probabilities[at + j]!, 0);
    dp.forEach((a, j) => {
      const slope = probabilities[at + j]! * (a - level);
      if (given.scoreBias) dScoreBias[placeOf(c.scoreBias, h, i, j)]! += slope;
      for (let e = h * dv; e < (h + 1) * dv; e++)
        gradientOf.v[j * valueWidth + e]! += probabilities[at + j]! * g[i * valueWidth + e]!;
      for (let e = h * d; e < (h + 1) * d; e++) {
        gradientOf.q[i * keyWidth + e]! += f * slope * k[j * keyWidth + e]!;
        gradientOf.k[j * keyWidth + e]! += f * slope * q[i * keyWidth + e]!;
      }
    });
  });
  const dx = timesBack("Q", x, gradientOf.q, width, keyWidth);
  const fromKeys = timesBack("K", m, gradientOf.k, memoryWidth, keyWidth);
  const dm = timesBack("V", m, gradientOf.v, memoryWidth, valueWidth).map((a, i) => a + fromKeys[i]!);
  return { y, probabilities, gradients, dx: c.memory ? dx : dx.map((a, i) => a + dm[i]!), dm, dScoreBias };
}

function textOf({ steps, width, heads, memory, causal, masked, useBias, rows, ...c }: Case): string {
  const words = [
    memory && `on ${memory.join("x")}`,
    c.keyWidth && `keys of ${c.keyWidth}`,
    c.valueWidth && `values of ${c.valueWidth}`,
    causal && "causal",
    masked && "masked",
    c.mask && `mask of ${c.mask}`,
    c.scoreBias && `scores of ${c.scoreBias}`,
  ];
  return [`${steps}x${width}, ${heads} heads`, ...words, useBias === false && "no bias", rows && `${rows} row`]
    .filter(Boolean)
    .join(", ");
}

/** Everything that a record needs, placed; `rows` may be fewer than the capacity. */
function place(c: Case, capacity: number, requested = true) {
  const layer = layerOf(c);
  const input: Shape = [c.steps, c.width];
  const memory: Shape = c.memory ?? input;
  const scores = (which: Case["mask"]): Shape => [...(which === "each head" ? [c.heads] : []), c.steps, memory[0]!];
  const extras: Record<string, Shape> = {
    memory,
    ...(c.masked && { keyMask: [memory[0]!] }),
    ...(c.mask && { mask: scores(c.mask) }),
    ...(c.scoreBias && { scoreBias: scores(c.scoreBias) }),
  };
  const sizes = { mask: sizeOf(extras["mask"] ?? [0]), scoreBias: sizeOf(extras["scoreBias"] ?? [0]) };
  expect(layer.outputShape(input, "here", extras)).toEqual(input);
  const specs = layer.parameters!(input);
  const values = Object.fromEntries(
    specs.map((s, i) => [s.name, normal(sizeOf(s.shape), { seed: 10 + i, deviation: 1 / Math.sqrt(s.shape[0]!) })]),
  );
  const before = Object.fromEntries(specs.map((s, i) => [s.name, normal(sizeOf(s.shape), { seed: 30 + i })]));
  const parameters = Object.fromEntries(specs.map((s) => [s.name, bench.floats(values[s.name]!)]));
  const gradients = Object.fromEntries(specs.map((s) => [s.name, bench.floats(before[s.name]!)]));
  const n = capacity * sizeOf(input);
  const nMemory = capacity * sizeOf(memory);
  const [x, m, dy] = [normal(n, { seed: 1 }), normal(nMemory, { seed: 2 }), normal(n, { seed: 3 })];
  const rows = c.rows ?? 2;
  const given = {
    keyMask: maskOf(rows, memory[0]!),
    // most numbers are not 0; a query of each row attends to nothing
    mask: Float32Array.from({ length: rows * sizes.mask }, (_, i) =>
      Math.floor(i / memory[0]!) % (c.steps + 1) === 2 ? 0 : (i * 11) % 4,
    ),
    scoreBias: normal(rows * sizes.scoreBias, { seed: 4, deviation: 2 }),
  };
  const at = {
    x: bench.floats(x),
    y: bench.room(n),
    dx: requested ? bench.room(n) : 0,
    dy: bench.floats(dy),
  };
  const dMemory = bench.room(nMemory);
  const dScoreBias = bench.room(capacity * sizes.scoreBias);
  const placed = {
    parameters,
    gradients: requested ? gradients : {},
    inputs: {
      ...(c.memory ? { memory: bench.floats(m) } : {}),
      ...(c.masked && { keyMask: bench.floats(given.keyMask, capacity * memory[0]!) }),
      ...(c.mask && { mask: bench.floats(given.mask, capacity * sizes.mask) }),
      ...(c.scoreBias && { scoreBias: bench.floats(given.scoreBias, capacity * sizes.scoreBias) }),
    },
    inputGradients: requested ? { memory: dMemory, ...(c.scoreBias && { scoreBias: dScoreBias }) } : {},
    shapes: extras,
  };
  const make = (training: boolean): KernelArgs => ({
    ...at,
    ...layer.args!(bench.context(capacity, { ...placed, training }), input, input),
  });
  return { at, dMemory, dScoreBias, sizes, make, input, memory, x, m, dy, given, values, before, gradients, specs };
}

describe("attention", () => {
  beforeEach(async () => {
    bench.clear();
    await selfAttention({ heads: 1 }).load!(bench.core);
  });

  for (const c of CASES) {
    test(textOf(c), () => {
      const rows = c.rows ?? 2;
      const all = place(c, rows + 1);
      const { at, dMemory, dScoreBias, make, input, memory, x, m, dy, given, values, before, gradients, specs } = all;
      const [n, nMemory] = [sizeOf(input), sizeOf(memory)];
      const args = make(true);
      bench.run("attentionForward", { perRow: n, rows }, args);
      bench.run("attentionBackward", { perRow: n, rows }, args);
      const sums = Object.fromEntries(specs.map(({ name }) => [name, Float64Array.from(before[name]!)]));
      const tolerance = { rtol: 1e-5, atol: 1e-5 };
      const slice = (a: Float32Array, size: number, r: number) =>
        Float64Array.from(a.subarray(r * size, (r + 1) * size));
      const scores = c.heads * c.steps * memory[0]!;
      for (let r = 0; r < rows; r++) {
        const source = c.memory ? slice(m, nMemory, r) : slice(x, n, r);
        const part = (a: Float32Array, size: number) => a.subarray(r * size, (r + 1) * size);
        const row = plain(c, slice(x, n, r), source, slice(dy, n, r), values, {
          keyMask: c.masked ? part(given.keyMask, memory[0]!) : undefined,
          mask: c.mask && part(given.mask, all.sizes.mask),
          scoreBias: c.scoreBias && part(given.scoreBias, all.sizes.scoreBias),
        });
        const read = (address: number, size: number) => bench.read(address + 4 * r * size, size);
        expectClose("probabilities", read(args["probabilities"] as number, scores), row.probabilities, {
          rtol: 1e-5,
          atol: 1e-6,
        });
        expectClose("y", read(at.y, n), row.y, tolerance);
        expectClose("dx", read(at.dx, n), row.dx, tolerance);
        if (c.memory) expectClose("dMemory", read(dMemory, nMemory), row.dm, tolerance);
        if (c.scoreBias) expectClose("dScoreBias", read(dScoreBias, all.sizes.scoreBias), row.dScoreBias, tolerance);
        for (const { name } of specs) row.gradients[name]!.forEach((g, j) => (sums[name]![j]! += g));
      }
      for (const { name, shape } of specs) {
        expectClose(`d${name}`, bench.read(gradients[name]!, sizeOf(shape)), sums[name]!, { rtol: 2e-5, atol: 5e-5 });
        bench.expectGuard(gradients[name]!, sizeOf(shape), `d${name}`);
      }
      bench.expectGuard(at.y, rows * n, "y");
      bench.expectGuard(at.dx, rows * n, "dx");
      bench.expectGuard(dMemory, c.memory ? rows * nMemory : 0, "dMemory");
      bench.expectGuard(dScoreBias, rows * all.sizes.scoreBias, "dScoreBias");
      const { keyWidth = c.width, valueWidth = c.width } = c;
      for (const [name, size] of [
        ["q", c.steps * keyWidth],
        ["k", memory[0]! * keyWidth],
        ["v", memory[0]! * valueWidth],
        ["found", c.steps * valueWidth],
        ["probabilities", scores],
      ] as const)
        // prettier-ignore
        bench.expectGuard(args[name] as number, rows * size, name);
      expect(bench.read(at.x, n)).toEqual(x.subarray(0, n));
    });

    test(`${textOf(c)}: the same bits without a backward pass, with nothing requested, and row by row`, () => {
      const rows = c.rows ?? 2;
      const { at, make, input } = place(c, rows, false);
      const n = sizeOf(input);
      const args = make(true);
      bench.run("attentionForward", { perRow: n, rows }, args);
      const expected = bench.bits(at.y, rows * n);
      expect(bench.read(at.y, rows * n).every(Number.isFinite)).toBe(true);
      bench.run("attentionBackward", { perRow: n, rows }, args);
      bench.run("attentionForward", { perRow: n, rows }, make(false));
      expect(bench.bits(at.y, rows * n)).toEqual(expected);
      bench.run("attentionForward", { perRow: n, rows: 1 }, make(false));
      expect(bench.bits(at.y, n)).toEqual(expected.subarray(0, n));
    });
  }

  test("scores far apart give no NaN, and a score of infinity does", () => {
    const { at, make, x, input } = place({ steps: 5, width: 4, heads: 2 }, 1);
    const f32 = bench.core.arena.f32;
    f32.set(x.map((v) => 1e10 * v), at.x / 4); // prettier-ignore
    bench.run("attentionForward", { perRow: sizeOf(input), rows: 1 }, make(true));
    expect(bench.read(at.y, 20).every(Number.isFinite)).toBe(true);
    f32[at.x / 4] = Infinity;
    bench.run("attentionForward", { perRow: sizeOf(input), rows: 1 }, make(true));
    expect(bench.read(at.y, 20).some(Number.isNaN)).toBe(true);
  });
});
