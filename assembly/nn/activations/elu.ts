import { float } from "../../runtime/record";
import { bendBackward, bendForward } from "./bend";

const ALPHA: usize = 4;

/** y = x > 0 ? x : alpha (e^x - 1) */
export function eluForward(record: usize, rows: u32): void {
  bendForward(record, rows, 1, float(record, ALPHA), 1);
}

/** dx = dy (x > 0 ? 1 : y + alpha) */
export function eluBackward(record: usize, rows: u32): void {
  bendBackward(record, rows, 1, float(record, ALPHA), 1);
}
