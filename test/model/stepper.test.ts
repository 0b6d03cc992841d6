// A model that reads a sequence step by step gives what it gives for the whole, to the bit.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { charRnn } from "../../src/models.ts";
import { expectRefusal, type Refusal } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

/** Step t of each row. */
const stepOf = (x: Float32Array, rows: number, features: number, t: number): Float32Array => {
  const row = x.length / rows;
  return Float32Array.from({ length: rows * features }, (_, i) => {
    return x[Math.floor(i / features) * row + t * features + (i % features)]!;
  });
};

const MAKERS = { simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;

describe.each(["simpleRnn", "lstm", "gru"] as const)("%s", (name) => {
  const make = MAKERS[name];

  test.each([1, 3, 5])("%i rows: after each step what the model gives for it in the whole", async (rows) => {
    const steps = 7;
    const x = normal(rows * steps * 4, { seed: 1 });
    const layers = [
      w.timeDistributed(w.dense(5), w.tanh()),
      make(9, { returnSequences: true, name: "first" }),
      w.layerNorm(),
      w.residual(w.dense(9), w.gelu()),
      w.concat([w.dense(3), w.from("first")]),
      w.dropout(0.3),
      make(6, { returnSequences: true }),
      w.dense(2),
    ];
    const model = await w.sequential({ input: [steps, 4], seed: 3 }, ...layers);
    const stepper = w.stepper(model);
    expect([stepper.inputShape, stepper.outputShape]).toEqual([[4], [2]]);
    const check = (): void => {
      const whole = model.predict(x);
      for (let t = 0; t < steps; t++) expect(stepper.predict(stepOf(x, rows, 4, t))).toEqual(stepOf(whole, rows, 2, t));
      stepper.resetStates();
    };
    check();
    // it has the weights of now
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() }).step(
      x,
      normal(rows * steps * 2, { seed: 2 }),
    );
    check();
  });

  test("a model of characters: longer than it was made for, and as probabilities", async () => {
    const text = [2, 0, 1, 3, 3, 1];
    const [short, long] = await Promise.all(
      [4, 6].map((steps) => {
        const { input, layers } = charRnn({ vocabulary: 5, steps, width: 3, units: [7, 6], cell: name });
        return w.sequential({ input, seed: 2 }, ...layers);
      }),
    );
    const trainer = new w.Trainer(short!, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
    trainer.step(text.slice(0, 4), [4]);
    short!.parameters().forEach((p, i) => long!.parameters()[i]!.set(p.get()));
    const stepper = w.stepper(short!);
    let y: Float32Array | undefined;
    text.forEach((character, t) => {
      y = stepper.predict([character]);
      if (t === 3) expect(y).toEqual(short!.predict(text.slice(0, 4)));
    });
    expect(y).toEqual(long!.predict(text));
    // two of one model don't know of each other, nor of the model's own states
    const other = w.stepper(short!);
    for (const character of text.slice(0, 3)) other.predict([character]);
    expect(other.probabilities([text[3]!])).toEqual(short!.probabilities(text.slice(0, 4)));
    const { used } = short!.core.arena;
    for (let i = 0; i < 20; i++) other.predict([1]);
    expect(short!.core.arena.used).toBe(used);
  });
});

test("what comes after the last recurrent layer may be anything", async () => {
  const model = await w.sequential(
    { input: [3, 2], seed: 1 },
    w.lstm(6),
    w.reshape([2, 3]),
    w.gru(4, { reverse: true }),
    w.dense(1),
  );
  const x = normal(6, { seed: 1 });
  const stepper = w.stepper(model);
  const outputs = [0, 1, 2].map((t) => stepper.predict(stepOf(x, 1, 2, t)));
  expect(outputs[2]).toEqual(model.predict(x));
});

describe("refused", () => {
  const alone = "can't go step by step";
  const others = "what it gives of a step (of 4x2) depends on others, or isn't known to depend on it alone";
  const of = (...layers: w.Layer[]) => {
    return async () => w.stepper(await w.sequential({ input: [4, 2] }, ...layers));
  };
  const rows: readonly Refusal[] = [
    [() => w.stepper({} as never), TypeError, "stepper: the argument must be a model, got an object (Object)"],
    [
      of(w.dense(3)),
      RangeError,
      "stepper: the model must have a recurrent layer that reads its input, such as lstm(64), got none",
    ],
    [of(w.flatten(), w.dense(3)), RangeError, `stepper: flatten (layer 1) ${alone}: ${others}`],
    [of(w.selfAttention({ heads: 1 }), w.lstm(3)), RangeError, `stepper: selfAttention (layer 1) ${alone}: ${others}`],
    [of(w.gru(3, { reverse: true })), RangeError, `stepper: gru (layer 1) ${alone}: it has reverse`],
    [
      of(w.bidirectional(w.gru(3))),
      RangeError,
      `stepper: gru (layer 2) ${alone}: it goes from the last step to the first`,
    ],
    [
      of(w.lstm(2, { finalState: "h", name: "enc" }), w.concat([[], w.from("h")])),
      RangeError,
      `stepper: lstm (layer 1, "enc") ${alone}: it has finalState`,
    ],
    [
      async () => w.stepper(await w.sequential({ input: w.inputs({ x: [4, 2], n: 1 }) }, w.lstm(3, { lengths: "n" }))),
      RangeError,
      "stepper: the model must have one input, a sequence, got several",
    ],
  ];
  test.each(rows)("%#: %s", async (...refusal) => {
    await expectRefusal(...refusal);
  });

  test("other rows, integers out of range", async () => {
    const model = await w.sequential({ input: [4] }, w.embedding(5, 2), w.lstm(3));
    const stepper = w.stepper(model);
    const first = stepper.predict([1, 2]);
    await expectRefusal(
      () => stepper.predict([1]),
      RangeError,
      "stepper.predict: lstm (layer 2) goes on from the states of the batch before, which had 2 rows, but there are 1; give as many " +
        "each time, or call resetStates() to begin anew",
    );
    await expectRefusal(
      () => stepper.predict([1, 7]),
      RangeError,
      "stepper.predict: what is looked up of embedding (layer 1) must be whole numbers from 0 to 4, but x at row 1, position 0 is 7",
    );
    stepper.resetStates();
    expect(stepper.predict([1]).length).toBe(3);
    stepper.resetStates();
    expect(stepper.predict([1, 2])).toEqual(first);
  });
});
