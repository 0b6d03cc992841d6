// One model in every plan: by step, by trace, by forward and backward, over several passes, and predicting.
import { expect } from "vitest";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectSameBits } from "./bits.ts";
import { normal } from "./seeded.ts";

/** Adding to 0 makes +0 of -0. */
const added = (values: Float32Array): number[] => [...values].map((v) => v + 0);

/** Output and gradients of one pass are the same bits in every plan. Returns the gradients by the parameters' names. */
export async function expectEqualPlans(
  model: w.Model,
  { rows = 3, x = normal(rows * sizeOf(model.inputShape), { seed: 3 }) }: { rows?: number; x?: Float32Array } = {},
): Promise<Record<string, Float32Array>> {
  const y = normal(rows * sizeOf(model.outputShape), { seed: 4 });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
  const weights = model.parameters().map((p) => p.get());
  const restore = (): void => {
    model.parameters().forEach((p, i) => p.set(weights[i]!));
    model.passes = 0;
  };
  const trained = model.parameters().filter((p) => p.trained);
  const gradients = (): Float32Array[] => trained.map((p) => p.gradient());

  model.passes = 0;
  const traced = w.trace(trainer, x, y);
  const names = trained.map(({ name }) => {
    const local = name.slice(name.lastIndexOf(".") + 1);
    return `d${model.nodes.find((node) => `${node.name}.${local}` === name)!.textbookNames[local]}`;
  });
  const apart = names.map((name) => traced.get(name).values);
  const output = traced.tensors[traced.names.indexOf("loss") - 1]!.values;

  trainer.step(x, y);
  const stepped = gradients();
  restore();
  const forward = model.forward(x);
  model.zeroGradients();
  model.backward(forward.map((v, i) => 2 * Math.fround(v - y[i]!)));
  const byHand = gradients();
  restore();
  // several passes per update: gradients are added to zeros instead of being written
  await trainer.fit({ x, y }, { shuffle: false, accumulate: 2, batchSize: rows });
  const accumulated = gradients();
  restore();

  expectSameBits(forward, output, "output");
  names.forEach((name, i) => {
    expect(added(stepped[i]!), `${name} by step`).toEqual(added(apart[i]!));
    expect(added(byHand[i]!), `${name} by backward`).toEqual(added(apart[i]!));
    expect(added(accumulated[i]!), `${name} accumulated`).toEqual(added(apart[i]!));
  });
  expect(apart.every((values) => values.every(Number.isFinite))).toBe(true);

  // rows alone, and fewer rows than the capacity
  const predicted = model.predict(x);
  const size = x.length / rows;
  for (let r = 0; r < rows; r++) {
    const alone = model.predict(x.slice(r * size, (r + 1) * size));
    expectSameBits(alone, predicted.slice(r * alone.length, (r + 1) * alone.length), `row ${r} alone`);
  }
  const inTraining = model.nodes.some(({ layer }) => layer.trainingOnly || layer.type === "batchNorm");
  if (!inTraining) expectSameBits(predicted, forward, "predict");
  return Object.fromEntries(trained.map(({ name }, i) => [name, apart[i]!]));
}

/** The gradients of a model by differences of the loss. */
export function expectRightGradients(model: w.Model, rows = 3): void {
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const x = normal(rows * sizeOf(model.inputShape), { seed: 5 });
  const y = normal(rows * sizeOf(model.outputShape), { seed: 6 });
  const { worst, offenders } = w.gradCheck(trainer, x, y, { tolerance: 5e-3 });
  expect(worst, JSON.stringify(offenders[0])).toBeLessThanOrEqual(5e-3);
}
