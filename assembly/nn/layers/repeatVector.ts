import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { sumRows } from "../../numeric/simd";

const N: usize = 4;
const TIMES: usize = 5;

/** y[t] = x for every t */
export function repeatVectorForward(record: usize, rows: u32): void {
  const bytes = (<usize>integer(record, N)) << 2;
  const times = integer(record, TIMES);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let r: u32 = 0; r < rows; r++, x += bytes)
    for (let t: u32 = 0; t < times; t++, y += bytes) memory.copy(y, x, bytes);
}

/** dx = the sum of dy over t, in order */
export function repeatVectorBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const times = <usize>integer(record, TIMES);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  for (let r: u32 = 0; r < rows; r++, dx += n << 2, dy += (n * times) << 2) sumRows(dy, times, n, dx, false);
}
