import { expect, test } from "vitest";
import { clip } from "../../../../src/nn/activations/clip.ts";
import { elementWiseTests, runActivation } from "../../../support/activations.ts";
import { Workbench } from "../../../support/workbench.ts";

for (const [low, high] of [
  [-1, 1],
  [0.5, 2.5],
  [-3, undefined],
  [undefined, -0.25],
] as const) {
  const [least, most] = [low ?? -Infinity, high ?? Infinity];
  elementWiseTests(`clip from ${least} to ${most}`, {
    layer: clip({ low, high }),
    value: (x) => Math.min(Math.max(x, least), most),
    slope: (x) => (x > least && x < most ? 1 : 0),
    // exact: nothing is computed
    forward: { rtol: 0, atol: 0 },
    backward: { rtol: 0, atol: 0 },
  });
}

test("at a bound the gradient is 0, a float32 further inside it passes", async () => {
  const bench = await Workbench.create();
  const layer = clip(-1, 2);
  await layer.load!(bench.core);
  const x = Float32Array.of(-1, -1 + 2 ** -24, 2 - 2 ** -23, 2);
  const { y, dx } = runActivation(bench, layer, { x, dy: Float32Array.of(5, 6, 7, 8), n: 4, rows: 1 });
  expect(y).toEqual(x);
  expect(dx).toEqual(Float32Array.of(0, 6, 7, 0));
});
