// The memory planner: whatever layers share buffers, the numbers are those of a plan in which every tensor has its own.
import { describe, expect, test } from "vitest";
import * as activations from "../../src/nn/activations/index.ts";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { NEEDED } from "../support/needed.ts";
import { expectEqualPlans } from "../support/plans.ts";
import { normal } from "../support/seeded.ts";

const LAYERS: readonly w.Layer[] = [
  ...Object.entries(activations).map(([name, make]) => (make as (options?: object) => w.Layer)(NEEDED[name])),
  w.dropout(0.4),
  w.dense(6),
  w.reshape([2, 3]),
  w.flatten(),
];

const expectEqual = async (layers: readonly w.Layer[]): Promise<void> =>
  void (await expectEqualPlans(await w.sequential({ input: 5, seed: 2 }, ...layers)));

describe("a layer behind another gives the same bits in every plan", () => {
  for (const first of LAYERS) {
    test(first.type, async () => {
      for (const second of LAYERS) {
        await expectEqual([w.dense(6), first, second, w.dense(2)]);
        await expectEqual([w.dense(6), first, second]); // at the end
      }
      await expectEqual([first, w.dense(4), w.sigmoid(), first, w.dense(1)].filter((l) => l.type !== "reshape"));
    });
  }
});

describe("predict", () => {
  test("with two buffers in turn gives what training's buffers hold", async () => {
    for (const layer of LAYERS) {
      if (layer.type === "dropout") continue;
      const layers = [w.dense(6), layer, w.flatten(), w.dense(7), layer, w.flatten(), w.dense(5)];
      const model = await w.sequential({ input: 6, seed: 2 }, ...layers.filter((l) => l.type !== "reshape"));
      const x = normal(6 * 6, { seed: 3 });
      expectSameBits(model.predict(x), model.forward(x), layer.type);
    }
  });

  test("leaves its input alone where the first layer could write over it", async () => {
    const model = await w.sequential({ input: 4 }, w.relu(), w.tanh());
    const x = Float32Array.of(1, -2, 3, -4);
    const given = x.slice();
    const first = model.predict(x);
    expectSameBits(x, given);
    expectSameBits(model.predict(x), first);
    expectSameBits(model.forward(x), first);
    const dx = model.backward([1, 1, 1, 1]);
    // x is kept for relu, whose output tanh may have written over
    expect([...dx].map((v) => v > 0)).toEqual([true, false, true, false]);
  });
});

describe("layers without parameters in front", () => {
  test("get no gradient in training, but backward gives dx", async () => {
    const model = await w.sequential({ input: 3, seed: 1 }, w.tanh(), w.dropout(0), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    expect(w.trace(trainer, [1, 2, 3], [0]).names.join(" ")).toBe("tanh1 dropout1 Z1 loss dZ1 dw1 db1");
    model.forward([1, 2, 3]);
    const weight = model.parameters()[0]!.get();
    const dx = model.backward([1]);
    // 1 - tanh^2 in float32
    [1, 2, 3].forEach((x, i) => expect(dx[i]).toBeCloseTo(weight[i]! * (1 - Math.tanh(x) ** 2), 6));
  });
});
