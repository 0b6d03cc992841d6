// Windows of random geometries give the same bits on three threads as on one.
import { afterAll, beforeAll, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { limits } from "../../../src/runtime/threads/threadPool.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { expectSameBits } from "../../support/bits.ts";
import { drawGeometry, KINDS } from "../../support/geometries.ts";
import { normal } from "../../support/seeded.ts";

const COUNT = 12;
const ROWS = 5;
const { least } = limits;

let cores: w.Core[];
beforeAll(async () => {
  limits.least = 0; // every record is distributed, however small
  cores = await Promise.all(
    [1, 3].map(async (threads) => (await w.sequential({ input: 1, threads }, w.dense(1))).core),
  );
});
afterAll(() => void (limits.least = least));

for (const kind of KINDS) {
  test(`${COUNT} of ${kind}`, async () => {
    for (let seed = 101; seed <= 100 + COUNT; seed++) {
      const { layer, input, output } = drawGeometry(kind, seed);
      const [one, several] = await Promise.all(
        cores.map(async (core) => {
          const model = await w.sequential({ input, seed, core }, layer);
          const y = model.forward(normal(ROWS * sizeOf(input), { seed: 1 }));
          const dx = model.backward(normal(ROWS * sizeOf(output), { seed: 2 }));
          return [y, dx, ...model.parameters().map((p) => p.gradient())];
        }),
      );
      const what = `${JSON.stringify(input)} ${JSON.stringify(layer.options)}`;
      one!.forEach((values, i) => expectSameBits(several![i]!, values, `${what}, ${i}`));
    }
    expect(cores.length).toBe(2);
  });
}
