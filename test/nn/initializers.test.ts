// Initial values: their range, mean and deviation, and that seed and index of the parameter decide them.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { fans } from "../../src/nn/initializers/scaled.ts";
import { expectSameBits } from "../support/bits.ts";

/** The initial weights of a dense layer of n inputs and m units. */
async function weights(initializer: w.Initializer, n = 60, m = 40, seed = 1): Promise<Float32Array> {
  const model = await w.sequential({ input: n, seed }, w.dense(m, { useBias: false, kernelInitializer: initializer }));
  return model.parameters()[0]!.get();
}

const N = 2400;
const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: Float32Array, centre = 0): number =>
  Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / values.length);
const largest = (values: Float32Array): number => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);

describe("fans", () => {
  for (const [shape, fanIn, fanOut] of [
    [[60, 40], 60, 40],
    [[7], 7, 7],
    [[], 1, 1],
    [[3, 3, 16, 32], 144, 288], // a kernel's window counts on both sides
    [[5, 2, 4], 10, 20],
  ] as const) {
    test(`[${shape.join(", ")}]`, () => expect(fans(shape)).toEqual({ fanIn, fanOut }));
  }
});

test("what a layer says of its fans counts, not the shape", async () => {
  const made: unknown[] = [];
  const spy: w.Initializer = { ...w.zeros(), fill: ({ shape, fans: said }) => void made.push([shape, said]) };
  await w.sequential(
    { input: [8, 8, 6] },
    w.conv2d(4, { kernelSize: 3, strides: 2, groups: 2, kernelInitializer: spy }),
  );
  await w.sequential({ input: [8, 8, 6] }, w.depthwiseConv2d(3, { depthMultiplier: 2, kernelInitializer: spy }));
  await w.sequential(
    { input: [8, 8, 6] },
    w.conv2dTranspose(4, { kernelSize: [4, 3], strides: [2, 1], kernelInitializer: spy }),
  );
  await w.sequential({ input: 6 }, w.dense(4, { kernelInitializer: spy }));
  expect(made).toEqual([
    [[3, 3, 3, 4], { fanIn: 27, fanOut: 4.5 }], // one window in four, half of the filters
    [[3, 3, 6, 2], { fanIn: 9, fanOut: 18 }],
    [[4, 3, 4, 6], { fanIn: 36, fanOut: 48 }], // a half of the 12 cells of the window, 6 channels
    [[6, 4], undefined],
  ]);
  expect(w.glorotUniform().deviation!([3, 3, 6, 2], { fanIn: 9, fanOut: 18 })).toBe(Math.sqrt(1 / 13.5));
  expect(w.glorotUniform().deviation!([6, 4])).toBe(Math.sqrt(1 / 5));
});

describe("values", () => {
  test("constants", async () => {
    expect(await weights(w.zeros())).toEqual(new Float32Array(N));
    expect(await weights(w.ones())).toEqual(new Float32Array(N).fill(1));
    expect(await weights(w.constant(0.1))).toEqual(new Float32Array(N).fill(0.1));
    expect(await weights(w.constant({ value: -2 }))).toEqual(new Float32Array(N).fill(-2));
  });

  for (const [name, initializer, limit] of [
    ["uniform", w.uniform(), 0.05],
    ["glorotUniform", w.glorotUniform(), Math.sqrt(6 / 100)],
    ["heUniform", w.heUniform(), Math.sqrt(6 / 60)],
    ["lecunUniform", w.lecunUniform(), Math.sqrt(3 / 60)],
  ] as const) {
    test(name, async () => {
      const values = await weights(initializer);
      expect(largest(values)).toBeLessThanOrEqual(limit * (1 + 1e-7)); // float32
      expect(largest(values)).toBeGreaterThan(0.99 * limit); // 2,400 numbers: missed once in 3e10 cases
      // five deviations: of a mean of N uniform numbers, and of their mean square
      expect(Math.abs(mean(values))).toBeLessThan((5 * limit) / Math.sqrt(3 * N));
      expect(Math.abs(deviation(values) / (limit / Math.sqrt(3)) - 1)).toBeLessThan(5 * Math.sqrt(1 / 5 / N));
    });
  }

  test("uniform between two given numbers", async () => {
    const values = await weights(w.uniform({ low: 2, high: 3 }));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...values)).toBeLessThan(3);
    expect(Math.abs(mean(values) - 2.5)).toBeLessThan(5 / Math.sqrt(12 * N));
  });

  for (const [name, initializer, sigma] of [
    ["normal", w.normal(), 0.05],
    ["glorotNormal", w.glorotNormal(), Math.sqrt(2 / 100)],
    ["heNormal", w.heNormal(), Math.sqrt(2 / 60)],
    ["lecunNormal", w.lecunNormal(), Math.sqrt(1 / 60)],
  ] as const) {
    test(name, async () => {
      const values = await weights(initializer);
      expect(Math.abs(mean(values))).toBeLessThan((5 * sigma) / Math.sqrt(N));
      expect(Math.abs(deviation(values) / sigma - 1)).toBeLessThan(5 / Math.sqrt(2 * N));
      // not truncated: 4.6 % are beyond two deviations, 109 of 2,400, give or take five times 10
      const beyond = values.filter((v) => Math.abs(v) > 2 * sigma).length;
      expect(Math.abs(beyond - 0.0455 * N)).toBeLessThan(51);
    });
  }

  test("normal around a mean", async () => {
    const values = await weights(w.normal({ mean: 3, deviation: 0.5 }));
    expect(Math.abs(mean(values) - 3)).toBeLessThan((5 * 0.5) / Math.sqrt(N));
    expect(Math.abs(deviation(values, 3) / 0.5 - 1)).toBeLessThan(5 / Math.sqrt(2 * N));
  });

  for (const [n, m] of [
    [60, 40],
    [40, 60],
    [5, 5],
  ] as const) {
    test(`orthogonal ${n} x ${m}: whichever are fewer, rows or columns, are orthonormal`, async () => {
      const values = await weights(w.orthogonal({ gain: 2 }), n, m);
      const count = Math.min(n, m);
      const at = (vector: number, i: number): number => (n < m ? values[vector * m + i]! : values[i * m + vector]!);
      for (let a = 0; a < count; a++) {
        for (let b = 0; b <= a; b++) {
          let dot = 0;
          for (let i = 0; i < Math.max(n, m); i++) dot += at(a, i) * at(b, i);
          // 60 products of float32 numbers
          expect(Math.abs(dot - (a === b ? 4 : 0))).toBeLessThan(1e-6);
        }
      }
    });
  }
});

test("orthogonal weights of a real lstm are orthonormal rows", async () => {
  const model = await w.sequential({ input: [1, 1] }, w.lstm(512));
  const rows = model.parameters()[1]!.get();
  // some pairs: the kernel's tests compare all of smaller ones
  for (const [a, b] of [
    [0, 0],
    [511, 511],
    [0, 511],
    [31, 32],
    [300, 510],
  ] as const) {
    let dot = 0;
    for (let i = 0; i < 2048; i++) dot += rows[a * 2048 + i]! * rows[b * 2048 + i]!;
    expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-7);
  }
});

test("orthogonal refuses what it has no scratch memory for, in bytes, before anything is written", async () => {
  const { core } = await w.sequential({ input: 1 }, w.dense(1));
  const before = core.arena.memory.buffer.byteLength;
  const fill = (): void => w.orthogonal().fill({ core, shape: [30_000, 30_001], address: 0, seed: 0, index: 0 });
  expect(fill).toThrow(
    /^orthogonal: no room for the scratch memory of 30000 vectors of 30001; 7\.20 GB more make 7\.20 GB of WebAssembly memory, but at most 4\.29 GB can be addressed\. /,
  );
  expect(core.arena.memory.buffer.byteLength).toBe(before);
});

describe("seeds", () => {
  const RANDOM = [w.uniform(), w.normal(), w.glorotUniform(), w.heNormal(), w.orthogonal()];

  test("the same seed gives the same bits, another one others", async () => {
    for (const initializer of RANDOM) {
      const values = await weights(initializer);
      expectSameBits(await weights(initializer), values, initializer.initializer);
      expect(await weights(initializer, 60, 40, 2)).not.toEqual(values);
      expect(new Set(values).size).toBeGreaterThan(0.99 * N);
    }
  });

  test("each parameter of a model has numbers of its own", async () => {
    const layer = w.dense(8, { kernelInitializer: w.normal(), biasInitializer: w.normal() });
    const model = await w.sequential({ input: 8 }, layer, layer);
    const all = model.parameters().flatMap((p) => [...p.get()]);
    expect(new Set(all).size).toBe(all.length);
  });

  test("more values begin with the same ones", async () => {
    const [few, many] = [await weights(w.uniform(), 3, 5), await weights(w.uniform(), 7, 5)];
    expectSameBits(many.slice(0, 15), few);
  });

  test("the padding behind a parameter stays 0", async () => {
    const model = await w.sequential(
      { input: 3 },
      w.dense(1, { kernelInitializer: w.normal(), biasInitializer: w.ones() }),
    );
    const { address } = model.run;
    const { f32 } = model.core.arena;
    expect([...f32.subarray(address / 4 + 3, address / 4 + 8)]).toEqual([0, 1, 0, 0, 0]);
  });
});
