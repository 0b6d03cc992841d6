// The truth tables of logic gates, as data sets.
import { type Points, pointsOf } from "./points.ts";
import { checkOneOf } from "../util/check.ts";

/** The last columns of the truth tables: for 0 0, 0 1, 1 0, 1 1, or for 0, 1. */
const GATES = {
  and: [0, 0, 0, 1],
  or: [0, 1, 1, 1],
  xor: [0, 1, 1, 0],
  nand: [1, 1, 1, 0],
  nor: [1, 0, 0, 0],
  not: [1, 0],
} as const;

/** A logic gate. */
export type GateName = keyof typeof GATES;

/**
 * The truth table of a logic gate, in order: the rows 0 0, 0 1, 1 0, 1 1; for NOT 0, 1.
 *
 * @param name "and", "or", "xor", "nand", "nor" or "not"
 * @returns x of 0 and 1, four rows of 2 (NOT: two rows of 1), y 0 or 1
 * @throws {RangeError} if there is no such gate
 * @example const { x, y } = gate("xor"); // x: 0 0, 0 1, 1 0, 1 1; y: 0, 1, 1, 0
 */
export function gate(name: GateName): Points {
  checkOneOf("gate", "name", name, Object.keys(GATES));
  const y = GATES[name];
  const x = name === "not" ? [0, 1] : [0, 0, 0, 1, 1, 0, 1, 1];
  return pointsOf(Float32Array.from(x), Float32Array.from(y), x.length / y.length, 2);
}
