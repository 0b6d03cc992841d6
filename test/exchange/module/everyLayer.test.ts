// Modules of every layer: the same bits as `predict`, whatever the number of rows.
import { describe, expect, test } from "vitest";
import { exportModule } from "../../../src/files.ts";
import { EVERY_LAYER } from "../everyLayer.ts";
import { bytesIn, imported } from "./imported.ts";

/** None, some that aren't a whole vector, one more than a block of `predict`. */
const ROWS = [1, 3, 257];

describe("a module predicts the bits of its model", () => {
  test.each(EVERY_LAYER)("$name", async ({ make, x }) => {
    const model = await make();
    const text = exportModule(model);
    const module = await imported(text);
    expect(WebAssembly.validate(bytesIn(text, "kernels"))).toBe(true);
    expect([...module.inputShape, ...module.outputShape]).toEqual([...model.inputShape, ...model.outputShape]);
    for (const rows of ROWS) {
      const given = x(rows);
      const y = model.predict(given);
      model.resetStates();
      const its = module.predict(given);
      module.resetStates?.();
      expect(Buffer.from(its.buffer).equals(Buffer.from(y.buffer)), `${rows} rows`).toBe(true);
    }
  });
});
