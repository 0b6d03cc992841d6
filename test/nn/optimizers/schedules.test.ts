// Learning-rate schedules: their formulas, and the rates that training really uses.
import { beforeAll, describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { type Core, createCore } from "../../../src/runtime/core.ts";
import * as schedules from "../../../src/nn/optimizers/schedules.ts";
import { expectClose } from "../../support/golden.ts";

let core: Core;
beforeAll(async () => void (core = await createCore("test")));

/** The core's cos and pow differ from the engine's in the last digits. */
const CLOSE = { rtol: 1e-13, atol: 1e-16 };

const rates = (schedule: w.Schedule, base: number, count: number): number[] => {
  const running = schedule.start(base, core);
  return Array.from({ length: count }, (_, t) => running.rate(t));
};

const cosine = (part: number): number => (1 + Math.cos(Math.PI * part)) / 2;

const BASE = 0.3;

/** Each schedule with its formula, for a base rate of 0.3. */
const FORMULAS: Readonly<Record<string, readonly [w.Schedule, (t: number) => number]>> = {
  stepDecay: [w.stepDecay({ stepSize: 3, gamma: 0.5 }), (t) => BASE * 0.5 ** Math.floor(t / 3)],
  "stepDecay, default gamma": [w.stepDecay({ stepSize: 4 }), (t) => BASE * 0.1 ** Math.floor(t / 4)],
  exponentialDecay: [w.exponentialDecay({ gamma: 0.93 }), (t) => BASE * 0.93 ** t],
  cosineDecay: [w.cosineDecay({ period: 10, minimum: 0.1 }), (t) => 0.1 + 0.2 * cosine(t / 10)],
  "cosineDecay, beyond its period": [w.cosineDecay({ period: 4 }), (t) => BASE * cosine(t / 4)],
  cosineWarmRestarts: [w.cosineWarmRestarts({ period: 5, minimum: 0.2 }), (t) => 0.2 + 0.1 * cosine((t % 5) / 5)],
  "cosineWarmRestarts, periods 2, 6, 18": [
    w.cosineWarmRestarts({ period: 2, multiplier: 3 }),
    (t) => BASE * cosine(t < 2 ? t / 2 : t < 8 ? (t - 2) / 6 : (t - 8) / 18),
  ],
  linearWarmup: [w.linearWarmup({ length: 6, start: 0.25 }), (t) => BASE * (0.25 + 0.75 * Math.min(1, t / 6))],
  "linearWarmup to another end": [
    w.linearWarmup({ length: 4, start: 2, end: 0.5 }),
    (t) => BASE * (2 - 1.5 * Math.min(1, t / 4)),
  ],
  "oneCycle, linear": [
    w.oneCycle({ length: 11, warmup: 0.5, divisor: 10, finalDivisor: 100, anneal: "linear" }),
    // up over 0.5 * 11 - 1 = 4.5 counts, down over the other 5.5
    (t) => BASE * (t <= 4.5 ? 0.1 + (0.9 * t) / 4.5 : 1 + ((0.001 - 1) * (t - 4.5)) / 5.5),
  ],
  oneCycle: [
    w.oneCycle({ length: 11, warmup: 0.5, divisor: 10, finalDivisor: 100 }),
    (t) => BASE * (t <= 4.5 ? 1 - 0.9 * cosine(t / 4.5) : 0.001 + 0.999 * cosine((t - 4.5) / 5.5)),
  ],
};

describe("formulas", () => {
  for (const [name, [schedule, formula]] of Object.entries(FORMULAS)) {
    test(name, () => {
      const count = name.startsWith("oneCycle") ? 11 : 25;
      const expected = Array.from({ length: count }, (_, t) => formula(t));
      expectClose("rates", rates(schedule, BASE, count), expected, CLOSE);
    });
  }

  test("oneCycle starts, tops and ends where it says; afterwards it stays at the end", () => {
    const seen = rates(w.oneCycle({ length: 101, warmup: 0.3 }), 1, 120);
    expect(seen[0]).toBeCloseTo(1 / 25, 12);
    expect(Math.max(...seen)).toBeGreaterThan(0.999);
    expect(seen.indexOf(Math.max(...seen))).toBe(30); // the top itself is at 0.3 * 101 - 1 = 29.3
    expect(seen[100]).toBeCloseTo(1 / 25 / 1e4, 12);
    expect(new Set(seen.slice(100)).size).toBe(1);
  });

  test("every schedule has its formula here, or its test below", () => {
    const covered = Object.values(FORMULAS).map(([schedule]) => schedule.type);
    expect([...new Set([...covered, "reduceOnPlateau"])].toSorted()).toEqual(Object.keys(schedules).toSorted());
  });

  test("every schedule starts anew for every trainer", () => {
    const schedule = w.reduceOnPlateau({ patience: 0, factor: 0.5 });
    const [a, b] = [schedule.start(1, core), schedule.start(1, core)];
    a.observe!(1);
    a.observe!(1);
    expect([a.rate(0), b.rate(0)]).toEqual([0.5, 1]);
  });
});

describe("reduceOnPlateau", () => {
  /** The rate after each monitored value. */
  const after = (options: Parameters<typeof w.reduceOnPlateau>[0], figures: readonly number[]): number[] => {
    const running = w.reduceOnPlateau(options).start(1, core);
    return figures.map((figure) => {
      running.observe!(figure);
      return running.rate(0);
    });
  };

  test("waits for more than `patience` epochs without improvement", () => {
    expect(after({ patience: 2, factor: 0.5 }, [5, 5, 5, 5, 5, 5, 5])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
    expect(after({ patience: 0, factor: 0.5 }, [5, 4, 4, 4])).toEqual([1, 1, 0.5, 0.25]);
    expect(after({ patience: 1, factor: 0.5 }, [5, 5, 4, 4, 3, 3])).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("max: more is better", () => {
    expect(after({ mode: "max", patience: 0, factor: 0.5 }, [1, 2, 3, 2, 4])).toEqual([1, 1, 1, 0.5, 0.5]);
  });

  test("what is better is seen by the figure's name, unless it is said", () => {
    const rising = [1, 2, 3, 2, 4];
    const falling = [4, 3, 2, 3, 1];
    const once = [1, 1, 1, 0.5, 0.5]; // but for one value that is worse
    const all = [1, 0.5, 0.25, 0.125, 0.0625];
    const common = { patience: 0, factor: 0.5 };
    for (const monitor of [
      "accuracy",
      "validationAccuracy",
      "top5Accuracy",
      "validationF1",
      "r2",
      "rocAuc",
      "recall",
    ]) {
      expect(after({ ...common, monitor }, rising), monitor).toEqual(once);
      expect(after({ ...common, monitor }, falling), monitor).toEqual(all);
    }
    for (const monitor of [undefined, "loss", "validationLoss", "mae", "validationRmse", "logLoss"]) {
      const options = monitor === undefined ? common : { ...common, monitor };
      expect(after(options, falling), monitor).toEqual(once);
      expect(after(options, rising), monitor).toEqual(all);
    }
    expect(after({ ...common, monitor: "accuracy", mode: "min" }, falling)).toEqual(once);
    expect(after({ ...common, monitor: "mae", mode: "max" }, rising)).toEqual(once);
  });

  test("threshold: a share, or an amount", () => {
    const figures = [100, 95, 89, 88];
    expect(after({ patience: 0, factor: 0.5, threshold: 0.1 }, figures)).toEqual([1, 0.5, 0.5, 0.25]);
    expect(after({ patience: 0, factor: 0.5, threshold: 5, thresholdMode: "absolute" }, figures)).toEqual([
      1, 0.5, 0.5, 0.25,
    ]);
  });

  test("a share of figures below 0 is one of their absolute value", () => {
    const common = { factor: 0.5, patience: 2 } as const;
    const constant = [-1, -1, -1, -1, -1, -1, -1];
    for (const mode of ["min", "max"] as const) {
      // as the same figure above 0
      const expected = [1, 1, 1, 0.5, 0.5, 0.5, 0.25];
      expect(after({ ...common, mode }, constant), mode).toEqual(expected);
      const above = constant.map((figure) => -figure);
      expect(after({ ...common, mode }, above), mode).toEqual(expected);
    }
    // a tenth of 100 on either side of 0
    const figures = [-100, -105, -111, -112];
    const tenth = { patience: 0, factor: 0.5, threshold: 0.1 } as const;
    expect(after(tenth, figures)).toEqual([1, 0.5, 0.5, 0.25]);
    expect(after({ ...tenth, mode: "max" }, [-100, -95, -89, -88])).toEqual([1, 0.5, 0.5, 0.25]);
    // through 0, of which any change is better
    expect(after(tenth, [1, 0, -1e-9, -1])).toEqual([1, 1, 1, 1]);
    expect(after({ ...tenth, mode: "max" }, [-1, 0, 1e-9, 1])).toEqual([1, 1, 1, 1]);
    expect(after(tenth, [0, -0, 0])).toEqual([1, 0.5, 0.25]);
    // a share of 1 or more
    expect(after({ ...tenth, threshold: 2 }, [1, 0.5, -0.5, -1.5])).toEqual([1, 0.5, 0.25, 0.25]);
  });

  test("NaN and what is infinite are no improvement, nor is what comes after them compared with them", () => {
    const common = { factor: 0.5, patience: 0 } as const;
    expect(after(common, [NaN, NaN, NaN])).toEqual([0.5, 0.25, 0.125]);
    expect(after(common, [NaN, 5, NaN, 4])).toEqual([0.5, 0.5, 0.25, 0.25]);
    expect(after({ ...common, mode: "max" }, [NaN, 5, NaN, 6])).toEqual([0.5, 0.5, 0.25, 0.25]);
    for (const thresholdMode of ["relative", "absolute"] as const) {
      expect(after({ ...common, thresholdMode, threshold: 1 }, [Infinity, 5, Infinity, 3])).toEqual(
        thresholdMode === "absolute" ? [0.5, 0.5, 0.25, 0.25] : [0.5, 0.5, 0.25, 0.125],
      );
    }
    expect(after(common, [-Infinity, -5, -Infinity])).toEqual([1, 0.5, 0.25]);
    expect(after({ ...common, mode: "max" }, [-Infinity, -5, -6])).toEqual([0.5, 0.5, 0.25]);
  });

  test("cooldown: the next epochs aren't counted", () => {
    expect(after({ patience: 0, factor: 0.5, cooldown: 2 }, [1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  });

  test("minimum and epsilon", () => {
    expect(after({ patience: 0, factor: 0.5, minimum: 0.3 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.3, 0.3]);
    expect(after({ patience: 0, factor: 0.5, epsilon: 0.3 }, [1, 1, 1])).toEqual([1, 0.5, 0.5]);
  });
});

describe("in training", () => {
  /** A model whose gradient is always -1, so that its weight tells the sum of the rates so far. */
  async function meter(schedule: w.Schedule): Promise<{ trainer: w.Trainer; weight: () => number }> {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false, kernelInitializer: w.zeros() }));
    const trainer = new w.Trainer(model, {
      loss: w.meanAbsoluteError(),
      optimizer: w.sgd({ learningRate: 0.5 }),
      schedule,
    });
    return { trainer, weight: () => model.parameters()[0]!.get()[0]! };
  }
  const data = (rows: number): w.TrainingData => ({
    x: new Float32Array(rows).fill(1),
    y: new Float32Array(rows).fill(1000),
  });
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  /** Up to 30 sums in float32 of numbers up to 15. */
  const SUMS = { rtol: 2e-6, atol: 0 };

  for (const per of ["update", "epoch"] as const) {
    for (const callbacks of [[], [{ onEpochEnd: () => {} }], [{ onBatchEnd: () => {} }]] as const) {
      const called = callbacks.length === 0 ? "no callback" : Object.keys(callbacks[0]!)[0];
      test(`per ${per}, ${called}: 4 epochs of 5 batches`, async () => {
        const formula = (t: number): number => 0.5 * 0.9 ** t;
        const { trainer, weight } = await meter(w.exponentialDecay({ gamma: 0.9, per }));
        await trainer.fit(data(10), { batchSize: 2, epochs: 4, callbacks });
        const counts = Array.from({ length: 20 }, (_, i) => (per === "update" ? i : Math.floor(i / 5)));
        expectClose("weight", [weight()], [sum(counts.map(formula))], SUMS);
        expectClose("learningRate", [trainer.learningRate], [formula(per === "update" ? 20 : 4)], CLOSE);
        // and on from there
        await trainer.fit(data(4), { batchSize: 2, callbacks });
        const more = per === "update" ? [20, 21] : [4, 4];
        expectClose("weight", [weight()], [sum([...counts, ...more].map(formula))], SUMS);
      });
    }
  }

  test("with accumulate, updates are counted, not batches", async () => {
    const formula = (t: number): number => 0.5 * 0.9 ** t;
    const { trainer, weight } = await meter(w.exponentialDecay({ gamma: 0.9 }));
    await trainer.fit(data(10), { batchSize: 2, epochs: 3, accumulate: 2 }); // 3 updates per epoch
    expect(trainer.updates).toBe(9);
    expectClose("weight", [weight()], [sum([0, 1, 2, 3, 4, 5, 6, 7, 8].map(formula))], SUMS);
  });

  test("callbacks see the rate of the next update", async () => {
    const { trainer } = await meter(w.stepDecay({ stepSize: 2, gamma: 0.5 }));
    const seen: number[] = [];
    const onBatchBegin = (): void => void seen.push(trainer.learningRate);
    await trainer.fit(data(5), { batchSize: 1, callbacks: [{ onBatchBegin }] });
    expect(seen).toEqual([0.5, 0.5, 0.25, 0.25, 0.125]);
  });

  test("reduceOnPlateau follows validationLoss, or loss where there is none, or what it is told to", async () => {
    // the rate is too small to change the weight, so that the monitored value never becomes better
    const run = async (monitor: string | undefined, options: w.FitOptions): Promise<number[]> => {
      const model = await w.sequential({ input: 1 }, w.dense(1));
      const seen: number[] = [];
      const trainer = new w.Trainer(model, {
        loss: w.meanSquaredError(),
        optimizer: w.sgd({ learningRate: 1e-30 }),
        metrics: [w.mae()],
        schedule: w.reduceOnPlateau({ factor: 0.5, patience: 1, epsilon: 0, ...(monitor ? { monitor } : {}) }),
      });
      const onEpochEnd = (): void => void seen.push(trainer.learningRate);
      await trainer.fit(data(4), { epochs: 6, callbacks: [{ onEpochEnd }], ...options });
      return seen;
    };
    const expected = [1, 1, 0.5, 0.5, 0.25, 0.25].map((factor) => factor * 1e-30);
    expect(await run(undefined, {})).toEqual(expected);
    expect(await run(undefined, { validationData: data(2) })).toEqual(expected);
    expect(await run("mae", {})).toEqual(expected);
    expect(await run("validationMae", { validationSplit: 0.25 })).toEqual(expected);
  });
});

describe("a schedule of one's own", () => {
  /** What the exported type demands, and no more. */
  const own = (rate: (t: number) => unknown, per: "update" | "epoch" = "update"): w.Schedule =>
    ({ type: "mine", per, start: () => ({ rate }) }) as unknown as w.Schedule;
  const x = [[1], [2], [3], [4], [5]];
  const make = async (schedule?: w.Schedule): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 1, seed: 3 }, w.dense(1));
    const optimizer = w.sgd({ learningRate: 0.01 });
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer, ...(schedule && { schedule }) });
  };

  for (const per of ["update", "epoch"] as const) {
    test(`gives the bits of the library's own, by ${per}`, async () => {
      const options: w.FitOptions = { batchSize: 1, accumulate: 2, epochs: 3 };
      const theirs = await make(w.linearWarmup({ length: 4, start: 1, end: 0.5, per }));
      const mine = await make(own((t) => 0.01 * (1 + (0.5 - 1) * Math.min(1, t / 4)), per));
      expect(await mine.fit({ x, y: x }, options)).toEqual(await theirs.fit({ x, y: x }, options));
      expect(mine.model.fingerprint()).toBe(theirs.model.fingerprint());
      expect(mine.learningRate).toBe(theirs.learningRate);
    });
  }

  test("is given the value that it observes", async () => {
    const seen: number[] = [];
    const schedule = {
      ...own(() => 0.01),
      start: () => ({ rate: () => 0.01, observe: (value: number) => void seen.push(value) }),
    };
    const trainer = await make(schedule);
    const { loss } = await trainer.fit({ x, y: x }, { epochs: 2 });
    expect(seen).toEqual(loss);
    const { validationLoss } = await trainer.fit({ x, y: x }, { epochs: 2, validationSplit: 0.4 });
    expect(seen.slice(2)).toEqual(validationLoss);
  });

  /** Without the library's way to compute many rates ahead, and with it. */
  const ways = (rate: (t: number) => unknown): Readonly<Record<string, w.Schedule>> => ({
    "by itself": own(rate),
    "in place of another's": {
      ...w.cosineDecay({ period: 9 }),
      type: "mine",
      start: () => ({ rate }) as { rate(t: number): number },
    },
  });
  const refused = [
    [NaN, "0 or more, got NaN"],
    [Infinity, "0 or more, got Infinity"],
    [-0.1, "0 or more, got -0.1"],
    [1e39, "0 or more as a float32 from 1.1754944e-38 to 3.4028235e38, got 1e+39"],
    ["0.1", '0 or more, got "0.1"'],
    [undefined, "0 or more, got undefined"],
  ] as const;
  for (const [value, rule] of refused) {
    for (const [way, schedule] of Object.entries(ways((t) => (t < 7 ? 0.01 : value)))) {
      test(`that gives ${String(value)} is refused at the update that would use it, ${way}`, async () => {
        const message = `mine: the rate of update 7 must be ${rule}`;
        const trainer = await make(schedule);
        await expect(trainer.fit({ x, y: x }, { batchSize: 1, epochs: 3 })).rejects.toThrow(message);
        expect([trainer.updates, trainer.epochs]).toEqual([7, 1]);
        const usual = await make();
        const stop = {
          onBatchEnd: (_: number, __: w.Logs, { stop: end }: w.TrainingState) => void (usual.updates === 7 && end()),
        };
        await usual.fit({ x, y: x }, { batchSize: 1, epochs: 3, callbacks: [stop] });
        expect(trainer.model.fingerprint()).toBe(usual.model.fingerprint());
        // and where one update is made by hand
        expect(() => trainer.step([[1]], [[1]])).toThrow(message);
        trainer.model.forward([[1]]);
        trainer.model.backward([[1]]);
        expect(() => trainer.update()).toThrow(message);
        expect(() => trainer.learningRate).toThrow(message);
        expect(trainer.model.fingerprint()).toBe(usual.model.fingerprint());
      });
    }
  }

  for (const started of [undefined, {}, 0.01]) {
    test(`that starts with ${JSON.stringify(started)} is refused`, async () => {
      const trainer = await make({ ...own(() => 0.01), start: () => started as never });
      const message = "mine: the rate of update 0 must be 0 or more, got undefined";
      expect(() => trainer.step([[1]], [[1]])).toThrow(message);
      await expect(trainer.fit({ x, y: x })).rejects.toThrow(message);
    });
  }

  test("may fall below all float32: the weights then stay", async () => {
    const trainer = await make(w.exponentialDecay({ gamma: 1e-30 }));
    await trainer.fit({ x, y: x }, { batchSize: 1, epochs: 5 });
    expect(trainer.learningRate).toBe(0);
    expect(trainer.updates).toBe(25);
  });
});

test("cosineDecay long after its period, up to the largest count", () => {
  const running = w.cosineDecay({ period: 4 }).start(BASE, core);
  for (const turns of [2, 1000, 2 ** 16, 2 ** 31, 2 ** 49]) {
    for (const t of [0, 1, 2, 3, 4, 5, 7]) {
      expectClose(`${turns} turns`, [running.rate(8 * turns + t)], [BASE * cosine(t / 4)], {
        rtol: 1e-12,
        atol: 1e-12,
      });
    }
  }
});
