// What layers keep as state, moved by passes that are run apart: as by passes one after another.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { FIT, members, ROWS, x } from "../support/ranks.ts";
import { normal } from "../support/seeded.ts";

/** Running statistics after a training whose steps are too small to change a weight. */
async function statistics(make: () => w.Layer[], size: number, given: Float32Array): Promise<[string, Float32Array][]> {
  const member = async (group?: Parameters<Parameters<typeof members>[1]>[0]): Promise<[string, Float32Array][]> => {
    const model = await w.sequential({ input: 4, seed: 7 }, ...make(), w.dense(2));
    const optimizer = w.sgd({ learningRate: 1e-30 });
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
    await trainer.fit({ x: given, y: normal(2 * ROWS, { seed: 3 }) }, { ...FIT, epochs: 3, ...(group && { group }) });
    return model
      .parameters()
      .filter(({ name }) => name.includes("running"))
      .map((its) => [its.name, its.get()]);
  };
  return size === 0 ? member() : (await members(size, member))[0]!;
}

const CASES: Readonly<Record<string, () => w.Layer[]>> = {
  "momentum 0.01": () => [w.dense(5), w.batchNorm({ momentum: 0.01 })],
  "momentum 0.1": () => [w.dense(5), w.batchNorm()],
  "momentum 0.5": () => [w.dense(5), w.batchNorm({ momentum: 0.5 })],
  "momentum 0.99": () => [w.dense(5), w.batchNorm({ momentum: 0.99 })],
  "of inputs that are never below 0": () => [w.dense(5), w.relu(), w.batchNorm({ momentum: 0.3 })],
  "of a layer that is used three times": () => {
    const one = w.shared(w.batchNorm({ momentum: 0.2 }));
    return [one, w.tanh(), one, w.add([[], w.identity()]), one];
  },
  "of steps": () => [w.reshape([2, 2]), w.timeDistributed(w.dense(3), w.batchNorm()), w.flatten()],
};

describe("running statistics", () => {
  // the first batches may lie on one side of 0, and later ones on the other
  const drifting = x.map((value, i) => 0.2 * value + Math.sign(Math.floor(i / 40) % 2) - 0.5);
  for (const [name, make] of Object.entries(CASES)) {
    test.each([
      ["of normal numbers", x],
      ["of numbers that go from one side of 0 to the other", drifting],
    ])(`${name}, %s`, async (_name, given) => {
      const wanted = await statistics(make, 0, given);
      const got = await statistics(make, 3, given);
      expect(got.map(([its]) => its)).toEqual(wanted.map(([its]) => its));
      wanted.forEach(([its, values], i) => {
        const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
        values.forEach((value, j) => expect(Math.abs(got[i]![1][j]! - value), its).toBeLessThan(3e-6 * scale));
      });
    });
  }

  test.each([0.01, 0.1, 0.5, 0.99])(
    "of channels that never change: momentum %d, no variance below 0",
    async (momentum) => {
      const constant = () => [w.dense(3, { kernelInitializer: w.zeros() }), w.batchNorm({ momentum })];
      const all = new Map(await statistics(constant, 5, x));
      const [name, variances] = [...all].find(([its]) => its.includes("Variance"))!;
      expect(
        variances.every((variance) => variance >= 0),
        name,
      ).toBe(true);
      const model = new Map(await statistics(constant, 0, x)).get(name)!;
      model.forEach((variance, i) => expect(Math.abs(variances[i]! - variance)).toBeLessThan(1e-6));
    },
  );

  test("that don't move stay to the bit", async () => {
    const frozen = () => [w.batchNorm({ trainable: false, momentum: 0.3 }), w.batchNorm({ momentum: 0 })];
    for (const [name, values] of await statistics(frozen, 3, x)) {
      expect([...values], name).toEqual(Array.from({ length: 4 }, () => (name.includes("Variance") ? 1 : 0)));
    }
  });
});
