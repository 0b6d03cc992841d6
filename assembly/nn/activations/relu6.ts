import { between, betweenBackward } from "./clip";

/** y = min(max(x, 0), 6) */
export function relu6Forward(record: usize, rows: u32): void {
  between(record, rows, 0, 6);
}

/** dx = dy where 0 < y < 6, else 0. */
export function relu6Backward(record: usize, rows: u32): void {
  betweenBackward(record, rows, 0, 6);
}
