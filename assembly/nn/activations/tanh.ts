import { ones, tanh } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = tanh x */
export function tanhForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    v128.store(y, tanh(v128.load(x)));
  }
}

/** dx = dy (1 - y^2) */
export function tanhBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const one = ones();
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const slope = f32x4.mul(f32x4.sub(one, value), f32x4.add(one, value));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
