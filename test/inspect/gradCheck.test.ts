// The gradient check's report. That it finds wrong gradients is shown in gradients.test.ts.
import { loadActivations } from "../../build/binaries.js";
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
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
    core.exports.table.set(core.kernel("reluBackward"), core.exports.tanhBackward);
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

test("gradients that float32 can't hold are named, and nothing is compared", async () => {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.relu(), w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
  const before = model.fingerprint();
  expect(() => w.gradCheck(trainer, [1e20, 1e20], [1e19])).toThrow(
    /^gradCheck: a gradient of dense1\.weight is -?Infinity: too large for float32 numbers; scale x and y$/,
  );
  expect(model.fingerprint()).toBe(before);
});
