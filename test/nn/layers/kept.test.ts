// Stateful layers: states that go on from batch to batch, in training, evaluation and prediction.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectClose } from "../../support/golden.ts";
import { expectRefusal, expectRefusalWithoutTrace, type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const MAKERS = { simpleRnn: w.simpleRnn, lstm: w.lstm, gru: w.gru } as const;
const NAMES = ["simpleRnn", "lstm", "gru"] as const;
const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) => (((k * 37 + seed * 11) % 23) - 11) / 20);

/** Steps `from` to `to` of each row. */
const part = (x: Float32Array, rows: number, features: number, from: number, to: number): Float32Array => {
  const row = x.length / rows;
  const parts = Array.from({ length: rows }, (_, r) =>
    Array.from(x.slice(r * row + from * features, r * row + to * features)),
  );
  return Float32Array.from(parts.flat());
};

/** A trained layer of 3 units and its last state's product with a column. */
const make = async (name: (typeof NAMES)[number], steps = 2, options: { threads?: number } = {}): Promise<w.Model> => {
  const model = await w.sequential(
    { input: [steps, 2], seed: 1, ...options },
    MAKERS[name](3, { stateful: true }),
    w.dense(1),
  );
  model.parameters().forEach((p, i, { length }) => p.set(numbers(p.size, i < length - 2 ? 1 + i : 7 + i - length)));
  return model;
};
const trainerOf = (model: w.Model): w.Trainer =>
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.1 }) });
const ORDER = { batchSize: 2, shuffle: false, progress: false } as const;

// by torch._VF.lstm_cell, gru_cell and rnn_tanh_cell in float64, torch 1.13.1: states are detached after each batch, and zeros at
// the beginning of an epoch
const TORCH = {
  lstm: { loss: [0.2154241, 0.1516468], dense: [-0.06494969, -0.5624224, 0.1727319] },
  gru: { loss: [0.2314519, 0.1572335], dense: [-0.04433886, -0.5569402, 0.1407883] },
  simpleRnn: { loss: [0.4621373, 0.1495646], dense: [-0.05428101, -0.3411042, -0.04641889] },
};

describe.each(NAMES)("%s", (name) => {
  const x = numbers(24, 7);
  const y = numbers(6, 8);

  test("fit: PyTorch's losses and weights, twice the same, whatever was before", async () => {
    for (const threads of [1, 2]) {
      const model = await make(name, 2, { threads });
      model.predict(x.slice(0, 8)); // has states of its own
      const { loss } = await trainerOf(model).fit({ x, y }, { ...ORDER, epochs: 2 });
      expectClose("loss", Float32Array.from(loss), TORCH[name].loss, { rtol: 2e-6, atol: 0 });
      expectClose("w", model.parameters().at(-2)!.get(), TORCH[name].dense, { rtol: 2e-6, atol: 1e-7 });
    }
  });

  test("fit, step by step and forward: the same bits", async () => {
    const [fitted, stepped, byHand] = [await make(name), await make(name), await make(name)];
    const { loss } = await trainerOf(fitted).fit({ x, y }, ORDER);
    const [trainer, other] = [trainerOf(stepped), trainerOf(byHand)];
    let sum = 0;
    for (let b = 0; b < 3; b++) {
      const [xs, ys] = [x.slice(8 * b, 8 * b + 8), y.slice(2 * b, 2 * b + 2)];
      sum += trainer.step(xs, ys).loss;
      const output = byHand.forward(xs);
      byHand.zeroGradients();
      byHand.backward(output.map((value, i) => Math.fround(value - ys[i]!)));
      other.update();
    }
    expect(stepped.fingerprint()).toBe(fitted.fingerprint());
    expect(byHand.fingerprint()).toBe(fitted.fingerprint());
    expect(sum / 3).toBeCloseTo(loss[0]!, 12);
    // the next step goes on; after resetStates it begins anew
    const state = trainer.state();
    const onward = trainer.step(x.slice(0, 8), y.slice(0, 2)).loss;
    trainer.restore(state);
    stepped.resetStates();
    expect(trainer.step(x.slice(0, 8), y.slice(0, 2)).loss).not.toBe(onward);
  });

  test("predict in parts is predict of the whole, to the bit; evaluate and fit's validation begin with zeros", async () => {
    const rows = 300; // more than a pass of a model without states
    const whole = await make(name, 6);
    const model = await make(name, 2);
    const long = normal(rows * 12, { seed: 1 });
    const expected = whole.predict(long);
    const inParts = (): Float32Array => {
      for (const from of [0, 2]) model.predict(part(long, rows, 2, from, from + 2));
      return model.predict(part(long, rows, 2, 4, 6));
    };
    expect(inParts()).toEqual(expected);
    expect(inParts()).not.toEqual(expected);
    model.resetStates();
    whole.resetStates();
    const trainer = trainerOf(model);
    model.predict(part(long, rows, 2, 0, 2));
    const { loss } = await trainer.evaluate({ x, y }, { batchSize: 2 });
    model.predict(part(long, rows, 2, 2, 4));
    expect((await trainer.evaluate({ x, y }, { batchSize: 2 })).loss).toBe(loss);
    expect(model.predict(part(long, rows, 2, 4, 6))).toEqual(expected);
    // a validation after each epoch changes nothing, and measures what evaluate measures
    const [alone, validated] = [await make(name), await make(name)];
    const history = await trainerOf(validated).fit({ x, y }, { ...ORDER, epochs: 2, validationData: { x, y } });
    await trainerOf(alone).fit({ x, y }, { ...ORDER, epochs: 2 });
    expect(validated.fingerprint()).toBe(alone.fingerprint());
    const measured = await trainerOf(validated).evaluate({ x, y }, { batchSize: 2 });
    expect(history["validationLoss"]!.at(-1)).toBe(measured.loss);
  });

  test("accumulated gradients, a worker, and a file", async () => {
    const [here, there] = [await make(name), await make(name)];
    for (const [model, worker] of [
      [here, false],
      [there, true],
    ] as const) {
      await trainerOf(model).fit({ x, y }, { ...ORDER, epochs: 3, accumulate: 3, worker });
    }
    expect(there.fingerprint()).toBe(here.fingerprint());
    const next = [here, there].map((model) => trainerOf(model).step(x.slice(0, 8), y.slice(0, 2)).loss);
    expect(next[1]).toBe(next[0]);
    const again = await modelFromBytes(modelToBytes(here));
    for (const model of [here, again]) model.predict(x.slice(0, 8));
    expect(again.predict(x.slice(8, 16))).toEqual(here.predict(x.slice(8, 16)));
  });

  test("a refused step leaves the states as they were", async () => {
    const [spoilt, whole] = [await make(name), await make(name)];
    const trainers = [spoilt, whole].map(trainerOf) as [w.Trainer, w.Trainer];
    for (const trainer of trainers) trainer.step(x.slice(0, 8), y.slice(0, 2));
    const [weight] = spoilt.parameters().slice(-2);
    const before = weight!.get();
    weight!.set(before.map(() => 3e38));
    const message = /^step: the loss became NaN or infinite in step 2; first seen in loss, which is Infinity/;
    await expectRefusal(() => trainers[0].step(x.slice(8, 16), y.slice(2, 4)), w.NonFiniteError as never, message);
    weight!.set(before);
    const losses = trainers.map((trainer) => trainer.step(x.slice(16), y.slice(4)).loss);
    expect(losses[0]).toBe(losses[1]);
    expect(spoilt.fingerprint()).toBe(whole.fingerprint());
  });
});

test("resetStates in a callback begins another text in the middle of an epoch", async () => {
  const x = numbers(24, 7);
  const y = numbers(6, 8);
  const [model, other] = [await make("gru"), await make("gru")];
  const onBatchBegin: w.Callback["onBatchBegin"] = (batch, { model: trained }) => {
    if (batch === 1) trained.resetStates();
  };
  await trainerOf(model).fit({ x, y }, { ...ORDER, callbacks: [{ onBatchBegin }] });
  const trainer = trainerOf(other);
  trainer.step(x.slice(0, 8), y.slice(0, 2));
  other.resetStates();
  for (const b of [1, 2]) trainer.step(x.slice(8 * b, 8 * b + 8), y.slice(2 * b, 2 * b + 2));
  expect(model.fingerprint()).toBe(other.fingerprint());
});

test("trace, gradCheck and activations begin with zeros, and leave the states as they are", async () => {
  const model = await make("lstm");
  const trainer = trainerOf(model);
  const x = numbers(8, 7);
  const first = model.predict(x);
  for (let i = 0; i < 2; i++) {
    expect(w.activations(model, x, ["Z2"])["Z2"]).toEqual(first);
    expect(w.trace(trainer, x, [1, 2]).get("Z2").values).toEqual(first);
    expect(w.gradCheck(trainer, x, [1, 2]).ok).toBe(true);
  }
  const second = model.predict(x);
  model.resetStates();
  expect(model.predict(x)).toEqual(first);
  expect(model.predict(x)).toEqual(second);
});

describe("refused", () => {
  refuses([
    [() => w.lstm(3, { stateful: 1 as never }), TypeError, "lstm: stateful must be true or false, got number 1"],
    [
      () => w.gru(3, { stateful: true, reverse: true }),
      RangeError,
      "gru: stateful can't be used with reverse, as the batch before ended at the other end; leave one of them out",
    ],
    [
      () => w.lstm(3, { stateful: true, initialCell: "c" }),
      RangeError,
      "lstm: stateful can't be used with initialCell, as it begins where the batch before ended; leave one of them out",
    ],
    [
      () => w.bidirectional(w.gru(3, { stateful: true })),
      RangeError,
      "bidirectional: the layer can't be stateful, as the batch before ended where the backward one begins; leave stateful out",
    ],
    [
      () => w.timeDistributed(w.gru(3, { stateful: true })),
      RangeError,
      "timeDistributed: gru (layer 1) can't be applied by step: it is stateful, and keeps one state for each row",
    ],
  ]);

  test("shuffled rows, and batches of other sizes", async () => {
    const model = await make("lstm");
    const trainer = trainerOf(model);
    const data = { x: numbers(24, 7), y: numbers(6, 8) };
    const keeps = "lstm (layer 1) is stateful: each row goes on from the same row of the batch before, ";
    const rows = (n: number): Float32Array => numbers(4 * n, 1);
    const order = "so the rows must keep their order; pass shuffle: false";
    const size = (last: number, all: number, count: number): string =>
      `but of ${count} rows the last batch would have ${last} of ${all} rows; take a batchSize that divides them`;
    const refusals: Refusal[] = [
      [() => trainer.fit(data), RangeError, `fit: ${keeps}${order}`],
      [
        () => trainer.fit(data, { shuffle: false, batchSize: 4 }),
        RangeError,
        `fit: ${keeps}${size(2, 4, 6)}, or dropLast: true`,
      ],
      [
        () => trainer.fit(data, { ...ORDER, validationData: { x: rows(3), y: [1, 2, 3] } }),
        RangeError,
        `fit: validation: ${keeps}${size(1, 2, 3)}`,
      ],
      [() => trainer.evaluate(data, { batchSize: 5 }), RangeError, `evaluate: ${keeps}${size(1, 5, 6)}`],
      [
        () => model.predictAsync(rows(2)),
        RangeError,
        "predictAsync: lstm (layer 1) is stateful, which predictAsync can't go on with; use predict",
      ],
    ];
    for (const refusal of refusals) await expectRefusalWithoutTrace(trainer, ...refusal);
    const before = (n: number, at: string): string =>
      `${at}: lstm (layer 1) goes on from the states of the batch before, which had 2 rows, but there are ${n}; give as many each time, ` +
      "or call resetStates() to begin anew";
    model.predict(rows(2));
    trainer.step(rows(2), [1, 2]);
    const state = trainer.state();
    await expectRefusal(() => model.predict(rows(3)), RangeError, before(3, "predict"));
    await expectRefusal(() => trainer.step(rows(1), [1]), RangeError, before(1, "step"));
    await expectRefusal(() => model.forward(rows(1)), RangeError, before(1, "forward"));
    expect(trainer.state()).toEqual(state);
    model.resetStates();
    expect(model.predict(rows(3)).length).toBe(3);
    trainer.step(rows(1), [1]);
    await trainer.fit(data, { shuffle: false, batchSize: 4, dropLast: true, progress: false });
  });
});

test("restore begins anew", async () => {
  const model = await w.sequential({ input: [1, 1], seed: 1 }, w.gru(2, { stateful: true }), w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.1 }) });
  const step = (): number => trainer.step([[[1]]], [1]).loss;
  step();
  const state = trainer.state();
  trainer.restore(state);
  const first = [step(), step(), step()];
  trainer.restore(state);
  expect([step(), step(), step()]).toEqual(first);
});
