// Recurrent layers: what they refuse, how they begin, and networks that have them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectEqualPlans } from "../../support/plans.ts";
import { generator, normal } from "../../support/seeded.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const MAKERS = { simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;
const NAMES = ["simpleRnn", "lstm", "gru"] as const;

describe("options", () => {
  refuses(
    NAMES.flatMap((name): Refusal[] => {
      const make = MAKERS[name];
      const initializer = "must be an initializer such as heNormal(), got";
      return [
        [() => make(0), RangeError, `${name}: units must be a whole number of 1 or more, got 0`],
        [() => make(2.5), RangeError, `${name}: units must be a whole number of 1 or more, got 2.5`],
        [() => make("4" as never), TypeError, `${name}: units must be a whole number of 1 or more, got "4"`],
        [
          () => make(4, { returnSequences: 1 as never }),
          TypeError,
          `${name}: returnSequences must be true or false, got number 1`,
        ],
        [() => make(4, { reverse: 1 as never }), TypeError, `${name}: reverse must be true or false, got number 1`],
        [
          () => make(4, { trainable: "no" as never }),
          TypeError,
          `${name}: trainable must be true or false, got the string "no"`,
        ],
        [
          () => make(4, { lengths: [3, 2] as never }),
          TypeError,
          `${name}: lengths must be the name of another input, got an array of 2`,
        ],
        [
          () => make(4, { initialState: "" }),
          TypeError,
          `${name}: initialState must be the name of another input, got the string ""`,
        ],
        [
          () => make(4, { kernelInitializer: 1 as never }),
          TypeError,
          `${name}: kernelInitializer ${initializer} number 1`,
        ],
        [
          () => make(4, { recurrentInitializer: null as never }),
          TypeError,
          `${name}: recurrentInitializer ${initializer} null`,
        ],
        [
          () => make(4, { biasInitializer: "zeros" as never }),
          TypeError,
          `${name}: biasInitializer ${initializer} the string "zeros"`,
        ],
        [
          () => make(4, { recurrentRegularizer: 0.1 as never }),
          TypeError,
          `${name}: recurrentRegularizer must be a regularizer such as l2(0.01), got number 0.1`,
        ],
        [
          () => make(4, { returnSequence: true } as never),
          TypeError,
          new RegExp(`^${name}: unknown option "returnSequence"; did you mean "returnSequences"\\? Known: units, `),
        ],
        ...([[5], [2, 3, 4]] as const).map((input): Refusal => [
          // prettier-ignore
          () => w.sequential({ input }, make(4)),
          RangeError,
          `${name} (layer 1): the input must be a sequence, [steps, features], got ${input.join("x")}; ` +
            "a recurrent layer before this one needs returnSequences: true, other inputs a reshape([steps, features])",
        ]),
      ];
    }),
  );

  test("a cell of its own has lstm alone", () => {
    expect(w.lstm(4, { initialCell: "c0" }).extras).toEqual({ initialCell: "c0" });
    expect(() => w.gru(4, { initialCell: "c0" } as never)).toThrow(/^gru: unknown option "initialCell"\./);
  });

  test("a gate that is applied after the product or before it has gru alone", () => {
    expect(() => w.gru(4, { resetAfter: "no" as never })).toThrow(
      'gru: resetAfter must be true or false, got the string "no"',
    );
    expect(() => w.lstm(4, { resetAfter: false } as never)).toThrow(/^lstm: unknown option "resetAfter"\./);
    expect(() => w.simpleRnn(4, { resetAfter: false } as never)).toThrow(/^simpleRnn: unknown option "resetAfter"\./);
  });

  test("names of other inputs", () => {
    expect(w.gru(4).extras).toEqual({});
    expect(w.gru(4, { lengths: "n", initialState: "h0" }).extras).toEqual({ lengths: "n", initialState: "h0" });
    const layer = w.lstm(4, { lengths: "n", initialState: "h0", initialCell: "c0" });
    const shapes = { lengths: [1], initialState: [4], initialCell: [4] };
    expect(layer.outputShape([5, 3], "here", shapes)).toEqual([4]);
    expect(() => layer.outputShape([5, 3], "here", { ...shapes, initialCell: [3] })).toThrow(
      'here: the initialCell "c0" must have the shape 4, got 3',
    );
    expect(() => layer.outputShape([5, 3], "here", { ...shapes, lengths: [5] })).toThrow(
      'here: the lengths "n" must have the shape 1, got 5',
    );
  });
});

describe("lengths", () => {
  const io = w.inputs({ x: [3, 2], n: 1 });
  const rows = (n: readonly number[]): Float32Array => io.join({ x: normal(6 * n.length, { seed: 1 }), n: [...n] });

  test.each([
    [[3, 4], 1, 4],
    [[0, 2], 0, 0],
    [[1, 2, 1.5], 2, 1.5],
    [[-1], 0, -1],
  ])("%s of 3 steps are refused", async (n, row, bad) => {
    const model = await w.sequential({ input: io }, w.gru(4, { lengths: "n" }), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = rows(n);
    const text = (caller: string): string =>
      `${caller}: the lengths of gru (layer 3) must be whole numbers from 1 to 3, but x at row ${row}, position 0 is ${bad}`;
    expect(() => model.predict(x)).toThrow(new RangeError(text("predict")));
    expect(() => model.forward(x)).toThrow(new RangeError(text("forward")));
    const y = new Float32Array(n.length);
    expect(() => trainer.step(x, y)).toThrow(new RangeError(text("step")));
    await expect(trainer.fit({ x, y }, { progress: false })).rejects.toThrow(new RangeError(text("fit")));
  });

  test("lengths that a layer computes are refused", async () => {
    const layers = [w.from("n", w.dense(1, { name: "m" })), w.from("x", w.gru(4, { lengths: "m" }))];
    await expect(w.sequential({ input: io }, ...layers)).rejects.toThrow(
      "gru (layer 4): lengths must be an input of the model, not what a layer computes",
    );
  });

  test("states of another size are refused", async () => {
    const given = w.inputs({ x: [3, 2], h: 5 });
    await expect(w.sequential({ input: given }, w.gru(4, { initialState: "h" }))).rejects.toThrow(
      'gru (layer 3): the initialState "h" must have the shape 4, got 5',
    );
  });

  test("a row that ends early gives what it gives in a model of fewer steps", async () => {
    for (const name of NAMES) {
      const model = await w.sequential({ input: io, seed: 2 }, MAKERS[name](4, { lengths: "n" }));
      const short = await w.sequential({ input: [2, 2], seed: 2 }, MAKERS[name](4));
      short.parameters().forEach((p, i) => p.set(model.parameters()[i]!.get()));
      const x = normal(6, { seed: 1 });
      expect(model.predict(io.join({ x, n: [2] }))).toEqual(short.predict(x.slice(0, 4)));
    }
  });
});

test("a layer that isn't trainable stays as it is, and passes its gradient on", async () => {
  for (const name of NAMES) {
    const model = await w.sequential({ input: [3, 2] }, w.dense(2), MAKERS[name](4, { trainable: false }), w.dense(1));
    const before = model.parameters().map((p) => p.get());
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    trainer.step(normal(12, { seed: 1 }), normal(2, { seed: 2 }));
    model.parameters().forEach((p, i) => {
      if (p.name.startsWith(name)) expect(p.get()).toEqual(before[i]);
      else expect(p.get()).not.toEqual(before[i]);
    });
  }
});

describe("parameters", () => {
  test("a gru with the reset before the product has one bias", async () => {
    const model = await w.sequential({ input: [4, 3] }, w.gru(6, { resetAfter: false }));
    expect(model.parameters().map((p) => [p.name, p.shape])).toEqual([
      ["gru1.weightIh", [3, 18]],
      ["gru1.weightHh", [6, 18]],
      ["gru1.bias", [18]],
    ]);
  });

  test.each(NAMES)("%s: weights of the state begin orthogonal, biases at 0", async (name) => {
    const model = await w.sequential({ input: [4, 3], seed: 5 }, MAKERS[name](6));
    const columns = { simpleRnn: 6, lstm: 24, gru: 18 }[name];
    const biases = name === "gru" ? ["biasIh", "biasHh"] : ["bias"];
    const parameters = model.parameters();
    expect(parameters.map((p) => [p.name, p.shape])).toEqual([
      [`${name}1.weightIh`, [3, columns]],
      [`${name}1.weightHh`, [6, columns]],
      ...biases.map((bias) => [`${name}1.${bias}`, [columns]]),
    ]);
    const limit = Math.sqrt(6 / (3 + columns));
    for (const value of parameters[0]!.get()) expect(Math.abs(value)).toBeLessThanOrEqual(limit);
    const u = parameters[1]!.get();
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) {
        let dot = 0;
        for (let j = 0; j < columns; j++) dot += u[a * columns + j]! * u[b * columns + j]!;
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
    for (const bias of parameters.slice(2)) expect(new Set(bias.get())).toEqual(new Set([0]));
  });
});

test.each(NAMES)("%s: a backward pass twice after one forward pass gives the same gradients", async (name) => {
  const model = await w.sequential(
    { input: [5, 3], seed: 5 },
    MAKERS[name](4, { returnSequences: true }),
    MAKERS[name](3),
  );
  const dy = normal(6, { seed: 2 });
  model.forward(normal(30, { seed: 1 }));
  const dx = model.backward(dy);
  const once = model.parameters().map((p) => p.gradient());
  model.zeroGradients();
  expect(model.backward(dy)).toEqual(dx);
  expect(model.parameters().map((p) => p.gradient())).toEqual(once);
});

test.each(NAMES)(
  "%s learns what came three steps ago, and gives the same bits when it is saved and loaded",
  async (name) => {
    const random = generator(3);
    const rows = 64;
    const x = Float32Array.from({ length: rows * 5 }, () => (random() < 0.5 ? -1 : 1));
    const y = Float32Array.from({ length: rows }, (_, r) => x[r * 5 + 1]!);
    const model = await w.sequential({ input: [5, 1], seed: 1 }, MAKERS[name](8), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.02 }) });
    const { loss } = await trainer.fit({ x, y }, { epochs: 100, batchSize: 16, progress: false });
    expect(loss[0]!).toBeGreaterThan(0.5);
    expect(loss.at(-1)!).toBeLessThan(0.02);
    expect((await modelFromBytes(modelToBytes(model))).predict(x)).toEqual(model.predict(x));
  },
);

describe("states and lengths that come from elsewhere", () => {
  for (const [name, make] of Object.entries({ simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru })) {
    for (const returnSequences of [false, true]) {
      test(`${name}, ${returnSequences ? "all steps" : "the last step"}: the same bits in every plan`, async () => {
        const given = w.inputs({ x: [4, 3], start: 5, lengths: 1 });
        const initial = { initialState: "h", ...(name === "lstm" && { initialCell: "c" }) };
        const states = [w.from("start", w.dense(6), w.tanh({ name: "h" }))];
        if (name === "lstm") states.push(w.from("start", w.dense(6), w.tanh({ name: "c" })));
        const model = await w.sequential(
          { input: given, seed: 4 },
          ...states,
          w.from("x", w.dense(3), w.tanh(), make(6, { ...initial, lengths: "lengths", returnSequences })),
          w.tanh(),
          w.dense(2),
        );
        const rows = 3;
        const numbers = { x: normal(rows * 12, { seed: 1 }), start: normal(rows * 5, { seed: 2 }) };
        await expectEqualPlans(model, { rows, x: given.join({ ...numbers, lengths: [2, 4, 1] }) });
      });
    }
  }
});

describe("from the last step to the first", () => {
  const [rows, steps, features, units] = [3, 5, 2, 4];
  const own = [4, 5, 1];
  const given = w.inputs({ x: [steps, features], lengths: 1, start: units });
  const x = normal(rows * steps * features, { seed: 1 });
  const start = normal(rows * units, { seed: 2 });
  /** The steps that count of each row the other way round; those after them stay where they are. */
  const turned = (values: Float32Array, width: number): Float32Array =>
    Float32Array.from(values, (value, i) => {
      const [r, t] = [Math.floor(i / (steps * width)), Math.floor(i / width) % steps];
      return t < own[r]! ? values[(r * steps + own[r]! - 1 - t) * width + (i % width)]! : value;
    });

  for (const name of [...NAMES, "gru with resetAfter: false"] as const) {
    const make = (options: Parameters<typeof w.gru>[1]): w.Layer =>
      name === "gru with resetAfter: false"
        ? w.gru(units, { ...options, resetAfter: false })
        : MAKERS[name](units, options);
    for (const returnSequences of [false, true]) {
      test(`${name}, ${returnSequences ? "all steps" : "the last step"}: as the turned input, each row from its own last step on`, async () => {
        const options = { lengths: "lengths", initialState: "start", returnSequences };
        const [forth, back] = await Promise.all(
          [false, true].map((reverse) =>
            w.sequential({ input: given, seed: 3 }, w.from("x", make({ ...options, reverse }))),
          ),
        );
        const expected = forth!.predict(given.join({ x: turned(x, features), lengths: own, start }));
        const y = back!.predict(given.join({ x, lengths: own, start }));
        expect(y).toEqual(returnSequences ? turned(expected, units) : expected);
        const again = await modelFromBytes(modelToBytes(back!));
        expect(again.predict(given.join({ x, lengths: own, start }))).toEqual(y);
        await expectEqualPlans(back!, { rows, x: given.join({ x, lengths: own, start }) });
      });
    }
  }
});
