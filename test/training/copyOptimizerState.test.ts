// What an optimizer has kept goes on with a model that was cut.
import { expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const x = normal(8 * 4, { seed: 1 });
const y = normal(8, { seed: 2 });

const made = (): Promise<w.Model> =>
  w.sequential({ input: 4, seed: 1 }, w.frozen(w.dense(5, { name: "first" })), w.tanh(), w.dense(1, { name: "last" }));

const trainerOf = (model: w.Model, optimizer: w.Optimizer = w.adam({ learningRate: 0.01 })): w.Trainer =>
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });

test.each([w.adam, w.rmsprop, w.adagrad, () => w.sgd({ momentum: 0.9 })])(
  "where all goes on, the next steps have the same bits",
  async (optimizer) => {
    const model = await made();
    const trainer = trainerOf(model, optimizer());
    for (let i = 0; i < 3; i++) trainer.step(x, y);
    const same = await w.sequential({ input: 4 }, w.cut(model, "last"));
    const next = trainerOf(same, optimizer());
    expect(w.copyOptimizerState(trainer, next)).toEqual(["last.weight", "last.bias"]);
    expect(next.updates).toBe(3);
    for (const each of [trainer, next]) for (let i = 0; i < 3; i++) each.step(x, y);
    expect(same.fingerprint()).toBe(model.fingerprint());
  },
);

test("where more is trained, what is new begins anew", async () => {
  const model = await made();
  const trainer = trainerOf(model);
  for (let i = 0; i < 3; i++) trainer.step(x, y);
  const free = await w.sequential({ input: 4 }, w.cut(model, "last", { trainable: true, share: true }));
  const next = trainerOf(free);
  expect(w.copyOptimizerState(trainer, next)).toEqual(["last.weight", "last.bias"]);
  expect(next.updates).toBe(0);
  const states = (each: w.Trainer): Record<string, Float32Array> =>
    Object.fromEntries(
      w
        .trace(each, x, y, { update: true })
        .update!.states.map(({ layer, name, values }) => [`${layer} ${name}`, values] as const),
    );
  const [old, now] = [states(trainer), states(next)];
  const moments = Object.keys(old).filter((key) => !key.endsWith("'"));
  expect(moments.length).toBe(4);
  // the textbook index is that of the model: the same layers are in both
  for (const key of moments) expect(now[key], key).toEqual(old[key]);
  for (const key of Object.keys(now)) {
    if (key.startsWith("first") && !key.endsWith("'")) expect(now[key]!.every((value) => value === 0)).toBe(true);
  }
});

test("what doesn't fit is refused", async () => {
  const model = await made();
  const trainer = trainerOf(model);
  await expectRefusal(
    () => w.copyOptimizerState(model as never, trainer),
    TypeError,
    /^copyOptimizerState: the first argument must be a trainer, got /,
  );
  await expectRefusal(
    () => w.copyOptimizerState(trainer, trainerOf(model, w.sgd())),
    RangeError,
    "copyOptimizerState: the optimizers must be of one kind, but the first is adam with m with v and the second sgd",
  );
  const other = await w.sequential({ input: 4 }, w.dense(1));
  await expectRefusal(
    () => w.copyOptimizerState(trainer, trainerOf(other)),
    RangeError,
    "copyOptimizerState: no parameter is trained in both and has the same name and shape; the first trains last.weight, last.bias, the " +
      "second dense1.weight, dense1.bias; layers must have the same `name`",
  );
});
