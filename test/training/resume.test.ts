// Trainings that go on from a checkpoint: whatever the optimizer, schedule, loss, metric and callback, they end with the same bits.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as files from "../../src/files.ts";
import * as w from "../../src/index.ts";
import * as losses from "../../src/nn/losses/index.ts";
import * as metrics from "../../src/nn/metrics/index.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import { NEEDED } from "../support/needed.ts";
import { expectRefusal } from "../support/refusals.ts";
import {
  always,
  expectResumes,
  FIT,
  MemoryStore,
  ROWS,
  small,
  train,
  type Training,
  x,
  y,
} from "../support/resuming.ts";
import { KEEPS } from "../../src/training/callbacks.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

const names = (exports: object): string[] => Object.keys(exports).toSorted();

/** Exports that make a value of a kind, found by calling all with what they can't do without. */
function makersOf(isOne: (made: object) => boolean): string[] {
  const stages = w.linearWarmup({ length: 1 });
  const given: Readonly<Record<string, readonly unknown[]>> = {
    checkpoint: [new MemoryStore()],
    csvLogger: ["file.csv"],
    scheduleSequence: [[stages, 1], stages],
  };
  const makers = Object.entries({ ...w, ...files }).filter(([name, make]) => {
    if (typeof make !== "function" || /^[A-Z]/.test(name) || ["sequential", "useCore"].includes(name)) return false;
    try {
      const made: unknown = (make as (...options: unknown[]) => unknown)(...(given[name] ?? [NEEDED[name]]));
      if (made instanceof Promise) made.catch(() => {});
      return isOne(Object(made));
    } catch {
      return false; // it needs more than options
    }
  });
  return makers.map(([name]) => name).toSorted();
}

/** The small training with other parts. */
const withParts = (parts: () => Partial<w.TrainerOptions>, options: () => w.FitOptions = () => FIT): Training => ({
  trainer: () => small(parts()),
  data: () => ({ x, y }),
  options,
});

describe("every optimizer", () => {
  const { adam, adamw, rmsprop, sgd, adagrad, adadelta } = optimizers;
  const rates = (name: string): number => (name.startsWith("dense2") ? 2 : name.endsWith("bias") ? 0 : 1);
  const CASES: Readonly<Record<string, readonly (() => w.Optimizer)[]>> = {
    sgd: [
      () => sgd(),
      () => sgd({ momentum: 0.9, nesterov: true, clipNorm: 0.1 }),
      () => sgd({ momentum: 0.5, learningRates: rates }),
    ],
    adam: [() => adam(), () => adam({ amsgrad: true, clipGlobalNorm: 0.1 }), () => adam({ clipValue: 0.01 })],
    adamw: [() => adamw(), () => adamw({ weightDecay: 0.1, decay: "weights" })],
    rmsprop: [() => rmsprop(), () => rmsprop({ momentum: 0.9, centered: true })],
    adagrad: [() => adagrad(), () => adagrad({ weightDecay: 0.1, decay: (name) => name === "dense1.weight" })],
    adadelta: [() => adadelta(), () => adadelta({ l1: 0.01, learningRate: 1 })],
  };
  test("is among the cases", () => expect(names(CASES)).toEqual(names(optimizers)));

  for (const [name, makers] of Object.entries(CASES)) {
    makers.forEach((make, i) =>
      test(`${name}, ${i + 1}`, async () => void (await expectResumes(withParts(() => ({ optimizer: make() }))))),
    );
  }

  test("one of the user's", async () => {
    const lion = (): w.Optimizer =>
      w.customOptimizer({
        type: "lion",
        slots: { mean: 0 },
        learningRate: 1e-3,
        update({ values, gradient, slots: { mean }, learningRate, step }) {
          for (let i = 0; i < values.length; i++) {
            values[i]! -= (learningRate / step) * Math.sign(0.9 * mean[i]! + 0.1 * gradient[i]!);
            mean[i] = 0.99 * mean[i]! + 0.01 * gradient[i]!;
          }
        },
      });
    await expectResumes(withParts(() => ({ optimizer: lion() })));
  });
});

describe("every schedule", () => {
  const per = "epoch" as const;
  const CASES: Readonly<Record<string, readonly (() => w.Schedule)[]>> = {
    cosineDecay: [() => w.cosineDecay({ period: 7 }), () => w.cosineDecay({ period: 3, per })],
    cosineWarmRestarts: [
      () => w.cosineWarmRestarts({ period: 3, multiplier: 2 }),
      () => w.cosineWarmRestarts({ period: 1, multiplier: 2, per }),
    ],
    exponentialDecay: [() => w.exponentialDecay({ gamma: 0.9 }), () => w.exponentialDecay({ gamma: 0.7, per })],
    linearWarmup: [() => w.linearWarmup({ length: 6 }), () => w.linearWarmup({ length: 2, per })],
    oneCycle: [() => w.oneCycle({ length: 9 }), () => w.oneCycle({ length: 3, anneal: "linear", per })],
    reduceOnPlateau: [
      () => w.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 0.5 }),
      () => w.reduceOnPlateau({ factor: 0.5, patience: 1, threshold: 0.9, cooldown: 1 }),
    ],
    scheduleSequence: [
      () => w.scheduleSequence([w.linearWarmup({ length: 4 }), 4], w.cosineDecay({ period: 5 })),
      () =>
        w.scheduleSequence(
          [w.linearWarmup({ length: 1, per }), 1],
          w.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 0.5 }),
        ),
      () =>
        w.scheduleSequence(
          [w.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 0.5 }), 2],
          w.exponentialDecay({ gamma: 0.9, per }),
        ),
    ],
    stepDecay: [() => w.stepDecay({ stepSize: 2, gamma: 0.5 }), () => w.stepDecay({ stepSize: 1, gamma: 0.5, per })],
  };
  test("is among the cases", () => {
    expect(names(CASES)).toEqual(makersOf((made) => "start" in made && "per" in made));
  });

  for (const [name, makers] of Object.entries(CASES)) {
    makers.forEach((make, i) =>
      test(`${name}, ${i + 1}`, async () => {
        const withValidation = { ...FIT, epochs: 4, validationSplit: 0.2 };
        await expectResumes(
          withParts(
            () => ({ schedule: make() }),
            () => withValidation,
          ),
        );
      }),
    );
  }

  /** A schedule of one's own: the rate falls with each epoch that it observes. */
  const falling = (kept: boolean): w.Schedule => ({
    type: "falling",
    per: "update",
    start(base) {
      let seen = 0;
      let sum = 0;
      const running = {
        rate: (t: number) => base / (1 + seen + sum + t / 8),
        observe(value: number) {
          seen++;
          sum += value;
        },
      };
      if (!kept) return running;
      return {
        ...running,
        state: () => [seen, sum],
        restore: ([count, total]) => void ([seen, sum] = [count!, total!]),
      };
    },
  });

  test("one of the user's, with a state and without one to keep", async () => {
    await expectResumes(withParts(() => ({ schedule: falling(true) })));
    const stateless: w.Schedule = {
      type: "wave",
      per: "update",
      start: (base) => ({ rate: (t) => base / (1 + (t % 3)) }),
    };
    await expectResumes(withParts(() => ({ schedule: stateless })));
  });

  test("one of the user's that observes, but can't say what, is refused before training", async () => {
    const store = new MemoryStore();
    const trainer = await small({ schedule: falling(false) });
    let begun = 0;
    const callbacks = [...always(store), { onTrainBegin: () => void begun++ }];
    const message = "checkpoint: a schedule that has observe must have state and restore, too";
    await expectRefusal(() => trainer.fit({ x, y }, { callbacks }), Error, message);
    expect([begun, trainer.updates, store.kept.length]).toEqual([0, 0, 0]);
  });

  test("a learning rate that was set on the way", async () => {
    await expectResumes({
      async trainer() {
        return (current = await small({ schedule: w.exponentialDecay({ gamma: 0.9 }) }));
      },
      data: () => ({ x, y }),
      options: () => ({
        ...FIT,
        callbacks: [
          {
            onBatchEnd(batch, _logs, { updates }) {
              if (batch === 2 && updates! > 3) current.learningRate = 0.02 / updates!;
            },
          },
        ],
      }),
    });
  });
  let current: w.Trainer;
});

const shares = uniform(ROWS * 3, { seed: 11, low: 0, high: 1 });
const numbers = normal(ROWS * 3, { seed: 12 });
const labels = wholes(ROWS, { seed: 13, below: 3 });
const distributions = shares.map((v, i) => {
  const from = i - (i % 3);
  return v / (shares[from]! + shares[from + 1]! + shares[from + 2]!);
});
const words = w.ctcTargets(
  Array.from({ length: ROWS }, (_, r) => [[1, 2], [2, 2], [], [1], [2, 1]][r % 5]!),
  { maxLabels: 4 },
);
const timedWords = w.ctcTargets(
  Array.from({ length: ROWS }, (_, r) => [[0, 1], [0], [1, 1], [1], []][r % 5]!),
  { maxLabels: 2, lengths: Array.from({ length: ROWS }, (_, r) => [2, 4, 3, 4, 2][r % 5]!) },
);
const weights = uniform(ROWS, { seed: 14, low: 0, high: 2 });

describe("every loss", () => {
  type LossCase = readonly [loss: () => w.Loss, target: w.Target, ends?: () => w.Layer[]];
  const steps = (): w.Layer[] => [w.dense(12), w.reshape([4, 3])];
  const CASES: Readonly<Record<string, readonly LossCase[]>> = {
    binaryCrossEntropy: [[() => w.binaryCrossEntropy(), shares, () => [w.dense(3), w.sigmoid()]]],
    binaryCrossEntropyWithLogits: [[() => w.binaryCrossEntropyWithLogits({ positiveWeight: 3 }), shares]],
    cosineSimilarity: [[() => w.cosineSimilarity(), numbers]],
    ctc: [
      [() => w.ctc(), words, steps],
      [() => w.ctc({ blank: 2, maxLabels: 2, lengths: true, reduction: "sum" }), timedWords, steps],
    ],
    dice: [[() => w.dice(), shares, () => [w.dense(3), w.sigmoid()]]],
    focal: [[() => w.focal({ gamma: 1.5, alpha: 0.3, reduction: "sum" }), shares]],
    hinge: [[() => w.hinge(), shares.map((v) => (v > 0.5 ? 1 : -1))]],
    huber: [[() => w.huber({ delta: 0.2 }), numbers]],
    klDivergence: [[() => w.klDivergence(), distributions, () => [w.dense(3), w.logSoftmax()]]],
    meanAbsoluteError: [[() => w.meanAbsoluteError(), numbers]],
    meanSquaredError: [
      [() => w.meanSquaredError(), numbers],
      [() => w.meanSquaredError({ reduction: "sum" }), numbers],
    ],
    negativeLogLikelihood: [
      [() => w.negativeLogLikelihood({ classWeights: [0.5, 2, 1] }), labels, () => [w.dense(3), w.logSoftmax()]],
    ],
    poisson: [[() => w.poisson(), Float32Array.from(wholes(ROWS * 3, { seed: 16, below: 6 }))]],
    quantile: [
      [() => w.quantile({ quantile: 0.3 }), numbers],
      [() => w.quantile({ quantile: [0.1, 0.5, 0.9] }), numbers.subarray(0, ROWS)],
    ],
    sequenceCrossEntropy: [
      [
        () => w.sequenceCrossEntropy({ labelSmoothing: 0.2 }),
        Float32Array.from(wholes(ROWS * 4, { seed: 13, below: 4 }), (label) => label - 1),
        steps,
      ],
    ],
    softmaxCrossEntropy: [
      [() => w.softmaxCrossEntropy({ classWeights: [0.5, 2, 1], labelSmoothing: 0.2 }), labels],
      [() => w.softmaxCrossEntropy({ reduction: "sum" }), distributions],
    ],
    tripletMargin: [[() => w.tripletMargin({ margin: 3 }), new Float32Array(ROWS), () => [w.dense(6)]]],
  };
  test("is among the cases", () => expect(names(CASES)).toEqual(names(losses)));

  const withLoss = (loss: () => w.Loss, target: w.Target, ends: () => w.Layer[] = () => [w.dense(3)]): Training => ({
    trainer: () => small({ loss: loss() }, {}, () => [w.dense(4), w.tanh(), w.dropout(0.2), ...ends()]),
    data: () => ({ x, y: target, sampleWeights: weights }),
    options: () => FIT,
  });
  for (const [name, cases] of Object.entries(CASES)) {
    cases.forEach(([loss, target, ends], i) =>
      test(`${name}, ${i + 1}`, async () => void (await expectResumes(withLoss(loss, target, ends)))),
    );
  }

  test("several of named outputs, with targets that are missing", async () => {
    const ends = w.outputs({
      kind: { shape: 3, loss: w.softmaxCrossEntropy(), metrics: [w.accuracy(), w.f1()], missing: true },
      size: { shape: 2, loss: w.meanSquaredError({ reduction: "sum" }), weight: 0.1, missing: true, metrics: [] },
      yes: { shape: 1, loss: w.binaryCrossEntropyWithLogits(), metrics: w.accuracy() },
    });
    const target = ends.targets({
      kind: labels.map((label, i) => (i % 4 === 0 ? -1 : label)),
      size: numbers.slice(0, 2 * ROWS).map((value, i) => (i % 5 === 0 ? NaN : value)),
      yes: [...y],
    });
    const branches = (): w.Layer => ends.layer({ kind: w.dense(3), size: w.dense(2), yes: w.dense(1) });
    const { outcome } = await expectResumes({
      ...withLoss(
        () => ends.loss,
        target,
        () => [branches()],
      ),
      options: () => ({ ...FIT, validationSplit: 0.2 }),
    });
    expect(Object.keys(outcome.history)).toContain("validationKind.accuracy");
  });

  test("one of the user's", async () => {
    const pinball = (): w.Loss =>
      w.customLoss({
        type: "pinball",
        compute({ output, target, losses: each, gradient }) {
          for (let i = 0; i < output.length; i++) {
            const slope = output[i]! < target[i]! ? -0.3 : 0.7;
            each[i] = slope * (output[i]! - target[i]!);
            gradient[i] = slope;
          }
        },
      });
    await expectResumes(withLoss(pinball, numbers));
  });
});

describe("every metric", () => {
  type MetricCase = readonly [loss: () => w.Loss, outputs: number, target: w.Target, all: () => w.Metric[]];
  const CASES: readonly MetricCase[] = [
    [
      () => w.softmaxCrossEntropy(),
      3,
      labels,
      () => [w.accuracy(), w.topKAccuracy({ k: 2 }), w.precision(), w.recall(), w.f1(), w.iou(), w.logLoss()],
    ],
    [() => w.binaryCrossEntropyWithLogits(), 1, y, () => [w.rocAuc(), w.prAuc(), w.accuracy()]],
    [() => w.meanSquaredError(), 3, numbers, () => [w.mae(), w.mse(), w.rmse(), w.r2()]],
  ];
  const functions = ["confusionMatrix", "classificationReport", "rocCurve", "precisionRecallCurve"]; // of labels, not of a model
  test("is among the cases", () => {
    const covered = new Set(CASES.flatMap(([, , , all]) => all().map(({ type }) => type)));
    expect([...covered].toSorted()).toEqual(names(metrics).filter((name) => !functions.includes(name)));
  });

  const withMetrics = ([loss, outputs, target, all]: MetricCase): Training => ({
    trainer: () => small({ loss: loss(), metrics: all() }, {}, () => [w.dense(4), w.tanh(), w.dense(outputs)]),
    data: () => ({ x, y: target }),
    options: () => ({ ...FIT, validationSplit: 0.2 }),
  });
  for (const each of CASES) {
    const all = each[3]().map(({ name }) => name);
    test(all.join(", "), async () => {
      const { outcome } = await expectResumes(withMetrics(each));
      expect(Object.keys(outcome.history)).toEqual(expect.arrayContaining(all));
    });
  }

  const counting = <S>(name: string, start: () => S, add: (state: S, v: number) => S, result: (state: S) => number) =>
    w.customMetric<string, S>({ name, start, add: (state, { output }) => output.reduce(add, state), result });
  const OWN: Readonly<Record<string, () => w.Metric>> = {
    number: () => counting("largest", () => 0, Math.max, Number),
    object: () =>
      counting(
        "mean",
        () => ({ sum: -0, seen: { count: 0, last: NaN } }),
        (s, v) => {
          s.sum += v;
          s.seen.count++;
          s.seen.last = v;
          return s;
        },
        ({ sum, seen }) => sum / seen.count,
      ),
    Map: () =>
      counting(
        "kinds",
        () => new Map<number, number>(),
        (s, v) => s.set(Math.round(v), (s.get(Math.round(v)) ?? 0) + 1),
        (s) => Math.max(...s.values()) / s.size,
      ),
    "typed array": () =>
      counting(
        "spread",
        () => new Float64Array(3),
        (s, v) => {
          s[0]! += v;
          s[1]! += v * v;
          s[2]!++;
          return s;
        },
        ([sum, squares, count]) => squares! / count! - (sum! / count!) ** 2,
      ),
  };
  for (const [kind, metric] of Object.entries(OWN)) {
    test(`one of the user's whose state is: ${kind}`, async () => {
      await expectResumes(withMetrics([() => w.meanSquaredError(), 3, numbers, () => [metric(), w.mae()]]));
    });
  }

  class Counter {
    sum = 0;
  }
  const instance = (): w.Metric =>
    counting(
      "total",
      () => new Counter(),
      (s, v) => {
        s.sum += v;
        return s;
      },
      ({ sum }) => sum,
    );

  test("one of the user's whose state is an instance of a class is refused in the middle of an epoch", async () => {
    const training = withMetrics([() => w.meanSquaredError(), 3, numbers, () => [instance()]]);
    const message =
      "checkpoint: metrics[0] is an object (Counter), which can't be written; make it of numbers, strings, arrays, plain objects, maps, sets and typed arrays";
    const store = new MemoryStore();
    await expectRefusal(() => train(training, false, { callbacks: always(store) }), TypeError, message);
    expect(store.kept).toEqual([]);
  });

  test("at the end of epochs there is no state to keep, so that any will do", async () => {
    const training = withMetrics([() => w.meanSquaredError(), 3, numbers, () => [instance()]]);
    const store = new MemoryStore();
    const outcome = await train(training, false, { callbacks: [w.checkpoint(store)] });
    expect(store.kept.length).toBe(3);
    const from = new MemoryStore(store.kept[0]!.bytes);
    expect((await train(training, true, { resumeFrom: from })).history).toEqual(outcome.history);
  });
});

describe("every callback", () => {
  test("is among the cases", () => {
    const isCallback = (made: object): boolean =>
      KEEPS in made || Object.keys(made).some((key) => /^on[A-Z]\w+(?:Begin|End)$/.test(key));
    expect(makersOf(isCallback)).toEqual(["checkpoint", "csvLogger", "earlyStopping", "emaWeights"]);
  });

  const withCallbacks = (callbacks: () => w.Callback[], more: w.FitOptions = {}): Training => ({
    trainer: () => small({ metrics: [w.accuracy()] }),
    data: () => ({ x, y }),
    options: () => ({ ...FIT, validationSplit: 0.2, ...more, callbacks: callbacks() }),
  });

  test("earlyStopping that stops on the way, and goes back to the best weights", async () => {
    const stopping = (): w.Callback => w.earlyStopping({ patience: 2, minimumChange: 0.002 });
    const { outcome } = await expectResumes(withCallbacks(() => [stopping()], { epochs: 30 }));
    const { loss } = outcome.history;
    expect(loss.length).toBeGreaterThan(3);
    expect(loss.length).toBeLessThan(30);
    await expectResumes(withCallbacks(() => [w.earlyStopping({ monitor: "accuracy", restoreBestWeights: false })]));
    // one that comes to the end of the epochs
    await expectResumes(withCallbacks(() => [w.earlyStopping({ patience: 9 })]));
  });

  test("emaWeights, and the weights and averages exchanged afterwards", async () => {
    const ema: w.EmaWeights[] = [];
    const training = withCallbacks(() => [ema[ema.push(w.emaWeights({ decay: 0.9 })) - 1]!]);
    await expectResumes(training);
    const store = new MemoryStore();
    const first = await train(training, false, { callbacks: always(store) });
    const { model } = first.trainer;
    const last = model.fingerprint();
    ema.at(-1)!.swap(model);
    const averaged = model.fingerprint();
    expect(averaged).not.toBe(last);
    for (const from of [store.kept[3]!, store.kept.at(-1)!]) {
      const { trainer } = await train(training, true, { resumeFrom: new MemoryStore(from.bytes) });
      expect(trainer.model.fingerprint()).toBe(last);
      ema.at(-1)!.swap(trainer.model);
      expect(trainer.model.fingerprint()).toBe(averaged);
      ema.at(-1)!.swap(trainer.model);
      expect(trainer.model.fingerprint()).toBe(last);
    }
  });

  test("checkpoint itself: its best figure goes on", async () => {
    const training = withCallbacks(() => [], { epochs: 4 });
    const { kept } = await expectResumes(training, { options: { monitor: "loss", mode: "max" } });
    expect(kept.filter(({ info }) => info.best).length).toBeGreaterThan(0);
    for (const mode of ["min", "max"] as const) {
      await expectResumes(training, { options: { mode } });
      await expectResumes(training, { options: { mode, keepBest: false } });
    }
  });

  test("checkpoint: when there is one more, and when it is the best", async () => {
    // the loss of this training falls with every epoch, so that the largest is that of the first one
    const training: Training = { trainer: () => small({}, {}, () => [w.dense(2)]), data: () => ({ x, y }) };
    const store = new MemoryStore();
    const options = { epochs: 4, batchSize: 11 };
    const callbacks = [w.checkpoint(store, { mode: "max" })];
    await train(training, false, { ...options, callbacks });
    expect(store.kept.map(({ info }) => info)).toEqual(
      [0, 1, 2, 3].map((epoch) => ({ step: 2 * epoch + 2, epoch: epoch + 1, best: epoch === 0 })),
    );
    const from = new MemoryStore(store.kept[1]!.bytes);
    await train(training, true, { ...options, resumeFrom: from, callbacks: [w.checkpoint(from, { mode: "max" })] });
    expect(from.kept.map(({ info }) => info)).toEqual(store.kept.slice(2).map(({ info }) => info));
  });

  test("csvLogger: the file is that of a training that was never ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "resume-"));
    try {
      const path = join(folder, "log.csv");
      const written: string[] = [];
      const training = withCallbacks(() => [files.csvLogger(path)]);
      const read = async (...given: Parameters<typeof train>): Promise<void> => {
        await train(...given);
        written.push(readFileSync(path, "utf8"));
      };
      const { kept } = await expectResumes(training);
      await read(training, false);
      for (const { bytes } of kept) {
        writeFileSync(path, "epoch,loss\n1,2\n2,3\n3,4\n"); // of another training
        await read(training, true, { resumeFrom: new MemoryStore(bytes) });
      }
      expect(written[0]!.split("\n").length).toBeGreaterThan(3);
      expect(new Set(written).size).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** One of the user's, whose state is of all kinds, and goes on into the model. */
  const own = (log: string[] = []): w.Callback => {
    let kept = { seen: new Map<string, Float32Array>(), sum: 0, losses: [] as number[], marks: new Set<number>() };
    return {
      name: "own",
      onTrainBegin: () => void log.push("begin"),
      onEpochBegin: (epoch) => void log.push(`epoch ${epoch}`),
      onBatchBegin: (batch) => void log.push(`batch ${batch}`),
      onBatchEnd(batch, { loss }, { model }) {
        log.push(`end of batch ${batch}`);
        kept.sum += loss;
        kept.losses.push(loss);
        kept.marks.add(batch);
        const [first] = model.parameters();
        kept.seen.set(`batch ${batch}`, first!.get());
        // what is kept has a say in what is trained
        if (batch === 2) first!.set(first!.get().map((value) => value * (1 - 0.01 * (kept.sum % 1))));
      },
      onEpochEnd: (epoch) => void log.push(`end of epoch ${epoch}`),
      onTrainEnd: () => void log.push("end"),
      state: () => kept,
      restore(state) {
        log.push("restore");
        kept = state as typeof kept;
      },
    };
  };

  test("one of the user's", async () => void (await expectResumes(withCallbacks(() => [own()]))));

  test("one value twice, and several of a kind", async () => {
    const twice = (callback: w.Callback): w.Callback[] => [callback, callback];
    await expectResumes(withCallbacks(() => [...twice(w.earlyStopping({ patience: 3 })), w.emaWeights()]));
    await expectResumes(withCallbacks(() => [...twice(w.emaWeights()), own(), own()]));
    await expectResumes(withCallbacks(() => twice(own())));
  });

  test("functions are called as if nothing had happened, but for the first ones", async () => {
    const log: string[] = [];
    const training = withCallbacks(() => [own(log)], { validationSplit: 0, epochs: 2 });
    const store = new MemoryStore();
    await train(training, false, { callbacks: always(store) });
    const all = [...log];
    const epoch = (e: number): string[] => [
      `epoch ${e}`,
      ...[0, 1, 2, 3, 4].flatMap((batch) => [`batch ${batch}`, `end of batch ${batch}`]),
      `end of epoch ${e}`,
    ];
    expect(all).toEqual(["begin", ...epoch(0), ...epoch(1), "end"]);
    for (const [i, begins] of [
      [1, 6], // after two batches
      [4, 13], // after an epoch
      [6, 18],
      [9, 25], // at the end
    ] as const) {
      log.length = 0;
      await train(training, true, { resumeFrom: new MemoryStore(store.kept[i]!.bytes) });
      expect(log).toEqual(["begin", "restore", ...all.slice(begins)]);
    }
  });

  test("what a callback is told of the training is the same, too", async () => {
    const told: unknown[][] = [];
    const tell = (): w.Callback => ({
      onBatchEnd: (batch, logs, { updates, batches, epochs }) =>
        void told.at(-1)!.push([batch, logs, updates, batches, epochs]),
      onEpochEnd: (epoch, logs) => void told.at(-1)!.push([epoch, { ...logs }]),
    });
    const training = withCallbacks(() => [tell()], {});
    const store = new MemoryStore();
    told.push([]);
    await train(training, false, { callbacks: always(store) });
    told.push([]);
    await train(training, true, { resumeFrom: new MemoryStore(store.kept[5]!.bytes) });
    const [all, rest] = told as [unknown[], unknown[]];
    expect(rest.length).toBeGreaterThan(3);
    expect(rest).toEqual(all.slice(-rest.length));
  });
});

test("what is made of the user's functions has cases: a layer, a loss, a metric, an optimizer", () => {
  const own = Object.keys(w).filter((name) => name.startsWith("custom") || name === "lambda");
  // of layers in resumeLayers.test.ts, of the others above
  expect(own.toSorted()).toEqual(["customLayer", "customLoss", "customMetric", "customOptimizer", "lambda"]);
});
