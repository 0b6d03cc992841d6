// Passes that are left between records: the same bits, counters, halts and errors as in one call of the core, and what others see of
// a model meanwhile.
import { afterEach, describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal, stateOf } from "../support/refusals.ts";

/** Every record is followed by a turn of the event loop. */
const LEFT = { yieldEvery: 1e-6, progress: false } as const;
/** A slice that nothing here is longer than. */
const WHOLE = { yieldEvery: 1e6, progress: false } as const;

/** Counts the turns of the event loop until it is stopped; `each` is called in every one. */
function turnsOf(each: (turn: number) => void = () => {}): { stop(): number } {
  let turns = 0;
  let next = setImmediate(turn);
  function turn(): void {
    each(++turns);
    next = setImmediate(turn);
  }
  return {
    stop() {
      clearImmediate(next);
      return turns;
    },
  };
}

const wave = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(7 * i));

interface Case {
  readonly input: number | w.Shape;
  readonly layers: () => w.Layer[];
  readonly options?: w.FitOptions;
}

const classes = { loss: () => w.softmaxCrossEntropy(), metrics: () => [w.accuracy(), w.f1()] };

/** Networks of every kind of record: 3 outputs, 60 rows. */
const CASES: Readonly<Record<string, Case>> = {
  MLP: { input: 8, layers: () => [w.dense(16), w.relu(), w.dense(3)] },
  "convolution, batch norm and dropout": {
    input: [8, 8, 1],
    layers: () => [w.conv2d(4, { kernelSize: 3 }), w.batchNorm(), w.relu(), w.dropout(0.3), w.flatten(), w.dense(3)],
  },
  "several passes an update, the last epoch's update with fewer": {
    input: 8,
    layers: () => [w.dense(16), w.batchNorm(), w.tanh(), w.dense(3)],
    options: { accumulate: 3, batchSize: 7 },
  },
  LSTM: { input: [6, 2], layers: () => [w.lstm(5), w.dense(3)] },
  "penalties, constraints and a custom layer": {
    input: 8,
    layers: () => [
      w.dense(8, { kernelRegularizer: w.l2(0.01), kernelConstraint: w.maxNorm(1) }),
      w.customLayer({
        type: "doubling",
        forward: ({ x, y }) => y.set(x.map((value) => 2 * value)),
        backward: ({ dy, dx }) => dx?.set(dy.map((value) => 2 * value)),
      }),
      w.dense(3),
    ],
  },
};

async function trainerOf({ input, layers }: Case, options: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> {
  const model = await w.sequential({ input, seed: 3 }, ...layers());
  return new w.Trainer(model, {
    loss: classes.loss(),
    optimizer: w.adam({ clipGlobalNorm: 1 }),
    metrics: classes.metrics(),
    ...options,
  });
}

function dataFor({ input }: Case): w.TrainingData & { x: Float32Array } {
  const size = [input].flat().reduce((product, n) => product * n, 1);
  return { x: wave(60 * size), y: Int32Array.from({ length: 60 }, (_, i) => i % 3) };
}

describe("a fit whose passes are left between records", async () => {
  // what is fetched when it is first used is there
  const early = await trainerOf(CASES["MLP"]!);
  for (const pace of [WHOLE, LEFT])
    await early.fit(dataFor(CASES["MLP"]!), { epochs: 3, validationSplit: 0.2, ...pace });

  for (const [name, each] of Object.entries(CASES)) {
    test(`${name}: the bits, the history and the counters of one that isn't`, async () => {
      const results = [];
      for (const pace of [WHOLE, LEFT]) {
        const trainer = await trainerOf(each);
        const turns = turnsOf();
        const options = { epochs: 3, batchSize: 16, validationSplit: 0.2, ...each.options, ...pace };
        const history = await trainer.fit(dataFor(each), options);
        const measured = await trainer.evaluate(dataFor(each), { yieldEvery: pace.yieldEvery });
        results.push({ turns: turns.stop(), history, measured, state: stateOf(trainer) });
      }
      const [whole, left] = results as [(typeof results)[0], (typeof results)[0]];
      expect({ ...left, turns: 0 }).toEqual({ ...whole, turns: 0 });
      expect(whole.turns).toBeLessThan(10);
      expect(left.turns).toBeGreaterThan(50);
    });
  }

  test("ends with the same error where a number becomes infinite, and undoes the update", async () => {
    const each: Case = {
      input: 8,
      layers: () => [w.dense(16), w.batchNorm(), w.relu(), w.dense(3)],
      options: { accumulate: 2 },
    };
    const results = [];
    for (const pace of [WHOLE, LEFT]) {
      const trainer = await trainerOf(each, { optimizer: w.sgd({ learningRate: 1e30 }) });
      let error: unknown;
      await trainer
        .fit(dataFor(each), { epochs: 5, batchSize: 16, ...each.options, ...pace })
        .catch((thrown: unknown) => (error = thrown));
      expect(error).toBeInstanceOf(w.NonFiniteError);
      results.push({ message: (error as Error).message, state: stateOf(trainer) });
    }
    expect(results[1]).toEqual(results[0]);
  });

  test("gives the error of a custom layer to the caller, and undoes the update", async () => {
    const results = [];
    for (const pace of [WHOLE, LEFT]) {
      let calls = 0;
      const each: Case = {
        input: 8,
        layers: () => [
          w.batchNorm(),
          w.customLayer({
            type: "failing",
            forward: ({ x, y }) => y.set(x),
            backward({ dy, dx }) {
              if (++calls === 6) throw new Error("no more");
              dx?.set(dy);
            },
          }),
          w.dense(3),
        ],
      };
      const trainer = await trainerOf(each);
      await expectRefusal(
        () => trainer.fit(dataFor(each), { epochs: 5, batchSize: 16, accumulate: 2, ...pace }),
        Error,
        "failing (layer 2): backward threw Error: no more",
      );
      const { used: _used, ...state } = stateOf(trainer);
      results.push(state);
      await trainer.fit(dataFor(each), { ...pace }); // it goes on
      results.push(trainer.model.fingerprint());
    }
    expect(results.slice(2)).toEqual(results.slice(0, 2));
  });

  test("shows the weights of whole steps: readers meanwhile see nothing else, and change nothing", async () => {
    const each = CASES["MLP"]!;
    const data = dataFor(each);
    const steps = new Set<string>();
    const first = await trainerOf(each);
    steps.add(first.model.fingerprint());
    const onBatchEnd = (): void => void steps.add(first.model.fingerprint());
    await first.fit(data, { epochs: 4, batchSize: 16, ...WHOLE, callbacks: [{ onBatchEnd }] });

    const trainer = await trainerOf(each);
    const { model } = trainer;
    const seen = new Set<string>();
    const x = data.x.subarray(0, 80);
    const turns = turnsOf(() => {
      seen.add(model.fingerprint());
      model.predict(x);
      model.classify(x);
      w.trace(
        trainer,
        x,
        Int32Array.from({ length: 10 }, (_, i) => i % 3),
      );
    });
    const measured = trainer.evaluate(data, { yieldEvery: 1e-6, batchSize: 9 });
    await trainer.fit(data, { epochs: 4, batchSize: 16, ...LEFT });
    expect(turns.stop()).toBeGreaterThan(100);
    expect(seen.size).toBeGreaterThan(10);
    expect([...seen].filter((fingerprint) => !steps.has(fingerprint))).toEqual([]);
    expect(model.fingerprint()).toBe(first.model.fingerprint());
    expect(await measured).toHaveProperty("loss");
  });

  test("refuses in the middle of a pass what it refuses between two", async () => {
    const each = CASES["MLP"]!;
    const trainer = await trainerOf(each);
    const data = dataFor(each);
    const refused = new Set<string>();
    const x = data.x.subarray(0, 8);
    const attempts = [
      () => void trainer.step(x, [0]),
      () => void trainer.model.forward(x),
      () => trainer.model.zeroGradients(),
      () => trainer.update(),
    ];
    const turns = turnsOf((turn) => {
      try {
        attempts[turn % attempts.length]!();
        refused.add("nothing");
      } catch (error) {
        refused.add((error as Error).message);
      }
    });
    await trainer.fit(data, { epochs: 2, batchSize: 16, ...LEFT });
    turns.stop();
    const rule = "the model is being trained by fit; await that first";
    expect([...refused].toSorted()).toEqual(
      ["step", "forward", "zeroGradients", "update"].map((name) => `${name}: ${rule}`).toSorted(),
    );
  });

  test("two models of one core, trained at the same time: each as if it were alone", async () => {
    const each = CASES["convolution, batch norm and dropout"]!;
    const data = dataFor(each);
    const train = (trainer: w.Trainer): Promise<w.History> => trainer.fit(data, { epochs: 2, batchSize: 16, ...LEFT });
    const alone = await trainerOf(each);
    await train(alone);
    const first = await trainerOf(each);
    const { core } = first.model;
    const model = await w.sequential({ input: each.input, seed: 3, core }, ...each.layers());
    const second = new w.Trainer(model, { loss: classes.loss(), optimizer: w.adam({ clipGlobalNorm: 1 }) });
    await Promise.all([train(first), train(second)]);
    expect(first.model.fingerprint()).toBe(alone.model.fingerprint());
    expect(second.model.fingerprint()).toBe(alone.model.fingerprint());
  });

  test("can be ended: the step that was begun is finished", async () => {
    const each = CASES["MLP"]!;
    const controller = new AbortController();
    const trainer = await trainerOf(each);
    const turns = turnsOf((turn) => {
      if (turn === 40) controller.abort();
    });
    const { signal } = controller;
    const fit = trainer.fit(dataFor(each), { epochs: 1000, batchSize: 60, shuffle: false, signal, ...LEFT });
    await expectRefusal(() => fit, DOMException, "This operation was aborted");
    turns.stop();
    const other = await trainerOf(each);
    expect(trainer.updates).toBeGreaterThan(1);
    await other.fit(dataFor(each), { epochs: trainer.updates, batchSize: 60, shuffle: false, ...WHOLE });
    expect(other.model.fingerprint()).toBe(trainer.model.fingerprint());
  });

  test("the broken pool's one thread leaves passes, too", async () => {
    const each = CASES["penalties, constraints and a custom layer"]!; // which no worker can run
    const model = await w.sequential({ input: each.input, seed: 3, threads: 2 }, ...each.layers());
    const trainer = new w.Trainer(model, { loss: classes.loss(), optimizer: w.adam({ clipGlobalNorm: 1 }) });
    const turns = turnsOf();
    await trainer.fit(dataFor(each), { epochs: 2, batchSize: 16, ...LEFT });
    expect(turns.stop()).toBeGreaterThan(50);
    const alone = await trainerOf(each);
    await alone.fit(dataFor(each), { epochs: 2, batchSize: 16, ...WHOLE });
    expect(model.fingerprint()).toBe(alone.model.fingerprint());
  });
});

describe("the clock", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("decides where: the event loop has its turn before a record that no longer fits into the slice", async () => {
    let now = performance.now() + 1e9;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const spent: number[] = [];
    let since = now;
    const slow = (type: string, millis: number): w.Layer =>
      w.customLayer({
        type,
        forward({ x, y }) {
          now += millis;
          y.set(x);
        },
        backward: ({ dy, dx }) => dx?.set(dy),
      });
    // 3 + 4 + 2 ms a pass, and a record that takes longer than a slice alone
    const model = await w.sequential({ input: 2 }, slow("a", 3), slow("b", 4), slow("c", 2), slow("d", 20), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1e-6 }) });
    const turns = turnsOf(() => {
      if (now > since) spent.push(now - since);
      since = now;
    });
    const data = { x: new Float32Array(80), y: new Float32Array(40) };
    await trainer.fit(data, { batchSize: 2, yieldEvery: 8, progress: false });
    turns.stop();
    // once it is known what records take, 3 + 4 ms and 2 ms go before a turn; 20 ms stand alone
    const later = spent.slice(-15);
    expect(new Set(later)).toEqual(new Set([7, 2, 20]));
  });
});
