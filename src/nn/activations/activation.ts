// Describes activations, which are layers without parameters that keep the shape.
import { checkKeys } from "../../util/check.ts";
import type { Layer, Options } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { LayerStem } from "../../runtime/kernels.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** What every activation takes. */
export type ActivationOptions = Named;

/** What loads the binary of the kernels, if that isn't the core. */
type Load = Layer["load"];

/** Describes an activation by the stem of its kernels. */
export function activation(
  kernel: LayerStem,
  backwardReads: "input" | "output",
  options: ActivationOptions & Options,
  args: (input: Shape) => KernelArgs = () => ({}),
  load?: Load,
): Layer {
  const { name, ...layerOptions } = options;
  return Object.freeze<Layer>({
    type: kernel,
    name,
    options: layerOptions,
    kernel,
    activation: true,
    backwardReads,
    inPlace: true,
    parallel: { forward: "rows", backward: "rows" },
    outputShape: (input) => input,
    args: (_context, input) => args(input),
    flops: sizeOf,
    ...(load && { load }),
  });
}

/** Describes an activation that takes a name alone. */
export function plain(
  kernel: LayerStem,
  backwardReads: "input" | "output",
  options: ActivationOptions,
  load?: Load,
): Layer {
  checkKeys(kernel, options, ["name"]);
  return activation(kernel, backwardReads, { name: options.name }, undefined, load);
}
