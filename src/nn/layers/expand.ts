import { loadValues } from "../../../build/binaries.js";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";

/** Repeats numbers along some neighbouring axes that have one place each. `inner`: numbers of the axes behind them. */
export function expand(output: Shape, inner: number): Layer {
  return Object.freeze<LibraryLayer>({
    type: "expand",
    options: { inner },
    kernel: "expand",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadValues,
    outputShape: () => output,
    args: (_context, input) => ({ blocks: sizeOf(input) / inner, n: sizeOf(output) / sizeOf(input), inner }),
  });
}
