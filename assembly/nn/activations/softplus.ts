import { sigmoid, softplus } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|) */
export function softplusForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    v128.store(y, softplus(v128.load(x)));
  }
}

/** dx = dy sigmoid(x) */
export function softplusBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), sigmoid(v128.load(x))));
  }
}
