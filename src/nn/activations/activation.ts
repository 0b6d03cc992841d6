// Describes activations, which are layers without parameters that keep the shape.
import { checkKeys } from "../../util/check.ts";
import type { Layer, LayerKernels, Options, LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { LayerStem } from "../../runtime/kernels.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** What every activation takes. */
export type ActivationOptions = Named;

/** The stem of an activation's kernels, and what loads their binary if that isn't the core. */
type Kernels = LayerKernels & { readonly kernel: LayerStem };

/** Describes an activation by its kernels. */
export function activation(
  kernels: Kernels,
  backwardReads: "input" | "output",
  options: ActivationOptions & Options,
  args: (input: Shape) => KernelArgs = () => ({}),
): Layer {
  const { name, ...layerOptions } = options;
  return Object.freeze<LibraryLayer>({
    type: kernels.kernel,
    name,
    options: layerOptions,
    ...kernels,
    activation: true,
    backwardReads,
    inPlace: true,
    parallel: { forward: "rows", backward: "rows" },
    outputShape: (input) => input,
    args: (_context, input) => args(input),
    flops: sizeOf,
  });
}

/** Describes an activation that takes a name alone. */
export function plain(kernels: Kernels, backwardReads: "input" | "output", options: ActivationOptions): Layer {
  checkKeys(kernels.kernel, options, ["name"]);
  return activation(kernels, backwardReads, { name: options.name });
}
