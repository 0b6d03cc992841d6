// Each output's loss and metrics, as its own trainer would give them; targets that are missing, and losses that take none.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { refuses } from "../../support/refusals.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

const ROWS = 11;
const x = normal(ROWS * 4, { seed: 1 });
const kinds = wholes(ROWS, { seed: 2, below: 3 });
const places = normal(ROWS * 2, { seed: 3 });
const steps = Float32Array.from(wholes(ROWS * 2, { seed: 4, below: 5 }), (label) => label - 1);
const yes = Float32Array.from(wholes(ROWS * 3, { seed: 5, below: 2 }));
const sampleWeights = uniform(ROWS, { seed: 6, low: 0, high: 2 });

/** The largest error, each row by its weight. */
const largest = () =>
  w.customMetric({
    name: "largest",
    start: () => 0,
    add: (most, { output, target, weights, outputs }) =>
      output.reduce((m, v, i) => Math.max(m, weights[Math.floor(i / outputs)]! * Math.abs(v - target[i]!)), most),
    result: (most) => most,
  });

const PARTS = {
  kind: { shape: 3, loss: w.softmaxCrossEntropy(), y: kinds, metrics: [w.accuracy(), w.f1(), w.logLoss()] },
  place: { shape: 2, loss: w.meanSquaredError({ reduction: "sum" }), y: places, metrics: [w.mae(), largest()] },
  word: { shape: [2, 4], loss: w.sequenceCrossEntropy(), y: steps, metrics: [w.accuracy(), w.topKAccuracy({ k: 2 })] },
  tags: { shape: 3, loss: w.binaryCrossEntropyWithLogits(), y: yes, metrics: [w.recall(), w.prAuc()] },
} as const;
type Name = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Name[];
const sizes: Readonly<Record<Name, number>> = { kind: 3, place: 2, word: 8, tags: 3 };

/** What `outputs` takes of it. */
const part = ({ shape, loss, metrics = [] }: w.OutputOptions): w.OutputOptions => ({ shape, loss, metrics });
const ends = w.outputs({
  kind: { ...part(PARTS.kind), weight: 0.5 },
  place: part(PARTS.place),
  word: part(PARTS.word),
  tags: { ...part(PARTS.tags), weight: 3 },
});
const y = ends.targets({ kind: kinds, place: places, word: steps, tags: yes });
const layer = () =>
  ends.layer({ kind: w.dense(3), place: w.dense(2), word: [w.dense(8), w.reshape([2, 4])], tags: w.dense(3) });

describe("each output's figures are those of a trainer of its own", () => {
  test.each([
    ["without weights", undefined],
    ["with weights", sampleWeights],
  ])("%s, whatever the batch size", async (_, weights) => {
    const model = await w.sequential({ input: 4, seed: 7 }, w.dense(5), w.tanh(), layer());
    const trainer = new w.Trainer(model, { loss: ends.loss, optimizer: w.sgd({ learningRate: 1e-30 }) });
    const more = weights && { sampleWeights: weights };
    const rows = ends.split(model.predict(x));
    const wanted: Record<string, number> = {};
    for (const name of NAMES) {
      const { shape, loss, metrics, y: own } = PARTS[name];
      const alone = await w.sequential({ input: sizes[name] }, w.reshape(shape));
      const its = new w.Trainer(alone, { loss, optimizer: w.sgd(), metrics: metrics as readonly w.Metric[] });
      const figures = await its.evaluate({ x: rows[name], y: own, ...more }, { batchSize: ROWS });
      for (const [key, value] of Object.entries(figures)) wanted[`${name}.${key}`] = value;
    }
    const data = { x, y, ...more };
    for (const batchSize of [1, 4, ROWS, 50]) {
      const { loss, ...figures } = await trainer.evaluate(data, { batchSize });
      expect(Object.keys(figures)).toEqual(Object.keys(wanted));
      const history = await trainer.fit(data, { batchSize, validationData: data, progress: false });
      for (const [key, value] of Object.entries(wanted)) {
        const onValidation = `validation${key[0]!.toUpperCase()}${key.slice(1)}`;
        const [trained, validated] = [history[key as "kind.loss"], history[onValidation as "validationKind.loss"]];
        for (const figure of [figures[key as "kind.loss"], trained![0]!, validated![0]!])
          expect(Math.abs(figure! - value), `${key}, ${batchSize} rows`).toBeLessThanOrEqual(1e-6 * Math.abs(value));
      }
      const sum = 0.5 * wanted["kind.loss"]! + wanted["place.loss"]! + wanted["word.loss"]! + 3 * wanted["tags.loss"]!;
      expect(Math.abs(loss - sum)).toBeLessThan(1e-5 * Math.abs(sum));
    }
  });

  test("with worker: true, too", async () => {
    const run = async (worker: boolean) => {
      const parts = w.outputs({
        kind: { shape: 3, loss: w.softmaxCrossEntropy(), metrics: w.accuracy() },
        place: { shape: 2, loss: w.huber() },
      });
      const model = await w.sequential({ input: 4, seed: 7 }, parts.layer({ kind: w.dense(3), place: w.dense(2) }));
      const trainer = new w.Trainer(model, { loss: parts.loss, optimizer: w.adam() });
      const data = { x, y: parts.targets({ kind: kinds, place: places }) };
      const history = await trainer.fit(data, { epochs: 3, batchSize: 4, worker, validationData: data });
      expect(w.backend(model).worker).toBe(worker);
      return history;
    };
    const [here, there] = [await run(false), await run(true)];
    expect(Object.keys(here)).toContain("validationKind.accuracy");
    expect(there).toEqual(here);
  });

  test("outputs within outputs have both names", async () => {
    const inner = w.outputs({ a: { shape: 2, loss: w.huber(), metrics: w.mae() }, b: { shape: 1, loss: w.huber() } });
    const outer = w.outputs({ first: { shape: 3, loss: inner.loss }, last: { shape: 2, loss: w.huber() } });
    const model = await w.sequential({ input: 4, seed: 7 }, outer.layer({ first: w.dense(3), last: w.dense(2) }));
    const trainer = new w.Trainer(model, { loss: outer.loss, optimizer: w.sgd() });
    const [b, last] = [normal(ROWS, { seed: 8 }), normal(ROWS * 2, { seed: 9 })];
    const first = inner.targets({ a: places, b });
    const data = { x, y: outer.targets({ first, last }) };
    const figures = await trainer.evaluate(data, { batchSize: 4 });
    expect(Object.keys(figures)).toEqual(["loss", "first.loss", "first.a.loss", "first.a.mae", "first.b.loss", "last.loss"]); // prettier-ignore
    expect(figures["first.loss"]).toBeCloseTo(figures["first.a.loss"]! + figures["first.b.loss"]!, 6);
    const split = inner.split(outer.split(model.predict(x)).first);
    const error = split.a.reduce((sum, v, i) => sum + Math.abs(v - places[i]!), 0) / (2 * ROWS);
    expect(figures["first.a.mae"]).toBeCloseTo(error, 6);
  });

  test("names are known to the compiler", async () => {
    const model = await w.sequential({ input: 4 }, layer());
    const trainer = new w.Trainer(model, { loss: ends.loss, optimizer: w.sgd(), metrics: [] });
    const figures = await trainer.evaluate({ x, y });
    expect(figures["kind.accuracy"]).toBeDefined();
    // @ts-expect-error -- there is no such output
    expect(figures["kid.accuracy"]).toBeUndefined();
  });
});

describe("targets that are missing", () => {
  const parts = w.outputs({
    kind: { shape: 3, loss: w.softmaxCrossEntropy(), metrics: [w.accuracy(), w.f1()], missing: true },
    place: { shape: 2, loss: w.meanSquaredError(), metrics: largest(), missing: true },
  });
  const someKinds = kinds.map((label, r) => (r % 3 === 0 ? -1 : label));
  const somePlaces = places.map((v, i) => (i % 8 === 1 ? NaN : v));
  const hasKind = Array.from(kinds, (_, r) => r % 3 !== 0);
  const hasPlace = Array.from(kinds, (_, r) => r % 4 !== 0);
  const data = { x, y: parts.targets({ kind: someKinds, place: somePlaces }) };
  const make = async () => {
    const model = await w.sequential({ input: 4, seed: 7 }, parts.layer({ kind: w.dense(3), place: w.dense(2) }));
    return new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd() });
  };

  test("count nothing for their output: as if its other rows were all", async () => {
    const trainer = await make();
    const { model } = trainer;
    const split = parts.split(model.predict(x));
    const rowsOf = (values: ArrayLike<number>, size: number, has: readonly boolean[]): number[] =>
      Array.from(values).filter((_, i) => has[Math.floor(i / size)]);
    const own = async (loss: w.Loss, size: number, metrics: readonly w.Metric[], of: ArrayLike<number>, to: ArrayLike<number>, has: readonly boolean[]) => {
      const alone = new w.Trainer(await w.sequential({ input: size }, w.reshape([size])), { loss, optimizer: w.sgd(), metrics });
      return alone.evaluate({ x: rowsOf(of, size, has), y: rowsOf(to, to.length / ROWS, has) });
    }; // prettier-ignore
    const kind = await own(w.softmaxCrossEntropy(), 3, [w.accuracy(), w.f1()], split.kind, kinds, hasKind);
    const place = await own(w.meanSquaredError(), 2, [largest()], split.place, places, hasPlace);
    for (const batchSize of [1, 4, ROWS]) {
      const figures = await trainer.evaluate(data, { batchSize });
      for (const [name, figuresOfIts] of [
        ["kind", kind],
        ["place", place],
      ] as const)
        // prettier-ignore
        for (const [key, value] of Object.entries(figuresOfIts))
          expect(figures[`${name}.${key}`], `${name}.${key}, ${batchSize} rows`).toBeCloseTo(value, 6);
      expect(figures.loss).toBeCloseTo(kind.loss + place.loss, 5);
    }
  });

  test("gradients are those of differences", async () => {
    const { ok, worst } = w.gradCheck(await make(), x, data.y);
    expect(ok, String(worst)).toBe(true);
  });

  test("where all are missing, nothing is learned from that output", async () => {
    const trainer = await make();
    const before = trainer.model.parameters().map((p) => p.get());
    trainer.step(x, parts.targets({ kind: new Int32Array(ROWS).fill(-1), place: places }));
    const changed = trainer.model.parameters().map((p, i) => p.get().some((v, j) => v !== before[i]![j]));
    expect(changed).toEqual([false, false, true, true]);
  });

  test("with several threads the same bits", async () => {
    const fingerprints = [];
    for (const threads of [1, 3]) {
      const model = await w.sequential(
        { input: 4, seed: 7, threads },
        w.dense(64),
        parts.layer({ kind: w.dense(3), place: w.dense(2) }),
      );
      await new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd() }).fit(data, { batchSize: 4, progress: false });
      fingerprints.push(model.fingerprint());
    }
    expect(fingerprints[1]).toBe(fingerprints[0]);
  });
});

describe("losses without targets", () => {
  /** The Kullback-Leibler divergence of normal distributions from the standard one: a row has means and logarithms of variances. */
  const divergence = w.customLoss({
    type: "divergence",
    target: "none",
    each: "rows",
    compute({ output, target, losses, gradient, rows, outputs }) {
      expect(target.length).toBe(0);
      const n = outputs / 2;
      for (let r = 0; r < rows; r++) {
        for (let j = r * outputs; j < r * outputs + n; j++) {
          const [mean, log] = [output[j]!, output[j + n]!];
          losses[r]! += (mean * mean + Math.exp(log) - 1 - log) / 2;
          gradient[j] = mean;
          gradient[j + n] = (Math.exp(log) - 1) / 2;
        }
      }
    },
  });

  test("need none: an output's penalty on itself, beside one with targets", async () => {
    const parts = w.outputs({
      again: { shape: 4, loss: w.meanSquaredError() },
      code: { shape: 4, loss: divergence, weight: 0.1 },
    });
    const model = await w.sequential({ input: 4, seed: 7 }, parts.layer({ again: w.dense(4), code: w.dense(4) }));
    const trainer = new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd({ learningRate: 0.1 }) });
    const given = parts.targets({ again: x });
    expect(w.gradCheck(trainer, x, given).ok).toBe(true);
    const { code } = parts.split(model.predict(x));
    let sum = 0;
    for (let r = 0; r < ROWS; r++)
      for (let j = 4 * r; j < 4 * r + 2; j++) sum += (code[j]! ** 2 + Math.exp(code[j + 2]!) - 1 - code[j + 2]!) / 2;
    const before = await trainer.evaluate({ x, y: given });
    expect(before["code.loss"]).toBeCloseTo(sum / ROWS, 5);
    await trainer.fit({ x, y: given }, { epochs: 20, progress: false });
    expect((await trainer.evaluate({ x, y: given }))["code.loss"]).toBeLessThan(0.7 * before["code.loss"]!);
  });

  test("alone, one number per row is taken, which isn't read", async () => {
    const model = await w.sequential({ input: 4, seed: 7 }, w.dense(4));
    const trainer = new w.Trainer(model, { loss: divergence, optimizer: w.sgd() });
    const [a, b] = [0, 5].map((value) => trainer.evaluate({ x, y: new Float32Array(ROWS).fill(value) }));
    expect(await a).toEqual(await b);
  });
});

describe("refused", () => {
  const kind = { shape: 3, loss: w.softmaxCrossEntropy() };
  refuses([
    [
      () => w.outputs({ a: { ...kind, metrics: [w.accuracy(), w.accuracy()] } }),
      RangeError,
      'outputs: the metrics of a have a second "accuracy"; each figure can be given once',
    ],
    [
      () => w.outputs({ a: { ...kind, metrics: w.accuracy as unknown as w.Metric } }),
      TypeError,
      "outputs: the metrics of a must be a metric such as accuracy(), or a list, got the function accuracy; call it: accuracy()",
    ],
    [
      () => w.outputs({ a: { shape: 2, loss: w.meanSquaredError(), metrics: w.mae(), missing: true } }),
      RangeError,
      "outputs: mae of a can't leave out rows whose target is missing; use its loss, metrics of labels, or a customMetric, in which such rows have the weight 0",
    ],
    [
      () => w.outputs({ a: { ...kind, missing: 1 as unknown as boolean } }),
      TypeError,
      /^outputs: missing of a must be true or false, got/,
    ],
    [
      async () => {
        const parts = w.outputs({ a: { shape: 2, loss: w.meanSquaredError(), metrics: w.accuracy() } });
        const model = await w.sequential({ input: 4 }, parts.layer({ a: w.dense(2) }));
        return new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd() });
      },
      RangeError,
      /^Trainer: accuracy compares classes, but meanSquaredError is a loss of numbers/,
    ],
    [
      () => w.outputs({ a: kind }).targets({ a: [0, -1] }),
      RangeError,
      "outputs.targets: a: labels must be whole numbers from 0 to 2 (the model has 3 outputs), but y[1] is -1",
    ],
    [() => w.outputs({ a: kind }).targets({}), TypeError, /^outputs\.targets: /],
    [
      () => w.outputs({ a: { ...kind, missing: true } }).targets({ a: [0, -2] }),
      RangeError,
      "outputs.targets: a: softmaxCrossEntropy needs targets that are labels: whole numbers from 0 to 2, or -1 where one is missing, but y at row 1, column 0 is -2",
    ],
    [
      () =>
        w.outputs({ a: { shape: 2, loss: w.hinge(), missing: true } }).targets({ a: [[1, NaN], [1, 0.5]] }), // prettier-ignore
      RangeError,
      "outputs.targets: a: hinge needs targets that are 1 or -1, or NaN where one is missing, but y at row 1, column 1 is 0.5",
    ],
  ]);
});
