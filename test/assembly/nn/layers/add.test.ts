import { loadSequence } from "../../../../build/binaries.js";
import { describe, expect, test } from "vitest";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

describe("add", () => {
  for (const n of [1, 3, 4, 5, 8, 17]) {
    test.each([1, 2, 3])(`rows of ${n}, %i of them, with capacity for more`, (rows) => {
      const count = rows * n;
      const [a, b] = [normal(count, { seed: 1 }), normal(count, { seed: 2 })];
      const at = { x: bench.floats(a, 2 * count), y: bench.room(count), other: bench.floats(b, 2 * count) };
      bench.run("addForward", { perRow: n, rows }, { x: at.x, y: at.y, dx: 0, dy: 0, other: at.other });
      expect([...bench.read(at.y, count)]).toEqual(Array.from(a, (value, i) => Math.fround(value + b[i]!)));
      bench.expectVectorGuard(at.y, count, "y");
      // in place
      bench.run("addForward", { perRow: n, rows }, { x: at.x, y: at.x, dx: 0, dy: 0, other: at.other });
      expect([...bench.read(at.x, count)]).toEqual([...bench.read(at.y, count)]);
    });

    test(`gradients of rows of ${n} are copies, where they are requested`, () => {
      const count = 2 * n;
      const dy = normal(count, { seed: 3 });
      const from = bench.floats(dy);
      const [dx, dOther] = [bench.room(count), bench.room(count)];
      const args = { x: 0, y: 0, dx, dy: from, other: 0, dOther };
      bench.run("addBackward", { perRow: n, rows: 2 }, args);
      for (const [name, address] of Object.entries({ dx, dOther })) {
        expect([...bench.read(address, count)], name).toEqual([...dy]);
        bench.expectVectorGuard(address, count, name);
      }
      bench.run("addBackward", { perRow: n, rows: 2 }, { ...args, dx: 0, dOther: 0 });
    });
  }
});
