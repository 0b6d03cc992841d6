import { float } from "../../runtime/record";
import { LIMIT, limitNorms } from "./norm";

/** Vectors longer than the limit are shortened to it. */
export function maxNormConstraint(record: usize, rows: u32): void {
  limitNorms(record, float(record, LIMIT), true);
}
