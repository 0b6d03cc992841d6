import { describe, expect, test } from "vitest";
import * as activations from "../../src/nn/activations/index.ts";
import * as composites from "../../src/nn/composites/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import { EVERY_LAYER } from "./everyLayer.ts";

/** They make layers of models; a layer of the library's root. */
const OF_MODELS = ["cut", "modelLayer", "outputs"];

describe("the models for every layer", () => {
  test("no layer is missing, and none is there that isn't one", () => {
    const known = [...Object.keys({ ...layers, ...activations, ...composites }), ...OF_MODELS];
    expect(new Set(EVERY_LAYER.map(({ of }) => of))).toEqual(new Set(known));
  });

  test("each has a name of its own", () => {
    const names = EVERY_LAYER.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
  });

  test.each(EVERY_LAYER)(
    "$name: the same numbers each time, and rows that stand for themselves",
    async ({ make, x }) => {
      const [model, again] = [await make(), await make()];
      const y = model.predict(x(3));
      expect(y.every(Number.isFinite)).toBe(true);
      expect(y.some((value) => value !== 0)).toBe(true);
      expect(again.predict(x(3))).toEqual(y);
      expect(again.predict(x(1))).toEqual(y.subarray(0, y.length / 3));
      expect(again.fingerprint()).toBe(model.fingerprint());
    },
  );
});
