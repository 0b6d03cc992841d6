import { loadValues } from "../../../build/binaries.js";
import { checkKeys, checkKind, valueText } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { requireIntegers } from "../../graph/integerInputs.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import { axisOf, blocksOf, checkAxis, withoutAxis } from "./axis.ts";
import { copies, placeIn, placesArgs } from "./slice.ts";

/** Options of `pick`. */
export interface PickOptions extends Named {
  /** The place that is taken, from 0; negative ones count from the end. Or "lastValid": each row's own last one, by `lengths`. */
  readonly index: number | "lastValid";
  /** Axis of a row; negative ones count from the end; default 0, the first: the steps of a sequence. */
  readonly axis?: number;
  /** For "lastValid": name of another input of one number per row, how many places count, from the first: 1 to n. */
  readonly lengths?: string;
}

/**
 * Takes one place along an axis, which it leaves out: of [steps, features] the features of one step. With "lastValid" each row's
 * own last step, as recurrent layers with the same `lengths` do without `returnSequences`.
 *
 * @param options.index the place, from 0; negative ones count from the end; or "lastValid"
 * @param options.axis the axis of a row; negative ones count from the end; default 0, the first
 * @param options.lengths for "lastValid": the name of another input of one number per row, how many places count
 * @throws {TypeError | RangeError} if an option can't be used, or "lastValid" has no `lengths`
 * @throws {RangeError} when a model is made, if the input doesn't have the axis or the place
 * @example
 * const given = inputs({ words: [6, 3], lengths: 1 });
 * sequential({ input: given }, gru(8, { returnSequences: true, lengths: "lengths" }), pick({ index: "lastValid", lengths: "lengths" }))
 */
export function pick(options: PickOptions): Layer {
  checkKeys("pick", options, ["index", "axis", "lengths", "name"]);
  const { index, axis = 0, lengths, name } = options;
  const last = index === "lastValid";
  checkKind(last || Number.isInteger(index), "pick", "index", 'a whole number or "lastValid"', index);
  checkAxis("pick", axis);
  checkKind(
    lengths === undefined || (typeof lengths === "string" && lengths !== ""),
    "pick",
    "lengths",
    "the name of another input",
    lengths,
  );
  if (last !== (lengths !== undefined)) {
    throw new RangeError(
      last
        ? 'pick: index "lastValid" needs lengths, the name of an input that says how many places of each row count'
        : `pick: lengths belong to index "lastValid", got index ${index} and lengths ${valueText(lengths)}; leave one out`,
    );
  }
  const outputShape = (input: Shape, where: string, others: Readonly<Record<string, Shape>> = {}): Shape => {
    const place = axisOf(axis, input, where);
    const n = input[place]!;
    if (!last && (index < -n || index >= n)) {
      throw new RangeError(
        `${where}: index must be a place of axis ${axis}, from ${-n} to ${n - 1}, got ${index} for ${shapeText(input)}`,
      );
    }
    const { lengths: counts } = others;
    if (counts && sizeOf(counts) !== 1) {
      throw new RangeError(`${where}: the lengths "${lengths}" must be one number per row, got ${shapeText(counts)}`);
    }
    return withoutAxis(input, place);
  };
  const common = { type: "pick", name, options: { index, axis, lengths }, outputShape } as const;
  if (!last) {
    const placed = (input: Shape): number => (index < 0 ? blocksOf(axis, input).n + index : index);
    return Object.freeze<LibraryLayer>({
      ...copies,
      ...common,
      args: (_context, input) => placesArgs(axis, input, placed(input), 1),
      placeOf: (input) => placeIn(axis, input, placed(input), 1),
    });
  }
  return Object.freeze<LibraryLayer>({
    ...common,
    kernel: "pick",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "input", // the lengths
    extras: { lengths: lengths! },
    fixed: ["lengths"],
    rules: (nodes, node) => requireIntegers(nodes, node, "lengths", 1, blocksOf(axis, node.input).n),
    load: loadValues,
    args: (context, input) => ({ lengths: context.input("lengths"), ...blocksOf(axis, input) }),
  });
}
