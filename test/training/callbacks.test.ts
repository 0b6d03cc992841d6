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

  test("counts one figure once where a value is given twice", async () => {
    const callback = w.earlyStopping({ patience: 3 });
    const once = await past2(callback);
    const twice = await past2({}, { callbacks: [callback, callback] });
    expect(twice.history).toEqual(once.history);
    expect(twice.trainer.model.fingerprint()).toBe(once.trainer.model.fingerprint());
  });

  const NEVER = [NaN, NaN, NaN, NaN, NaN, NaN];
  for (const [name, figures, options, epoch] of [
    ["NaN from the first epoch on", NEVER, { patience: 3 }, 2],
    ["NaN, more is better", NEVER, { patience: 3, mode: "max" }, 2],
    ["NaN after a figure", [1, NaN, NaN, 0.5, NaN, NaN, NaN], { patience: 3 }, 6],
    ["NaN before a figure", [NaN, 5, 4, NaN, 4, 4], { patience: 2 }, 4],
    ["NaN is not what the next one is compared with", [NaN, 5, 6, 7], { patience: 2 }, 3],
    ["infinite, less is better", [Infinity, Infinity, Infinity, 1], { patience: 3 }, 2],
    ["infinite first", [Infinity, 5, Infinity, 6], { patience: 2 }, 3],
    ["minus infinite, more is better", [-Infinity, -Infinity, 3], { patience: 2, mode: "max" }, 1],
    ["minus infinite is the least there is", [-Infinity, -1e300, -Infinity], { patience: 2 }, 2],
    ["0 and -0 are one figure", [0, -0, 0], { patience: 2 }, 2],
    ["below 0, less is better", [-1, -2, -2.05, -2.05], { patience: 2, minimumChange: 0.1 }, 3],
    ["below 0, more is better", [-2, -1, -0.95, -1], { patience: 2, minimumChange: 0.1, mode: "max" }, 3],
  ] as const satisfies readonly (readonly [
    string,
    readonly number[],
    Parameters<typeof w.earlyStopping>[0],
    number,
  ])[]) {
    test(`figures that are no progress: ${name}`, async () => {
      expect(await stopsAt(w.earlyStopping({ monitor: "mine", ...options }), "mine", figures)).toBe(epoch);
    });
  }

  /** A metric whose values are these, one an epoch. */
  const told = (figures: readonly number[]): w.Metric => {
    let epoch = 0;
    return { ...w.mae(), name: "told", result: () => figures[Math.min(epoch++, figures.length - 1)]! };
  };

  test("a metric that is always NaN: it stops, and the weights stay as they are", async () => {
    const trainer = await trainerOf({ metrics: [told([NaN])] });
    const prints: string[] = [];
    const callbacks = [
      { onEpochEnd: () => void prints.push(trainer.model.fingerprint()) },
      w.earlyStopping({ monitor: "told", patience: 3 }),
    ];
    const history = await trainer.fit(DATA, { epochs: 50, callbacks });
    expect(history["told"]).toEqual([NaN, NaN, NaN]);
    expect(trainer.model.fingerprint()).toBe(prints[2]);
  });

  test("a metric that becomes NaN: back to the last epoch that had a figure", async () => {
    const trainer = await trainerOf({ metrics: [told([NaN, 2, 1, NaN])] });
    const prints: string[] = [];
    const callbacks = [
      { onEpochEnd: () => void prints.push(trainer.model.fingerprint()) },
      w.earlyStopping({ monitor: "told", patience: 4 }),
    ];
    await trainer.fit(DATA, { epochs: 50, callbacks });
    expect(prints.length).toBe(7);
    expect(trainer.model.fingerprint()).toBe(prints[2]);
  });

  test("goes back to frozen parameters and running statistics, too", async () => {
    const make = async (): Promise<w.Trainer> => {
      const frozen = w.frozen(w.dense(2));
      const model = await w.sequential({ input: 1, seed: 3 }, frozen, w.batchNorm(), w.dense(1));
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), metrics: [told([3, 1, 2])] });
    };
    const trainer = await make();
    const all = (): Float32Array[] => trainer.model.parameters().map((p) => p.get());
    const seen: Float32Array[][] = [];
    const callbacks = [{ onEpochEnd: () => void seen.push(all()) }, w.earlyStopping({ monitor: "told", patience: 3 })];
    await trainer.fit(DATA, { epochs: 9, callbacks });
    expect(seen.length).toBe(5);
    expect(all()).toEqual(seen[1]);
    // each of the three kinds had moved since, or couldn't
    const moved = trainer.model.parameters().map((p, i) => [p.name, String(seen[1]![i]) !== String(seen[4]![i])]);
    expect(Object.fromEntries(moved)).toMatchObject({
      "dense1.weight": false,
      "batchNorm1.runningMean": true,
      "batchNorm1.runningVariance": true,
      "dense2.weight": true,
    });
  });

  test("a figure that isn't there", async () => {
    await expectRefusal(
      () => past2(w.earlyStopping({ monitor: "accuracy" })),
      Error,
      'earlyStopping: there is no figure "accuracy" to monitor; the history has loss, validationLoss',
    );
  });
});

describe("one value given to several trainings", () => {
  /** Two trainings that take different ways, and end at different epochs. */
  const KINDS: readonly (readonly [w.TrainingData, number])[] = [
    [{ x: [5], y: [3] }, 0.02],
    [{ x: [-2], y: [1] }, 0.05],
  ];
  type Values = Partial<Omit<w.TrainerOptions, "optimizer">> & { callbacks?: w.Callback[] };
  async function train(i: number, values: Values): Promise<{ history: w.History; print: string; rate: number }> {
    const [data, learningRate] = KINDS[i]!;
    const { callbacks = [], ...parts } = values;
    const trainer = await trainerOf({ optimizer: w.sgd({ learningRate }), ...parts });
    const validationData = { x: [5, 1], y: [2, 0] };
    const history = await trainer.fit(data, { epochs: 200, validationData, callbacks });
    return { history, print: trainer.model.fingerprint(), rate: trainer.learningRate };
  }

  const VALUES: Readonly<Record<string, () => Values>> = {
    earlyStopping: () => ({ callbacks: [w.earlyStopping({ patience: 3 })] }),
    "earlyStopping that nothing ends": () => ({ callbacks: [w.earlyStopping({ monitor: "loss", patience: 500 })] }),
    reduceOnPlateau: () => ({ schedule: w.reduceOnPlateau({ patience: 1, factor: 0.5 }) }),
    cosineWarmRestarts: () => ({ schedule: w.cosineWarmRestarts({ period: 7, multiplier: 2 }) }),
    "loss and metrics": () => ({ loss: w.huber(), metrics: [w.mae(), w.r2()] }),
    "all of them": () => ({
      loss: w.huber(),
      metrics: [w.mae()],
      schedule: w.reduceOnPlateau({ monitor: "mae", patience: 2 }),
      callbacks: [w.earlyStopping({ monitor: "validationMae", patience: 20 })],
    }),
  };
  for (const [name, make] of Object.entries(VALUES)) {
    test(`${name}: side by side and one after the other, as with a value each`, async () => {
      const apart = [await train(0, make()), await train(1, make())];
      expect(apart[0]!.print).not.toBe(apart[1]!.print);
      const value = make();
      expect(await Promise.all([train(0, value), train(1, value)])).toEqual(apart);
      expect([await train(0, value), await train(1, value)]).toEqual(apart);
    });
  }

  test("a training within another one's callback", async () => {
    const make = (): Values => ({ callbacks: [w.earlyStopping({ patience: 3 })] });
    const apart = [await train(0, make()), await train(1, make())];
    const value = w.earlyStopping({ patience: 3 });
    let inner: unknown;
    const onEpochEnd = async (): Promise<void> => {
      inner ??= await train(1, { callbacks: [value] });
    };
    expect(await train(0, { callbacks: [{ onEpochEnd }, value] })).toEqual(apart[0]);
    expect(inner).toEqual(apart[1]);
  });

  test("after a training that failed, nothing is left of it", async () => {
    const value = w.earlyStopping({ patience: 3 });
    const trainer = await trainerOf({ optimizer: w.sgd({ learningRate: 0.02 }) });
    const calm = await trainerOf({ optimizer: w.sgd({ learningRate: 0.02 }) });
    const onEpochEnd = (epoch: number): void => {
      if (epoch === 2) throw new RangeError("enough");
    };
    const data = { x: [5], y: [3] };
    await expectRefusal(
      () => trainer.fit(data, { epochs: 9, callbacks: [value, { onEpochEnd }] }),
      RangeError,
      "enough",
    );
    await calm.fit(data, { epochs: 3 });
    // of a figure that is worse than those before
    const worse = { x: [5], y: [300] };
    expect(await trainer.fit(worse, { epochs: 9, callbacks: [value] })).toEqual(
      await calm.fit(worse, { epochs: 9, callbacks: [w.earlyStopping({ patience: 3 })] }),
    );
    expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
  });

  test("its state may be handed on in an object of one's own", async () => {
    const expected = await past2(w.earlyStopping({ patience: 3 }));
    const inner = w.earlyStopping({ patience: 3 });
    const outer: w.Callback = {
      onEpochEnd: (epoch, logs, { model, epochs, batches, stop }) =>
        inner.onEpochEnd!(epoch, logs, { model, epochs, batches, stop }),
      onTrainEnd: (state) => inner.onTrainEnd!(state),
    };
    for (let i = 0; i < 2; i++) {
      const { history, trainer } = await past2(outer);
      expect(history).toEqual(expected.history);
      expect(trainer.model.fingerprint()).toBe(expected.trainer.model.fingerprint());
    }
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

test("a name that every object has is no figure of the history", async () => {
  for (const monitor of ["constructor", "toString", "__proto__"]) {
    await expect((await trainerOf()).fit(DATA, { callbacks: [w.earlyStopping({ monitor })] })).rejects.toThrow(
      `earlyStopping: there is no figure "${monitor}" to monitor; the history has loss`,
    );
    const { model } = await trainerOf();
    const schedule = w.reduceOnPlateau({ monitor });
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), schedule });
    await expect(trainer.fit(DATA)).rejects.toThrow(`reduceOnPlateau: there is no figure "${monitor}" to monitor`);
  }
});
