// What a trainer keeps between calls, and the time that it leaves to others.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { expectRefusal } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function trainerOf(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
}

/** Everything that changes the weights, by the name that it answers with. */
const TRAINS: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
  fit: (trainer) => trainer.fit(DATA),
  step: (trainer) => trainer.step(DATA.x, DATA.y),
  update: (trainer) => trainer.update(),
};

describe("one training at a time", () => {
  const busy = (name: string): string => `${name}: the model is being trained by fit; await that first`;

  /** Calls this in every place where fit calls back. */
  const everywhere = (call: () => Promise<void>): w.Callback => ({
    onTrainBegin: call,
    onEpochBegin: call,
    onBatchBegin: call,
    onBatchEnd: call,
    onEpochEnd: call,
    onTrainEnd: call,
  });

  for (const [name, call] of Object.entries(TRAINS)) {
    test(`${name} is refused in callbacks of fit, also to another trainer of the model, and disturbs nothing`, async () => {
      const [trainer, calm] = [await trainerOf(), await trainerOf()];
      const other = new w.Trainer(trainer.model, { loss: w.meanSquaredError(), optimizer: w.adam() });
      let tried = 0;
      const attempt = async (): Promise<void> => {
        for (const one of [trainer, other]) await expectRefusal(() => call(one), Error, busy(name));
        tried++;
      };
      const options = { epochs: 2, batchSize: 2 };
      const history = await trainer.fit(DATA, { ...options, callbacks: [everywhere(attempt)] });
      expect(tried).toBe(1 + 2 * (1 + 3 * 2 + 1) + 1);
      expect(history).toEqual(await calm.fit(DATA, options));
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect([trainer.updates, other.updates]).toEqual([calm.updates, 0]);
      // and once it is done, both work
      for (const one of [trainer, calm]) await call(one);
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      await call(other);
      expect([trainer.updates, other.updates]).toEqual([7, 1]);
    });

    test(`${name} is refused while a fit that isn't waited for goes on`, async () => {
      const [trainer, calm] = [await trainerOf(), await trainerOf()];
      const first = trainer.fit(DATA, { epochs: 50 });
      await expectRefusal(() => call(trainer), Error, busy(name));
      expect(await first).toEqual(await calm.fit(DATA, { epochs: 50 }));
      for (const one of [trainer, calm]) await call(one);
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect(trainer.updates).toBe(51);
    });
  }

  for (const [name, ends, kind, message] of [
    [
      "a callback that throws",
      (trainer) => {
        const onEpochEnd = (): never => {
          throw new RangeError("enough");
        };
        return trainer.fit(DATA, { callbacks: [{ onEpochEnd }] });
      },
      RangeError,
      "enough",
    ],
    [
      "its signal",
      (trainer) => {
        const controller = new AbortController();
        const onBatchEnd = (): void => controller.abort(new Error("no time"));
        return trainer.fit(DATA, { signal: controller.signal, callbacks: [{ onBatchEnd }] });
      },
      Error,
      "no time",
    ],
    [
      "a loss that is infinite",
      (trainer) => trainer.fit({ x: [1], y: [1e30] }),
      w.NonFiniteError,
      /^fit: the loss became NaN or infinite in step 2; /,
    ],
    [
      "data that can't be used",
      (trainer) => trainer.fit({ x: [1, 2], y: [1] }),
      RangeError,
      "fit: x has 2 rows but y has 1",
    ],
  ] as const satisfies readonly (readonly [string, (trainer: w.Trainer) => Promise<unknown>, ...unknown[]])[]) {
    test(`after a fit that was ended by ${name}, everything works`, async () => {
      for (const call of Object.values(TRAINS)) {
        const trainer = await trainerOf();
        trainer.step([1], [1]);
        await expectRefusal(() => ends(trainer), kind, message);
        const { updates } = trainer;
        await call(trainer);
        expect(trainer.updates).toBe(updates + 1);
      }
    });
  }

  test("models that share a memory may be trained side by side", async () => {
    const make = async (core?: w.Model["core"]): Promise<w.Trainer> => {
      const model = await w.sequential(
        { input: 1, seed: 1, ...(core ? { core } : {}) },
        w.dense(3),
        w.tanh(),
        w.dense(1),
      );
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
    };
    const calm = await make();
    const expected = await calm.fit(DATA, { epochs: 3000, batchSize: 1 });
    const a = await make();
    const b = await make(a.model.core);
    const options = { epochs: 3000, batchSize: 1 };
    const histories = await Promise.all([a.fit(DATA, options), b.fit(DATA, options)]);
    expect(histories).toEqual([expected, expected]);
    for (const { model } of [a, b]) expect(model.fingerprint()).toBe(calm.model.fingerprint());
  });

  test("looking is allowed in callbacks, and disturbs nothing", async () => {
    const make = async (): Promise<w.Trainer> => {
      const model = await w.sequential({ input: 1, seed: 1 }, w.dense(6), w.relu(), w.dropout(0.3), w.dense(1));
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae()] });
    };
    const [trainer, calm] = [await make(), await make()];
    const losses: number[] = [];
    const look = async (): Promise<void> => {
      const traced = w.trace(trainer, DATA.x, DATA.y);
      expect(w.trace(trainer, DATA.x, DATA.y).tensors).toEqual(traced.tensors);
      expect(w.gradCheck(trainer, DATA.x, DATA.y, { limit: 1 }).checked).toBe(4);
      losses.push((await trainer.evaluate(DATA))["loss"]!);
    };
    // a sum over two batches is under way where the callback looks
    const options = { epochs: 3, batchSize: 2, accumulate: 2, validationData: DATA };
    const history = await trainer.fit(DATA, { ...options, callbacks: [everywhere(look)] });
    expect(history).toEqual(await calm.fit(DATA, options));
    expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
    expect(losses.at(-1)).toBe((await calm.evaluate(DATA))["loss"]);
  });
});

describe("evaluate that isn't waited for", () => {
  /** So many rows that one at a time they take several calls of the core. */
  const ROWS = 5000;
  const many: w.TrainingData = { x: normal(ROWS, { seed: 1 }), y: normal(ROWS, { seed: 2 }) };
  const make = async (): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dropout(0.5), w.dense(1));
    const metrics = [w.mae(), w.r2()];
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }), metrics });
  };

  test("is not stopped by another one that is refused", async () => {
    const trainer = await make();
    const expected = await trainer.evaluate(DATA);
    const calls = [trainer.evaluate(DATA), trainer.evaluate({ x: [NaN], y: [1] }), trainer.evaluate(DATA)];
    await expectRefusal(() => calls[1], RangeError, "evaluate: x must hold finite numbers, but row 0, column 0 is NaN");
    expect([await calls[0], await calls[2]]).toEqual([expected, expected]);
  });

  for (const place of ["onBatchEnd", "onEpochBegin", "onEpochEnd"] as const) {
    test(`in ${place} leaves the history of fit as it is`, async () => {
      const [trainer, calm] = [await make(), await make()];
      const options = { epochs: 3, batchSize: 2, validationData: many };
      const asked: Promise<w.Logs>[] = [];
      const ask = (): void => void asked.push(trainer.evaluate(DATA), trainer.evaluate(many, { batchSize: 1 }));
      const history = await trainer.fit(DATA, { ...options, callbacks: [{ [place]: ask }] });
      const figures = await Promise.all(asked);
      expect(figures.length).toBe(2 * 3 * (place === "onBatchEnd" ? 3 : 1));
      expect(figures.flatMap((f) => Object.values(f)).every(Number.isFinite)).toBe(true);
      expect(history).toEqual(await calm.fit(DATA, options));
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect(await trainer.evaluate(many)).toEqual(await calm.evaluate(many));
    });
  }
});

describe("the event loop", () => {
  test("has its turn during a long fit: a timer can end it", async () => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    const epochs = 3_000_000; // some seconds, if the timer never came
    await expectRefusal(
      () => trainer.fit(DATA, { epochs, signal: controller.signal }),
      DOMException,
      "This operation was aborted",
    );
    expect(trainer.updates).toBeGreaterThan(0);
    expect(trainer.updates).toBeLessThan(epochs);
    expect(trainer.epochs).toBe(trainer.updates);
  });

  test("has many turns", async () => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    let turns = 0;
    const turn = (): void => {
      if (++turns === 5) controller.abort();
      else setImmediate(turn);
    };
    setImmediate(turn);
    const endless = trainer.fit(DATA, { epochs: 3_000_000, signal: controller.signal });
    await expectRefusal(() => endless, DOMException, "This operation was aborted");
    expect(turns).toBe(5);
  });

  test("has its turn during a long evaluate", async () => {
    const trainer = await trainerOf();
    let turns = 0;
    // one row at a time, so many of them that it takes longer than a slice on any machine
    for (let rows = 200_000; turns === 0 && rows < 1e8; rows *= 4) {
      const data = { x: new Float32Array(rows), y: new Float32Array(rows) };
      const next = setImmediate(() => turns++);
      const { loss } = await trainer.evaluate(data, { batchSize: 1 });
      clearImmediate(next);
      expect(loss).toBe((await trainer.evaluate({ x: [0], y: [0] }))["loss"]);
    }
    expect(turns).toBe(1);
  });
});
