// Callbacks, stopping early, and aborting.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function trainerOf(options: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }), ...options });
}

/** A callback that writes down when it is called, and what its state says. */
function recorder(log: string[], name = ""): w.Callback {
  return {
    onTrainBegin: (state) => void log.push(`${name}train ${state.epochs} epochs of ${state.batches}`),
    onEpochBegin: (epoch) => void log.push(`${name}epoch ${epoch}`),
    onBatchBegin: (batch) => void log.push(`${name}batch ${batch}`),
    onBatchEnd: (batch, logs) => void log.push(`${name}end of batch ${batch} ${Object.keys(logs).join(" ")}`),
    onEpochEnd: (epoch, logs) => void log.push(`${name}end of epoch ${epoch} ${Object.keys(logs).join(" ")}`),
    onTrainEnd: () => void log.push(`${name}end`),
  };
}

describe("callbacks", () => {
  test("are called in this order", async () => {
    const log: string[] = [];
    const trainer = await trainerOf({ metrics: [w.mae()] });
    await trainer.fit(DATA, { epochs: 2, batchSize: 3, validationSplit: 0.2, callbacks: [recorder(log)] });
    const epoch = (e: number): string[] => [
      `epoch ${e}`,
      "batch 0",
      "end of batch 0 loss",
      "batch 1",
      "end of batch 1 loss",
      `end of epoch ${e} loss mae validationLoss validationMae`,
    ];
    expect(log).toEqual(["train 2 epochs of 2", ...epoch(0), ...epoch(1), "end"]);
  });

  test("several are called one behind the other", async () => {
    const log: string[] = [];
    const trainer = await trainerOf();
    await trainer.fit(DATA, { batchSize: 5, callbacks: [recorder(log, "a "), recorder(log, "b ")] });
    expect(log).toEqual([
      "a train 1 epochs of 1",
      "b train 1 epochs of 1",
      "a epoch 0",
      "b epoch 0",
      "a batch 0",
      "b batch 0",
      "a end of batch 0 loss",
      "b end of batch 0 loss",
      "a end of epoch 0 loss",
      "b end of epoch 0 loss",
      "a end",
      "b end",
    ]);
  });

  test("that are async are waited for", async () => {
    const log: string[] = [];
    const slow = async (text: string): Promise<void> => {
      await sleep(1);
      log.push(text);
    };
    const callback: w.Callback = {
      onTrainBegin: () => slow("begin"),
      onEpochBegin: () => slow("epoch begin"),
      onBatchBegin: () => slow("batch begin"),
      onBatchEnd: () => slow("batch end"),
      onEpochEnd: () => slow("epoch end"),
      onTrainEnd: () => slow("end"),
    };
    await (await trainerOf()).fit(DATA, { callbacks: [callback, { onTrainEnd: () => void log.push("second") }] });
    expect(log).toEqual(["begin", "epoch begin", "batch begin", "batch end", "epoch end", "end", "second"]);
  });

  test("see the model as it is then, and the figures that the history gets", async () => {
    const trainer = await trainerOf();
    const seen: { before: string; after: string; loss: number }[] = [];
    let before = "";
    const history = await trainer.fit(DATA, {
      epochs: 3,
      callbacks: [
        {
          onEpochBegin: (_epoch, { model }) => void (before = model.fingerprint()),
          onEpochEnd: (_epoch, logs, { model }) =>
            void seen.push({ before, after: model.fingerprint(), loss: logs["loss"]! }),
        },
      ],
    });
    expect(seen.map((s) => s.loss)).toEqual(history.loss);
    expect(seen[1]!.before).toBe(seen[0]!.after);
    expect(seen[2]!.after).toBe(trainer.model.fingerprint());
    expect(new Set(seen.map((s) => s.after)).size).toBe(3);
  });

  test("may evaluate and predict", async () => {
    const [a, b] = [await trainerOf(), await trainerOf()];
    const expected = await a.fit(DATA, { epochs: 4, validationData: DATA });
    const losses: number[] = [];
    const onEpochEnd = async (): Promise<void> => {
      b.model.predict([1, 2]);
      losses.push((await b.evaluate(DATA, { batchSize: 32 }))["loss"]!);
    };
    const history = await b.fit(DATA, { epochs: 4, callbacks: [{ onEpochEnd }] });
    expect(history.loss).toEqual(expected.loss);
    expect(losses).toEqual(expected["validationLoss"]);
    expect(b.model.fingerprint()).toBe(a.model.fingerprint());
  });

  test("that throw end the training with their error", async () => {
    const trainer = await trainerOf();
    const onBatchEnd = (): never => {
      throw new RangeError("enough");
    };
    await expectRefusal(() => trainer.fit(DATA, { batchSize: 2, callbacks: [{ onBatchEnd }] }), RangeError, "enough");
    expect(trainer.updates).toBe(1);
    await trainer.fit(DATA, { batchSize: 2 });
    expect(trainer.updates).toBe(4);
  });
});

describe("stop", () => {
  test("after an epoch", async () => {
    const trainer = await trainerOf();
    const log: string[] = [];
    const stopper: w.Callback = { onEpochEnd: (epoch, _logs, { stop }) => void (epoch === 1 && stop()) };
    const history = await trainer.fit(DATA, { epochs: 10, callbacks: [stopper, recorder(log)] });
    expect(history.loss.length).toBe(2);
    expect([trainer.epochs, trainer.updates]).toEqual([2, 2]);
    expect(log.slice(-2)).toEqual(["end of epoch 1 loss", "end"]);
  });

  test("after a batch: the epoch has no figures then", async () => {
    const trainer = await trainerOf();
    const stopper: w.Callback = { onBatchEnd: (batch, _logs, { stop }) => void (batch === 1 && stop()) };
    const history = await trainer.fit(DATA, { epochs: 10, batchSize: 2, callbacks: [stopper] });
    expect(history).toEqual({ loss: [] });
    expect([trainer.epochs, trainer.updates]).toEqual([0, 2]);
  });

  test("before the first batch", async () => {
    const trainer = await trainerOf();
    const log: string[] = [];
    const stopper: w.Callback = { onTrainBegin: ({ stop }) => stop() };
    expect(await trainer.fit(DATA, { callbacks: [stopper, recorder(log)] })).toEqual({ loss: [] });
    expect(trainer.updates).toBe(0);
    expect(log).toEqual(["train 1 epochs of 1", "end"]);
  });
});

/** Learns to answer 5 with 3, and is measured by how near to 2 it is: best somewhere on the way. */
async function past2(
  callback: w.Callback,
  options: w.FitOptions = {},
): Promise<{ prints: string[]; history: w.History; trainer: w.Trainer }> {
  const trainer = await trainerOf({ optimizer: w.sgd({ learningRate: 0.02 }) });
  const prints: string[] = [];
  const onEpochEnd = (): void => void prints.push(trainer.model.fingerprint());
  const callbacks = [{ onEpochEnd }, callback];
  const validationData = { x: [5], y: [2] };
  const history = await trainer.fit({ x: [5], y: [3] }, { epochs: 40, validationData, callbacks, ...options });
  return { prints, history, trainer };
}

const placeOfLeast = (values: readonly number[]): number => values.indexOf(Math.min(...values));

describe("earlyStopping", () => {
  test("stops when validationLoss is no longer better, and goes back to the best weights", async () => {
    const free = await past2({});
    const best = placeOfLeast(free.history["validationLoss"]!);
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(30);
    for (const patience of [1, 3]) {
      const { prints, history, trainer } = await past2(w.earlyStopping({ patience }));
      expect(history["validationLoss"]).toEqual(free.history["validationLoss"]!.slice(0, best + 1 + patience));
      expect(prints).toEqual(free.prints.slice(0, best + 1 + patience));
      expect(trainer.model.fingerprint()).toBe(prints[best]);
    }
  });

  test("keeps the last weights where that is asked for", async () => {
    const { prints, trainer } = await past2(w.earlyStopping({ restoreBestWeights: false }));
    expect(trainer.model.fingerprint()).toBe(prints.at(-1));
  });

  test("goes back to the best weights also at the end of the epochs", async () => {
    const free = await past2({});
    const best = placeOfLeast(free.history["validationLoss"]!);
    const { prints, trainer } = await past2(w.earlyStopping({ patience: 100 }), { epochs: best + 5 });
    expect(prints.length).toBe(best + 5);
    expect(trainer.model.fingerprint()).toBe(prints[best]);
  });

  test("can be used again", async () => {
    const callback = w.earlyStopping();
    const first = await past2(callback);
    const second = await past2(callback);
    expect(second.prints).toEqual(first.prints);
    expect(second.trainer.model.fingerprint()).toBe(first.trainer.model.fingerprint());
  });

  /** Runs the callback on metrics alone. Returns the epoch in which it stops, or -1. */
  async function stopsAt(callback: w.Callback, name: string, figures: readonly number[]): Promise<number> {
    const { model } = await trainerOf();
    let stopped = false;
    const state: w.TrainingState = { model, epochs: figures.length, batches: 1, stop: () => (stopped = true) };
    await callback.onTrainBegin!(state);
    for (const [epoch, figure] of figures.entries()) {
      await callback.onEpochEnd!(epoch, { loss: 0, [name]: figure }, state);
      if (stopped) return epoch;
    }
    return -1;
  }

  test("knows for which figures more is better", async () => {
    const rising = [0.1, 0.2, 0.3];
    const falling = [0.3, 0.2, 0.1];
    for (const monitor of [
      "accuracy",
      "validationAccuracy",
      "top5Accuracy",
      "f1",
      "validationF1",
      "r2",
      "rocAuc",
      "recall",
      "precision",
    ]) {
      expect(await stopsAt(w.earlyStopping({ monitor }), monitor, rising), monitor).toBe(-1);
      expect(await stopsAt(w.earlyStopping({ monitor }), monitor, falling), monitor).toBe(1);
    }
    for (const monitor of ["validationLoss", "mae", "rmse", "validationMse", "logLoss"]) {
      expect(await stopsAt(w.earlyStopping({ monitor }), monitor, rising), monitor).toBe(1);
      expect(await stopsAt(w.earlyStopping({ monitor }), monitor, falling), monitor).toBe(-1);
    }
    expect(await stopsAt(w.earlyStopping({ monitor: "accuracy", mode: "min" }), "accuracy", rising)).toBe(1);
    expect(await stopsAt(w.earlyStopping({ monitor: "mae", mode: "max" }), "mae", rising)).toBe(-1);
  });

  test("counts epochs without improvement, from the last one that was better", async () => {
    const figures = [5, 4, 4.5, 4.2, 3.9, 3.9, 4];
    expect(await stopsAt(w.earlyStopping({ monitor: "mae", patience: 1 }), "mae", figures)).toBe(2);
    expect(await stopsAt(w.earlyStopping({ monitor: "mae", patience: 2 }), "mae", figures)).toBe(3);
    expect(await stopsAt(w.earlyStopping({ monitor: "mae", patience: 3 }), "mae", figures)).toBe(-1);
    const falling = figures.map((figure) => -figure);
    const options = { monitor: "mae", mode: "max", patience: 4 } as const;
    expect(await stopsAt(w.earlyStopping(options), "mae", falling)).toBe(-1);
    expect(await stopsAt(w.earlyStopping({ ...options, minimumChange: 0.5 }), "mae", falling)).toBe(5);
    // 3.9 is better than 4, but not by 0.5; from the first epoch on, 5 - 4 is
    expect(await stopsAt(w.earlyStopping({ monitor: "mae", patience: 4, minimumChange: 0.5 }), "mae", figures)).toBe(5);
  });

  test("a figure that isn't there", async () => {
    await expectRefusal(
      () => past2(w.earlyStopping({ monitor: "accuracy" })),
      Error,
      'earlyStopping: there is no figure "accuracy" to monitor; the history has loss, validationLoss',
    );
  });
});

describe("an AbortSignal", () => {
  test("that is aborted already: nothing is done, and its reason is thrown", async () => {
    const trainer = await trainerOf();
    const log: string[] = [];
    const signal = AbortSignal.abort(new Error("not today"));
    await expectRefusal(() => trainer.fit(DATA, { signal, callbacks: [recorder(log)] }), Error, "not today");
    expect(trainer.updates).toBe(0);
    expect(log).toEqual([]);
  });

  test("ends the training after the step", async () => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    const log: string[] = [];
    const onBatchEnd = (batch: number): void => void (batch === 1 && controller.abort());
    const callbacks = [{ onBatchEnd }, recorder(log)];
    await expectRefusal(
      () => trainer.fit(DATA, { epochs: 5, batchSize: 2, signal: controller.signal, callbacks }),
      DOMException,
      "This operation was aborted",
    );
    expect([trainer.updates, trainer.epochs]).toEqual([2, 0]);
    expect(log.at(-1)).toBe("end");
    const other = await trainerOf();
    const stop: w.Callback = { onBatchEnd: (batch, _logs, state) => void (batch === 1 && state.stop()) };
    await other.fit(DATA, { epochs: 5, batchSize: 2, callbacks: [stop] });
    expect(trainer.model.fingerprint()).toBe(other.model.fingerprint());
  });

  test("that nobody aborts changes nothing", async () => {
    const [a, b] = [await trainerOf(), await trainerOf()];
    await a.fit(DATA, { epochs: 3, signal: new AbortController().signal });
    await b.fit(DATA, { epochs: 3 });
    expect(a.model.fingerprint()).toBe(b.model.fingerprint());
  });
});
