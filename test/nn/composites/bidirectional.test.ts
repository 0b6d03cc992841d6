// bidirectional: the layers inside, what it refuses, and that its gradients are right.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { normal } from "../../support/seeded.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const MAKERS = { simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;
const NAMES = ["simpleRnn", "lstm", "gru"] as const;
const [ROWS, STEPS, FEATURES, UNITS] = [4, 5, 3, 4];

describe("refusals", () => {
  refuses([
    ...([
      [w.dense(3), "an object (dense)"],
      [undefined, "undefined"],
      [w.bidirectional(w.gru(3)), "an object (bidirectional)"],
    ] as const).map(([layer, got]): Refusal => [
      () => w.bidirectional(layer as never),
      TypeError,
      `bidirectional: the layer must be a recurrent layer such as lstm(64), got ${got}`,
    ]),
    [
      () => w.bidirectional(w.gru(3), w.tanh()),
      TypeError,
      "bidirectional: the backward layer must be a recurrent layer such as lstm(64), got an object (tanh)",
    ],
    [
      () => w.bidirectional(w.gru(3), w.gru(3, { returnSequences: true })),
      RangeError,
      "bidirectional: both layers must have the same returnSequences, but one is true and one false",
    ],
    [
      () => w.bidirectional(w.gru(3, { reverse: true })),
      RangeError,
      "bidirectional: the layer must go forward, got one with reverse: true; leave it out, as bidirectional has a second layer " +
        "that goes backward",
    ],
  ]); // prettier-ignore
});

describe.each(NAMES)("%s", (name) => {
  const make = MAKERS[name];

  test.each([true, false])("is a layer on x and one on x reversed, returnSequences %s", async (returnSequences) => {
    const model = await w.sequential({ input: [STEPS, FEATURES] }, w.bidirectional(make(UNITS, { returnSequences })));
    const plain = await w.sequential({ input: [STEPS, FEATURES] }, make(UNITS, { returnSequences }));
    const x = normal(ROWS * STEPS * FEATURES, { seed: 1 });
    const reversed = Float32Array.from(x, (_, i) => {
      const [r, t, f] = [Math.floor(i / (STEPS * FEATURES)), Math.floor(i / FEATURES) % STEPS, i % FEATURES];
      return x[(r * STEPS + STEPS - 1 - t) * FEATURES + f]!;
    });
    const parameters = model.parameters();
    const half = parameters.length / 2;
    const outputs = [x, reversed].map((rows, direction) => {
      plain.parameters().forEach((p, i) => p.set(parameters[direction * half + i]!.get()));
      return plain.predict(rows);
    });
    const times = returnSequences ? STEPS : 1;
    const expected = Array.from({ length: ROWS * times }, (_, i) => {
      const [r, t] = [Math.floor(i / times), i % times];
      const back = r * times + times - 1 - t;
      return [...outputs[0]!.slice(i * UNITS, (i + 1) * UNITS), ...outputs[1]!.slice(back * UNITS, (back + 1) * UNITS)];
    });
    expect([...model.predict(x)]).toEqual(expected.flat());
  });

  test("a backward layer that says reverse: true goes backward, as one that doesn't, and in files", async () => {
    const options = { returnSequences: true, name: "back" };
    const [one, other] = await Promise.all(
      [{}, { reverse: true }].map((way) =>
        w.sequential(
          { input: [STEPS, FEATURES], seed: 2 },
          w.bidirectional(make(UNITS, { returnSequences: true }), make(3, { ...options, ...way })),
        ),
      ),
    );
    const x = normal(ROWS * STEPS * FEATURES, { seed: 1 });
    expect(other!.predict(x)).toEqual(one!.predict(x));
    expect(modelToBytes(other!)).toEqual(modelToBytes(one!));
    expect((await modelFromBytes(modelToBytes(one!))).predict(x)).toEqual(one!.predict(x));
  });

  test("gradients", async () => {
    const model = await w.sequential(
      { input: [STEPS, 2], seed: 3 },
      w.dense(FEATURES),
      w.bidirectional(make(UNITS, { returnSequences: true, biasInitializer: w.uniform() })),
      w.bidirectional(make(2), make(3)),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const { ok, worst } = w.gradCheck(trainer, normal(ROWS * STEPS * 2, { seed: 1 }), normal(ROWS * 5, { seed: 2 }), {
      tolerance: 5e-3,
    });
    expect(worst).toBeLessThan(5e-3);
    expect(ok).toBe(true);
  });

  test("gradients with lengths, and of initial states that are computed", async () => {
    const io = w.inputs({ start: 2, x: [STEPS, FEATURES], lengths: 1 });
    const options = { lengths: "lengths", returnSequences: true, biasInitializer: w.uniform() };
    const model = await w.sequential(
      { input: io, seed: 3 },
      w.dense(UNITS, { name: "first" }),
      w.from(
        "x",
        w.dense(3),
        w.bidirectional(make(UNITS, { ...options, initialState: "first" }), make(3, options)),
        w.dense(2),
      ),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = io.join({
      start: normal(ROWS * 2, { seed: 4 }),
      x: normal(ROWS * STEPS * FEATURES, { seed: 1 }),
      lengths: [1, 5, 3, 4],
    });
    const y = normal(ROWS * STEPS * 2, { seed: 2 });
    const { ok, worst, parameters } = w.gradCheck(trainer, x, y, { tolerance: 5e-3 });
    expect(worst).toBeLessThan(5e-3);
    expect(ok).toBe(true);
    expect(parameters.map((p) => p.parameter)).toContain("first.weight");
    model.forward(x);
    model.backward(y);
    expect(model.parameters()[0]!.gradient()).not.toContain(0);
  });
});

test("names, shapes and parameters", async () => {
  const model = await w.sequential(
    { input: [STEPS, FEATURES] },
    w.bidirectional(w.lstm(4, { name: "both", returnSequences: true })),
    w.bidirectional(w.gru(2), w.simpleRnn(3)),
    w.concat([[], w.from("both", w.globalAvgPool1d())]),
  );
  expect(model.outputShape).toEqual([5 + 8]);
  expect(model.parameters().map((p) => [p.name, p.shape])).toEqual([
    ["both.forward.weightIh", [3, 16]],
    ["both.forward.weightHh", [4, 16]],
    ["both.forward.bias", [16]],
    ["both.backward.weightIh", [3, 16]],
    ["both.backward.weightHh", [4, 16]],
    ["both.backward.bias", [16]],
    ["gru1.weightIh", [8, 6]],
    ["gru1.weightHh", [2, 6]],
    ["gru1.biasIh", [6]],
    ["gru1.biasHh", [6]],
    ["simpleRnn1.weightIh", [8, 3]],
    ["simpleRnn1.weightHh", [3, 3]],
    ["simpleRnn1.bias", [3]],
  ]);
});
