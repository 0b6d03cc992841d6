import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkKind } from "../../util/check.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { axisOf, blocksOf, checkAxis } from "./axis.ts";

/** What layers have in common that copy neighbouring numbers. */
export const copies = {
  kernel: "slice",
  parallel: { forward: "rows", backward: "rows" },
  backwardReads: "neither",
  load: loadSequence,
} as const;

/** One of a model's inputs: some consecutive numbers of a row. */
export function inputSlice(name: string | undefined, shape: Shape, offset: number): Layer {
  return Object.freeze<LibraryLayer>({
    ...copies,
    type: "input",
    name,
    options: {},
    offset,
    outputShape: () => shape,
    args: (_context, input) => sliceArgs(sizeOf(input), offset, sizeOf(shape)),
  });
}

/** The slots of assembly/nn/layers/slice.ts: numbers per block, before the slice, and in it; and blocks per row. */
export function sliceArgs(block: number, offset: number, count: number, blocks = 1) {
  return { rowBytes: 4 * block, offsetBytes: 4 * offset, bytes: 4 * count, blocks };
}

/** The slots for some places along an axis. */
export function placesArgs(axis: number, input: Shape, from: number, count: number) {
  const { blocks, n, inner } = blocksOf(axis, input);
  return sliceArgs(n * inner, from * inner, count * inner, blocks);
}

/** Where the numbers of some places along an axis are in the input. */
export function placeIn(axis: number, input: Shape, from: number, count: number): (place: number) => number {
  const { n, inner } = blocksOf(axis, input);
  const kept = count * inner;
  return (place) => Math.floor(place / kept) * n * inner + from * inner + (place % kept);
}

/** Options of `slice`. */
export interface SliceOptions extends Named {
  /** Axis of a row; negative ones count from the end; default 0, the first: the steps of a sequence. */
  readonly axis?: number;
  /** The first place that is kept; negative ones count from the end; default 0. */
  readonly from?: number;
  /** The place before which it ends; negative ones count from the end; default: the size of the axis. */
  readonly to?: number;
}

/**
 * Keeps some neighbouring places along an axis, as `Array.slice` does: of [steps, features] with `from: 1, to: 4`
 * [3, features].
 *
 * @param options.axis the axis of a row; negative ones count from the end; default 0, the first
 * @param options.from the first place that is kept; negative ones count from the end; default 0
 * @param options.to the place before which it ends; negative ones count from the end; default: the end
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} when a model is made, if the input doesn't have the axis or the places, or none would be left
 * @example sequential({ input: [10, 3] }, slice({ from: -4 }), lstm(8), dense(1)) // the last four steps
 */
export function slice(options: SliceOptions = {}): Layer {
  checkKeys("slice", options, ["axis", "from", "to", "name"]);
  const { axis = 0, from = 0, to, name } = options;
  checkAxis("slice", axis);
  checkKind(Number.isInteger(from), "slice", "from", "a whole number", from);
  if (to !== undefined) checkKind(Number.isInteger(to), "slice", "to", "a whole number", to);
  const fromStart = (place: number, n: number): number => (place < 0 ? n + place : place);
  const endOf = (n: number): number => (to === undefined ? n : fromStart(to, n));
  return Object.freeze<LibraryLayer>({
    ...copies,
    type: "slice",
    name,
    options: { axis, from, to },
    outputShape(input, where) {
      const place = axisOf(axis, input, where);
      const n = input[place]!;
      const [begin, end] = [fromStart(from, n), endOf(n)];
      if (begin >= 0 && begin < end && end <= n) return input.with(place, end - begin);
      const given = `from ${from} to ${to ?? "the end"}`;
      throw new RangeError(
        `${where}: a slice must keep one place or more of axis ${axis}, which has ${n}, got ${given} for ${shapeText(input)}`,
      );
    },
    args(_context, input) {
      const { n } = blocksOf(axis, input);
      const begin = fromStart(from, n);
      return placesArgs(axis, input, begin, endOf(n) - begin);
    },
    placeOf(input) {
      const { n } = blocksOf(axis, input);
      const begin = fromStart(from, n);
      return placeIn(axis, input, begin, endOf(n) - begin);
    },
  });
}
