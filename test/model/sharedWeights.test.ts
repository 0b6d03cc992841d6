// Models that share parameters: cut with `share`, and modelLayer.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(12 * 4, { seed: 1 });
const y = normal(12, { seed: 2 });

const tower = (seed = 1): Promise<w.Model> =>
  w.sequential({ input: 4, seed }, w.dense(6, { name: "in" }), w.tanh({ name: "bent" }), w.dense(3, { name: "out" }));

const valuesOf = (model: w.Model): Record<string, Float32Array> =>
  Object.fromEntries(model.parameters().map((p) => [p.name, p.get()] as const));

/** Every optimizer's way through an update: in one run, by parameter, with clipping, decay, states, a schedule. */
const OPTIMIZERS: Readonly<Record<string, () => w.Optimizer>> = {
  sgd: () => w.sgd({ learningRate: 0.1 }),
  adam: () => w.adam({ learningRate: 0.01 }),
  "adamw, clipped": () => w.adamw({ learningRate: 0.01, weightDecay: 0.1, clipGlobalNorm: 0.5 }),
  "momentum, decay, clipNorm": () => w.sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, clipNorm: 0.3 }),
  adagrad: () => w.adagrad({ learningRate: 0.05 }),
};

describe("shared parameters", () => {
  test.each(Object.entries(OPTIMIZERS))("train as a model's own, bit for bit: %s", async (_name, optimizer) => {
    const base = await tower();
    const options = { loss: w.meanSquaredError(), optimizer: optimizer() };
    const head = (): w.Layer[] => [w.relu(), w.dense(1, { name: "head", kernelRegularizer: w.l2(0.01) })];
    const joint = await w.sequential({ input: 4, seed: 5 }, w.modelLayer(base), ...head());
    const alone = await w.sequential({ input: 4, seed: 5 }, w.modelLayer(base, { share: false }), ...head());
    expect(joint.core).toBe(base.core);
    expect(alone.core).not.toBe(base.core);
    expect(joint.fingerprint()).toBe(alone.fingerprint());
    const before = base.fingerprint();
    const data = { x, y };
    const fit = { epochs: 3, batchSize: 5 };
    const history = await new w.Trainer(joint, options).fit(data, fit);
    expect(base.fingerprint()).not.toBe(before);
    expect(await new w.Trainer(alone, options).fit(data, fit)).toEqual(history);
    expect(joint.fingerprint()).toBe(alone.fingerprint());
    const [own, theirs] = [valuesOf(base), valuesOf(joint)];
    for (const name of Object.keys(own)) expectSameBits(own[name]!, theirs[name]!, name);
    expectSameBits(await joint.predictAsync(x), joint.predict(x));
  });

  test("what either learns or is given, the other has", async () => {
    const base = await tower();
    const part = await w.sequential({ input: 6 }, w.cut(base, "out", { from: "bent", share: true }));
    const bent = (): Float32Array => w.activations(base, x, ["bent"])["bent"]!;
    expectSameBits(part.predict(bent()), base.predict(x));
    new w.Trainer(base, { loss: w.meanSquaredError(), optimizer: w.sgd() }).step(x, normal(36, { seed: 3 }));
    expectSameBits(part.predict(bent()), base.predict(x));
    const bias = part.parameters().find((p) => p.name === "out.bias")!;
    bias.set([1, 2, 3]);
    expect([...valuesOf(base)["out.bias"]!]).toEqual([1, 2, 3]);
    new w.Trainer(part, { loss: w.meanSquaredError(), optimizer: w.adam() }).step(bent(), normal(36, { seed: 3 }));
    expectSameBits(part.predict(bent()), base.predict(x));
    // a copy keeps to itself
    const copy = await w.sequential({ input: 6 }, w.cut(base, "out", { from: "bent" }));
    bias.set([0, 0, 0]);
    expect([...valuesOf(copy)["out.bias"]!]).not.toEqual([0, 0, 0]);
  });

  test("a tower that is used twice: gradients add up, and are right", async () => {
    const base = await tower();
    const pair = w.inputs({ left: 4, right: 4 });
    const both = w.modelLayer(base);
    const twins = await w.sequential(
      { input: pair, seed: 2 },
      w.subtract([w.from("left", both), w.from("right", both)]),
      w.dense(1, { name: "head" }),
    );
    expect(twins.parameters().map((p) => p.name)).toEqual([
      "in.weight",
      "in.bias",
      "out.weight",
      "out.bias",
      "head.weight",
      "head.bias",
    ]);
    const rows = pair.join({ left: x, right: normal(48, { seed: 7 }) });
    const trainer = new w.Trainer(twins, { loss: w.meanSquaredError(), optimizer: w.adam() });
    expect(w.gradCheck(trainer, rows, y).ok).toBe(true);
    const step = w.shared(w.chain(w.dense(6, { name: "in" }), w.tanh(), w.dense(3, { name: "out" })));
    const plain = await w.sequential(
      { input: pair, seed: 2 },
      w.subtract([w.from("left", step), w.from("right", step)]),
      w.dense(1, { name: "head" }),
    );
    w.copyWeights(twins, plain);
    const same = new w.Trainer(plain, { loss: w.meanSquaredError(), optimizer: w.adam() });
    await trainer.fit({ x: rows, y }, { epochs: 2 });
    await same.fit({ x: rows, y }, { epochs: 2 });
    expect(twins.fingerprint()).toBe(plain.fingerprint());
    expectSameBits(valuesOf(base)["in.weight"]!, valuesOf(plain)["in.weight"]!);
    const traced = w.trace(trainer, rows, y);
    const tracedPlain = w.trace(same, rows, y);
    const names = traced.tensors.map(({ name }) => name);
    expect(names).toEqual(tracedPlain.tensors.map(({ name }) => name));
    traced.tensors.forEach(({ name, values }, i) => expectSameBits(values, tracedPlain.tensors[i]!.values, name));
    const again = await modelFromBytes(modelToBytes(twins));
    expect(again.fingerprint()).toBe(twins.fingerprint());
    expectSameBits(again.predict(rows), twins.predict(rows));
    expect(again.core).not.toBe(base.core);
  });

  test("a generator learns through a critic that stays", async () => {
    const generator = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.batchNorm(), w.tanh(), w.dense(4));
    const critic = await w.sequential({ input: 4, seed: 2 }, w.dense(5), w.tanh(), w.dense(1));
    const joint = await w.sequential(
      { input: 2, core: generator.core },
      w.modelLayer(generator),
      w.modelLayer(critic, { trainable: false, share: false, name: "critic" }),
    );
    expect(joint.parameters().at(-1)!.name).toBe("critic.dense2.bias");
    const trained = joint.parameters().flatMap((p) => (p.trained ? [p.name] : []));
    expect(trained).toEqual(generator.parameters().flatMap((p) => (p.trained ? [p.name] : [])));
    const [before, critics] = [generator.fingerprint(), critic.fingerprint()];
    const trainer = new w.Trainer(joint, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.adam() });
    trainer.step(normal(16, { seed: 3 }), new Float32Array(8).fill(1));
    expect(generator.fingerprint()).not.toBe(before);
    expect(critic.fingerprint()).toBe(critics);
    // running statistics are the generator's own, and a refused step leaves no trace
    const now = generator.fingerprint();
    const refused = new w.Trainer(joint, { loss: w.meanSquaredError(), optimizer: w.adam() });
    expect(() => refused.step(normal(16, { seed: 4 }), new Float32Array(8).fill(3e38))).toThrow(w.NonFiniteError);
    expect(generator.fingerprint()).toBe(now);
  });

  test("two shared models in one memory, one of them frozen", async () => {
    const generator = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.batchNorm());
    const critic = await w.sequential(
      { input: 4, seed: 2, core: generator.core },
      w.dense(5),
      w.batchNorm(),
      w.dense(1),
    );
    const joint = await w.sequential(
      { input: 2 },
      w.modelLayer(generator),
      w.modelLayer(critic, { trainable: false, name: "critic" }),
    );
    const noise = normal(16, { seed: 3 });
    expectSameBits(joint.predict(noise), critic.predict(generator.predict(noise)));
    const [own, judged] = [generator.fingerprint(), critic.fingerprint()];
    const trainer = new w.Trainer(joint, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.adam() });
    await trainer.fit({ x: noise, y: new Float32Array(8).fill(1) }, { epochs: 2, batchSize: 4 });
    expect(generator.fingerprint()).not.toBe(own);
    expect(critic.fingerprint()).toBe(judged);
    new w.Trainer(critic, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.adam() }).step(
      generator.predict(noise),
      new Float32Array(8),
    );
    expectSameBits(joint.predict(noise), critic.predict(generator.predict(noise)));
    await expectRefusal(
      () => w.sequential({ input: 2 }, w.modelLayer(generator), w.modelLayer(critic, { name: "critic" })),
      RangeError,
      "modelLayer: critic.batchNorm1 keeps statistics while it is trained, and so do layers of the shared model; let those of one model alone " +
        "change, as by modelLayer(model, { trainable: false })",
    );
  });

  test("trainer.state, emaWeights and earlyStopping know them", async () => {
    const made = async (share: boolean) => {
      const base = await tower();
      const model = await w.sequential({ input: 4, seed: 5 }, w.modelLayer(base, { share }), w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
      return { base, model, trainer };
    };
    const [shares, copies] = [await made(true), await made(false)];
    const seen = [];
    for (const { base, model, trainer } of [shares, copies]) {
      const ema = w.emaWeights({ decay: 0.5 });
      await trainer.fit({ x, y }, { epochs: 2, batchSize: 4, callbacks: [ema, w.earlyStopping({ monitor: "loss" })] });
      const state = trainer.state();
      const fingerprint = model.fingerprint();
      ema.swap(model);
      const averaged = model.fingerprint();
      ema.swap(model);
      trainer.step(x, y);
      const later = model.fingerprint();
      trainer.restore(state);
      expect(model.fingerprint()).toBe(fingerprint);
      if (model === shares.model) expectSameBits(valuesOf(base)["in.weight"]!, valuesOf(model)["in.weight"]!);
      seen.push([fingerprint, averaged, later]);
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  test("by hand, with gradients of its own", async () => {
    const base = await tower();
    const joint = await w.sequential({ input: 4 }, w.modelLayer(base), w.dense(1));
    joint.zeroGradients();
    joint.forward(x);
    joint.backward(y);
    const gradient = joint.parameters()[0]!.gradient();
    expect(gradient.some((g) => g !== 0)).toBe(true);
    expect(
      base
        .parameters()[0]!
        .gradient()
        .every((g) => g === 0),
    ).toBe(true);
    joint.forward(x);
    joint.backward(y);
    joint
      .parameters()[0]!
      .gradient()
      .forEach((g, i) => expect(g).toBeCloseTo(2 * gradient[i]!, 4));
  });

  test("frozen or free by the option", async () => {
    const base = await w.sequential({ input: 4 }, w.frozen(w.dense(3, { name: "held" })), w.dense(2, { name: "free" }));
    const trainedOf = async (layer: w.Layer): Promise<string[]> =>
      (await w.sequential({ input: 4 }, layer)).parameters().flatMap((p) => (p.trained ? [p.name] : []));
    expect(await trainedOf(w.modelLayer(base))).toEqual(["free.weight", "free.bias"]);
    expect(await trainedOf(w.modelLayer(base, { trainable: false }))).toEqual([]);
    const all = ["held.weight", "held.bias", "free.weight", "free.bias"];
    expect(await trainedOf(w.modelLayer(base, { trainable: true }))).toEqual(all);
    expect(await trainedOf(w.cut(base, "free", { trainable: true, share: true }))).toEqual(all);
  });

  test("refuses another memory, another input, and wrong arguments", async () => {
    const base = await tower();
    const other = await tower();
    await expectRefusal(
      () => w.sequential({ input: 4, core: other.core }, w.modelLayer(base)),
      RangeError,
      "modelLayer: in.weight is shared, so the new model must be in the memory of the model that has it; give sequential no `threads`, " +
        "and no other `core` than that model's; of two models that are shared, make the second with sequential({ core: first.core, ... })",
    );
    const twice = [w.modelLayer(base, { name: "a" }), w.modelLayer(base, { name: "b" })];
    await expectRefusal(
      () => w.sequential({ input: 4 }, w.subtract(twice)),
      RangeError,
      "modelLayer: in.weight of one model would be in the new one twice; make one value, as const tower = modelLayer(model), and use it in " +
        "both places",
    );
    await expectRefusal(
      () => w.sequential({ input: 5 }, w.modelLayer(base)),
      RangeError,
      "modelLayer: in.weight was 4x6 in the model that was cut, but here it would be 5x6; the input must be like that model's",
    );
    await expectRefusal(
      () => w.modelLayer(w.dense(2) as never),
      TypeError,
      "modelLayer: the first argument must be a model, got an object (dense)",
    );
    await expectRefusal(
      () => w.modelLayer(base, { from: "in" } as never),
      TypeError,
      'modelLayer: unknown option "from". Known: trainable, share, name',
    );
    await expectRefusal(
      () => w.cut(base, "out", { share: 1 as never }),
      TypeError,
      "cut: share must be true or false, got number 1",
    );
  });

  test("threads give the same bits", async () => {
    const trained = async (threads: number): Promise<readonly string[]> => {
      const base = await w.sequential({ input: 4, seed: 1, threads }, w.dense(64), w.batchNorm(), w.tanh());
      const joint = await w.sequential({ input: 4, seed: 2 }, w.modelLayer(base), w.dense(1, { name: "head" }));
      const trainer = new w.Trainer(joint, { loss: w.meanSquaredError(), optimizer: w.adam() });
      await trainer.fit({ x, y }, { epochs: 2, batchSize: 6 });
      return [joint.fingerprint(), base.fingerprint()];
    };
    expect(await trained(2)).toEqual(await trained(1));
  });

  test("a worker leaves it to the calling thread, and says why", async () => {
    const base = await tower();
    const joint = await w.sequential({ input: 4 }, w.modelLayer(base), w.dense(1));
    const trainer = new w.Trainer(joint, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    await trainer.fit({ x, y }, { worker: true });
    expect(w.backend(joint).worker).toBe(false);
    expect(w.backend(joint).reason).toContain("another model has some of its parameters");
  });
});
