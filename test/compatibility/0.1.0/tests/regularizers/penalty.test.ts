// Penalties on parameters. (Their gradients are checked in test/gradients.test.ts.)
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";

describe("penalties", () => {
  test("are part of the loss and of the gradient", async () => {
    const model = await w.sequential(
      { input: 2 },
      w.dense(2, { useBias: true, kernelRegularizer: w.l2(0.5), biasRegularizer: w.l1(0.25) }),
    );
    const [weight, bias] = model.parameters();
    weight!.set([1, -2, 3, 4]);
    bias!.set([1, -1]);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const x = [[0, 0]];
    const y = [[1, -1]]; // met exactly, so that only the penalties are left
    const penalty = 0.5 * (1 + 4 + 9 + 16) + 0.25 * 2;
    expect((await trainer.evaluate({ x, y }))["loss"]).toBe(penalty);
    expect(trainer.step(x, y)["loss"]).toBe(penalty);
    expect([...weight!.gradient()]).toEqual([1, -2, 3, 4]); // 2 lambda w
    expect([...bias!.gradient()]).toEqual([0.25, -0.25]);
  });
});
