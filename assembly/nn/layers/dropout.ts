import { DX, DY, float, perRow, pointer, wholeVectors, X, Y } from "../../runtime/record";
import { drawMask, KEEP, MASK } from "./mask";

/** A new mask, [rows, n] bytes. */
export function dropoutMask(record: usize, rows: u32): void {
  drawMask(record, rows * perRow(record));
}

/** y = x mask / keep */
export function dropoutForward(record: usize, rows: u32): void {
  multiplyByMask(record, rows, pointer(record, X), pointer(record, Y));
}

/** dx = dy mask / keep */
export function dropoutBackward(record: usize, rows: u32): void {
  multiplyByMask(record, rows, pointer(record, DY), pointer(record, DX));
}

function multiplyByMask(record: usize, rows: u32, from: usize, to: usize): void {
  let mask = pointer(record, MASK);
  const scale = f32x4.splat(1 / float(record, KEEP));
  const end = from + wholeVectors(record, rows);
  for (; from < end; from += 16, to += 16, mask += 4) {
    const bits = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask)));
    v128.store(to, f32x4.mul(v128.load(from), f32x4.mul(f32x4.convert_i32x4_s(bits), scale)));
  }
}
