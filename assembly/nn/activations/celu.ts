import { float } from "../../runtime/record";
import { bendBackward, bendForward } from "./bend";

const ALPHA: usize = 4;
/** 1 / alpha */
const RATE: usize = 5;

/** y = x > 0 ? x : alpha (e^(x / alpha) - 1) */
export function celuForward(record: usize, rows: u32): void {
  bendForward(record, rows, 1, float(record, ALPHA), float(record, RATE));
}

/** dx = dy (x > 0 ? 1 : (y + alpha) / alpha) */
export function celuBackward(record: usize, rows: u32): void {
  bendBackward(record, rows, 1, float(record, ALPHA), float(record, RATE));
}
