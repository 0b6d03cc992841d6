import { describe, expect, test } from "vitest";
import type { AdamOptions } from "../../../../src/nn/optimizers/adam.ts";
import { adam, adamw } from "../../../../src/nn/optimizers/adam.ts";
import { optimizerTests, type Rule } from "../../../support/optimizers.ts";
import { Parameters } from "../../../support/update.ts";

/** Adam in float64; `decay` doesn't go through the gradient. */
function rule({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false }: AdamOptions, decay = 0): Rule {
  let [m, v, top] = [0, 0, 0];
  return (p, g, t, rate) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    top = Math.max(top, v);
    const square = amsgrad ? top : v;
    return p * (1 - rate * decay) - ((rate / (1 - beta1 ** t)) * m) / (Math.sqrt(square / (1 - beta2 ** t)) + epsilon);
  };
}

// a step is about 0.1, computed with ten roundings of 6e-8; p up to 4 is rounded once per step
const tolerance = { rtol: 3e-7, atol: 3e-7 };

const CASES: readonly (readonly [string, AdamOptions])[] = [
  ["", {}],
  [", amsgrad", { amsgrad: true }],
  [", short memory", { beta1: 0.5, beta2: 0.75 }],
  [", large epsilon, amsgrad", { epsilon: 0.1, amsgrad: true }],
  [", no memory of the mean", { beta1: 0 }],
];
for (const [name, options] of CASES) {
  const shortMemory = options.beta2 !== undefined; // 0.999^t takes 76,000 steps to settle
  const decaying = [...(options.beta1 === 0 ? [] : ["m"]), ...(shortMemory ? ["v"] : [])];
  optimizerTests(`adam${name}`, {
    make: (more) => adam({ learningRate: 0.1, ...options, ...more }),
    rule: () => rule(options),
    tolerance,
    decaying,
  });
  optimizerTests(`adamw${name}`, {
    make: (more) => adamw({ learningRate: 0.1, ...options, ...more }),
    rule: (more) => rule(options, more.weightDecay ?? 0.01),
    decoupled: true,
    tolerance,
    decaying,
  });
}

describe("adam", () => {
  test("the first step is the learning rate in size, whatever the gradient's", async () => {
    const parameters = await Parameters.create([[4]], adam({ learningRate: 0.5 }));
    parameters.setGradient(0, [1e-3, -2, 30, -1e4]);
    parameters.update();
    // epsilon 1e-8 takes 1e-5 off where the gradient is 1e-3
    [...parameters.get(0)].forEach((p, i) => expect(Math.abs(p / [-0.5, 0.5, -0.5, 0.5][i]! - 1)).toBeLessThan(1.1e-5));
  });

  test("amsgrad keeps the largest mean square", async () => {
    const parameters = await Parameters.create([[3]], adam({ beta2: 0.5, amsgrad: true }));
    const seen: number[][] = [];
    for (const g of [
      [2, 1, 0],
      [0, 2, 1],
      [0, 0, 4],
    ]) {
      // prettier-ignore
      parameters.setGradient(0, g);
      parameters.update();
      seen.push([...parameters.state("v", 0), ...parameters.state("vMax", 0)]);
    }
    expect(seen).toEqual([
      [2, 0.5, 0, 2, 0.5, 0],
      [1, 2.25, 0.5, 2, 2.25, 0.5],
      [0.5, 1.125, 8.25, 2, 2.25, 8.25],
    ]);
  });

  test("bias corrections stay right after many steps", async () => {
    const parameters = await Parameters.create([[1]], adam({ learningRate: 0.001 }));
    const expected = rule({});
    let p = 0;
    for (let t = 1; t <= 3000; t++) {
      const g = Math.fround(Math.sin(t));
      parameters.setGradient(0, [g]);
      parameters.update();
      p = expected(p, g, t, 0.001);
    }
    // 3000 roundings of up to 2^-24 of a parameter of about 0.01, which mostly cancel, and m's and v's
    expect(Math.abs(parameters.get(0)[0]! - p)).toBeLessThan(1e-7);
  });
});
