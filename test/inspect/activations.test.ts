// What layers give for rows of x: trace's values and predict's output to the bit, with the weights of now, in memory that stays.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { lenet5 } from "../../src/models.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectSameBits } from "../support/bits.ts";
import { collect } from "../support/collect.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const mse = { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.1 }) };

const xFor = (model: w.Model, rows: number): Float32Array => normal(rows * sizeOf(model.inputShape), { seed: 3 });

/** Every value is trace's, the last one predict's. */
async function expectTraced(model: w.Model, rows: number): Promise<void> {
  const x = xFor(model, rows);
  const values = w.activations(model, x);
  const traced = w.trace(new w.Trainer(model, mse), x, normal(rows * sizeOf(model.outputShape), { seed: 4 }));
  const forward = traced.tensors.slice(0, traced.names.indexOf("loss"));
  expect(Object.keys(values)).toEqual(forward.map(({ name }) => name));
  for (const { name, values: expected } of forward) expectSameBits(values[name]!, expected, name);
  expectSameBits(Object.values(values).at(-1)!, model.predict(x), "output");
}

const mlp = (options: Partial<w.ModelOptions> = {}): Promise<w.Model> =>
  w.sequential(
    { input: 2, seed: 1, ...options },
    ...[8, 8, 8].flatMap((units) => [w.dense(units, { biasInitializer: w.normal() }), w.tanh()]),
    w.dense(1),
  );

describe("values", () => {
  test("are trace's, though activations write over their inputs in predict", async () => {
    await expectTraced(await mlp(), 5);
    await expectTraced(
      await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.relu(), w.tanh(), w.dense(2), w.sigmoid()),
      7,
    );
  });

  test("of graphs, too: branches, skipped connections, names", async () => {
    const model = await w.sequential(
      { input: 4, seed: 2 },
      w.dense(4, { name: "first" }),
      w.residual(w.relu(), w.dense(4), w.sigmoid()),
      w.concat([[w.dense(3), w.relu()], w.from("first", w.tanh())]),
      w.relu(),
      w.dense(2),
    );
    await expectTraced(model, 6);
  });

  test("of a convolution network: LeNet's feature maps", async () => {
    for (const options of [{}, { activation: "relu", pooling: "max" } as const]) {
      const { input, layers } = lenet5(options);
      const model = await w.sequential({ input, seed: 3 }, ...layers);
      await expectTraced(model, 3);
      const { a1, a2 } = w.activations(model, xFor(model, 2), ["a1", "a2"]);
      expect([a1!.length, a2!.length]).toEqual([2 * 28 * 28 * 6, 2 * 10 * 10 * 16]);
    }
  });

  test("of sequences, normalisation without statistics, several inputs", async () => {
    await expectTraced(await w.sequential({ input: [5, 3], seed: 1 }, w.lstm(4), w.layerNorm(), w.dense(2)), 4);
    const inputs = w.inputs({ left: 2, right: 3 });
    await expectTraced(
      await w.sequential(
        { input: inputs, seed: 1 },
        w.concat([w.from("left", w.dense(2), w.relu()), w.from("right")]),
        w.dense(1),
      ),
      4,
    );
  });

  test("are those of prediction: running statistics, no dropout, and a second call gives the same", async () => {
    const model = await w.sequential(
      { input: 3, seed: 5 },
      w.dense(6),
      w.batchNorm(),
      w.relu(),
      w.dropout(0.5),
      w.dense(2),
    );
    const trainer = new w.Trainer(model, mse);
    const [x, y] = [normal(60, { seed: 1 }), normal(40, { seed: 2 })];
    for (let i = 0; i < 5; i++) trainer.step(x, y);
    const before = model.fingerprint();
    const all = w.activations(model, x);
    expect(Object.keys(all)).toEqual(["Z1", "Z2", "a2", "Z3"]);
    expectSameBits(all["Z3"]!, model.predict(x), "output");
    const front = await w.sequential({ input: 3 }, w.cut(model, "batchNorm1"));
    expectSameBits(all["Z2"]!, front.predict(x), "up to batchNorm");
    expect(w.activations(model, x)).toEqual(all);
    expectSameBits(w.activations(model, x, ["dropout1"])["dropout1"]!, all["a2"]!, "what dropout passes on");
    expect(model.fingerprint()).toBe(before);
    expect(model.passes).toBe(5);
  });

  test("of more rows than a pass has are those of each row alone, whatever the rows' size", async () => {
    const small = await mlp();
    const x = xFor(small, 700);
    const all = w.activations(small, x);
    for (const row of [0, 255, 256, 511, 512, 699]) {
      const alone = w.activations(small, x.slice(2 * row, 2 * row + 2));
      for (const [name, values] of Object.entries(all)) {
        const size = values.length / 700;
        expectSameBits(values.slice(row * size, (row + 1) * size), alone[name]!, `${name} of row ${row}`);
      }
    }
    // a row's values fill a megabyte: passes have few rows
    const large = await w.sequential({ input: 2, seed: 1 }, w.dense(100_000), w.relu(), w.dense(1));
    const few = xFor(large, 20);
    const { a1, Z2 } = w.activations(large, few, ["a1", "Z2"]);
    expectSameBits(Z2!, large.predict(few), "output");
    expectSameBits(a1!.slice(-100_000), w.activations(large, few.slice(-2), ["a1"])["a1"]!, "the last row");
  });

  test("of bytes, arrays and samples are scaled as predict's", async () => {
    const model = await mlp();
    const bytes = w.samples(Uint8Array.from(wholes(12, { seed: 1, below: 256 })), 2, { scale: 1 / 255 });
    expectSameBits(w.activations(model, bytes)["Z4"]!, model.predict(bytes), "bytes");
    expectSameBits(w.activations(model, [[1, 2]])["Z4"]!, model.predict([[1, 2]]), "arrays");
  });

  test("are the same on two threads", async () => {
    const layers = (): w.Layer[] => [w.dense(1200), w.relu(), w.dense(900), w.tanh(), w.dense(3)];
    const [one, two] = [
      await w.sequential({ input: 64, seed: 1 }, ...layers()),
      await w.sequential({ input: 64, seed: 1, threads: 2 }, ...layers()),
    ];
    expect(w.backend(two).threads).toBe(2);
    const x = xFor(one, 300);
    const [a, b] = [w.activations(one, x), w.activations(two, x)];
    for (const name of Object.keys(a)) expectSameBits(a[name]!, b[name]!, name);
    await new w.Trainer(two, mse).fit({ x, y: normal(900, { seed: 1 }) }, { epochs: 1, batchSize: 300 });
    expectSameBits(w.activations(two, x, ["Z3"])["Z3"]!, two.predict(x), "after fit");
  });
});

describe("names", () => {
  test("are the book's and the layers', in any order; those that are asked for are the keys", async () => {
    const model = await w.sequential(
      { input: [2, 3], seed: 1 },
      w.flatten(),
      w.dense(4, { name: "hidden" }),
      w.relu(),
      w.reshape([2, 2]),
      w.dense(1),
    );
    const x = xFor(model, 3);
    const all = w.activations(model, x);
    expect(Object.keys(all)).toEqual(["Z1", "a1", "Z2"]);
    const some = w.activations(model, x, ["dense2", "a1", "hidden", "Z1", "relu1", "reshape1", "flatten1", "a1"]);
    expect(Object.keys(some)).toEqual(["dense2", "a1", "hidden", "Z1", "relu1", "reshape1", "flatten1"]);
    expect(some["hidden"]).toEqual(all["Z1"]);
    expect(some["hidden"]).not.toBe(some["Z1"]);
    for (const name of ["a1", "relu1", "reshape1"]) expect(some[name]).toEqual(all["a1"]);
    expect(some["dense2"]).toEqual(all["Z2"]);
    expect(some["flatten1"]).toEqual(x);
  });

  test("of the book come first where a layer is called as another value", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.relu(), w.tanh({ name: "Z1" }), w.dense(1));
    const x = xFor(model, 2);
    const { Z1, dense1, a1 } = w.activations(model, x, ["Z1", "dense1", "a1"]);
    expect(Z1).toEqual(dense1);
    expect(a1).toEqual(Z1!.map((z) => Math.max(z, 0)));
    expect(w.activations(model, x)["Z1"]).toEqual(Z1);
  });

  test("a model that computes nothing gives what it passes on", async () => {
    const model = await w.sequential({ input: 4 }, w.reshape([2, 2]), w.dropout(0.5));
    expect(w.activations(model, [1, 2, 3, 4])).toEqual({
      reshape1: Float32Array.of(1, 2, 3, 4),
      dropout1: Float32Array.of(1, 2, 3, 4),
    });
  });
});

describe("a page's loop", () => {
  test("sees the weights of now, between steps and within a fit", async () => {
    const model = await mlp();
    const trainer = new w.Trainer(model, mse);
    const grid = xFor(model, 300);
    const [x, y] = [xFor(model, 40), normal(40, { seed: 9 })];
    let last = w.activations(model, grid, ["a3"])["a3"]!;
    for (let i = 0; i < 3; i++) {
      trainer.step(x, y);
      const now = w.activations(model, grid);
      expectSameBits(now["Z4"]!, model.predict(grid), `after step ${i}`);
      expect(now["a3"]).not.toEqual(last);
      last = now["a3"]!;
    }
    const seen: Float32Array[] = [];
    await trainer.fit(
      { x, y },
      { epochs: 3, callbacks: [{ onEpochEnd: () => void seen.push(w.activations(model, grid, ["Z4"])["Z4"]!) }] },
    );
    expect(new Set(seen.map(String)).size).toBe(3);
    expectSameBits(seen[2]!, model.predict(grid), "after fit");
  });

  test("changes nothing of a training that goes on", async () => {
    const [looked, calm] = [await mlp(), await mlp()];
    const [x, y] = [xFor(looked, 40), normal(40, { seed: 9 })];
    const look = { onEpochEnd: (): void => void w.activations(looked, x) };
    await new w.Trainer(looked, mse).fit({ x, y }, { epochs: 5, callbacks: [look] });
    await new w.Trainer(calm, mse).fit({ x, y }, { epochs: 5 });
    expect(looked.fingerprint()).toBe(calm.fingerprint());
  });

  test("takes memory once, and gives it back with the model", async () => {
    const { core } = await mlp();
    let model: w.Model | undefined = await mlp({ core });
    const x = xFor(model, 4096);
    w.activations(model, x.slice(0, 20)); // a plan of ten rows, which the next call's takes the place of
    w.activations(model, x);
    const { used } = core.arena;
    for (let i = 0; i < 50; i++) {
      w.activations(model, x, i % 2 ? ["a1"] : ["a2", "Z4"]);
      w.activations(model, x.slice(0, 20));
    }
    expect(core.arena.used).toBe(used);
    const dropped = new WeakRef(model);
    model = undefined;
    await collect();
    expect(dropped.deref()).toBeUndefined();
    expect(core.arena.used).toBeLessThan(used - 100_000);
  });

  test("writes into arrays that are there", async () => {
    const model = await mlp();
    const x = xFor(model, 300);
    const first = w.activations(model, x, ["a1", "Z4"]);
    const copy = { a1: first["a1"]!.slice(), Z4: first["Z4"]!.slice() };
    first["a1"]!.fill(9);
    const second = w.activations(model, x, ["a1", "Z4", "a2"], { into: first });
    expect(second["a1"]).toBe(first["a1"]);
    expect(second["Z4"]).toBe(first["Z4"]);
    expect(second).toMatchObject(copy);
    expect(second["a2"]!.length).toBe(2400);
  });
});

describe("refused", () => {
  const words = async (call: (model: w.Model) => unknown, kind: typeof Error, message: string | RegExp) => {
    const model = await mlp();
    w.activations(model, [1, 2]);
    const { used } = model.core.arena;
    await expectRefusal(() => call(model), kind as never, message);
    expect(model.core.arena.used).toBe(used);
    expectSameBits(w.activations(model, [1, 2])["Z4"]!, model.predict([1, 2]), "it goes on");
  };
  const wrong = <T>(value: unknown): T => value as T;
  const all = "Z1, a1, Z2, a2, Z3, a3, Z4, dense1, tanh1, dense2, tanh2, dense3, tanh3, dense4";

  test.each<[(model: w.Model) => unknown, typeof Error, string | RegExp]>([
    [
      (m) => w.activations(m, [1, 2], ["z1"]),
      RangeError,
      `activations: unknown value "z1"; did you mean "Z1"? Known: ${all}`,
    ],
    [(m) => w.activations(m, [1, 2], ["dW1"]), RangeError, /^activations: unknown value "dW1"/],
    [(m) => w.activations(m, [1, 2], []), RangeError, "activations: names is empty; leave it out for all values"],
    [
      (m) => w.activations(m, [1, 2], wrong("a1")),
      TypeError,
      'activations: names must be an array of strings, got the string "a1"; give ["a1"]',
    ],
    [
      (m) => w.activations(m, [1, 2], wrong([1])),
      TypeError,
      "activations: names must be an array of strings, got an array of 1",
    ],
    [
      (m) => w.activations(wrong(new w.Trainer(m, mse)), [1, 2]),
      TypeError,
      "activations: the first argument must be a model, got an object (Trainer)",
    ],
    [
      (m) => w.activations(m, [1, 2, 3]),
      RangeError,
      "activations: x has 3 numbers, but a row takes 2 (2); the length must be a multiple of it",
    ],
    [
      (m) => w.activations(m, [1, 2], ["a1"], wrong({ inTo: {} })),
      TypeError,
      'activations: unknown option "inTo"; did you mean "into"? Known: into',
    ],
    [
      (m) => w.activations(m, [1, 2], ["a1"], { into: wrong(new Float32Array(8)) }),
      TypeError,
      "activations: into must be an object of Float32Arrays by name, got a Float32Array of 8",
    ],
    [
      (m) => w.activations(m, [1, 2], ["a1", "Z4"], { into: { A1: new Float32Array(8) } }),
      RangeError,
      'activations: into: unknown name "A1"; did you mean "a1"? Known: a1, Z4',
    ],
    [
      (m) => w.activations(m, [1, 2], ["a1"], { into: { a1: wrong([1]) } }),
      TypeError,
      "activations: into.a1 must be a Float32Array, got an array of 1",
    ],
    [
      (m) => w.activations(m, [1, 2], ["a1"], { into: { a1: new Float32Array(7) } }),
      RangeError,
      "activations: into.a1 must have 8 numbers (rows times values: 1 x 8), got 7",
    ],
  ])("%#", (call, kind, message) => words(call, kind, message));

  test("a number that isn't finite, before anything is written", async () => {
    const model = await mlp();
    const x = xFor(model, 600);
    x[1101] = NaN;
    const a1 = new Float32Array(4800).fill(5);
    await expectRefusal(
      () => w.activations(model, x, ["a1"], { into: { a1 } }),
      RangeError,
      "activations: x must hold finite numbers, but row 550, column 1 is NaN",
    );
    expect(a1.every((value) => value === 5)).toBe(true);
  });

  test("what a layer demands of x", async () => {
    const model = await w.sequential({ input: 3 }, w.embedding(10, 2), w.flatten(), w.dense(1));
    await expectRefusal(() => w.activations(model, [1, 2, 10]), RangeError, /^activations: /);
  });

  test("results over x itself", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(2));
    const both = new Float32Array(8);
    await expectRefusal(
      () => w.activations(model, both.subarray(0, 4), ["Z1"], { into: { Z1: both.subarray(2, 6) } }),
      RangeError,
      "activations: into.Z1 and x share memory, so that rows would be overwritten before they are read",
    );
    const two = await w.sequential({ input: 2 }, w.dense(3), w.tanh(), w.dense(1));
    const shared = new Float32Array(9);
    await expectRefusal(
      () => w.activations(two, [[1, 2], [3, 4]], ["a1", "Z1"], { into: { Z1: shared.subarray(0, 6), a1: shared.subarray(3) } }), // prettier-ignore
      RangeError,
      "activations: into.a1 and into.Z1 share memory; give each its own",
    );
    expect(shared).toEqual(new Float32Array(9));
  });
});
