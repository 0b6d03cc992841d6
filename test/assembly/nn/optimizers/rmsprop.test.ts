import { rmsprop, type RmspropOptions } from "../../../../src/nn/optimizers/rmsprop.ts";
import { optimizerTests, type Rule } from "../../../support/optimizers.ts";

function rule({ rho = 0.99, epsilon = 1e-8, momentum = 0, centered = false }: RmspropOptions): Rule {
  let [q, mean, b] = [0, 0, 0];
  return (p, g, _t, rate) => {
    q = rho * q + (1 - rho) * g * g;
    mean = rho * mean + (1 - rho) * g;
    const square = centered ? Math.max(0, q - mean * mean) : q;
    b = momentum * b + g / (Math.sqrt(square) + epsilon);
    return p - rate * b;
  };
}

const CASES: readonly (readonly [string, RmspropOptions])[] = [
  ["", {}],
  [", momentum", { momentum: 0.9 }],
  [", centered", { centered: true, rho: 0.9 }],
  [", centered, momentum, short memory, large epsilon", { centered: true, momentum: 0.5, rho: 0.5, epsilon: 0.1 }],
];
for (const [name, options] of CASES) {
  const { rho = 0.99, momentum = 0, centered = false } = options;
  optimizerTests(`rmsprop${name}`, {
    make: (more) => rmsprop({ learningRate: 0.01, ...options, ...more }),
    rule: () => rule(options),
    // steps are up to 0.1 (sqrt(1 - rho) of the rate at first), with ten roundings of 6e-8; where q - mean^2 cancels, a few more
    tolerance: { rtol: 3e-7, atol: 4e-7 },
    decaying: [
      ...(rho < 0.95 ? ["q"] : []), // 0.99^t takes 7,600 steps to settle
      ...(rho < 0.95 && centered ? ["mean"] : []),
      ...(momentum > 0 ? ["velocity"] : []),
    ],
  });
}
