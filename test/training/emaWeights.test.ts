// Moving averages of the weights, and copies of weights.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(60, { seed: 1 });
const y = normal(20, { seed: 2 });

async function trainerOf(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed: 3 }, w.dense(4), w.batchNorm(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.1 }) });
}

const weightsOf = (model: w.Model): Float32Array[] => model.parameters().map((p) => p.get());

/** The averages of the weights after each update, by the rule, in float64 and rounded to float32 once a step. */
async function expected(decay: number, updates: number, accumulate: number): Promise<Float32Array[]> {
  const own = await trainerOf();
  const { model } = own;
  const averages = weightsOf(model);
  for (let i = 0; i < updates; i++) {
    await own.fit({ x, y }, { batchSize: 20 / accumulate, accumulate, shuffle: false });
    weightsOf(model).forEach((values, p) => {
      averages[p] = averages[p]!.map((average, j) => decay * average + (1 - decay) * values[j]!);
    });
  }
  return averages;
}

test.each([1, 2])(
  "after every update of %i batches: average = decay average + (1 - decay) weight",
  async (accumulate) => {
    const trainer = await trainerOf();
    const { model } = trainer;
    const ema = w.emaWeights({ decay: 0.75 });
    const options = { batchSize: 20 / accumulate, accumulate, shuffle: false, callbacks: [ema] };
    await trainer.fit({ x, y }, { ...options, epochs: 3 });
    await trainer.fit({ x, y }, { ...options, epochs: 2 }); // goes on
    const last = weightsOf(model);
    const averages = await expected(0.75, 5, accumulate);
    ema.swap(model);
    model.parameters().forEach((p, i) => expectSameBits(p.get(), p.trained ? averages[i]! : last[i]!));
    await expect(trainer.fit({ x, y }, options)).rejects.toThrow(
      "emaWeights: the averages are in the model; call swap(model) once more before it is trained",
    );
    ema.swap(model);
    weightsOf(model).forEach((values, i) => expectSameBits(values, last[i]!));
  },
);

test("a swap in the middle of a training ends it", async () => {
  const trainer = await trainerOf();
  const ema = w.emaWeights({ decay: 0.5 });
  const swaps = { onEpochEnd: (_epoch: number) => ema.swap(trainer.model) };
  await expect(trainer.fit({ x, y }, { epochs: 3, callbacks: [ema, swaps] })).rejects.toThrow(
    "emaWeights: the averages are in the model; call swap(model) once more before it is trained",
  );
});

test("in a worker the averages are the same", async () => {
  const prints: string[] = [];
  for (const worker of [false, true]) {
    const trainer = await trainerOf();
    const ema = w.emaWeights({ decay: 0.5 });
    await trainer.fit({ x, y }, { epochs: 2, batchSize: 5, worker, callbacks: [ema] });
    ema.swap(trainer.model);
    prints.push(trainer.model.fingerprint());
  }
  expect(prints[0]).toBe(prints[1]);
});

describe("refusals", async () => {
  const model = await w.sequential({ input: 3 }, w.dense(1));
  refuses([
    [() => w.emaWeights({ decay: 1 }), RangeError, "emaWeights: decay must be from 0 up to but not including 1, got 1"],
    [
      () => w.emaWeights().swap(model),
      Error,
      "emaWeights: there are no averages of this model; give the callback to its fit first",
    ],
    [
      () => w.emaWeights().swap({} as w.Model),
      TypeError,
      "emaWeights: the model of swap must be a model, got an object (Object)",
    ],
  ]);
});

test("copyWeights copies what fits between models of one memory and of two, and leaves the rest", async () => {
  const from = (await trainerOf()).model;
  for (const core of [undefined, from.core]) {
    const to = await w.sequential({ input: 3, seed: 9, ...(core && { core }) }, w.dense(4), w.batchNorm(), w.dense(2));
    const before = weightsOf(to);
    const copied = w.copyWeights(from, to);
    expect(copied).toEqual(
      from
        .parameters()
        .map(({ name }) => name)
        .filter((name) => !name.startsWith("dense2")),
    );
    to.parameters().forEach((p, i) => {
      const same = copied.includes(p.name) ? from.parameters()[i]!.get() : before[i]!;
      expectSameBits(p.get(), same);
    });
  }
});
