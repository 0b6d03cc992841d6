import { expect, test } from "vitest";
import { logSoftmax } from "../../../../src/nn/activations/logSoftmax.ts";
import { run, softmaxTests } from "../../../support/softmax.ts";

const layer = logSoftmax();

function value(x: readonly number[]): number[] {
  const top = Math.max(...x);
  const log = Math.log(x.reduce((sum, at) => sum + Math.exp(at - top), 0));
  return x.map((at) => at - top - log);
}

softmaxTests("logSoftmax", {
  layer,
  value,
  gradient(x, dy) {
    const sum = dy.reduce((a, b) => a + b, 0);
    return value(x).map((log, j) => dy[j]! - Math.exp(log) * sum);
  },
  // x - max and the difference are rounded, 2^-24 each of numbers up to 20; ln of the sum has about 3 ulp of up to 5
  forward: { rtol: 1.8e-7, atol: 1e-6 },
  // e^y has y's error, up to 2e-6; times the sum of dy, up to about 20
  backward: { rtol: 2e-6, atol: 1e-5 },
});

test("one number per row: 0, and no gradient", () => {
  const { y, dx } = run(layer, { x: Float32Array.of(5, -1e4), dy: Float32Array.of(2, 3), n: 1, rows: 2 });
  expect([...y]).toEqual([0, 0]);
  expect([...dx]).toEqual([0, 0]);
});
