// Losses and gradients that become NaN or infinite: refused, named, and without harm to the weights.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { normal } from "../support/seeded.ts";

const X = normal(24, { seed: 1 });
const Y = normal(8, { seed: 2 });

/** A trainer whose rate is far too large: its outputs grow at every step until their squares are infinite. */
async function exploding(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed: 3 }, w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 3 }) });
}

/** The error of what must fail as training does. */
async function failure(call: () => unknown): Promise<w.NonFiniteError> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(w.NonFiniteError);
    return error as w.NonFiniteError;
  }
  throw new Error("nothing was refused");
}

const weightsOf = (model: w.Model): number[] => model.parameters().flatMap((p) => [...p.get()]);

const CAUSES =
  "Likely causes: a learning rate that is too large (it was 3), inputs that are not scaled (to about 0 to 1, or mean 0 and " +
  "deviation 1), or a loss on probabilities without a sigmoid or softmax before it.";

describe("a loss that becomes infinite", () => {
  test("step: named, and the weights are those of the step before", async () => {
    const trainer = await exploding();
    let before = "";
    const error = await failure(() => {
      for (;;) {
        before = trainer.model.fingerprint();
        trainer.step(X, Y);
      }
    });
    expect(error.step).toBe(trainer.updates + 1);
    expect(error.step).toBeGreaterThan(2);
    expect(error.message).toBe(
      `step: the loss became NaN or infinite in step ${error.step}; first seen in loss, which is Infinity. ` +
        `${CAUSES} The weights are those of step ${error.step - 1}`,
    );
    expect([error.name, error.layer, error.tensor]).toEqual(["NonFiniteError", undefined, "loss"]);
    expect(trainer.model.fingerprint()).toBe(before);
    expect(weightsOf(trainer.model).every(Number.isFinite)).toBe(true);
  });

  for (const [name, options] of [
    ["without callbacks", {}],
    ["with a callback an epoch", { callbacks: [{ onEpochEnd: () => {} }] }],
    ["with a callback a batch", { callbacks: [{ onBatchEnd: () => {} }] }],
  ] as const) {
    test(`fit ${name}: the bits of a fit that ends one step earlier`, async () => {
      const batches = 2;
      const run = { batchSize: 4, shuffle: false, ...options };
      const trainer = await exploding();
      const error = await failure(() => trainer.fit({ x: X, y: Y }, { epochs: 1000, ...run }));
      expect(error.message).toMatch(
        /^fit: the loss became NaN or infinite in step \d+; first seen in loss, which is Inf/,
      );
      expect(trainer.updates).toBe(error.step - 1);
      const earlier = await exploding();
      const whole = Math.floor(trainer.updates / batches);
      if (whole > 0) await earlier.fit({ x: X, y: Y }, { epochs: whole, ...run });
      for (let r = 0; r < trainer.updates % batches; r++) earlier.step(X.slice(0, 12), Y.slice(0, 4));
      expect(earlier.updates).toBe(trainer.updates);
      expect(trainer.model.fingerprint()).toBe(earlier.model.fingerprint());
    });
  }

  test("of a short last batch", async () => {
    const trainer = await exploding();
    // only the fifth row, alone in the last batch, is too large to be squared
    const data = { x: [...X.slice(0, 12), 1e19, 1e19, 1e19], y: Y.slice(0, 5) };
    const error = await failure(() => trainer.fit(data, { batchSize: 4, shuffle: false }));
    expect([error.step, error.tensor]).toEqual([2, "loss"]);
  });

  test("a rate of 1e30: the step that would use the weights it made", async () => {
    const model = await w.sequential({ input: 3, seed: 3 }, w.dense(4, { name: "first" }), w.relu(), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1e30 }) });
    trainer.step(X, Y);
    const before = model.fingerprint();
    const error = await failure(() => trainer.step(X, Y));
    expect(error.message).toContain("in step 2;");
    expect(error.message).toContain("(it was 1e+30)");
    expect(error.message).toContain("The weights are those of step 1");
    expect([error.step, trainer.updates]).toEqual([2, 1]);
    expect(model.fingerprint()).toBe(before);
  });

  test("huge weights: the first tensor that isn't finite, and its layer", async () => {
    const model = await w.sequential({ input: 3, seed: 3 }, w.dense(4, { name: "first" }), w.tanh(), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const [weight, , second] = model.parameters();
    const good = second!.get();
    second!.set([3e38, 3e38, 3e38, 3e38]);
    const ones = { x: [1, 1, 1], y: [0] };
    weight!.set(new Float32Array(12).fill(10));
    const before = model.fingerprint();
    for (const call of [() => trainer.step(ones.x, ones.y), () => trainer.fit(ones)]) {
      const error = await failure(call);
      expect([error.step, error.layer, error.tensor]).toEqual([1, "dense2", "Z2"]);
      expect(error.message).toContain('first seen in Z2 of layer "dense2", which is Infinity');
      expect(model.fingerprint()).toBe(before);
      expect(trainer.updates).toBe(0);
    }
    // and once the weights are repaired it goes on
    second!.set(good);
    expect(Number.isFinite(trainer.step(ones.x, ones.y)["loss"])).toBe(true);
    await trainer.fit({ x: X, y: Y }, { epochs: 2 });
    expect(trainer.updates).toBe(3);
  });
});

describe("a gradient that becomes infinite under a finite loss", () => {
  /** Output 1e15, loss 1e30, but dw = 2e15 times 1e25. */
  async function steep(optimizer: w.Optimizer = w.sgd()): Promise<w.Trainer> {
    const model = await w.sequential({ input: 2 }, w.dense(1, { name: "only" }));
    model.parameters()[0]!.set([1e-10, 1]);
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  }
  const data = { x: [1e25, 1], y: [0] };

  for (const optimizer of [
    w.sgd(),
    w.sgd({ clipGlobalNorm: 1 }),
    w.sgd({ clipNorm: 1 }),
    w.sgd({ clipValue: 1 }),
    w.adam(),
  ]) {
    test(`step and fit with ${optimizer.type} ${JSON.stringify(optimizer.options)}`, async () => {
      const trainer = await steep(optimizer);
      const before = trainer.model.fingerprint();
      for (const [where, call] of [
        ["step", () => trainer.step(data.x, data.y)],
        ["fit", () => trainer.fit(data, { epochs: 3 })],
        ["fit", () => trainer.fit(data, { epochs: 3, accumulate: 2 })],
      ] as const) {
        const error = await failure(call);
        expect([error.step, error.layer, error.tensor]).toEqual([1, "only", "dw1"]);
        expect(error.message).toMatch(
          `${where}: a gradient became NaN or infinite in step 1; first seen in dw1 of layer "only", which is Infinity. `,
        );
        expect(error.message).toMatch(/The weights are those of step 0$/);
        expect(trainer.model.fingerprint()).toBe(before);
        expect(trainer.updates).toBe(0);
      }
    });
  }

  test("afterwards training goes on as if nothing had been", async () => {
    const [disturbed, calm] = [await exploding(), await exploding()];
    for (const trainer of [disturbed, calm]) trainer.step(X, Y);
    await failure(() => disturbed.step(new Float32Array(3).fill(1e30), [1]));
    await failure(() => disturbed.fit({ x: new Float32Array(3).fill(1e30), y: [1] }, { accumulate: 2, epochs: 2 }));
    for (const trainer of [disturbed, calm]) {
      trainer.step(X, Y);
      await trainer.fit({ x: X, y: Y }, { epochs: 1, batchSize: 3 });
    }
    expect(disturbed.updates).toBe(calm.updates);
    expect(disturbed.model.fingerprint()).toBe(calm.model.fingerprint());
  });
});

test("an update whose rate alone is too large, of a model that has nothing to train", async () => {
  const model = await w.sequential({ input: 2 }, w.hardSigmoid());
  const optimizer = w.adamw({ learningRate: 1, weightDecay: 2 });
  const trainer = new w.Trainer(model, { loss: w.meanAbsoluteError(), optimizer });
  const { message } = await failure(() => trainer.step([[1, 2]], [[0, 1]]));
  expect(message).toBe(
    "step: the update became too large for float32 numbers in step 1: the learning rate is 1. Take a smaller learning rate, smaller " +
      "inputs and targets, or an optimizer with clipNorm: 1. The weights are those of step 0",
  );
});

describe("update", () => {
  test("names the first bad gradient, leaves the weights, and works again afterwards", async () => {
    const hidden = w.dense(2, { kernelInitializer: w.zeros() });
    const model = await w.sequential({ input: 2 }, hidden, w.tanh(), w.dense(1, { name: "head" }));
    model.parameters()[2]!.set([0.1, 0.1]);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    model.forward([1, 1]); // a1 = 0, so dw2 = 0
    model.backward([1]);
    trainer.update();
    const before = model.fingerprint();
    const first = model.parameters()[0]!.get();
    for (let i = 0; i < 2; i++) model.backward([3e38]); // each is finite, their sum is not
    const error = await failure(() => trainer.update());
    expect(error.message).toBe(
      'update: a gradient is NaN or infinite in step 2, first in db2 of layer "head". Look at the dy that was given to backward. ' +
        "The weights are those of step 1",
    );
    expect([error.step, error.layer, error.tensor]).toEqual([2, "head", "db2"]);
    expect(model.fingerprint()).toBe(before);
    expect(trainer.updates).toBe(1);
    model.zeroGradients();
    model.backward([1]);
    trainer.update();
    expect(trainer.updates).toBe(2);
    expect(model.parameters()[0]!.get()).not.toEqual(first);
  });
});

describe("outside training", () => {
  test("predict and evaluate give what comes out, NaN or infinite as it is", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    model.parameters()[0]!.set([3e38]);
    expect([...model.predict([10, -10, 1])]).toEqual([Infinity, -Infinity, Math.fround(3e38)]);
    expect(await trainer.evaluate({ x: [10], y: [0] })).toEqual({ loss: Infinity });
  });
});

describe("what layers keep as state", () => {
  /** Running statistics that move with every pass: of the library's layer, and of one of the user's. */
  const counting = (): w.Layer =>
    w.customLayer({
      type: "counting",
      parameters: { count: { shape: 1, initializer: w.zeros(), trained: false } },
      forward({ x, y, parameters: { count }, training }) {
        y.set(x);
        if (training) count[0]! += 1;
      },
      backward: ({ dy, dx }) => dx?.set(dy),
    });
  let fails = false;
  const failing = (): w.Layer =>
    w.customLayer({
      type: "failing",
      forward({ x, y, training }) {
        if (fails && training) throw new Error("no more");
        y.set(x);
      },
      backward: ({ dy, dx }) => dx?.set(dy),
    });
  const STATES: readonly [string, () => readonly w.Layer[]][] = [
    ["batchNorm", () => [w.batchNorm(), w.dense(1)]],
    ["several", () => [w.batchNorm(), w.dense(4), w.residual(w.batchNorm(), w.relu(), w.dense(4)), w.dense(1)]],
    ["a custom layer's", () => [w.dense(2), counting(), w.dense(1)]],
    ["a frozen custom layer's", () => [w.dense(2), w.frozen(counting()), w.dense(1)]],
    ["shared", () => [w.shared(w.batchNorm()), w.dense(1)]],
  ];
  const PLACES: readonly [string, number | undefined][] = [
    ["one thread", undefined],
    ["three threads", 3],
  ];

  for (const [name, layers] of STATES) {
    for (const [place, threads] of PLACES) {
      test(`${name}, ${place}: as before a refused step, in step and in fit`, async () => {
        const make = async (): Promise<w.Trainer> => {
          const model = await w.sequential({ input: 3, seed: 3, ...(threads && { threads }) }, ...layers());
          return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
        };
        const trainer = await make();
        const { model } = trainer;
        trainer.step(X, Y);
        const before = model.fingerprint();
        await failure(() => trainer.step(X, Y.with(3, 3e38)));
        expect(model.fingerprint()).toBe(before);
        const bad = { x: X, y: Y.with(6, 3e38) };
        const good = await make();
        good.step(X, Y);
        // the update before the bad one: batches of two, the fourth is bad
        for (const accumulate of [1, 2, 4]) {
          await failure(() => trainer.fit(bad, { batchSize: 2, shuffle: false, accumulate }));
          if (accumulate < 4)
            await good.fit(
              { x: X.slice(0, 18), y: Y.slice(0, 6) },
              { batchSize: 2, shuffle: false, accumulate, callbacks: [stopAfter(3 - (3 % accumulate))] },
            );
          expect(model.fingerprint(), `accumulate ${accumulate}`).toBe(good.model.fingerprint());
          expect([trainer.updates, model.passes]).toEqual([good.updates, good.model.passes]);
        }
      });
    }

    test(`${name}: as before a step in which a custom layer throws`, async () => {
      fails = false;
      const model = await w.sequential({ input: 3, seed: 3 }, ...layers(), failing());
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
      trainer.step(X, Y);
      const { passes } = model;
      const before = model.fingerprint();
      fails = true;
      expect(() => trainer.step(X, Y)).toThrow("no more");
      expect(model.fingerprint()).toBe(before);
      await expect(trainer.fit({ x: X, y: Y }, { batchSize: 2, accumulate: 3 })).rejects.toThrow("no more");
      expect(model.fingerprint()).toBe(before);
      expect(() => model.forward(X)).toThrow("no more");
      expect(model.fingerprint()).toBe(before);
      expect([trainer.updates, model.passes]).toEqual([1, passes]);
      fails = false;
    });
  }

  test.each([
    ["a hook that throws", { onBatchEnd: (batch: number) => void (batch === 2 && fail("mine")) }],
    [
      "stop",
      { onBatchEnd: (batch: number, _logs: w.Logs, { stop }: w.TrainingState) => (batch === 2 ? stop() : undefined) },
    ],
  ])("%s in the middle of an update: its passes are undone", async (_name, callback) => {
    const model = await w.sequential({ input: 3, seed: 3 }, w.batchNorm(), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    trainer.step(X, Y);
    const before = [model.fingerprint(), trainer.updates, model.passes];
    const options = { batchSize: 2, shuffle: false, accumulate: 4, callbacks: [callback] };
    await trainer.fit({ x: X, y: Y }, options).catch((error: unknown) => expect(String(error)).toContain("mine"));
    expect([model.fingerprint(), trainer.updates, model.passes]).toEqual(before);
  });

  function fail(text: string): never {
    throw new Error(text);
  }

  /** Ends a `fit` after so many batches. */
  function stopAfter(batches: number): w.Callback {
    return { onBatchEnd: (batch, _logs, { stop }) => (batch + 1 >= batches ? stop() : undefined) };
  }

  test("a batch whose variance is above 3.4e38 is refused: layer and tensor are named, and nothing has changed", async () => {
    const model = await w.sequential({ input: 3, seed: 3 }, w.dense(3), w.batchNorm(), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    const before = model.fingerprint();
    const large = X.map((value) => value * 1e20);
    const error = await failure(() => trainer.step(large, Y));
    expect(error.message).toBe(
      'step: a layer\'s state became NaN or infinite in step 1; first seen in runningVariance of layer "batchNorm1", which is ' +
        "Infinity. Likely causes: a learning rate that is too large (it was 0.001), inputs that are not scaled (to about 0 to 1, " +
        "or mean 0 and deviation 1), or a loss on probabilities without a sigmoid or softmax before it. The weights are those " +
        "of step 0",
    );
    expect([error.layer, error.tensor]).toEqual(["batchNorm1", "runningVariance"]);
    await failure(() => trainer.fit({ x: large, y: Y }, { batchSize: 4 }));
    expect(() => model.forward(large)).toThrow(
      "forward: a layer's state, such as a running variance, would become infinite; scale x",
    );
    expect(model.fingerprint()).toBe(before);
    trainer.step(X, Y);
    expect(model.parameters().every((p) => p.get().every(Number.isFinite))).toBe(true);
  });
});
