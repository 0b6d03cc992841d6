import { limitNorms } from "./norm";

/** Vectors get the length 1; a vector of zeros stays so. */
export function unitNormConstraint(record: usize, rows: u32): void {
  limitNorms(record, 1, false);
}
