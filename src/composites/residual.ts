import type { Layer } from "../layer.ts";
import { shapeText } from "../shape.ts";
import { checkLayers, composite } from "./composite.ts";
import { loadSequenceKernels } from "../layers/sequence.ts";

/**
 * Adds what goes in to what the layers make of it: y = x + f(x). The layers must leave the shape as it is. Any shape.
 * see: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2016
 *
 * @param layers f, one layer or more; composites may be among them
 * @throws TypeError if one isn't a layer; RangeError, when a model is made, if they change the shape
 * @example sequential({ input: 16 }, residual(dense(16), relu(), dense(16)), relu(), dense(2))
 */
export function residual(...layers: readonly Layer[]): Layer {
  checkLayers("residual", "the layers", layers);
  return composite("residual", layers, {}, (graph, x) => graph.add(add(), graph.chain(layers, x), { other: x }));
}

/** y = x + other */
const add = (): Layer => ({
  type: "add",
  options: {},
  kernel: "add",
  needs: "neither",
  inPlace: true,
  passesGradient: true,
  load: loadSequenceKernels,
  outputShape(input, where, others) {
    const before = others!["other"]!;
    if (shapeText(before) === shapeText(input)) return input;
    throw new RangeError(
      `${where}: residual adds what goes in to what its layers make of it, so they must keep the shape, ` +
        `but they make ${shapeText(input)} of ${shapeText(before)}; end with a layer that gives ${shapeText(before)}`,
    );
  },
  tail: (context) => ({ other: context.input("other"), dOther: context.inputGradient("other") }),
  flops: (input) => input.reduce((product, n) => product * n, 1),
});
