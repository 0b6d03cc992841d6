// The glass box: textbook names, and values that are those of the textbook formulas.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectClose } from "../support/golden.ts";
import { affine, columnSums, each, mean, rowsOf, sigmoid, times, transposed } from "../support/plain.ts";
import { stateOf } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

/** float32 sums of a few products of numbers of size 1. */
const FLOAT32 = { rtol: 2e-6, atol: 1e-7 };

const namesOf = (trainer: w.Trainer, x: w.Input, y: w.Target): string => w.trace(trainer, x, y).names.join(" ");

/** The names of a step of these layers on one row of zeros. */
async function names(loss: w.Loss, input: w.Shape, ...layers: w.Layer[]): Promise<string> {
  const model = await w.sequential({ input }, ...layers);
  const x = new Float32Array(input.reduce((a, b) => a * b, 1));
  const outputs = model.outputShape.reduce((a, b) => a * b, 1);
  return namesOf(new w.Trainer(model, { loss, optimizer: w.sgd() }), x, new Float32Array(outputs));
}

describe("names", () => {
  const bce = w.binaryCrossEntropy();
  const mse = w.meanSquaredError();

  test("the chapter's two layers", async () => {
    expect(await names(bce, [2], w.dense(4), w.sigmoid(), w.dense(1), w.sigmoid())).toBe(
      "Z1 a1 Z2 a2 loss da2 dZ2 dw2 db2 da1 dZ1 dw1 db1",
    );
  });

  test("the perceptron", async () => {
    expect(await names(bce, [2], w.dense(1), w.sigmoid())).toBe("Z1 a1 loss da1 dZ1 dw1 db1");
    expect(await names(mse, [2], w.dense(1))).toBe("Z1 loss dZ1 dw1 db1");
  });

  test("three layers", async () => {
    const layers = [w.dense(5), w.relu(), w.dense(4), w.tanh(), w.dense(1), w.sigmoid()];
    expect(await names(bce, [2], ...layers)).toBe(
      "Z1 a1 Z2 a2 Z3 a3 loss da3 dZ3 dw3 db3 da2 dZ2 dw2 db2 da1 dZ1 dw1 db1",
    );
  });

  test("no final activation, no biases, no activations", async () => {
    expect(await names(mse, [2], w.dense(4), w.relu(), w.dense(3))).toBe("Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1");
    expect(await names(mse, [2], w.dense(4, { useBias: false }), w.relu(), w.dense(3, { useBias: false }))).toBe(
      "Z1 a1 Z2 loss dZ2 dw2 da1 dZ1 dw1",
    );
    expect(await names(mse, [2], w.dense(4), w.dense(3))).toBe("Z1 Z2 loss dZ2 dw2 db2 dZ1 dw1 db1");
  });

  test("dropout and further activations go by their layers' names", async () => {
    expect(await names(bce, [2], w.dense(4), w.sigmoid(), w.dropout(0.5), w.dense(1), w.sigmoid())).toBe(
      "Z1 a1 dropout1 Z2 a2 loss da2 dZ2 dw2 db2 ddropout1 da1 dZ1 dw1 db1",
    );
    expect(await names(mse, [2], w.dense(4), w.relu(), w.tanh({ name: "again" }), w.dense(1))).toBe(
      "Z1 a1 again Z2 loss dZ2 dw2 db2 dagain da1 dZ1 dw1 db1",
    );
    expect(await names(mse, [2], w.sigmoid(), w.dense(1))).toBe("sigmoid1 Z1 loss dZ1 dw1 db1");
  });

  test("a layer that is called as the book calls something else hides nothing", async () => {
    expect(await names(mse, [2], w.dense(4), w.relu(), w.tanh({ name: "Z1" }), w.dense(1))).toBe(
      "Z1 a1 Z1 Z2 loss dZ2 dw2 db2 dZ1 da1 dZ1 dw1 db1",
    );
  });

  test("flatten in front computes nothing, so it isn't there", async () => {
    expect(await names(mse, [2, 3], w.flatten(), w.dense(4), w.relu(), w.dense(1))).toBe(
      "Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1",
    );
  });

  test("nor does it between layers, and neither does reshape: gradients go by what was really computed", async () => {
    const two = "Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1";
    expect(await names(mse, [2, 3], w.dense(4), w.relu(), w.flatten(), w.dense(1))).toBe(two);
    expect(await names(mse, [4], w.dense(4), w.relu(), w.reshape([2, 2]), w.flatten(), w.dense(1))).toBe(two);
    expect(await names(mse, [4], w.dense(4), w.reshape([2, 2]), w.relu(), w.dense(1))).toBe(two);
    expect(await names(mse, [2, 3], w.dense(4), w.flatten(), w.dense(1))).toBe("Z1 Z2 loss dZ2 dw2 db2 dZ1 dw1 db1");
    expect(await names(mse, [4], w.dense(4), w.dropout(0.5), w.reshape([2, 2]), w.dense(1))).toBe(
      "Z1 dropout1 Z2 loss dZ2 dw2 db2 ddropout1 dZ1 dw1 db1",
    );
    expect(await names(mse, [2, 2], w.relu(), w.flatten(), w.dense(1))).toBe("relu1 Z1 loss dZ1 dw1 db1");
  });

  test("where a reshape ends the model, the loss's gradient is that of what stands before it", async () => {
    expect(await names(mse, [3], w.dense(4), w.reshape([2, 2]))).toBe("Z1 loss dZ1 dw1 db1");
    expect(await names(mse, [2, 3], w.dense(4), w.relu(), w.flatten())).toBe("Z1 a1 loss da1 dZ1 dw1 db1");
    expect(await names(mse, [2, 3], w.dense(4), w.dropout(0.5), w.flatten(), w.reshape([4, 2]))).toBe(
      "Z1 dropout1 loss ddropout1 dZ1 dw1 db1",
    );
    expect(await names(mse, [4], w.reshape([2, 2]))).toBe("loss dx");
  });

  test("penalties add to what is there, under no name of their own", async () => {
    const penalised = w.dense(4, { kernelRegularizer: w.l2(), biasRegularizer: w.l1() });
    expect(await names(mse, [2], penalised, w.relu(), w.dense(1, { kernelRegularizer: w.l1() }))).toBe(
      "Z1 a1 Z2 loss dZ2 dw2 db2 da1 dZ1 dw1 db1",
    );
  });
});

describe("values", () => {
  const rows = 5;
  const x = normal(rows * 3, { seed: 1 });
  const y = wholes(rows, { seed: 2, below: 2 });

  test("are those of the chapter's formulas", async () => {
    const model = await w.sequential(
      { input: 3, seed: 4 },
      w.dense(4, { biasInitializer: w.normal() }),
      w.sigmoid(),
      w.dense(1, { biasInitializer: w.normal() }),
      w.sigmoid(),
    );
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropy(), optimizer: w.sgd() });
    const [w1, b1, w2, b2] = model.parameters().map((p) => p.get());
    const X = rowsOf(x, 3);
    const Y = rowsOf(y, 1);
    const W2 = rowsOf(w2!, 1);
    const Z1 = affine(X, rowsOf(w1!, 4), b1!);
    const a1 = each(Z1, sigmoid);
    const Z2 = affine(a1, W2, b2!);
    const a2 = each(Z2, sigmoid);
    const da2 = each(a2, (a, t) => (-t / a + (1 - t) / (1 - a)) / rows, Y);
    const dZ2 = each(da2, (d, a) => d * a * (1 - a), a2);
    const da1 = times(dZ2, transposed(W2));
    const dZ1 = each(da1, (d, a) => d * a * (1 - a), a1);
    const expected: Record<string, number[]> = {
      Z1: Z1.flat(),
      a1: a1.flat(),
      Z2: Z2.flat(),
      a2: a2.flat(),
      loss: [mean(each(a2, (a, t) => -(t * Math.log(a) + (1 - t) * Math.log(1 - a)), Y).flat())],
      da2: da2.flat(),
      dZ2: dZ2.flat(),
      dw2: times(transposed(a1), dZ2).flat(),
      db2: columnSums(dZ2),
      da1: da1.flat(),
      dZ1: dZ1.flat(),
      dw1: times(transposed(X), dZ1).flat(),
      db1: columnSums(dZ1),
    };
    const traced = w.trace(trainer, x, y);
    expect(traced.names).toEqual(Object.keys(expected));
    for (const { name, values } of traced) expectClose(name, values, expected[name]!, FLOAT32);
    // the short form of the same: (a - y) / m
    expectClose("dZ2", traced.get("dZ2").values, each(a2, (a, t) => (a - t) / rows, Y).flat(), FLOAT32);
    // and what training uses
    const { loss } = trainer.step(x, y);
    expect(Math.fround(loss!)).toBe(traced.get("loss").values[0]);
    const gradients = model.parameters().map((p) => p.gradient());
    expect(gradients).toEqual(["dw1", "db1", "dw2", "db2"].map((name) => traced.get(name).values));
  });

  test("come with their shapes and layers", async () => {
    const model = await w.sequential(
      { input: [2, 3] },
      w.dense(4, { name: "first" }),
      w.relu(),
      w.dropout(0.5),
      w.dense(2),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const traced = w.trace(trainer, new Float32Array(18), new Float32Array(12));
    expect([...traced].map(({ name, layer, shape }) => [name, layer, shape])).toEqual([
      ["Z1", "first", [3, 2, 4]],
      ["a1", "relu1", [3, 2, 4]],
      ["dropout1", "dropout1", [3, 2, 4]],
      ["Z2", "dense2", [3, 2, 2]],
      ["loss", undefined, []],
      ["dZ2", undefined, [3, 2, 2]],
      ["dw2", "dense2", [4, 2]],
      ["db2", "dense2", [2]],
      ["ddropout1", "dense2", [3, 2, 4]],
      ["da1", "dropout1", [3, 2, 4]],
      ["dZ1", "relu1", [3, 2, 4]],
      ["dw1", "first", [3, 4]],
      ["db1", "first", [4]],
    ]);
    for (const { shape, values } of traced) expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
  });

  test("have the shapes of what was computed, also around layers that compute nothing", async () => {
    const model = await w.sequential(
      { input: [2, 3], seed: 4 },
      w.dense(4),
      w.relu(),
      w.flatten(),
      w.dense(6),
      w.reshape([3, 2]),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const traced = w.trace(trainer, normal(30, { seed: 1 }), normal(30, { seed: 2 }));
    expect([...traced].map(({ name, layer, shape }) => [name, layer, shape])).toEqual([
      ["Z1", "dense1", [5, 2, 4]],
      ["a1", "relu1", [5, 2, 4]],
      ["Z2", "dense2", [5, 6]],
      ["loss", undefined, []],
      ["dZ2", undefined, [5, 6]],
      ["dw2", "dense2", [8, 6]],
      ["db2", "dense2", [6]],
      ["da1", "dense2", [5, 2, 4]],
      ["dZ1", "relu1", [5, 2, 4]],
      ["dw1", "dense1", [3, 4]],
      ["db1", "dense1", [4]],
    ]);
    for (const { shape, values } of traced) expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
  });

  describe("with penalties", () => {
    const y2 = normal(rows * 2, { seed: 3 });
    const sampleWeights = [1, 0, 2, 3, 0.5];
    const [kernel1, bias1, kernel2] = [0.1, 0.2, 0.05];

    async function make(penalised: boolean, loss: w.Loss): Promise<w.Trainer> {
      const biasInitializer = w.normal({ deviation: 1 });
      const model = await w.sequential(
        { input: 3, seed: 4 },
        w.dense(4, {
          biasInitializer,
          ...(penalised ? { kernelRegularizer: w.l2(kernel1), biasRegularizer: w.l1(bias1) } : {}),
        }),
        w.tanh(),
        w.dense(2, penalised ? { kernelRegularizer: w.l1(kernel2) } : {}),
      );
      return new w.Trainer(model, { loss, optimizer: w.sgd() });
    }

    for (const loss of [w.meanSquaredError(), w.meanSquaredError({ reduction: "sum" }), w.huber()]) {
      for (const weights of [undefined, sampleWeights]) {
        const how = `${loss.type}, ${loss.reduction}${weights ? ", weighted" : ""}`;
        test(`${how}: the loss is evaluate's, the gradients are a step's, and both are the formulas'`, async () => {
          const [trainer, free] = [await make(true, loss), await make(false, loss)];
          const options = weights ? { sampleWeights: weights } : {};
          const traced = w.trace(trainer, x, y2, options);
          const bare = w.trace(free, x, y2, options);
          expect(traced.names).toEqual(bare.names);
          expect(new Set(traced.names).size).toBe(traced.names.length);

          const [w1, b1, w2] = trainer.model.parameters().map((p) => [...p.get()]);
          const absolute = (values: readonly number[]): number => values.reduce((sum, v) => sum + Math.abs(v), 0);
          const squares = w1!.reduce((sum, v) => sum + v * v, 0);
          const penalty = kernel1 * squares + bias1 * absolute(b1!) + kernel2 * absolute(w2!);
          expect(penalty).toBeGreaterThan(0.5);
          const value = traced.get("loss").values[0]!;
          expectClose("loss", [value], [bare.get("loss").values[0]! + penalty], FLOAT32);
          const added: Record<string, number[]> = {
            dw1: w1!.map((v) => 2 * kernel1 * v),
            db1: b1!.map((v) => bias1 * Math.sign(v)),
            dw2: w2!.map((v) => kernel2 * Math.sign(v)),
          };
          for (const { name, values } of traced) {
            if (name === "loss") continue;
            const more = added[name];
            const expected = Array.from(bare.get(name).values, (v, i) => v + (more?.[i] ?? 0));
            expectClose(name, values, expected, FLOAT32);
          }

          const evaluated = await trainer.evaluate({ x, y: y2, sampleWeights: weights });
          expect(value).toBe(Math.fround(evaluated["loss"]!));
          expect(value).toBe(Math.fround(trainer.step(x, y2, options)["loss"]!));
          const gradients = trainer.model.parameters().map((p) => p.gradient());
          expect(gradients).toEqual(["dw1", "db1", "dw2", "db2"].map((name) => traced.get(name).values));
        });
      }
    }

    test("the gradients that trace shows are those of differences", async () => {
      const trainer = await make(true, w.meanSquaredError());
      const traced = w.trace(trainer, x, y2);
      const textbookNames: Record<string, string> = {
        "dense1.weight": "dw1",
        "dense1.bias": "db1",
        "dense2.weight": "dw2",
        "dense2.bias": "db2",
      };
      const { ok, offenders } = w.gradCheck(trainer, x, y2, { offenders: 100 });
      expect(ok).toBe(true);
      expect(offenders.length).toBe(trainer.model.parameterCount);
      for (const { parameter, index, analytic } of offenders) {
        expect(analytic).toBe(traced.get(textbookNames[parameter]!).values[index]);
      }
    });
  });

  test("with the rows' weights, as in a step", async () => {
    const model = await w.sequential({ input: 3, seed: 4 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const sampleWeights = [1, 0, 2, 3, 0.5];
    const traced = w.trace(trainer, x, y, { sampleWeights });
    const { loss } = trainer.step(x, y, { sampleWeights });
    expect(traced.get("loss").values[0]).toBe(Math.fround(loss!));
    expect(Math.abs(traced.get("dZ1").values[1]!)).toBe(0);
    expect(traced.get("dZ1").values[2]).not.toBe(0);
    const gradients = model.parameters().map((p) => p.gradient());
    expect(gradients).toEqual(["dw1", "db1"].map((name) => traced.get(name).values));
  });

  test("are copies, which later steps leave alone", async () => {
    const model = await w.sequential({ input: 3, seed: 4 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const traced = w.trace(trainer, x, y);
    const copy = traced.tensors.map((t) => t.values.slice());
    const others = x.map((v) => v + 1);
    w.trace(trainer, others, y);
    expect(traced.tensors.map((t) => t.values)).toEqual(copy);
  });
});

describe("looking changes nothing", () => {
  for (const [name, look] of [
    ["trace", (trainer: w.Trainer, x: w.Input, y: w.Target) => w.trace(trainer, x, y)],
    ["trace of the update", (trainer: w.Trainer, x: w.Input, y: w.Target) => w.trace(trainer, x, y, { update: true })],
    ["gradCheck", (trainer: w.Trainer, x: w.Input, y: w.Target) => w.gradCheck(trainer, x, y)],
  ] as const) {
    test(`${name}: not the weights, the gradients, the counters, nor what comes next`, async () => {
      const make = async (): Promise<w.Trainer> => {
        const dense = w.dense(6, { kernelRegularizer: w.l1(0.01) });
        const model = await w.sequential({ input: 3, seed: 4 }, dense, w.relu(), w.dropout(0.5), w.dense(2));
        return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
      };
      const [looked, calm] = [await make(), await make()];
      const x = normal(30, { seed: 1 });
      const y = wholes(10, { seed: 2, below: 2 });
      for (const trainer of [looked, calm]) {
        trainer.step(x, y);
        trainer.model.forward(x); // leaves gradients of its own
        trainer.model.backward(normal(20, { seed: 3 }));
      }
      look(looked, x, y); // takes its memory
      const before = stateOf(looked);
      look(looked, x, y);
      look(looked, x.slice(0, 6), y.slice(0, 2));
      expect(stateOf(looked)).toEqual(before);
      for (const trainer of [looked, calm]) {
        trainer.update();
        trainer.step(x, y);
        await trainer.fit({ x, y }, { epochs: 2, batchSize: 4 });
      }
      expect(stateOf(looked)).toMatchObject({ fingerprint: calm.model.fingerprint(), passes: calm.model.passes });
      expect(looked.model.parameters().map((p) => p.gradient())).toEqual(
        calm.model.parameters().map((p) => p.gradient()),
      );
    });
  }

  test("the mask that trace shows is the one that the next step uses", async () => {
    const model = await w.sequential({ input: 64, seed: 4 }, w.dropout(0.5), w.dense(1, { useBias: false }));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1 }) });
    const ones = new Float32Array(64).fill(1);
    const masks = [];
    for (let i = 0; i < 3; i++) {
      const [weight] = model.parameters();
      const before = weight!.get();
      const mask = [...w.trace(trainer, ones, [100]).get("dropout1").values].map((v) => v > 0);
      trainer.step(ones, [100]);
      const moved = [...weight!.get()].map((v, j) => v !== before[j]);
      expect(moved).toEqual(mask); // a weight whose input was dropped has no gradient
      masks.push(mask.map(Number).join(""));
    }
    expect(new Set(masks).size).toBe(3);
  });
});

describe("what was given", () => {
  const make = async (loss: w.Loss, ...layers: w.Layer[]): Promise<w.Trainer> =>
    new w.Trainer(await w.sequential({ input: 3, seed: 4 }, ...layers), { loss, optimizer: w.sgd() });
  const x = normal(15, { seed: 1 });
  const shown = (traced: w.Trace): unknown[] => traced.given.map(({ name, layer, shape }) => [name, layer, shape]);

  test("x, y and the parameters, by their names, beside the tensors", async () => {
    const trainer = await make(w.meanSquaredError(), w.dense(4), w.tanh(), w.dense(2, { useBias: false }));
    const traced = w.trace(trainer, x, normal(10, { seed: 2 }));
    expect(shown(traced)).toEqual([
      ["x", undefined, [5, 3]],
      ["y", undefined, [5, 2]],
      ["w1", "dense1", [3, 4]],
      ["b1", "dense1", [4]],
      ["w2", "dense2", [4, 2]],
    ]);
    expect(traced.get("x").values).toEqual(Float32Array.from(x));
    expect(traced.get("w1").values).toEqual(trainer.model.parameters()[0]!.get());
    expect(traced.names).not.toContain("x");
    expect([...traced].map(({ name }) => name)).toEqual(traced.names);
    expect(traced.update).toBeUndefined();
  });

  test("labels, weights of rows and classes, and dropout's mask", async () => {
    const loss = w.softmaxCrossEntropy({ classWeights: [1, 2, 0.5] });
    const trainer = await make(loss, w.dense(6), w.relu(), w.dropout(0.5), w.dense(3));
    const traced = w.trace(trainer, x, [2, 0, 1, 1, 2], { sampleWeights: [1, 2, 3, 4, 5] });
    expect(shown(traced).map((entry) => (entry as unknown[])[0])).toEqual(
      ["x", "y", "sampleWeights", "classWeights", "w1", "b1", "w2", "b2", "dropout1.mask"], // prettier-ignore
    );
    expect([...traced.get("y").values]).toEqual([2, 0, 1, 1, 2]);
    expect(traced.get("y").shape).toEqual([5, 1]);
    expect([...traced.get("sampleWeights").values]).toEqual([1, 2, 3, 4, 5]);
    const [mask, a1, dropped] = ["dropout1.mask", "a1", "dropout1"].map((name) => traced.get(name).values);
    expect(a1!.map((value, i) => value * mask![i]! * 2)).toEqual(dropped);
  });

  test("weights that several layers share are there once", async () => {
    const one = w.shared(w.dense(3));
    const traced = w.trace(await make(w.meanSquaredError(), one, w.tanh(), one), x, x);
    expect(shown(traced).map((entry) => (entry as unknown[])[0])).toEqual(["x", "y", "w1", "b1"]);
  });
});

describe("the update on the side", () => {
  const x = normal(15, { seed: 1 });
  const y = normal(10, { seed: 2 });
  const make = async (parts: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> => {
    const first = w.dense(4, { kernelConstraint: w.maxNorm(1), kernelRegularizer: w.l2(0.1) });
    const model = await w.sequential({ input: 3, seed: 4 }, first, w.tanh(), w.dense(2));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), ...parts });
  };

  test("is the step's, to the bit: weights, the optimizer's numbers, the rate and the count", async () => {
    const schedule = w.exponentialDecay({ gamma: 0.5, per: "update" });
    const trainer = await make({ optimizer: w.adam({ learningRate: 0.1, clipNorm: 0.05, amsgrad: true }), schedule });
    for (let i = 0; i < 3; i++) {
      const traced = w.trace(trainer, x, y, { update: true });
      const { learningRate, count, tensors, states } = traced.update!;
      expect([learningRate, count]).toEqual([trainer.learningRate, i + 1]);
      expect(tensors.map(({ name }) => name)).toEqual(["w2'", "b2'", "w1'", "b1'"]);
      expect(states.map(({ name }) => name).slice(0, 7)).toEqual(
        ["m.w2", "m.w2'", "v.w2", "v.w2'", "vMax.w2", "vMax.w2'", "m.b2"], // prettier-ignore
      );
      trainer.step(x, y);
      const after = trainer.model.parameters().map((p) => p.get());
      expect(["w1'", "b1'", "w2'", "b2'"].map((name) => traced.get(name).values)).toEqual(after);
      const next = w.trace(trainer, x, y, { update: true });
      const of = (from: w.Trace, mark: string) => from.update!.states.filter(({ name }) => name.endsWith("'") === (mark !== "")); // prettier-ignore
      expect(of(next, "").map(({ values }) => values)).toEqual(of(traced, "'").map(({ values }) => values));
      expect(next.get("w1").values).toEqual(traced.get("w1'").values);
    }
  });

  test("has only trained parameters, and those that are shared once", async () => {
    const one = w.shared(w.dense(3));
    const layers = [w.dense(3, { trainable: false }), one, w.tanh(), one, w.batchNorm(), w.dense(2)];
    const model = await w.sequential({ input: 3, seed: 4 }, ...layers);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const traced = w.trace(trainer, x, y, { update: true });
    const updated = traced.update!.tensors.map(({ name }) => name);
    expect(updated).toEqual(["w5'", "b5'", "gamma4'", "beta4'", "w2'", "b2'"]);
    const trained = model.parameters().filter((p) => p.trained);
    trainer.step(x, y);
    expect(new Map(traced.update!.tensors.map(({ values }) => [values.join(), 1])).size).toBe(updated.length);
    expect(trained.map((p) => p.get().join()).toSorted()).toEqual(
      traced.update!.tensors.map(({ values }) => values.join()).toSorted(),
    );
  });

  test("isn't there where the trainer would refuse it, and nothing has changed", async () => {
    const trainer = await make({ optimizer: w.sgd({ learningRate: 1e37 }) });
    w.trace(trainer, x, y, { update: true }); // takes its memory
    const before = stateOf(trainer);
    const traced = w.trace(trainer, x.map((value) => value * 1e10), y, { update: true }); // prettier-ignore
    expect(traced.update).toBeUndefined();
    expect(traced.names).toContain("dw1");
    expect(stateOf(trainer)).toEqual(before);
  });

  test("a schedule that makes steps of its own doesn't spoil the batch", async () => {
    const others = x.map((value) => -value);
    let armed = false;
    const schedule: w.Schedule = {
      type: "own",
      per: "update",
      start: () => ({
        rate: () => {
          if (armed) {
            armed = false;
            trainer.step(others, y);
          }
          return 0.1;
        },
      }),
    };
    const trainer = await make({ schedule, optimizer: w.sgd() });
    armed = true;
    const traced = w.trace(trainer, x, y, { update: true });
    expect(traced.get("x").values).toEqual(Float32Array.from(x));
    trainer.step(x, y);
    expect(traced.get("w2'").values).toEqual(trainer.model.parameters()[2]!.get());
  });

  test("names that there aren't, and options that aren't true or false", async () => {
    const trainer = await make();
    const traced = w.trace(trainer, x, y);
    expect(() => traced.get("w1'")).toThrow(
      'trace: there is no tensor "w1\'"; there are Z1, a1, Z2, loss, dZ2, dw2, db2, da1, dZ1, dw1, db1, and given x, y, w1, b1, w2, b2; for what an update makes, trace with { update: true }',
    );
    expect(() => w.trace(trainer, x, y, { update: 1 as never })).toThrow(
      "trace: update must be true or false, got number 1",
    );
    expect(() => w.trace(undefined as never, x, y, { update: true })).toThrow(
      "trace: the first argument must be a trainer",
    );
  });
});
