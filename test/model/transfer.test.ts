// Transfer of weights between models: cut and copyWeights.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes, readSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(40 * 6, { seed: 1 });
const labels = (classes: number): Int32Array =>
  Int32Array.from({ length: 40 }, (_, r) => Math.abs(Math.round(2 * x[6 * r]! + x[6 * r + 1]!)) % classes);

/** A model of composites, names given and made up, shared layers, state, and a head; trained for a while. */
async function trained(): Promise<w.Model> {
  const step = w.shared(w.chain(w.dense(6, { useBias: false }), w.tanh()));
  const model = await w.sequential(
    { input: 6, seed: 3 },
    w.dense(6),
    w.residual(w.dense(6), w.relu(), w.dense(6, { name: "mixed" })),
    step,
    w.batchNorm(),
    step,
    w.concat([[w.dense(3), w.relu()], []]),
    w.dense(5),
    w.relu({ name: "features" }),
    w.dropout(0.2),
    w.dense(3),
  );
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }) });
  await trainer.fit({ x, y: labels(3) }, { epochs: 4, batchSize: 8 });
  return model;
}

/** Values by name. */
const valuesOf = (model: w.Model): Map<string, Float32Array> =>
  new Map(model.parameters().map((p) => [p.name, p.get()] as const));

/** What a model's value of a name is: the model up to it, with the same weights, made by hand. */
const upTo = async (model: w.Model, count: number): Promise<w.Model> => {
  const part = await w.sequential({ input: 6, seed: 9 }, ...model.layers.slice(0, count));
  w.copyWeights(model, part);
  return part;
};

describe("cut", () => {
  test("carries weights, running statistics and names; the output has the same bits", async () => {
    const model = await trained();
    const before = model.fingerprint();
    const fresh = await w.sequential({ input: 6, seed: 8 }, w.cut(model, "features"));
    expectSameBits(fresh.predict(x), (await upTo(model, 8)).predict(x));
    const original = valuesOf(model);
    for (const [name, values] of valuesOf(fresh)) expectSameBits(values, original.get(name)!, name);
    expect([...valuesOf(fresh).keys()]).toEqual([...original.keys()].filter((name) => !name.startsWith("dense8")));
    expect([...original.keys()]).toContain("batchNorm1.runningMean");
    expect(model.fingerprint()).toBe(before);
  });

  test("frozen, its bits stay while the head learns another task", async () => {
    const model = await trained();
    const fresh = await w.sequential({ input: 6, seed: 8 }, w.cut(model, "features", { trainable: false }), w.dense(2));
    const names = fresh.parameters().map((p) => p.name);
    expect(fresh.parameters().flatMap((p) => (p.trained ? [p.name] : []))).toEqual(names.slice(-2));
    const before = valuesOf(fresh);
    const features = await w.sequential({ input: 6 }, w.cut(model, "features"));
    const output = features.predict(x);
    const trainer = new w.Trainer(fresh, {
      loss: w.softmaxCrossEntropy(),
      optimizer: w.adam({ learningRate: 0.03 }),
      metrics: [w.accuracy()],
    });
    const data = { x, y: labels(2) };
    const first = await trainer.evaluate(data);
    await trainer.fit(data, { epochs: 30, batchSize: 8 });
    const last = await trainer.evaluate(data);
    expect(last["loss"]!).toBeLessThan(0.9 * first["loss"]!);
    const after = valuesOf(fresh);
    for (const name of names.slice(0, -2)) expectSameBits(after.get(name)!, before.get(name)!, name);
    expect(after.get(names.at(-1)!)).not.toEqual(before.get(names.at(-1)!));
    expectSameBits((await w.sequential({ input: 6 }, w.cut(fresh, "features"))).predict(x), output);
  });

  test("trained on, it changes, and the model that it was cut from doesn't", async () => {
    const model = await trained();
    const before = model.fingerprint();
    const fresh = await w.sequential({ input: 6 }, w.cut(model, "features"), w.dense(2));
    const weights = valuesOf(fresh);
    await new w.Trainer(fresh, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() }).fit({ x, y: labels(2) });
    for (const [name, values] of valuesOf(fresh)) expect(values, name).not.toEqual(weights.get(name));
    expect(model.fingerprint()).toBe(before);
  });

  test("names that were made up and names of composites serve, too", async () => {
    const model = await trained();
    for (const [name, count] of [
      ["dense1", 1],
      ["mixed", 2],
      ["add1", 2],
      ["tanh1", 3],
      ["batchNorm1", 4],
      ["tanh2", 5],
      ["join1", 6],
      ["dropout1", 9],
    ] as const) {
      const fresh = await w.sequential({ input: 6 }, w.cut(model, name));
      expectSameBits(fresh.predict(x), (await upTo(model, count)).predict(x), name);
    }
  });

  test("made-up names are kept whatever else is in the new model", async () => {
    const model = await w.sequential({ input: 6, seed: 2 }, w.dense(4), w.relu(), w.dense(4));
    const fresh = await w.sequential({ input: 6 }, w.dense(6), w.tanh(), w.cut(model, "relu1"), w.dense(2));
    expect(fresh.parameters().map((p) => p.name)).toEqual([
      "dense2.weight",
      "dense2.bias",
      "dense1.weight",
      "dense1.bias",
      "dense3.weight",
      "dense3.bias",
    ]);
    expectSameBits(valuesOf(fresh).get("dense1.weight")!, valuesOf(model).get("dense1.weight")!);
    // a second model whose names are the same can't stand next to it
    await expectRefusal(
      () => w.sequential({ input: 6 }, w.dense(6, { name: "dense1" }), w.cut(model, "relu1")),
      RangeError,
      'sequential: two layers are called "dense1"; names must differ',
    );
  });

  test("of a model with several inputs, and of what was cut already", async () => {
    const given = w.inputs({ a: 4, b: 2 });
    const model = await w.sequential(
      { input: given, seed: 4 },
      w.concat([[w.dense(3)], w.from("b", w.dense(3))]),
      w.tanh(),
      w.dense(1),
    );
    const rows = given.join({ a: normal(12, { seed: 2 }), b: normal(6, { seed: 3 }) });
    const once = await w.sequential({ input: given, seed: 5 }, w.cut(model, "tanh1"), w.dense(2));
    const twice = await w.sequential({ input: given, seed: 6 }, w.cut(once, "tanh1"));
    const dense = await w.sequential({ input: 6, seed: 7 }, w.dense(1, { name: "dense3" }));
    w.copyWeights(model, dense);
    expectSameBits(dense.predict(twice.predict(rows)), model.predict(rows));
  });

  test("through a file", async () => {
    const model = await trained();
    const fresh = await w.sequential({ input: 6, seed: 8 }, w.cut(model, "features", { trainable: false }), w.dense(2));
    const again = await modelFromBytes(modelToBytes(fresh));
    expect(again.fingerprint()).toBe(fresh.fingerprint());
    expectSameBits(again.predict(x), fresh.predict(x));
    expect(again.parameters().map((p) => [p.name, p.trained])).toEqual(
      fresh.parameters().map((p) => [p.name, p.trained]),
    );
    expect(modelToBytes(again)).toEqual(modelToBytes(fresh));
    // and a model that was read can be cut
    const head = await w.sequential({ input: 6 }, w.cut(await modelFromBytes(modelToBytes(model)), "features"));
    expectSameBits(head.predict(x), (await w.sequential({ input: 6 }, w.cut(model, "features"))).predict(x));
  });

  describe("trainable", () => {
    /** Frozen in every way there is: by option, around layers and composites, nested, shared. */
    async function frozenModel(): Promise<w.Model> {
      const step = w.shared(w.frozen(w.chain(w.dense(4, { trainable: false }), w.tanh())));
      const first = await w.sequential(
        { input: [3, 4], seed: 1 },
        w.timeDistributed(w.frozen(w.dense(4)), w.batchNorm({ trainable: false })),
        w.bidirectional(w.gru(2, { returnSequences: true, trainable: false })),
        w.frozen(w.residual(w.frozen(w.dense(4)), w.prelu({ trainable: false }))),
        w.concat([[w.frozen(w.dense(2))], [w.frozen(w.chain(w.dense(2), w.residual(w.dense(2))))]]),
        step,
        step,
        w.relu({ name: "features" }),
      );
      // and once more by a cut
      return w.sequential({ input: [3, 4], seed: 2 }, w.cut(first, "features", { trainable: false }), w.flatten(), w.dense(2)); // prettier-ignore
    }
    const rows = normal(20 * 12, { seed: 5 });
    const two = Int32Array.from({ length: 20 }, (_, r) => Number(rows[12 * r]! > 0));
    const isState = (name: string): boolean => name.includes("running");

    test("true trains everything, false nothing, and without it all is as it was", async () => {
      const tuned = await frozenModel();
      const carried = tuned.parameters().map((p) => p.name).slice(0, -2); // prettier-ignore
      expect(tuned.parameters().filter((p) => p.trained).length).toBe(2);
      const trainedOf = async (layer: w.Layer): Promise<string[]> => {
        const model = await w.sequential({ input: [3, 4] }, layer);
        expect(model.parameters().map((p) => p.name)).toEqual(carried);
        expectSameBits(
          model.predict(rows),
          (await w.sequential({ input: [3, 4] }, w.cut(tuned, "features"))).predict(rows),
        );
        return model.parameters().flatMap((p) => (p.trained ? [p.name] : []));
      };
      expect(await trainedOf(w.cut(tuned, "features", { trainable: true }))).toEqual(
        carried.filter((n) => !isState(n)),
      );
      expect(await trainedOf(w.cut(tuned, "features", { trainable: false }))).toEqual([]);
      expect(await trainedOf(w.cut(tuned, "features"))).toEqual([]);
    });

    test("what was unfrozen learns, its statistics move, and a file keeps it so", async () => {
      const tuned = await frozenModel();
      const before = tuned.fingerprint();
      const start = w.cut(tuned, "features", { trainable: true });
      const free = await w.sequential({ input: [3, 4], seed: 3 }, start, w.flatten(), w.dense(2));
      const values = valuesOf(free);
      await new w.Trainer(free, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() }).fit({ x: rows, y: two });
      for (const [name, now] of valuesOf(free)) expect(now, name).not.toEqual(values.get(name));
      expect(tuned.fingerprint()).toBe(before);
      const again = await modelFromBytes(modelToBytes(free));
      expect(again.parameters().map((p) => p.trained)).toEqual(free.parameters().map((p) => p.trained));
      // and can be frozen again
      const back = await w.sequential({ input: [3, 4] }, w.cut(free, "features", { trainable: false }));
      expect(back.parameters().some((p) => p.trained)).toBe(false);
    });

    test("true asks what training asks: a batch norm of one value a channel", async () => {
      const first = await w.sequential({ input: 3 }, w.dense(2), w.batchNorm({ trainable: false, name: "norm" }));
      const free = await w.sequential({ input: 3 }, w.cut(first, "norm", { trainable: true }));
      const trainer = new w.Trainer(free, { loss: w.meanSquaredError(), optimizer: w.sgd() });
      expect(() => trainer.step([1, 2, 3], [1, 2])).toThrow("needs two values or more of every channel");
    });
  });

  const small = (): Promise<w.Model> =>
    w.sequential({ input: 6 }, w.dense(4), w.relu(), w.residual(w.dense(4, { name: "inside" }), w.tanh()), w.dense(2));
  const behind = "a model can be cut behind dense1, relu1, tanh1, add1, inside, dense3";
  refuses([
    [async () => w.cut(await small(), "head"), RangeError, `cut: no layer is called "head"; ${behind}`],
    [
      () => w.cut(w.dense(3) as never, "x"),
      TypeError,
      "cut: the first argument must be a model, got an object (dense)",
    ],
    [
      async () => w.cut(await small(), 2 as never),
      TypeError,
      "cut: the second argument must be a layer's name, got number 2",
    ],
    [
      async () => w.cut(await small(), "relu1", { frozen: true } as never),
      TypeError,
      'cut: unknown option "frozen". Known: from, trainable, share',
    ],
    [
      async () => w.cut(await small(), "relu1", { trainable: 0 as never }),
      TypeError,
      "cut: trainable must be true or false, got number 0",
    ],
    [
      async () => w.sequential({ input: 7 }, w.cut(await small(), "relu1")),
      RangeError,
      "cut: dense1.weight was 6x4 in the model that was cut, but here it would be 7x4; the input must be like that model's",
    ],
  ]);
});

describe("copyWeights", () => {
  const from = (): Promise<w.Model> =>
    w.sequential({ input: 6, seed: 1 }, w.dense(4), w.batchNorm(), w.dense(3, { name: "head" }));
  const to = (): Promise<w.Model> =>
    w.sequential({ input: 6, seed: 2 }, w.dense(4), w.batchNorm(), w.tanh(), w.dense(2, { name: "head" }));
  const FITTING = ["dense1.weight", "dense1.bias", "batchNorm1.gamma", "batchNorm1.beta"];
  const ALL = [...FITTING, "batchNorm1.runningMean", "batchNorm1.runningVariance"];

  test("copies what has the same name and shape, from a model and from a file", async () => {
    const source = await from();
    source.parameters().forEach((p, i) => p.set(normal(p.size, { seed: 20 + i })));
    for (const given of [source, readSafetensors(modelToBytes(source))]) {
      const target = await to();
      const head = target.parameters().find((p) => p.name === "head.weight")!;
      const before = head.get();
      expect(w.copyWeights(given, target)).toEqual(ALL);
      const values = valuesOf(source);
      for (const p of target.parameters())
        if (ALL.includes(p.name)) expectSameBits(p.get(), values.get(p.name)!, p.name);
      expectSameBits(head.get(), before);
    }
  });

  refuses([
    [
      async () =>
        w.copyWeights(
          await w.sequential({ input: 2 }, w.dense(4)),
          await w.sequential({ input: 3 }, w.dense(2, { useBias: false })),
        ),
      RangeError,
      "copyWeights: no parameter has the same name and shape in both; the source has dense1.weight 2x4, dense1.bias 4, " +
        "the target dense1.weight 3x2; give layers the same `name`",
    ],
    [
      async () => w.copyWeights(await w.sequential({ input: 2 }, w.relu()), await to()),
      RangeError,
      /^copyWeights: no parameter .*; the source has nothing, the target dense1\.weight 6x4, /,
    ],
    [
      async () => w.copyWeights(new Map() as never, await to()),
      TypeError,
      "copyWeights: the first argument must be a model or what readSafetensors gives, got an object (Map)",
    ],
    [
      async () => w.copyWeights(await from(), null as never),
      TypeError,
      "copyWeights: the second argument must be a model, got null",
    ],
  ]);
});
