// Sums along an axis: of blocks [n, inner] those over n. A sum is float64, and takes the numbers in their order; of neighbouring numbers
// (inner 1) those at even places and those at odd ones, and then the two together.
import { DX, DY, float, integer, pointer, X, Y } from "../../runtime/record";

/** Blocks per row: the product of the axes before the one that is summed over. */
const BLOCKS: usize = 4;
/** Size of the axis. */
const N: usize = 5;
/** Numbers from one place along the axis to the next. */
const INNER: usize = 6;
/** What sums are divided by, a float32: 1, or n for means. */
const DIVISOR: usize = 7;

/** y[b][i] = sum of x[b][j][i] over j / divisor */
export function sumForward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  const divisor = float(record, DIVISOR);
  sums(pointer(record, X), pointer(record, Y), blocks, integer(record, N), integer(record, INNER), divisor);
}

/** dx[b][j][i] = dy[b][i] / divisor */
export function sumBackward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  const divisor = float(record, DIVISOR);
  spread(pointer(record, DY), pointer(record, DX), blocks, integer(record, N), integer(record, INNER), divisor);
}

/** to[b][i] = sum of x[b][j][i] over j / divisor */
export function sums(x: usize, to: usize, blocks: usize, n: usize, inner: usize, divisor: f32): void {
  const row = inner << 2;
  const block = n * row;
  const each = <f64>divisor;
  for (const end = x + blocks * block; x < end; x += block, to += row) {
    if (inner == 1) {
      store<f32>(to, <f32>(sumOf(x, n) / each));
      continue;
    }
    let i: usize = 0;
    const divisors = f64x2.splat(each);
    for (; i + 8 <= row; i += 8) {
      let sum = f64x2.splat(0);
      let from = x + i;
      for (let j: usize = 0; j < n; j++, from += row)
        sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(from)));
      v128.store64_lane(to + i, f32x4.demote_f64x2_zero(f64x2.div(sum, divisors)), 0);
    }
    if (i < row) {
      let sum: f64 = 0;
      let from = x + i;
      for (let j: usize = 0; j < n; j++, from += row) sum += <f64>load<f32>(from);
      store<f32>(to + i, <f32>(sum / each));
    }
  }
}

/** The sum of n neighbouring numbers. */
function sumOf(x: usize, n: usize): f64 {
  let two = f64x2.splat(0);
  const end = x + (n << 2);
  for (; x + 8 <= end; x += 8) two = f64x2.add(two, f64x2.promote_low_f32x4(v128.load64_zero(x)));
  const sum = f64x2.extract_lane(two, 0) + f64x2.extract_lane(two, 1);
  return x < end ? sum + <f64>load<f32>(x) : sum;
}

/** to[b][j][i] = from[b][i] / divisor */
export function spread(from: usize, to: usize, blocks: usize, n: usize, inner: usize, divisor: f32): void {
  const row = inner << 2;
  const block = n * row;
  for (const end = from + blocks * row; from < end; from += row, to += block) {
    for (let i: usize = 0; i < row; i += 4) store<f32>(to + i, load<f32>(from + i) / divisor);
    // what is there is copied behind itself, twice as much each time
    for (let done = row; done < block; done <<= 1) memory.copy(to + done, to, min(done, block - done));
  }
}
