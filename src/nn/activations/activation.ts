import type { BinaryLoader } from "../../runtime/binaries.ts";
import { checkKeys } from "../../util/check.ts";
import type { Layer, Options } from "../../graph/layer.ts";
import type { Tail } from "../../runtime/record.ts";
import type { LayerStem } from "../../runtime/kernels.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";

/** What every activation takes. */
export interface ActivationOptions {
  readonly name?: string | undefined;
}

/** Loads the binary with the activations that the core hasn't got. */
export function loadActivations(loader: BinaryLoader): Promise<void> {
  return loader.load("activations", () => import("../../../build/activations.binary.js"));
}

/** Its property `load`. */
type Load = Layer["load"];

/** An activation by the stem of its kernels. */
export function activation(
  kernel: LayerStem,
  needs: "input" | "output",
  options: ActivationOptions & Options,
  tail: (input: Shape) => Tail = () => ({}),
  load?: Load,
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
    split: ["rows", "rows"],
    outputShape: (input) => input,
    tail: (_context, input) => tail(input),
    flops: sizeOf,
    ...(load && { load }),
  });
}

/** An activation without options of its own. */
export function plain(kernel: LayerStem, needs: "input" | "output", options: ActivationOptions, load?: Load): Layer {
  checkKeys(kernel, options, ["name"]);
  return activation(kernel, needs, { name: options.name }, undefined, load);
}
