// Masks of an attention that inputs say: options of one layer, which gives a query zeros where it attends to nothing.
import { expect, test } from "vitest";
import * as w from "../../../../../src/index.ts";
import { fromOnnx, toOnnx } from "../../../../../src/onnx.ts";
import { sizeOf } from "../../../../../src/util/shape.ts";
import { randomUniform } from "../../../../../src/data/random.ts";

const given = { x: [4, 6], text: [5, 3], keyMask: [5], mask: [4, 5], masks: [2, 4, 5] } as const;

const OPTIONS: readonly Omit<Parameters<typeof w.attention>[0], "memory">[] = [
  { heads: 2, keyMask: "keyMask" },
  { heads: 2, mask: "mask" },
  { heads: 2, mask: "masks", causal: true },
  { heads: 2, mask: "masks", keyMask: "keyMask", causal: true },
  { heads: 2, scoreBias: "mask" },
  { heads: 1, keyMask: "keyMask", scoreBias: "mask" },
  { heads: 2, causal: true, scoreBias: "masks", keyWidth: 2, valueWidth: 8 },
];

test.each(OPTIONS)("%j", async (options) => {
  const names = Object.keys(given).filter(
    (name) => name === "x" || name === "text" || Object.values(options).includes(name as never),
  );
  const input = w.inputs(Object.fromEntries(names.map((name) => [name, given[name as keyof typeof given]])));
  const model = await w.sequential({ input }, w.attention({ memory: "text", ...options }));
  const again = await fromOnnx(toOnnx(model));
  const random = randomUniform(5, 0);
  const own = Object.fromEntries(
    names.map((name) => {
      const size = sizeOf(given[name as keyof typeof given]);
      const isMask = /mask/i.test(name) && options.scoreBias !== name;
      // the first of three rows attends to nothing
      const number = (i: number): number => (isMask ? (i < size ? 0 : Math.round(random())) : random() - 0.5);
      return [name, Float32Array.from({ length: 3 * size }, (_, i) => number(i))];
    }),
  );
  const wanted = model.predict(model.inputs!.join(own));
  again.predict(again.inputs!.join(own)).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
  expect(again.nodes.filter(({ layer }) => layer.type !== "input").map(({ layer }) => layer.type)).toEqual([
    "attention",
  ]);
});
