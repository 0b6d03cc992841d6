import { pointer, wholeVectors } from "../../runtime/record";
import { P } from "./norm";

/** Numbers below 0 become 0. */
export function nonNegConstraint(record: usize, rows: u32): void {
  const zero = f32x4.splat(0);
  let p = pointer(record, P);
  // a parameter doesn't grow with the rows
  for (const end = p + wholeVectors(record, 1); p < end; p += 16) v128.store(p, f32x4.pmax(v128.load(p), zero));
}
