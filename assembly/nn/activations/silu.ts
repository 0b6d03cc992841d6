import { ones, sigmoid } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = x s, s = sigmoid(x) */
export function siluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, sigmoid(value)));
  }
}

/** dx = dy s (1 + x (1 - s)) */
export function siluBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const one = ones();
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    const value = v128.load(x);
    const s = sigmoid(value);
    const slope = f32x4.mul(s, f32x4.add(one, f32x4.mul(value, f32x4.sub(one, s))));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
