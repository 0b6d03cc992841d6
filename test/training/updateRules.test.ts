// Learning rates and decay by parameter: `learningRates` and `decay` of every optimizer.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(24, { seed: 1 });
const y = normal(8, { seed: 2 });

type Make = (options: w.OptimizerOptions) => w.Optimizer;
const OPTIMIZERS: readonly [string, number, Make][] = [
  ["sgd", 0.1, w.sgd],
  ["sgd with momentum", 0.1, (options) => w.sgd({ momentum: 0.9, ...options })],
  ["adam", 0.01, w.adam],
  ["adamw", 0.01, w.adamw],
  ["rmsprop", 0.01, w.rmsprop],
  ["adagrad", 0.01, w.adagrad],
  ["adadelta", 1, w.adadelta],
];

/** The parameters after some steps of a network 3-4-norm-1, by their names. */
async function trained(optimizer: w.Optimizer, schedule?: w.Schedule): Promise<Map<string, Float32Array>> {
  const layers = [w.dense(4, { biasInitializer: w.ones() }), w.layerNorm(), w.dense(1, { biasInitializer: w.ones() })];
  const model = await w.sequential({ input: 3, seed: 3 }, ...layers);
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer, ...(schedule && { schedule }) });
  for (let i = 0; i < 3; i++) trainer.step(x, y);
  return new Map(model.parameters().map((p) => [p.name, p.get()]));
}

/** One update of the same network, where a parameter's update depends on its own rule alone. */
async function once(optimizer: w.Optimizer): Promise<Map<string, Float32Array>> {
  const model = await w.sequential(
    { input: 3, seed: 3 },
    w.dense(4, { biasInitializer: w.ones() }),
    w.tanh(),
    w.dense(1),
  );
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer }).step(x, y);
  return new Map(model.parameters().map((p) => [p.name, p.get()]));
}

describe.each(OPTIMIZERS)("%s", (_, learningRate, make) => {
  test("a factor for each parameter is a learning rate of its own", async () => {
    const factors: Record<string, number> = {
      "dense1.weight": 0.5,
      "dense1.bias": 0,
      "dense2.weight": 2,
      "dense2.bias": 1,
    };
    const mixed = await once(make({ learningRate, learningRates: (name) => factors[name]! }));
    const start = new Map(
      (await w.sequential({ input: 3, seed: 3 }, w.dense(4, { biasInitializer: w.ones() }), w.tanh(), w.dense(1)))
        .parameters()
        .map((p) => [p.name, p.get()]),
    );
    for (const [name, factor] of Object.entries(factors)) {
      const alone = factor === 0 ? start : await once(make({ learningRate: learningRate * factor }));
      expectSameBits(mixed.get(name)!, alone.get(name)!);
    }
  });

  test("decay is for the parameters that it names", async () => {
    const penalised = { learningRate, weightDecay: 0.3, l1: 0.1 };
    const free = await once(make({ learningRate, weightDecay: 0 }));
    const all = await once(make(penalised));
    const some = await once(make({ ...penalised, decay: (name) => name === "dense2.weight" }));
    for (const [name, values] of some) expectSameBits(values, (name === "dense2.weight" ? all : free).get(name)!);
    expect(all.get("dense1.bias")).not.toEqual(free.get("dense1.bias")); // or nothing would be shown
  });

  test("functions that tell nothing apart change no bit, clipped or not", async () => {
    const kinds: w.OptimizerOptions[] = [
      {},
      { clipNorm: 0.01 },
      { clipGlobalNorm: 0.01 },
      { clipValue: 0.01 },
      { weightDecay: 0.1 },
    ];
    for (const shared of kinds) {
      const plain = await trained(make({ learningRate, ...shared }));
      const asked = await trained(make({ learningRate, ...shared, learningRates: () => 1, decay: () => true }));
      for (const [name, values] of plain) expectSameBits(asked.get(name)!, values);
    }
  });
});

test('decay: "weights" leaves out what has a single axis: biases and the factors of norms', async () => {
  const options = { learningRate: 0.01, weightDecay: 0.5 };
  const names: string[] = [];
  const decay = (name: string): boolean => {
    names.push(name);
    return name.endsWith("weight");
  };
  const byName = await trained(w.adamw({ ...options, decay }));
  const byWord = await trained(w.adamw({ ...options, decay: "weights" }));
  const all = await trained(w.adamw(options));
  expect(names).toEqual([...all.keys()]); // asked once for each, when the trainer is made
  for (const [name, values] of byName) expectSameBits(byWord.get(name)!, values);
  expect(byWord.get("layerNorm1.gamma")).not.toEqual(all.get("layerNorm1.gamma"));
});

test("a schedule's rates are multiplied", async () => {
  const schedule = w.stepDecay({ stepSize: 1, gamma: 0.5 });
  const halves = await trained(w.sgd({ learningRate: 0.1, learningRates: () => 0.5 }), schedule);
  const plain = await trained(w.sgd({ learningRate: 0.05 }), schedule);
  for (const [name, values] of plain) expectSameBits(halves.get(name)!, values);
});

test("explain has the rate and the decay of each parameter", async () => {
  const model = await w.sequential({ input: 3, seed: 3 }, w.dense(1, { biasInitializer: w.ones() }));
  const optimizer = w.adamw({
    learningRate: 0.1,
    weightDecay: 0.5,
    decay: "weights",
    learningRates: (n) => (n.endsWith("bias") ? 0.25 : 1),
  });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  const steps = w.explain(w.trace(trainer, x, y, { update: true }));
  const text = (name: string): string => steps.find((step) => step.name === name)!.formula.en;
  expect(text("w1'")).toContain("λ");
  expect(text("b1'")).not.toContain("λ");
});

test("an update that would be too large with its factor is refused, and changes nothing", async () => {
  const model = await w.sequential({ input: 3, seed: 3 }, w.dense(1));
  const optimizer = w.sgd({ learningRate: 1e20, learningRates: (name) => (name.endsWith("bias") ? 1e19 : 1) });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  const before = model.fingerprint();
  expect(() => trainer.step(x, y)).toThrow(/^step: the update became too large for float32 numbers in step 1/);
  expect(model.fingerprint()).toBe(before);
});

describe("what is no rule is refused", async () => {
  const model = await w.sequential({ input: 3 }, w.dense(1));
  const made = (optimizer: w.Optimizer) => (): unknown =>
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  const wrong = <T>(value: unknown): T => value as T;
  refuses([
    [
      () => w.sgd({ learningRates: wrong(3) }),
      TypeError,
      "sgd: learningRates must be a function of names, got number 3",
    ],
    [
      () => w.adam({ decay: wrong("bias") }),
      TypeError,
      'adam: decay must be a function of names, got the string "bias"',
    ],
    [
      made(w.sgd({ learningRates: () => -1 })),
      RangeError,
      "sgd: learningRates of dense1.weight must be 0 or more, got -1",
    ],
    [
      made(w.sgd({ decay: wrong(() => {}) })),
      TypeError,
      "sgd: decay of dense1.weight must be true or false, got undefined",
    ],
  ]);
});
