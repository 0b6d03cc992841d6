// Several inputs of a model: joined to rows, split again, and used by name.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { expectEqualPlans, expectRightGradients } from "../../support/plans.ts";
import { refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

describe("join and split", () => {
  const given = w.inputs({ image: [2, 2], price: 1, more: 2 });

  test("rows of each side by side, and apart", () => {
    const rows = given.join({
      image: [1, 2, 3, 4, 5, 6, 7, 8],
      price: Float32Array.of(10, 20),
      more: [0.5, 0.25, 0.125, 0],
    });
    expect([...rows]).toEqual([1, 2, 3, 4, 10, 0.5, 0.25, 5, 6, 7, 8, 20, 0.125, 0]);
    expect(given.shape).toEqual([7]);
    expect(given.shapes).toEqual({ image: [2, 2], price: [1], more: [2] });
    const apart = given.split(rows);
    expect(Object.fromEntries(Object.entries(apart).map(([name, values]) => [name, [...values]]))).toEqual({
      image: [1, 2, 3, 4, 5, 6, 7, 8],
      price: [10, 20],
      more: [0.5, 0.25, 0.125, 0],
    });
  });

  refuses([
    [
      () => given.join({ image: [1, 2, 3, 4], price: [NaN], more: [1, 2] }),
      RangeError,
      "inputs.join: price must hold finite numbers, but row 0, column 0 is NaN",
    ],
    [
      () => given.join({ image: [1, 2, 3, 4, 5, 6, 7, 8], price: [1, 2], more: [0, 1, 2, -Infinity] }),
      RangeError,
      "inputs.join: more must hold finite numbers, but row 1, column 1 is -Infinity",
    ],
  ]);

  test("bytes are scaled as they are for a model of one input", () => {
    const bytes = w.inputs({ pixels: 2, weight: 1 });
    expect([...bytes.join({ pixels: w.samples(Uint8Array.of(255, 51), [2], { scale: 0.5 }), weight: [2] })]).toEqual([
      127.5, 25.5, 2,
    ]);
  });

  const call = (values: unknown) => (): Float32Array => given.join(values as never);
  const right = { image: [1, 2, 3, 4], price: [1], more: [[1, 2]] };
  refuses([
    [call(null), TypeError, "inputs.join: the argument must be { image, price, more }, got null"],
    [call({ ...right, colour: [1] }), TypeError, 'inputs.join: unknown option "colour". Known: image, price, more'],
    [call({ image: [1, 2, 3, 4], price: [1] }), TypeError, /^inputs\.join: more must be /],
    [
      call({ ...right, price: [1, 2] }),
      RangeError,
      "inputs.join: image has 1 rows but price has 2; each needs equally many",
    ],
    [call({ ...right, image: [1, 2, 3] }), RangeError, /^inputs\.join: image/],
    [
      () => given.split(new Float32Array(8)),
      RangeError,
      "inputs.split: a row has 7 numbers, but 8 were given, not a multiple",
    ],
    [() => w.inputs({}), RangeError, "inputs: at least one is needed, got none"],
    [() => w.inputs(null as never), TypeError, "inputs: the argument must be an object of shapes, got null"],
    [() => w.inputs({ a: 0 }), RangeError, "inputs: a must be a whole number of 1 or more, got 0"],
    [() => w.inputs({ a: [2, 1.5] }), RangeError, "inputs: a[1] must be a whole number of 1 or more, got 1.5"],
  ]);
});

describe("in a model", () => {
  test("the first is what the first layer works on; others are found by name", async () => {
    const given = w.inputs({ a: 2, b: 3, c: 2 });
    const model = await w.sequential({ input: given }, w.add([[], w.from("c")]), w.concat([w.from("b"), []]));
    const rows = given.join({ a: [1, 2], b: [3, 4, 5], c: [10, 20] });
    expect([...model.predict(rows)]).toEqual([3, 4, 5, 11, 22]);
    model.forward(rows);
    const gradients = given.split(model.backward([1, 2, 3, 4, 5]));
    expect(Object.values(gradients).map((g) => [...g])).toEqual([
      [4, 5],
      [1, 2, 3],
      [4, 5],
    ]);
    expect(model.inputs).toBe(given);
    expect(model.inputShape).toEqual([7]);
  });

  test("of one input by name is the same as one without", async () => {
    const layers = [w.dense(4), w.tanh(), w.dense(2)];
    const [a, b] = [
      await w.sequential({ input: w.inputs({ x: 5 }), seed: 3 }, ...layers),
      await w.sequential({ input: 5, seed: 3 }, ...layers),
    ];
    const x = normal(15, { seed: 1 });
    expectSameBits(a.predict(x), b.predict(x));
    expect(await expectEqualPlans(a)).toEqual(await expectEqualPlans(b));
  });

  test("read twice, by layers and through shared ones: the same bits in every plan, right gradients", async () => {
    const tower = w.shared(w.chain(w.dense(4), w.tanh()));
    const model = await w.sequential(
      { input: w.inputs({ left: 3, right: 3, weight: [2, 2] }), seed: 2 },
      w.concat([
        [tower, w.dropout(0.3)],
        w.from("right", tower),
        w.from("weight", w.flatten(), w.dense(2)),
        w.from("right"),
      ]),
      w.dense(3),
      w.residual(w.relu(), w.dense(3)),
      w.dense(1),
    );
    expect(Object.keys(await expectEqualPlans(model)).slice(0, 2)).toEqual(["dense1.weight", "dense1.bias"]);
    const smooth = await w.sequential(
      { input: w.inputs({ left: 3, right: 3 }), seed: 2 },
      w.add([tower, w.from("right", tower)]),
      w.dense(2),
    );
    expectRightGradients(smooth);
  });

  test("trains from a data set of joined rows", async () => {
    const given = w.inputs({ a: 2, b: 1 });
    const model = await w.sequential({ input: given, seed: 1 }, w.concat([[], w.from("b")]), w.dense(1));
    const [a, b] = [normal(80, { seed: 1 }), normal(40, { seed: 2 })];
    const y = b.map((v, i) => 2 * a[2 * i]! - a[2 * i + 1]! + 3 * v);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.1 }) });
    await trainer.fit({ x: given.join({ a, b }), y }, { epochs: 60, batchSize: 8 });
    [2, -1, 3].forEach((v, i) => expect(model.parameters()[0]!.get()[i]).toBeCloseTo(v, 3));
  });

  refuses([
    [
      () => w.sequential({ input: w.inputs({ a: 2, b: 3 }) }, w.dense(1)),
      RangeError,
      'sequential: nothing uses the output of input (layer 2, "b"); leave it out',
    ],
    [
      () => w.sequential({ input: w.inputs({ a: 2, b: 3 }) }, w.concat([[], w.from("c")])),
      RangeError,
      'from: no input and no layer before it is called "c"; there are a, b',
    ],
    [
      () => w.sequential({ input: w.inputs({ a: 2, b: 2 }) }, w.dense(2, { name: "b" }), w.add([[], w.from("b")])),
      RangeError,
      'sequential: two layers are called "b"; names must differ',
    ],
  ]);
});
