import { ones } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = x / (1 + |x|) */
export function softsignForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const one = ones();
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, f32x4.div(value, f32x4.add(one, f32x4.abs(value))));
  }
}

/** dx = dy (1 - |y|)^2 */
export function softsignBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const one = ones();
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const root = f32x4.sub(one, f32x4.abs(v128.load(y)));
    v128.store(dx, f32x4.mul(v128.load(dy), f32x4.mul(root, root)));
  }
}
