// A model of many layers: each of them costs as much as one of few, when it is made, planned and used first.
import { describe, expect, test } from "vitest";
import { stepsOf } from "./support/steps.ts"; // first: see there
import * as w from "../src/index.ts";
import { sizeOf } from "../src/util/shape.ts";

const zero = { kernelInitializer: w.zeros() };
const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** Deep composites: so many layers, in towers of 100 within each other. */
function towers(n: number): w.Layer[] {
  return many(n / 100, () => many(100, () => w.relu()).reduce((inner: w.Layer, layer) => w.chain(inner, layer)));
}

/** Networks of about n layers. */
const NETWORKS: Readonly<Record<string, (n: number) => [input: number | w.Shape, layers: w.Layer[]]>> = {
  "relu after relu": (n) => [4, many(n, () => w.relu())],
  "dense layers of one size": (n) => [4, many(n, () => w.dense(4, zero))],
  "dense layers of many sizes, with penalties": (n) => [
    4,
    many(n, (i) => w.dense(4 + 4 * (i % 7), { ...zero, kernelRegularizer: w.l2(0.1) })),
  ],
  "residual blocks": (n) => [4, many(n / 4, () => w.residual(w.dense(4, zero), w.relu(), w.dense(4, zero)))],
  "one concat of many branches": (n) => [4, [w.concat(many(n, () => w.dense(2)))]],
  "one add of many branches": (n) => [4, [w.add(many(n, () => w.dense(2)))]],
  "one layer, shared": (n) => {
    const layer = w.shared(w.dense(4, zero));
    return [4, many(n, () => layer)];
  },
  "values read by name, from far and near": (n) => [
    4,
    [
      w.dense(4, { name: "d0" }),
      ...many(n / 4, (i) => w.add([w.dense(4, { ...zero, name: `d${i + 1}` }), w.from(`d${i}`), w.from("d0")])),
    ],
  ],
  "names that are in the way of those without": (n) => [
    4,
    [...many(n / 2, () => w.relu()), ...many(n / 2, (i) => w.relu({ name: `relu${i + 1}` }))],
  ],
  "composites within composites": (n) => [4, towers(n)],
  "one lstm after another": (n) => [
    [2, 3],
    [...many(n / 2, () => w.lstm(3, { returnSequences: true, recurrentInitializer: w.zeros() })), w.flatten()],
  ],
  "norms and dropout, half of it frozen": (n) => [
    4,
    many(n / 2, (i) => (i % 2 ? w.frozen(w.layerNorm()) : w.dropout(0.1))),
  ],
};

type Phases = Readonly<Record<string, Awaited<ReturnType<typeof stepsOf>>>>;

/** The steps of each phase of a network's life. */
async function phasesOf(n: number, network: (n: number) => [number | w.Shape, w.Layer[]]): Promise<Phases> {
  const [input, layers] = network(n);
  let model!: w.Model;
  let trainer!: w.Trainer;
  const steps: Record<string, Awaited<ReturnType<typeof stepsOf>>> = {};
  steps["sequential"] = await stepsOf(async () => (model = await w.sequential({ input }, ...layers)));
  steps["summary"] = await stepsOf(() => String(model.summary()));
  const x = new Float32Array(2 * sizeOf(model.inputShape)).fill(0.5);
  const y = new Float32Array(2 * sizeOf(model.outputShape));
  steps["predict"] = await stepsOf(() => model.predict(x));
  steps["Trainer and first step"] = await stepsOf(() => {
    trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ clipNorm: 1 }) });
    trainer.step(x, y);
  });
  const atOnce = { yieldEvery: 1e6 }; // a pass that takes long by the clock would be left between records
  const options = { epochs: 2, batchSize: 1, validationData: { x, y }, progress: false, ...atOnce };
  steps["fit"] = await stepsOf(() => trainer.fit({ x, y }, options));
  steps["evaluate"] = await stepsOf(() => trainer.evaluate({ x, y }, atOnce));
  steps["trace"] = await stepsOf(() => w.trace(trainer, x, y));
  steps["forward and backward"] = await stepsOf(() => {
    model.forward(x);
    model.backward(y);
    trainer.update();
  });
  steps["parameters and fingerprint"] = await stepsOf(() => {
    for (const parameter of model.parameters()) parameter.get();
    model.fingerprint();
  });
  return steps;
}

describe("steps at 1,000, 2,000 and 4,000 layers", () => {
  for (const [name, network] of Object.entries(NETWORKS)) {
    test(name, async () => {
      await phasesOf(100, network); // what is done once in a process
      const phases: Phases[] = [];
      for (const n of [1000, 2000, 4000]) phases.push(await phasesOf(n, network));
      for (const [i, phase] of phases.slice(1).entries()) {
        for (const [what, { addresses, others }] of Object.entries(phase)) {
          const before = phases[i]![what]!;
          expect(others, `${what}: ${others} after ${before.others}`).toBeLessThan(2.1 * before.others);
          // each buffer is searched for in trees, whose height grows
          const most = 2.5 * before.addresses;
          expect(addresses, `${what}: ${addresses} after ${before.addresses}`).toBeLessThanOrEqual(most);
        }
      }
    });
  }
});

describe("memory for rows is taken at first use", () => {
  const data = (rows: number): { x: Uint8Array; y: Float32Array } => ({
    x: new Uint8Array(rows),
    y: new Float32Array(rows),
  });
  const make = async (): Promise<{ model: w.Model; trainer: w.Trainer }> => {
    const model = await w.sequential({ input: 1 }, w.dense(1), w.repeatVector(5_000_000), w.globalAvgPool1d());
    return { model, trainer: new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() }) };
  };
  const used = ({ core }: w.Model): number => core.arena.used;
  const pages = ({ core }: w.Model): number => core.arena.memory.buffer.byteLength;

  test("a model and a trainer take memory for parameters alone", async () => {
    const model = await w.sequential({ input: [100, 100] }, w.flatten(), w.dense(100), w.relu(), w.dense(100));
    const { used: before } = (await w.sequential({ input: 1 }, w.relu())).core.arena;
    const parts = { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.r2()] };
    expect(new w.Trainer(model, parts).updates).toBe(0);
    expect(used(model) - before).toBeLessThanOrEqual(4 * model.parameterCount + 64);
    expect(pages(model)).toBeLessThan(4 * model.parameterCount + 2 * 65536);
  });

  const calls: Record<string, (trainer: w.Trainer, rows: number) => unknown> = {
    predict: ({ model }, rows) => model.predict(data(rows).x),
    step: (trainer, rows) => trainer.step(data(rows).x, data(rows).y),
    fit: (trainer, rows) => trainer.fit(data(rows), { batchSize: rows, progress: false }),
    evaluate: (trainer, rows) => trainer.evaluate(data(rows), { batchSize: rows }),
    forward: ({ model }, rows) => model.forward(data(rows).x),
    trace: (trainer, rows) => w.trace(trainer, data(rows).x, data(rows).y),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`${name}: too many rows are refused with their bytes, nothing is changed, and fewer work`, async () => {
      const { model, trainer } = await make();
      const before = [used(model), pages(model), model.fingerprint(), trainer.updates];
      let error: unknown;
      try {
        await call(trainer, 256);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toMatch(
        new RegExp(
          `^${name}: no room for the activations; \\d+\\.\\d+ GB more make ` +
            `\\d+\\.\\d+ GB of WebAssembly memory, but at most 4\\.29 GB can be addressed\\. Use a smaller model, batch or data set$`,
        ),
      );
      expect([used(model), pages(model), model.fingerprint(), trainer.updates]).toEqual(before);
      await call(trainer, 1);
    });
  }

  test("validation that there is no room for is refused before anything is trained", async () => {
    const { model, trainer } = await make();
    const before = model.fingerprint();
    const validationData = data(256);
    // what evaluates 256 rows keeps less than what trains on them, but too much all the same
    const fit = trainer.fit(data(256), { batchSize: 256, validationData, progress: false });
    await expect(fit).rejects.toThrow("fit: no room for the activations; ");
    expect(model.fingerprint()).toBe(before);
  });

  test("an output that no array can hold is refused before it is computed", async () => {
    const model = await w.sequential({ input: 1 }, w.repeatVector(100_000));
    const before = used(model);
    for (const call of ["predict", "probabilities", "classify"] as const) {
      expect(() => model[call](new Uint8Array(1e6))).toThrow(
        new RangeError(
          `${call}: no room for the output; it takes 400.0 GB, but the engine gives no more. Use fewer rows at a time`,
        ),
      );
    }
    expect(used(model)).toBe(before);
  });

  test("an optimizer's states are taken together or not at all", async () => {
    const model = await w.sequential({ input: 1000 }, w.dense(1000));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    const x = new Float32Array(1000);
    // of the 14 MB that are left the model has 4, its gradients take 4; there is room for one state of 4, not for two
    model.core.arena.allocate(2 ** 32 - 14e6, "test", "what is in the way");
    expect(() => trainer.step(x, x)).toThrow("no room for the optimizer's state; 8.01 MB more make");
    const after = used(model);
    expect(() => trainer.step(x, x)).toThrow("no room for the optimizer's state; 8.01 MB more make");
    expect(used(model)).toBe(after);
  });
});

describe("composites within composites", () => {
  const nested = (depth: number): w.Layer =>
    many(depth, (i) => i).reduce((inner: w.Layer, i) => (i % 2 ? w.residual(inner) : w.chain(inner)), w.relu());

  test("500 deep are a model", async () => {
    const model = await w.sequential({ input: 2 }, nested(500));
    expect(model.predict([[0, 0]])).toEqual(Float32Array.of(0, 0));
  });

  for (const depth of [501, 3000, 20_000]) {
    test(`${depth} deep are refused in words`, async () => {
      await expect(w.sequential({ input: 2 }, nested(depth))).rejects.toThrow(
        /^(chain|residual): layers may be within 500 others at most, such as chain and residual, but this one is within 500 already; consecutive layers can be given as one list$/,
      );
    });
  }
});
