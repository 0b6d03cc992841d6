// Slots of all penalties: a parameter of `perRow` elements, padding included, its gradient, the program, lambda.
import { PROGRAM_PENALTY } from "../../runtime/abi";
import { float, perRow, pointer } from "../../runtime/record";

export const P: usize = 0;
/** Address of the gradient, or 0: only the value is requested. */
export const G: usize = 1;
const PROGRAM: usize = 2;
const LAMBDA: usize = 3;

export function penaltyFactor(record: usize): f32 {
  return float(record, LAMBDA);
}

export function penaltyBytes(record: usize): usize {
  return (<usize>perRow(record)) << 2;
}

/** Adds lambda times the sum of the four lanes to the program's penalty. */
export function addPenalty(record: usize, low: v128, high: v128): void {
  const program = pointer(record, PROGRAM);
  const both = f64x2.add(low, high);
  const sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  store<f64>(program, load<f64>(program, PROGRAM_PENALTY) + <f64>penaltyFactor(record) * sum, PROGRAM_PENALTY);
}
