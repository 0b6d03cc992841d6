// What an optimizer has kept, from one trainer to another.
import { checkKind } from "../util/check.ts";
import { shapeText } from "../util/shape.ts";
import { refuseMidway } from "./state.ts";
import type { Trainer } from "./trainer.ts";
import type { TrainerState } from "./trainerState.ts";

/**
 * Copies what an optimizer keeps of parameters, such as adam's means, to the trainer of another model: of the parameters that are trained in
 * both and have the same name and shape. So a model that was cut, or of which more is trained than before, goes on where it was. Where
 * all that the target trains goes on, its count of updates does, too, and with it the schedule; otherwise it begins at 0, as what
 * is new does, so that the first steps of the others are shorter where the optimizer corrects for a short past (adam, adamw).
 *
 * @param source the trainer of the model before
 * @param target the trainer of the new model, with the same kind of optimizer
 * @returns the names of the parameters whose state was copied
 * @throws {TypeError} if one isn't a trainer
 * @throws {RangeError} if the optimizers aren't of one kind, or no parameter goes on
 * @throws {Error} while a `fit` of either is making updates
 * @example
 * const base = await sequential({ input: 4, seed: 1 }, frozen(dense(8, { name: "first" })), dense(1, { name: "last" }));
 * const before = new Trainer(base, { loss: meanSquaredError(), optimizer: adam() });
 * before.step([[1, 2, 3, 4]], [1]);
 * const free = await sequential({ input: 4 }, cut(base, "last", { trainable: true }));
 * const trainer = new Trainer(free, { loss: meanSquaredError(), optimizer: adam({ learningRate: 1e-4 }) });
 * copyOptimizerState(before, trainer); // ["last.weight", "last.bias"]
 */
export function copyOptimizerState(source: Trainer, target: Trainer): string[] {
  const where = "copyOptimizerState";
  const [from, to] = [source, target].map((trainer, i) => {
    const is = typeof trainer?.trainerState?.updatePlan === "function";
    checkKind(is, where, `the ${["first", "second"][i]} argument`, "a trainer", trainer);
    return trainer.trainerState;
  }) as [TrainerState, TrainerState];
  const kindOf = ({ optimizer: { type, states } }: TrainerState): string =>
    [type, ...states.map(({ name }) => name)].join(" with ");
  if (kindOf(from) !== kindOf(to)) {
    throw new RangeError(
      `${where}: the optimizers must be of one kind, but the first is ${kindOf(from)} and the second ${kindOf(to)}`,
    );
  }
  const trained = new Map(from.model.run.parameters.map((p) => [p.name, p] as const));
  const pairs = to.model.run.parameters.flatMap((p) => {
    const before = trained.get(p.name);
    return before && shapeText(before.shape) === shapeText(p.shape) ? [{ before, p }] : [];
  });
  if (pairs.length === 0) {
    throw new RangeError(
      `${where}: no parameter is trained in both and has the same name and shape; the first trains ${[...trained.keys()].join(", ")}, ` +
        `the second ${to.model.run.parameters.map(({ name }) => name).join(", ")}; layers must have the same \`name\``,
    );
  }
  for (const state of [from, to]) {
    state.model.refuse(where, state === to);
    refuseMidway(state, where);
  }
  const [old, now] = [from, to].map((state) => state.updatePlan().states) as [readonly number[], readonly number[]];
  for (const { before, p } of pairs) {
    old.forEach((start, i) => {
      const values = from.model.core.arena.read(start + before.slot - from.model.run.address, p.size);
      to.model.core.arena.write(now[i]! + p.slot - to.model.run.address, values);
    });
  }
  if (pairs.length === to.model.run.parameters.length) to.updates = from.updates;
  return pairs.map(({ p }) => p.name);
}
