import { mean } from "../../../../src/nn/layers/mean.ts";
import { sum } from "../../../../src/nn/layers/sum.ts";
import { AXES, placesAlong } from "../../../support/axes.ts";
import { type ImageCase, imageTests } from "../../../support/images.ts";

const cases = AXES.flatMap(([input, axis]) =>
  [sum({ axis }), mean({ axis, keepAxis: true })].map((layer): ImageCase => {
    const all = placesAlong(input, axis);
    const divisor = layer.type === "mean" ? all[0]!.length : 1;
    return {
      layer,
      input,
      forward: (x) => Float64Array.from(all, (from) => from.reduce((total, i) => total + x[i]!, 0) / divisor),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        all.forEach((from, o) => from.forEach((i) => (dx[i] = dy[o]! / divisor)));
        return dx;
      },
    };
  }),
);

imageTests("sum and mean", cases, { rtol: 6e-8, atol: 1e-15 }); // one rounding
