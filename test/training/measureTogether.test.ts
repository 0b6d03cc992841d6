// What ranks of a group can't measure: each has a part of the batches alone.
import { expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { classes, members, small, thrown } from "../support/ranks.ts";

test("evaluate of a stateful layer, whose state goes from batch to batch", async () => {
  const layers = () => [w.reshape([2, 2]), w.lstm(3, { stateful: true }), w.dense(3)];
  const errors = await thrown(3, async (group) => (await small({}, {}, layers)).evaluate(classes, { group }));
  expect(errors.map((error) => `${error?.name}: ${error?.message}`)).toEqual(
    Array.from(
      { length: 3 },
      () =>
        "RangeError: evaluate: a layer is stateful, so that each batch needs what the one before has left; a group computes them at the same time: " +
        "leave group out",
    ),
  );
});

test("evaluate while the group measures: the call is refused, and measuring ends", async () => {
  const ends = await members(2, async (group) => {
    const [trainer, other] = [await small(), await small()];
    const options = { group, batchSize: 4 };
    const measured = trainer.evaluate(classes, options);
    const text = await other.evaluate(classes, options).then(String, String);
    return { text, loss: (await measured).loss, again: (await trainer.evaluate(classes, options)).loss };
  });
  for (const { text, loss, again } of ends) {
    expect(text).toBe(
      "Error: evaluate: an evaluate is using the group, and two at once would mix up what ranks tell each other; await one before the next",
    );
    expect(again).toBe(loss);
  }
});
