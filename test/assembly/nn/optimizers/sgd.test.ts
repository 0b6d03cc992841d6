import { sgd } from "../../../../src/nn/optimizers/sgd.ts";
import { optimizerTests } from "../../../support/optimizers.ts";

// five steps of about four roundings to float32 each, 6e-8 of numbers up to 4
const tolerance = { rtol: 2e-7, atol: 2e-7 };

optimizerTests("sgd", {
  make: (options) => sgd({ learningRate: 0.1, ...options }),
  rule: () => (p, g, _t, rate) => p - rate * g,
  tolerance,
  decaying: [],
});

for (const momentum of [0.9, 0.5]) {
  optimizerTests(`sgd, momentum ${momentum}`, {
    make: (options) => sgd({ learningRate: 0.1, momentum, ...options }),
    rule: () => {
      let v = 0;
      return (p, g, _t, rate) => {
        v = momentum * v + g;
        return p - rate * v;
      };
    },
    tolerance,
    decaying: ["velocity"],
  });

  optimizerTests(`sgd, Nesterov, momentum ${momentum}`, {
    make: (options) => sgd({ learningRate: 0.1, momentum, nesterov: true, ...options }),
    rule: () => {
      let v = 0;
      return (p, g, _t, rate) => {
        v = momentum * v + g;
        return p - rate * (g + momentum * v);
      };
    },
    tolerance,
    decaying: ["velocity"],
  });
}
