import { expect, test } from "vitest";
import { softmax } from "../../../../src/nn/activations/softmax.ts";
import { normal } from "../../../support/seeded.ts";
import { run, softmaxTests } from "../../../support/softmax.ts";

const layer = softmax();

function value(x: readonly number[]): number[] {
  const top = Math.max(...x);
  const powers = x.map((at) => Math.exp(at - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

softmaxTests("softmax", {
  layer,
  value,
  gradient(x, dy) {
    const y = value(x);
    const sum = y.reduce((total, share, j) => total + share * dy[j]!, 0);
    return y.map((share, j) => share * (dy[j]! - sum));
  },
  // x - max is rounded by 2^-24 of up to 20, which counts fully in e^x; the exponentials, the sum and the division add little
  forward: { rtol: 2e-6, atol: 1e-44 },
  // dy - sum cancels: an error of the sum, up to 2e-6 of numbers up to 4, stays
  backward: { rtol: 2e-6, atol: 4e-6 },
});

test("each row sums to 1", () => {
  const { y } = run(layer, { x: normal(170, { seed: 5, deviation: 10 }), dy: new Float32Array(170), n: 17, rows: 10 });
  // 17 roundings of 2^-24
  for (let r = 0; r < 10; r++)
    expect(Math.abs(y.subarray(r * 17, (r + 1) * 17).reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-6);
});
