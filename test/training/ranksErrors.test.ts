// What groups refuse, and what goes wrong on one rank: all end, in words, and nothing is left half done.
import { describe, expect, test } from "vitest";
import type { Group } from "../../src/distributed/group.ts";
import * as w from "../../src/index.ts";
import { classes, FIT, labels, members, numbers, regression, small, thrown, x } from "../support/ranks.ts";
import { expectRefusalWithoutTrace, stateOf } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const SIZE = 3;
const ADVICE = "all ranks need the same model and seed, trainer, options, data and version of the library";

/** One of the parts is another on one rank. */
interface Differing {
  trainer?(differs: boolean): Promise<w.Trainer>;
  data?(differs: boolean): w.TrainingData | w.Source;
  options?(differs: boolean): w.FitOptions;
}

/** What all ranks say where one of them differs; none has changed anything. */
async function saidBy(who: number, { trainer, data, options }: Differing): Promise<string[]> {
  const errors = await thrown(SIZE, async (group) => {
    const differs = group.rank === who;
    const its = (await trainer?.(differs)) ?? (await small({ metrics: [w.accuracy()] }));
    const before = stateOf(its);
    try {
      await its.fit(data?.(differs) ?? classes, { ...FIT, ...options?.(differs), group });
    } finally {
      expect({ ...stateOf(its), used: 0 }).toEqual({ ...before, used: 0 });
    }
  });
  return errors.map((error) => error?.message ?? "nothing");
}

const changed = (given: Float32Array, i: number): Float32Array =>
  given.map((value, j) => (i === j ? value + 1e-3 : value));
const held = { x: normal(4 * 12, { seed: 5 }), y: labels.slice(0, 12) };
const hashes = (name: string, rows: number): RegExp =>
  new RegExp(
    `has ${name} of ${rows} rows, hash \\w+, scale 1, where rank 0 has ${name} of ${rows} rows, hash \\w+, scale 1; ${ADVICE.replace(/[()]/g, "\\$&")}$`,
  );

const DIFFERENCES: Readonly<Record<string, readonly [its: Differing, text: RegExp | ((theirs: boolean) => string)]>> = {
  "the seed": [
    { trainer: (differs) => small({}, { seed: differs ? 8 : 7 }) },
    (differs) => `model: seed ${differs ? 8 : 7}`,
  ],
  "a layer's option": [
    {
      trainer: (differs) => small({}, {}, () => [w.dense(4), w.dropout(differs ? 0.25 : 0.5), w.dense(3)]),
    },
    (differs) => `layer 1 dropout: options.rate ${differs ? 0.25 : 0.5}`,
  ],
  "a layer": [
    { trainer: (differs) => small({}, {}, () => [w.dense(4), differs ? w.relu() : w.tanh(), w.dense(3)]) },
    (differs) => `layer 1 ${differs ? "relu" : "tanh"}`,
  ],
  "an optimizer's option": [
    { trainer: (differs) => small({ optimizer: w.adam({ beta1: differs ? 0.8 : 0.9 }) }) },
    (differs) => `optimizer adam: options.beta1 ${differs ? 0.8 : 0.9}`,
  ],
  "the loss": [
    {
      trainer: (differs) => regression({ loss: differs ? w.huber({ delta: 2 }) : w.huber() }),
      data: () => numbers,
    },
    /loss huber/,
  ],
  metrics: [
    { trainer: (differs) => small({ metrics: differs ? [w.f1()] : [] }) },
    (differs) => `metrics ${differs ? "f1" : "none"}`,
  ],
  batchSize: [{ options: (differs) => ({ batchSize: differs ? 5 : 3 }) }, (differs) => `batchSize ${differs ? 5 : 3}`],
  accumulate: [
    { options: (differs) => ({ accumulate: differs ? 9 : 8 }) },
    (differs) => `${differs ? 9 : 8} batches of an update, whose gradients are summed in a tree, as groups do`,
  ],
  shuffle: [{ options: (differs) => ({ shuffle: !differs }) }, (differs) => `shuffle ${!differs}`],
  epochs: [{ options: (differs) => ({ epochs: differs ? 3 : 2 }) }, (differs) => `epochs ${differs ? 3 : 2}`],
  map: [
    { options: (differs) => (differs ? { map: (batch) => batch } : {}) },
    (differs) => `map ${differs ? "a function" : "none"}`,
  ],
  "one number of x": [{ data: (differs) => ({ ...classes, x: differs ? changed(x, 77) : x }) }, hashes("data", 53)],
  "one label": [
    { data: (differs) => ({ x, y: differs ? labels.map((label, i) => (i === 40 ? 2 - label : label) || 1) : labels }) },
    hashes("data", 53),
  ],
  "one weight": [
    {
      data: (differs) => ({
        ...classes,
        sampleWeights: Array.from(labels, (_, i) => (differs && i === 3 ? 0.5 : 1)),
      }),
    },
    hashes("data", 53),
  ],
  "one number to measure with": [
    { options: (differs) => ({ validationData: { ...held, x: differs ? changed(held.x, 3) : held.x } }) },
    hashes("validation", 12),
  ],
  "data to measure with": [
    { options: (differs) => (differs ? {} : { validationData: held }) },
    (differs) => `validation ${differs ? "none" : "arrays"}`,
  ],
  "the learning rate that was set": [
    {
      async trainer(differs) {
        const trainer = await small();
        if (differs) trainer.learningRate = 0.5;
        return trainer;
      },
    },
    (differs) => `the learning rate ${differs ? 0.5 : "of the optimizer"}`,
  ],
  "what was trained before": [
    {
      async trainer(differs) {
        const trainer = await small();
        if (differs) await trainer.fit(classes, { ...FIT, epochs: 1 });
        return trainer;
      },
    },
    (differs) =>
      differs ? "3 updates, 1 epochs and 18 passes made before" : "0 updates, 0 epochs and 0 passes made before",
  ],
  "one weight of the model": [
    {
      async trainer(differs) {
        const trainer = await small();
        const [first] = trainer.model.parameters();
        if (differs) first!.set(changed(first!.get(), 0));
        return trainer;
      },
    },
    /has weights and optimizer, hash \w+, where rank 0 has weights and optimizer, hash \w+;/,
  ],
};

describe("ranks that differ", () => {
  for (const [name, [differing, text]] of Object.entries(DIFFERENCES)) {
    test.each([0, 2])(`${name}: rank %d`, async (who) => {
      const said = await saidBy(who, differing);
      expect(new Set(said).size, said.join("\n")).toBe(1);
      const odd = who === 0 ? 1 : who;
      if (typeof text !== "function") expect(said[0]).toMatch(text);
      else {
        expect(said[0]).toBe(`fit: rank ${odd} has ${text(who !== 0)}, where rank 0 has ${text(who === 0)}; ${ADVICE}`);
      }
    });
  }

  test("the rows", async () => {
    const said = await saidBy(1, {
      data: (differs) => (differs ? { x: x.subarray(4 * 6), y: labels.subarray(6) } : classes),
    });
    expect(new Set(said).size).toBe(1);
    expect(said[0]).toMatch(/^fit: rank 1 has data of 47 rows, hash \w+, scale 1, where rank 0 has data of 53 rows, /);
  });

  test("evaluate: weights, data and options", async () => {
    const alike = "all ranks need the same model, data and options";
    const errors = async (change: (trainer: w.Trainer) => void, data = classes, batchSize = 16) =>
      new Set(
        (
          await thrown(SIZE, async (group) => {
            const trainer = await small();
            if (group.rank === 1) change(trainer);
            const [its, size] = group.rank === 1 ? [data, batchSize] : [classes, 16];
            await trainer.evaluate(its, { group, batchSize: size });
          })
        ).map((error) => error?.message),
      );
    const hash = "hash \\w+";
    expect([...(await errors((its) => its.step(x.subarray(0, 8), labels.subarray(0, 2))))].join("|")).toMatch(
      new RegExp(`^evaluate: rank 1 has weights, ${hash}, where rank 0 has weights, ${hash}; ${alike}$`),
    );
    expect([...(await errors(() => {}, { x: changed(x, 9), y: labels }))].join("|")).toMatch(
      new RegExp(
        `^evaluate: rank 1 has data of 53 rows, ${hash}, scale 1, where rank 0 has data of 53 rows, ${hash}, scale 1; ${alike}$`,
      ),
    );
    expect([...(await errors(() => {}, classes, 8))]).toEqual([
      `evaluate: rank 1 has batchSize 8, where rank 0 has batchSize 16; ${alike}`,
    ]);
  });
});

describe("what groups can't do", () => {
  const state = (follows?: number) =>
    w.customLayer({
      type: "counted",
      parameters: {
        count: { shape: 1, initializer: w.zeros(), trained: false, ...(follows !== undefined && { follows }) },
      },
      forward: ({ x: given, y }) => y.set(given),
      backward: ({ dy, dx }) => dx?.set(dy),
    });
  const CASES: Readonly<Record<string, readonly [() => Promise<w.Trainer>, w.FitOptions, string]>> = {
    "more ranks than batches of an update": [
      small,
      { accumulate: 2 },
      "fit: the group has 3 ranks, but an update has 2 batches to share out; set accumulate to 3 or more, best a multiple of the ranks, and batchSize to " +
        "the rows of each",
    ],
    "no accumulate": [
      small,
      { accumulate: 1 },
      "fit: the group has 3 ranks, but an update has 1 batch to share out; set accumulate to 3 or more, best a multiple of the ranks, and batchSize to the " +
        "rows of each",
    ],
    "a worker": [
      small,
      { worker: true },
      "fit: a group trains on the thread that called it, or on its threads; leave worker out",
    ],
    "a stateful layer": [
      () => small({}, {}, () => [w.reshape([2, 2]), w.lstm(3, { stateful: true }), w.dense(3)]),
      {},
      "fit: a layer is stateful, so that each batch needs what the one before has left; a group computes them at the same time: leave group out",
    ],
    "a metric without merge": [
      () =>
        small({
          metrics: [w.customMetric({ name: "mine", start: () => 0, add: (n) => n + 1, result: (n) => n })],
        }),
      {},
      "fit: the metric mine has no merge, and a group counts its batches apart; give customMetric merge(a, b)",
    ],
    "state without a rule": [
      () => small({}, {}, () => [w.dense(3), state()]),
      {},
      'fit: the layer "counted1" keeps count as state, and nothing says how passes of several ranks move it; give the parameter follows: the share by ' +
        "which a pass moves it, or 0 if it stays",
    ],
  };
  for (const [name, [trainer, options, message]] of Object.entries(CASES)) {
    test(name, async () => {
      const said = await saidBy(-1, { trainer, options: () => options });
      expect(new Set(said)).toEqual(new Set([message]));
    });
  }

  test("evaluate with a metric without merge", async () => {
    const [trainer] = CASES["a metric without merge"]!;
    const errors = await thrown(2, async (group) => (await trainer()).evaluate(classes, { group }));
    expect(new Set(errors.map((error) => error?.message))).toEqual(
      new Set([
        "evaluate: the metric mine has no merge, and a group counts its batches apart; give customMetric merge(a, b)",
      ]),
    );
  });

  test("what isn't a group", async () => {
    const [whole] = await members(1, async (group) => group);
    const odd: readonly unknown[] = [
      {},
      4,
      "mpi",
      { ...whole, rank: 1 },
      { ...whole, rank: -1 },
      { ...whole, size: 1.5 },
      { ...whole, size: undefined },
      { ...whole, gather: undefined },
      { ...whole, exchange: 3 },
      { ...whole, collect: null },
    ];
    const trainer = await small();
    for (const group of odd) {
      for (const call of ["fit", "evaluate"] as const) {
        await expectRefusalWithoutTrace(
          trainer,
          () => trainer[call](classes, { group: group as Group }),
          TypeError,
          new RegExp(`^${call}: group must be a group such as await mpi\\(\\) of wasmgrad/mpi gives, got `),
        );
      }
    }
  });
});
