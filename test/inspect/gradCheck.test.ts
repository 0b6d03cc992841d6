// The gradient check's report. That it finds wrong gradients is shown in gradients.test.ts.
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
    expect(w.gradCheck(trainer, x, x)).toEqual({ ok: true, worst: 0, checked: 0, parameters: [], offenders: [] });
  });
});
