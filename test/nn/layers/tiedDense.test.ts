// The weight of another layer, transposed: one parameter, two uses.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { expectEqualPlans, expectRightGradients } from "../../support/plans.ts";
import { affine, rowsOf, transposed } from "../../support/plain.ts";
import { refuses } from "../../support/refusals.ts";
import { normal, wholes } from "../../support/seeded.ts";

const autoencoder = (more: Partial<w.Layer> = {}): Promise<w.Model> =>
  w.sequential(
    { input: 6, seed: 1 },
    Object.freeze({ ...w.dense(4, { name: "code" }), ...more }),
    w.tanh(),
    w.tiedDense({ to: "code", name: "back" }),
  );

describe("tiedDense", () => {
  test("uses the weight of the layer named, and has a bias of its own", async () => {
    const model = await autoencoder();
    expect(model.parameters().map((p) => [p.name, p.shape])).toEqual([
      ["code.weight", [6, 4]],
      ["code.bias", [4]],
      ["back.bias", [6]],
    ]);
    expect(model.parameterCount).toBe(34);
    model.parameters().forEach((p, i) => p.set(normal(p.size, { seed: 10 + i })));
    const [weight, bias, back] = model.parameters().map((p) => p.get());
    const x = normal(12, { seed: 2 });
    const code = affine(rowsOf(x, 6), rowsOf(weight!, 4), bias!).map((row) => row.map(Math.tanh));
    const y = affine(code, transposed(rowsOf(weight!, 4)), back!).flat();
    model.predict(x).forEach((value, i) => expect(value).toBeCloseTo(y[i]!, 5));
  });

  test("the gradients of both uses are summed: differences of the loss", async () => {
    expectRightGradients(await autoencoder());
    const words = await w.sequential(
      { input: 3, seed: 2 },
      w.embedding(7, 4, { name: "words", embeddingsInitializer: w.normal() }),
      w.dense(4),
      w.tiedDense({ to: "words", useBias: false }),
    );
    const trainer = new w.Trainer(words, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = Float32Array.from(wholes(15, { seed: 3, below: 7 }));
    const result = w.gradCheck(trainer, x, normal(15 * 7, { seed: 4 }), { tolerance: 5e-3 });
    expect(result.offenders[0]!.error, JSON.stringify(result.offenders[0])).toBeLessThanOrEqual(5e-3);
    expect(result.checked).toBe(7 * 4 + 4 * 4 + 4);
  });

  test("the same bits in every plan; twice tied, within composites, and behind dropout", async () => {
    const model = await w.sequential(
      { input: 4, seed: 3 },
      w.dense(4, { name: "first" }),
      w.dropout(0.3),
      w.residual(w.tiedDense({ to: "first" }), w.relu(), w.tiedDense({ to: "first", useBias: false })),
      w.dense(2),
    );
    const gradients = await expectEqualPlans(model);
    expect(Object.keys(gradients)).toEqual([
      "first.weight",
      "first.bias",
      "tiedDense1.bias",
      "dense2.weight",
      "dense2.bias",
    ]);
  });

  test("where the weight is frozen, the bias alone is trained; and the other way round", async () => {
    const frozen = await autoencoder({ trainable: false });
    expect(frozen.parameters().map((p) => p.trained)).toEqual([false, false, true]);
    const before = frozen.parameters().map((p) => p.get());
    const trainer = new w.Trainer(frozen, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = normal(30, { seed: 5 });
    await trainer.fit({ x, y: x }, { epochs: 3 });
    frozen.parameters().forEach((p, i) => {
      if (p.trained) expect(p.get()).not.toEqual(before[i]);
      else expectSameBits(p.get(), before[i]!, p.name);
    });
    await expectEqualPlans(frozen);
    const other = await w.sequential(
      { input: 4 },
      w.dense(4, { name: "a" }),
      w.tiedDense({ to: "a", trainable: false }),
    );
    expect(other.parameters().map((p) => p.trained)).toEqual([true, true, false]);
    await expectEqualPlans(other);
  });

  test("through a file", async () => {
    const model = await autoencoder();
    const again = await modelFromBytes(modelToBytes(model));
    expect(again.fingerprint()).toBe(model.fingerprint());
    const x = normal(12, { seed: 2 });
    expectSameBits(again.predict(x), model.predict(x));
    const data = { x, y: x };
    for (const one of [model, again]) {
      await new w.Trainer(one, { loss: w.meanSquaredError(), optimizer: w.adam() }).fit(data, { epochs: 3 });
    }
    expect(again.fingerprint()).toBe(model.fingerprint());
  });

  refuses([
    [() => w.tiedDense({} as never), TypeError, "tiedDense: to must be the name of a layer before it, got undefined"],
    [
      () => w.tiedDense({ to: "a", useBias: 1 as never }),
      TypeError,
      "tiedDense: useBias must be true or false, got number 1",
    ],
    [
      () => w.tiedDense({ to: "a", trainable: "no" as never }),
      TypeError,
      'tiedDense: trainable must be true or false, got the string "no"',
    ],
    [
      () => w.sequential({ input: 4 }, w.dense(4, { name: "a" }), w.tiedDense({ to: "b" })),
      RangeError,
      'tiedDense (layer 2): no input and no layer before it is called "b"; there are a',
    ],
    [
      () => w.sequential({ input: 4 }, w.tiedDense({ to: "a" }), w.dense(4, { name: "a" })),
      RangeError,
      'tiedDense (layer 1): no input and no layer before it is called "a"; none has a name; inputs({ ... }) gives them names',
    ],
    [
      () => w.sequential({ input: 4 }, w.dense(5), w.relu({ name: "a" }), w.tiedDense({ to: "a", name: "b" })),
      RangeError,
      'tiedDense (layer 3, "b"): to must name a layer that has a weight of two axes, such as an embedding or a dense layer, ' +
        'but it names relu (layer 2, "a")',
    ],
    [
      () => w.sequential({ input: 4 }, w.dense(5, { name: "a" }), w.dense(3), w.tiedDense({ to: "a" })),
      RangeError,
      'tiedDense (layer 3): the weight of "a" is 4x5, so the input\'s last axis must be 5, got 3; put dense(5) in between',
    ],
  ]);
});
