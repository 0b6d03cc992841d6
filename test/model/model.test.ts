// A model: its names and shapes, its parameters and its fingerprint.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { normal } from "../support/seeded.ts";

const byName = (model: w.Model): Record<string, w.Parameter> =>
  Object.fromEntries(model.parameters().map((p) => [p.name, p]));

/** A trainer of the loss, for what it tells the model about its outputs. */
const trainerFor = (model: w.Model, loss: w.Loss): w.Trainer => new w.Trainer(model, { loss, optimizer: w.sgd() });

describe("sequential", () => {
  test("names layers by their type and number, unless they have a name", async () => {
    const model = await w.sequential(
      { input: [2, 3] },
      w.dense(4),
      w.relu(),
      w.dense(5, { name: "middle" }),
      w.relu(),
      w.flatten(),
      w.dense(1, { useBias: false }),
    );
    expect(model.inputShape).toEqual([2, 3]);
    expect(model.outputShape).toEqual([1]);
    expect(model.nodes.map((n) => n.name)).toEqual(["dense1", "relu1", "middle", "relu2", "flatten1", "dense3"]);
    expect(model.nodes.map((n) => n.output)).toEqual([[2, 4], [2, 4], [2, 5], [2, 5], [10], [1]]);
    expect(model.parameters().map((p) => [p.name, p.shape, p.size])).toEqual([
      ["dense1.weight", [3, 4], 12],
      ["dense1.bias", [4], 4],
      ["middle.weight", [4, 5], 20],
      ["middle.bias", [5], 5],
      ["dense3.weight", [10, 1], 10],
    ]);
    expect(model.parameterCount).toBe(12 + 4 + 20 + 5 + 10);
  });

  test("skips names that are taken, wherever they were given", async () => {
    const namesOf = async (...layers: w.Layer[]): Promise<string[]> =>
      (await w.sequential({ input: 2 }, ...layers)).nodes.map((n) => n.name);
    const dense = (name?: string): w.Layer => (name === undefined ? w.dense(2) : w.dense(2, { name }));
    expect(await namesOf(dense("dense2"), dense())).toEqual(["dense2", "dense3"]);
    expect(await namesOf(dense("dense2"), dense(), dense())).toEqual(["dense2", "dense3", "dense4"]);
    expect(await namesOf(dense(), dense("dense1"))).toEqual(["dense2", "dense1"]);
    expect(await namesOf(dense(), dense(), dense("dense1"))).toEqual(["dense2", "dense3", "dense1"]);
    expect(await namesOf(w.relu({ name: "dense1" }), dense(), w.relu())).toEqual(["dense1", "dense2", "relu2"]);
    expect(await namesOf(dense("dense3"), dense("dense4"), dense())).toEqual(["dense3", "dense4", "dense5"]);
    const model = await w.sequential({ input: 2 }, dense("dense2"), dense());
    expect(Object.keys(byName(model))).toEqual(["dense2.weight", "dense2.bias", "dense3.weight", "dense3.bias"]);
  });

  test("takes a number or the sizes of the axes", async () => {
    expect((await w.sequential({ input: 7 }, w.dense(2))).inputShape).toEqual([7]);
    expect((await w.sequential({ input: [3, 7] }, w.dense(2))).outputShape).toEqual([3, 2]);
  });

  test("starts with glorotUniform weights and biases of 0", async () => {
    const model = await w.sequential({ input: 30, seed: 5 }, w.dense(20));
    const { "dense1.weight": weight, "dense1.bias": bias } = byName(model);
    const limit = Math.sqrt(6 / 50);
    const values = weight!.get();
    const largest = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
    // of 600 uniform numbers none is above the limit, and the largest is above 98 % of it but for one case in 100,000
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.98 * limit);
    expect(new Set(values).size).toBeGreaterThan(590);
    expect(bias!.get()).toEqual(new Float32Array(20));
  });

  test("a layer value used twice makes two layers", async () => {
    const layer = w.dense(3);
    const model = await w.sequential({ input: 3, seed: 1 }, layer, layer);
    const { "dense1.weight": first, "dense2.weight": second } = byName(model);
    expect(first!.get()).not.toEqual(second!.get());
    const before = second!.get();
    first!.set(new Float32Array(9));
    expectSameBits(second!.get(), before);
    expect(model.predict([[1, 2, 3]])).toEqual(new Float32Array(3));
  });
});

describe("seeds", () => {
  const make = (seed?: number): Promise<w.Model> =>
    w.sequential(seed === undefined ? { input: 6 } : { input: 6, seed }, w.dense(8), w.tanh(), w.dense(2));

  test("the same seed gives the same bits, another one others", async () => {
    const [a, b, c] = [await make(42), await make(42), await make(43)];
    a.parameters().forEach((p, i) => expectSameBits(p.get(), b.parameters()[i]!.get(), p.name));
    expect(a.fingerprint()).toBe(b.fingerprint());
    expect(c.fingerprint()).not.toBe(a.fingerprint());
  });

  test("0 is the default", async () => {
    expect((await make()).fingerprint()).toBe((await make(0)).fingerprint());
  });

  test("all 53 bits count", async () => {
    const prints = [0, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map(async (seed) =>
      (await make(seed)).fingerprint(),
    );
    expect(new Set(await Promise.all(prints)).size).toBe(5);
  });

  test("a layer's weights don't depend on what stands behind it", async () => {
    const short = await w.sequential({ input: 6, seed: 9 }, w.dense(8));
    const long = await w.sequential({ input: 6, seed: 9 }, w.dense(8), w.relu(), w.dense(5));
    expectSameBits(long.parameters()[0]!.get(), short.parameters()[0]!.get());
  });
});

describe("parameters", () => {
  test("get and gradient give copies; set takes a copy", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1, { useBias: false }));
    const [weight] = model.parameters();
    const given = Float32Array.of(1, 2);
    weight!.set(given);
    given[0] = 100;
    expect([...weight!.get()]).toEqual([1, 2]);
    weight!.get()[0] = 100;
    expect([...weight!.get()]).toEqual([1, 2]);
    model.forward([[3, 4]]);
    model.backward([[1]]);
    weight!.gradient()[0] = 100;
    expect([...weight!.gradient()]).toEqual([3, 4]);
  });

  test("set takes any array of numbers", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1, { useBias: false }));
    const [weight] = model.parameters();
    for (const values of [[0.5, -2], Float64Array.of(0.5, -2), Float32Array.of(0.5, -2)]) {
      weight!.set([0, 0]);
      weight!.set(values);
      expect([...weight!.get()]).toEqual([0.5, -2]);
    }
  });

  test("gradients are 0 before the first pass", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(3));
    expect(model.parameters().map((p) => p.gradient())).toEqual([new Float32Array(6), new Float32Array(3)]);
  });
});

/**
 * The documented algorithm: FNV-1a with 64 bits over 32-bit words; for each parameter its rank, its sizes, then its values,
 * every NaN as 0x7fc00000.
 */
function plainFingerprint(model: w.Model): string {
  let hash = 0xcbf29ce484222325n;
  const add = (word: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n);
  };
  for (const parameter of model.parameters()) {
    add(parameter.shape.length);
    parameter.shape.forEach(add);
    const values = parameter.get();
    const words = new Uint32Array(values.buffer);
    words.forEach((word, i) => add(Number.isNaN(values[i]!) ? 0x7fc00000 : word));
  }
  return hash.toString(16).padStart(16, "0");
}

describe("fingerprint", () => {
  const make = (seed: number): Promise<w.Model> => w.sequential({ input: 5, seed }, w.dense(7), w.relu(), w.dense(3));

  test("is the documented hash", async () => {
    for (let seed = 0; seed < 5; seed++) {
      const model = await make(seed);
      expect(model.fingerprint()).toBe(plainFingerprint(model));
      expect(model.fingerprint()).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  test("one changed bit changes it, also that of a 0's sign", async () => {
    const model = await make(1);
    const before = model.fingerprint();
    const bias = model.parameters()[3]!;
    bias.set([0, -0, 0]);
    expect(model.fingerprint()).not.toBe(before);
    expect(model.fingerprint()).toBe(plainFingerprint(model));
    bias.set([0, 0, 0]);
    expect(model.fingerprint()).toBe(before);
    bias.set([0, 1.4e-45, 0]); // the smallest float32
    expect(model.fingerprint()).not.toBe(before);
  });

  test("counts the shapes, not only the numbers", async () => {
    const zeros = { kernelInitializer: w.zeros() };
    const [a, b] = [
      await w.sequential({ input: 2 }, w.dense(3, zeros)),
      await w.sequential({ input: 3 }, w.dense(2, zeros)),
    ];
    const c = await w.sequential({ input: 2 }, w.dense(3, { ...zeros, useBias: false }));
    expect(new Set([a, b, c].map((model) => model.fingerprint())).size).toBe(3);
  });

  test("doesn't count names", async () => {
    const named = await w.sequential({ input: 5, seed: 1 }, w.dense(7, { name: "a" }), w.dense(3, { name: "b" }));
    expect(named.fingerprint()).toBe((await make(1)).fingerprint());
  });

  test("all NaNs are one", async () => {
    const model = await make(1);
    const { u32 } = model.core.arena;
    const at = model.run.address / 4;
    const prints = [0x7fc00000, 0x7fc00001, 0xffc00000, 0x7f800001].map((bits) => {
      u32[at] = bits;
      return model.fingerprint();
    });
    expect(new Set(prints).size).toBe(1);
    expect(prints[0]).toBe(plainFingerprint(model));
    u32[at] = 0x7f800000; // infinity is no NaN
    expect(model.fingerprint()).not.toBe(prints[0]);
  });

  test("training and going back change it and bring it back", async () => {
    const model = await make(1);
    const [before, weights] = [model.fingerprint(), model.parameters().map((p) => p.get())];
    trainerFor(model, w.meanSquaredError()).step(normal(10, { seed: 1 }), normal(6, { seed: 2 }));
    expect(model.fingerprint()).not.toBe(before);
    model.parameters().forEach((p, i) => p.set(weights[i]!));
    expect(model.fingerprint()).toBe(before);
  });
});

describe("a shared core", () => {
  test("gives the bits that two cores give, and models don't see each other", async () => {
    const make = (seed: number, core?: w.Model["core"]): Promise<w.Model> =>
      w.sequential({ input: 6, seed, ...(core ? { core } : {}) }, w.dense(9), w.relu(), w.dropout(0.3), w.dense(2));
    const apart = [await make(1), await make(2)];
    const first = await make(1);
    const together = [first, await make(2, first.core)];
    expect(together[1]!.core).toBe(first.core);
    const [x, y] = [normal(60, { seed: 3 }), normal(20, { seed: 4 })];
    const trainers = [...apart, ...together].map((model) => trainerFor(model, w.meanSquaredError()));
    for (let i = 0; i < 20; i++) for (const trainer of trainers) trainer.step(x, y);
    together.forEach((model, i) => {
      expect(model.fingerprint()).toBe(apart[i]!.fingerprint());
      expectSameBits(model.predict(x), apart[i]!.predict(x));
    });
  });
});
