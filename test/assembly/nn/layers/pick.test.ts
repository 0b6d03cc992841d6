import { loadValues } from "../../../../build/binaries.js";
import { expect, test } from "vitest";
import { pick } from "../../../../src/nn/layers/pick.ts";
import { AXES, placesAlong } from "../../../support/axes.ts";
import { imageTests } from "../../../support/images.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

imageTests(
  "pick",
  AXES.flatMap(([input, axis]) => {
    const all = placesAlong(input, axis);
    const n = all[0]!.length;
    return [0, -1, n >> 1].map((index) => ({
      layer: pick({ index, axis }),
      input,
      forward: (x: Float64Array) => Float64Array.from(all, (from) => x[from.at(index)!]!),
      backward(x: Float64Array, dy: Float64Array) {
        const dx = new Float64Array(x.length);
        all.forEach((from, o) => (dx[from.at(index)!] = dy[o]!));
        return dx;
      },
    }));
  }),
  { rtol: 0, atol: 0 },
);

const bench = await Workbench.create();
await loadValues(bench.core);

test.each(AXES)("the last valid one of %j, axis %i", (input, axis) => {
  const all = placesAlong(input, axis);
  const [n, size, rows] = [all[0]!.length, all.flat().length, 4];
  const lengths = [n, 1, Math.ceil(n / 2), n];
  const x = normal(rows * size, { seed: 1 });
  const dy = normal(rows * all.length, { seed: 2 });
  const at = { x: bench.floats(x), y: bench.room(dy.length), dx: bench.room(x.length), dy: bench.floats(dy) };
  const layer = pick({ index: "lastValid", axis, lengths: "lengths" });
  const context = bench.context(rows, { inputs: { lengths: bench.floats(lengths) }, shapes: { lengths: [1] } });
  const args = { ...at, ...layer.args!(context, input, layer.outputShape(input, "test", { lengths: [1] })) };
  bench.run("pickForward", { perRow: all.length, rows }, args);
  bench.run("pickBackward", { perRow: all.length, rows }, args);
  const dx = new Float32Array(x.length);
  const y = lengths.flatMap((length, r) =>
    all.map((from, o) => {
      const place = r * size + from[length - 1]!;
      dx[place] = dy[r * all.length + o]!;
      return x[place]!;
    }),
  );
  expect([...bench.read(at.y, dy.length)]).toEqual(y);
  expect(bench.read(at.dx, x.length)).toEqual(dx);
  bench.expectGuard(at.y, dy.length, "y");
  bench.expectGuard(at.dx, x.length, "dx");
});
