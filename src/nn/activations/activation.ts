import { checkKeys } from "../../util/check.ts";
import type { Layer, Options } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { LayerStem } from "../../runtime/kernels.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** What every activation takes. */
export type ActivationOptions = Named;

/** Its property `load`. */
type Load = Layer["load"];

/** An activation by the stem of its kernels. */
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

/** An activation without options of its own. */
export function plain(
  kernel: LayerStem,
  backwardReads: "input" | "output",
  options: ActivationOptions,
  load?: Load,
): Layer {
  checkKeys(kernel, options, ["name"]);
  return activation(kernel, backwardReads, { name: options.name }, undefined, load);
}
