import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** How many values x is the sum of, a float32. */
const COUNT: usize = 4;

/** y = x / count */
export function averageForward(record: usize, rows: u32): void {
  quotients(pointer(record, X), float(record, COUNT), pointer(record, Y), wholeVectors(record, rows));
}

/** dx = dy / count */
export function averageBackward(record: usize, rows: u32): void {
  quotients(pointer(record, DY), float(record, COUNT), pointer(record, DX), wholeVectors(record, rows));
}

function quotients(from: usize, divisor: f32, to: usize, bytes: usize): void {
  const all = f32x4.splat(divisor);
  for (const end = from + bytes; from < end; from += 16, to += 16) v128.store(to, f32x4.div(v128.load(from), all));
}
