import { float } from "../../runtime/record";
import { bendBackward, bendForward } from "./bend";

const SCALE: usize = 4;
/** scale alpha, rounded once */
const LOW: usize = 5;

/** y = scale (x > 0 ? x : alpha (e^x - 1)) */
export function seluForward(record: usize, rows: u32): void {
  bendForward(record, rows, float(record, SCALE), float(record, LOW), 1);
}

/** dx = dy (x > 0 ? scale : y + scale alpha) */
export function seluBackward(record: usize, rows: u32): void {
  bendBackward(record, rows, float(record, SCALE), float(record, LOW), 1);
}
