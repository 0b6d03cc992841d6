import { describe, expect, test } from "vitest";
import { toOnnx } from "../../../../src/onnx.ts";
import { EVERY_LAYER } from "../../everyLayer.ts";
import { axesOf, feedsOf, graphOf, joinedOf, type Layout, onnxRuntime, onnxWebRuntime, worst } from "../runtime.ts";

/** The versions that others write and read most, and the first and last ones that are written. */
const FILES: readonly (readonly [opset: number, layout: Layout, batches: readonly number[]])[] = [
  [17, "channelsLast", [1, 5]],
  [17, "channelsFirst", [1, 5]],
  [21, "channelsLast", [1, 5]],
  [21, "channelsFirst", [1, 5]],
  [13, "channelsLast", [2]],
  [23, "channelsFirst", [2]],
];

describe("every layer in ONNX Runtime gives what predict gives", () => {
  test.each(EVERY_LAYER)("$name", async ({ make, x }) => {
    const model = await make();
    const before = model.fingerprint();
    const runtime = onnxRuntime();
    for (const [opset, layout, batches] of FILES) {
      const bytes = toOnnx(model, { opset, layout });
      const graph = graphOf(bytes);
      const session = await runtime.InferenceSession.create(bytes, {});
      for (const rows of batches) {
        const given = await session.run(feedsOf(runtime, graph, model, x(rows), layout));
        for (const { name, type } of graph.outputs) expect(given[name]!.dims).toEqual([rows, ...axesOf(type).slice(1)]);
        const away = worst(joinedOf(given, graph, rows, layout), model.predict(x(rows)));
        expect(away, `opset ${opset}, ${layout}, ${rows} rows`).toBeLessThan(1e-5);
      }
      await session.release();
    }
    expect(model.fingerprint()).toBe(before);
  });
});

describe("every layer in ONNX Runtime for pages gives what predict gives", () => {
  test.each(EVERY_LAYER)("$name", async ({ make, x }) => {
    const model = await make();
    const runtime = onnxWebRuntime();
    const bytes = toOnnx(model);
    const graph = graphOf(bytes);
    const session = await runtime.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
    const given = await session.run(feedsOf(runtime, graph, model, x(3), "channelsLast"));
    await session.release();
    expect(worst(joinedOf(given, graph, 3, "channelsLast"), model.predict(x(3)))).toBeLessThan(1e-5);
  });
});
