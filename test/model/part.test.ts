// Parts of a model: from a value in the middle, and values inside of composites.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const ROWS = 5;

/** A model with composites of each kind, one within another. */
const made = (): Promise<w.Model> =>
  w.sequential(
    { input: [3, 4], seed: 3 },
    w.timeDistributed(w.dense(4, { name: "each" }), w.tanh({ name: "bent" }), w.dense(4)),
    w.bidirectional(w.lstm(2, { returnSequences: true, name: "both" })),
    w.residual(w.dense(4, { name: "inside" }), w.relu({ name: "rest" }), w.dense(4, { name: "mixed" })),
    w.flatten({ name: "code" }),
    w.chain(w.dense(6, { name: "wide" }), w.tanh(), w.residual(w.dense(6, { name: "deep" }), w.tanh())),
    w.concat([
      [w.dense(3, { name: "left" }), w.relu({ name: "left end" })],
      w.frozen(w.chain(w.dense(2, { name: "right" }), w.tanh({ name: "right end" }))),
    ]),
    w.dense(3, { name: "last" }),
  );

const x = normal(ROWS * 12, { seed: 1 });

/** What a model has for x under a name. */
const valueOf = (model: w.Model, name: string): Float32Array => w.activations(model, x, [name])[name]!;

describe("cut: values inside of composites", () => {
  test.each([
    "each",
    "bent",
    "both.forward",
    "both.backward",
    "inside",
    "rest",
    "wide",
    "deep",
    "left",
    "left end",
    "right",
    "right end",
  ])("%s is what it is in the model, also through a file", async (name) => {
    const model = await made();
    const part = await w.sequential({ input: [3, 4], seed: 8 }, w.cut(model, name));
    expectSameBits(part.predict(x), valueOf(model, name));
    const again = await modelFromBytes(modelToBytes(part));
    expectSameBits(again.predict(x), part.predict(x));
    expect(again.fingerprint()).toBe(part.fingerprint());
  });

  test("the last one of a residual is what the residual gives, the last one of a branch what the branch gives", async () => {
    const model = await made();
    const mixed = await w.sequential({ input: [3, 4] }, w.cut(model, "mixed"));
    expectSameBits(mixed.predict(x), valueOf(model, "add1"));
    const right = await w.sequential({ input: [3, 4] }, w.cut(model, "right end"));
    expect(right.outputShape).toEqual([2]);
  });

  test("only what is needed comes along, and what was frozen is", async () => {
    const model = await made();
    const part = await w.sequential({ input: [3, 4] }, w.cut(model, "right"));
    const frozen = part.parameters().flatMap((p) => (p.trained ? [] : [p.name]));
    expect(frozen).toEqual(["right.weight", "right.bias"]);
    expect(part.parameters().some((p) => p.name.startsWith("left"))).toBe(false);
    const free = await w.sequential({ input: [3, 4] }, w.cut(model, "right", { trainable: true }));
    expect(free.parameters().every((p) => p.trained)).toBe(true);
    const held = await w.sequential({ input: [3, 4] }, w.cut(model, "left", { trainable: false }));
    expect(held.parameters().some((p) => p.trained)).toBe(false);
  });

  test("an output of several, and a branch from another input", async () => {
    const ends = w.outputs({
      digit: { shape: 3, loss: w.softmaxCrossEntropy() },
      odd: { shape: 1, loss: w.binaryCrossEntropyWithLogits() },
    });
    const given = w.inputs({ a: 4, b: 2 });
    const layers = ends.layer({ digit: w.dense(3, { name: "digit" }), odd: w.dense(1, { name: "odd" }) });
    const model = await w.sequential(
      { input: given, seed: 4 },
      w.concat([w.dense(3, { name: "first" }), w.from("b", w.dense(3, { name: "second" }))]),
      layers,
    );
    const rows = given.join({ a: normal(20, { seed: 2 }), b: normal(10, { seed: 3 }) });
    const odd = await w.sequential({ input: given }, w.cut(model, "odd"));
    expectSameBits(odd.predict(rows), ends.split(model.predict(rows)).odd);
    const second = await w.sequential({ input: 2 }, w.cut(model, "second", { from: "b" }));
    expectSameBits(second.predict(given.split(rows).b), w.activations(model, rows, ["second"])["second"]!);
  });
});

describe("cut: from", () => {
  test.each([
    ["each", "bent"],
    ["each", "last"],
    ["both", "code"],
    ["inside", "rest"],
    ["code", "last"],
    ["code", "left"],
    ["wide", "last"],
    ["add2", "left end"],
    ["left", "left end"],
    ["right", "right end"],
    ["join2", "last"],
  ])("%s to %s gives what the model does of the same value", async (from, to) => {
    const model = await made();
    const names = model.parameters().map((p) => p.name);
    const input = valueOf(model, from);
    const begin = model.summary().layers.find((layer) => layer.name === from)!;
    const part = await w.sequential({ input: begin.output, seed: 8 }, w.cut(model, to, { from }));
    expectSameBits(part.predict(input), valueOf(model, to));
    for (const { name } of part.parameters()) expect(names).toContain(name);
    expectSameBits((await modelFromBytes(modelToBytes(part))).predict(input), part.predict(input));
  });

  test("an encoder and its decoder are the model", async () => {
    const model = await w.sequential({ input: 6, seed: 1 }, w.dense(2, { name: "code" }), w.tanh(), w.dense(6));
    const rows = normal(18, { seed: 2 });
    const encoder = await w.sequential({ input: 6 }, w.cut(model, "code"));
    const decoder = await w.sequential({ input: 2 }, w.cut(model, "dense2", { from: "code" }));
    expectSameBits(decoder.predict(encoder.predict(rows)), model.predict(rows));
    expect(decoder.parameters().map((p) => p.name)).toEqual(["dense2.weight", "dense2.bias"]);
  });

  test("of a shared layer a later use alone has the weights of the first", async () => {
    const step = w.shared(w.dense(4, { name: "step" }));
    const model = await w.sequential({ input: 4, seed: 1 }, step, w.tanh({ name: "bent" }), step, w.relu());
    const rows = normal(8, { seed: 2 });
    const part = await w.sequential({ input: 4 }, w.cut(model, "relu1", { from: "bent" }));
    const bent = w.activations(model, rows, ["bent"])["bent"]!;
    expectSameBits(part.predict(bent), model.predict(rows));
    expect(part.parameters().map((p) => p.name)).toEqual(["step.weight", "step.bias"]);
  });

  const behind = "a part can begin and end behind dense1, relu1, add1, dense3";
  const small = (): Promise<w.Model> =>
    w.sequential(
      { input: 6 },
      w.dense(4),
      w.relu(),
      w.residual(w.dense(4, { name: "inside" }), w.tanh({ name: "bent" })),
      w.dense(2),
    );
  refuses([
    [
      async () => w.cut(await small(), "dense3", { from: "inside" }),
      RangeError,
      `cut: "dense3" is made of several values, not of "inside" alone; ${behind}`,
    ],
    [
      async () => w.cut(await small(), "relu1", { from: "add1" }),
      RangeError,
      `cut: "relu1" isn't made of "add1"; ${behind}`,
    ],
    [
      async () => w.cut(await small(), "inside", { from: "inside" }),
      RangeError,
      `cut: "inside" is where the part begins; ${behind}`,
    ],
    [
      async () => w.cut(await small(), "dense3", { from: "head" }),
      RangeError,
      'cut: no layer is called "head"; a model can be cut behind dense1, relu1, bent, add1, inside, dense3',
    ],
    [
      async () => w.cut(await small(), "dense3", { from: 3 as never }),
      TypeError,
      "cut: from must be a layer's name, got number 3",
    ],
  ]);

  test("refuses what reads a value before the part, and says which", async () => {
    const model = await w.sequential(
      { input: 4 },
      w.dense(4, { name: "first" }),
      w.tanh({ name: "second" }),
      w.concat([w.dense(3), w.from("first", w.dense(2))]),
      w.dense(1),
    );
    await expectRefusal(
      () => w.cut(model, "dense4", { from: "second" }),
      RangeError,
      `cut: "dense4" can't be made by this part alone: from: no input and no layer before it is called "first"; there are dense2; ` +
        "a part can begin and end behind first, second, join1, dense4",
    );
    const last = await w.sequential(
      { input: [3, 2] },
      w.lstm(2, { finalState: "h", returnSequences: true }),
      w.concat([w.flatten(), w.from("h")]),
      w.dense(1),
    );
    await expectRefusal(
      () => w.cut(last, "h"),
      RangeError,
      'cut: "h" is inside of lstm; a part can begin and end behind states1, join1, dense1',
    );
  });
});
