// States of recurrent layers as values: out of one layer, into another, through a shared one at each time.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectEqualPlans } from "../../support/plans.ts";
import { refuses } from "../../support/refusals.ts";
import { expectClose } from "../../support/golden.ts";
import { normal } from "../../support/seeded.ts";

/** Numbers that a line of Python makes, too. */
const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) => (((k * 37 + seed * 11) % 23) - 11) / 20);

const MAKERS = { simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;
const NAMES = ["simpleRnn", "lstm", "gru"] as const;

/** An encoder, and a cell that is used twice, each time with the states that the time before ended with. */
const translator = (): Promise<w.Model> => {
  const cell = w.shared(w.lstm(3, { name: "decoder" }));
  return w.sequential(
    { input: w.inputs({ text: [3, 2], first: [1, 2], second: [1, 2] }), seed: 2 },
    w.lstm(3, { name: "encoder", finalState: "h0", finalCell: "c0" }),
    w.from("first", w.withState(cell, { initialState: "h0", initialCell: "c0", finalState: "h1", finalCell: "c1" })),
    w.from("second", w.withState(cell, { initialState: "h1", initialCell: "c1" })),
    w.concat([[], w.from("h1"), w.from("c1"), w.from("c0")]),
  );
};

test("an encoder and an unrolled decoder: PyTorch's values and gradients", async () => {
  const model = await translator();
  const parameters = model.parameters();
  expect(parameters.map(({ name }) => name)).toEqual(
    ["encoder", "decoder"].flatMap((name) => ["weightIh", "weightHh", "bias"].map((part) => `${name}.${part}`)),
  );
  parameters.forEach((parameter, i) => parameter.set(numbers(parameter.size, i < 3 ? 1 + i : 2 + i)));
  const x = numbers(20, 9);
  const y = model.forward(x);
  const dx = model.backward(numbers(24, 4));
  const gradient = (name: string): Float32Array => parameters.find((p) => p.name === name)!.gradient();
  // torch._VF.lstm_cell in float64, torch 1.13.1
  // prettier-ignore
  const expected = {
    y: [-0.1535403, 0.1790867, -0.1497582, -0.2352834, 0.1575917, -0.1335287, -0.3811101, 0.3604675, -0.420056, -0.323028, 0.254885, -0.3175591, -0.1387602, 0.1816557, -0.1243259, -0.1190073, 0.1387463, -0.1376174, -0.2310013, 0.3099797, -0.3146644, -0.3161869, 0.3313259, -0.3622081],
    dx: [-0.0689399, 0.07379618, -0.05747052, 0.1020282, -0.09956835, 0.1670752, -0.1019155, -0.1213331, -0.04957658, -0.001386942, -0.0189028, 0.008091586, -0.03668701, 0.01602416, -0.0537168, 0.03054059, 0.07699764, 0.04166391, 0.05482555, 0.06697177],
    encoder: [-0.01466062, -0.02872202, -0.01917973, -0.00834248, -0.009415578, -0.01369841, 0.03899784, -0.05592494, 0.1114711, 0.0007307174, 0.0039279, 0.0004534574, 0.01189563, 0.04139179, 0.01335205, 0.005518069, 0.003468417, 0.0054114, -0.03537933, 0.03684309, -0.08634745, 0.004189834, 0.001284416, -0.003827106],
    decoder: [-0.02369901, -0.0234313, -0.05043902, -0.003683148, -0.02234476, -0.04801607, 0.001772248, -0.1861363, 0.2642448, -0.01973223, -0.01949459, -0.04419566, -0.007356835, 0.004463685, 0.006632412, -0.00871928, 0.007163248, 0.0124683, 0.027637, 0.05413765, -0.06713813, -0.0001371622, 0.02014166, 0.01186079],
    bias: [-0.06716791, -0.009711409, -0.0021326, -0.05020147, 0.007019672, 0.0321301, 0.1829891, 0.04042017, -0.1728369, -0.009725622, 0.04941269, 0.006869059],
  };
  const tolerance = { rtol: 2e-5, atol: 1e-6 };
  expectClose("y", y, expected.y, tolerance);
  expectClose("dx", dx, expected.dx, tolerance);
  expectClose("the encoder's weights", gradient("encoder.weightIh"), expected.encoder, tolerance);
  expectClose("the decoder's weights", gradient("decoder.weightIh"), expected.decoder, tolerance);
  expectClose("the decoder's bias", gradient("decoder.bias"), expected.bias, tolerance);
});

test("the same bits in every plan, and from a file", async () => {
  const model = await translator();
  const x = normal(5 * 10, { seed: 3 });
  await expectEqualPlans(model, { rows: 5, x });
  const again = await modelFromBytes(modelToBytes(model));
  expect(again.predict(x)).toEqual(model.predict(x));
  expect(modelToBytes(again)).toEqual(modelToBytes(model));
});

describe.each(NAMES)("%s", (name) => {
  const lstm = name === "lstm";
  const finals = { finalState: "h", ...(lstm && { finalCell: "c" }) };
  const given = w.inputs({ x: [4, 3], lengths: 1 });
  const x = given.join({ x: normal(36, { seed: 1 }), lengths: [2, 4, 1] });

  test.each([
    [true, false],
    [true, true],
    [false, false],
    [false, true],
  ])("returnSequences %s, reverse %s: the last state is that of the last step", async (returnSequences, reverse) => {
    const options = { returnSequences, reverse, lengths: "lengths", name: "cell" };
    const flat = returnSequences ? [w.flatten()] : [];
    const plain = await w.sequential({ input: given, seed: 3 }, MAKERS[name](5, options), ...flat);
    const last = await w.sequential({ input: given, seed: 3 }, MAKERS[name](5, { ...options, returnSequences: false }));
    const both = await w.sequential(
      { input: given, seed: 3 },
      MAKERS[name](5, { ...options, ...finals }),
      w.concat([[w.from("cell"), ...flat], w.from("h"), ...(lstm ? [w.from("c")] : [])]),
    );
    const [y, h, all] = [plain, last, both].map((model) => model.predict(x));
    const width = all!.length / 3;
    const [n, m] = [y!.length / 3, h!.length / 3];
    for (let r = 0; r < 3; r++) {
      expect(all!.slice(r * width, r * width + n)).toEqual(y!.slice(r * n, (r + 1) * n));
      expect(all!.slice(r * width + n, r * width + n + m)).toEqual(h!.slice(r * m, (r + 1) * m));
    }
    await expectEqualPlans(both, { rows: 3, x });
    const again = await modelFromBytes(modelToBytes(both));
    expect(again.predict(x)).toEqual(all);
    expect(again.parameters().map((p) => p.name)).toEqual(plain.parameters().map((p) => p.name));
  });

  test("gradients agree with differences of the loss", async () => {
    const cell = w.shared(MAKERS[name](4, { returnSequences: true }));
    const states = lstm ? { initialCell: "c" } : {};
    const model = await w.sequential(
      { input: [3, 2], seed: 5 },
      w.dense(2, { name: "x" }),
      MAKERS[name](4, finals),
      w.concat([
        w.from("x", w.withState(cell, { initialState: "h", ...states, finalState: "h2" })),
        w.from("x", w.withState(cell, { initialState: "h2" })),
      ]),
      w.flatten(),
      w.dense(2),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const result = w.gradCheck(trainer, normal(12, { seed: 1 }), normal(4, { seed: 2 }));
    expect(result.ok, String(result)).toBe(true);
  });

  test("both directions have states of their own", async () => {
    const model = await w.sequential(
      { input: [4, 3], seed: 1 },
      w.bidirectional(MAKERS[name](5, { finalState: "forth" }), MAKERS[name](5, { finalState: "back" })),
      w.concat([[], w.from("forth"), w.from("back")]),
    );
    const y = model.predict(normal(12, { seed: 1 }));
    expect(y.slice(10)).toEqual(y.slice(0, 10));
  });
});

test("frozen, and written and read again: the states are there, the weights stay", async () => {
  const model = await w.sequential(
    { input: [4, 3], seed: 1 },
    w.frozen(w.lstm(5, { finalCell: "c" })),
    w.concat([[], w.from("c")]),
    w.dense(1),
  );
  expect(model.parameters().map((p) => p.trained)).toEqual([false, false, false, true, true]);
  const again = await modelFromBytes(modelToBytes(model));
  expect(again.parameters().map((p) => p.trained)).toEqual([false, false, false, true, true]);
  const trainer = new w.Trainer(again, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  trainer.step(normal(12, { seed: 1 }), [1]);
  expect(again.parameters()[1]!.get()).toEqual(model.parameters()[1]!.get());
  expect(again.parameters()[3]!.get()).not.toEqual(model.parameters()[3]!.get());
});

describe("refused", () => {
  const cell = w.lstm(3);
  const input = [4, 2];
  refuses([
    [
      () => w.withState(w.dense(3), { initialState: "h" }),
      TypeError,
      "withState: the first argument must be a recurrent layer such as lstm(64), got an object (dense)",
    ],
    [
      () => w.withState(cell, { initialState: 3 as never }),
      TypeError,
      "withState: initialState must be the name of another value, got number 3",
    ],
    [
      () => w.withState(cell, { finalCell: "" }),
      TypeError,
      'withState: finalCell must be a name for it, got the string ""',
    ],
    [() => w.withState(w.gru(3), { finalCell: "c" } as never), TypeError, /^withState: unknown option "finalCell"/],
    [
      () => w.withState(w.lstm(3, { finalState: "h" }), {}),
      RangeError,
      "withState: the layer must leave its states to withState, but it has finalState; leave that out",
    ],
    [
      () => w.withState(w.lstm(3, { stateful: true }), {}),
      RangeError,
      "withState: the layer must leave its states to withState, but it has stateful; leave that out",
    ],
    [
      () => w.sequential({ input }, w.withState(cell, { initialState: "h" })),
      RangeError,
      'lstm (layer 1): no input and no layer before it is called "h"; none has a name; inputs({ ... }) gives them names',
    ],
    [
      () => w.sequential({ input }, w.lstm(3, { finalCell: "c" }), w.dense(1)),
      RangeError,
      'sequential: nothing uses the output of finalState (layer 3, "c"); leave it out',
    ],
    [
      () => w.sequential({ input }, w.lstm(3, { finalState: "h", name: "h" }), w.dense(1)),
      RangeError,
      'sequential: two layers are called "h"; names must differ',
    ],
    [() => w.lstm(3, { finalState: 1 as never }), TypeError, "lstm: finalState must be a name for it, got number 1"],
    [() => w.gru(3, { finalCell: "c" } as never), TypeError, /^gru: unknown option "finalCell"/],
  ]);
});
