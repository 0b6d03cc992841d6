// Dense layers against float64 loops, and over several axes.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { expectSameBits } from "../../support/bits.ts";
import { expectClose } from "../../support/golden.ts";
import { affine, columnSums, rowsOf, times, transposed } from "../../support/plain.ts";
import { normal } from "../../support/seeded.ts";

describe("dense", () => {
  for (const [rows, nIn, nOut, useBias] of [
    [3, 600, 70, true],
    [3, 70, 600, false],
    [130, 33, 17, true],
    [1, 100, 100, false],
  ] as const) {
    test(`${rows} rows, ${nIn} to ${nOut}${useBias ? "" : ", no bias"}: forward and backward against float64`, async () => {
      const layer = w.dense(nOut, { useBias, biasInitializer: w.normal({ deviation: 1 }) });
      const model = await w.sequential({ input: nIn, seed: 1 }, layer);
      const [weight, bias] = model.parameters();
      const kernel = rowsOf(weight!.get(), nOut);
      const b = bias?.get() ?? new Float32Array(nOut);
      const x = normal(rows * nIn, { seed: 2 });
      const dy = normal(rows * nOut, { seed: 3 });
      const [X, DY] = [rowsOf(x, nIn), rowsOf(dy, nOut)];
      // sums of up to 600 products of size 1, rounded to float32 after each
      const close = { rtol: 0, atol: 2e-5 };
      expectClose("y", model.forward(x), affine(X, kernel, b).flat(), close);
      expectClose("dx", model.backward(dy), times(DY, transposed(kernel)).flat(), close);
      expectClose("dw", weight!.gradient(), times(transposed(X), DY).flat(), close);
      if (bias) expectClose("db", bias.gradient(), columnSums(DY), close);
    });
  }

  test("over [2, 3, 4] is dense over six rows of 4", async () => {
    const deep = await w.sequential({ input: [2, 3, 4], seed: 1 }, w.dense(5));
    const flat = await w.sequential({ input: 4, seed: 1 }, w.dense(5));
    expect(deep.outputShape).toEqual([2, 3, 5]);
    const x = normal(3 * 24, { seed: 2 });
    expectSameBits(deep.predict(x), flat.predict(x));
    const dy = normal(3 * 30, { seed: 3 });
    deep.forward(x);
    flat.forward(x);
    expectSameBits(deep.backward(dy), flat.backward(dy));
    deep.parameters().forEach((p, i) => expectSameBits(p.gradient(), flat.parameters()[i]!.gradient(), p.name));
  });

  test("without a bias has no parameter for it", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(3, { useBias: false }));
    expect(model.parameters().map((p) => p.name)).toEqual(["dense1.weight"]);
    expect([...model.predict([0, 0])]).toEqual([0, 0, 0]);
  });
});
