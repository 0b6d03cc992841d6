// What ranks of a group can't measure: each has a part of the batches alone.
import { expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { classes, small, thrown } from "../support/ranks.ts";

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
