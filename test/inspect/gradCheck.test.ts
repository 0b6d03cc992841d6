// The gradient check's report. That it finds wrong gradients is shown in gradients.test.ts.
import { loadRest } from "../../build/binaries.js";
import { loadActivations } from "../../build/binaries.js";
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal, stateOf } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(12, { seed: 1 });
const y = normal(8, { seed: 2 });

async function make(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed: 1 }, w.dense(5), w.tanh(), w.dense(2));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
}

describe("gradCheck", () => {
  test("looks at every number, and lists the worst ones first", async () => {
    const trainer = await make();
    const { ok, worst, checked, parameters, offenders } = w.gradCheck(trainer, x, y);
    expect(ok).toBe(true);
    expect(checked).toBe(3 * 5 + 5 + 5 * 2 + 2);
    expect(parameters.map((p) => p.parameter).toSorted()).toEqual([
      "dense1.bias",
      "dense1.weight",
      "dense2.bias",
      "dense2.weight",
    ]);
    expect(offenders.length).toBe(5);
    expect(offenders[0]!.error).toBe(worst);
    expect(parameters[0]).toEqual(offenders[0]);
    const errors = offenders.map((o) => o.error);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
  });

  test("shows the gradient of the backward pass, and what differences say", async () => {
    const trainer = await make();
    const { parameters } = w.gradCheck(trainer, x, y);
    trainer.step(x, y);
    const gradients = Object.fromEntries(trainer.model.parameters().map((p) => [p.name, p.gradient()]));
    for (const { parameter, index, analytic, numeric } of parameters) {
      expect(analytic).toBe(gradients[parameter]![index]);
      expect(Math.abs(numeric - analytic)).toBeLessThan(0.01 * Math.abs(analytic) + 1e-4);
      expect(numeric).not.toBe(analytic); // one is float32 arithmetic, the other differences
    }
  });

  test("limit: so many numbers of each parameter, evenly spread", async () => {
    const trainer = await make();
    expect(w.gradCheck(trainer, x, y, { limit: 2 }).checked).toBe(2 + 2 + 2 + 2);
    expect(w.gradCheck(trainer, x, y, { limit: 4 }).checked).toBe(4 + 3 + 4 + 2);
    expect(w.gradCheck(trainer, x, y, { limit: 1000 }).checked).toBe(32);
  });

  test("tolerance and number of offenders", async () => {
    const trainer = await make();
    const { worst } = w.gradCheck(trainer, x, y);
    expect(w.gradCheck(trainer, x, y, { tolerance: 1e-9 }).ok).toBe(false);
    expect(worst).toBeLessThan(0.01);
    expect(w.gradCheck(trainer, x, y, { offenders: 0 }).offenders).toEqual([]);
    expect(w.gradCheck(trainer, x, y, { offenders: 7 }).offenders.length).toBe(7);
    expect(w.gradCheck(trainer, x, y, { offenders: 100 }).offenders.length).toBe(32);
  });

  test("a model without parameters has nothing to check", async () => {
    const model = await w.sequential({ input: 3 }, w.reshape([3]));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    expect(w.gradCheck(trainer, x, x)).toEqual({
      ok: true,
      worst: 0,
      checked: 0,
      kinks: 0,
      parameters: [],
      offenders: [],
    });
  });
});

describe("kinks", () => {
  /** The error in the weight of an input 1 before a kink: that weight is the layer's input. */
  async function errorAt(weight: number, layer: w.Layer, loss: w.Loss = w.meanSquaredError()): Promise<number> {
    const last = w.dense(1, { kernelInitializer: w.constant(0.7) });
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }), layer, last);
    model.parameters()[0]!.set([weight]);
    const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
    return w.gradCheck(trainer, [1], [3]).parameters.find((p) => p.parameter === "dense1.weight")!.error;
  }
  /** From on the kink itself to where no difference reaches it any more; differences go up to 0.2 away. */
  const AWAY = [0, 1e-6, 1e-4, 5e-4, 0.003, 0.01, 0.05, 0.15, 0.5].flatMap((d) => [d, -d]);

  for (const [layer, places] of [
    [w.relu(), [0]],
    [w.leakyRelu({ slope: 0.2 }), [0]],
    [w.elu({ alpha: 0.5 }), [0]],
    [w.selu(), [0]],
    [w.relu6(), [0, 6]],
    [w.hardSigmoid({ slope: 0.2 }), [-2.5, 2.5]],
    [w.hardSigmoid({ slope: 0.5, offset: 0.25 }), [-0.5, 1.5]],
    [w.clip(-1, 2), [-1, 2]],
    [w.elu({ alpha: -0.5 }), [0]],
    [w.selu({ alpha: 0.5, scale: 2 }), [0]],
    [w.hardSwish(), [-3, 3]],
  ] as const) {
    test(`of ${layer.type} on one side, however near, don't alarm`, async () => {
      for (const place of places) {
        for (const away of AWAY) {
          expect(await errorAt(place + away, layer), `${away} from ${place}`).toBeLessThanOrEqual(0.01);
        }
      }
    });
  }

  test("of losses and penalties don't either", async () => {
    for (const away of AWAY) {
      for (const [loss, place, target] of [
        [w.meanAbsoluteError(), 2, 2],
        [w.huber({ delta: 0.5 }), 2.5, 2],
        [w.hinge(), 1, 1],
      ] as const) {
        const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
        model.parameters()[0]!.set([place + away]);
        const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
        expect(w.gradCheck(trainer, [1], [target]), `${away} from ${loss.type}'s kink`).toMatchObject({ ok: true });
      }
      const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false, kernelRegularizer: w.l1(0.3) }));
      model.parameters()[0]!.set([away]);
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
      expect(w.gradCheck(trainer, [1], [2]), `l1 at ${away}`).toMatchObject({ ok: true });
    }
  });

  /** Two units of relu, the first exactly at its kink, the second at 0.8; inputs above 0, so that all rows agree. */
  async function beside(): Promise<w.Trainer> {
    const layers = [w.dense(2, { useBias: false }), w.relu(), w.dense(1, { useBias: false })] as const;
    const model = await w.sequential({ input: 2 }, ...layers);
    const [first, second] = model.parameters();
    first!.set([0, 0.5, 0, 0.3]);
    second!.set([0.9, -0.6]);
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  }
  const ones = [1, 1, 0.9, 0.8];
  const target = [2, 1];

  test("a unit at 0 has gradient 0, which the side that it leaves agrees with", async () => {
    const trainer = await beside();
    const { ok, offenders } = w.gradCheck(trainer, ones, target, { offenders: 10 });
    expect(ok).toBe(true);
    const atKink = offenders.filter((o) => o.parameter === "dense1.weight" && o.index % 2 === 0);
    expect(atKink.length).toBe(2);
    for (const { analytic, numeric } of atKink) expect(Math.abs(analytic) + Math.abs(numeric)).toBe(0);
    // there is a kink: the other side falls
    const [weight] = trainer.model.parameters();
    const lossAt = async (value: number): Promise<number> => {
      weight!.set([value, 0.5, 0, 0.3]);
      return (await trainer.evaluate({ x: ones, y: target }))["loss"]!;
    };
    const [below, at, above] = [await lossAt(-0.01), await lossAt(0), await lossAt(0.01)];
    expect(below).toBe(at);
    expect(above).toBeLessThan(at - 0.01);
  });

  test("a wrong gradient next to one is still found", async () => {
    const trainer = await beside();
    const { core } = trainer.model;
    loadRest(core);
    const { table } = core.exports;
    table.set(core.kernel("reluBackward"), table.get(core.kernel("tanhBackward")));
    const { ok, worst, offenders } = w.gradCheck(trainer, ones, target, { offenders: 2 });
    expect(ok).toBe(false);
    // tanh's slope where its output is 0.8 and 0.69, instead of 1
    expect(worst).toBeGreaterThan(0.4);
    expect(offenders.map((o) => [o.parameter, o.index]).toSorted()).toEqual([
      ["dense1.weight", 1],
      ["dense1.weight", 3],
    ]);
  });

  test("a wrong gradient at one, that is neither side's, is found", async () => {
    const trainer = await beside();
    const { core } = trainer.model;
    await loadActivations(core);
    // mish's slope at 0 is 0.6; relu's sides have 0 and 1
    core.exports.table.set(core.kernel("reluBackward"), core.exports.table.get(core.kernel("mishBackward")));
    const { offenders } = w.gradCheck(trainer, ones, target, { offenders: 10 });
    const atKink = offenders.filter((o) => o.parameter === "dense1.weight" && o.index % 2 === 0);
    expect(atKink.map((o) => o.error > 0.1)).toEqual([true, true]);
  });
});

describe("networks that have learned: what float32 leaves of a small loss is no error, and a fault still is one", () => {
  const [inputs, targets] = [[[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]]; // prettier-ignore
  const learned: Readonly<Record<string, readonly [() => w.Layer[], w.Loss, w.Optimizer]>> = {
    "sigmoid, cross-entropy": [
      () => [w.dense(3), w.sigmoid(), w.dense(1), w.sigmoid()],
      w.binaryCrossEntropy(),
      w.sgd({ learningRate: 8 }),
    ],
    "two of tanh, outputs within 1e-5 of 0 and 1": [
      () => [w.dense(4), w.tanh(), w.dense(4), w.tanh(), w.dense(1), w.sigmoid()],
      w.binaryCrossEntropy(),
      w.adam({ learningRate: 0.01 }),
    ],
    "relu, next to its kinks": [
      () => [w.dense(4), w.relu(), w.dense(1), w.sigmoid()],
      w.binaryCrossEntropy(),
      w.adam({ learningRate: 0.01 }),
    ],
    "squares of 1e-12": [() => [w.dense(4), w.tanh(), w.dense(1)], w.meanSquaredError(), w.sgd({ learningRate: 0.1 })],
  };

  test.each(Object.entries(learned))("%s", async (_, [layers, loss, optimizer]) => {
    for (let seed = 1; seed <= 6; seed++) {
      const model = await w.sequential({ input: 2, seed }, ...layers());
      const trainer = new w.Trainer(model, { loss, optimizer });
      for (let i = 0; i < 5000; i++) trainer.step(inputs, targets);
      const right = w.gradCheck(trainer, inputs, targets, { values: true });
      expect(right.ok, `seed ${seed}: ${String(right)}`).toBe(true);
      // another activation's slope
      const { core } = model;
      loadRest(core);
      const { table } = core.exports;
      const hidden = model.layers[1]!.type;
      const other = hidden === "tanh" ? "sigmoid" : "tanh";
      table.set(core.kernel(`${hidden as "relu"}Backward`), table.get(core.kernel(`${other}Backward`)));
      expect(w.gradCheck(trainer, inputs, targets, { values: true }).ok, `seed ${seed}`).toBe(false);
    }
  });
});

describe("values", () => {
  test("near the end of a function's domain, steps within it tell", async () => {
    const model = await w.sequential({ input: 2, seed: 5 }, w.dense(3), w.sigmoid(), w.dense(1), w.sigmoid());
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropy(), optimizer: w.sgd({ learningRate: 4 }) });
    const [inputs, targets] = [[[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]]; // prettier-ignore
    for (let i = 0; i < 300; i++) trainer.step(inputs, targets);
    // a2 is within 0.02 of 0 and 1: large steps would take the logarithm of what is below 0
    const { ok, offenders } = w.gradCheck(trainer, inputs, targets, { values: ["da2"], offenders: 99 });
    expect(ok).toBe(true);
    expect(offenders.every(({ error }) => error < 0.005)).toBe(true);
  });

  const mse = { loss: w.meanSquaredError(), optimizer: w.sgd() };

  /** What is compared by values, and that all of it is right. */
  async function names(input: w.ModelOptions["input"], layers: w.Layer[], rows = 3, given?: Float32Array) {
    const model = await w.sequential({ input, seed: 3 }, ...layers);
    const size = (shape: w.Shape): number => shape.reduce((product, n) => product * n, 1);
    const trainer = new w.Trainer(model, mse);
    const data = given ?? normal(rows * size(model.inputShape), { seed: 5 });
    const target = normal(rows * size(model.outputShape), { seed: 6 });
    const plain = w.gradCheck(trainer, data, target);
    const result = w.gradCheck(trainer, data, target, { values: true });
    expect(String(result)).toMatch(/^gradients right/);
    const own = new Set(model.parameters().map(({ name }) => name));
    const found = result.parameters.map(({ parameter }) => parameter);
    // the parameters are compared as without
    const { parameters } = plain;
    expect(result.parameters.filter(({ parameter }) => own.has(parameter)).toSorted(byName)).toEqual(
      parameters.toSorted(byName),
    );
    const traced = w.trace(trainer, data, target);
    for (const { parameter, index, analytic } of result.parameters) {
      if (own.has(parameter) || !traced.names.includes(parameter)) continue;
      const sums = traced.tensors.filter(({ name }) => name === parameter);
      if (sums.length === 1) expect(analytic, parameter).toBe(sums[0]!.values[index]);
    }
    return found
      .filter((name) => !own.has(name))
      .toSorted()
      .join(" ");
  }
  const byName = (a: w.GradientCheck, b: w.GradientCheck): number => (a.parameter < b.parameter ? -1 : 1);

  test("are compared besides the parameters: every value that has a gradient, and x", async () => {
    expect(await names(3, [w.dense(5), w.tanh(), w.dense(2), w.sigmoid()])).toBe("dZ1 dZ2 da1 da2 dx");
    expect(await names(3, [w.dense(5), w.relu(), w.elu({ name: "again" }), w.dense(1)])).toBe("dZ1 dZ2 da1 dagain dx");
    expect(await names([2, 3], [w.dense(4), w.tanh(), w.flatten(), w.dropout(0.3), w.dense(2)])).toBe(
      "dZ1 dZ2 da1 ddropout1 dx",
    );
  });

  test("of graphs: what is read several times has the sum", async () => {
    expect(
      await names(4, [
        w.dense(4, { name: "first" }),
        w.residual(w.tanh(), w.dense(4)),
        w.concat([[w.dense(3), w.sigmoid()], w.from("first"), w.identity()]),
        w.dense(2),
      ]),
    ).toBe("dZ1 dZ2 dZ3 dZ4 da1 da3 dadd1 djoin1 dx");
    const twice = w.shared(w.dense(4));
    expect(await names(4, [twice, w.tanh(), twice, w.dense(1)])).toBe("dZ1 dZ2 dZ3 da1 dx");
  });

  test("of images, normalisation, sequences", async () => {
    expect(
      await names(
        [6, 6, 1],
        [w.conv2d(2, { kernelSize: 3 }), w.tanh(), w.avgPool2d(2), w.flatten(), w.batchNorm(), w.dense(2)],
      ),
    ).toBe("dZ1 dZ2 dZ3 da1 davgPool2d1 dx");
    expect(await names([4, 3], [w.lstm(3, { returnSequences: true }), w.layerNorm(), w.gru(2)])).toBe("dZ1 dZ2 dZ3 dx");
    expect(await names([4, 4], [w.selfAttention({ heads: 2 }), w.dense(2)])).toBe("dZ1 dZ2 dx");
  });

  test("but for integers: what is looked up, and lengths", async () => {
    const indices = Float32Array.of(1, 2, 0, 3, 3, 1, 2, 2, 0);
    expect(await names(3, [w.embedding(4, 2), w.flatten(), w.dense(2)], 3, indices)).toBe("dZ1 dZ2");
    const parts = w.inputs({ steps: [3, 2], lengths: 1 });
    const rows = Float32Array.from({ length: 14 }, (_, i) => (i % 7 === 6 ? 2 : Math.fround(((i * 5) % 9) / 9 - 0.4)));
    const read = w.from("steps", w.gru(2, { lengths: "lengths" }));
    expect(await names(parts, [w.concat([read, w.from("steps", w.flatten())]), w.dense(1)], 2, rows)).toBe(
      "dZ1 dZ2 djoin1 dsteps",
    );
  });

  test("with penalties, and of frozen layers", async () => {
    expect(await names(3, [w.dense(4, { kernelRegularizer: w.l2(0.3) }), w.tanh(), w.dense(1)])).toBe("dZ1 dZ2 da1 dx");
    expect(await names(3, [w.frozen(w.dense(4)), w.tanh(), w.dense(1)])).toBe("dZ1 dZ2 da1 dx");
  });

  test("or some by name, each with its limit", async () => {
    const trainer = await make();
    const all = w.gradCheck(trainer, x, y, { values: true });
    expect(all.checked).toBe(32 + 4 * (3 + 5 + 5 + 2));
    const some = w.gradCheck(trainer, x, y, { values: ["dZ1", "dx"], limit: 2 });
    expect(some.checked).toBe(8 + 4);
    expect(
      some.parameters.map((p) => p.parameter).filter((name) => name.startsWith("d") && !name.includes(".")),
    ).toEqual(expect.arrayContaining(["dZ1", "dx"]));
    expect(w.gradCheck(trainer, x, y, { values: false })).toEqual(w.gradCheck(trainer, x, y));
    expect(w.gradCheck(trainer, x, y, { values: [] })).toEqual(w.gradCheck(trainer, x, y));
  });

  test("of a layer that is called as the book calls another value have its place besides", async () => {
    expect(await names(2, [w.dense(4), w.sigmoid(), w.tanh({ name: "Z1" }), w.dense(1)])).toBe(
      "dZ1 dZ1 (layer 3) dZ2 da1 dx",
    );
  });

  /** y = x^2 / 2 with dy x times a factor as dx. */
  const square = (factor: number, left = { calls: Infinity }): w.Layer =>
    w.customLayer({
      type: "square",
      forward: ({ x: from, y: to }) => {
        if (--left.calls < 0) throw new Error("no more");
        for (let i = 0; i < from.length; i++) to[i] = (from[i]! * from[i]!) / 2;
      },
      backward: ({ x: from, dy, dx }) => {
        if (dx) for (let i = 0; i < from.length; i++) dx[i] = factor * dy[i]! * from[i]!;
      },
    });
  const wrongOnes = (result: w.GradCheckResult): string[] =>
    result.parameters
      .filter(({ error }) => error > 0.005)
      .map(({ parameter }) => parameter)
      .toSorted();

  test("find a backward pass that is wrong in its dx, and where", async () => {
    const model = await w.sequential({ input: 3, seed: 1 }, w.dense(4), square(1.1), w.dense(3), w.tanh(), w.dense(2));
    const result = w.gradCheck(new w.Trainer(model, mse), x, y, { values: true });
    expect(result.ok).toBe(false);
    // what comes before it is wrong, its output and all after it are right
    expect(wrongOnes(result)).toEqual(["dZ1", "dense1.bias", "dense1.weight", "dx"]);
    const right = await w.sequential({ input: 3, seed: 1 }, w.dense(4), square(1), w.dense(3), w.tanh(), w.dense(2));
    expect(w.gradCheck(new w.Trainer(right, mse), x, y, { values: true }).ok).toBe(true);
  });

  test("find it where no parameter stands before it: without them it isn't seen", async () => {
    const model = await w.sequential({ input: 3, seed: 1 }, square(0.8), w.dense(2));
    const trainer = new w.Trainer(model, mse);
    expect(w.gradCheck(trainer, x, y).ok).toBe(true);
    const result = w.gradCheck(trainer, x, y, { values: true });
    expect(wrongOnes(result)).toEqual(["dx"]);
    expect(result.offenders[0]).toMatchObject({ parameter: "dx" });
    expect(String(result)).toMatch(/^gradients wrong: .*\n {2}dx\[\d+\]: backward /);
  });

  test("change nothing, also where a layer throws in between", async () => {
    const left = { calls: Infinity };
    const model = await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.batchNorm(), square(1, left), w.dense(2));
    const trainer = new w.Trainer(model, { ...mse, optimizer: w.adam() });
    trainer.step(x, y);
    w.gradCheck(trainer, x, y, { values: true }); // takes its memory
    const before = stateOf(trainer);
    left.calls = 1e6;
    w.gradCheck(trainer, x, y, { values: true });
    expect(stateOf(trainer)).toEqual(before);
    const all = 1e6 - left.calls;
    for (const calls of [0, 1, Math.floor(all / 2), all - 5]) {
      left.calls = calls;
      expect(() => w.gradCheck(trainer, x, y, { values: true }), `${calls} calls`).toThrow(/no more/);
      left.calls = Infinity;
      expect(stateOf(trainer)).toEqual(before);
    }
    const calm = await make();
    const looked = await make();
    for (const one of [calm, looked]) one.step(x, y);
    w.gradCheck(looked, x, y, { values: true });
    for (const one of [calm, looked]) one.step(x, y);
    expect(looked.model.fingerprint()).toBe(calm.model.fingerprint());
  });

  test("of other names or kinds are refused", async () => {
    const trainer = await make();
    const wrong = (values: unknown) => () => w.gradCheck(trainer, x, y, { values } as never);
    await expectRefusal(
      wrong(["dZ3"]),
      RangeError,
      'gradCheck: unknown value "dZ3"; did you mean "dZ1"? Known: dx, dZ1, da1, dZ2',
    );
    await expectRefusal(wrong(["Z1"]), RangeError, /^gradCheck: unknown value "Z1"/);
    await expectRefusal(
      wrong("dZ1"),
      TypeError,
      'gradCheck: values must be true, false or an array of strings, got the string "dZ1"',
    );
    await expectRefusal(
      wrong([1]),
      TypeError,
      "gradCheck: values must be true, false or an array of strings, got an array of 1",
    );
  });
});

test("gradients that float32 can't hold are named, and nothing is compared", async () => {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.relu(), w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
  const before = model.fingerprint();
  expect(() => w.gradCheck(trainer, [1e20, 1e20], [1e19])).toThrow(
    /^gradCheck: a gradient of dense1\.weight is -?Infinity: too large for float32 numbers; scale x and y$/,
  );
  expect(() => w.gradCheck(trainer, [1, 1], [1e20])).toThrow(
    "gradCheck: the loss is Infinity: too large for float32 numbers; scale x and y",
  );
  expect(model.fingerprint()).toBe(before);
});

test("its many passes don't fill up what a metric keeps of every output", async () => {
  const { core } = await w.sequential({ input: 1 }, w.dense(1));
  const rows = normal(100, { seed: 3 });
  const labels = Array.from({ length: 15 }, (_, i) => Number(i % 4 === 0));
  for (let i = 0; i < 6; i++) {
    const model = await w.sequential({ input: 20, seed: 39, core }, w.dense(3));
    const trainer = new w.Trainer(model, {
      loss: w.binaryCrossEntropyWithLogits(),
      optimizer: w.sgd(),
      metrics: [w.rocAuc()],
    });
    for (let again = 0; again < 3; again++) w.trace(trainer, rows, labels);
    expect(w.gradCheck(trainer, rows, labels, { limit: 9 }).ok).toBe(true);
  }
});
