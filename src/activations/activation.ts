import { checkKeys } from "../check.ts";
import type { Layer, Options, Tail } from "../layer.ts";
import type { LayerStem } from "../module.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** What every activation takes. */
export interface ActivationOptions {
  readonly name?: string | undefined;
}

/** An element-wise layer by the stem of its kernels. */
export function activation(
  kernel: LayerStem,
  needs: "input" | "output",
  options: ActivationOptions & Options,
  tail: (input: Shape) => Tail = () => ({}),
): Layer {
  const { name, ...own } = options;
  return Object.freeze<Layer>({
    type: kernel,
    name,
    options: own,
    kernel,
    activation: true,
    needs,
    inPlace: true,
    outputShape: (input) => input,
    tail: (_context, input) => tail(input),
    flops: sizeOf,
  });
}

/** An activation without options of its own. */
export function plain(kernel: LayerStem, needs: "input" | "output", options: ActivationOptions): Layer {
  checkKeys(kernel, options, ["name"]);
  return activation(kernel, needs, { name: options.name });
}
