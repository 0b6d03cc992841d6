import { loadSequence } from "../../../build/binaries.js";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";

/** Some consecutive numbers of a row. */
export function slice(name: string | undefined, shape: Shape, offset: number): Layer {
  return Object.freeze<LibraryLayer>({
    type: "input",
    name,
    options: {},
    kernel: "slice",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    offset,
    load: loadSequence,
    outputShape: () => shape,
    args: (_context, input) => sliceArgs(sizeOf(input), offset, sizeOf(shape)),
  });
}

/** The slots of assembly/nn/layers/slice.ts: numbers per row, before the slice, and in it. */
export function sliceArgs(row: number, offset: number, count: number) {
  return { rowBytes: 4 * row, offsetBytes: 4 * offset, bytes: 4 * count };
}
