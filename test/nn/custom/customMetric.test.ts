// Metrics of the user's, in TypeScript: exact whatever the batches and weights, wherever the library's own are, refused in words.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectRefusal, refuses } from "../../support/refusals.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

const ROWS = 23;
const x = normal(ROWS * 4, { seed: 1 });
const numbers = normal(ROWS * 2, { seed: 2 });
const labels = wholes(ROWS, { seed: 3, below: 3 });
const sampleWeights = uniform(ROWS, { seed: 4, low: 0, high: 2 });

interface Sums {
  errors: number;
  weights: number;
}

/** The mean absolute error of the rows, each by its weight. */
const weighted = () =>
  w.customMetric({
    name: "weighted",
    start: (): Sums => ({ errors: 0, weights: 0 }),
    add(sums, { output, target, weights, rows, outputs }) {
      for (let r = 0; r < rows; r++) {
        for (let j = r * outputs; j < (r + 1) * outputs; j++)
          sums.errors += weights[r]! * Math.abs(output[j]! - target[j]!);
        sums.weights += weights[r]! * outputs;
      }
      return sums;
    },
    merge: (a, b) => ({ errors: a.errors + b.errors, weights: a.weights + b.weights }),
    result: ({ errors, weights }) => errors / weights,
  });

/** What was given, batch by batch. */
const seen = (input?: "probabilities") =>
  w.customMetric({
    name: "seen",
    ...(input && { input }),
    start: (): { output: number[][]; target: (Float32Array | Int32Array)[] } => ({ output: [], target: [] }),
    add: ({ output, target }, batch) => ({
      output: [...output, [...batch.output]],
      target: [...target, batch.target.slice()],
    }),
    result: ({ output }) => output.length,
  });

const still = w.sgd({ learningRate: 1e-30 });

async function line(metric: w.Metric, model?: w.Model) {
  const made = model ?? (await w.sequential({ input: 4, seed: 5 }, w.dense(2)));
  return new w.Trainer(made, { loss: w.meanSquaredError(), optimizer: still, metrics: [metric] });
}

/** The same in float64, row by row. */
function reference(output: Float32Array, weights: ArrayLike<number> = new Float32Array(ROWS).fill(1)): number {
  let [errors, all] = [0, 0];
  for (let r = 0; r < ROWS; r++) {
    for (let j = 2 * r; j < 2 * r + 2; j++) errors += weights[r]! * Math.abs(output[j]! - numbers[j]!);
    all += weights[r]! * 2;
  }
  return errors / all;
}

describe("the figure is that of all rows", () => {
  test.each([
    ["without weights", undefined],
    ["with weights", sampleWeights],
  ])("%s, to the bit, whatever the batch size", async (_, weights) => {
    const trainer = await line(weighted());
    const wanted = reference(trainer.model.predict(x), weights);
    const data = { x, y: numbers, ...(weights && { sampleWeights: weights }) };
    for (const batchSize of [1, 2, 5, ROWS - 1, ROWS, 100]) {
      expect((await trainer.evaluate(data, { batchSize }))["weighted"], `evaluate, ${batchSize}`).toBe(wanted);
      const history = await trainer.fit(data, { batchSize, epochs: 2, shuffle: false, validationData: data });
      expect(history["weighted"], `fit, ${batchSize}`).toEqual([wanted, wanted]);
      expect(history["validationWeighted"], `validation, ${batchSize}`).toEqual([wanted, wanted]);
    }
    expect(trainer.step(x, numbers, weights ? { sampleWeights: weights } : {})["weighted"]).toBe(wanted);
  });

  test("in a callback's evaluate, and in two trainers that share a memory and the metric", async () => {
    const metric = weighted();
    const one = await line(metric);
    const two = await line(metric, await w.sequential({ input: 4, seed: 6, core: one.model.core }, w.dense(2)));
    const [first, second] = [one, two].map(({ model }) => reference(model.predict(x)));
    const measured: (number | undefined)[] = [];
    const look = { onBatchEnd: async () => void measured.push((await two.evaluate({ x, y: numbers }))["weighted"]) };
    const history = await one.fit({ x, y: numbers }, { batchSize: 10, shuffle: false, callbacks: [look] });
    expect(history["weighted"]).toEqual([first]);
    expect(measured).toEqual([second, second, second]);
  });

  test("of several threads", async () => {
    const model = await w.sequential({ input: 4, seed: 5, threads: 2 }, w.dense(2));
    const alone = await line(weighted());
    const trainer = await line(weighted(), model);
    const data = { x, y: numbers, sampleWeights };
    expect(await trainer.evaluate(data, { batchSize: 6 })).toEqual(await alone.evaluate(data, { batchSize: 6 }));
  });
});

describe("what add gets", () => {
  test("labels as integers, one per row; probabilities, if they are asked for", async () => {
    const model = await w.sequential({ input: 4, seed: 5 }, w.dense(3));
    let last: unknown;
    const metric = w.customMetric({
      name: "sums",
      input: "probabilities",
      start: () => 0,
      add(sum, pass) {
        last = [pass.target, pass.rows, pass.outputs, pass.target.length, pass.weights.length];
        expect(Object.getPrototypeOf(pass.target)).toBe(Int32Array.prototype);
        return sum + pass.output.reduce((all, p) => all + p, 0);
      },
      result: (sum) => sum / ROWS,
    });
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: still, metrics: [metric] });
    const { sums } = await trainer.evaluate({ x, y: labels }, { batchSize: 10 });
    expect(sums).toBeCloseTo(1, 6);
    expect((last as unknown[]).slice(1)).toEqual([3, 3, 3, 3]);
  });

  test("the output as predict gives it, labels at every step as they are", async () => {
    const model = await w.sequential({ input: 4, seed: 5 }, w.dense(6), w.reshape([2, 3]));
    const steps = Float32Array.from(wholes(ROWS * 2, { seed: 7, below: 4 }), (label) => label - 1);
    const metric = w.customMetric({
      name: "kept",
      start: () => ({ output: [] as number[], target: [] as number[] }),
      add: (all, { output, target }) => ({
        output: [...all.output, ...output],
        target: [...all.target, ...target],
      }),
      result({ output, target }) {
        expect(output).toEqual([...model.predict(x)]);
        expect(target).toEqual([...steps]);
        return output.length;
      },
    });
    const trainer = new w.Trainer(model, { loss: w.sequenceCrossEntropy(), optimizer: still, metrics: [metric] });
    expect((await trainer.evaluate({ x, y: steps }, { batchSize: 4 }))["kept"]).toBe(ROWS * 6);
  });

  test("one state per epoch, begun anew", async () => {
    const trainer = await line(seen());
    const history = await trainer.fit({ x, y: numbers }, { batchSize: 6, epochs: 3 });
    expect(history["seen"]).toEqual([4, 4, 4]);
  });
});

describe("where figures are followed", () => {
  /** A figure that is the count of its calls, which says by its mode whether that is good. */
  const counted = (name: string, mode?: "min" | "max") => {
    let calls = 0;
    const figure = { name, ...(mode && { mode }), start: () => 0, add: () => 0, result: () => calls++ };
    return w.customMetric(figure);
  };
  const epochsOf = async (metric: w.Metric, monitor: string): Promise<number> => {
    const trainer = await line(metric);
    const options = { epochs: 5, callbacks: [w.earlyStopping({ monitor, patience: 2 })], progress: false };
    return (await trainer.fit({ x, y: numbers }, { ...options, validationData: { x, y: numbers } })).loss.length;
  };

  test("earlyStopping goes by its mode, on training and validation data", async () => {
    expect(await epochsOf(counted("figure", "max"), "figure")).toBe(5);
    expect(await epochsOf(counted("figure", "max"), "validationFigure")).toBe(5);
    expect(await epochsOf(counted("figure", "min"), "figure")).toBe(3);
    // by the name, as of the library's own
    expect(await epochsOf(counted("figure"), "figure")).toBe(3);
    expect(await epochsOf(counted("myF1"), "myF1")).toBe(5);
    expect(await epochsOf(counted("lossOfAccuracy", "min"), "lossOfAccuracy")).toBe(3);
  });

  test("with worker: true it is computed here, and backend says why", async () => {
    const trainer = await line(weighted());
    const wanted = reference(trainer.model.predict(x));
    const history = await trainer.fit({ x, y: numbers }, { worker: true, shuffle: false, progress: false });
    expect(history["weighted"]).toEqual([wanted]);
    expect(w.backend(trainer.model)).toMatchObject({
      worker: false,
      reason: "a layer, the loss, a metric or the optimizer is a function of JavaScript's, which can't run in a worker",
    });
  });

  test("its name is known to the compiler", async () => {
    const model = await w.sequential({ input: 4 }, w.dense(2));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), metrics: [weighted()] });
    const history = await trainer.fit({ x, y: numbers });
    expect(history.weighted.length + history.validationLoss?.length).toBeNaN();
    // @ts-expect-error -- another name
    expect(history.weigthed).toBeUndefined();
  });
});

describe("what goes wrong", () => {
  const metric = (more: object): w.Metric =>
    w.customMetric({ name: "mine", start: () => 0, add: (n: number) => n + 1, result: (n: number) => n, ...more });
  const evaluated = async (more: object): Promise<unknown> => (await line(metric(more))).evaluate({ x, y: numbers });

  test("an error of add has the metric's name; the weights are those of the step before, and training can go on", async () => {
    const failing = { rows: 7 }; // the third batch
    const trainer = await line(
      metric({
        add(n: number, { rows }: w.CustomMetricPass) {
          if (rows === failing.rows) throw new Error("out of luck");
          return n + 1;
        },
      }),
      await w.sequential({ input: 4, seed: 5 }, w.dense(2)),
    );
    const options = { batchSize: 8, progress: false };
    await expectRefusal(
      () => trainer.fit({ x, y: numbers }, options),
      Error,
      "metric mine: add threw Error: out of luck",
    );
    expect(trainer.updates).toBe(2);
    failing.rows = 0;
    expect((await trainer.fit({ x, y: numbers }, options))["mine"]).toEqual([3]);
  });

  refuses([
    [() => evaluated({ add: () => {} }), TypeError, "metric mine: add must give the state, got undefined; end it with return state"], // prettier-ignore
    [() => evaluated({ start: () => {} }), TypeError, "metric mine: start must give the state, got undefined; end it with return state"], // prettier-ignore
    [() => evaluated({ result: () => "3" }), TypeError, 'metric mine: result must give a number, got "3"'],
    [() => evaluated({ add: async () => 0 }), TypeError, "metric mine: add must be done when it returns, but it returned a promise"], // prettier-ignore
    [() => metric({ name: "my metric" }), TypeError, /^customMetric: name must be a word such as "largestError", got/],
    [() => metric({ name: "a.b" }), TypeError, /^customMetric: name must be a word such as "largestError", got/],
    [() => metric({ mode: "up" }), RangeError, /^mine: mode must be one of min, max, got/],
    [() => metric({ input: "logits" }), RangeError, /^mine: input must be one of output, probabilities, got/],
    [() => metric({ add: undefined }), TypeError, /^mine: add must be a function, got/],
    [() => metric({ merge: 3 }), TypeError, /^mine: merge must be a function, got/],
    [() => metric({ finish: 3 }), TypeError, /^customMetric: unknown option "finish"/],
    [
      async () => {
        const ends = w.outputs({ a: { shape: 3, loss: w.softmaxCrossEntropy() } });
        const model = await w.sequential({ input: 4 }, ends.layer({ a: w.dense(3) }));
        return new w.Trainer(model, { loss: ends.loss, optimizer: w.sgd(), metrics: [metric({})] });
      },
      RangeError,
      "Trainer: mine compares one answer a row, but the model has several outputs, each with a loss of its own; " +
        "give it to one of them: outputs({ name: { shape, loss, metrics: [mine] } })",
    ],
  ]);
});

test.each(["loss", "validationLoss", "validationMae", "constructor", "toString"])("refuses the name %s", (name) => {
  expect(() => w.customMetric({ name, start: () => 0, add: () => 0, result: () => 0 })).toThrow(
    `customMetric: name must not be "${name}", which the history has of its own; take another word`,
  );
});
