// One model in every way to compute its gradients: by step, by trace, by forward and backward, over several passes; and predicting.
// As in 0.1.0, by public functions alone: what is random at every pass is therefore not compared between them.
import { expect } from "vitest";
import * as w from "wasmgrad";
import { sizeOf } from "./shape.ts";
import { expectSameBits } from "./bits.ts";
import { normal } from "./seeded.ts";

/** Adding to 0 makes +0 of -0. */
const added = (values: Float32Array): number[] => [...values].map((v) => v + 0);

const isRandom = (model: w.Model): boolean =>
  /"type":"(?:dropout|spatialDropout|gaussianNoise)/.test(JSON.stringify(model.layers));

/** Output and gradients of one pass are the same bits in every plan. Returns the gradients by the parameters' names. */
export async function expectEqualPlans(
  model: w.Model,
  { rows = 3, x = normal(rows * sizeOf(model.inputShape), { seed: 3 }) }: { rows?: number; x?: Float32Array } = {},
): Promise<Record<string, Float32Array>> {
  const y = normal(rows * sizeOf(model.outputShape), { seed: 4 });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
  const weights = model.parameters().map((p) => p.get());
  const restore = (): void => model.parameters().forEach((p, i) => p.set(weights[i]!));
  const trained = model.parameters().filter((p) => p.trained);
  const gradients = (): Float32Array[] => trained.map((p) => p.gradient());

  const traced = w.trace(trainer, x, y);
  trainer.step(x, y);
  const stepped = gradients();
  restore();
  expect(stepped.every((values) => values.every(Number.isFinite))).toBe(true);

  if (!isRandom(model)) {
    const forward = model.forward(x);
    model.zeroGradients();
    model.backward(forward.map((v, i) => 2 * Math.fround(v - y[i]!)));
    const byHand = gradients();
    restore();
    // several passes an update: gradients are added to zeros instead of being written
    await trainer.fit({ x, y }, { shuffle: false, accumulate: 2, batchSize: rows });
    const accumulated = gradients();
    restore();

    const output = traced.tensors[traced.names.indexOf("loss") - 1]!.values;
    expectSameBits(forward, output, "output");
    const shown = new Set(traced.tensors.map(({ values }) => added(values).join()));
    trained.forEach(({ name }, i) => {
      expect(shown.has(added(stepped[i]!).join()), `${name} in the trace`).toBe(true);
      expect(added(byHand[i]!), `${name} by backward`).toEqual(added(stepped[i]!));
      expect(added(accumulated[i]!), `${name} accumulated`).toEqual(added(stepped[i]!));
    });
  }

  // rows alone, and fewer rows than before
  const predicted = model.predict(x);
  const size = x.length / rows;
  for (let r = 0; r < rows; r++) {
    const alone = model.predict(x.slice(r * size, (r + 1) * size));
    expectSameBits(alone, predicted.slice(r * alone.length, (r + 1) * alone.length), `row ${r} alone`);
  }
  return Object.fromEntries(trained.map(({ name }, i) => [name, stepped[i]!]));
}

/** The gradients of a model by differences of the loss. */
export function expectRightGradients(model: w.Model, rows = 3): void {
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const x = normal(rows * sizeOf(model.inputShape), { seed: 5 });
  const y = normal(rows * sizeOf(model.outputShape), { seed: 6 });
  const { worst, offenders } = w.gradCheck(trainer, x, y, { tolerance: 5e-3 });
  expect(worst, JSON.stringify(offenders[0])).toBeLessThanOrEqual(5e-3);
}
